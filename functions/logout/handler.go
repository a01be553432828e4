package main

import (
	"net/http"

	"github.com/crumb-go/crumb/functions/internal/demo"
	"github.com/crumb-go/crumb/shared/session"
)

func newHandler(s session.Store, origin string) http.Handler {
	h := handler{demo.Sessions(s)}
	return demo.SameOrigin(demo.Methods{http.MethodGet: form, http.MethodPost: h.signOut}, origin)
}

type handler struct {
	sessions *session.Manager[demo.User]
}

func form(w http.ResponseWriter, _ *http.Request) {
	demo.NoStore(w)
	demo.WritePage(w, http.StatusOK, `<!doctype html><html lang="en"><meta name="viewport" content="width=device-width"><title>Sign out</title>`+
		`<form method="post"><button>Sign out</button> <button name="everywhere" value="true">Sign out everywhere</button></form>`)
}

// signOut ends this session or, with the field everywhere=true, all sessions of its user. A
// POST without a form signs out too.
func (h handler) signOut(w http.ResponseWriter, r *http.Request) {
	demo.NoStore(w)
	end := h.sessions.End
	if r.Header.Get("Content-Type") != "" {
		fields, ok := demo.Form(w, r)
		if !ok {
			return
		}
		if fields.Get("everywhere") == "true" {
			end = h.sessions.EndAll
		}
	}
	if err := end(w, r); err != nil {
		demo.TryAgain(w, r, err)
		return
	}
	demo.SeeOther(w, r, "login")
}
