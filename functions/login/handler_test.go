package main

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/crumb-go/crumb/shared/frontdoor/frontdoortest"
	"github.com/crumb-go/crumb/shared/session"
)

// counter is guesses in memory.
type counter struct {
	n   map[[16]byte]int
	err error
}

func (c counter) count(_ context.Context, key [16]byte) (time.Duration, error) {
	c.n[key]++
	if c.n[key] > maxGuesses {
		return time.Minute, c.err
	}
	return 0, c.err
}

func (c counter) takeBack(_ context.Context, key [16]byte) error {
	c.n[key]--
	return c.err
}

func counted() counter { return counter{n: map[[16]byte]int{}} }

func TestEvents(t *testing.T) {
	h := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		newHandler(new(session.Memory), config{users: demoUsers{}, guesses: counted()}).ServeHTTP(w, r)
	})
	frontdoortest.Run(t, h, "../../events/login")
}

func post(h http.Handler, form, address string) *httptest.ResponseRecorder {
	r := httptest.NewRequest("POST", "/login", strings.NewReader(form))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.RemoteAddr = address
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

const right = "username=name&password=password"

func TestWithoutDirectory(t *testing.T) {
	for _, value := range []string{"", "false", "TRUE", "1"} {
		t.Setenv("DEMO_USERS", value)
		if w := post(newHandler(new(session.Memory), config{users: usersFromEnv(), guesses: counted()}), right, "192.0.2.1:1"); w.Code != 503 {
			t.Errorf("DEMO_USERS=%q: %d, want 503", value, w.Code)
		}
	}
	t.Setenv("DEMO_USERS", "true")
	if usersFromEnv() == nil {
		t.Error("DEMO_USERS=true: no directory")
	}
}

// Wrong passwords are counted by name and address, right ones are not.
func TestGuesses(t *testing.T) {
	guesses := counted()
	store := new(session.Memory)
	h := newHandler(store, config{users: demoUsers{}, guesses: guesses})
	guesses.n[guessKey("name", "192.0.2.1:1")] = maxGuesses - 1
	for i, tc := range []struct {
		form, address string
		want          int
	}{
		{right, "192.0.2.1:2", 303},
		{"username=name&password=x", "192.0.2.1:3", 401},
		{right, "192.0.2.1:4", 429},
		{right, "192.0.2.2:5", 303}, // the user, from elsewhere
		{"username=other&password=x", "192.0.2.1:6", 401},
	} {
		w := post(h, tc.form, tc.address)
		if w.Code != tc.want || (w.Header().Get("Retry-After") != "") != (tc.want == 429) {
			t.Errorf("attempt %d: %d, want %d", i, w.Code, tc.want)
		}
		if sets := w.Header().Get("Set-Cookie") != ""; sets != (tc.want == 303) {
			t.Errorf("attempt %d sets a cookie: %v", i, sets)
		}
	}
}

func TestGuessKey(t *testing.T) {
	for name, tc := range map[string]struct {
		a, b string
		same bool
	}{
		"port":         {"192.0.2.1:1", "192.0.2.1:2", true},
		"no-port":      {"192.0.2.1:1", "192.0.2.1", true},
		"address":      {"192.0.2.1:1", "192.0.2.2:1", false},
		"ipv6-network": {"[2001:db8::1]:1", "[2001:db8::2]:1", true},
		"ipv6-other":   {"[2001:db8::1]:1", "[2001:db8:0:1::1]:1", false},
	} {
		if same := guessKey("n", tc.a) == guessKey("n", tc.b); same != tc.same {
			t.Errorf("%s: same = %v", name, same)
		}
	}
	if guessKey("a", "192.0.2.1") == guessKey("b", "192.0.2.1") {
		t.Error("two names count as one")
	}
}

func TestGuessesDown(t *testing.T) {
	guesses := counted()
	guesses.err = errors.New("down")
	if w := post(newHandler(new(session.Memory), config{users: demoUsers{}, guesses: guesses}), right, "192.0.2.1:1"); w.Code != 503 || w.Header().Get("Set-Cookie") != "" {
		t.Errorf("%d %v, want 503", w.Code, w.Header())
	}
}

// A proxy that changes Host: the origin that browsers see has to be told.
func TestPublicOrigin(t *testing.T) {
	for origin, want := range map[string]int{"": 403, "https://app.example": 400, "https://other.example": 403} {
		r := httptest.NewRequest("POST", "https://abc.execute-api.eu-west-1.amazonaws.com/login", strings.NewReader("x=1"))
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		r.Header.Set("Origin", "https://app.example")
		w := httptest.NewRecorder()
		newHandler(new(session.Memory), config{users: demoUsers{}, guesses: counted(), origin: origin}).ServeHTTP(w, r)
		if w.Code != want {
			t.Errorf("origin %q: %d, want %d", origin, w.Code, want)
		}
	}
}
