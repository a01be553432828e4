package demo_test

import (
	"net/http"
	"net/http/httptest"
	"testing"
	"testing/synctest"
	"time"

	"github.com/crumb-go/crumb/functions/internal/demo"
	"github.com/crumb-go/crumb/shared/cookie"
	"github.com/crumb-go/crumb/shared/keyring"
	"github.com/crumb-go/crumb/shared/session"
	"github.com/crumb-go/crumb/shared/session/sessiontest"
)

// Browsers keep what they got: a new version of the demo must set and delete the same cookies.
func TestLines(t *testing.T) {
	synctest.Test(t, func(t *testing.T) { // its clock starts at 2000-01-01
		for _, tc := range []struct {
			cookie      *cookie.Cookie
			set, forget string
		}{
			{demo.Username, "username=...; Path=/; Expires=Mon, 31 Jan 2000 00:00:00 GMT; Max-Age=2592000; Secure; HttpOnly; SameSite=Lax",
				"username=; Path=/; Expires=Thu, 01 Jan 1970 00:00:00 GMT; Max-Age=0; Secure; HttpOnly; SameSite=Lax"},
			{demo.Visits, "visits=...; Path=/; Expires=Sun, 31 Dec 2000 00:00:00 GMT; Max-Age=31536000; Secure; HttpOnly; SameSite=Lax",
				"visits=; Path=/; Expires=Thu, 01 Jan 1970 00:00:00 GMT; Max-Age=0; Secure; HttpOnly; SameSite=Lax"},
			{demo.Session, "__Host-id=Li4u; Path=/; Secure; HttpOnly; SameSite=Lax",
				"__Host-id=; Path=/; Expires=Thu, 01 Jan 1970 00:00:00 GMT; Max-Age=0; Secure; HttpOnly; SameSite=Lax"},
		} {
			got, err := tc.cookie.Line("...")
			if got != tc.set || err != nil {
				t.Errorf("Line = %q, %v, want %q", got, err, tc.set)
			}
			w := httptest.NewRecorder()
			if err := tc.cookie.Delete(w); err != nil || w.Header().Get("Set-Cookie") != tc.forget {
				t.Errorf("Delete: %q, %v, want %q", w.Header()["Set-Cookie"], err, tc.forget)
			}
		}
	})
}

func TestUsernameReadsAnyText(t *testing.T) {
	for _, name := range []string{"Cobby", "Zoë", "a;b, \"c\"\r\n", "100%", "\x00", "日本"} {
		line, err := demo.Username.Line(name)
		if err != nil {
			t.Errorf("Line(%q): %v", name, err)
		}
		sent, err := http.ParseSetCookie(line)
		if err != nil {
			t.Fatalf("ParseSetCookie(%q): %v", line, err)
		}
		r := httptest.NewRequest("GET", "/", nil)
		r.Header.Set("Cookie", sent.Name+"="+sent.Value)
		if got, ok := demo.Username.Get(r); got != name || !ok {
			t.Errorf("Get after %q = %q, %v, want %q", line, got, ok, name)
		}
	}
}

// A visits cookie and a session of an earlier version are read. The cookie is sealed with the
// ring of events/env.json.
func TestEarlierData(t *testing.T) {
	const ring = "dev-1.2026-01-01T00:00:00Z.cHVibGlzaGVkLCBzbyBmb3IgZGV2ZWxvcG1lbnQgb24"
	const value = "AQOI-2IOQtTK6IZJCOC4x1JAUFGlpj0H1UxPy8MMtIco-5gw48e3PwWrSwh-4K9i8IfoGJTi5B3-xFmI0nUaSspWkNtxfH5a19ScQrkQm0WbCani"
	for name, value := range map[string]string{"CRUMB_KEYS": ring, "CRUMB_KEYS_SECRET": "", "AWS_SAM_LOCAL": "true"} {
		t.Setenv(name, value)
	}
	keys, err := keyring.FromEnv(t.Context(), demo.App, nil)
	if err != nil {
		t.Fatal(err)
	}
	synctest.Test(t, func(t *testing.T) {
		r := httptest.NewRequest("GET", "/visits", nil)
		r.Header.Set("Cookie", "visits="+value)
		got, ok := demo.SealedVisits(keys).Get(r)
		if want := (demo.VisitRecord{Visits: 1, Since: time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)}); !ok || got != want {
			t.Errorf("%v, %v, want %v", got, ok, want)
		}
	})
	read := func(s session.Store) http.Handler {
		return http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
			if user, err := demo.Sessions(s).Get(r); user.Name != "Ana" || err != nil {
				t.Errorf("session of %v, %v, want Ana", user, err)
			}
		})
	}
	r := httptest.NewRequest("GET", "/me", nil)
	r.Header.Set("Cookie", "__Host-id="+sessiontest.SignedInCookie)
	sessiontest.SignedIn(t, `{"name":"Ana"}`, read).ServeHTTP(httptest.NewRecorder(), r)
}

func TestPanics(t *testing.T) {
	for name, use := range map[string]func(){
		"SealedVisits": func() { demo.SealedVisits(nil) },
		"Sessions":     func() { demo.Sessions(nil) },
	} {
		t.Run(name, func(t *testing.T) {
			defer func() {
				if recover() == nil {
					t.Error("no panic without a ring or a store")
				}
			}()
			use()
		})
	}
}
