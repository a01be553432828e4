package main

import (
	"errors"
	"html"
	"net/http"

	"github.com/crumb-go/crumb/functions/internal/demo"
	"github.com/crumb-go/crumb/shared/session"
)

func newHandler(s session.Store) http.Handler {
	h := handler{demo.Sessions(s)}
	return demo.Methods{http.MethodGet: h.greet}
}

type handler struct {
	sessions *session.Manager[demo.User]
}

func (h handler) greet(w http.ResponseWriter, r *http.Request) {
	demo.NoStore(w)
	user, err := h.sessions.Get(r)
	if errors.Is(err, session.ErrNone) {
		w.Header().Set("WWW-Authenticate", "Cookie") // required with 401, RFC 9110 section 15.5.2
		demo.WritePage(w, http.StatusUnauthorized, `Nobody is signed in. <a href="`+demo.Beside(r, "login")+`">Sign in</a>`)
		return
	}
	if err != nil {
		demo.TryAgain(w, r, err)
		return
	}
	demo.WritePrivatePage(w, http.StatusOK, `Hello, `+html.EscapeString(user.Name)+`! <a href="`+demo.Beside(r, "logout")+`">Sign out</a>`)
}
