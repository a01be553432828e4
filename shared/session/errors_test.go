package session_test

import (
	"cmp"
	"context"
	"errors"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/crumb-go/crumb/shared/cookie"
	"github.com/crumb-go/crumb/shared/session"
)

func TestUpdateGivesUpClearly(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := manager(t, conflicts{new(session.Memory)}, session.Config{})
		r := started(t, m, session.NewHandle(), visitor{1})
		calls := 0
		err := m.Update(r, func(*visitor) error { calls++; return nil })
		if !errors.Is(err, session.ErrConflict) || calls != 16 {
			t.Errorf("Update: %v after %d calls, want ErrConflict after 16", err, calls)
		}
		ctx, cancel := context.WithCancel(t.Context())
		err = m.Update(r.WithContext(ctx), func(*visitor) error { cancel(); return nil })
		if !errors.Is(err, context.Canceled) {
			t.Errorf("Update: %v, want context.Canceled", err)
		}
	})
}

type conflicts struct{ session.Store }

// Update waits up to 2^n ms, at most 64, before the n-th repetition, and does not wait before
// the first attempt.
func TestUpdateWaits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := manager(t, conflicts{new(session.Memory)}, session.Config{})
		r := started(t, m, session.NewHandle(), visitor{1})
		longest := make([]time.Duration, 16)
		for range 200 {
			n, last := 0, time.Now()
			_ = m.Update(r, func(*visitor) error {
				longest[n] = max(longest[n], time.Since(last))
				n, last = n+1, time.Now()
				return nil
			})
		}
		if longest[0] != 0 {
			t.Errorf("%v before the first attempt", longest[0])
		}
		for n, got := range longest[1:] {
			if bound := min(2*time.Millisecond<<n, 64*time.Millisecond); got >= bound || got < bound*9/10 {
				t.Errorf("%v at the longest before repetition %d, want nearly %v", got, n+1, bound)
			}
		}
	})
}

// A failure of the store never counts as "signed out".
func TestStoreErrors(t *testing.T) {
	down := errors.New("the store is down")
	memory := new(session.Memory)
	r := started(t, manager(t, memory, session.Config{}), session.NewHandle(), visitor{1})
	m := manager(t, broken{down}, session.Config{})
	w := httptest.NewRecorder()
	_, get := m.Get(r)
	for name, err := range map[string]error{
		"Get":    get,
		"Start":  m.Start(w, httptest.NewRequest("POST", "/", nil), session.NewHandle(), visitor{}),
		"again":  m.Start(w, r, session.NewHandle(), visitor{}),
		"Update": m.Update(r, func(*visitor) error { return nil }),
		"Renew":  m.Renew(w, r),
		"End":    m.End(w, r),
		"EndAll": m.EndAll(w, r),
	} {
		if err != down {
			t.Errorf("%s: %v, want the store's error", name, err)
		}
	}
	if len(w.Header()) != 0 {
		t.Errorf("headers %v after failures, want none", w.Header())
	}
}

type broken struct{ err error }

func (b broken) Create(context.Context, session.Key, session.Record) error { return b.err }
func (b broken) Get(context.Context, session.Key) (session.Record, error) {
	return session.Record{}, b.err
}
func (b broken) Replace(context.Context, session.Key, session.Record, string) error { return b.err }
func (b broken) Touch(context.Context, session.Key, time.Time) error                { return b.err }
func (b broken) Delete(context.Context, session.Key) (session.Record, error) {
	return session.Record{}, b.err
}
func (b broken) List(context.Context, session.Handle) ([]session.Listed, error) { return nil, b.err }
func (b broken) Mark(context.Context, session.Handle) (string, error)           { return "", b.err }
func (b broken) SetMark(context.Context, session.Handle, string, time.Time) error {
	return b.err
}

// partly fails some operations of a store.
type partly struct {
	session.Store
	mark, list error
}

func (s partly) Mark(ctx context.Context, user session.Handle) (string, error) {
	mark, err := s.Store.Mark(ctx, user)
	return mark, cmp.Or(s.mark, err)
}

func (s partly) List(ctx context.Context, user session.Handle) ([]session.Listed, error) {
	all, err := s.Store.List(ctx, user)
	return all, cmp.Or(s.list, err)
}

// A request whose session has ended does not succeed in ending all if it cannot find out
// whether an earlier EndAll has left some.
func TestEndAllThatCannotReadTheMark(t *testing.T) {
	down, memory := errors.New("the store is down"), new(session.Memory)
	m := manager(t, memory, session.Config{})
	r := started(t, m, session.NewHandle(), visitor{1})
	if err := m.End(httptest.NewRecorder(), r); err != nil {
		t.Fatal(err)
	}
	w := httptest.NewRecorder()
	if err := manager(t, partly{Store: memory, mark: down}, session.Config{}).EndAll(w, r); err != down || len(w.Header()) != 0 {
		t.Errorf("EndAll: %v and headers %v, want the store's error and none", err, w.Header())
	}
}

// A Start that fails does not leave a session without an owner.
func TestStartThatFailsLeavesNothing(t *testing.T) {
	down, memory, user := errors.New("the store is down"), new(session.Memory), session.NewHandle()
	m := manager(t, partly{Store: memory, list: down}, session.Config{})
	if err := m.Start(httptest.NewRecorder(), httptest.NewRequest("POST", "/", nil), user, visitor{}); err != down {
		t.Errorf("Start: %v, want the store's error", err)
	}
	if all, err := memory.List(t.Context(), user); len(all) > 0 || err != nil {
		t.Errorf("List = %v, %v, want no sessions", all, err)
	}
}

// Programs log these.
func TestErrorTexts(t *testing.T) {
	for err, want := range map[error]string{
		session.ErrNone:     "session: none",
		session.ErrConflict: "session: too many concurrent updates",
		session.ErrTooLarge: "session: too much data for the store",
	} {
		if err.Error() != want {
			t.Errorf("%q, want %q", err, want)
		}
	}
}

func TestConfig(t *testing.T) {
	plain := cookie.Must(cookie.New("__Host-id", cookie.Attributes{}))
	percent := cookie.Must(cookie.New("__Host-id", cookie.Attributes{Encoding: cookie.Percent}))
	open := cookie.Must(cookie.New("id", cookie.Attributes{Encoding: cookie.Base64}))
	lower := cookie.Must(cookie.New("__host-id", cookie.Attributes{Encoding: cookie.Base64}))
	hostHTTP := cookie.Must(cookie.New("__Host-Http-id", cookie.Attributes{Encoding: cookie.Base64}))
	for _, tc := range []struct {
		name   string
		store  session.Store
		config session.Config
		want   []string
	}{
		{"good", new(session.Memory), session.Config{Cookie: idCookie}, nil},
		{"host-http", new(session.Memory), session.Config{Cookie: hostHTTP}, nil},
		{"everything", nil, session.Config{Idle: -1, Absolute: -2, MaxPerUser: -3, ClearSiteData: []string{""}}, []string{
			"the Store is nil", "Config has no Cookie", "Idle is -1ns, less than 1 s", "Absolute is -2ns, less than Idle, -1ns",
			"MaxPerUser is negative (-3)", `ClearSiteData has "", which is not a directive`,
		}},
		{"quoted-directive", new(session.Memory), session.Config{Cookie: idCookie, ClearSiteData: []string{"storage", `"cookies"`}}, []string{`ClearSiteData has "\"cookies\"", which is not a directive`}},
		{"behind-the-letters", new(session.Memory), session.Config{Cookie: idCookie, ClearSiteData: []string{"a["}}, []string{`ClearSiteData has "a[", which is not a directive`}},
		{"behind-the-small-letters", new(session.Memory), session.Config{Cookie: idCookie, ClearSiteData: []string{"{"}}, []string{`ClearSiteData has "{", which is not a directive`}},
		{"before-the-small-letters", new(session.Memory), session.Config{Cookie: idCookie, ClearSiteData: []string{"`"}}, []string{"ClearSiteData has \"`\", which is not a directive"}},
		{"before-the-letters", new(session.Memory), session.Config{Cookie: idCookie, ClearSiteData: []string{"@"}}, []string{`ClearSiteData has "@", which is not a directive`}},
		{"two-directives-in-one", new(session.Memory), session.Config{Cookie: idCookie, ClearSiteData: []string{"cache, storage"}}, []string{`ClearSiteData has "cache, storage", which is not a directive`}},
		{"plain", new(session.Memory), session.Config{Cookie: plain}, []string{`the cookie "__Host-id" needs Encoding: cookie.Base64`}},
		{"percent", new(session.Memory), session.Config{Cookie: percent}, []string{`the cookie "__Host-id" needs Encoding: cookie.Base64`}},
		{"no-prefix", new(session.Memory), session.Config{Cookie: open}, []string{`the name "id" does not begin with __Host-, so other hosts could plant the cookie`}},
		{"lower-case-prefix", new(session.Memory), session.Config{Cookie: lower}, []string{`the name "__host-id" does not begin with __Host-, so other hosts could plant the cookie`}},
		{"short-idle", new(session.Memory), session.Config{Cookie: idCookie, Idle: time.Second - 1}, []string{"Idle is 999.999999ms, less than 1 s"}},
		{"idle-over-absolute", new(session.Memory), session.Config{Cookie: idCookie, Idle: 13 * time.Hour}, []string{"Absolute is 12h0m0s, less than Idle, 13h0m0s"}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			m, err := session.New[visitor](tc.store, tc.config)
			if (m != nil) != (tc.want == nil) || (err == nil) != (tc.want == nil) {
				t.Fatalf("New = %v, %v", m, err)
			}
			if want := "session: " + strings.Join(tc.want, "\nsession: "); err != nil && err.Error() != want {
				t.Errorf("New: %v, want %s", err, want)
			}
		})
	}
}
