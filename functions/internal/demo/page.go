// Package demo has what the demo's routes share: their cookies and their pages.
//
// Each cookie is declared once. The functions that set, read and delete it import the same
// declaration, so they cannot disagree. Pages get the security headers of Methods, and a
// failure is logged where it becomes a response.
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

// Methods serves a route by method only. GET also serves HEAD, OPTIONS returns the Allow
// header, and any other method that is not in the map gets 405 with the same header.
//
// Every response has a Content-Security-Policy against scripts and frames,
// X-Content-Type-Options: nosniff and Referrer-Policy: same-origin. Over https it also has
// Strict-Transport-Security for a year, unless the host is localhost, a name below it or an
// IP address. A method's function may change these headers.
//
// It replaces http.ServeMux, which also matches the path: API Gateway has already done that,
// and the path may begin with a stage.
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

// WritePage responds with a status and a body of HTML. Pass everything from outside through
// html.EscapeString: package html/template would do that automatically, but makes a function
// 30 % larger.
func WritePage(w http.ResponseWriter, status int, html string) {
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.WriteHeader(status)
	_, _ = io.WriteString(w, html) // a client that hung up is not our error
}

// NoStore keeps a response that read or set a cookie out of all caches.
func NoStore(w http.ResponseWriter) {
	w.Header().Set("Cache-Control", "no-store")
}

// Fail responds with 500 and logs why. The client does not see the reason.
func Fail(w http.ResponseWriter, r *http.Request, err error) {
	Error(w, r, http.StatusInternalServerError, err, "Internal server error.")
}

// Error responds as WritePage does, with a status of 500 or more, and logs why to slog's
// default logger, as a line with level ERROR and with the request's context. Use it for every
// such response: otherwise nobody learns of the failure.
func Error(w http.ResponseWriter, r *http.Request, status int, err error, html string) {
	slog.ErrorContext(r.Context(), http.StatusText(status), "method", r.Method, "error", err)
	WritePage(w, status, html)
}

// maxForm is the most bytes of a form's body.
const maxForm = 8 << 10

// Form returns the fields of a request's form. If there is no form, or it is over 8 KiB or
// malformed, Form writes the response, and ok is false.
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

// SameOrigin rejects requests from other sites' pages, with http.CrossOriginProtection.
//
// For old browsers, which do not send Sec-Fetch-Site, it compares Origin with Host. If a
// proxy in front of the API changes Host, as CloudFront does, their requests would be
// rejected: origin is then the origin that browsers see, such as "https://app.example",
// which is trusted too. If empty, only Host is trusted. It panics if origin is not an origin.
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

// Beside is the URL of the route with this name next to the request's: "me" from /login and
// "../me" from /login/, which API Gateway serves as the same route. It is relative, as a stage
// or a base path may precede the route.
func Beside(r *http.Request, name string) string {
	path := r.URL.Path
	route := strings.TrimRight(path, "/")
	if route == "" {
		return name
	}
	return strings.Repeat("../", len(path)-len(route)) + name
}

// SeeOther redirects the browser to the route with this name next to the request's, with GET.
func SeeOther(w http.ResponseWriter, r *http.Request, name string) {
	w.Header().Set("Location", Beside(r, name))
	WritePage(w, http.StatusSeeOther, "")
}

// TryAgain responds with 503 and logs why: something that the response needs is unavailable.
func TryAgain(w http.ResponseWriter, r *http.Request, err error) {
	w.Header().Set("Retry-After", "5")
	Error(w, r, http.StatusServiceUnavailable, err, "Temporary problem. Please try again.")
}
