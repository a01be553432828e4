package main

import (
	"errors"
	"mime"
	"net/http"
	"unicode/utf8"

	"github.com/crumb-go/crumb/shared/card"
	"github.com/crumb-go/crumb/shared/page"
)

const (
	maxForm     = 8 << 10 // bytes of a form's body
	maxUsername = 256     // bytes
)

func newHandler() http.Handler {
	protection := http.NewCrossOriginProtection()
	protection.SetDenyHandler(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		refuse(w, http.StatusForbidden, "Cross-origin request refused.")
	}))
	return protection.Handler(page.Methods{
		http.MethodGet:  func(w http.ResponseWriter, r *http.Request) { remember(w, r, "Cobby") },
		http.MethodPost: rememberForm,
	})
}

func remember(w http.ResponseWriter, r *http.Request, username string) {
	page.NoStore(w)
	if err := card.Username.Set(w, username); err != nil {
		page.Fail(w, r, err)
		return
	}
	page.Write(w, http.StatusOK, "Cookie has been set!")
}

// rememberForm takes the username from a form's one field of that name: any
// text in UTF-8, of 1 to 256 bytes.
func rememberForm(w http.ResponseWriter, r *http.Request) {
	if mediaType, _, err := mime.ParseMediaType(r.Header.Get("Content-Type")); err != nil || mediaType != "application/x-www-form-urlencoded" {
		refuse(w, http.StatusUnsupportedMediaType, "Send a form (application/x-www-form-urlencoded).")
		return
	}
	r.Body = http.MaxBytesReader(w, r.Body, maxForm)
	err := r.ParseForm()
	if tooLarge := (*http.MaxBytesError)(nil); errors.As(err, &tooLarge) {
		refuse(w, http.StatusRequestEntityTooLarge, "The form is over 8 KiB.")
		return
	}
	usernames := r.PostForm["username"]
	if err != nil || len(usernames) != 1 || !validUsername(usernames[0]) {
		refuse(w, http.StatusBadRequest, "The form needs one field username, 1 to 256 bytes of UTF-8.")
		return
	}
	remember(w, r, usernames[0])
}

func validUsername(s string) bool {
	return 1 <= len(s) && len(s) <= maxUsername && utf8.ValidString(s)
}

func refuse(w http.ResponseWriter, status int, reason string) {
	page.NoStore(w)
	page.Write(w, status, reason)
}
