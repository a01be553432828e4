package keyring_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
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

// In whatever order requests come, they know every key that seals elsewhere, and cause
// only one reading.
func TestManyRequestsWaitForOneReading(t *testing.T) {
	secretEnv(t)
	for _, tc := range []struct {
		name       string
		idle, took time.Duration
		apart      time.Duration // between requests
	}{
		{"overdue-at-once", 80 * time.Minute, time.Second, 0},
		{"overdue-one-by-one", 80 * time.Minute, time.Second, 100 * time.Millisecond},
		{"overdue-and-slow", 80 * time.Minute, 2*time.Second - 1, 0},
		{"overdue-by-nothing", 10 * time.Minute, time.Second, 0},
		{"due-and-unknown", 5 * time.Minute, time.Second, 0},
		{"due-and-unknown-one-by-one", 10*time.Minute - time.Second, 900 * time.Millisecond, 50 * time.Millisecond},
	} {
		t.Run(tc.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := &slowStore{t: t, text: ringA, took: tc.took}
				box := s.box(t)
				time.Sleep(tc.idle)
				s.set(ringAB, nil)
				sealed := elsewhere(t, entry("b", epoch, 2))
				start := time.Now()
				var wg sync.WaitGroup
				for range 10 {
					wg.Go(func() {
						if got, _, err := open(box, sealed); got != "value" || err != nil {
							t.Errorf("after %v Open = %q, %v", time.Since(start), got, err)
						}
						if took, want := time.Since(start), max(tc.took, 9*tc.apart); took > want {
							t.Errorf("Open returned after %v, want %v at most", took, want)
						}
					})
					time.Sleep(tc.apart)
				}
				wg.Wait()
				if s.reads != 2 {
					t.Errorf("%d reads, want 2", s.reads)
				}
			})
		})
	}
}

// Sealing waits too: the key that sealed ten minutes ago may have been dropped.
func TestSealingWaitsForTheReading(t *testing.T) {
	secretEnv(t)
	synctest.Test(t, func(t *testing.T) {
		s := &slowStore{t: t, text: ringA, took: time.Second}
		box := s.box(t)
		time.Sleep(80 * time.Minute)
		s.set(entry("b", epoch, 2), nil)
		var wg sync.WaitGroup
		for range 10 {
			wg.Go(func() {
				if _, _, err := open(newBox(t, newRing(t, "app", ringA), "purpose", time.Hour), seal(t, box, "x")); !errors.Is(err, keyring.ErrUnknownKey) {
					t.Errorf("sealed with the key that is gone: %v", err)
				}
			})
		}
		wg.Wait()
		if s.reads != 2 {
			t.Errorf("%d reads, want 2", s.reads)
		}
	})
}

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
			if _, _, err := open(box, unknown); !errors.Is(err, tc.unknown) {
				t.Errorf("after %v: Open of an unknown key's = %v, want %v", tc.after, err, tc.unknown)
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

// Requests stop waiting when their context ends, and must not call a value forged then.
// The one that reads continues, so that the others get their keys.
func TestAReadingOutlivesItsCallers(t *testing.T) {
	secretEnv(t)
	for _, tc := range []struct {
		name string
		idle time.Duration
	}{
		{"due", 5 * time.Minute},
		{"overdue", 80 * time.Minute},
	} {
		t.Run(tc.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := &slowStore{t: t, text: ringA, took: time.Second}
				box := s.box(t)
				time.Sleep(tc.idle)
				s.set(ringAB, nil)
				sealed := elsewhere(t, entry("b", epoch, 2))
				start := time.Now()
				var wg sync.WaitGroup
				for i, want := range []time.Duration{time.Second, 50 * time.Millisecond, 100 * time.Millisecond} {
					impatient, cancel := context.WithTimeout(ctx, []time.Duration{0, 50 * time.Millisecond, 100 * time.Millisecond, time.Minute}[i])
					defer cancel()
					wg.Go(func() {
						_, _, err := box.Open(impatient, bytes.Clone(sealed))
						if took := time.Since(start); took != want || (err == nil) != (took == time.Second) || err != nil && !errors.Is(err, keyring.ErrStale) {
							t.Errorf("request %d: Open = %v after %v, want it after %v", i, err, took, want)
						}
					})
					synctest.Wait()
				}
				wg.Wait()
				if s.reads != 2 {
					t.Errorf("%d reads, want 2", s.reads)
				}
			})
		})
	}
}

// During a reading that is due, a known key opens at once. A forgery waits for the
// reading, and still does not open.
func TestAForgeryWaitsForTheReading(t *testing.T) {
	secretEnv(t)
	synctest.Test(t, func(t *testing.T) {
		s := &slowStore{t: t, text: ringA, took: time.Second}
		box := s.box(t)
		known, forged := seal(t, box, "value"), elsewhere(t, entry("b", epoch, 2))
		time.Sleep(5 * time.Minute)
		go func() { _, _ = box.Seal(ctx, nil, nil) }() // reads
		synctest.Wait()
		start := time.Now()
		if _, _, err := open(box, known); err != nil || time.Since(start) != 0 {
			t.Errorf("Open of a known key's = %v after %v, want none after 0s", err, time.Since(start))
		}
		if _, _, err := open(box, forged); !errors.Is(err, keyring.ErrUnknownKey) || time.Since(start) != time.Second {
			t.Errorf("Open of a forgery = %v after %v, want ErrUnknownKey after 1s", err, time.Since(start))
		}
	})
}

// A value that expires while its request waits does not open.
func TestTimeGoesOnWhileARequestWaits(t *testing.T) {
	secretEnv(t)
	synctest.Test(t, func(t *testing.T) {
		s := &slowStore{t: t, text: ringA, took: 2*time.Second - 1}
		box := s.box(t)
		ring := newRing(t, "app", ringA)
		time.Sleep(time.Hour)
		sealed := seal(t, newBox(t, ring, "purpose", time.Second), "value")
		var wg sync.WaitGroup
		for range 2 { // one reads, one waits
			wg.Go(func() {
				if _, _, err := open(box, sealed); !errors.Is(err, keyring.ErrExpired) {
					t.Errorf("Open = %v, want ErrExpired", err)
				}
			})
		}
		wg.Wait()
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

// A day with several instances that are busy, idle and cut off at random, and with
// rotations: each value opens on every instance until it expires, unless the instance
// returns ErrStale.
func TestNoValueIsEverTakenForAForgery(t *testing.T) {
	secretEnv(t)
	quietLog(t)
	for seed := range uint64(10) {
		t.Run(fmt.Sprint("seed-", seed), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) { day(t, rand.New(rand.NewPCG(seed, 1))) })
		})
	}
}

func day(t *testing.T, random *rand.Rand) {
	const life = 6 * time.Hour
	text := keyring.Format(keyring.Rotate(nil, time.Now(), life))
	stores := make([]*slowStore, 4)
	boxes := make([]*keyring.Box, len(stores))
	for i := range stores {
		stores[i] = &slowStore{t: t, text: text}
		ring, err := keyring.FromEnv(ctx, "app", stores[i].read)
		if err != nil {
			t.Fatal(err)
		}
		boxes[i] = newBox(t, ring, "purpose", life)
	}
	up := make([]bool, len(stores))
	type value struct {
		sealed []byte
		until  time.Time
	}
	var mu sync.Mutex
	var values []value
	var stale, opened int
	next := time.Now().Add(3 * time.Hour)
	for end := time.Now().Add(48 * time.Hour); time.Now().Before(end); {
		if time.Now().After(next) {
			text = keyring.Format(keyring.Rotate(parse(t, text), time.Now(), life))
			next = time.Now().Add(3 * time.Hour)
		}
		for i, s := range stores {
			if random.IntN(20) == 0 {
				up[i] = random.IntN(3) > 0
			}
			s.mu.Lock()
			s.text, s.err, s.took = text, nil, time.Duration(random.IntN(3000))*time.Millisecond
			if !up[i] {
				s.err = errors.New("cut off")
			}
			s.mu.Unlock()
		}
		before := values
		var wg sync.WaitGroup
		for range 1 + random.IntN(12) {
			box, wait := boxes[random.IntN(len(boxes))], time.Duration(random.IntN(3000))*time.Millisecond
			var shown []value
			for range min(4, len(before)) {
				shown = append(shown, before[random.IntN(len(before))])
			}
			wg.Go(func() {
				time.Sleep(wait)
				sealed, err := box.Seal(ctx, nil, []byte("value"))
				mu.Lock()
				defer mu.Unlock()
				if err == nil {
					values = append(values, value{sealed, time.Now().Add(life - 10*time.Second)})
				} else if !errors.Is(err, keyring.ErrStale) {
					t.Errorf("Seal = %v", err)
				}
				for _, v := range shown {
					mu.Unlock()
					_, _, err := open(box, v.sealed)
					mu.Lock()
					switch {
					case err == nil:
						opened++
					case errors.Is(err, keyring.ErrStale):
						stale++
					case time.Now().Before(v.until):
						t.Errorf("at %v Open = %v, of a value good until %v", time.Now(), err, v.until)
					}
				}
			})
		}
		wg.Wait()
		if random.IntN(10) == 0 {
			time.Sleep(time.Duration(random.IntN(120)) * time.Minute) // no requests
		}
		time.Sleep(time.Duration(random.IntN(240)) * time.Second)
	}
	if opened < 100 || stale == 0 {
		t.Errorf("%d values opened, %d times stale: the day proves nothing", opened, stale)
	}
}
