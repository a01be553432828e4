// Command jar is a function that sets and deletes the requested cookies,
// /?set=plain,path&delete=host, and responds with the names of those in the
// request.
package main

import (
	"errors"
	"io"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/crumb-go/crumb/shared/cookie"
	"github.com/crumb-go/crumb/shared/frontdoor"
)

func main() {
	frontdoor.Start(http.HandlerFunc(serve))
}

// cookies are declared as any project declares its own.
var cookies = map[string]*cookie.Cookie{
	"plain":       declare("plain", cookie.Attributes{}),
	"readable":    declare("readable", cookie.Attributes{ScriptReadable: true, MaxAge: time.Hour}),
	"path":        declare("path", cookie.Attributes{Path: "/shop"}),
	"domain":      declare("domain", cookie.Attributes{Domain: "app.localhost"}),
	"secure":      declare("__Secure-secure", cookie.Attributes{Domain: "app.localhost", MaxAge: time.Hour}),
	"host":        declare("__Host-host", cookie.Attributes{}),
	"http":        declare("__Http-http", cookie.Attributes{Path: "/shop"}),
	"host-http":   declare("__Host-Http-both", cookie.Attributes{}),
	"strict":      declare("strict", cookie.Attributes{SameSite: http.SameSiteStrictMode}),
	"none":        declare("none", cookie.Attributes{SameSite: http.SameSiteNoneMode}),
	"partitioned": declare("__Host-partitioned", cookie.Attributes{SameSite: http.SameSiteNoneMode, Partitioned: true}),
}

func declare(name string, a cookie.Attributes) *cookie.Cookie {
	return cookie.Must(cookie.New(name, a))
}

func serve(w http.ResponseWriter, r *http.Request) {
	query := r.URL.Query()
	var errs []error
	for _, name := range strings.Split(query.Get("set"), ",") {
		if c, ok := cookies[name]; ok {
			errs = append(errs, c.Set(w, "1"))
		}
	}
	for _, name := range strings.Split(query.Get("delete"), ",") {
		if c, ok := cookies[name]; ok {
			c.Delete(w)
		}
	}
	if line := query.Get("line"); line != "" { // what the library would reject
		w.Header().Add("Set-Cookie", line)
	}
	if err := errors.Join(errs...); err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	var names []string
	for _, c := range r.Cookies() {
		names = append(names, c.Name)
	}
	slices.Sort(names)
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	_, _ = io.WriteString(w, strings.Join(names, " "))
}
