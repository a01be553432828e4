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
<title>my-app</title>
`
	// In spite of no-store a browser may keep a page in memory and show it when the
	// user goes back after signing out. This reloads it then.
	askAgain = "addEventListener('pageshow',e=>{if(e.persisted){document.body.hidden=true;location.reload()}})"
	// Only that script runs, by its SHA-256. A test compares the two.
	policy = "default-src 'none'; script-src 'sha256-C98X3phNTzAeVEkGR5p4oRB0DEhMWcEDwF9/SayAy5U='; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)

var (
	guest   = page(`<p>Nobody is signed in. <a href="/login">Sign in</a></p>`)
	private = page(`<script>` + askAgain + `</script>
<p>Hello, {{.Name}}!</p>
<form method="post" action="/logout"><button>Sign out</button></form>`)
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

// secure sets headers of every response: no cache keeps it, no other site shows
// it in a frame, and no other script runs in it.
func secure(h http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Cache-Control", "no-store")
		w.Header().Set("Content-Security-Policy", policy)
		w.Header().Set("X-Content-Type-Options", "nosniff")
		h.ServeHTTP(w, r)
	})
}
