package main

import (
	"log/slog"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/crumb-go/crumb/internal/sam"
	"github.com/crumb-go/crumb/shared/cookie/useragent"
)

// A cookieWatch warns of cookies in answers that a browser would not keep as
// their lines say, here or behind the stage that the API has at AWS, and of
// cookies that outgrow API Gateway. It says each thing once.
type cookieWatch struct {
	log  *slog.Logger
	jar  useragent.Jar // a browser that got every answer so far
	mu   sync.Mutex
	told map[told]bool
}

// told is what was said of a cookie, or with no cookie, of a route.
type told struct{ api, method, path, cookie, id string }

const (
	mostTold = 1000 // more are not said: cookies can have made-up names

	// What API Gateway takes in headers ("Amazon API Gateway quotas": total
	// combined size of all header values), and what is left to the cookies by
	// the other headers that a browser sends.
	gatewayHeaders = 10240
	gatewayCookies = 8192
)

func newCookieWatch(log *slog.Logger) *cookieWatch {
	return &cookieWatch{log: log, told: map[told]bool{}}
}

// answer looks at the header of an answer to u.
func (w *cookieWatch) answer(api *sam.API, route *sam.Route, u *url.URL, h http.Header) {
	warn := func(cookie, id, message string, args ...any) {
		if !w.first(told{api.ID, route.Method, route.Path, cookie, id}) {
			return
		}
		w.log.Warn(message, append([]any{"route", route.Method + " " + route.Path}, args...)...)
	}
	here := useragent.Request{URL: u}
	for _, line := range h["Set-Cookie"] {
		v := w.jar.Set(here, line)
		for _, r := range v.Reasons {
			if message := complaint(r); message != "" {
				warn(v.Cookie.Name, r.ID, message, "cookie", v.Cookie.Name, "why", r.String(), "id", r.ID)
			}
		}
		if r, missed := missesStage(api, u, line); missed {
			warn(v.Cookie.Name, r.ID, "at AWS, behind the stage "+api.Stage+", the browser does not send this cookie back",
				"cookie", v.Cookie.Name, "why", r.String(), "id", r.ID)
		}
	}
	if api.Kind != sam.REST && api.Kind != sam.HTTP || len(h["Set-Cookie"]) == 0 {
		return
	}
	if n := valuesSize(h); n > gatewayHeaders {
		warn("", "answer-too-large", "API Gateway has a limit for headers that this answer exceeds", "bytes", n, "limit", gatewayHeaders)
	}
	if n := len(w.jar.Header(here)); n > gatewayCookies {
		warn("", "cookies-too-large", "a browser with all of these cookies is near API Gateway's limit for a request's headers", "cookie_bytes", n, "limit", gatewayHeaders)
	}
}

// complaint is what to say of a reason, "" for nothing.
func complaint(r useragent.Reason) string {
	switch {
	case r.Effect == useragent.Ignores:
		return "a browser drops this cookie and says nothing"
	case r.Effect == useragent.Changes:
		return "a browser takes this cookie for something else than its line says"
	case r.ID == "deletes-nothing":
		return "a browser deletes nothing by this line"
	}
	return ""
}

// missesStage reports whether the Path of a line lies outside the stage, which
// stands before every path where execute-api serves the API.
func missesStage(api *sam.API, u *url.URL, line string) (useragent.Reason, bool) {
	if api.Kind == sam.URL || api.Stage == "" || api.Stage == "$default" {
		return useragent.Reason{}, false
	}
	deployed := u.JoinPath()
	deployed.Path, deployed.RawPath = "/"+api.Stage+deployed.Path, ""
	v := useragent.Explain(line, deployed, time.Now())
	i := slices.IndexFunc(v.Reasons, func(r useragent.Reason) bool { return r.ID == "path-elsewhere" })
	if i < 0 || v.Outcome != useragent.Stored || strings.HasPrefix(v.Cookie.Path+"/", "/"+api.Stage+"/") {
		return useragent.Reason{}, false
	}
	return v.Reasons[i], true
}

func valuesSize(h http.Header) int {
	n := 0
	for _, values := range h {
		for _, v := range values {
			n += len(v)
		}
	}
	return n
}

// first reports whether this is said for the first time.
func (w *cookieWatch) first(t told) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.told[t] || len(w.told) >= mostTold {
		return false
	}
	w.told[t] = true
	return true
}
