package main

import (
	"html/template"
	"log/slog"
	"net/http"
)

const (
	top = `<!doctype html>
<html lang="en">
<meta name="viewport" content="width=device-width">
<title>Device-bound sessions</title>
`
	policy = "default-src 'none'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)

var (
	guest   = page(`<p>Nobody is signed in. <a href="login">Sign in</a></p>`)
	private = page(`<p>Hello, {{.Name}}!</p>
{{if .Bound}}<p>This session is bound to this device since {{.Since.UTC.Format "15:04:05"}}, by {{.Algorithm}}. Last proof: {{.Proved.UTC.Format "15:04:05"}}.</p>
{{else}}<p>This session is not bound: the browser has registered no key, or not yet.</p>
{{end}}<form method="post" action="logout"><button>Sign out</button></form>`)
	login = page(`{{with .}}<p role="alert">{{.}}</p>{{end}}
<form method="post">
<label>User name <input name="username" autocomplete="username" required></label>
<label>Password <input name="password" type="password" autocomplete="current-password" required></label>
<button>Sign in</button>
</form>`)
)

func page(body string) *template.Template {
	return template.Must(template.New("page").Parse(top + body + "\n</html>\n"))
}

func render(w http.ResponseWriter, r *http.Request, status int, p *template.Template, data any) {
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.WriteHeader(status)
	if err := p.Execute(w, data); err != nil {
		slog.WarnContext(r.Context(), "page not sent", "error", err)
	}
}

// secure sets headers of every response: no cache keeps it, no other site shows it in a
// frame, and no script runs in it.
func secure(h http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Cache-Control", "no-store")
		w.Header().Set("Content-Security-Policy", policy)
		w.Header().Set("X-Content-Type-Options", "nosniff")
		h.ServeHTTP(w, r)
	})
}
