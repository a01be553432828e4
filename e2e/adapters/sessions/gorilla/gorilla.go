// Package gorilla signs users in with gorilla/sessions.
package gorilla

import (
	"fmt"
	"html"
	"net/http"

	"github.com/gorilla/sessions"
)

// NewMux serves /login, /me and /logout. The key has 32 random bytes.
func NewMux(key []byte) *http.ServeMux {
	store := sessions.NewCookieStore(key)
	store.Options = &sessions.Options{Path: "/", MaxAge: 86400, Secure: true, HttpOnly: true, SameSite: http.SameSiteLaxMode}

	mux := http.NewServeMux()
	mux.HandleFunc("POST /login", func(w http.ResponseWriter, r *http.Request) {
		s, _ := store.Get(r, "id") // a new session where the cookie does not open
		s.Values["name"] = "Ana"
		if err := s.Save(r, w); err != nil {
			http.Error(w, "Please try again.", http.StatusServiceUnavailable)
		}
	})
	mux.HandleFunc("GET /me", func(w http.ResponseWriter, r *http.Request) {
		s, _ := store.Get(r, "id")
		name, ok := s.Values["name"].(string)
		if !ok {
			http.Error(w, "Nobody is signed in.", http.StatusUnauthorized)
			return
		}
		fmt.Fprintf(w, "Hello, %s!", html.EscapeString(name))
	})
	mux.HandleFunc("POST /logout", func(w http.ResponseWriter, r *http.Request) {
		s, _ := store.Get(r, "id")
		s.Options.MaxAge = -1 // the browser forgets the cookie; a copy still opens
		if err := s.Save(r, w); err != nil {
			http.Error(w, "Please try again.", http.StatusServiceUnavailable)
		}
	})
	return mux
}
