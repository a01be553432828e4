package main

import (
	"errors"
	"net/http"
	"strconv"

	"github.com/crumb-go/crumb/shared/card"
	"github.com/crumb-go/crumb/shared/page"
	"github.com/crumb-go/crumb/shared/session"
)

// maxName and maxPassword are bytes.
const (
	maxName     = 256
	maxPassword = 1024
)

var errNoUsers = errors.New("there is no directory of users")

type config struct {
	users         directory // nil: nobody can sign in
	guesses       guesses
	origin        string // what browsers see where a proxy changes Host; see page.SameOrigin
	addressHeader string // the header in which that proxy writes the client's address
}

type handler struct {
	config
	sessions *session.Manager[card.User]
}

func newHandler(s session.Store, c config) http.Handler {
	h := handler{c, card.Sessions(s)}
	return page.SameOrigin(page.Methods{http.MethodGet: h.form, http.MethodPost: h.signIn}, c.origin)
}

// form is the page to sign in, with a message in HTML above its fields.
func form(message string) string {
	return `<!doctype html><html lang="en"><meta name="viewport" content="width=device-width"><title>Sign in</title>` + message + `<form method="post">` +
		`<label>User name <input name="username" autocomplete="username" required></label> ` +
		`<label>Password <input name="password" type="password" autocomplete="current-password" required></label> ` +
		`<button>Sign in</button></form>`
}

func (h handler) form(w http.ResponseWriter, r *http.Request) {
	page.NoStore(w)
	page.Write(w, http.StatusOK, form(""))
}

// signIn takes the fields username and password. Whatever is wrong about them,
// the answer and its cost are the same.
func (h handler) signIn(w http.ResponseWriter, r *http.Request) {
	page.NoStore(w)
	if h.users == nil {
		page.Error(w, r, http.StatusServiceUnavailable, errNoUsers, "There is no directory of users here, so nobody can sign in.")
		return
	}
	fields, ok := page.Form(w, r)
	if !ok {
		return
	}
	name, password := fields.Get("username"), fields.Get("password")
	if len(fields["username"]) != 1 || len(fields["password"]) != 1 || len(name) > maxName || len(password) > maxPassword {
		page.Write(w, http.StatusBadRequest, "The form needs one field username and one field password.")
		return
	}

	user, countedAs, found, err := h.users.find(r.Context(), name)
	if err != nil {
		page.TryAgain(w, r, err)
		return
	}
	attempt := newAttempt(countedAs, h.network(r))
	wait, err := attempt.count(r.Context(), h.guesses)
	if err != nil {
		page.TryAgain(w, r, err)
		return
	}
	if wait > 0 {
		w.Header().Set("Retry-After", strconv.Itoa(int(wait.Seconds())))
		page.Write(w, http.StatusTooManyRequests, "Too many attempts. Please try again later.")
		return
	}
	right, err := user.hasPassword(password)
	if err != nil {
		page.TryAgain(w, r, err)
		return
	}
	if !found || !right {
		page.Write(w, http.StatusUnauthorized, form(`<p role="alert">Wrong user name or password.</p>`))
		return
	}
	if err := attempt.takeBack(r.Context(), h.guesses); err != nil {
		page.TryAgain(w, r, err)
		return
	}
	if err := h.sessions.Start(w, r, user.handle, card.User{Name: user.name}); err != nil {
		page.TryAgain(w, r, err)
		return
	}
	page.SeeOther(w, r, "me")
}
