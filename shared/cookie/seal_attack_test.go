package cookie_test

import (
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/crumb-go/crumb/shared/cookie"
	"github.com/crumb-go/crumb/shared/keyring"
)

// What the JSON decoder wrote before it failed is not returned.
func TestSealedOfAnotherType(t *testing.T) {
	ring := newRing(t, "app", ringEntry("a", 1))
	r := request(sent(t, newSealed[string](t, "c", ring, time.Hour), `{"visits":7,"since":5}`))
	if got, ok := newSealed[visits](t, "c", ring, time.Hour).Get(r); ok || got.Visits != 0 {
		t.Errorf("Get = %v, %v", got, ok)
	}
}

// failures has a Cookie line for every reason not to open.
func failures(t *testing.T, ring *keyring.Ring) map[string]string {
	good := sent(t, newSealed[string](t, "c", ring, time.Hour), "value")
	changed := good[:len(good)-4] + "A" + good[len(good)-3:]
	if changed == good {
		changed = good[:len(good)-4] + "B" + good[len(good)-3:]
	}
	return map[string]string{
		"absent":      "",
		"other-case":  "C" + good[1:],
		"empty":       "c=",
		"not-base64":  "c=%%%",
		"padded":      good + "=",
		"too-short":   "c=AAAA",
		"version":     "c=Ag" + good[len("c=Ag"):], // 2,
		"unknown-key": sent(t, newSealed[string](t, "c", newRing(t, "app", ringEntry("z", 1)), time.Hour), "value"),
		"tampered":    changed,
		"other-name":  "c=" + sent(t, newSealed[string](t, "d", ring, time.Hour), "value")[2:],
		"other-app":   sent(t, newSealed[string](t, "c", newRing(t, "b", ringEntry("a", 1)), time.Hour), "value"),
		"expired":     sent(t, newSealed[string](t, "c", ring, time.Second), "value"),
		"too-many":    strings.Repeat("c=x; ", 3001),
	}
}

func TestSealedCheck(t *testing.T) {
	want := map[string]error{
		"absent":      cookie.ErrAbsent,
		"other-case":  cookie.ErrAbsent,
		"empty":       cookie.ErrMalformed,
		"not-base64":  cookie.ErrMalformed,
		"padded":      cookie.ErrMalformed,
		"too-short":   cookie.ErrMalformed,
		"version":     cookie.ErrMalformed,
		"unknown-key": keyring.ErrUnknownKey,
		"tampered":    keyring.ErrTampered,
		"other-name":  keyring.ErrTampered,
		"other-app":   keyring.ErrTampered,
		"expired":     keyring.ErrExpired,
		"too-many":    cookie.ErrTooMany,
	}
	synctest.Test(t, func(t *testing.T) {
		ring := newRing(t, "app", ringEntry("a", 1))
		s := newSealed[string](t, "c", ring, time.Hour)
		lines := failures(t, ring)
		time.Sleep(time.Second)
		if len(lines) != len(want) {
			t.Errorf("%d lines, %d errors", len(lines), len(want))
		}
		for name, line := range lines {
			r := request(line)
			err := s.Check(r)
			if !errors.Is(err, want[name]) || !errors.As(err, new(*cookie.Error)) || !strings.HasPrefix(err.Error(), `cookie: "c": `) {
				t.Errorf("%s: Check = %v, want an *Error of %v", name, err, want[name])
			}
			if v, ok := s.Get(r); v != "" || ok {
				t.Errorf("%s: Get = %q, %v", name, v, ok)
			}
		}
	})
}

// The response is the same whatever the reason.
func TestSealedFailuresLookAlike(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ring := newRing(t, "app", ringEntry("a", 1))
		s := newSealed[string](t, "c", ring, time.Hour)
		serve := func(w http.ResponseWriter, r *http.Request) {
			if err := s.Renew(w, r); err != nil {
				t.Error(err)
			}
			if name, ok := s.Get(r); ok {
				fmt.Fprintf(w, "Welcome back, %s!", name)
				return
			}
			w.WriteHeader(http.StatusUnauthorized)
			fmt.Fprint(w, "Who are you?")
		}
		answer := func(line string) string {
			w := httptest.NewRecorder()
			serve(w, request(line))
			return fmt.Sprint(w.Code, w.Header(), w.Body)
		}
		lines := failures(t, ring)
		time.Sleep(time.Second)
		want := answer("")
		for name, line := range lines {
			if got := answer(line); got != want {
				t.Errorf("%s: %s, want %s", name, got, want)
			}
		}
		if got := answer(sent(t, s, "Zoë")); !strings.Contains(got, "Welcome back, Zoë!") {
			t.Errorf("a good one: %s", got)
		}
	})
}

func TestSealedEveryOctetChanged(t *testing.T) {
	ring := newRing(t, "app", ringEntry("a", 1))
	s := newSealed[string](t, "c", ring, time.Hour)
	for _, value := range []string{"", "v", "va", "value"} { // every length of the last base64 group
		pair := sent(t, s, value)
		for i := len("c="); i < len(pair); i++ {
			for bit := range 8 {
				forged := []byte(pair)
				forged[i] ^= 1 << bit
				if got, ok := s.Get(request(string(forged))); ok {
					t.Errorf("byte %d %q for %q: Get = %q, true", i, forged[i], pair[i], got)
				}
			}
			if got, ok := s.Get(request(pair[:i])); ok {
				t.Errorf("cut to %d bytes: Get = %q, true", i, got)
			}
			if got, ok := s.Get(request(pair[:i] + "\n" + pair[i:])); ok {
				t.Errorf("line end at %d: Get = %q, true", i, got)
			}
		}
	}
}

func TestSealedDuplicates(t *testing.T) {
	ring := newRing(t, "app", ringEntry("a", 1))
	s := newSealed[string](t, "c", ring, time.Hour)
	one, two := sent(t, s, "one"), sent(t, s, "two")
	forged := "c=" + strings.Repeat("A", len(one)-2)
	for _, tc := range []struct{ name, line, want string }{
		{"first-wins", one + "; " + two, "one"},
		{"forged-before", forged + "; " + one, "one"},
		{"forged-behind", one + "; " + forged, "one"},
		{"empty-before", "c=; " + one, "one"},
		{"quoted", `c="` + one[2:] + `"`, "one"},
		{"seven-before", strings.Repeat(forged+"; ", 7) + one, "one"},
		{"eight-before", strings.Repeat(forged+"; ", 8) + one, ""},
		{"others-do-not-count", strings.Repeat("d=x; ", 50) + one, "one"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			got, ok := s.Get(request(tc.line))
			if got != tc.want || ok != (tc.want != "") {
				t.Errorf("Get = %q, %v, want %q", got, ok, tc.want)
			}
		})
	}
	t.Run("two-lines", func(t *testing.T) {
		if got, ok := s.Get(request(forged, two)); got != "two" || !ok {
			t.Errorf("Get = %q, %v", got, ok)
		}
	})
	t.Run("check-tells-of-the-first", func(t *testing.T) {
		if err := s.Check(request("c=x; " + sent(t, newSealed[string](t, "c", newRing(t, "b", ringEntry("a", 1)), time.Hour), ""))); !errors.Is(err, cookie.ErrMalformed) {
			t.Errorf("Check = %v, want ErrMalformed", err)
		}
	})
}

func FuzzSealed(f *testing.F) {
	s := newSealed[string](f, "c", newRing(f, "app", ringEntry("k1", 1)), time.Hour)
	good := sent(f, s, "value")
	f.Add("", "")
	f.Add("c=", "Zoë")
	f.Add("c=AWq58es; c=\"AWq58es\"", "\x00\xff")
	f.Add(good[:len(good)-1], "x")
	f.Fuzz(func(t *testing.T, line, value string) {
		r := request(line)
		if got, ok := s.Get(r); ok || s.Check(r) == nil {
			t.Errorf("Get = %q, %v of a line that nobody sealed", got, ok)
		}
		if len(value) > 3000 {
			return
		}
		if got, ok := s.Get(request("c=x; " + sent(t, s, value))); got != value || !ok {
			t.Errorf("Get after Set(%q) = %q, %v", value, got, ok)
		}
	})
}
