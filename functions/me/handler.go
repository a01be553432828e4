package main

import (
	"errors"
	"net/http"

	"github.com/crumb-go/crumb/shared/card"
	"github.com/crumb-go/crumb/shared/page"
	"github.com/crumb-go/crumb/shared/session"
)

func newHandler(s session.Store) http.Handler {
	h := handler{card.Sessions(s)}
	return page.Methods{http.MethodGet: h.greet}
}

type handler struct {
	sessions *session.Manager[card.User]
}

func (h handler) greet(w http.ResponseWriter, r *http.Request) {
	page.NoStore(w)
	user, err := h.sessions.Get(r)
	if errors.Is(err, session.ErrNone) {
		w.Header().Set("WWW-Authenticate", "Cookie") // a 401 has one, RFC 9110 section 15.5.2
		page.Write(w, http.StatusUnauthorized, `Nobody is signed in. <a href="`+page.Beside(r, "login")+`">Sign in</a>`)
		return
	}
	if err != nil {
		page.TryAgain(w, r, err)
		return
	}
	page.WritePrivate(w, http.StatusOK, `Hello, `+page.Escape(user.Name)+`! <a href="`+page.Beside(r, "logout")+`">Sign out</a>`)
}
