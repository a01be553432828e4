package main

import (
	"net/http"

	"github.com/crumb-go/crumb/shared/card"
	"github.com/crumb-go/crumb/shared/page"
	"github.com/crumb-go/crumb/shared/session"
)

func newHandler(s session.Store, origin string) http.Handler {
	h := handler{card.Sessions(s)}
	return page.SameOrigin(page.Methods{http.MethodGet: form, http.MethodPost: h.signOut}, origin)
}

type handler struct {
	sessions *session.Manager[card.User]
}

func form(w http.ResponseWriter, _ *http.Request) {
	page.NoStore(w)
	page.Write(w, http.StatusOK, `<!doctype html><html lang="en"><meta name="viewport" content="width=device-width"><title>Sign out</title>`+
		`<form method="post"><button>Sign out</button> <button name="everywhere" value="true">Sign out everywhere</button></form>`)
}

// signOut ends this session or, by the field everywhere=true, all of its user. It
// needs no form: a POST alone signs out.
func (h handler) signOut(w http.ResponseWriter, r *http.Request) {
	page.NoStore(w)
	end := h.sessions.End
	if r.Header.Get("Content-Type") != "" {
		fields, ok := page.Form(w, r)
		if !ok {
			return
		}
		if fields.Get("everywhere") == "true" {
			end = h.sessions.EndAll
		}
	}
	if err := end(w, r); err != nil {
		page.TryAgain(w, r, err)
		return
	}
	page.SeeOther(w, r, "login")
}
