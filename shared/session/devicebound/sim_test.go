package devicebound_test

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/crumb-go/crumb/shared/dbsc"
	"github.com/crumb-go/crumb/shared/session"
)

var (
	seed      = flag.Uint64("seed", 1, "what the simulation's schedule is made from")
	refreshes = flag.Int64("refreshes", 10_000, "how many refreshes the simulation has at least")
)

// Times of the zero Config.
const (
	life  = 10 * time.Minute
	grace = 10 * time.Second
)

// A luck decides what goes wrong with requests, one after another: the schedule of a tab.
type luck struct {
	*rand.Rand
	delaysOnly bool
}

func newLuck(n uint64) *luck { return &luck{Rand: rand.New(rand.NewPCG(*seed, n))} }

// child is for what goes on beside its parent.
func (l *luck) child() *luck { return &luck{newLuck(l.Uint64()).Rand, l.delaysOnly} }

func (l *luck) percent(n int) bool { return l.IntN(100) < n && !l.delaysOnly }

// pause waits as networks do: usually not for long.
func (l *luck) pause() {
	switch n := l.IntN(100); {
	case n < 90:
		time.Sleep(time.Duration(l.Int64N(int64(300 * time.Millisecond))))
	case n < 98:
		time.Sleep(time.Duration(l.Int64N(int64(4 * time.Second))))
	default:
		time.Sleep(time.Duration(l.Int64N(int64(25 * time.Second))))
	}
}

type luckKey struct{}

func (l *luck) context(ctx context.Context) context.Context {
	return context.WithValue(ctx, luckKey{}, l)
}

// luckOf is nil for requests with which nothing goes wrong.
func luckOf(ctx context.Context) *luck {
	l, _ := ctx.Value(luckKey{}).(*luck)
	return l
}

// A shaky store is slow, and fails before or after it has done what it should.
type shaky struct{ session.Store }

func (s shaky) do(ctx context.Context, op func() error) error {
	l := luckOf(ctx)
	if l == nil {
		return op()
	}
	time.Sleep(time.Duration(l.Int64N(int64(20 * time.Millisecond))))
	if l.percent(2) {
		return errStore
	}
	err := op()
	time.Sleep(time.Duration(l.Int64N(int64(20 * time.Millisecond))))
	if l.percent(2) {
		return errStore
	}
	return err
}

func (s shaky) Get(ctx context.Context, k session.Key) (rec session.Record, err error) {
	err = s.do(ctx, func() (err error) { rec, err = s.Store.Get(ctx, k); return err })
	return rec, err
}

func (s shaky) Replace(ctx context.Context, k session.Key, rec session.Record, version string) error {
	return s.do(ctx, func() error { return s.Store.Replace(ctx, k, rec, version) })
}

func (s shaky) Touch(ctx context.Context, k session.Key, expires time.Time) error {
	return s.do(ctx, func() error { return s.Store.Touch(ctx, k, expires) })
}

// A world is the site, what goes over the wire, and the judge of it.
type world struct {
	*site
	t *testing.T

	refreshes, replays, lost, doubled, faults, again atomic.Int64

	mu       sync.Mutex
	wired    int                  // requests
	caught   []*http.Request      // what a thief has copied from the wire or a disk
	spent    map[string]time.Time // when the first proof for a challenge was accepted
	given    map[string]time.Time // when a bound cookie was first given
	replaced map[string]time.Time // when one of the session after it was
	latest   map[string]string    // of a session
	boundAt  map[int]time.Time    // when session number n was bound
	endedAt  map[int]time.Time    // when it was ended
}

func (w *world) fail(format string, args ...any) {
	w.t.Errorf("at %v: "+format, append([]any{time.Now()}, args...)...)
}

// wire is the network of one browser.
func (w *world) wire(r *http.Request) (*http.Response, error) {
	w.mu.Lock()
	if w.wired++; w.wired%4 == 0 {
		w.caught = append(w.caught, r.Clone(context.Background()))
	}
	w.mu.Unlock()
	l := luckOf(r.Context())
	if l == nil {
		return over(http.HandlerFunc(w.serve))(r)
	}
	l.pause()
	if l.percent(4) {
		w.lost.Add(1)
		return nil, errors.New("the request is lost")
	}
	if l.percent(4) { // a proxy sends it again, some time later
		w.doubled.Add(1)
		other := l.child()
		again := r.Clone(other.context(context.WithoutCancel(r.Context())))
		go func() {
			other.pause()
			w.serve(httptest.NewRecorder(), again)
		}()
	}
	rec := httptest.NewRecorder()
	w.serve(rec, r)
	l.pause()
	if l.percent(4) {
		w.lost.Add(1)
		return nil, errors.New("the response is lost")
	}
	return rec.Result(), nil
}

// serve is the server, with a judge beside it.
func (w *world) serve(rw http.ResponseWriter, r *http.Request) {
	begin := time.Now()
	rec := rw.(*httptest.ResponseRecorder)
	w.mux.ServeHTTP(rec, r)
	if rec.Code == 503 {
		w.faults.Add(1)
	}
	end := time.Now()
	w.mu.Lock()
	defer w.mu.Unlock()
	sent := ""
	for _, c := range r.CookiesNamed(boundName) {
		sent = c.Value
	}
	set := ""
	for _, c := range rec.Result().Cookies() {
		if c.Name == boundName && c.MaxAge > 0 {
			set = c.Value
		}
	}
	switch {
	case r.URL.Path == "/session/bind" && set != "":
		w.judgeGiven(r, rec, set, begin, end)
	case r.URL.Path == "/me" && rec.Code == 200:
		n := 0
		fmt.Sscan(rec.Body.String(), &n)
		if ended, ok := w.endedAt[n]; ok && begin.After(ended) {
			w.fail("REVIVAL: session %d was ended %v before", n, begin.Sub(ended))
		}
		if bound, ok := w.boundAt[n]; ok && begin.After(bound) && sent == "" {
			w.fail("DOWNGRADE: session %d is used without its bound cookie", n)
		}
		if given, ok := w.given[sent]; ok && begin.After(given.Add(life+grace)) {
			w.fail("REPLAY: session %d is used with a cookie of %v ago", n, begin.Sub(given))
		}
		if replaced, ok := w.replaced[sent]; ok && begin.After(replaced.Add(grace)) {
			w.fail("REPLAY: session %d is used with a cookie that was replaced %v ago", n, begin.Sub(replaced))
		}
	}
}

// judgeGiven is told of every bound cookie that the server gives.
func (w *world) judgeGiven(r *http.Request, rec *httptest.ResponseRecorder, value string, begin, end time.Time) {
	proof, _ := dbsc.Response(r.Header)
	jti := dbsc.UnverifiedChallenge(proof)
	if first, ok := w.spent[jti]; !ok {
		w.spent[jti] = end
	} else if begin.After(first.Add(grace)) {
		w.fail("REPLAY: a challenge is accepted again %v later", begin.Sub(first))
	}
	if _, ok := w.given[value]; !ok {
		w.given[value] = end
	}
	id, refresh := dbsc.SessionID(r.Header)
	if refresh {
		w.refreshes.Add(1)
		if before := w.latest[id]; before != "" && before != value && w.replaced[before].IsZero() {
			w.replaced[before] = end
		}
		w.latest[id] = value
		return
	}
	now := with("GET", "/me", r.Header.Get("Cookie")+"; "+boundName+"="+value)
	v, err := w.Get(now)
	if err != nil {
		w.fail("after a registration: %v", err)
	}
	w.boundAt[v.N] = end
}
