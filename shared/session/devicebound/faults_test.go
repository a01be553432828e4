package devicebound_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/crumb-go/crumb/shared/dbsc"
	"github.com/crumb-go/crumb/shared/session"
	"github.com/crumb-go/crumb/shared/session/devicebound"
)

var errStore = errors.New("the store is down")

// A faulty store fails at the n-th operation from now on, before or after it was done.
type faulty struct {
	session.Store
	mu    sync.Mutex
	left  int // 0: no fault
	after bool
	ops   []string
}

func (f *faulty) fail(op string, do func() error) error {
	f.mu.Lock()
	f.ops = append(f.ops, op)
	f.left--
	fails, after := f.left == 0, f.after
	f.mu.Unlock()
	if fails && !after {
		return errStore
	}
	if err := do(); err != nil || !fails {
		return err
	}
	return errStore
}

func (f *faulty) Get(ctx context.Context, k session.Key) (rec session.Record, err error) {
	err = f.fail("Get", func() (err error) { rec, err = f.Store.Get(ctx, k); return err })
	return rec, err
}

func (f *faulty) Replace(ctx context.Context, k session.Key, rec session.Record, version string) error {
	return f.fail("Replace", func() error { return f.Store.Replace(ctx, k, rec, version) })
}

func (f *faulty) Touch(ctx context.Context, k session.Key, expires time.Time) error {
	return f.fail("Touch", func() error { return f.Store.Touch(ctx, k, expires) })
}

func (f *faulty) Create(ctx context.Context, k session.Key, rec session.Record) error {
	return f.fail("Create", func() error { return f.Store.Create(ctx, k, rec) })
}

// One write a refresh, none a request, none for a refused proof.
func TestStoreOperations(t *testing.T) {
	bubble(t, func(t *testing.T) {
		store := &faulty{Store: new(session.Memory)}
		s := newSite(t, store, devicebound.Config{})
		saw := func(what, want string) {
			t.Helper()
			if got := strings.Join(store.ops, " "); got != want {
				t.Errorf("%s: %s; want %s", what, got, want)
			}
			store.ops = nil
		}
		b := newBrowser(s.mux)
		w := answer(s, with("POST", "/login", ""))
		saw("login", "Create")
		b.jar.Set(request("/login"), w.Header().Get("Set-Cookie"))
		asked, _ := dbsc.Registrations(w.Header())
		b.register(t.Context(), asked[0])
		saw("registration", "Get Replace")
		visits(t, b, "GET", "/me", 200, "1")
		saw("request", "Get")
		refusedBy(t, s, 403, cookies(b), dbsc.SessionIDHeader, the(t, b).id)
		saw("no proof", "Get")
		one := the(t, b)
		proof := one.device.Refresh(one.challenge)
		b.refresh(t.Context(), one.id)
		saw("refresh", "Get Replace")
		if w := answer(s, with("POST", "/session/bind", cookies(b), dbsc.SessionIDHeader, one.id, dbsc.ResponseHeader, proof)); w.Code != 200 {
			t.Errorf("the same proof: %d", w.Code)
		}
		saw("the same proof", "Get")
		if _, err := s.Binding(with("GET", "/me", cookies(b))); err != nil {
			t.Error(err)
		}
		saw("Binding", "Get")
		time.Sleep(time.Hour)
		b.refresh(t.Context(), the(t, b).id)
		saw("refresh with an old challenge", "Get Replace Get Replace")
	})
}

// Whatever operation of the store fails, done or not, the browser that has its key comes
// back in, at once or after the grace, and gets nothing where it is not known.
func TestStoreFailsInTheMiddle(t *testing.T) {
	for _, after := range []bool{false, true} {
		for n := 1; n <= 5; n++ {
			for _, pause := range []time.Duration{time.Second, 30 * time.Second} {
				t.Run(fmt.Sprintf("operation-%d-done-%v-pause-%v", n, after, pause), func(t *testing.T) {
					bubble(t, func(t *testing.T) {
						store := &faulty{Store: new(session.Memory), after: after}
						s := newSite(t, store, devicebound.Config{})
						b := signedIn(t, s, dbsc.ES256)
						time.Sleep(25 * time.Minute) // the challenge is old, too
						store.left = n
						status, _, err := b.visit(t.Context(), "GET", "/me")
						if err != nil || status != 200 && status != 503 {
							t.Errorf("with a fault: %d, %v", status, err)
						}
						store.left = 0
						time.Sleep(pause)
						visits(t, b, "GET", "/me", 200, "1")
					})
				})
			}
		}
	}
}

// A registration that fails gives nothing. It leaves the session unbound, or bound to a key
// that is lost: its user signs in again, and no other key gets in.
func TestStoreFailsAtRegistration(t *testing.T) {
	for _, tc := range []struct {
		name  string
		left  int
		after bool
		want  int
	}{{"read", 2, false, 200}, {"not-written", 3, false, 200}, {"written", 3, true, 401}} {
		t.Run(tc.name, func(t *testing.T) {
			bubble(t, func(t *testing.T) {
				store := &faulty{Store: new(session.Memory), left: tc.left, after: tc.after}
				s := newSite(t, store, devicebound.Config{})
				b := signedIn(t, s, dbsc.ES256)
				if len(b.bound()) != 0 || strings.Contains(cookies(b), boundName) {
					t.Errorf("the browser has %v, %q", b.bound(), cookies(b))
				}
				time.Sleep(11 * time.Second)
				visits(t, b, "GET", "/me", tc.want, "1")
				visits(t, b, "POST", "/login", 200, "")
				b.background.Wait()
				visits(t, b, "GET", "/me", 200, "2")
			})
		})
	}
}

// A response is lost after the server has made new cookies and challenges.
func TestLostResponse(t *testing.T) {
	for _, pause := range []time.Duration{0, 5 * time.Second, 30 * time.Second, 5 * time.Minute, time.Hour} {
		t.Run(pause.String(), func(t *testing.T) {
			bubble(t, func(t *testing.T) {
				s := newSite(t, new(session.Memory), devicebound.Config{})
				b := signedIn(t, s, dbsc.ES256)
				time.Sleep(9 * time.Minute) // it still has a bound cookie, and refreshes early
				b.wire = func(r *http.Request) (*http.Response, error) {
					_, _ = over(s.mux)(r)
					return nil, errors.New("connection reset")
				}
				if why := b.refresh(t.Context(), the(t, b).id); why != dbsc.Unreachable {
					t.Fatalf("refresh: %q", why)
				}
				b.wire = over(s.mux)
				time.Sleep(pause)
				visits(t, b, "GET", "/me", 200, "1")
				time.Sleep(11 * time.Minute)
				visits(t, b, "GET", "/me", 200, "1")
			})
		})
	}
}

// Two tabs refresh with the same challenge; whichever response arrives last, the browser has
// a good cookie.
func TestTwoTabs(t *testing.T) {
	bubble(t, func(t *testing.T) {
		s := newSite(t, new(session.Memory), devicebound.Config{})
		b := signedIn(t, s, dbsc.ES256)
		time.Sleep(11 * time.Minute)
		b.oneByOne = false
		delays := make(chan time.Duration, 2)
		delays <- 3 * time.Second
		delays <- time.Second
		var both sync.WaitGroup
		b.wire = func(r *http.Request) (*http.Response, error) {
			res, err := over(s.mux)(r)
			if r.URL.Path == "/session/bind" {
				time.Sleep(<-delays) // the first response arrives last
			}
			return res, err
		}
		for range 2 {
			both.Go(func() { visits(t, b, "GET", "/me", 200, "1") })
			time.Sleep(time.Millisecond)
		}
		both.Wait()
		time.Sleep(5 * time.Minute) // long after the grace
		visits(t, b, "GET", "/me", 200, "1")
	})
}

// A renewal in one tab while another refreshes with the old cookie: the browser keeps its
// key, though the server finds no session, and does so once more.
func TestRenewDuringRefresh(t *testing.T) {
	for _, late := range []time.Duration{time.Second, 50 * time.Second} {
		t.Run(late.String(), func(t *testing.T) {
			bubble(t, func(t *testing.T) {
				s := newSite(t, new(session.Memory), devicebound.Config{})
				b := signedIn(t, s, dbsc.ES256)
				b.wire = func(r *http.Request) (*http.Response, error) {
					res, err := over(s.mux)(r)
					if r.URL.Path == "/renew" {
						time.Sleep(late)
					}
					return res, err
				}
				for range 3 { // without a good refresh in between
					time.Sleep(2 * time.Minute)
					var renewed sync.WaitGroup
					renewed.Go(func() { visits(t, b, "POST", "/renew", 200, "") })
					time.Sleep(100 * time.Millisecond)
					for range 4 {
						if why := b.refresh(t.Context(), the(t, b).id); why != dbsc.ServerError {
							t.Errorf("refresh with the old cookie: %q", why)
						}
						time.Sleep(200 * time.Millisecond)
					}
					renewed.Wait()
					if len(b.bound()) != 1 {
						t.Fatal("the browser has lost its key")
					}
				}
				time.Sleep(11 * time.Minute)
				visits(t, b, "GET", "/me", 200, "1")
			})
		})
	}
}

// The clocks of clients do not matter, and those of servers may differ by seconds.
func TestClocks(t *testing.T) {
	bubble(t, func(t *testing.T) {
		s := newSite(t, new(session.Memory), devicebound.Config{})
		b := signedIn(t, s, dbsc.ES256)
		one := the(t, b)
		for _, iat := range []int64{0, 1 << 40} {
			proof := one.device.Sign(map[string]any{"alg": "ES256", "typ": "dbsc+jwt"}, map[string]any{"jti": one.challenge, "iat": iat, "exp": iat})
			if w := answer(s, with("POST", "/session/bind", cookies(b), dbsc.SessionIDHeader, one.id, dbsc.ResponseHeader, proof)); w.Code != 200 {
				t.Errorf("iat %d: %d %s", iat, w.Code, w.Body)
			}
		}
	})
}

// A brokenPipe is a response that the client does not wait for.
type brokenPipe struct{ *httptest.ResponseRecorder }

func (brokenPipe) Write([]byte) (int, error) { return 0, errors.New("broken pipe") }

// Logs and refusals say what happened, with nothing of cookies, proofs, keys and challenges.
func TestLogsAreDiscreet(t *testing.T) {
	var log bytes.Buffer
	before := slog.Default()
	slog.SetDefault(slog.New(slog.NewTextHandler(&log, nil)))
	t.Cleanup(func() { slog.SetDefault(before) })
	store := &faulty{Store: new(session.Memory)}
	s := newSite(t, store, devicebound.Config{})
	b, other := signedIn(t, s, dbsc.ES256), signedIn(t, s, dbsc.ES256)
	mine := the(t, b)
	if log.Len() > 0 {
		t.Errorf("all was well, and the log says %s", &log)
	}
	stolen := the(t, other).device.Refresh(mine.challenge)
	for _, tc := range []struct {
		method, cookies string
		left            int // the operation of the store that fails
		broken          bool
		header          []string
		code            int
		body, log       string
	}{
		{"GET", "", 0, false, nil, 405, "POST only\n", ""},
		{"POST", "", 0, false, nil, 400, "not a request of device-bound sessions\n", ""},
		{"POST", cookies(b), 0, false, []string{dbsc.SessionIDHeader, mine.id, dbsc.ResponseHeader, stolen}, 403, "prove it\n",
			`level=WARN msg="devicebound: refused" what=refresh error="dbsc: `},
		{"POST", cookies(b), 0, false, []string{dbsc.SessionIDHeader, mine.id}, 403, "prove it\n", ""},
		{"POST", cookies(b), 0, false, []string{dbsc.ResponseHeader, mine.device.Register(mine.challenge, "")}, 403, "refused\n",
			`level=WARN msg="devicebound: refused" what=registration error="it does not sign the challenge of this session, or comes too late"` + "\n"},
		{"POST", cookies(b), 0, false, []string{dbsc.ResponseHeader, stolen}, 403, "refused\n",
			`level=WARN msg="devicebound: refused" what=registration error="dbsc: `},
		{"POST", "", 0, false, []string{dbsc.ResponseHeader, mine.device.Register(mine.challenge, "")}, 403, "refused\n",
			`level=WARN msg="devicebound: refused" what=registration error="session: none"` + "\n"},
		{"POST", "", 0, false, []string{dbsc.SessionIDHeader, mine.id}, 503, "no such session\n", ""},
		{"POST", cookies(b), 1, false, []string{dbsc.SessionIDHeader, mine.id, dbsc.ResponseHeader, mine.device.Refresh(mine.challenge)}, 503, "Please try again.\n",
			`level=ERROR msg="devicebound: sessions are unavailable" error="the store is down"` + "\n"},
		{"POST", cookies(b), 0, false, []string{dbsc.SessionIDHeader, the(t, other).id}, 200, `{"continue":false}`, ""},
		{"POST", cookies(b), 0, true, []string{dbsc.SessionIDHeader, the(t, other).id}, 200, "",
			`level=WARN msg="devicebound: response not sent" error="broken pipe"` + "\n"},
		{"POST", cookies(b), 0, true, []string{dbsc.SessionIDHeader, mine.id, dbsc.ResponseHeader, mine.device.Refresh(mine.challenge)}, 200, "",
			`level=WARN msg="devicebound: response not sent" error="broken pipe"` + "\n"},
	} {
		logged := log.Len()
		store.left = tc.left
		w := httptest.NewRecorder()
		var rw http.ResponseWriter = w
		if tc.broken {
			rw = brokenPipe{w}
		}
		s.mux.ServeHTTP(rw, with(tc.method, "/session/bind", tc.cookies, tc.header...))
		if w.Code != tc.code || w.Body.String() != tc.body || (w.Code == 503) != (w.Header().Get("Retry-After") == "1") || w.Header().Get("X-Content-Type-Options") != "nosniff" {
			t.Errorf("%s %q: %d %q, header %q; want %d %q", tc.method, tc.header, w.Code, w.Body, w.Header(), tc.code, tc.body)
		}
		line := log.String()[logged:]
		if _, rest, _ := strings.Cut(line, " "); strings.Count(line, "\n") > 1 || (line == "") != (tc.log == "") || !strings.HasPrefix(rest, tc.log) {
			t.Errorf("%s %q: the log has %q, want %q", tc.method, tc.header, line, tc.log)
		}
	}
	for _, c := range strings.Split(cookies(b), "; ") {
		_, value, _ := strings.Cut(c, "=")
		if strings.Contains(log.String(), value) {
			t.Errorf("the log has a cookie's value: %s", &log)
		}
	}
	if strings.Contains(log.String(), mine.challenge) || strings.Contains(log.String(), stolen[:40]) || strings.Contains(log.String(), mine.id) {
		t.Errorf("the log has a challenge, a proof or an id: %s", &log)
	}
}
