package session_test

import (
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"

	"github.com/crumb-go/crumb/shared/session"
)

// A platform binds sessions to the operating system that the browser names, which thieves
// can name too: package devicebound binds them to a key.
type platform struct{}

func (platform) Bind(w http.ResponseWriter, r *http.Request) ([]byte, error) {
	return []byte(r.Header.Get("Sec-CH-UA-Platform")), nil
}

func (platform) Allow(r *http.Request, binding []byte) error {
	if r.Header.Get("Sec-CH-UA-Platform") != string(binding) {
		return session.ErrNone
	}
	return nil
}

func (platform) Unbind(http.ResponseWriter) error { return nil }

func ExampleManager_Rebind() {
	sessions, err := session.New[account](new(session.Memory), session.Config{Cookie: id, Binder: platform{}})
	if err != nil {
		panic(err)
	}
	login := httptest.NewRequest("POST", "/login", nil)
	login.Header.Set("Sec-CH-UA-Platform", `"macOS"`)
	w := httptest.NewRecorder()
	_ = sessions.Start(w, login, zoe, account{Name: "Zoë"})

	r := httptest.NewRequest("GET", "/me", nil)
	r.AddCookie(w.Result().Cookies()[0])
	r.Header.Set("Sec-CH-UA-Platform", `"macOS 27"`)
	_, err = sessions.Get(r)
	fmt.Println(errors.Is(err, session.ErrNone))

	// The system was updated, as the user has confirmed by the password.
	err = sessions.Rebind(r, func(old []byte) ([]byte, error) {
		fmt.Printf("was %s\n", old)
		return []byte(r.Header.Get("Sec-CH-UA-Platform")), nil
	})
	fmt.Println(err)
	a, _ := sessions.Get(r)
	fmt.Println(a.Name)
	// Output:
	// true
	// was "macOS"
	// <nil>
	// Zoë
}
