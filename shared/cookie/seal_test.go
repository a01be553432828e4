package cookie_test

import (
	"bytes"
	"context"
	b64 "encoding/base64"
	"errors"
	"fmt"
	"log/slog"
	"net/http/httptest"
	"reflect"
	"strings"
	"sync"
	"testing"
	"testing/cryptotest"
	"testing/synctest"
	"time"

	"github.com/crumb-go/crumb/shared/cookie"
	"github.com/crumb-go/crumb/shared/keyring"
)

type visits struct {
	Visits int       `json:"visits"`
	Since  time.Time `json:"since"`
}

// ringEntry is a key whose 32 bytes are all b, created when a synctest bubble begins.
func ringEntry(id string, b byte) string {
	return id + ".2000-01-01T00:00:00Z." + b64.RawURLEncoding.EncodeToString(bytes.Repeat([]byte{b}, 32))
}

func newRing(t testing.TB, app, text string) *keyring.Ring {
	t.Helper()
	ring, err := keyring.New(app, text)
	if err != nil {
		t.Fatal(err)
	}
	return ring
}

func declare(t testing.TB, name string, a cookie.Attributes) *cookie.Cookie {
	t.Helper()
	c, err := cookie.New(name, a)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func newSealed[T any](t testing.TB, name string, ring *keyring.Ring, life time.Duration) cookie.Sealed[T] {
	t.Helper()
	s, err := cookie.Seal[T](declare(t, name, cookie.Attributes{}), ring, life)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// sent seals v and returns the pair that the browser sends back.
func sent[T any](t testing.TB, s cookie.Sealed[T], v T) string {
	t.Helper()
	w := httptest.NewRecorder()
	if err := s.Set(w, request(), v); err != nil {
		t.Fatal(err)
	}
	pair, _, _ := strings.Cut(w.Header().Get("Set-Cookie"), ";")
	return pair
}

func roundTrip[T any](t *testing.T, ring *keyring.Ring, v T) {
	t.Helper()
	s := newSealed[T](t, "c", ring, time.Hour)
	r := request(sent(t, s, v))
	if got, ok := s.Get(r); !reflect.DeepEqual(got, v) || !ok {
		t.Errorf("Get after Set(%#v) = %#v, %v: %v", v, got, ok, s.Check(r))
	}
	if err := s.Check(r); err != nil {
		t.Errorf("Check after Set(%#v) = %v", v, err)
	}
}

func TestSealedKeepsEveryType(t *testing.T) {
	type text string
	type blob []byte
	type nested struct {
		M map[string][]int
		P *visits
	}
	ring := newRing(t, "app", ringEntry("a", 1))
	roundTrip(t, ring, "")
	roundTrip(t, ring, "Zoë; \x00\r\n\xff")
	roundTrip(t, ring, []byte{})
	roundTrip(t, ring, []byte{0, 255, ';'})
	roundTrip(t, ring, text("named"))
	roundTrip(t, ring, blob("named"))
	roundTrip(t, ring, 42)
	roundTrip(t, ring, true)
	roundTrip(t, ring, visits{9, time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)})
	roundTrip(t, ring, &visits{Visits: 1})
	roundTrip(t, ring, nested{M: map[string][]int{"a": {1, 2}}, P: &visits{}})
	roundTrip(t, ring, time.Date(2026, 1, 2, 3, 4, 5, 6, time.UTC)) // unexported fields, and a MarshalJSON
	roundTrip(t, ring, score{7, 9})                                 // methods of the pointer only
	roundTrip(t, ring, &score{7, 9})
	roundTrip(t, ring, struct{}{})
	roundTrip(t, ring, struct {
		V string `json:",omitempty"`
	}{})
	roundTrip[any](t, ring, nil)
	roundTrip[any](t, ring, "text")
}

// score has its JSON from methods of *score.
type score struct{ won, lost int }

func (s *score) MarshalJSON() ([]byte, error) {
	return fmt.Appendf(nil, `"%d:%d"`, s.won, s.lost), nil
}

func (s *score) UnmarshalJSON(text []byte) error {
	_, err := fmt.Sscanf(string(text), `"%d:%d"`, &s.won, &s.lost)
	return err
}

// The whole line, byte for byte. It must never change: cookies in browsers have to open.
func TestSealedLineIsGolden(t *testing.T) {
	cryptotest.SetGlobalRandom(t, 1)
	synctest.Test(t, func(t *testing.T) {
		ring := newRing(t, "app", ringEntry("k1", 1))
		c := declare(t, "visits", cookie.Attributes{MaxAge: time.Hour})
		s, err := cookie.Seal[visits](c, ring, time.Hour)
		if err != nil {
			t.Fatal(err)
		}
		w := httptest.NewRecorder()
		if err := s.Set(w, request(), visits{9, time.Now().UTC()}); err != nil {
			t.Fatal(err)
		}
		const value = "AWq58etq5ng_T73pG264i3NiI52eG9fBHmtuKWfkvN8Q7PbSOXbSlNjW9FsdjDLk3uRIPTPrm2qgpFklS0aNxhUGBVFXDABsga0Of0SuPUckmmSG"
		const want = "visits=" + value + "; Path=/; Expires=Sat, 01 Jan 2000 01:00:00 GMT; Max-Age=3600; Secure; HttpOnly; SameSite=Lax"
		if got := w.Header()["Set-Cookie"]; len(got) != 1 || got[0] != want {
			t.Errorf("Set-Cookie = %q, want %q", got, want)
		}
		if got, ok := s.Get(request("visits=" + value)); got.Visits != 9 || !ok {
			t.Errorf("Get = %v, %v", got, ok)
		}
	})
}

func TestSealedAddsAtMost41Bytes(t *testing.T) {
	s := newSealed[[]byte](t, "c", newRing(t, "app", ringEntry("a", 1)), time.Hour)
	for n := range 300 {
		got := len(sent(t, s, make([]byte, n))) - len("c=")
		if want := b64.RawURLEncoding.EncodedLen(n + 41); got != want {
			t.Errorf("%d bytes become %d in the cookie, want %d", n, got, want)
		}
	}
}

func TestSealedRenew(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := ringEntry("a", 1)
		s := newSealed[visits](t, "c", newRing(t, "app", a), time.Hour)
		pair := sent(t, s, visits{Visits: 3})
		renewed := func(s cookie.Sealed[visits], w *httptest.ResponseRecorder, pair string) string {
			t.Helper()
			if err := s.Renew(w, request(pair)); err != nil {
				t.Errorf("Renew = %v", err)
			}
			got, _, _ := strings.Cut(w.Header().Get("Set-Cookie"), ";")
			return got
		}

		time.Sleep(30*time.Minute - time.Second)
		if got := renewed(s, httptest.NewRecorder(), pair); got != "" {
			t.Errorf("before half its life Renew set %q", got)
		}
		for name, line := range failures(t, newRing(t, "app", a)) {
			if got := renewed(s, httptest.NewRecorder(), line); got != "" {
				t.Errorf("%s: Renew set %q", name, got)
			}
		}

		time.Sleep(time.Second)
		again := renewed(s, httptest.NewRecorder(), pair)
		time.Sleep(59 * time.Minute)
		if got, ok := s.Get(request(again)); got.Visits != 3 || !ok {
			t.Errorf("Get after Renew = %v, %v", got, ok)
		}
		if _, ok := s.Get(request(pair)); ok {
			t.Error("the old one is still good")
		}

		// A new key seals from 10 minutes after its creation.
		b := strings.Replace(ringEntry("b", 2), "2000-01-01T00:00:00Z", time.Now().UTC().Format(time.RFC3339), 1)
		pair = sent(t, s, visits{Visits: 4})
		rotated := newSealed[visits](t, "c", newRing(t, "app", b+","+a), time.Hour)
		if got := renewed(rotated, httptest.NewRecorder(), pair); got != "" {
			t.Errorf("while the new key settles Renew set %q", got)
		}
		time.Sleep(10 * time.Minute)
		onlyB := newSealed[visits](t, "c", newRing(t, "app", b), time.Hour)
		if got, ok := onlyB.Get(request(renewed(rotated, httptest.NewRecorder(), pair))); got.Visits != 4 || !ok {
			t.Errorf("after a rotation Renew left %v, %v for the new key", got, ok)
		}

		// The response's cookie is newer than the request's.
		w := httptest.NewRecorder()
		if err := rotated.Set(w, request(pair), visits{Visits: 5}); err != nil {
			t.Fatal(err)
		}
		if got, _ := rotated.Get(request(renewed(rotated, w, pair))); got.Visits != 5 {
			t.Errorf("Renew put %v over the new value", got)
		}
		w = httptest.NewRecorder()
		if err := declare(t, "c", cookie.Attributes{}).DeleteAt(w, "/old", ""); err != nil {
			t.Fatal(err)
		}
		if err := rotated.Renew(w, request(pair)); err != nil || len(w.Header()["Set-Cookie"]) != 2 {
			t.Errorf("Renew beside DeleteAt: %v, %q", err, w.Header()["Set-Cookie"])
		}
		w = httptest.NewRecorder()
		if err := rotated.Delete(w); err != nil {
			t.Fatal(err)
		}
		if got := renewed(rotated, w, pair); got != "c=" {
			t.Errorf("Renew put %q over the deletion", got)
		}
	})
}

func TestSealedDelete(t *testing.T) {
	s := newSealed[string](t, "c", newRing(t, "app", ringEntry("a", 1)), time.Hour)
	w := httptest.NewRecorder()
	const want = "c=; Path=/; Expires=Thu, 01 Jan 1970 00:00:00 GMT; Max-Age=0; Secure; HttpOnly; SameSite=Lax"
	if err := s.Delete(w); err != nil || w.Header().Get("Set-Cookie") != want {
		t.Errorf("Delete: %q, %v, want %q", w.Header()["Set-Cookie"], err, want)
	}
}

// While the keys cannot be read, nothing counts as a forgery and nothing is sealed, even if a
// forgery comes before the cookie in question.
func TestSealedWithAStaleRing(t *testing.T) {
	t.Setenv("CRUMB_KEYS", "")
	t.Setenv("CRUMB_KEYS_SECRET", "ring")
	before := slog.Default()
	slog.SetDefault(slog.New(slog.DiscardHandler))
	t.Cleanup(func() { slog.SetDefault(before) })
	synctest.Test(t, func(t *testing.T) {
		text, down := ringEntry("a", 1), error(nil)
		ring, err := keyring.FromEnv(context.Background(), "app", func(context.Context, string) (string, error) { return text, down })
		if err != nil {
			t.Fatal(err)
		}
		s := newSealed[string](t, "c", ring, time.Hour)
		known := sent(t, s, "v")
		tampered := "c=" + sent(t, newSealed[string](t, "d", ring, time.Hour), "v")[2:]
		unknown := sent(t, newSealed[string](t, "c", newRing(t, "app", ringEntry("b", 2)), time.Hour), "v")
		down = errors.New("down")
		time.Sleep(30 * time.Minute)
		for _, tc := range []struct {
			name  string
			lines []string
			want  error
		}{
			{"known", []string{known}, nil},
			{"unknown", []string{unknown}, keyring.ErrStale},
			{"known-behind", []string{unknown, known}, nil},
			{"forged-before", []string{"c=x; " + unknown}, keyring.ErrStale},
			{"forged-behind", []string{unknown + "; c=x"}, keyring.ErrStale},
			{"tampered-before", []string{tampered, unknown}, keyring.ErrStale},
			{"forged-alone", []string{"c=x"}, cookie.ErrMalformed},
			{"absent", nil, cookie.ErrAbsent},
		} {
			r := request(tc.lines...)
			err := s.Check(r)
			if !errors.Is(err, tc.want) || err != nil && !strings.HasPrefix(err.Error(), `cookie: "c": Value `) {
				t.Errorf("%s: Check = %v, want %v", tc.name, err, tc.want)
			}
			if got, ok := s.Get(r); ok != (tc.want == nil) || ok != (got == "v") {
				t.Errorf("%s: Get = %q, %v", tc.name, got, ok)
			}
			w := httptest.NewRecorder()
			if err := s.Set(w, r, "other"); !errors.Is(err, keyring.ErrStale) || len(w.Header()) > 0 {
				t.Errorf("%s: Set = %v, header %v, want ErrStale", tc.name, err, w.Header())
			}
		}
		// More than half of its life has passed, but there is no key with which to renew it.
		time.Sleep(10 * time.Minute)
		w := httptest.NewRecorder()
		if err := s.Renew(w, request(known)); !errors.Is(err, keyring.ErrStale) || len(w.Header()) > 0 {
			t.Errorf("Renew = %v, header %v, want ErrStale", err, w.Header())
		}
	})
}

func TestSealedIsConcurrent(t *testing.T) {
	s := newSealed[visits](t, "c", newRing(t, "app", ringEntry("a", 1)+","+ringEntry("b", 2)), time.Hour)
	var wg sync.WaitGroup
	for i := range 8 {
		wg.Go(func() {
			for range 100 {
				w := httptest.NewRecorder()
				if err := s.Set(w, request(), visits{Visits: i}); err != nil {
					t.Error(err)
				}
				pair, _, _ := strings.Cut(w.Header().Get("Set-Cookie"), ";")
				if got, ok := s.Get(request(pair)); got.Visits != i || !ok {
					t.Errorf("Get = %v, %v, want %d", got, ok, i)
				}
			}
		})
	}
	wg.Wait()
}
