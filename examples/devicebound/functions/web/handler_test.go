package main

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/crumb-go/crumb/shared/dbsc"
	"github.com/crumb-go/crumb/shared/dbsc/dbsctest"
	"github.com/crumb-go/crumb/shared/frontdoor/frontdoortest"
	"github.com/crumb-go/crumb/shared/session"
	"github.com/crumb-go/crumb/shared/session/sessiontest"
)

func newTestHandler(t *testing.T, store session.Store, seconds string) http.Handler {
	t.Helper()
	h, err := newHandler(store, seconds, true)
	if err != nil {
		t.Fatal(err)
	}
	return h
}

// Each request in events/ gets the response beside it. "-update" writes the responses, for
// you to read as a diff.
func TestEvents(t *testing.T) {
	h := sessiontest.SignedIn(t, `{"name":"name"}`, func(s session.Store) http.Handler { return newTestHandler(t, s, "600") })
	frontdoortest.Run(t, h, "../../events/web")
}

// A browser with a key signs in, refreshes and signs out. Its jar is worthless to others
// when the bound cookie has run out.
func TestBoundSession(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newTestHandler(t, new(session.Memory), "600")
		jar := map[string]string{}
		send := func(method, path, form string, header ...string) *httptest.ResponseRecorder {
			r := httptest.NewRequest(method, path, strings.NewReader(form))
			r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
			for i := 0; i < len(header); i += 2 {
				r.Header.Set(header[i], header[i+1])
			}
			for name, value := range jar {
				r.AddCookie(&http.Cookie{Name: name, Value: value})
			}
			w := httptest.NewRecorder()
			h.ServeHTTP(w, r)
			for _, c := range w.Result().Cookies() {
				if jar[c.Name] = c.Value; c.MaxAge < 0 {
					delete(jar, c.Name)
				}
			}
			return w
		}
		me := func(status int, text string) {
			t.Helper()
			if w := send("GET", "/me", ""); w.Code != status || !strings.Contains(w.Body.String(), text) {
				t.Errorf("/me: %d %s, want %d and %q", w.Code, w.Body, status, text)
			}
		}
		device := dbsctest.NewDevice(dbsc.ES256)
		me(401, "Nobody is signed in.")
		if w := send("POST", "/login", url.Values{"username": {"name"}, "password": {"wrong"}}.Encode()); w.Code != 401 || w.Header().Get(dbsc.RegistrationHeader) != "" {
			t.Errorf("a wrong password: %d %q", w.Code, w.Header())
		}
		w := send("POST", "/login", url.Values{"username": {"name"}, "password": {"password"}}.Encode())
		asked, err := dbsc.Registrations(w.Header())
		if w.Code != 303 || err != nil || len(asked) != 1 {
			t.Fatalf("login: %d %q, %v", w.Code, w.Header(), err)
		}
		me(200, "is not bound")
		w = send("POST", asked[0].Path, "", dbsc.ResponseHeader, device.Register(asked[0].Challenge, ""), "Sec-Fetch-Site", "cross-site")
		next, err := dbsc.Challenges(w.Header())
		if w.Code != 200 || err != nil || len(next) != 1 {
			t.Fatalf("registration: %d %s, %v", w.Code, w.Body, err)
		}
		me(200, "by ES256")
		for range 3 {
			time.Sleep(11 * time.Minute)
			delete(jar, "__Host-bound") // as its Max-Age says
			me(401, "Nobody")
			w = send("POST", "/session/bind", "", dbsc.SessionIDHeader, next[0].SessionID, dbsc.ResponseHeader, device.Refresh(next[0].Value))
			if next, err = dbsc.Challenges(w.Header()); w.Code != 200 || err != nil || len(next) != 1 {
				t.Fatalf("refresh: %d %s, %v", w.Code, w.Body, err)
			}
			me(200, "Hello, name!")
		}
		stolen := jar["__Host-id"]
		if w := send("POST", "/logout", ""); w.Code != 303 || len(jar) != 0 {
			t.Errorf("logout: %d, the jar has %v", w.Code, jar)
		}
		jar["__Host-id"] = stolen
		me(401, "Nobody")
	})
}

func TestConfiguration(t *testing.T) {
	for _, seconds := range []string{"", "0", "x", "-1"} {
		if _, err := newHandler(new(session.Memory), seconds, false); err == nil {
			t.Errorf("BOUND_COOKIE_SECONDS=%q is accepted", seconds)
		}
	}
	h, err := newHandler(new(session.Memory), "3", false) // as deployed, but for the seconds
	if err != nil {
		t.Fatal(err)
	}
	r := httptest.NewRequest("POST", "/login", strings.NewReader("username=name&password=password"))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	if w.Code != 401 {
		t.Errorf("without DEMO_USERS: %d", w.Code)
	}
}
