package main

import (
	"errors"
	"log/slog"
	"net/http"

	"github.com/crumb-go/crumb/shared/cookie"
	"github.com/crumb-go/crumb/shared/session"

	"github.com/crumb-go/crumb/examples/login/internal/users"
)

// id is the cookie that finds a session. Browsers delete it when they close; the
// session itself ends on the server, and a copy of the cookie stops working then.
var id = cookie.Must(cookie.New("__Host-id", cookie.Attributes{Encoding: cookie.Base64}))

// A visitor is the data of a session.
type visitor struct {
	Name string `json:"name"`
}

type handler struct {
	users    users.List
	sessions *session.Manager[visitor]
}

func newHandler(store session.Store, list users.List) http.Handler {
	sessions, err := session.New[visitor](store, session.Config{Cookie: id})
	if err != nil {
		panic(err) // the declaration above is wrong
	}
	h := handler{list, sessions}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", h.home)
	mux.HandleFunc("GET /login", h.form)
	mux.HandleFunc("POST /login", h.signIn)
	mux.HandleFunc("POST /logout", h.signOut)
	return secure(http.NewCrossOriginProtection().Handler(mux))
}

func (h handler) home(w http.ResponseWriter, r *http.Request) {
	v, err := h.sessions.Get(r)
	switch {
	case errors.Is(err, session.ErrNone):
		render(w, r, http.StatusOK, guest, nil)
	case err != nil:
		tryAgain(w, r, err)
	default:
		render(w, r, http.StatusOK, private, v)
	}
}

func (h handler) form(w http.ResponseWriter, r *http.Request) {
	render(w, r, http.StatusOK, login, "")
}

// signIn has the same response to a wrong name and to a wrong password, after the
// same time.
func (h handler) signIn(w http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(w, r.Body, 4<<10)
	if err := r.ParseForm(); err != nil {
		render(w, r, http.StatusBadRequest, login, "The form cannot be read.")
		return
	}
	user, ok := h.users.Check(r.PostForm.Get("username"), r.PostForm.Get("password"))
	if !ok {
		render(w, r, http.StatusUnauthorized, login, "Wrong user name or password.")
		return
	}
	if err := h.sessions.Start(w, r, user.Handle, visitor{Name: user.Name}); err != nil {
		tryAgain(w, r, err)
		return
	}
	http.Redirect(w, r, "/", http.StatusSeeOther)
}

func (h handler) signOut(w http.ResponseWriter, r *http.Request) {
	if err := h.sessions.End(w, r); err != nil {
		tryAgain(w, r, err)
		return
	}
	http.Redirect(w, r, "/", http.StatusSeeOther)
}

// tryAgain responds where the table of sessions does not.
func tryAgain(w http.ResponseWriter, r *http.Request, err error) {
	slog.ErrorContext(r.Context(), "sessions are unavailable", "error", err) // never has a cookie's value
	w.Header().Set("Retry-After", "5")
	http.Error(w, "Temporary problem. Please try again.", http.StatusServiceUnavailable)
}
