// Package crumb signs users in with shared/session.
package crumb

import (
	"errors"
	"fmt"
	"html"
	"net/http"

	"github.com/crumb-go/crumb/shared/cookie"
	"github.com/crumb-go/crumb/shared/session"
)

// A User is the data of a session.
type User struct{ Name string }

var id = cookie.Must(cookie.New("__Host-id", cookie.Attributes{Encoding: cookie.Base64}))

// NewMux serves /login, /me and /logout. The handle is Ana's, kept with her
// account.
func NewMux(store session.Store, ana session.Handle) (*http.ServeMux, error) {
	sessions, err := session.New[User](store, session.Config{Cookie: id})
	if err != nil {
		return nil, err
	}
	mux := http.NewServeMux()
	mux.HandleFunc("POST /login", func(w http.ResponseWriter, r *http.Request) {
		if err := sessions.Start(w, r, ana, User{Name: "Ana"}); err != nil {
			http.Error(w, "Please try again.", http.StatusServiceUnavailable)
		}
	})
	mux.HandleFunc("GET /me", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Cache-Control", "no-store")
		user, err := sessions.Get(r)
		switch {
		case errors.Is(err, session.ErrNone):
			http.Error(w, "Nobody is signed in.", http.StatusUnauthorized)
		case err != nil: // the store failed: who it is remains unknown
			http.Error(w, "Please try again.", http.StatusServiceUnavailable)
		default:
			fmt.Fprintf(w, "Hello, %s!", html.EscapeString(user.Name))
		}
	})
	mux.HandleFunc("POST /logout", func(w http.ResponseWriter, r *http.Request) {
		if err := sessions.End(w, r); err != nil {
			http.Error(w, "Please try again.", http.StatusServiceUnavailable)
		}
	})
	return mux, nil
}
