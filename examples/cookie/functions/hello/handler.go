package main

import (
	"html/template"
	"log/slog"
	"net/http"
	"time"
	"unicode/utf8"

	"github.com/crumb-go/crumb/shared/cookie"
)

// name is the visitor's name, kept for 30 days. This declaration sets, reads and
// deletes it. What it does not mention is the safe choice: Secure, HttpOnly,
// SameSite=Lax, this host only.
var name = cookie.Must(cookie.New("name", cookie.Attributes{
	MaxAge:   30 * 24 * time.Hour,
	Encoding: cookie.Percent, // any UTF-8 text
}))

const (
	maxName = 100     // bytes
	maxForm = 4 << 10 // bytes
)

var page = template.Must(template.New("page").Parse(`<!doctype html>
<html lang="en">
<meta name="viewport" content="width=device-width">
<title>Hello</title>
<p>{{if .}}Welcome back, {{.}}!{{else}}Hello, Guest!{{end}}</p>
<form method="post">
<label>Your name, empty to be forgotten <input name="name" maxlength="25"></label>
<button>Save</button>
</form>
</html>
`))

func newHandler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", greet)
	mux.HandleFunc("POST /{$}", save)
	return secure(http.NewCrossOriginProtection().Handler(mux))
}

func greet(w http.ResponseWriter, r *http.Request) {
	visitor, _ := name.Get(r) // "" when absent, empty or malformed
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	if err := page.Execute(w, visitor); err != nil {
		slog.WarnContext(r.Context(), "page not sent", "error", err)
	}
}

// save reads the form's field name, up to 100 bytes of UTF-8.
func save(w http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(w, r.Body, maxForm)
	err := r.ParseForm()
	visitor := r.PostForm.Get("name")
	if err != nil || !r.PostForm.Has("name") || len(visitor) > maxName || !utf8.ValidString(visitor) {
		http.Error(w, "Send a form with a name, up to 100 bytes of UTF-8.", http.StatusBadRequest)
		return
	}
	if visitor == "" {
		name.Delete(w)
	} else if err := name.Set(w, visitor); err != nil {
		slog.ErrorContext(r.Context(), "cookie not set", "error", err) // never has the value
		http.Error(w, "Internal server error.", http.StatusInternalServerError)
		return
	}
	http.Redirect(w, r, "/", http.StatusSeeOther)
}

// secure sets headers of every response: no cache keeps it, no other site shows
// it in a frame, and no script runs in it.
func secure(h http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Cache-Control", "no-store")
		w.Header().Set("Content-Security-Policy", "default-src 'none'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'")
		w.Header().Set("X-Content-Type-Options", "nosniff")
		h.ServeHTTP(w, r)
	})
}
