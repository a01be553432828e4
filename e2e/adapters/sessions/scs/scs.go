// Package scs signs users in with alexedwards/scs.
package scs

import (
	"fmt"
	"html"
	"net/http"
	"time"

	"github.com/alexedwards/scs/v2"
)

// NewHandler serves /login, /me and /logout.
func NewHandler() http.Handler {
	sessions := scs.New() // in memory, unless its Store is set
	sessions.Lifetime = 12 * time.Hour
	sessions.IdleTimeout = 30 * time.Minute
	sessions.Cookie.Secure = true

	mux := http.NewServeMux()
	mux.HandleFunc("POST /login", func(w http.ResponseWriter, r *http.Request) {
		if err := sessions.RenewToken(r.Context()); err != nil {
			http.Error(w, "Please try again.", http.StatusServiceUnavailable)
			return
		}
		sessions.Put(r.Context(), "name", "Ana")
	})
	mux.HandleFunc("GET /me", func(w http.ResponseWriter, r *http.Request) {
		if !sessions.Exists(r.Context(), "name") {
			http.Error(w, "Nobody is signed in.", http.StatusUnauthorized)
			return
		}
		fmt.Fprintf(w, "Hello, %s!", html.EscapeString(sessions.GetString(r.Context(), "name")))
	})
	mux.HandleFunc("POST /logout", func(w http.ResponseWriter, r *http.Request) {
		if err := sessions.Destroy(r.Context()); err != nil {
			http.Error(w, "Please try again.", http.StatusServiceUnavailable)
		}
	})
	return sessions.LoadAndSave(mux)
}
