package main

import (
	"encoding/json"
	"log/slog"
	"net/http"
	"time"

	"github.com/go-chi/chi/v5"
	"github.com/go-chi/chi/v5/middleware"

	"github.com/crumb-go/crumb/shared/cookie"
)

// theme is kept for a year. This declaration sets, reads and deletes it. What it
// does not mention is the safe choice: Secure, HttpOnly, SameSite=Lax, this host
// only.
var theme = cookie.Must(cookie.New("theme", cookie.Attributes{MaxAge: 365 * 24 * time.Hour}))

func newHandler() http.Handler {
	r := chi.NewRouter()
	r.Use(noStore, http.NewCrossOriginProtection().Handler, middleware.GetHead)
	r.Get("/", hello)
	r.Get("/theme", getTheme)
	r.Put("/theme/{theme:dark|light}", putTheme)
	r.Delete("/theme", deleteTheme)
	return r
}

func hello(w http.ResponseWriter, r *http.Request) {
	writeJSON(w, r, map[string]string{"hello": "PUT /theme/dark sets a cookie, GET /theme reads it, DELETE /theme deletes it"})
}

func getTheme(w http.ResponseWriter, r *http.Request) {
	value, ok := theme.Get(r) // false when absent, empty or malformed
	if !ok {
		value = "light"
	}
	writeJSON(w, r, map[string]any{"theme": value, "chosen": ok})
}

func putTheme(w http.ResponseWriter, r *http.Request) {
	if err := theme.Set(w, chi.URLParam(r, "theme")); err != nil {
		slog.ErrorContext(r.Context(), "cookie not set", "error", err) // never has the value
		http.Error(w, "Internal server error.", http.StatusInternalServerError)
		return
	}
	w.WriteHeader(http.StatusNoContent)
}

func deleteTheme(w http.ResponseWriter, _ *http.Request) {
	theme.Delete(w)
	w.WriteHeader(http.StatusNoContent)
}

func writeJSON(w http.ResponseWriter, r *http.Request, v any) {
	w.Header().Set("Content-Type", "application/json")
	if err := json.NewEncoder(w).Encode(v); err != nil {
		slog.WarnContext(r.Context(), "response not sent", "error", err)
	}
}

// noStore keeps every response out of all caches.
func noStore(h http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Cache-Control", "no-store")
		w.Header().Set("X-Content-Type-Options", "nosniff")
		h.ServeHTTP(w, r)
	})
}
