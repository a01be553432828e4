package devicebound_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"slices"
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
	const (
		path     = "the Path %q is not one of printable ASCII that begins with one slash"
		cookies  = "the bound cookie %q must begin with __Host-, be HttpOnly and not be Partitioned"
		tooShort = "the bound cookie's MaxAge is %v, less than %v"
	)
	for _, tc := range []struct {
		name string
		c    devicebound.Config
		want []string // after "devicebound: "
	}{
		{"zero", devicebound.Config{}, nil},
		{"five-minutes", devicebound.Config{Cookie: declare("__Host-bound", minutes(5))}, nil},
		{"strict", devicebound.Config{Cookie: declare("__Host-bound", cookie.Attributes{MaxAge: time.Hour, SameSite: http.SameSiteStrictMode})}, nil},
		{"four-minutes", devicebound.Config{Cookie: declare("__Host-bound", minutes(4))}, says(tooShort, 4*time.Minute, 5*time.Minute)},
		{"until-the-browser-closes", devicebound.Config{Cookie: declare("__Host-bound", cookie.Attributes{})}, says(tooShort, 0*time.Second, 5*time.Minute)},
		{"a-second-for-tests", devicebound.Config{TestOnlyShortCookie: true, Cookie: declare("__Host-bound", cookie.Attributes{MaxAge: time.Second})}, nil},
		{"nothing-for-tests", devicebound.Config{TestOnlyShortCookie: true, Cookie: declare("__Host-bound", cookie.Attributes{})}, says(tooShort, 0*time.Second, time.Second)},
		{"other-hosts", devicebound.Config{Cookie: declare("__Secure-bound", minutes(5))}, says(cookies, "__Secure-bound")},
		{"chromium's-fault", devicebound.Config{Cookie: declare("__Host-Http-bound", minutes(5))}, says("the bound cookie %q must not begin with __Host-Http-, for which Chromium 156 registers no key", "__Host-Http-bound")},
		{"readable", devicebound.Config{Cookie: declare("__Host-bound", cookie.Attributes{MaxAge: time.Hour, ScriptReadable: true})}, says(cookies, "__Host-bound")},
		{"partitioned", devicebound.Config{Cookie: declare("__Host-bound", cookie.Attributes{MaxAge: time.Hour, Partitioned: true})}, says(cookies, "__Host-bound")},
		{"the-session's-name", devicebound.Config{Cookie: declare("__Host-id", minutes(5))}, says("the bound cookie has the session's name, %q", "__Host-id")},
		{"path", devicebound.Config{Path: "/a-b/c_d.e/!bind~"}, nil},
		{"relative-path", devicebound.Config{Path: "bind"}, says(path, "bind")},
		{"other-host's-path", devicebound.Config{Path: "//evil.example/bind"}, says(path, "//evil.example/bind")},
		{"path-with-quote", devicebound.Config{Path: `/"`}, says(path, `/"`)},
		{"path-with-backslash", devicebound.Config{Path: `/\evil.example`}, says(path, `/\evil.example`)},
		{"path-with-query", devicebound.Config{Path: "/bind?a"}, says(path, "/bind?a")},
		{"path-with-fragment", devicebound.Config{Path: "/bind#a"}, says(path, "/bind#a")},
		{"path-with-space", devicebound.Config{Path: "/ "}, says(path, "/ ")},
		{"path-with-delete", devicebound.Config{Path: "/\x7f"}, says(path, "/\x7f")},
		{"path-not-ascii", devicebound.Config{Path: "/bïnd"}, says(path, "/bïnd")},
		{"policy", devicebound.Config{Policy: 2}, says("the Policy %d does not exist", 2)},
		{"longest-to-register", devicebound.Config{RegisterWithin: 5 * time.Minute}, nil},
		{"register-within", devicebound.Config{RegisterWithin: 5*time.Minute + 1}, says("RegisterWithin is 5m0.000000001s, not up to 5 minutes")},
		{"register-before", devicebound.Config{RegisterWithin: -1}, says("RegisterWithin is -1ns, not up to 5 minutes")},
		{"longest-grace", devicebound.Config{Grace: time.Minute}, nil},
		{"grace", devicebound.Config{Grace: time.Minute + 1}, says("Grace is 1m0.000000001s, not up to a minute")},
		{"negative-grace", devicebound.Config{Grace: -1}, says("Grace is -1ns, not up to a minute")},
		{"several", devicebound.Config{Path: "x", Policy: -1, Grace: -1}, slices.Concat(says(path, "x"), says("the Policy -1 does not exist"), says("Grace is -1ns, not up to a minute"))},
	} {
		t.Run(tc.name, func(t *testing.T) {
			_, err := devicebound.New[visitor](new(session.Memory), session.Config{Cookie: idCookie}, tc.c)
			if want := strings.Join(tc.want, "\n"); (err == nil) != (want == "") || err != nil && err.Error() != want {
				t.Errorf("New: %v, want %s", err, want)
			}
		})
	}
	_, err := devicebound.New[visitor](new(session.Memory), session.Config{Cookie: idCookie}, devicebound.Config{Cookie: new(cookie.Cookie), Policy: 7})
	for _, want := range []string{"Policy 7", "declare the cookie with New"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("New with a zero Cookie: %v, want %q too", err, want)
		}
	}
	_, err = devicebound.New[visitor](nil, session.Config{Binder: binder{}}, devicebound.Config{Policy: 7})
	for _, want := range []string{"Policy 7", "devicebound: the session.Config has a Binder already", "Store is nil", "no Cookie"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("New: %v, want %q too", err, want)
		}
	}
}

// says returns an error's text.
func says(format string, args ...any) []string {
	return []string{"devicebound: " + fmt.Sprintf(format, args...)}
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
