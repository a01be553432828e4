package devicebound_test

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/crumb-go/crumb/shared/dbsc"
	"github.com/crumb-go/crumb/shared/dbsc/dbsctest"
	"github.com/crumb-go/crumb/shared/session"
	"github.com/crumb-go/crumb/shared/session/devicebound"
)

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
