package local

import (
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/crumb-go/crumb/internal/app"
	"github.com/crumb-go/crumb/internal/gateway"
	"github.com/crumb-go/crumb/internal/inspect"
	"github.com/crumb-go/crumb/shared/cookie/useragent"
	"github.com/crumb-go/crumb/shared/wire"
)

// A cookieWatch warns about cookies in responses that a browser would not store
// as written, here or behind the API's stage at AWS, and about cookies too large
// for API Gateway. It gives each warning once, and shows everything to the
// inspector.
type cookieWatch struct {
	log  *slog.Logger
	page *inspect.Inspector // nil: no inspector
	jar  useragent.Jar      // a browser that got every response so far
	mu   sync.Mutex
	said map[warning]bool
}

// A warning is about a cookie or, without one, about a route.
type warning struct{ api, method, path, cookie, id string }

const (
	maxWarnings = 1000 // further ones are dropped: clients can make up names

	// gatewayCookies is the part of wire.MaxHeaders that a browser's other
	// headers leave for cookies.
	gatewayCookies = 8192
)

func newCookieWatch(log *slog.Logger) *cookieWatch {
	return &cookieWatch{log: log, said: map[warning]bool{}}
}

// response checks a response that is about to be sent.
func (w *cookieWatch) response(r *gateway.Report) {
	var cookies []inspect.SetCookie
	here := useragent.Request{URL: r.URL}
	for _, line := range r.Header["Set-Cookie"] {
		c := inspect.SetCookie{Line: line, Verdict: w.jar.Set(here, line), Differs: differs(r.URL, line)}
		if missed, ok := missesStage(r.API, r.URL, line); ok {
			c.Deployed = &missed
		}
		cookies = append(cookies, c)
	}
	tooLarge := w.tooLarge(r)
	w.warn(r, cookies, tooLarge)
	if w.page != nil {
		w.page.Record(forInspector(r, cookies, tooLarge))
	}
}

// warn logs what was not logged before. Without a route r.Route is nil, but then
// there is no Set-Cookie to warn about.
func (w *cookieWatch) warn(r *gateway.Report, cookies []inspect.SetCookie, tooLarge []excess) {
	say := func(cookie, id, message string, args ...any) {
		if w.isNew(warning{r.API.ID, r.Route.Method, r.Route.Path, cookie, id}) {
			w.log.Warn(message, append([]any{"route", r.Route.Method + " " + r.Route.Path}, args...)...)
		}
	}
	for _, c := range cookies {
		name := c.Verdict.Cookie.Name
		for _, reason := range c.Verdict.Reasons {
			if message := complaint(reason); message != "" {
				say(name, reason.ID, message, "cookie", name, "why", reason.String(), "id", reason.ID)
			}
		}
		if missed := c.Deployed; missed != nil {
			say(name, missed.ID, "at AWS, behind the stage "+r.API.Stage+", the browser does not send this cookie back",
				"cookie", name, "why", missed.String(), "id", missed.ID)
		}
	}
	for _, e := range tooLarge {
		say("", e.id, e.message, e.unit, e.size, "limit", wire.MaxHeaders)
	}
}

// An excess is a size beyond a limit of API Gateway.
type excess struct {
	id, message, unit string
	size              int
}

func (w *cookieWatch) tooLarge(r *gateway.Report) (list []excess) {
	if r.API.Kind != app.REST && r.API.Kind != app.HTTP || len(r.Header["Set-Cookie"]) == 0 {
		return nil
	}
	if n := valuesSize(r.Header); n > wire.MaxHeaders {
		list = append(list, excess{"answer-too-large", "this response exceeds API Gateway's limit for headers", "bytes", n})
	}
	if n := len(w.jar.Header(useragent.Request{URL: r.URL})); n > gatewayCookies {
		list = append(list, excess{"cookies-too-large", "a browser with all of these cookies is near API Gateway's limit for a request's headers", "cookie_bytes", n})
	}
	return list
}

// forInspector returns what the inspector shows of a report.
func forInspector(r *gateway.Report, cookies []inspect.SetCookie, tooLarge []excess) inspect.Exchange {
	x := inspect.Exchange{
		Began: r.Began, Took: time.Since(r.Began), Method: r.Method, URL: masker{sources: identitySources(r.API)}.maskURL(r.URL.String()), Status: r.Status,
		Door: string(r.Door), API: r.API.ID, Stage: r.API.Stage,
		Cookie: r.Cookie, Response: r.ResponseCookies(), SetCookie: cookies, Problem: r.Problem,
	}
	x.Event, x.Made = r.EventCookies()
	x.Device(r.Request, r.Header, r.Body)
	if r.Route != nil {
		x.Function = r.Route.Function.ID
	}
	for _, e := range tooLarge {
		x.Warnings = append(x.Warnings, fmt.Sprintf("%s: %d of %d bytes", e.message, e.size, wire.MaxHeaders))
	}
	return x
}

// complaint returns the warning for a reason, "" if it needs none.
func complaint(r useragent.Reason) string {
	switch {
	case r.Effect == useragent.Ignores:
		return "browsers silently drop this cookie"
	case r.Effect == useragent.Changes:
		return "browsers do not interpret this cookie as written"
	case r.ID == "deletes-nothing":
		return "this deletion matches no cookie in the browser"
	}
	return ""
}

// differs returns what each browser does with a line, "" if they agree.
func differs(u *url.URL, line string) string {
	if all := useragent.Compare(line, u, time.Now()); !all.Agree() {
		return all.String()
	}
	return ""
}

// missesStage reports whether the Path of a line is outside the stage, which
// begins every path if execute-api serves the API.
func missesStage(api *app.API, u *url.URL, line string) (useragent.Reason, bool) {
	if api.Kind == app.URL || api.Stage == "" || api.Stage == "$default" {
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

// isNew reports whether a warning is given for the first time.
func (w *cookieWatch) isNew(x warning) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.said[x] || len(w.said) >= maxWarnings {
		return false
	}
	w.said[x] = true
	return true
}
