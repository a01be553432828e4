package session_test

import (
	"context"
	"crypto/sha256"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/crumb-go/crumb/shared/session"
)

// together is a request with the cookies of several requests, in that order.
func together(requests ...*http.Request) *http.Request {
	r := httptest.NewRequest("POST", "/", nil)
	var cookies []string
	for _, one := range requests {
		cookies = append(cookies, one.Header.Get("Cookie"))
	}
	r.Header.Set("Cookie", strings.Join(cookies, "; "))
	return r
}

// A browser that has the cookie in two scopes sends both, the older first.
func TestSeveralCookies(t *testing.T) {
	m := manager(t, new(session.Memory), session.Config{})
	user := session.NewHandle()
	ended := func() *http.Request {
		r := started(t, m, user, visitor{9})
		if err := m.End(httptest.NewRecorder(), r); err != nil {
			t.Fatal(err)
		}
		return r
	}
	for name, before := range map[string][]*http.Request{
		"one":                 nil,
		"second":              {ended()},
		"eighth":              {ended(), ended(), ended(), ended(), ended(), ended(), ended()},
		"behind-the-same":     {},
		"behind-what-is-none": {cookied("__Host-id=x"), cookied("other=1; __Host-id=" + strings.Repeat("A", 68))},
	} {
		t.Run(name, func(t *testing.T) {
			live, other := started(t, m, user, visitor{1}), started(t, m, session.NewHandle(), visitor{2})
			if name == "behind-the-same" {
				dead := ended()
				before = []*http.Request{dead, dead, dead, dead, dead, dead, dead, dead, dead}
			}
			r := together(append(before, live)...)
			sees(t, m, r, 1)
			if err := m.Update(r, func(v *visitor) error { v.N = 3; return nil }); err != nil {
				t.Errorf("Update: %v", err)
			}
			w := httptest.NewRecorder()
			if err := m.Renew(w, r); err != nil {
				t.Fatalf("Renew: %v", err)
			}
			refused(t, m, live)
			live = request(t, w)
			sees(t, m, live, 3)
			if err := m.End(httptest.NewRecorder(), together(append(before, live)...)); err != nil {
				t.Errorf("End: %v", err)
			}
			refused(t, m, live)
			sees(t, m, other, 2)
		})
	}
}

func cookied(cookies string) *http.Request {
	r := httptest.NewRequest("POST", "/", nil)
	r.Header.Set("Cookie", cookies)
	return r
}

func TestEightCookiesAtMost(t *testing.T) {
	store := &reads{Store: new(session.Memory)}
	m := manager(t, store, session.Config{})
	var requests []*http.Request
	for range 9 {
		requests = append(requests, started(t, manager(t, new(session.Memory), session.Config{}), session.NewHandle(), visitor{1}))
	}
	requests = append(requests, started(t, m, session.NewHandle(), visitor{1}))
	store.n = 0
	refused(t, m, together(requests...))
	if store.n != 8 {
		t.Errorf("%d reads for ten cookies, want 8", store.n)
	}
}

type reads struct {
	session.Store
	n int
}

func (s *reads) Get(ctx context.Context, k session.Key) (session.Record, error) {
	s.n++
	return s.Store.Get(ctx, k)
}

// All sessions that the request names end, of whichever user.
func TestAllThatIsNamedEnds(t *testing.T) {
	for name, do := range map[string]func(*session.Manager[visitor], http.ResponseWriter, *http.Request) error{
		"Start": func(m *session.Manager[visitor], w http.ResponseWriter, r *http.Request) error {
			return m.Start(w, r, session.NewHandle(), visitor{})
		},
		"End":    (*session.Manager[visitor]).End,
		"EndAll": (*session.Manager[visitor]).EndAll,
	} {
		t.Run(name, func(t *testing.T) {
			m := manager(t, new(session.Memory), session.Config{})
			ana, bob := session.NewHandle(), session.NewHandle()
			one, two, three := started(t, m, ana, visitor{1}), started(t, m, ana, visitor{2}), started(t, m, bob, visitor{3})
			elsewhere, theirs, other := started(t, m, ana, visitor{4}), started(t, m, bob, visitor{5}), started(t, m, session.NewHandle(), visitor{6})
			if err := do(m, httptest.NewRecorder(), together(one, three, two)); err != nil {
				t.Fatal(err)
			}
			for _, r := range []*http.Request{one, two, three} {
				refused(t, m, r)
			}
			sees(t, m, other, 6)
			if name == "EndAll" {
				refused(t, m, elsewhere)
				refused(t, m, theirs)
			} else {
				sees(t, m, elsewhere, 4)
				sees(t, m, theirs, 5)
			}
		})
	}
}

// A request without a session does not use the store, nor fail with it.
func TestWithoutACookieTheStoreIsNotAsked(t *testing.T) {
	m := manager(t, broken{errors.New("the store is down")}, session.Config{})
	for name, r := range map[string]*http.Request{
		"none":      httptest.NewRequest("GET", "/", nil),
		"malformed": cookied("__Host-id=?"),
		"short":     cookied("__Host-id=" + strings.Repeat("A", 63)),
		"long":      cookied("__Host-id=" + strings.Repeat("A", 68)),
	} {
		t.Run(name, func(t *testing.T) {
			refused(t, m, r)
			for call, err := range map[string]error{
				"Update": m.Update(r, func(*visitor) error { return nil }), "Renew": m.Renew(httptest.NewRecorder(), r),
			} {
				if !errors.Is(err, session.ErrNone) {
					t.Errorf("%s: %v, want ErrNone", call, err)
				}
			}
			signsOut(t, m, r)
		})
	}
}

// Signing out a second time is not an error, and tells the browser the same.
func TestEndOfWhatHasEnded(t *testing.T) {
	m := manager(t, new(session.Memory), session.Config{})
	r := started(t, m, session.NewHandle(), visitor{1})
	for range 2 {
		signsOut(t, m, r)
		refused(t, m, r)
	}
	signsOut(t, m, cookied("__Host-id="+strings.Repeat("A", 64)))
}

func signsOut(t *testing.T, m *session.Manager[visitor], r *http.Request) {
	t.Helper()
	for name, end := range map[string]func(http.ResponseWriter, *http.Request) error{"End": m.End, "EndAll": m.EndAll} {
		w := httptest.NewRecorder()
		if err := end(w, r); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if h := w.Header(); !strings.Contains(h.Get("Set-Cookie"), "__Host-id=; ") || !strings.Contains(h.Get("Set-Cookie"), "Max-Age=0") ||
			h.Get("Clear-Site-Data") != `"storage"` || h.Get("Cache-Control") != "no-store" {
			t.Errorf("%s: header %v", name, h)
		}
	}
}

// An expired session is rejected even if the store still has it, as DynamoDB does for days.
// Nor can it end others.
func TestStoresThatRemoveLate(t *testing.T) {
	now := time.Now().Truncate(time.Second)
	for name, change := range map[string]func(*session.Record){
		"expired":     func(rec *session.Record) { rec.Expires = now.Add(-time.Second) },
		"ended":       func(rec *session.Record) { rec.Ends = now.Add(-time.Second) },
		"this-second": func(rec *session.Record) { rec.Expires = now },
		"just-ended":  func(rec *session.Record) { rec.Ends = now },
		"a-place":     func(rec *session.Record) { rec.Data = nil },
	} {
		t.Run(name, func(t *testing.T) {
			user := session.NewHandle()
			rec := session.Record{Data: []byte(`{"N":1}`), Version: "1", Expires: now.Add(time.Hour), Ends: now.Add(time.Hour)}
			change(&rec)
			var token [32]byte
			store := &late{Store: new(session.Memory), key: session.Key{User: user, ID: sha256.Sum256(token[:])}, rec: rec}
			m := manager(t, store, session.Config{})
			other := started(t, m, user, visitor{2})
			line, err := idCookie.Line(string(user[:]) + string(token[:]))
			if err != nil {
				t.Fatal(err)
			}
			cookie, _, _ := strings.Cut(line, ";")
			r := cookied(cookie)
			refused(t, m, r)
			if err := m.Update(r, func(*visitor) error { return nil }); !errors.Is(err, session.ErrNone) {
				t.Errorf("Update: %v, want ErrNone", err)
			}
			w := httptest.NewRecorder()
			if err := m.Renew(w, r); !errors.Is(err, session.ErrNone) || len(w.Header()) > 0 {
				t.Errorf("Renew: %v with header %v, want ErrNone", err, w.Header())
			}
			if err := m.EndAll(w, r); err != nil {
				t.Errorf("EndAll: %v", err)
			}
			sees(t, m, other, 2)
		})
	}
}

// A late store has one more record, which it returns even if it has expired.
type late struct {
	session.Store
	key session.Key
	rec session.Record
}

func (s *late) Get(ctx context.Context, k session.Key) (session.Record, error) {
	if k == s.key {
		return s.rec, nil
	}
	return s.Store.Get(ctx, k)
}

func (s *late) Delete(ctx context.Context, k session.Key) (session.Record, error) {
	if k == s.key {
		return s.rec, nil
	}
	return s.Store.Delete(ctx, k)
}
