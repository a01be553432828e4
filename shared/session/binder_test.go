package session_test

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"os/exec"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/crumb-go/crumb/shared/session"
)

// A binder binds sessions to a header of the request.
type binder struct {
	binding string // of new sessions
	err     error  // of Bind
	unbound int
}

func (b *binder) Bind(w http.ResponseWriter, r *http.Request) ([]byte, error) {
	w.Header().Set("Bound", "yes")
	return []byte(b.binding), b.err
}

var errBusy = errors.New("busy")

func (b *binder) Allow(r *http.Request, binding []byte) error {
	switch shown := r.Header.Get("Shows"); shown {
	case string(binding):
		return nil
	case "busy":
		return errBusy
	default:
		return errWrong
	}
}

var errWrong = errors.Join(errors.New("the wrong header"), session.ErrNone)

func (b *binder) Unbind(http.ResponseWriter) error { b.unbound++; return b.err }

func TestBinder(t *testing.T) {
	store := new(session.Memory)
	b := &binder{binding: "a key"}
	m := manager(t, store, session.Config{Binder: b})
	r := started(t, m, session.NewHandle(), visitor{1})
	for _, tc := range []struct {
		name, shows string
		want        error
	}{{"right", "a key", nil}, {"wrong", "another", errWrong}, {"nothing", "", errWrong}, {"busy", "busy", errBusy}} {
		t.Run(tc.name, func(t *testing.T) {
			r := r.Clone(t.Context())
			r.Header.Set("Shows", tc.shows)
			_, err := m.Get(r)
			if err != tc.want {
				t.Errorf("Get: %v, want %v", err, tc.want)
			}
			if err := m.Update(r, func(*visitor) error { return nil }); err != tc.want {
				t.Errorf("Update: %v, want %v", err, tc.want)
			}
			if tc.want != nil {
				if err := m.Renew(httptest.NewRecorder(), r); err != tc.want {
					t.Errorf("Renew: %v, want %v", err, tc.want)
				}
			}
		})
	}
	w := httptest.NewRecorder()
	if err := m.End(w, r); err != nil || b.unbound != 1 || !strings.Contains(w.Header().Get("Set-Cookie"), "Max-Age=0") {
		t.Errorf("End: %v, Unbind was called %d times, headers %v", err, b.unbound, w.Header())
	}
	r.Header.Set("Shows", "a key")
	refused(t, m, r)
}

// A function without the Binder does not let in a stolen cookie, and a session from before
// there was one is the Binder's to judge.
func TestBinderIsMissing(t *testing.T) {
	store := new(session.Memory)
	with, without := manager(t, store, session.Config{Binder: &binder{binding: "a key"}}), manager(t, store, session.Config{})
	bound, free := started(t, with, session.NewHandle(), visitor{1}), started(t, without, session.NewHandle(), visitor{2})
	refused(t, without, bound)
	sees(t, without, free, 2)
	if err := without.Renew(httptest.NewRecorder(), bound); err != session.ErrNone {
		t.Errorf("Renew: %v", err)
	}
	sees(t, with, free, 2) // it shows nothing, as its Binding is empty
	bound.Header.Add("Cookie", free.Header.Get("Cookie"))
	sees(t, without, bound, 2) // the first that it may use
	if err := without.EndAll(httptest.NewRecorder(), bound); err != nil {
		t.Fatal(err)
	}
	bound.Header.Set("Shows", "a key")
	refused(t, with, bound)
}

func TestBinderFails(t *testing.T) {
	for name, b := range map[string]*binder{"error": {err: errBusy}, "too-large": {binding: strings.Repeat("k", session.MaxBinding+1)}} {
		t.Run(name, func(t *testing.T) {
			store := &journal{Store: new(session.Memory)}
			m := manager(t, store, session.Config{Binder: b})
			w := httptest.NewRecorder()
			err := m.Start(w, httptest.NewRequest("POST", "/login", nil), session.NewHandle(), visitor{1})
			want := "busy"
			if b.err == nil {
				want = "session: the Binding has 4097 bytes, at most 4096"
			}
			if err == nil || err.Error() != want || len(store.created) > 0 || len(w.Header()["Set-Cookie"]) > 0 {
				t.Errorf("Start: %v, %d records, %q", err, len(store.created), w.Header())
			}
			if err := m.End(w, httptest.NewRequest("POST", "/logout", nil)); err != b.err {
				t.Errorf("End: %v, want %v", err, b.err)
			}
		})
	}
}

func TestRebind(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := &journal{Store: new(session.Memory)}
		m := manager(t, store, session.Config{Binder: &binder{binding: "one"}})
		r := started(t, m, session.NewHandle(), visitor{1})
		second := started(t, m, session.NewHandle(), visitor{2})
		r.Header.Add("Cookie", second.Header.Get("Cookie"))
		time.Sleep(20 * time.Minute)

		var seen []string
		to := func(next string, err error) func([]byte) ([]byte, error) {
			return func(old []byte) ([]byte, error) {
				seen = append(seen, string(old))
				if next == "" {
					return nil, err
				}
				return []byte(next), err
			}
		}
		if err := m.Rebind(r, to("two", nil)); err != nil || len(store.replaced) != 1 || len(seen) != 1 {
			t.Errorf("Rebind: %v, %d writes, saw %q", err, len(store.replaced), seen)
		}
		if rec := store.replaced[0]; !rec.Expires.Equal(store.created[0].Expires) || string(rec.Data) != `{"N":1}` || rec.Version == store.created[0].Version {
			t.Errorf("Rebind writes %v", rec)
		}
		seen = nil
		if err := m.Rebind(r, to("", session.ErrNone)); err != session.ErrNone || strings.Join(seen, " ") != "two one" {
			t.Errorf("Rebind: %v, saw %q, want both", err, seen)
		}
		for name, change := range map[string]func([]byte) ([]byte, error){"nil": to("", nil), "error": to("three", errBusy), "too-large": to(strings.Repeat("k", session.MaxBinding+1), nil)} {
			if err := m.Rebind(r, change); (err == nil) != (name == "nil") || len(store.replaced) != 1 {
				t.Errorf("%s: %v, %d writes", name, err, len(store.replaced))
			}
		}
		if err := m.Rebind(httptest.NewRequest("GET", "/", nil), to("x", nil)); err != session.ErrNone {
			t.Errorf("without a cookie: %v", err)
		}
		r.Header.Set("Shows", "two")
		sees(t, m, r, 1)
		largest := strings.Repeat("k", session.MaxBinding)
		if err := m.Rebind(r, to(largest, nil)); err != nil {
			t.Errorf("Rebind to %d bytes: %v", session.MaxBinding, err)
		}
		if err := m.End(httptest.NewRecorder(), r); err != nil {
			t.Fatal(err)
		}
		seen = nil
		if err := m.Rebind(r, to("x", nil)); err != session.ErrNone || len(seen) > 0 {
			t.Errorf("Rebind of ended sessions: %v, saw %q", err, seen)
		}
	})
}

// A write of another request is not lost, and an ended session does not come back.
func TestRebindRaces(t *testing.T) {
	m := manager(t, new(session.Memory), session.Config{Binder: &binder{binding: "0"}})
	r := started(t, m, session.NewHandle(), visitor{1})
	r.Header.Set("Shows", "0")
	calls := 0
	err := m.Rebind(r, func(old []byte) ([]byte, error) {
		if calls++; calls == 1 {
			if err := m.Update(r, func(v *visitor) error { v.N = 9; return nil }); err != nil {
				t.Fatal(err)
			}
		}
		return []byte(string(old) + "1"), nil
	})
	r.Header.Set("Shows", "01")
	if sees(t, m, r, 9); err != nil || calls != 2 {
		t.Errorf("Rebind: %v, %d calls", err, calls)
	}
	err = m.Rebind(r, func([]byte) ([]byte, error) { return []byte("2"), m.End(httptest.NewRecorder(), r) })
	if err != session.ErrNone {
		t.Errorf("Rebind of a session that ends: %v", err)
	}
	r.Header.Set("Shows", "2")
	refused(t, m, r)
	r = started(t, m, session.NewHandle(), visitor{1})
	err = m.Rebind(r, func(old []byte) ([]byte, error) {
		r.Header.Set("Shows", string(old))
		return append(old, 'x'), m.Update(r, func(v *visitor) error { v.N++; return nil })
	})
	if err != session.ErrConflict {
		t.Errorf("Rebind of a session that never rests: %v", err)
	}
}

func TestRebindStoreFails(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	m := manager(t, new(session.Memory), session.Config{Binder: &binder{binding: "0"}})
	r := started(t, m, session.NewHandle(), visitor{1}).WithContext(ctx)
	change := func([]byte) ([]byte, error) { cancel(); return []byte("1"), nil }
	if err := m.Rebind(r, change); !errors.Is(err, context.Canceled) {
		t.Errorf("Rebind: %v", err)
	}
	down := errors.New("the store is down")
	if err := manager(t, broken{down}, session.Config{}).Rebind(r.WithContext(t.Context()), change); err != down {
		t.Errorf("Rebind: %v, want the store's error", err)
	}
}

// This package does not need those that bind sessions, nor what they need.
func TestImports(t *testing.T) {
	out, err := exec.Command("go", "list", "-deps", ".").Output()
	if err != nil || len(out) == 0 {
		t.Fatal(err)
	}
	for dep := range strings.Lines(string(out)) {
		for _, never := range []string{"shared/dbsc", "devicebound", "httpsfv", "frontdoor", "aws-"} {
			if strings.Contains(dep, never) {
				t.Errorf("session imports %s", dep)
			}
		}
	}
}
