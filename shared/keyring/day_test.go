package keyring_test

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/crumb-go/crumb/shared/keyring"
)

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
