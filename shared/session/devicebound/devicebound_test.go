package devicebound_test

import (
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/crumb-go/crumb/shared/cookie"
	"github.com/crumb-go/crumb/shared/cookie/useragent"
	"github.com/crumb-go/crumb/shared/dbsc"
	"github.com/crumb-go/crumb/shared/session"
	"github.com/crumb-go/crumb/shared/session/devicebound"
)

type visitor struct{ N int }

var idCookie = cookie.Must(cookie.New("__Host-id", cookie.Attributes{Encoding: cookie.Base64}))

const boundName = "__Host-bound"

// A site signs in everyone who asks, as the user that the request names.
type site struct {
	*devicebound.Manager[visitor]
	store session.Store
	mux   http.Handler
	n     atomic.Int64 // sessions started
}

func newSite(t testing.TB, store session.Store, c devicebound.Config) *site {
	t.Helper()
	sessions, err := devicebound.New[visitor](store, session.Config{Cookie: idCookie, Idle: 12 * time.Hour, Absolute: 100 * 24 * time.Hour}, c)
	if err != nil {
		t.Fatal(err)
	}
	s := &site{Manager: sessions, store: store}
	mux := http.NewServeMux()
	mux.Handle("/session/bind", sessions.Handler())
	mux.HandleFunc("POST /login", func(w http.ResponseWriter, r *http.Request) {
		user := session.Handle([]byte(fmt.Sprintf("user %11s", r.Header.Get("User"))))
		if err := sessions.Start(w, r, user, visitor{int(s.n.Add(1))}); err != nil {
			http.Error(w, err.Error(), http.StatusServiceUnavailable)
		}
	})
	mux.HandleFunc("GET /me", func(w http.ResponseWriter, r *http.Request) {
		v, err := sessions.Get(r)
		switch {
		case sessions.Retry(w, r, err):
		case errors.Is(err, devicebound.ErrPending):
			http.Error(w, "one moment", http.StatusAccepted)
		case errors.Is(err, session.ErrNone):
			http.Error(w, "nobody", http.StatusUnauthorized)
		case err != nil:
			http.Error(w, err.Error(), http.StatusServiceUnavailable)
		default:
			fmt.Fprint(w, v.N)
		}
	})
	mux.HandleFunc("POST /password", func(w http.ResponseWriter, r *http.Request) {
		b, err := sessions.Binding(r)
		switch {
		case sessions.Retry(w, r, err):
		case errors.Is(err, session.ErrNone):
			http.Error(w, "nobody", http.StatusUnauthorized)
		case err != nil:
			http.Error(w, err.Error(), http.StatusServiceUnavailable)
		case b.Bound() && time.Since(b.Proved) > time.Minute:
			sessions.Demand(w, r)
		default:
			fmt.Fprint(w, "changed")
		}
	})
	mux.HandleFunc("POST /renew", func(w http.ResponseWriter, r *http.Request) {
		if err := sessions.Renew(w, r); err != nil && !sessions.Retry(w, r, err) {
			http.Error(w, err.Error(), http.StatusConflict)
		}
	})
	for path, end := range map[string]func(http.ResponseWriter, *http.Request) error{"/logout": sessions.End, "/everywhere": sessions.EndAll} {
		mux.HandleFunc("POST "+path, func(w http.ResponseWriter, r *http.Request) {
			if err := end(w, r); err != nil {
				http.Error(w, err.Error(), http.StatusServiceUnavailable)
			}
		})
	}
	s.mux = mux
	return s
}

// bubble runs a test with a clock that only moves when all wait.
func bubble(t *testing.T, test func(t *testing.T)) { t.Helper(); synctest.Test(t, test) }

// signedIn returns a browser that has signed in, and has bound the session if it can.
func signedIn(t testing.TB, s *site, alg dbsc.Algorithm) *browser {
	t.Helper()
	b := newBrowser(s.mux)
	b.alg = alg
	visits(t, b, "POST", "/login", 200, "")
	b.background.Wait()
	return b
}

func visits(t testing.TB, b *browser, method, path string, status int, body string, header ...string) {
	t.Helper()
	got, text, err := b.visit(t.Context(), method, path, header...)
	if err != nil || got != status || status == 200 && text != body {
		t.Errorf("%s %s: %d %q, %v; want %d %q", method, path, got, text, err, status, body)
	}
}

func request(path string) useragent.Request { return useragent.Request{URL: target(path)} }

// cookies returns what the browser's jar sends.
func cookies(b *browser) string { return b.jar.Header(request("/")) }

// with returns a request with cookies, as a thief makes them.
func with(method, path, cookies string, header ...string) *http.Request {
	r := httptest.NewRequest(method, origin+path, nil)
	if cookies != "" {
		r.Header.Set("Cookie", cookies)
	}
	for i := 0; i < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	return r
}

func answer(s *site, r *http.Request) *httptest.ResponseRecorder {
	w := httptest.NewRecorder()
	s.mux.ServeHTTP(w, r)
	return w
}

// without removes a cookie from a Cookie header.
func without(cookies, name string) string {
	var left []string
	for c := range strings.SplitSeq(cookies, "; ") {
		if !strings.HasPrefix(c, name+"=") {
			left = append(left, c)
		}
	}
	return strings.Join(left, "; ")
}

func TestSilentRefreshes(t *testing.T) {
	for _, alg := range []dbsc.Algorithm{dbsc.ES256, dbsc.RS256} {
		t.Run(string(alg), func(t *testing.T) {
			bubble(t, func(t *testing.T) {
				s := newSite(t, new(session.Memory), devicebound.Config{})
				b := signedIn(t, s, alg)
				begin := time.Now()
				for range 5 {
					time.Sleep(11 * time.Minute)
					visits(t, b, "GET", "/me", 200, "1")
				}
				info, err := s.Binding(with("GET", "/me", cookies(b)))
				if err != nil || !info.Bound() || info.Algorithm != alg || !info.Since.Equal(begin) || !info.Proved.Equal(begin.Add(55*time.Minute)) {
					t.Errorf("Binding = %+v, %v", info, err)
				}
				visits(t, b, "POST", "/logout", 200, "")
				if len(b.bound()) != 0 || cookies(b) != "" {
					t.Errorf("after the logout the browser has %v and %q", b.bound(), cookies(b))
				}
				visits(t, b, "GET", "/me", 401, "")
			})
		})
	}
}

// What the browser and the server say to each other, literally.
func TestMessages(t *testing.T) {
	s := newSite(t, new(session.Memory), devicebound.Config{})
	w := answer(s, with("POST", "/login", ""))
	line := w.Header().Get(dbsc.RegistrationHeader)
	if !strings.HasPrefix(line, `(ES256 RS256);path="/session/bind";challenge="`) || len(line) != len(`(ES256 RS256);path="/session/bind";challenge=""`)+43 {
		t.Errorf("%s: %s", dbsc.RegistrationHeader, line)
	}
	b := newBrowser(s.mux)
	b.jar.Set(request("/login"), w.Header().Get("Set-Cookie"))
	asked, _ := dbsc.Registrations(w.Header())
	var got *http.Response
	b.wire = func(r *http.Request) (*http.Response, error) {
		res, err := over(s.mux)(r)
		got = res
		return res, err
	}
	b.register(t.Context(), asked[0])
	want := map[string]string{
		"Content-Type":                 "application/json",
		"Cache-Control":                "no-store",
		"Cross-Origin-Resource-Policy": "same-origin",
		"Content-Security-Policy":      "default-src 'none'; frame-ancestors 'none'",
	}
	for name, value := range want {
		if got.Header.Get(name) != value {
			t.Errorf("%s: %q, want %q", name, got.Header.Get(name), value)
		}
	}
	set := got.Header.Get("Set-Cookie")
	pair, _, _ := strings.Cut(set, ";")
	if !strings.HasPrefix(set, boundName+"=") || len(pair) != len(boundName)+1+43 || !strings.Contains(set, "; Max-Age=600; ") || got.Header.Get("Access-Control-Allow-Origin") != "" {
		t.Errorf("Set-Cookie: %s", set)
	}
	if id := b.bound(); len(id) != 1 {
		t.Fatalf("the browser has %v", id)
	} else if c := got.Header.Get(dbsc.ChallengeHeader); !strings.HasSuffix(c, `";id="`+id[0]+`"`) {
		t.Errorf("%s: %s", dbsc.ChallengeHeader, c)
	}
	text := answer(s, with("POST", "/session/bind", cookies(b), dbsc.SessionIDHeader, b.bound()[0], dbsc.ResponseHeader, b.sessions[b.bound()[0]].device.Refresh(b.sessions[b.bound()[0]].challenge)))
	if want := `{"session_identifier":"` + b.bound()[0] + `","refresh_url":"/session/bind","scope":{"include_site":false},"credentials":[{"type":"cookie","name":"__Host-bound","attributes":"Path=/; Secure; HttpOnly; SameSite=Lax"}]}`; text.Code != 200 || text.Body.String() != want {
		t.Errorf("refresh: %d %s", text.Code, text.Body)
	}
	// Browsers refresh before each request unless these are the cookie's attributes too.
	attributes := slices.DeleteFunc(strings.Split(text.Header().Get("Set-Cookie"), "; ")[1:], func(a string) bool {
		return strings.HasPrefix(a, "Max-Age=") || strings.HasPrefix(a, "Expires=")
	})
	if got := strings.Join(attributes, "; "); got != "Path=/; Secure; HttpOnly; SameSite=Lax" {
		t.Errorf("the cookie's attributes: %s", got)
	}
}

// The instructions of a refresh replace those from before, and until then the browser has
// no reason to refresh.
func TestRenamedCookie(t *testing.T) {
	bubble(t, func(t *testing.T) {
		s := newSite(t, new(session.Memory), devicebound.Config{})
		b := signedIn(t, s, dbsc.ES256)
		renamed := cookie.Must(cookie.New("__Host-renamed", cookie.Attributes{MaxAge: 10 * time.Minute}))
		b.wire = over(newSite(t, s.store, devicebound.Config{Cookie: renamed}).mux)
		time.Sleep(time.Minute)
		visits(t, b, "GET", "/me", 401, "")
		for range 2 {
			time.Sleep(11 * time.Minute)
			visits(t, b, "GET", "/me", 200, "1")
			if all := cookies(b); !strings.Contains(all, "__Host-renamed=") || strings.Contains(all, boundName) {
				t.Errorf("the browser has %s", all)
			}
		}
	})
}

// A browser without keys signs in unbound, or not at all.
func TestPolicies(t *testing.T) {
	for _, tc := range []struct {
		name             string
		policy           devicebound.Policy
		alg              dbsc.Algorithm
		before, after    int // of /me, before and after the registration
		afterFiveMinutes int
	}{
		{"allow-with-key", devicebound.AllowUnbound, dbsc.ES256, 200, 200, 200},
		{"allow-without-key", devicebound.AllowUnbound, "", 200, 200, 200},
		{"require-with-key", devicebound.RequireBound, dbsc.ES256, 202, 200, 200},
		{"require-without-key", devicebound.RequireBound, "", 202, 202, 401},
	} {
		t.Run(tc.name, func(t *testing.T) {
			bubble(t, func(t *testing.T) {
				s := newSite(t, new(session.Memory), devicebound.Config{Policy: tc.policy})
				b := newBrowser(s.mux)
				b.alg = tc.alg
				w := answer(s, with("POST", "/login", ""))
				if w := answer(s, with("GET", "/me", strings.Split(w.Header().Get("Set-Cookie"), ";")[0])); w.Code != tc.before {
					t.Errorf("before the proof: %d", w.Code)
				}
				b = signedIn(t, s, tc.alg)
				visits(t, b, "GET", "/me", tc.after, "2")
				info, err := s.Binding(with("GET", "/me", cookies(b)))
				if info.Bound() != (tc.alg != "") || (err == nil) != (tc.after == 200) {
					t.Errorf("Binding = %+v, %v", info, err)
				}
				time.Sleep(5*time.Minute + time.Second)
				visits(t, b, "GET", "/me", tc.afterFiveMinutes, "2")
			})
		})
	}
}

// A session from before this package was used has no Binding.
func TestSessionsFromBefore(t *testing.T) {
	store := new(session.Memory)
	plain, err := session.New[visitor](store, session.Config{Cookie: idCookie})
	if err != nil {
		t.Fatal(err)
	}
	w := httptest.NewRecorder()
	if err := plain.Start(w, httptest.NewRequest("POST", "/login", nil), session.NewHandle(), visitor{3}); err != nil {
		t.Fatal(err)
	}
	r := with("GET", "/me", strings.Split(w.Header().Get("Set-Cookie"), ";")[0])
	if v, err := newSite(t, store, devicebound.Config{}).Get(r); err != nil || v.N != 3 {
		t.Errorf("AllowUnbound: %v, %v", v, err)
	}
	if _, err := newSite(t, store, devicebound.Config{Policy: devicebound.RequireBound}).Get(r); err != session.ErrNone {
		t.Errorf("RequireBound: %v", err)
	}
}

func TestTwoDevices(t *testing.T) {
	bubble(t, func(t *testing.T) {
		s := newSite(t, new(session.Memory), devicebound.Config{})
		one, two := signedIn(t, s, dbsc.ES256), signedIn(t, s, dbsc.RS256)
		for range 3 {
			time.Sleep(15 * time.Minute)
			visits(t, one, "GET", "/me", 200, "1")
			visits(t, two, "GET", "/me", 200, "2")
		}
		visits(t, one, "POST", "/everywhere", 200, "")
		time.Sleep(11 * time.Minute)
		visits(t, two, "GET", "/me", 401, "") // refused at once, and the browser forgets a minute later
		time.Sleep(2 * time.Minute)
		visits(t, two, "GET", "/me", 401, "")
		if len(two.bound()) != 0 || two.forgotten != 1 {
			t.Errorf("the browser still has %v", two.bound())
		}
	})
}

// After a pause of hours the challenge is old: 403 and again.
func TestOldChallenge(t *testing.T) {
	bubble(t, func(t *testing.T) {
		s := newSite(t, new(session.Memory), devicebound.Config{})
		b := signedIn(t, s, dbsc.ES256)
		var codes []int
		b.wire = func(r *http.Request) (*http.Response, error) {
			res, err := over(s.mux)(r)
			codes = append(codes, res.StatusCode)
			return res, err
		}
		time.Sleep(9 * time.Hour)
		visits(t, b, "GET", "/me", 200, "1")
		if fmt.Sprint(codes) != "[403 200 200]" {
			t.Errorf("responses: %v, want 403, 200 and the page", codes)
		}
	})
}

// A link on another site leads to a page whose request waits for no refresh.
func TestFromAnotherSite(t *testing.T) {
	bubble(t, func(t *testing.T) {
		s := newSite(t, new(session.Memory), devicebound.Config{})
		b := signedIn(t, s, dbsc.ES256)
		time.Sleep(11 * time.Minute)
		visits(t, b, "GET", "/me", 200, "1", "Sec-Fetch-Site", "cross-site", "Sec-Fetch-Mode", "navigate")
	})
}

// A browser that refreshes no more is not signed out.
func TestSkipped(t *testing.T) {
	bubble(t, func(t *testing.T) {
		asked := 0
		s := newSite(t, new(session.Memory), devicebound.Config{})
		b := signedIn(t, s, dbsc.ES256)
		time.Sleep(11 * time.Minute)
		b.quota = true
		visits(t, b, "GET", "/me", 503, "")
		w := answer(s, with("GET", "/me", cookies(b), dbsc.SkippedHeader, "quota_exceeded"))
		if w.Code != 503 || w.Header().Get("Retry-After") != "60" {
			t.Errorf("%d, Retry-After %q", w.Code, w.Header().Get("Retry-After"))
		}
		if w := answer(s, with("GET", "/me", cookies(b), dbsc.SkippedHeader, `quota_exceeded;session_identifier="another"`)); w.Code != 401 {
			t.Errorf("skipped another session: %d", w.Code)
		}
		open := newSite(t, s.store, devicebound.Config{InsecureAllowSkipped: func(r *http.Request, k dbsc.Skip) bool {
			asked++
			return k.Reason == dbsc.QuotaExceeded && r.Method == "GET"
		}})
		b.wire = over(open.mux)
		visits(t, b, "GET", "/me", 200, "1")
		visits(t, b, "POST", "/password", 503, "")
		if asked != 2 {
			t.Errorf("asked %d times", asked)
		}
		info, err := open.Binding(with("GET", "/me", cookies(b), dbsc.SkippedHeader, "quota_exceeded"))
		if err != nil || !info.Bound() || !info.Proved.IsZero() {
			t.Errorf("Binding = %+v, %v", info, err)
		}
		b.quota = false
		b.wire = over(s.mux)
		visits(t, b, "GET", "/me", 200, "1")
	})
}
