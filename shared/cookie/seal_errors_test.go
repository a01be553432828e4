package cookie_test

import (
	"context"
	b64 "encoding/base64"
	"errors"
	"fmt"
	"math"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/crumb-go/crumb/shared/cookie"
	"github.com/crumb-go/crumb/shared/keyring"
)

func TestSealRefuses(t *testing.T) {
	ring := newRing(t, "app", ringEntry("a", 1))
	plain := declare(t, "c", cookie.Attributes{})
	for _, tc := range []struct {
		name string
		seal func() (any, error)
		want []string
	}{
		{"no-life", func() (any, error) { return cookie.Seal[int](plain, ring, 0) }, []string{`cookie: "c": Life is 0s instead of whole seconds, 1 s to 400 days`}},
		{"negative-life", func() (any, error) { return cookie.Seal[int](plain, ring, -time.Second) }, []string{"Life is -1s instead of"}},
		{"part-of-a-second", func() (any, error) { return cookie.Seal[int](plain, ring, time.Second/2) }, []string{"Life is 500ms"}},
		{"part-of-a-second-more", func() (any, error) { return cookie.Seal[int](plain, ring, 3*time.Second/2) }, []string{`"c": Life is 1.5s`}},
		{"a-second-over-400-days", func() (any, error) { return cookie.Seal[int](plain, ring, 400*24*time.Hour+time.Second) }, []string{`"c": Life is 9600h0m1s`}},
		{"over-400-days", func() (any, error) { return cookie.Seal[int](plain, ring, 401*24*time.Hour) }, []string{"Life is 9624h"}},
		{"no-ring", func() (any, error) { return cookie.Seal[int](plain, nil, time.Hour) }, []string{"Ring is nil"}},
		{"percent", func() (any, error) {
			return cookie.Seal[int](declare(t, "c", cookie.Attributes{Encoding: cookie.Percent}), ring, time.Hour)
		}, []string{`cookie: "c": Encoding is not Plain: sealing has its own encoding`}},
		{"base64", func() (any, error) {
			return cookie.Seal[int](declare(t, "c", cookie.Attributes{Encoding: cookie.Base64}), ring, time.Hour)
		}, []string{"Encoding is not Plain"}},
		{"undeclared", func() (any, error) { return cookie.Seal[int](new(cookie.Cookie), ring, time.Hour) }, []string{"cookie: Name is empty: declare the cookie with New"}},
		{"no-cookie", func() (any, error) { return cookie.Seal[int](nil, ring, time.Hour) }, []string{"Name is empty"}},
		{"no-json", func() (any, error) { return cookie.Seal[chan int](plain, ring, time.Hour) }, []string{`cookie: "c": Value of type chan int cannot be encoded as JSON`}},
		{"no-json-within", func() (any, error) { return cookie.Seal[struct{ F func() }](plain, ring, time.Hour) }, []string{"cannot be encoded as JSON"}},
		{"unexported-fields", func() (any, error) { return cookie.Seal[struct{ visits int }](plain, ring, time.Hour) }, []string{`cookie: "c": Value of type struct { visits int } has no exported fields, so JSON would lose it`}},
		{"every-mistake", func() (any, error) { return cookie.Seal[chan int](new(cookie.Cookie), nil, 0) }, []string{"cookie: Name", "cookie: Value", "cookie: Life", "cookie: Ring"}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			_, err := tc.seal()
			if !errors.As(err, new(*cookie.Error)) {
				t.Fatalf("Seal: %v, want an *Error", err)
			}
			for _, want := range tc.want {
				if !strings.Contains(err.Error(), want) {
					t.Errorf("Seal: %q, want %q", err, want)
				}
			}
		})
	}
}

func TestSealLives(t *testing.T) {
	ring := newRing(t, "app", ringEntry("a", 1))
	for _, life := range []time.Duration{time.Second, 400 * 24 * time.Hour} {
		if _, err := cookie.Seal[int](declare(t, "c", cookie.Attributes{}), ring, life); err != nil {
			t.Errorf("Seal for %v: %v", life, err)
		}
	}
}

func TestZeroSealed(t *testing.T) {
	var s cookie.Sealed[string]
	w, r := httptest.NewRecorder(), request("=x; c=x")
	_, ok := s.Get(r)
	for name, err := range map[string]error{
		"Set": s.Set(w, r, "x"), "Check": s.Check(r), "Renew": s.Renew(w, r), "Delete": s.Delete(w),
	} {
		if err == nil || err.Error() != "cookie: Ring is missing: declare the cookie with Seal" {
			t.Errorf("%s = %v", name, err)
		}
	}
	if ok || len(w.Header()) > 0 {
		t.Errorf("Get = %v, header %v", ok, w.Header())
	}
}

func TestSealedTooLarge(t *testing.T) {
	s := newSealed[[]byte](t, "c", newRing(t, "app", ringEntry("a", 1)), time.Hour)
	largest := b64.RawURLEncoding.DecodedLen(4096-len("c")) - keyring.Overhead
	if got := len(sent(t, s, make([]byte, largest))); got > 4096+len("=") {
		t.Errorf("the pair has %d bytes", got)
	}
	w := httptest.NewRecorder()
	err := s.Set(w, request(), make([]byte, largest+1))
	const want = `cookie: "c": Value and name total 4097 bytes once sealed; keep the data on the server, with shared/session (rfc6265bis 5.6: name and value have at most 4096 bytes together)`
	if !errors.Is(err, cookie.ErrTooLarge) || err.Error() != want {
		t.Errorf("Set = %v, want ErrTooLarge, %s", err, want)
	}
	if len(w.Header()) > 0 {
		t.Errorf("header = %v", w.Header())
	}
}

// failing cannot be encoded as JSON, with an error that quotes its value.
type failing struct{ Secret string }

func (f failing) MarshalJSON() ([]byte, error) {
	if f.Secret == "" {
		return []byte(`{}`), nil
	}
	return nil, errors.New("cannot write " + f.Secret)
}

func (f *failing) UnmarshalJSON(b []byte) error { return fmt.Errorf("cannot read %s", b) }

func TestSealedErrorsHoldNoValue(t *testing.T) {
	ring := newRing(t, "app", ringEntry("a", 1))
	s := newSealed[failing](t, "c", ring, time.Hour)
	err := s.Set(httptest.NewRecorder(), request(), failing{"hunter2"})
	if err == nil || err.Error() != `cookie: "c": Value of type cookie_test.failing cannot be encoded as JSON` {
		t.Errorf("Set = %v", err)
	}
	err = newSealed[float64](t, "c", ring, time.Hour).Set(httptest.NewRecorder(), request(), math.Inf(1))
	if err == nil || strings.Contains(err.Error(), "Inf") {
		t.Errorf("Set = %v", err)
	}
	r := request(sent(t, newSealed[string](t, "c", ring, time.Hour), `"hunter2"`))
	err = s.Check(r)
	if want := `cookie: "c": Value opens, but does not decode as cookie_test.failing`; !errors.Is(err, cookie.ErrMalformed) || err.Error() != want {
		t.Errorf("Check = %v, want ErrMalformed, %s", err, want)
	}
	if got, ok := s.Get(r); ok || got.Secret != "" {
		t.Errorf("Get = %v, %v", got, ok)
	}
}

func TestSealedWithoutAKey(t *testing.T) {
	t.Setenv("CRUMB_KEYS", "")
	t.Setenv("CRUMB_KEYS_SECRET", "empty")
	ring, err := keyring.FromEnv(context.Background(), "app", func(context.Context, string) (string, error) { return "", nil })
	if err != nil {
		t.Fatal(err)
	}
	s := newSealed[string](t, "c", ring, time.Hour)
	w := httptest.NewRecorder()
	if err := s.Set(w, request(), "v"); !errors.Is(err, keyring.ErrNoKey) || len(w.Header()) > 0 {
		t.Errorf("Set = %v, header %v, want ErrNoKey", err, w.Header())
	}
	if err := s.Check(request("c=x")); !errors.Is(err, cookie.ErrMalformed) {
		t.Errorf("Check = %v", err)
	}
	r := request(sent(t, newSealed[string](t, "c", newRing(t, "app", ringEntry("a", 1)), time.Hour), "v"))
	if err := s.Check(r); !errors.Is(err, keyring.ErrNoKey) {
		t.Errorf("Check = %v, want ErrNoKey", err)
	}
	r.Header["Cookie"] = append([]string{"c=x"}, r.Header["Cookie"]...)
	if err := s.Check(r); !errors.Is(err, keyring.ErrNoKey) {
		t.Errorf("Check with a forgery before = %v, want ErrNoKey", err)
	}
}

// TestSealedTexts has the ring's errors in the words of the cookie.
func TestSealedTexts(t *testing.T) {
	text := func(verb string, err error) string {
		return `cookie: "c": Value ` + verb + ": " + strings.TrimPrefix(err.Error(), "keyring: ")
	}
	a := newSealed[string](t, "c", newRing(t, "app", ringEntry("a", 1)), time.Hour)
	other := newSealed[string](t, "c", newRing(t, "app", ringEntry("a", 2)), time.Hour)
	elsewhere := newSealed[string](t, "c", newRing(t, "app", ringEntry("b", 2)), time.Hour)
	for name, tc := range map[string]struct {
		by   cookie.Sealed[string]
		want string
	}{
		"tampered":    {other, text("does not open", keyring.ErrTampered)},
		"unknown-key": {elsewhere, text("does not open", keyring.ErrUnknownKey)},
	} {
		if err := a.Check(request(sent(t, tc.by, "v"))); err == nil || err.Error() != tc.want {
			t.Errorf("%s: Check = %v, want %s", name, err, tc.want)
		}
	}
	for pair, want := range map[string]string{
		"":      `cookie: "c": Value is absent`,
		"c=a b": `cookie: "c": Value is not a sealed value`,
	} {
		if err := a.Check(request(pair)); err == nil || err.Error() != want {
			t.Errorf("%q: Check = %v, want %s", pair, err, want)
		}
	}

	t.Setenv("CRUMB_KEYS", "")
	t.Setenv("CRUMB_KEYS_SECRET", "empty")
	ring, err := keyring.FromEnv(t.Context(), "app", func(context.Context, string) (string, error) { return "", nil })
	if err != nil {
		t.Fatal(err)
	}
	keyless := newSealed[string](t, "c", ring, time.Hour)
	if err, want := keyless.Set(httptest.NewRecorder(), request(), "v"), text("cannot be sealed", keyring.ErrNoKey); err == nil || err.Error() != want {
		t.Errorf("Set = %v, want %s", err, want)
	}
}
