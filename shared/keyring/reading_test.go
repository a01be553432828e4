package keyring_test

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/crumb-go/crumb/shared/keyring"
	"github.com/crumb-go/crumb/shared/lambdalog"
)

// store is a secret that counts how often it is read.
type store struct {
	text  string
	err   error
	reads int
}

func (s *store) read(context.Context, string) (string, error) {
	s.reads++
	return s.text, s.err
}

func fromStore(t *testing.T, s *store) *keyring.Ring {
	t.Helper()
	ring, err := keyring.FromEnv(ctx, "app", s.read)
	if err != nil {
		t.Fatal(err)
	}
	return ring
}

func quietLog(t *testing.T) *bytes.Buffer {
	var log bytes.Buffer
	old := slog.Default()
	slog.SetDefault(lambdalog.New(&log, ""))
	t.Cleanup(func() { slog.SetDefault(old) })
	return &log
}

func secretEnv(t *testing.T) {
	t.Setenv("CRUMB_KEYS", "")
	t.Setenv("CRUMB_KEYS_SECRET", "ring")
}

func TestReadAgainAfterFiveMinutes(t *testing.T) {
	secretEnv(t)
	log := quietLog(t)
	synctest.Test(t, func(t *testing.T) {
		s := &store{text: entry("a", epoch, 1)}
		box := newBox(t, fromStore(t, s), "purpose", time.Hour)

		time.Sleep(5*time.Minute - time.Second)
		seal(t, box, "x")
		if s.reads != 1 {
			t.Errorf("%d reads before five minutes, want 1", s.reads)
		}
		time.Sleep(time.Second)
		seal(t, box, "x")
		seal(t, box, "x")
		if s.reads != 2 {
			t.Errorf("%d reads after five minutes, want 2", s.reads)
		}
		if log.Len() > 0 {
			t.Errorf("log = %s, want none", log)
		}
	})
}

func TestAnUnknownKeyCausesNoReading(t *testing.T) {
	secretEnv(t)
	synctest.Test(t, func(t *testing.T) {
		foreign := seal(t, newBox(t, newRing(t, "app", entry("b", epoch, 2)), "purpose", time.Hour), "x")
		s := &store{text: entry("a", epoch, 1)}
		box := newBox(t, fromStore(t, s), "purpose", time.Hour)
		for range 100 {
			time.Sleep(time.Second)
			if _, _, err := open(box, foreign); !errors.Is(err, keyring.ErrUnknownKey) {
				t.Fatalf("Open = %v, want ErrUnknownKey", err)
			}
		}
		if s.reads != 1 {
			t.Errorf("%d reads, want 1", s.reads)
		}
	})
}

func TestKeptThroughAnOutage(t *testing.T) {
	secretEnv(t)
	for _, tc := range []struct {
		name, text string
		err        error
		log        string
	}{
		{"unreadable", "", errors.New("throttled"), "reading the secret: throttled"},
		{"emptied", "", nil, "the secret has become empty"},
		{"damaged", "a.b.c", nil, "entry 1: the time is not like 2006-01-02T15:04:05Z"},
		{"published", entry("dev-1", epoch, 9), nil, `development key \"dev-1\" rejected: neither AWS_SAM_LOCAL nor CRUMB_LOCAL is set`},
	} {
		t.Run(tc.name, func(t *testing.T) {
			log := quietLog(t)
			synctest.Test(t, func(t *testing.T) {
				good := entry("a", epoch, 1)
				s := &store{text: good}
				box := newBox(t, fromStore(t, s), "purpose", 24*time.Hour)
				sealed := seal(t, box, "value")

				s.text, s.err = tc.text, tc.err
				time.Sleep(5 * time.Minute)
				for range 60 {
					if got, _, err := open(box, sealed); got != "value" || err != nil {
						t.Fatalf("Open = %q, %v", got, err)
					}
					time.Sleep(time.Second)
				}
				if s.reads != 3 {
					t.Errorf("%d reads in the first minute of an outage, want one and one each 30 s", s.reads)
				}
				want := `"level":"ERROR","message":"keyring refresh failed; keeping previous keys","error":"keyring: ` + tc.log + `","requestId":"r1"`
				if n := strings.Count(log.String(), want); n != 2 {
					t.Errorf("log = %s, want %s for both readings that failed", log, want)
				}

				s.text, s.err = good+","+entry("b", epoch, 2), nil
				fresh := seal(t, newBox(t, newRing(t, "app", entry("b", epoch, 2)), "purpose", time.Hour), "new")
				time.Sleep(30 * time.Second)
				if got, _, err := open(box, fresh); got != "new" || err != nil {
					t.Errorf("after the outage Open = %q, %v", got, err)
				}
			})
		})
	}
}

func TestAnEmptySecretFailsUntilItHasAKey(t *testing.T) {
	secretEnv(t)
	synctest.Test(t, func(t *testing.T) {
		s := &store{}
		box := newBox(t, fromStore(t, s), "purpose", time.Hour)
		if sealed, err := box.Seal(ctx, nil, nil); !errors.Is(err, keyring.ErrNoKey) || sealed != nil {
			t.Errorf("Seal = %x, %v, want ErrNoKey", sealed, err)
		}
		if value, old, err := box.Open(ctx, nil); !errors.Is(err, keyring.ErrNoKey) || value != nil || old {
			t.Errorf("Open = %q, %v, %v, want ErrNoKey", value, old, err)
		}
		s.text = entry("a", epoch, 1)
		time.Sleep(30 * time.Second)
		if got, _, err := open(box, seal(t, box, "value")); got != "value" || err != nil {
			t.Errorf("Open = %q, %v", got, err)
		}
		if s.reads != 2 {
			t.Errorf("%d reads, want 2", s.reads)
		}
	})
}

// A client that hangs up does not end the reading; a store that hangs is abandoned after
// two seconds.
func TestReadingHasItsOwnDeadline(t *testing.T) {
	secretEnv(t)
	log := quietLog(t)
	synctest.Test(t, func(t *testing.T) {
		reads := 0
		ring, err := keyring.FromEnv(ctx, "app", func(ctx context.Context, _ string) (string, error) {
			if reads++; reads > 1 {
				<-ctx.Done()
				return "", ctx.Err()
			}
			return entry("a", epoch, 1), nil
		})
		if err != nil {
			t.Fatal(err)
		}
		box := newBox(t, ring, "purpose", time.Hour)
		time.Sleep(5 * time.Minute)
		gone, cancel := context.WithCancel(ctx)
		cancel()
		start := time.Now()
		if _, err := box.Seal(gone, nil, nil); err != nil {
			t.Error(err)
		}
		if took := time.Since(start); took != 2*time.Second {
			t.Errorf("Seal took %v, want 2s", took)
		}
		if !strings.Contains(log.String(), "deadline exceeded") {
			t.Errorf("log = %q", log)
		}
	})
}

func TestStartingHasADeadline(t *testing.T) {
	secretEnv(t)
	synctest.Test(t, func(t *testing.T) {
		start := time.Now()
		ring, err := keyring.FromEnv(ctx, "app", func(ctx context.Context, _ string) (string, error) {
			<-ctx.Done()
			return "", ctx.Err()
		})
		if took := time.Since(start); ring != nil || !errors.Is(err, context.DeadlineExceeded) || took != 5*time.Second {
			t.Errorf("FromEnv = %v, %v after %v", ring, err, took)
		}
	})
}

// While one request reads the ring, the others use the keys they have.
func TestNobodyElseWaitsForAReading(t *testing.T) {
	secretEnv(t)
	synctest.Test(t, func(t *testing.T) {
		reads := 0
		ring, err := keyring.FromEnv(ctx, "app", func(context.Context, string) (string, error) {
			if reads++; reads > 1 {
				time.Sleep(time.Second)
			}
			return entry("a", epoch, 1), nil
		})
		if err != nil {
			t.Fatal(err)
		}
		box := newBox(t, ring, "purpose", time.Hour)
		time.Sleep(5 * time.Minute)
		use := func() {
			if _, err := box.Seal(ctx, nil, nil); err != nil {
				t.Error(err)
			}
		}
		go use() // reads
		synctest.Wait()
		start := time.Now()
		for range 10 {
			go use()
		}
		synctest.Wait()
		if took := time.Since(start); took != 0 || reads != 2 {
			t.Errorf("10 sealings took %v and %d reads, want 0s and 2", took, reads)
		}
		time.Sleep(time.Second)
	})
}

// Two instances read a rotated ring at different times; both can always open every value.
func TestARotationLogsNobodyOut(t *testing.T) {
	secretEnv(t)
	synctest.Test(t, func(t *testing.T) {
		const life = 6 * time.Hour
		s := &store{text: keyring.Format(keyring.Rotate(nil, time.Now(), life))}
		one := newBox(t, fromStore(t, s), "purpose", life)
		time.Sleep(149 * time.Second)
		two := newBox(t, fromStore(t, s), "purpose", life)

		type sealed struct {
			bytes []byte
			at    time.Time
		}
		var out []sealed
		start := time.Now()
		for minute := range 24 * 60 {
			if minute%180 == 90 { // every three hours
				s.text = keyring.Format(keyring.Rotate(parse(t, s.text), time.Now(), life))
			}
			for _, box := range []*keyring.Box{one, two} {
				out = append(out, sealed{seal(t, box, "value"), time.Now()})
			}
			for len(out) > 0 && time.Since(out[0].at) >= life {
				out = out[1:]
			}
			for _, v := range []sealed{out[0], out[len(out)/2], out[len(out)-2], out[len(out)-1]} {
				for _, box := range []*keyring.Box{one, two} {
					if _, _, err := open(box, v.bytes); err != nil {
						t.Fatalf("after %v: %v", time.Since(start), err)
					}
				}
			}
			time.Sleep(time.Minute)
		}
		if n := len(parse(t, s.text)); n < 3 || n > 5 {
			t.Errorf("%d keys after a day of rotations every 3 h and a life of 6 h", n)
		}
	})
}
