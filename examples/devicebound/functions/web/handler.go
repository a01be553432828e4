package main

import (
	"crypto/subtle"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"strconv"
	"time"

	"github.com/crumb-go/crumb/shared/cookie"
	"github.com/crumb-go/crumb/shared/session"
	"github.com/crumb-go/crumb/shared/session/devicebound"
)

// id is the cookie that finds a session. In a bound session it is worthless without the
// bound cookie.
var id = cookie.Must(cookie.New("__Host-id", cookie.Attributes{Encoding: cookie.Base64}))

// user is the handle of the only user. Accounts of your own keep one each, from
// session.NewHandle.
var user = session.Handle([]byte("an example user."))

// A visitor is the data of a session.
type visitor struct {
	Name string `json:"name"`
}

type handler struct {
	sessions *devicebound.Manager[visitor]
	users    bool // the user "name" may sign in
}

func newHandler(store session.Store, boundCookieSeconds string, users bool) (http.Handler, error) {
	seconds, err := strconv.Atoi(boundCookieSeconds)
	if err != nil {
		return nil, fmt.Errorf("BOUND_COOKIE_SECONDS: %w", err)
	}
	bound, err := cookie.New("__Host-bound", cookie.Attributes{MaxAge: time.Duration(seconds) * time.Second})
	if err != nil {
		return nil, err
	}
	sessions, err := devicebound.New[visitor](store, session.Config{Cookie: id}, devicebound.Config{
		Cookie:              bound,
		TestOnlyShortCookie: seconds < 300, // an application of your own does not need this
	})
	if err != nil {
		return nil, err
	}
	h := handler{sessions, users}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /login", h.form)
	mux.HandleFunc("POST /login", h.signIn)
	mux.HandleFunc("GET /me", h.me)
	mux.HandleFunc("POST /logout", h.signOut)
	mux.Handle("POST /session/bind", sessions.Handler())
	protection := http.NewCrossOriginProtection()
	protection.AddInsecureBypassPattern("POST /session/bind") // see Manager.Handler
	return secure(protection.Handler(mux)), nil
}

func (h handler) form(w http.ResponseWriter, r *http.Request) {
	render(w, r, http.StatusOK, login, "")
}

// signIn has no password to keep: examples/login shows how that is done.
func (h handler) signIn(w http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(w, r.Body, 4<<10)
	if err := r.ParseForm(); err != nil {
		render(w, r, http.StatusBadRequest, login, "The form cannot be read.")
		return
	}
	name := r.PostForm.Get("username")
	right := subtle.ConstantTimeCompare([]byte(r.PostForm.Get("password")), []byte("password")) == 1
	if !h.users || name != "name" || !right {
		render(w, r, http.StatusUnauthorized, login, "Wrong user name or password.")
		return
	}
	if err := h.sessions.Start(w, r, user, visitor{Name: name}); err != nil {
		tryAgain(w, r, err)
		return
	}
	http.Redirect(w, r, "/me", http.StatusSeeOther)
}

func (h handler) me(w http.ResponseWriter, r *http.Request) {
	v, err := h.sessions.Get(r)
	switch {
	case h.sessions.Retry(w, r, err): // the browser will come back with a proof, or later
		return
	case errors.Is(err, session.ErrNone):
		render(w, r, http.StatusUnauthorized, guest, nil)
		return
	case err != nil:
		tryAgain(w, r, err)
		return
	}
	b, err := h.sessions.Binding(r) // another read, only to show it
	if err != nil {
		tryAgain(w, r, err)
		return
	}
	render(w, r, http.StatusOK, private, struct {
		visitor
		devicebound.Binding
	}{v, b})
}

func (h handler) signOut(w http.ResponseWriter, r *http.Request) {
	if err := h.sessions.End(w, r); err != nil {
		tryAgain(w, r, err)
		return
	}
	http.Redirect(w, r, "/login", http.StatusSeeOther)
}

// tryAgain responds where the table of sessions does not.
func tryAgain(w http.ResponseWriter, r *http.Request, err error) {
	slog.ErrorContext(r.Context(), "sessions are unavailable", "error", err) // never has a cookie's value
	w.Header().Set("Retry-After", "5")
	http.Error(w, "Temporary problem. Please try again.", http.StatusServiceUnavailable)
}
