package keyring_test

import (
	"bytes"
	"context"
	"errors"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/crumb-go/crumb/shared/keyring"
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
