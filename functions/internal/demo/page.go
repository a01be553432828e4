// Package demo is what the demo's routes share: their cookies and their pages.
//
// Each cookie is declared once. The functions that set, read and delete it import
// the same declaration, so that the three cannot disagree. A page has the security
// headers of Methods, and a failure is logged where it becomes a response.
package demo

import (
	"errors"
	"io"
	"log/slog"
	"mime"
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// Methods serves a route by method alone. GET serves HEAD too, OPTIONS is
// answered with the Allow header, and any other method that is not in the map
// gets 405 with the same header.
//
// Every response has the headers that keep a page out of frames and scripts out
// of the page (Content-Security-Policy), X-Content-Type-Options: nosniff and
// Referrer-Policy: same-origin; over https, unless the host is localhost, a name
// below it or an IP address, Strict-Transport-Security for a year too. A method's
// function may change them.
//
// It takes the place of http.ServeMux, which looks at the path as well: behind
// API Gateway the path was matched already, and may begin with a stage.
type Methods map[string]http.HandlerFunc

func (m Methods) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	secure(w, r)
	method := r.Method
	if method == http.MethodHead {
		method = http.MethodGet
	}
	if serve, ok := m[method]; ok {
		serve(w, r)
		return
	}
	w.Header().Set("Allow", m.allow())
	if method == http.MethodOptions {
		WritePage(w, http.StatusOK, "")
		return
	}
	WritePage(w, http.StatusMethodNotAllowed, "Method not allowed.")
}

// allow lists the methods of the route, sorted.
func (m Methods) allow() string {
	methods := []string{http.MethodHead, http.MethodOptions}
	for method := range m {
		methods = append(methods, method)
	}
	slices.Sort(methods)
	return strings.Join(methods, ", ")
}

// WritePage responds with a status and a body of HTML. Whatever came from outside
// must have gone through html.EscapeString: package html/template would do that by
// itself, and makes a function 30 % larger.
func WritePage(w http.ResponseWriter, status int, html string) {
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.WriteHeader(status)
	_, _ = io.WriteString(w, html) // a client that has gone away is no error of ours
}

// NoStore keeps an answer that read or wrote a cookie out of every cache.
func NoStore(w http.ResponseWriter) {
	w.Header().Set("Cache-Control", "no-store")
}

// Fail answers 500 and logs why. The reason stays on this side.
func Fail(w http.ResponseWriter, r *http.Request, err error) {
	Error(w, r, http.StatusInternalServerError, err, "Internal server error.")
}

// Error responds as WritePage does, with a status of 500 or more, and logs why: a line
// of level ERROR of slog's default logger, with the request's context. Every such
// response is to be made by it, or nobody hears of the failure.
func Error(w http.ResponseWriter, r *http.Request, status int, err error, html string) {
	slog.ErrorContext(r.Context(), http.StatusText(status), "method", r.Method, "error", err)
	WritePage(w, status, html)
}

// maxForm is how many bytes of a form's body are read.
const maxForm = 8 << 10

// Form returns the fields of a request's form. If the request has none, or one
// over 8 KiB, it answers, and ok is false.
func Form(w http.ResponseWriter, r *http.Request) (fields url.Values, ok bool) {
	if mediaType, _, err := mime.ParseMediaType(r.Header.Get("Content-Type")); err != nil || mediaType != "application/x-www-form-urlencoded" {
		WritePage(w, http.StatusUnsupportedMediaType, "Send a form (application/x-www-form-urlencoded).")
		return nil, false
	}
	r.Body = http.MaxBytesReader(w, r.Body, maxForm)
	err := r.ParseForm()
	if tooLarge := (*http.MaxBytesError)(nil); errors.As(err, &tooLarge) {
		WritePage(w, http.StatusRequestEntityTooLarge, "The form is over 8 KiB.")
		return nil, false
	} else if err != nil {
		WritePage(w, http.StatusBadRequest, "The form cannot be read.")
		return nil, false
	}
	return r.PostForm, true
}

// SameOrigin refuses requests that another site's page sends, by
// http.CrossOriginProtection.
//
// Old browsers send no Sec-Fetch-Site; then Origin is compared with Host. Where a
// proxy in front of the API changes Host, as CloudFront does, their requests would
// be refused: origin is what browsers see, "https://app.example", and trusted.
// Empty trusts Host alone. It panics if origin is no origin.
func SameOrigin(h http.Handler, origin string) http.Handler {
	protection := http.NewCrossOriginProtection()
	if origin != "" {
		if err := protection.AddTrustedOrigin(origin); err != nil {
			panic(err)
		}
	}
	protection.SetDenyHandler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		secure(w, r)
		NoStore(w)
		WritePage(w, http.StatusForbidden, "Cross-origin request refused.")
	}))
	return protection.Handler(h)
}

// Beside is the URL of the route with this name beside the request's: "me" from
// /login and "../me" from /login/, which API Gateway serves as the same route. It is
// relative, as a stage or a base path may precede the route.
func Beside(r *http.Request, name string) string {
	path := r.URL.Path
	route := strings.TrimRight(path, "/")
	if route == "" {
		return name
	}
	return strings.Repeat("../", len(path)-len(route)) + name
}

// SeeOther sends the browser on to the route with this name beside the request's,
// with GET.
func SeeOther(w http.ResponseWriter, r *http.Request, name string) {
	w.Header().Set("Location", Beside(r, name))
	WritePage(w, http.StatusSeeOther, "")
}

// TryAgain answers 503 and logs why: something that the answer needs is not there.
func TryAgain(w http.ResponseWriter, r *http.Request, err error) {
	w.Header().Set("Retry-After", "5")
	Error(w, r, http.StatusServiceUnavailable, err, "That did not work just now. Please try again.")
}
