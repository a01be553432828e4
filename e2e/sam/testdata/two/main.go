// Command two is a function that sets two cookies in one response.
package main

import (
	"errors"
	"io"
	"net/http"
	"time"

	"github.com/crumb-go/crumb/shared/cookie"
	"github.com/crumb-go/crumb/shared/frontdoor"
)

var (
	first  = cookie.Must(cookie.New("first", cookie.Attributes{MaxAge: time.Hour}))
	second = cookie.Must(cookie.New("__Host-second", cookie.Attributes{SameSite: http.SameSiteStrictMode}))
)

func main() {
	frontdoor.Start(http.HandlerFunc(setBoth))
}

func setBoth(w http.ResponseWriter, _ *http.Request) {
	if err := errors.Join(first.Set(w, "1"), second.Set(w, "2")); err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	_, _ = io.WriteString(w, "Two cookies have been set!")
}
