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

// TestSignOut tests that signing out holds with a store, whatever fails and in
// whatever order requests are carried out, by a Manager of it. open returns the
// store; each request that it makes, of which an operation may need several, goes
// through the Wire, and is not repeated when that fails.
//
// Callers take turns as long as each has requests to make, in every order with at
// most so many switches from one that could go on to another; in every order if
// switches is negative. With 1 a store answers some 6,000 requests, with 2 some
// 20,000, and with any number hundreds of thousands.
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

// A world is one user with some sessions in a store. Each session holds a number.
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

// A token is what a session's cookie holds beside the user's handle.
type token [32]byte

// first and last are tokens whose hashes come before and after nearly all others:
// a store that lists sessions in their order comes to what is renewed from first
// to last only when the list is at its end, and the other way round.
var first, last = sync.OnceValue(func() token { return hashed(0x00) }), sync.OnceValue(func() token { return hashed(0xff) })

// hashed returns a token whose hash begins with a byte twice.
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

// has gives the user a session, which is old enough that a request notes its use,
// and returns a request with its cookie.
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

// call is what a Manager does to a request, by a caller with a context.
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

// succeeds calls and reports an error that is none of allowed.
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

// sees reports a request that does not find a session with this number, or any if
// it is -1.
func (w *world) sees(r *http.Request, want int) {
	w.t.Helper()
	switch n, err := w.m.Get(r); {
	case want < 0 && !errors.Is(err, session.ErrNone):
		w.t.Errorf("Get = %d, %v, want ErrNone", n, err)
	case want >= 0 && (err != nil || n != want):
		w.t.Errorf("Get = %d, %v, want %d", n, err, want)
	}
}

// failing calls with the n-th request failing, for every n, until there is none.
// None may be missed: the call has to fail too. try makes a world and the call in
// it, and then judges what came of it; again is the context of a caller to whom the
// same happens once more.
func failing(t *testing.T, try func(t *testing.T) (c call, judge func(rw *httptest.ResponseRecorder, err error, again context.Context))) {
	for name, f := range faults {
		t.Run(name, func(t *testing.T) {
			for n := int64(1); ; n++ {
				c, judge := try(t)
				r, count := f.fails(n, atOnce)
				again, _ := f.fails(n, atOnce)
				rw, err := c(r.context(t.Context()))
				if err == nil && count.Load() >= n {
					t.Error("it said done")
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
