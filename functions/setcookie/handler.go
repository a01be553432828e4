package main

import (
	"net/http"
	"unicode/utf8"

	"github.com/crumb-go/crumb/functions/internal/demo"
)

const maxUsername = 256 // bytes

// newHandler serves pages of this origin and of publicOrigin; see demo.SameOrigin.
func newHandler(publicOrigin string) http.Handler {
	return demo.SameOrigin(demo.Methods{
		http.MethodGet:  func(w http.ResponseWriter, r *http.Request) { remember(w, r, "Cobby") },
		http.MethodPost: rememberForm,
	}, publicOrigin)
}

func remember(w http.ResponseWriter, r *http.Request, username string) {
	demo.NoStore(w)
	if err := demo.Username.Set(w, username); err != nil {
		demo.Fail(w, r, err)
		return
	}
	demo.WritePage(w, http.StatusOK, "Cookie has been set!")
}

// rememberForm reads the username from a form with one field of that name: 1 to 256 bytes of
// UTF-8.
func rememberForm(w http.ResponseWriter, r *http.Request) {
	demo.NoStore(w)
	fields, ok := demo.Form(w, r)
	if !ok {
		return
	}
	usernames := fields["username"]
	if len(usernames) != 1 || !validUsername(usernames[0]) {
		demo.WritePage(w, http.StatusBadRequest, "The form needs one field username, 1 to 256 bytes of UTF-8.")
		return
	}
	remember(w, r, usernames[0])
}

func validUsername(s string) bool {
	return 1 <= len(s) && len(s) <= maxUsername && utf8.ValidString(s)
}
