package main

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/crumb-go/crumb/functions/internal/demo"
	"github.com/crumb-go/crumb/functions/internal/lambdatest"
	"github.com/crumb-go/crumb/shared/frontdoor/frontdoortest"
	"github.com/crumb-go/crumb/shared/session"
	"github.com/crumb-go/crumb/shared/session/sessiontest"
)

// user is signed in with the cookie of the events.
const user = `{"name":"Ana <b>"}`

func TestMain(m *testing.M) { lambdatest.Main(m, main) }

func TestEvents(t *testing.T) {
	frontdoortest.Run(t, sessiontest.SignedIn(t, user, func(s session.Store) http.Handler { return newHandler(s, "") }), "../../events/logout")
}

// API Gateway serves /logout/ as well, where "login" would be /logout/login.
func TestSlash(t *testing.T) {
	w := httptest.NewRecorder()
	newHandler(new(session.Memory), "").ServeHTTP(w, httptest.NewRequest("POST", "/logout/", nil))
	if got := w.Header().Get("Location"); w.Code != http.StatusSeeOther || got != "../login" {
		t.Errorf("%d with Location %q, want 303 with ../login", w.Code, got)
	}
}

const formType = "application/x-www-form-urlencoded"

// post signs out by the session cookie of a response, if there is one.
func post(s session.Store, signedIn *httptest.ResponseRecorder, contentType, body string) *httptest.ResponseRecorder {
	r := httptest.NewRequest("POST", "/logout", strings.NewReader(body))
	if contentType != "" {
		r.Header.Set("Content-Type", contentType)
	}
	if signedIn != nil {
		r.AddCookie(signedIn.Result().Cookies()[0])
	}
	w := httptest.NewRecorder()
	newHandler(s, "").ServeHTTP(w, r)
	return w
}

func signIn(t *testing.T, s session.Store, user session.Handle) *httptest.ResponseRecorder {
	t.Helper()
	w := httptest.NewRecorder()
	if err := demo.Sessions(s).Start(w, httptest.NewRequest("POST", "/login", http.NoBody), user, demo.User{}); err != nil {
		t.Fatal(err)
	}
	return w
}

// A user with two browsers signs out in one; another user is signed in.
func TestSignOut(t *testing.T) {
	for _, tc := range []struct {
		name              string
		contentType, body string
		status            int
		live              [3]bool // this browser's session, the other's, the other user's
	}{
		{"no-form", "", "", 303, [3]bool{false, true, true}},
		{"body-of-no-type", "", "everywhere=true", 303, [3]bool{false, true, true}},
		{"empty-form", formType, "", 303, [3]bool{false, true, true}},
		{"everywhere", formType, "everywhere=true", 303, [3]bool{false, false, true}},
		{"everywhere-is-no-truth", formType, "everywhere=truex", 303, [3]bool{false, true, true}},
		{"everywhere-is-capital", formType, "everywhere=TRUE", 303, [3]bool{false, true, true}},
		{"other-field", formType, "other=true", 303, [3]bool{false, true, true}},
		{"no-form-type", "text/plain", "everywhere=true", 415, [3]bool{true, true, true}},
		{"broken-form", formType, "everywhere=%zz", 400, [3]bool{true, true, true}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			s := new(session.Memory)
			this, other := session.NewHandle(), session.NewHandle()
			browsers := []*httptest.ResponseRecorder{signIn(t, s, this), signIn(t, s, this), signIn(t, s, other)}
			w := post(s, browsers[0], tc.contentType, tc.body)
			done := tc.status == 303
			if w.Code != tc.status || (w.Header().Get("Location") == "login") != done || w.Header().Get("Cache-Control") != "no-store" {
				t.Errorf("%d %v, want %d", w.Code, w.Header(), tc.status)
			}
			if forgets := strings.HasPrefix(w.Header().Get("Set-Cookie"), "__Host-id=; "); forgets != done {
				t.Errorf("Set-Cookie = %q", w.Header().Get("Set-Cookie"))
			}
			for i, browser := range browsers {
				r := httptest.NewRequest("GET", "/me", nil)
				r.AddCookie(browser.Result().Cookies()[0])
				if _, err := demo.Sessions(s).Get(r); (err == nil) != tc.live[i] {
					t.Errorf("session %d: %v, want it to live: %v", i, err, tc.live[i])
				}
			}
		})
	}
}

// A sign-out that failed is not reported as done.
func TestStoreDown(t *testing.T) {
	memory := new(session.Memory)
	browser := signIn(t, memory, session.NewHandle())
	for _, body := range []string{"", "everywhere=true"} {
		w := post(down{memory}, browser, formType, body)
		if w.Code != 503 || w.Header().Get("Retry-After") == "" || w.Header().Get("Location") != "" || w.Header().Get("Set-Cookie") != "" {
			t.Errorf("%q: %d %v, want 503", body, w.Code, w.Header())
		}
	}
}

// down is a store that can read but not write.
type down struct{ session.Store }

func (down) Delete(context.Context, session.Key) (session.Record, error) {
	return session.Record{}, errors.New("down")
}

func (down) SetMark(context.Context, session.Handle, string, time.Time) error {
	return errors.New("down")
}

// The function as Lambda runs it, with the table and the origin of its environment.
func TestFunction(t *testing.T) {
	t.Setenv("PUBLIC_ORIGIN", "https://app.example")
	store := lambdatest.Tables(t)
	w := signIn(t, store, session.NewHandle())
	event := strings.NewReplacer("https://evil.example", "https://app.example", sessiontest.SignedInCookie, w.Result().Cookies()[0].Value).
		Replace(lambdatest.Event(t, "../../events/logout/post-cross-origin.http.json"))
	responses, log := lambdatest.Invoke(t, event)
	r := httptest.NewRequest("GET", "/me", nil)
	r.AddCookie(w.Result().Cookies()[0])
	if _, err := demo.Sessions(store).Get(r); !errors.Is(err, session.ErrNone) || !strings.HasPrefix(responses[0], `{"statusCode":303,`) {
		t.Errorf("%s, and the session: %v\n%s", responses[0], err, log)
	}
}
