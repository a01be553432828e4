package session_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"log"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/crumb-go/crumb/shared/cookie"
	"github.com/crumb-go/crumb/shared/session"
)

type visitor struct{ N int }

var idCookie = cookie.Must(cookie.New("__Host-id", cookie.Attributes{Encoding: cookie.Base64}))

func manager(t testing.TB, s session.Store, c session.Config) *session.Manager[visitor] {
	t.Helper()
	if c.Cookie == nil {
		c.Cookie = idCookie
	}
	m, err := session.New[visitor](s, c)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// started returns a request with the cookie of a new session.
func started(t testing.TB, m *session.Manager[visitor], user session.Handle, v visitor) *http.Request {
	t.Helper()
	w := httptest.NewRecorder()
	if err := m.Start(w, httptest.NewRequest("POST", "/login", nil), user, v); err != nil {
		t.Fatal(err)
	}
	return request(t, w)
}

// request returns a request with the cookie that a response sets.
func request(t testing.TB, w *httptest.ResponseRecorder) *http.Request {
	t.Helper()
	cookies := w.Result().Cookies()
	if len(cookies) != 1 {
		t.Fatalf("the response sets %d cookies", len(cookies))
	}
	r := httptest.NewRequest("GET", "/", nil)
	r.Header.Set("Cookie", cookies[0].Name+"="+cookies[0].Value)
	return r
}

func sees(t testing.TB, m *session.Manager[visitor], r *http.Request, want int) {
	t.Helper()
	if got, err := m.Get(r); err != nil || got.N != want {
		t.Errorf("Get = %v, %v, want %d", got, err, want)
	}
}

func refused(t testing.TB, m *session.Manager[visitor], r *http.Request) {
	t.Helper()
	if got, err := m.Get(r); !errors.Is(err, session.ErrNone) {
		t.Errorf("Get = %v, %v, want ErrNone", got, err)
	}
}

func TestStartGetEnd(t *testing.T) {
	m := manager(t, new(session.Memory), session.Config{})
	w := httptest.NewRecorder()
	if err := m.Start(w, httptest.NewRequest("POST", "/login", nil), session.NewHandle(), visitor{7}); err != nil {
		t.Fatal(err)
	}
	line := w.Header().Get("Set-Cookie")
	name, rest, _ := strings.Cut(line, "=")
	value, attributes, _ := strings.Cut(rest, ";")
	if name != "__Host-id" || len(value) != 64 || attributes != " Path=/; Secure; HttpOnly; SameSite=Lax" {
		t.Errorf("Set-Cookie: %s", line)
	}
	if got := w.Header().Get("Cache-Control"); got != "no-store" {
		t.Errorf("Cache-Control = %q", got)
	}
	r := request(t, w)
	sees(t, m, r, 7)

	w = httptest.NewRecorder()
	if err := m.End(w, r); err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{
		"Set-Cookie":      "__Host-id=; Path=/; Expires=Thu, 01 Jan 1970 00:00:00 GMT; Max-Age=0; Secure; HttpOnly; SameSite=Lax",
		"Cache-Control":   "no-store",
		"Clear-Site-Data": `"storage"`,
	} {
		if got := w.Header().Get(name); got != want {
			t.Errorf("%s = %q, want %q", name, got, want)
		}
	}
	refused(t, m, r)
}

func TestClearSiteData(t *testing.T) {
	for _, tc := range []struct {
		name       string
		directives []string
		want       []string
	}{
		{"default", nil, []string{`"storage"`}},
		{"none", []string{}, nil},
		{"some", []string{"cookies", "executionContexts"}, []string{`"cookies", "executionContexts"`}},
		{"all", []string{"*"}, []string{`"*"`}},
		{"letters", []string{"AZaz"}, []string{`"AZaz"`}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			m := manager(t, new(session.Memory), session.Config{ClearSiteData: tc.directives})
			for name, end := range map[string]func(http.ResponseWriter, *http.Request) error{"End": m.End, "EndAll": m.EndAll} {
				w := httptest.NewRecorder()
				if err := end(w, started(t, m, session.NewHandle(), visitor{})); err != nil {
					t.Fatal(err)
				}
				if got := w.Header()["Clear-Site-Data"]; !slices.Equal(got, tc.want) {
					t.Errorf("%s: %q, want %q", name, got, tc.want)
				}
			}
		})
	}
}

// The logger is the default one at the time of logging: main may set it after it has made its
// managers.
func TestDefaultLogger(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := &touches{Store: new(session.Memory), err: errors.New("the store is down")}
		m := manager(t, store, session.Config{})
		r := started(t, m, session.NewHandle(), visitor{1})
		var text bytes.Buffer
		defer log.SetOutput(log.Writer()) // which slog.SetDefault changes too
		defer log.SetFlags(log.Flags())
		defer slog.SetDefault(slog.Default())
		slog.SetDefault(slog.New(contextHandler{slog.NewTextHandler(&text, nil)}))
		time.Sleep(10 * time.Minute)
		sees(t, m, r.WithContext(context.WithValue(t.Context(), contextHandler{}, "of the request")), 1)
		if !strings.Contains(text.String(), "of the request") {
			t.Errorf("the log says %q, want a line with what is in the request's context", &text)
		}
	})
}

// A contextHandler adds the context's value for its type.
type contextHandler struct{ slog.Handler }

func (h contextHandler) Handle(ctx context.Context, r slog.Record) error {
	r.AddAttrs(slog.Any("context", ctx.Value(contextHandler{})))
	return h.Handler.Handle(ctx, r)
}

// The store never has what would let anyone sign in.
func TestTheStoreDoesNotSeeTheToken(t *testing.T) {
	spy := &spyStore{Store: new(session.Memory)}
	r := started(t, manager(t, spy, session.Config{}), session.Handle{'h'}, visitor{1})
	value, _ := idCookie.Get(r)
	if token := value[16:]; strings.Contains(spy.seen, token) || len(token) != 32 {
		t.Error("the store was given the token")
	}
	if !strings.Contains(value, "h\x00") {
		t.Error("the cookie does not hold the handle")
	}
}

type spyStore struct {
	session.Store
	seen string
}

func (s *spyStore) Create(ctx context.Context, k session.Key, rec session.Record) error {
	s.seen += string(k.User[:]) + string(k.ID[:]) + string(rec.Data) + rec.Version
	return s.Store.Create(ctx, k, rec)
}

func TestForeignIDsAreNotAdopted(t *testing.T) {
	m := manager(t, new(session.Memory), session.Config{})
	good := started(t, m, session.NewHandle(), visitor{1})
	value, _ := idCookie.Get(good)
	for name, text := range map[string]string{
		"unknown":       strings.Repeat("x", 48),
		"short":         value[:47],
		"long":          value + "x",
		"other-user":    flipped(value, 0),
		"other-token":   flipped(value, 47),
		"handle-only":   value[:16],
		"nothing-but-0": strings.Repeat("\x00", 48),
	} {
		t.Run(name, func(t *testing.T) {
			line, err := idCookie.Line(text)
			if err != nil {
				t.Fatal(err)
			}
			sent, _, _ := strings.Cut(line, ";")
			r := httptest.NewRequest("POST", "/login", nil)
			r.Header.Set("Cookie", sent)
			refused(t, m, r)
			if err := m.Update(r, func(*visitor) error { return nil }); !errors.Is(err, session.ErrNone) {
				t.Errorf("Update: %v, want ErrNone", err)
			}
			if err := m.Renew(httptest.NewRecorder(), r); !errors.Is(err, session.ErrNone) {
				t.Errorf("Renew: %v, want ErrNone", err)
			}
			if err := m.EndAll(httptest.NewRecorder(), r); err != nil {
				t.Errorf("EndAll: %v", err)
			}
			w := httptest.NewRecorder()
			if err := m.Start(w, r, session.NewHandle(), visitor{2}); err != nil {
				t.Fatal(err)
			}
			if strings.HasPrefix(w.Header().Get("Set-Cookie"), sent) {
				t.Error("Start took over the request's id")
			}
			refused(t, m, r)
		})
	}
	sees(t, m, good, 1)
	refused(t, m, httptest.NewRequest("GET", "/", nil))
}

// flipped is s with one byte changed. As ids are random, a fixed byte might already be there.
func flipped(s string, i int) string {
	b := []byte(s)
	b[i] ^= 1
	return string(b)
}

func TestStartEndsTheSessionBefore(t *testing.T) {
	m := manager(t, new(session.Memory), session.Config{})
	before := started(t, m, session.NewHandle(), visitor{1})
	w := httptest.NewRecorder()
	if err := m.Start(w, before, session.NewHandle(), visitor{2}); err != nil {
		t.Fatal(err)
	}
	refused(t, m, before)
	sees(t, m, request(t, w), 2)
}

// Accounts without a Handle must not share their sessions.
func TestZeroHandle(t *testing.T) {
	m := manager(t, new(session.Memory), session.Config{})
	w := httptest.NewRecorder()
	for name, err := range map[string]error{
		"Start":   m.Start(w, httptest.NewRequest("POST", "/login", nil), session.Handle{}, visitor{7}),
		"EndUser": m.EndUser(t.Context(), session.Handle{}),
	} {
		if err == nil || err.Error() != "session: the user's Handle is zero; make one for each account with NewHandle" {
			t.Errorf("%s: %v, want an error about the Handle", name, err)
		}
	}
	if len(w.Header()) > 0 {
		t.Errorf("header %v", w.Header())
	}
}

func TestEndAll(t *testing.T) {
	m := manager(t, new(session.Memory), session.Config{})
	ana, bob := session.NewHandle(), session.NewHandle()
	one, two, other := started(t, m, ana, visitor{1}), started(t, m, ana, visitor{2}), started(t, m, bob, visitor{3})
	w := httptest.NewRecorder()
	if err := m.EndAll(w, one); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(w.Header().Get("Set-Cookie"), "Max-Age=0") {
		t.Error("the cookie is not deleted")
	}
	refused(t, m, one)
	refused(t, m, two)
	sees(t, m, other, 3)

	again := started(t, m, ana, visitor{4})
	if err := m.EndAll(httptest.NewRecorder(), one); err != nil { // a copy of the ended session
		t.Fatal(err)
	}
	sees(t, m, again, 4)
}

func TestUpdate(t *testing.T) {
	m := manager(t, new(session.Memory), session.Config{})
	r := started(t, m, session.NewHandle(), visitor{1})
	no := errors.New("no")
	if err := m.Update(r, func(v *visitor) error { v.N = 5; return no }); err != no {
		t.Errorf("Update: %v, want the error of change", err)
	}
	sees(t, m, r, 1)
	if err := m.Update(r, func(v *visitor) error { v.N *= 3; return nil }); err != nil {
		t.Error(err)
	}
	sees(t, m, r, 3)
}

func (conflicts) Replace(context.Context, session.Key, session.Record, string) error {
	return session.ErrConflict
}

func TestData(t *testing.T) {
	memory := new(session.Memory)
	m, err := session.New[any](memory, session.Config{Cookie: idCookie})
	if err != nil {
		t.Fatal(err)
	}
	start := func(v any) (*http.Request, error) {
		w := httptest.NewRecorder()
		if err := m.Start(w, httptest.NewRequest("POST", "/", nil), session.NewHandle(), v); err != nil {
			return nil, err
		}
		return request(t, w), nil
	}
	r, _ := start("secret 12345")
	_, function := start(func() {})
	_, bytes := start(json.RawMessage("\"\xff\""))
	_, get := manager(t, memory, session.Config{}).Get(r) // another T
	const otherType = "session: the stored data does not decode as session_test.visitor (fields may be added, not changed)"
	for _, tc := range []struct {
		name string
		err  error
		want string
	}{
		{"function", function, "session: func() cannot be encoded as JSON: json: unsupported type: func()"},
		{"bytes", bytes, "session: the JSON of json.RawMessage is not UTF-8"},
		{"function-in-update", m.Update(r, func(v *any) error { *v = func() {}; return nil }), "session: func() cannot be encoded as JSON: json: unsupported type: func()"},
		{"get-of-another-type", get, otherType},
		{"update-of-another-type", manager(t, memory, session.Config{}).Update(r, func(*visitor) error { return nil }), otherType},
	} {
		if tc.err == nil || tc.err.Error() != tc.want {
			t.Errorf("%s: %v, want %s", tc.name, tc.err, tc.want)
		}
	}
	if got, err := m.Get(r); err != nil || got != "secret 12345" {
		t.Errorf("Get = %v, %v: the data of another type was written over", got, err)
	}
	if session.MaxBinding != 4096 {
		t.Errorf("MaxBinding is %d", session.MaxBinding)
	}
}

// 64 clients at once, for -race.
func TestConcurrency(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := manager(t, new(session.Memory), session.Config{})
		r := started(t, m, session.NewHandle(), visitor{0})
		var all sync.WaitGroup
		var mu sync.Mutex
		done, renewed := 0, 0
		for range 64 {
			all.Go(func() {
				if err := m.Update(r, func(v *visitor) error { v.N++; return nil }); err == nil {
					mu.Lock()
					done++
					mu.Unlock()
				} else if !errors.Is(err, session.ErrConflict) {
					t.Error(err)
				}
			})
		}
		all.Wait()
		sees(t, m, r, done)
		for range 64 {
			all.Go(func() {
				if err := m.Renew(httptest.NewRecorder(), r); err == nil {
					mu.Lock()
					renewed++
					mu.Unlock()
				} else if !errors.Is(err, session.ErrNone) {
					t.Error(err)
				}
			})
		}
		all.Wait()
		if renewed != 1 {
			t.Errorf("%d renewals of one session", renewed)
		}
	})
}
