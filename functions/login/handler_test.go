package main

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/crumb-go/crumb/functions/internal/demo"
	"github.com/crumb-go/crumb/shared/frontdoor/frontdoortest"
	"github.com/crumb-go/crumb/shared/session"
)

// counts are guesses in memory.
type counts struct {
	mu     sync.Mutex
	n      map[[sha256.Size]byte]int
	asked  int // how often add was called
	failAt int // the call that fails, from 1; 0 for none
}

func (c *counts) add(_ context.Context, key [sha256.Size]byte, n int, _ time.Time) (int, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.asked++; c.asked == c.failAt {
		return 0, errors.New("down")
	}
	if c.n == nil {
		c.n = map[[sha256.Size]byte]int{}
	}
	c.n[key] += n
	return c.n[key], nil
}

// sum is how many attempts are counted, under all keys.
func (c *counts) sum() int {
	sum := 0
	for _, n := range c.n {
		sum += n
	}
	return sum
}

// quick is the demo's directory with a password that is hashed quickly.
type quick struct{ demoUsers }

func (q quick) find(ctx context.Context, name string) (user, string, bool, error) {
	u, countedAs, found, err := q.demoUsers.find(ctx, name)
	u.testOnlyRounds = 1
	u.passwordHash = hash("password", u.salt, u.testOnlyRounds)
	return u, countedAs, found, err
}

func TestEvents(t *testing.T) {
	h := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		newHandler(new(session.Memory), config{users: quick{}, guesses: new(counts)}).ServeHTTP(w, r)
	})
	frontdoortest.Run(t, h, "../../events/login")
}

// The session has the user's name.
func TestSession(t *testing.T) {
	s := new(session.Memory)
	w := post(newHandler(s, config{users: quick{}, guesses: new(counts)}), right, "192.0.2.1:1")
	r := httptest.NewRequest("GET", "/me", nil)
	r.Header.Set("Cookie", w.Header().Get("Set-Cookie"))
	if user, err := demo.Sessions(s).Get(r); user.Name != "name" || err != nil {
		t.Errorf("session of %q, %v, want name", user.Name, err)
	}
}

func post(h http.Handler, form, from string) *httptest.ResponseRecorder {
	w := httptest.NewRecorder()
	h.ServeHTTP(w, postRequest(form, from))
	return w
}

func postRequest(form, from string) *http.Request {
	r := httptest.NewRequest("POST", "/login", strings.NewReader(form))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.RemoteAddr = from
	return r
}

func requestFrom(address string) *http.Request { return postRequest("", address) }

const right = "username=name&password=password"

func TestWithoutDirectory(t *testing.T) {
	var log bytes.Buffer
	before := slog.Default()
	slog.SetDefault(slog.New(slog.NewTextHandler(&log, nil)))
	t.Cleanup(func() { slog.SetDefault(before) })
	for _, value := range []string{"", "false", "TRUE", "1"} {
		t.Setenv("DEMO_USERS", value)
		log.Reset()
		w := post(newHandler(new(session.Memory), config{users: usersFromEnv(), guesses: new(counts)}), right, "192.0.2.1:1")
		if w.Code != 503 || w.Body.String() != "There is no directory of users here, so nobody can sign in." {
			t.Errorf("DEMO_USERS=%q: %d %s, want 503", value, w.Code, w.Body)
		}
		if !strings.Contains(log.String(), `error="there is no directory of users"`) {
			t.Errorf("DEMO_USERS=%q: log = %s", value, &log)
		}
	}
	t.Setenv("DEMO_USERS", "true")
	if usersFromEnv() == nil {
		t.Error("DEMO_USERS=true: no directory")
	}
}

// If a store fails, nobody can sign in, and the response does not say whether the password was
// right.
func TestStoresDown(t *testing.T) {
	for n := 1; n <= 4; n++ { // two counts, and two taken back
		guesses, store := &counts{failAt: n}, new(session.Memory)
		w := post(newHandler(store, config{users: quick{}, guesses: guesses}), right, "192.0.2.1:1")
		if w.Code != 503 || w.Header().Get("Set-Cookie") != "" || w.Header().Get("Retry-After") == "" {
			t.Errorf("call %d fails: %d %v, want 503", n, w.Code, w.Header())
		}
		if guesses.asked != n {
			t.Errorf("call %d fails: %d were made", n, guesses.asked)
		}
	}
	guesses := new(counts)
	if w := post(newHandler(new(session.Memory), config{users: noUsers{}, guesses: guesses}), right, "192.0.2.1:1"); w.Code != 503 || guesses.asked != 0 {
		t.Errorf("no directory: %d, %d counted", w.Code, guesses.asked)
	}
}

// If the session cannot be started, nobody is signed in, and no wrong password is reported.
func TestSessionsDown(t *testing.T) {
	w := post(newHandler(down{new(session.Memory)}, config{users: quick{}, guesses: new(counts)}), right, "192.0.2.1:1")
	if w.Code != 503 || w.Header().Get("Set-Cookie") != "" || w.Header().Get("Location") != "" {
		t.Errorf("%d %v, want 503", w.Code, w.Header())
	}
}

type down struct{ session.Store }

func (down) Create(context.Context, session.Key, session.Record) error { return errors.New("down") }

// Only a form with one name and one password is an attempt.
func TestForm(t *testing.T) {
	for _, tc := range []struct {
		name, contentType, form string
		want                    int
	}{
		{"longest", "application/x-www-form-urlencoded", "username=" + strings.Repeat("n", 256) + "&password=" + strings.Repeat("p", 1024), 401},
		{"name-too-long", "application/x-www-form-urlencoded", "username=" + strings.Repeat("n", 257) + "&password=p", 400},
		{"password-too-long", "application/x-www-form-urlencoded", "username=name&password=" + strings.Repeat("p", 1025), 400},
		{"no-password", "application/x-www-form-urlencoded", "username=name", 400},
		{"no-name", "application/x-www-form-urlencoded", "password=password", 400},
		{"two-names", "application/x-www-form-urlencoded", right + "&username=name", 400},
		{"two-passwords", "application/x-www-form-urlencoded", right + "&password=password", 400},
		{"no-form", "application/json", right, 415},
	} {
		t.Run(tc.name, func(t *testing.T) {
			guesses := new(counts)
			r := postRequest(tc.form, "192.0.2.1:1")
			r.Header.Set("Content-Type", tc.contentType)
			w := httptest.NewRecorder()
			newHandler(new(session.Memory), config{users: quick{}, guesses: guesses}).ServeHTTP(w, r)
			if attempt := guesses.asked > 0; w.Code != tc.want || attempt != (tc.want == 401) || strings.Count(w.Body.String(), ".") > 1 {
				t.Errorf("%d %q, counted: %v, want %d", w.Code, w.Body, attempt, tc.want)
			}
		})
	}
}

// noUsers is a directory that fails.
type noUsers struct{}

func (noUsers) find(context.Context, string) (user, string, bool, error) {
	return user{}, "", false, errors.New("down")
}

// Behind a proxy that changes Host, the origin that browsers see must be configured.
func TestPublicOrigin(t *testing.T) {
	for origin, want := range map[string]int{"": 403, "https://app.example": 400, "https://other.example": 403} {
		r := httptest.NewRequest("POST", "https://abc.execute-api.eu-west-1.amazonaws.com/login", strings.NewReader("x=1"))
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		r.Header.Set("Origin", "https://app.example")
		w := httptest.NewRecorder()
		newHandler(new(session.Memory), config{users: quick{}, guesses: new(counts), origin: origin}).ServeHTTP(w, r)
		if w.Code != want {
			t.Errorf("origin %q: %d, want %d", origin, w.Code, want)
		}
	}
}
