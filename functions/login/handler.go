package main

import (
	"errors"
	"net/http"
	"strconv"

	"github.com/crumb-go/crumb/functions/internal/demo"
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
	origin        string // what browsers see where a proxy changes Host; see demo.SameOrigin
	addressHeader string // the header in which that proxy writes the client's address
}

type handler struct {
	config
	sessions *session.Manager[demo.User]
}

func newHandler(s session.Store, c config) http.Handler {
	h := handler{c, demo.Sessions(s)}
	return demo.SameOrigin(demo.Methods{http.MethodGet: h.form, http.MethodPost: h.signIn}, c.origin)
}

// form is the page to sign in, with a message in HTML above its fields.
func form(message string) string {
	return `<!doctype html><html lang="en"><meta name="viewport" content="width=device-width"><title>Sign in</title>` + message + `<form method="post">` +
		`<label>User name <input name="username" autocomplete="username" required></label> ` +
		`<label>Password <input name="password" type="password" autocomplete="current-password" required></label> ` +
		`<button>Sign in</button></form>`
}

func (h handler) form(w http.ResponseWriter, r *http.Request) {
	demo.NoStore(w)
	demo.WritePage(w, http.StatusOK, form(""))
}

// signIn reads the fields username and password. The response to a wrong name and to a
// wrong password is the same, and so is the time it takes.
func (h handler) signIn(w http.ResponseWriter, r *http.Request) {
	demo.NoStore(w)
	if h.users == nil {
		demo.Error(w, r, http.StatusServiceUnavailable, errNoUsers, "There is no directory of users here, so nobody can sign in.")
		return
	}
	fields, ok := demo.Form(w, r)
	if !ok {
		return
	}
	name, password := fields.Get("username"), fields.Get("password")
	if len(fields["username"]) != 1 || len(fields["password"]) != 1 || len(name) > maxName || len(password) > maxPassword {
		demo.WritePage(w, http.StatusBadRequest, "The form needs one field username and one field password.")
		return
	}

	user, countedAs, found, err := h.users.find(r.Context(), name)
	if err != nil {
		demo.TryAgain(w, r, err)
		return
	}
	attempt := newAttempt(countedAs, h.network(r))
	wait, err := attempt.count(r.Context(), h.guesses)
	if err != nil {
		demo.TryAgain(w, r, err)
		return
	}
	if wait > 0 {
		w.Header().Set("Retry-After", strconv.Itoa(int(wait.Seconds())))
		demo.WritePage(w, http.StatusTooManyRequests, "Too many attempts. Please try again later.")
		return
	}
	if right := user.hasPassword(password); !found || !right {
		demo.WritePage(w, http.StatusUnauthorized, form(`<p role="alert">Wrong user name or password.</p>`))
		return
	}
	if err := attempt.takeBack(r.Context(), h.guesses); err != nil {
		demo.TryAgain(w, r, err)
		return
	}
	if err := h.sessions.Start(w, r, user.handle, demo.User{Name: user.name}); err != nil {
		demo.TryAgain(w, r, err)
		return
	}
	demo.SeeOther(w, r, "me")
}
