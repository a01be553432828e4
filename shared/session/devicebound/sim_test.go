package devicebound_test

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/crumb-go/crumb/shared/dbsc"
	"github.com/crumb-go/crumb/shared/dbsc/dbsctest"
	"github.com/crumb-go/crumb/shared/session"
	"github.com/crumb-go/crumb/shared/session/devicebound"
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

// A person has a browser with some tabs.
type person struct {
	*world
	b    *browser
	name int

	alone  turns // to sign in, sign out or renew: other tabs' requests would rightly find nothing
	number int   // of the session
	logins int
}

// A turns is a read-write lock for three readers, of channels, as a mutex would stop the
// bubble's clock.
type turns struct{ readers, writer chan struct{} }

func newTurns() turns { return turns{make(chan struct{}, 3), make(chan struct{}, 1)} }

func (t turns) RLock()   { t.readers <- struct{}{} }
func (t turns) RUnlock() { <-t.readers }

func (t turns) Lock() {
	t.writer <- struct{}{}
	for range cap(t.readers) {
		t.readers <- struct{}{}
	}
}

func (t turns) Unlock() {
	for range cap(t.readers) {
		<-t.readers
	}
	<-t.writer
}

// signIn signs in until the browser has bound the session.
func (p *person) signIn(l *luck) {
	for p.logins++; ; p.logins++ {
		p.ended(p.number)
		status, _, err := p.b.visit(p.t.Context(), "POST", "/login", "User", fmt.Sprint(p.name))
		if err != nil || status != 200 {
			p.fail("%d cannot sign in: %d, %v", p.name, status, err)
			return
		}
		p.b.background.Wait()
		status, body, err := p.b.visit(p.t.Context(), "GET", "/me")
		if status == 200 {
			fmt.Sscan(body, &p.number)
		}
		if len(p.b.bound()) > 0 {
			if status != 200 {
				p.fail("LOCK-OUT: %d after the login: %d, %v", p.name, status, err)
			}
			return
		}
	}
}

// ended notes that a session has ended, as nothing may use it from now on.
func (p *person) ended(n int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if _, ok := p.endedAt[n]; !ok && n > 0 {
		p.endedAt[n] = time.Now().Add(time.Second) // requests under way may finish
	}
}

// tab visits pages until there were enough refreshes.
func (p *person) tab(l *luck) {
	ctx := l.context(p.t.Context())
	for p.refreshes.Load() < *refreshes {
		switch n := l.IntN(100); {
		case n < 40:
			time.Sleep(time.Duration(l.Int64N(int64(5 * time.Second))))
		case n < 60:
			time.Sleep(time.Duration(l.Int64N(int64(9 * time.Minute))))
		case n < 95:
			time.Sleep(9*time.Minute + time.Duration(l.Int64N(int64(2*time.Minute))))
		default:
			time.Sleep(time.Duration(l.Int64N(int64(time.Hour))))
		}
		switch n := l.IntN(100); {
		case n < 70:
			p.look(ctx)
		case n < 80:
			p.alone.RLock()
			for _, id := range p.b.bound() {
				p.b.refresh(ctx, id)
			}
			p.alone.RUnlock()
		case n < 90:
			p.alone.RLock()
			status, _, err := p.b.visit(ctx, "POST", "/password")
			p.judge(status, fmt.Sprint(p.number), err)
			p.alone.RUnlock()
		case n < 97:
			p.renew(l)
		default:
			p.alone.Lock()
			if status, _, err := p.b.visit(p.t.Context(), "POST", []string{"/logout", "/everywhere"}[l.IntN(2)]); err != nil || status != 200 {
				p.fail("%d cannot sign out: %d, %v", p.name, status, err)
			}
			p.ended(p.number)
			time.Sleep(2 * time.Second)
			p.signIn(l)
			p.alone.Unlock()
		}
	}
}

// look asks who is signed in. That may fail, but the answer is not "nobody", and it does not
// fail when nothing else does.
func (p *person) look(ctx context.Context) {
	p.alone.RLock()
	defer p.alone.RUnlock()
	status, body, err := p.b.visit(ctx, "GET", "/me")
	p.judge(status, body, err)
	if status == 200 {
		return
	}
	if status, body, err = p.b.visit(p.t.Context(), "GET", "/me"); status != 200 && p.b.oneByOne {
		// It may have waited for another tab's refresh, which failed.
		time.Sleep(time.Minute)
		status, body, err = p.b.visit(p.t.Context(), "GET", "/me")
	}
	if p.judge(status, body, err); status != 200 {
		p.fail("LOCK-OUT: %d does not come back: %d, %v", p.name, status, err)
	}
}

func (p *person) judge(status int, body string, err error) {
	switch {
	case err == errSpent:
		p.again.Add(1)
	case status == 200 && body != fmt.Sprint(p.number):
		p.fail("%d, who has session %d, sees that of %s", p.name, p.number, body)
	case status == 401, err != nil && strings.Contains(err.Error(), "redirects"):
		p.fail("LOCK-OUT: %d is nobody: %d, %v; it has %v, the session exists: %v", p.name, status, err, p.b.bound(), p.exists())
	}
}

// exists reports whether the browser's cookie finds a session.
func (p *person) exists() bool {
	err := p.Rebind(with("GET", "/me", cookies(p.b)), func([]byte) ([]byte, error) { return nil, nil })
	return err == nil
}

// renew changes the session's id while two tabs refresh.
func (p *person) renew(l *luck) {
	p.alone.Lock()
	defer p.alone.Unlock()
	slow := l.child()
	slow.delaysOnly = true
	var all sync.WaitGroup
	all.Go(func() {
		if status, _, err := p.b.visit(slow.context(p.t.Context()), "POST", "/renew"); err != nil {
			p.fail("%d cannot renew: %d, %v", p.name, status, err)
		}
	})
	for range 2 {
		other := l.child()
		all.Go(func() {
			other.pause()
			for _, id := range p.b.bound() {
				p.b.refresh(other.context(p.t.Context()), id)
			}
		})
	}
	all.Wait()
	status, body, err := p.b.visit(p.t.Context(), "GET", "/me")
	if p.judge(status, body, err); status != 200 {
		p.fail("LOCK-OUT: %d does not come back after a renewal: %d, %v", p.name, status, err)
	}
}

// steal sends what was copied from the wire again, sooner or later, as it is and with proofs
// of the thief's own key. The judge sees what that brings.
func (w *world) steal(l *luck) {
	device := dbsctest.NewDevice(dbsc.ES256)
	for w.refreshes.Load() < *refreshes {
		time.Sleep(time.Duration(l.Int64N(int64(20 * time.Second))))
		w.mu.Lock()
		caught := w.caught
		w.caught = nil
		w.mu.Unlock()
		for _, r := range caught {
			again := r.Clone(context.Background())
			if again.URL.Path != "/me" && again.URL.Path != "/session/bind" {
				again.URL.Path, again.Method = "/me", "GET" // a jar is as good as another
			}
			_, refresh := dbsc.SessionID(again.Header)
			wait := time.Duration(l.Int64N(int64([]time.Duration{12 * time.Second, 30 * time.Minute}[l.IntN(2)])))
			forge := refresh && l.IntN(4) == 0
			go func() {
				time.Sleep(wait)
				if forge {
					probe := httptest.NewRecorder()
					bare := again.Clone(context.Background())
					bare.Header.Del(dbsc.ResponseHeader)
					w.serve(probe, bare)
					if c, _ := dbsc.Challenges(probe.Header()); len(c) == 1 {
						again.Header.Set(dbsc.ResponseHeader, device.Refresh(c[0].Value))
					}
				}
				w.replays.Add(1)
				rec := httptest.NewRecorder()
				w.serve(rec, again)
				if forge && rec.Header().Get("Set-Cookie") != "" {
					w.fail("FORGERY: the thief's key is accepted")
				}
			}()
		}
	}
}

// Thousands of refreshes over a bad network and a bad store, by a schedule: nobody is locked
// out, nothing comes back, nothing that was copied is good after its time.
func TestSimulation(t *testing.T) {
	before := slog.Default()
	slog.SetDefault(slog.New(slog.NewTextHandler(io.Discard, nil)))
	t.Cleanup(func() { slog.SetDefault(before) })
	bubble(t, func(t *testing.T) {
		begin := time.Now()
		w := &world{
			t: t, site: newSite(t, shaky{new(session.Memory)}, devicebound.Config{}),
			spent: map[string]time.Time{}, given: map[string]time.Time{}, replaced: map[string]time.Time{},
			latest: map[string]string{}, boundAt: map[int]time.Time{}, endedAt: map[int]time.Time{},
		}
		var all sync.WaitGroup
		var people []*person
		for i := range 20 {
			alg := dbsc.ES256
			if i == 0 { // whose keys take long to make
				alg = dbsc.RS256
			}
			p := &person{world: w, name: i, alone: newTurns(), b: &browser{alg: alg, wire: w.wire, oneByOne: i%3 != 0}}
			p.signIn(newLuck(uint64(i)))
			people = append(people, p)
			for tab := range 3 {
				all.Go(func() { p.tab(newLuck(uint64(100*tab + i + 1000))) })
			}
		}
		all.Go(func() { w.steal(newLuck(7)) })
		all.Wait()
		logins := 0
		for _, p := range people {
			time.Sleep(time.Minute)
			p.look(t.Context())
			logins += p.logins
		}
		t.Logf("seed %d, %v: %d refreshes, %d logins, %d requests or responses lost, %d doubled, %d responses 503, %d pages to load again, %d requests by a thief",
			*seed, time.Since(begin).Round(time.Hour), w.refreshes.Load(), logins, w.lost.Load(), w.doubled.Load(), w.faults.Load(), w.again.Load(), w.replays.Load())
	})
}
