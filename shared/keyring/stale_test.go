package keyring_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/crumb-go/crumb/shared/keyring"
)

// slowStore is a secret that takes a while to read. It returns the text, or error, of the
// moment when the reading began.
type slowStore struct {
	t    *testing.T
	mu   sync.Mutex
	text string
	err  error
	took time.Duration // for each reading except the first, unless its context ends
	deaf bool          // ignores the context

	reads, now int
}

func (s *slowStore) read(ctx context.Context, _ string) (string, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.reads++; s.reads == 1 {
		return s.text, s.err
	}
	if s.now++; s.now > 1 {
		s.t.Errorf("%d readings at a time", s.now)
	}
	defer func() { s.now-- }()
	text, err, took := s.text, s.err, time.After(s.took)
	s.mu.Unlock()
	defer s.mu.Lock()
	if s.deaf {
		<-took
		return text, err
	}
	select {
	case <-took:
		return text, err
	case <-ctx.Done():
		return "", ctx.Err()
	}
}

func (s *slowStore) set(text string, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.text, s.err = text, err
}

func (s *slowStore) box(t *testing.T) *keyring.Box {
	t.Helper()
	ring, err := keyring.FromEnv(ctx, "app", s.read)
	if err != nil {
		t.Fatal(err)
	}
	return newBox(t, ring, "purpose", 24*time.Hour)
}

// elsewhere seals with the newest key of a text, as another instance does once that key
// has settled.
func elsewhere(t *testing.T, text string) []byte {
	t.Helper()
	return seal(t, newBox(t, newRing(t, "app", text), "purpose", 24*time.Hour), "value")
}

var (
	ringA  = entry("a", epoch, 1)
	ringAB = entry("b", "2000-01-01T00:00:01Z", 2) + "," + ringA
)

// What a ring returns during an outage: for a value with a known key, for one with an
// unknown key, and when it should seal.
func TestStale(t *testing.T) {
	secretEnv(t)
	quietLog(t)
	synctest.Test(t, func(t *testing.T) {
		s := &slowStore{t: t, text: ringA}
		box := s.box(t)
		known, unknown := seal(t, box, "value"), elsewhere(t, entry("b", epoch, 2))
		start := time.Now()
		s.set("", errors.New("throttled"))
		for _, tc := range []struct {
			after    time.Duration
			unknown  error
			sealing  error
			restored bool
		}{
			{0, keyring.ErrUnknownKey, nil, false},
			{5 * time.Minute, keyring.ErrUnknownKey, nil, false},
			{10*time.Minute - time.Second, keyring.ErrUnknownKey, nil, false},
			{10 * time.Minute, keyring.ErrStale, keyring.ErrStale, false},
			{12 * time.Hour, keyring.ErrStale, keyring.ErrStale, false},
			{12*time.Hour + 29*time.Second, keyring.ErrStale, keyring.ErrStale, true}, // not yet read again
			{12*time.Hour + 30*time.Second, nil, nil, true},
		} {
			time.Sleep(time.Until(start.Add(tc.after)))
			if tc.restored {
				s.set(ringAB, nil)
			}
			if got, _, err := open(box, known); got != "value" || err != nil {
				t.Errorf("after %v: Open of a known key's = %q, %v", tc.after, got, err)
			}
			if got, old, err := open(box, unknown); !errors.Is(err, tc.unknown) || err != nil && (old || got != "") {
				t.Errorf("after %v: Open of an unknown key's = %q, %v, %v, want %v", tc.after, got, old, err, tc.unknown)
			}
			if got, err := box.Seal(ctx, nil, []byte("x")); !errors.Is(err, tc.sealing) || (err == nil) != (got != nil) {
				t.Errorf("after %v: Seal = %d bytes, %v, want %v", tc.after, len(got), err, tc.sealing)
			}
			if _, _, err := open(box, []byte("x")); !errors.Is(err, keyring.ErrMalformed) {
				t.Errorf("after %v: Open of nonsense = %v", tc.after, err)
			}
		}
		if _, _, err := open(box, elsewhere(t, entry("c", epoch, 3))); !errors.Is(err, keyring.ErrUnknownKey) {
			t.Errorf("after the outage: Open of a forgery = %v, want ErrUnknownKey", err)
		}
	})
}

func TestAFixedRingIsNeverStale(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		box := newBox(t, newRing(t, "app", ringA), "purpose", time.Hour)
		time.Sleep(10000 * time.Hour)
		if _, _, err := open(box, elsewhere(t, entry("b", epoch, 2))); !errors.Is(err, keyring.ErrUnknownKey) {
			t.Errorf("Open = %v, want ErrUnknownKey", err)
		}
		seal(t, box, "x")
	})
}

// A Secret that ignores its context blocks the request that called it, and others for at
// most two seconds. It is not called again meanwhile. The same happens if Lambda freezes
// the process during a reading, whose result is as old as its beginning.
func TestASecretThatHangs(t *testing.T) {
	secretEnv(t)
	synctest.Test(t, func(t *testing.T) {
		s := &slowStore{t: t, text: ringA, took: time.Hour, deaf: true}
		box := s.box(t)
		unknown := elsewhere(t, entry("b", epoch, 2))
		time.Sleep(80 * time.Minute)
		go open(box, unknown)
		synctest.Wait()
		for round, want := range []time.Duration{2 * time.Second, 0, 0} {
			start := time.Now()
			var wg sync.WaitGroup
			for range 10 {
				wg.Go(func() {
					if _, _, err := open(box, unknown); !errors.Is(err, keyring.ErrStale) || time.Since(start) != want {
						t.Errorf("round %d: Open = %v after %v, want ErrStale after %v", round, err, time.Since(start), want)
					}
				})
			}
			wg.Wait()
			time.Sleep(time.Minute)
		}
		if s.reads != 2 {
			t.Errorf("%d reads, want 2", s.reads)
		}
		time.Sleep(time.Hour)
		s.mu.Lock()
		s.text, s.deaf, s.took = ringAB, false, time.Second
		s.mu.Unlock()
		if _, _, err := open(box, unknown); err != nil || s.reads != 3 {
			t.Errorf("Open = %v with %d reads, want none with 3", err, s.reads)
		}
	})
}

// A panic of a Secret reaches the caller, and does not stop later readings.
func TestASecretThatPanics(t *testing.T) {
	secretEnv(t)
	synctest.Test(t, func(t *testing.T) {
		reads := 0
		ring, err := keyring.FromEnv(ctx, "app", func(context.Context, string) (string, error) {
			if reads++; reads == 2 {
				panic("of the secret")
			}
			return []string{ringA, "", ringAB}[reads-1], nil
		})
		if err != nil {
			t.Fatal(err)
		}
		box := newBox(t, ring, "purpose", time.Hour)
		time.Sleep(80 * time.Minute)
		unknown := elsewhere(t, entry("b", epoch, 2))
		func() {
			defer func() {
				if recover() == nil {
					t.Error("Open did not panic")
				}
			}()
			_, _, _ = open(box, unknown)
		}()
		if _, _, err := open(box, unknown); !errors.Is(err, keyring.ErrStale) {
			t.Errorf("Open = %v, want ErrStale", err)
		}
		time.Sleep(30 * time.Second)
		if _, _, err := open(box, unknown); err != nil {
			t.Errorf("after 30 s Open = %v", err)
		}
	})
}
