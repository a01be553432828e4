package session_test

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/crumb-go/crumb/shared/session"
)

// The oldest sessions beyond the limit end; those of other users do not count.
func TestMaxPerUser(t *testing.T) {
	for bound, want := range map[int]int{0: 50, 1: 1, 3: 3} {
		t.Run(fmt.Sprint(bound), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				m := manager(t, new(session.Memory), session.Config{MaxPerUser: bound})
				other := started(t, m, session.NewHandle(), visitor{7})
				user := session.NewHandle()
				var all []*http.Request
				for i := range want + 10 {
					if i%2 == 0 { // pairs of the same time: the newest stays anyway
						time.Sleep(time.Millisecond)
					}
					all = append(all, started(t, m, user, visitor{i}))
					sees(t, m, all[i], i)
				}
				live := 0
				for i, r := range all {
					if _, err := m.Get(r); err == nil {
						live++
						if i < 10 {
							t.Errorf("session %d of %d lives", i+1, len(all))
						}
					}
				}
				if live != want {
					t.Errorf("%d sessions live, want %d", live, want)
				}
				sees(t, m, other, 7)
			})
		})
	}
}

// Renewing does not make a session newer, and expired ones do not count.
func TestMaxPerUserCounts(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := &keeping{Store: new(session.Memory)}
		m := manager(t, store, session.Config{MaxPerUser: 2})
		user := session.NewHandle()
		short := manager(t, store, session.Config{MaxPerUser: 2, Idle: time.Minute})
		one := started(t, m, user, visitor{1})
		started(t, short, user, visitor{0})
		time.Sleep(2 * time.Minute)
		two := started(t, m, user, visitor{2})
		sees(t, m, one, 1)
		time.Sleep(time.Second)
		w := httptest.NewRecorder()
		if err := m.Renew(w, one); err != nil {
			t.Fatal(err)
		}
		one = request(t, w)
		three := started(t, m, user, visitor{3})
		refused(t, m, one)
		sees(t, m, two, 2)
		sees(t, m, three, 3)
	})
}

// keeping lists everything it has ever had.
type keeping struct {
	session.Store
	all []session.Listed
}

func (s *keeping) Create(ctx context.Context, k session.Key, rec session.Record) error {
	s.all = append(s.all, session.Listed{Key: k, Mark: rec.Mark, Started: rec.Started, Expires: rec.Expires, Ends: rec.Ends})
	return s.Store.Create(ctx, k, rec)
}

func (s *keeping) Delete(ctx context.Context, k session.Key) (session.Record, error) {
	for i, l := range s.all {
		if l.Key == k {
			s.all[i].Expires = time.Time{}
		}
	}
	return s.Store.Delete(ctx, k)
}

func (s *keeping) List(context.Context, session.Handle) ([]session.Listed, error) {
	return append([]session.Listed(nil), s.all...), nil
}

// Two thousand sessions from before there was a limit, in a store that takes 5 ms:
// all end well within the 30 seconds of a function, eight at once.
func TestEndAllOfMany(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := &slow{Store: new(session.Memory)}
		m := manager(t, store, session.Config{MaxPerUser: 3000})
		user := session.NewHandle()
		for range 1999 {
			k := session.Key{User: user}
			rand.Read(k.ID[:])
			if err := store.Store.Create(t.Context(), k, session.Record{Data: []byte("1"), Version: "1", Expires: time.Now().Add(time.Hour), Ends: time.Now().Add(time.Hour)}); err != nil {
				t.Fatal(err)
			}
		}
		own := started(t, m, user, visitor{1})
		begin := time.Now()
		if err := m.EndAll(httptest.NewRecorder(), own); err != nil {
			t.Fatal(err)
		}
		if took := time.Since(begin); took > 1300*time.Millisecond || store.most != 8 {
			t.Errorf("it took %v with %d at once, want 1.3 s with 8", took, store.most)
		}
		if all, err := store.Store.List(t.Context(), user); err != nil || len(all) > 0 {
			t.Errorf("%d are left, %v", len(all), err)
		}
	})
}

// slow takes 5 ms for each operation that deleting many needs.
type slow struct {
	session.Store
	mu        sync.Mutex
	now, most int
}

func (s *slow) Delete(ctx context.Context, k session.Key) (session.Record, error) {
	s.mu.Lock()
	s.now++
	s.most = max(s.most, s.now)
	s.mu.Unlock()
	time.Sleep(5 * time.Millisecond)
	s.mu.Lock()
	s.now--
	s.mu.Unlock()
	return s.Store.Delete(ctx, k)
}

// A store that fails is not asked again and again: each of the eight that delete
// at once stops.
func TestEndAllStopsAtFailures(t *testing.T) {
	store := &deletes{broken: broken{errors.New("the store is down")}, Memory: new(session.Memory)}
	m := manager(t, store, session.Config{MaxPerUser: 100})
	user := session.NewHandle()
	for range 99 {
		started(t, m, user, visitor{1})
	}
	own := started(t, m, user, visitor{1})
	if err := m.EndAll(httptest.NewRecorder(), own); err != store.broken.err {
		t.Errorf("EndAll: %v, want the store's error", err)
	}
	if n := store.n.Load(); n < 1 || n > 8 {
		t.Errorf("%d deletions were tried, want 8 at most", n)
	}
}

// deletes counts deletions, none of which succeeds.
type deletes struct {
	*session.Memory
	broken broken
	n      atomic.Int32
}

func (s *deletes) Delete(ctx context.Context, k session.Key) (session.Record, error) {
	s.n.Add(1)
	return s.broken.Delete(ctx, k)
}

// Two sessions that start at the same time do not end each other.
func TestStartedAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := &inStep{Store: new(session.Memory)}
		m := manager(t, store, session.Config{MaxPerUser: 1})
		user := session.NewHandle()
		store.created.Add(2)
		store.listed.Add(2)
		var both sync.WaitGroup
		for i := range 2 {
			both.Go(func() { started(t, m, user, visitor{i}) })
		}
		both.Wait()
		if all, err := store.Store.List(t.Context(), user); err != nil || len(all) != 1 {
			t.Errorf("%d sessions live, %v; want 1", len(all), err)
		}
	})
}

// An inStep is a store for two callers: both have created before one lists, and listed
// before one deletes.
type inStep struct {
	session.Store
	created, listed sync.WaitGroup
}

func (s *inStep) Create(ctx context.Context, k session.Key, rec session.Record) error {
	defer s.created.Done()
	return s.Store.Create(ctx, k, rec)
}

func (s *inStep) List(ctx context.Context, user session.Handle) ([]session.Listed, error) {
	defer s.listed.Done()
	s.created.Wait()
	return s.Store.List(ctx, user)
}

func (s *inStep) Delete(ctx context.Context, k session.Key) (session.Record, error) {
	s.listed.Wait()
	return s.Store.Delete(ctx, k)
}
