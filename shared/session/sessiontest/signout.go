package sessiontest

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/crumb-go/crumb/shared/cookie"
	"github.com/crumb-go/crumb/shared/session"
)

// TestSignOut tests that signing out with a Manager of a store works whatever fails, and in
// whatever order requests are executed. open returns the store. Each request that the store
// makes, of which an operation may need several, must go through the Wire, and must not be
// repeated if that fails.
//
// Two callers are tested in every order of their requests in which one that could go on is
// interrupted at most switches times, or in every order if switches is negative. With 1 a
// store gets about 6,000 requests, with 2 about 20,000, and with any number hundreds of
// thousands.
func TestSignOut(t *testing.T, switches int, open func(w Wire) session.Store) {
	s := open(wire)
	for _, tc := range []struct {
		name string
		test func(*testing.T, int, session.Store)
	}{
		{"end-all-fails", testEndAllFails},
		{"end-fails", testEndFails},
		{"start-fails", testStartFails},
		{"start-beside-end-all", testStartBesideEndAll},
		{"starts-are-bounded", testStartsAreBounded},
		{"update-beside-end-all", testUpdateBesideEndAll},
		{"update-beside-renew", testUpdateBesideRenew},
		{"renew-fails", testRenewFails},
		{"renew-twice", testRenewTwice},
		{"renew-beside-end", testRenewBesideEnd},
		{"renew-beside-end-all", testRenewBesideEndAll},
	} {
		t.Run(tc.name, func(t *testing.T) { tc.test(t, switches, s) })
	}
	if switches < 0 || switches > 1 {
		t.Run("end-all-twice-fails", func(t *testing.T) { testEndAllTwiceFails(t, s) })
		t.Run("renew-twice-beside-end-all", func(t *testing.T) { testRenewTwiceBesideEndAll(t, s) })
		t.Run("renew-beside-end-all-that-fails", func(t *testing.T) { testRenewBesideEndAllThatFails(t, s) })
	}
}

var testCookie = sync.OnceValue(func() *cookie.Cookie {
	return cookie.Must(cookie.New("__Host-id", cookie.Attributes{Encoding: cookie.Base64}))
})

// A world is one user with some sessions in a store. The data of each is a number.
type world struct {
	t    *testing.T
	s    session.Store
	m    *session.Manager[int]
	user session.Handle
}

func newWorld(t *testing.T, s session.Store, c session.Config) *world {
	t.Helper()
	c.Cookie, c.Logger = testCookie(), slog.New(slog.DiscardHandler)
	m, err := session.New[int](s, c)
	if err != nil {
		t.Fatal(err)
	}
	return &world{t, s, m, session.NewHandle()}
}

// A token is the value of a session's cookie after the user's handle.
type token [32]byte

// first and last are tokens whose hashes come before and after nearly all others. A store
// that lists sessions in the order of hashes reaches them at the start and at the end.
var first, last = sync.OnceValue(func() token { return hashed(0x00) }), sync.OnceValue(func() token { return hashed(0xff) })

// hashed returns a token whose hash begins with b twice.
func hashed(b byte) (t token) {
	for {
		rand.Read(t[:])
		if hash := sha256.Sum256(t[:]); hash[0] == b && hash[1] == b {
			return t
		}
	}
}

func anyToken() (t token) {
	rand.Read(t[:])
	return t
}

// has gives the user a session, old enough that a request records its use, and returns a
// request with its cookie.
func (w *world) has(tok token, n string) *http.Request {
	w.t.Helper()
	rec := record(n)
	rec.Expires = rec.Expires.Add(-40 * time.Minute)
	rec.Started = time.Now().Add(-time.Hour).Round(0)
	create(w.t, w.s, session.Key{User: w.user, ID: sha256.Sum256(tok[:])}, rec)
	line, err := testCookie().Line(string(w.user[:]) + string(tok[:]))
	if err != nil {
		w.t.Fatal(err)
	}
	sent, _, _ := strings.Cut(line, ";")
	r := httptest.NewRequest("POST", "/", nil)
	r.Header.Set("Cookie", sent)
	return r
}

// given returns a request with the cookie that a response sets.
func given(w *httptest.ResponseRecorder) *http.Request {
	r := httptest.NewRequest("POST", "/", nil)
	sent, _, _ := strings.Cut(w.Header().Get("Set-Cookie"), ";")
	r.Header.Set("Cookie", sent)
	return r
}

// call calls a Manager with a request and a context.
type call func(ctx context.Context) (*httptest.ResponseRecorder, error)

func (w *world) renew(r *http.Request) call  { return recorded(w.m.Renew, r) }
func (w *world) end(r *http.Request) call    { return recorded(w.m.End, r) }
func (w *world) endAll(r *http.Request) call { return recorded(w.m.EndAll, r) }

func (w *world) start(r *http.Request) call {
	return recorded(func(rw http.ResponseWriter, r *http.Request) error { return w.m.Start(rw, r, w.user, 7) }, r)
}

func (w *world) update(r *http.Request) call {
	return recorded(func(_ http.ResponseWriter, r *http.Request) error {
		return w.m.Update(r, func(n *int) error { *n++; return nil })
	}, r)
}

func recorded(do func(http.ResponseWriter, *http.Request) error, r *http.Request) call {
	return func(ctx context.Context) (*httptest.ResponseRecorder, error) {
		rw := httptest.NewRecorder()
		return rw, do(rw, r.WithContext(ctx))
	}
}

// succeeds calls c and reports an error that is not one of allowed.
func (w *world) succeeds(ctx context.Context, what string, c call, allowed ...error) (*httptest.ResponseRecorder, bool) {
	w.t.Helper()
	rw, err := c(ctx)
	if err == nil {
		return rw, true
	}
	for _, ok := range allowed {
		if errors.Is(err, ok) {
			return rw, false
		}
	}
	w.t.Errorf("%s: %v", what, err)
	return rw, false
}

// live returns how many sessions the user has.
func (w *world) live() (n int) {
	w.t.Helper()
	all, err := w.s.List(w.t.Context(), w.user)
	if err != nil {
		w.t.Errorf("List: %v", err)
	}
	for _, l := range all {
		rec, err := w.s.Get(w.t.Context(), l.Key)
		now := time.Now()
		if err == nil && len(rec.Data) > 0 && now.Before(rec.Expires) && now.Before(rec.Ends) {
			n++
		} else if err != nil && !errors.Is(err, session.ErrNone) {
			w.t.Errorf("Get: %v", err)
		}
	}
	return n
}

func (w *world) lives(when string, want int) {
	w.t.Helper()
	if n := w.live(); n != want {
		w.t.Errorf("%s: %d sessions live, want %d", when, n, want)
	}
}

// sees reports an error if the request does not find a session with this number, or, if
// want is -1, finds one.
func (w *world) sees(r *http.Request, want int) {
	w.t.Helper()
	switch n, err := w.m.Get(r); {
	case want < 0 && !errors.Is(err, session.ErrNone):
		w.t.Errorf("Get = %d, %v, want ErrNone", n, err)
	case want >= 0 && (err != nil || n != want):
		w.t.Errorf("Get = %d, %v, want %d", n, err, want)
	}
}

// failing makes calls in which the n-th request fails, for every n, until a call makes fewer
// requests. A call must fail if a request does. try makes a world and a call in it, and
// judge checks the result; again is a context in which the same request fails once more.
func failing(t *testing.T, try func(t *testing.T) (c call, judge func(rw *httptest.ResponseRecorder, err error, again context.Context))) {
	for name, f := range faults {
		t.Run(name, func(t *testing.T) {
			for n := int64(1); ; n++ {
				c, judge := try(t)
				r, count := f.fails(n, atOnce)
				again, _ := f.fails(n, atOnce)
				rw, err := c(r.context(t.Context()))
				if err == nil && count.Load() >= n {
					t.Error("it succeeded")
				}
				judge(rw, err, again.context(t.Context()))
				if t.Failed() {
					t.Fatalf("when request %d fails", n)
				}
				if count.Load() < n {
					t.Logf("%d requests", count.Load())
					return
				}
			}
		})
	}
}
