// Package sessions_test holds what docs/migrating.md says of gorilla/sessions,
// scs and shared/session: the same three routes, built with each.
package sessions_test

import (
	"crypto/rand"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/crumb-go/crumb/e2e/adapters/sessions/crumb"
	"github.com/crumb-go/crumb/e2e/adapters/sessions/gorilla"
	"github.com/crumb-go/crumb/e2e/adapters/sessions/scs"
	"github.com/crumb-go/crumb/shared/session"
)

// A browser keeps the last cookie that was set.
type browser struct {
	handler http.Handler
	cookie  string // "" without one
}

func (b *browser) send(method, path string) (status int, body string) {
	r := httptest.NewRequest(method, "https://app.example"+path, nil)
	if b.cookie != "" {
		r.Header.Set("Cookie", b.cookie)
	}
	w := httptest.NewRecorder()
	b.handler.ServeHTTP(w, r)
	for _, c := range w.Result().Cookies() {
		if b.cookie = c.Name + "=" + c.Value; c.MaxAge < 0 {
			b.cookie = ""
		}
	}
	return w.Code, strings.TrimSpace(w.Body.String())
}

func TestSignInAndOut(t *testing.T) {
	crumbs, err := crumb.NewMux(new(session.Memory), session.NewHandle())
	if err != nil {
		t.Fatal(err)
	}
	key := make([]byte, 32)
	_, _ = rand.Read(key) // never fails
	const hello, nobody = "Hello, Ana!", "Nobody is signed in."
	for _, tc := range []struct {
		name    string
		handler http.Handler
		copied  string // what /me says to a copy of the cookie after signing out
	}{
		{"gorilla", gorilla.NewMux(key), hello},
		{"scs", scs.NewHandler(), nobody},
		{"crumb", crumbs, nobody},
	} {
		t.Run(tc.name, func(t *testing.T) {
			b := browser{handler: tc.handler}
			see := func(b *browser, want string) {
				t.Helper()
				if status, body := b.send("GET", "/me"); body != want || (status == 200) != (want == hello) {
					t.Errorf("GET /me = %d %q, want %q", status, body, want)
				}
			}
			see(&b, nobody)
			if status, body := b.send("POST", "/login"); status != 200 || body != "" || b.cookie == "" {
				t.Fatalf("POST /login = %d %q, cookie %q", status, body, b.cookie)
			}
			see(&b, hello)
			thief := b
			if status, body := b.send("POST", "/logout"); status != 200 || body != "" {
				t.Fatalf("POST /logout = %d %q", status, body)
			}
			see(&b, nobody)
			see(&thief, tc.copied)
		})
	}
}
