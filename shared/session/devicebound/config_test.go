package devicebound_test

import (
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/crumb-go/crumb/shared/cookie"
	"github.com/crumb-go/crumb/shared/dbsc"
	"github.com/crumb-go/crumb/shared/frontdoor"
	"github.com/crumb-go/crumb/shared/session"
	"github.com/crumb-go/crumb/shared/session/devicebound"
)

func TestConfig(t *testing.T) {
	declare := func(name string, a cookie.Attributes) *cookie.Cookie { return cookie.Must(cookie.New(name, a)) }
	minutes := func(n time.Duration) cookie.Attributes { return cookie.Attributes{MaxAge: n * time.Minute} }
	for _, tc := range []struct {
		name string
		c    devicebound.Config
		want string // in the error, "" for none
	}{
		{"zero", devicebound.Config{}, ""},
		{"five-minutes", devicebound.Config{Cookie: declare("__Host-bound", minutes(5))}, ""},
		{"strict", devicebound.Config{Cookie: declare("__Host-bound", cookie.Attributes{MaxAge: time.Hour, SameSite: http.SameSiteStrictMode})}, ""},
		{"four-minutes", devicebound.Config{Cookie: declare("__Host-bound", minutes(4))}, "MaxAge is 4m0s, less than 5m0s"},
		{"until-the-browser-closes", devicebound.Config{Cookie: declare("__Host-bound", cookie.Attributes{})}, "MaxAge is 0s"},
		{"a-second-for-tests", devicebound.Config{TestOnlyShortCookie: true, Cookie: declare("__Host-bound", cookie.Attributes{MaxAge: time.Second})}, ""},
		{"nothing-for-tests", devicebound.Config{TestOnlyShortCookie: true, Cookie: declare("__Host-bound", cookie.Attributes{})}, "MaxAge is 0s, less than 1s"},
		{"other-hosts", devicebound.Config{Cookie: declare("__Secure-bound", minutes(5))}, "must begin with __Host-"},
		{"chromium's-fault", devicebound.Config{Cookie: declare("__Host-Http-bound", minutes(5))}, "must not begin with __Host-Http-"},
		{"readable", devicebound.Config{Cookie: declare("__Host-bound", cookie.Attributes{MaxAge: time.Hour, ScriptReadable: true})}, "be HttpOnly"},
		{"partitioned", devicebound.Config{Cookie: declare("__Host-bound", cookie.Attributes{MaxAge: time.Hour, Partitioned: true})}, "not be Partitioned"},
		{"zero-cookie", devicebound.Config{Cookie: new(cookie.Cookie)}, "declare the cookie with New"},
		{"the-session's-name", devicebound.Config{Cookie: declare("__Host-id", minutes(5))}, "has the session's name"},
		{"path", devicebound.Config{Path: "/a-b/c_d.e/bind"}, ""},
		{"relative-path", devicebound.Config{Path: "bind"}, "Path"},
		{"other-host's-path", devicebound.Config{Path: "//evil.example/bind"}, "Path"},
		{"path-with-quote", devicebound.Config{Path: `/"`}, "Path"},
		{"path-with-query", devicebound.Config{Path: "/bind?a"}, "Path"},
		{"path-not-ascii", devicebound.Config{Path: "/bïnd"}, "Path"},
		{"policy", devicebound.Config{Policy: 2}, "Policy 2"},
		{"register-within", devicebound.Config{RegisterWithin: 6 * time.Minute}, "RegisterWithin is 6m0s"},
		{"register-before", devicebound.Config{RegisterWithin: -1}, "RegisterWithin"},
		{"grace", devicebound.Config{Grace: 2 * time.Minute}, "Grace is 2m0s"},
		{"negative-grace", devicebound.Config{Grace: -1}, "Grace"},
		{"several", devicebound.Config{Path: "x", Policy: -1, Grace: -1}, "Policy"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			_, err := devicebound.New[visitor](new(session.Memory), session.Config{Cookie: idCookie}, tc.c)
			if (err == nil) != (tc.want == "") || err != nil && !strings.Contains(err.Error(), tc.want) {
				t.Errorf("New: %v, want %q", err, tc.want)
			}
		})
	}
	_, err := devicebound.New[visitor](nil, session.Config{Binder: binder{}}, devicebound.Config{Policy: 7})
	for _, want := range []string{"Policy 7", "has a Binder already", "Store is nil", "no Cookie"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("New: %v, want %q too", err, want)
		}
	}
}

type binder struct{ session.Binder }

// Behind a stage the paths that a browser needs begin with it; the handler's do not.
func TestPrefix(t *testing.T) {
	event, err := os.ReadFile("../../frontdoor/testdata/events/cookies.rest.json")
	if err != nil {
		t.Fatal(err)
	}
	sessions, err := devicebound.New[visitor](new(session.Memory), session.Config{Cookie: idCookie}, devicebound.Config{Path: "/bind"})
	if err != nil {
		t.Fatal(err)
	}
	var asked, instructions, prefix string
	h := frontdoor.New(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		e, _ := frontdoor.EventFrom(r.Context())
		prefix = e.Prefix
		w := httptest.NewRecorder()
		if err := sessions.Start(w, r, session.NewHandle(), visitor{1}); err != nil {
			t.Error(err)
		}
		asked = w.Header().Get(dbsc.RegistrationHeader)
		list, _ := dbsc.Registrations(w.Header())
		post := r.Clone(r.Context())
		post.Method = "POST"
		post.Header = http.Header{"Cookie": {strings.Split(w.Header().Get("Set-Cookie"), ";")[0]}}
		post.Header.Set(dbsc.ResponseHeader, device.Register(list[0].Challenge, ""))
		w = httptest.NewRecorder()
		sessions.Handler().ServeHTTP(w, post)
		instructions = w.Body.String()
	}), frontdoor.Options{})
	if _, err := h.Invoke(t.Context(), event); err != nil {
		t.Fatal(err)
	}
	if prefix == "" || !strings.Contains(asked, `;path="`+prefix+`/bind";`) || !strings.Contains(instructions, `"refresh_url":"`+prefix+`/bind"`) {
		t.Errorf("prefix %q: %s, %s", prefix, asked, instructions)
	}
}
