package session_test

import (
	"context"
	"errors"
	"net/http/httptest"
	"reflect"
	"testing"
	"testing/synctest"
	"time"

	"github.com/crumb-go/crumb/shared/session"
)

// A journal records what is written to a store.
type journal struct {
	session.Store
	created, replaced []session.Record
	touched           []time.Time
	last              session.Key
	mark              string
	markExpires       time.Time
}

func (j *journal) Create(ctx context.Context, k session.Key, rec session.Record) error {
	j.created, j.last = append(j.created, rec), k
	return j.Store.Create(ctx, k, rec)
}

func (j *journal) Replace(ctx context.Context, k session.Key, rec session.Record, version string) error {
	j.replaced = append(j.replaced, rec)
	return j.Store.Replace(ctx, k, rec, version)
}

func (j *journal) Touch(ctx context.Context, k session.Key, expires time.Time) error {
	j.touched = append(j.touched, expires)
	return j.Store.Touch(ctx, k, expires)
}

func (j *journal) SetMark(ctx context.Context, user session.Handle, mark string, expires time.Time) error {
	j.mark, j.markExpires = mark, expires
	return j.Store.SetMark(ctx, user, mark, expires)
}

// Updates and renewals keep what a session has beside its data.
func TestRecords(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := &journal{Store: new(session.Memory)}
		m := manager(t, store, session.Config{Idle: time.Hour, Absolute: 3 * time.Hour, Binder: &binder{binding: "a key"}})
		user, begin := session.NewHandle(), time.Now()
		time.Sleep(300 * time.Millisecond) // Expires and Ends are in whole seconds
		if err := m.EndUser(t.Context(), user); err != nil {
			t.Fatal(err)
		}
		r := started(t, m, user, visitor{1})
		r.Header.Set("Shows", "a key")
		want := store.created[0]
		if want.Version == "" || want.Mark != store.mark || string(want.Binding) != "a key" || !want.Started.Equal(begin.Add(300*time.Millisecond)) || !want.Expires.Equal(begin.Add(time.Hour)) || !want.Ends.Equal(begin.Add(3*time.Hour)) {
			t.Errorf("Start creates %v", want)
		}
		time.Sleep(40 * time.Minute)
		if err := m.Update(r, func(v *visitor) error { v.N = 2; return nil }); err != nil {
			t.Fatal(err)
		}
		time.Sleep(40 * time.Minute)
		w := httptest.NewRecorder()
		if err := m.Renew(w, r); err != nil {
			t.Fatal(err)
		}
		place := store.created[1]
		if len(place.Data) > 0 || len(place.Binding) > 0 || place.Version == "" || !place.Expires.Equal(begin.Add(140*time.Minute)) {
			t.Errorf("Renew creates %v, want no data yet", place)
		}
		got, err := store.Get(t.Context(), store.last)
		want.Data, want.Version, want.Expires = []byte(`{"N":2}`), got.Version, begin.Add(140*time.Minute)
		if err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("in the end there is %v, %v, want %v", got, err, want)
		}

		r = request(t, w)
		r.Header.Set("Shows", "a key")
		time.Sleep(50 * time.Minute)
		sees(t, m, r, 2)
		for _, rec := range append(store.created, store.replaced...) {
			if rec.Expires.After(rec.Ends) {
				t.Errorf("expires at %v, after the end at %v", rec.Expires, rec.Ends)
			}
		}
		if len(store.touched) != 1 || !store.touched[0].Equal(begin.Add(3*time.Hour)) {
			t.Errorf("touched to %v, want the end", store.touched)
		}
		versions := map[string]bool{}
		for _, rec := range append(store.created, store.replaced...) {
			versions[rec.Version] = true
		}
		if len(versions) != len(store.created)+len(store.replaced) {
			t.Errorf("%d versions in %d writes", len(versions), len(store.created)+len(store.replaced))
		}
	})
}

// A mark is kept longer than any session from before it, whichever Manager of the store
// started that.
func TestMarksAreKept(t *testing.T) {
	for absolute, want := range map[time.Duration]time.Duration{0: 400 * 24 * time.Hour, 1000 * 24 * time.Hour: 1000 * 24 * time.Hour} {
		synctest.Test(t, func(t *testing.T) {
			store := &journal{Store: new(session.Memory)}
			m := manager(t, store, session.Config{Absolute: absolute})
			if err := m.EndUser(t.Context(), session.NewHandle()); err != nil {
				t.Fatal(err)
			}
			if got := time.Until(store.markExpires); got != want {
				t.Errorf("Absolute %v: the mark is kept for %v, want %v", absolute, got, want)
			}
			first := store.mark
			if err := m.EndUser(t.Context(), session.NewHandle()); err != nil || store.mark == first || first == "" {
				t.Errorf("marks %q and %q, %v", first, store.mark, err)
			}
		})
	}
}

// A mark that the store has removed does not belong to a live session.
func TestRenewWithoutItsMark(t *testing.T) {
	store := &forgetful{Store: new(session.Memory)}
	m := manager(t, store, session.Config{})
	user := session.NewHandle()
	if err := m.EndUser(t.Context(), user); err != nil {
		t.Fatal(err)
	}
	r := started(t, m, user, visitor{1})
	store.forgets = true
	w := httptest.NewRecorder()
	if err := m.Renew(w, r); err != nil {
		t.Fatal(err)
	}
	sees(t, m, request(t, w), 1)
}

type forgetful struct {
	session.Store
	forgets bool
}

func (s *forgetful) Mark(ctx context.Context, user session.Handle) (string, error) {
	if s.forgets {
		return "", nil
	}
	return s.Store.Mark(ctx, user)
}

// A session whose user has another mark, for example because it was started while all were
// ended, ends when Renew notices.
func TestRenewWithAnotherMark(t *testing.T) {
	store := &journal{Store: new(session.Memory)}
	m := manager(t, store, session.Config{})
	user := session.NewHandle()
	r := started(t, m, user, visitor{1})
	if err := store.SetMark(t.Context(), user, "another", time.Now().Add(time.Hour)); err != nil {
		t.Fatal(err)
	}
	sees(t, m, r, 1)
	w := httptest.NewRecorder()
	if err := m.Renew(w, r); !errors.Is(err, session.ErrNone) || len(w.Header()) > 0 {
		t.Errorf("Renew: %v with header %v, want ErrNone", err, w.Header())
	}
	refused(t, m, r)
	if len(store.created) != 1 {
		t.Error("Renew kept a place, though the mark had changed before")
	}
}

// Renew does not report a session as ended if it cannot be ended.
func TestRenewWithAnotherMarkFails(t *testing.T) {
	store := &lingering{Store: new(session.Memory)}
	m := manager(t, store, session.Config{})
	user := session.NewHandle()
	r := started(t, m, user, visitor{1})
	if err := store.SetMark(t.Context(), user, "another", time.Now().Add(time.Hour)); err != nil {
		t.Fatal(err)
	}
	store.err = errors.New("the store is down")
	if err := m.Renew(httptest.NewRecorder(), r); err != store.err {
		t.Errorf("Renew: %v, want the store's error", err)
	}
	sees(t, m, r, 1)
}

// A session that expires between two requests to the store is not renewed.
func TestRenewOfWhatExpires(t *testing.T) {
	store := &lingering{Store: new(session.Memory)}
	m := manager(t, store, session.Config{})
	r := started(t, m, session.NewHandle(), visitor{1})
	store.expired = true
	w := httptest.NewRecorder()
	if err := m.Renew(w, r); !errors.Is(err, session.ErrNone) || len(w.Header()) > 0 {
		t.Errorf("Renew: %v with header %v, want ErrNone", err, w.Header())
	}
}

// lingering deletes nothing, or only expired records.
type lingering struct {
	session.Store
	err     error
	expired bool
}

func (s *lingering) Delete(ctx context.Context, k session.Key) (session.Record, error) {
	if s.err != nil {
		return session.Record{}, s.err
	}
	rec, err := s.Store.Delete(ctx, k)
	if s.expired {
		rec.Expires = time.Now().Add(-time.Second)
	}
	return rec, err
}
