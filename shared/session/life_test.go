package session_test

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/crumb-go/crumb/shared/session"
)

func TestLife(t *testing.T) {
	for _, tc := range []struct {
		name   string
		config session.Config
		step   time.Duration // between two requests
		lives  time.Duration // when it was last seen
	}{
		{"unused", session.Config{}, 30 * time.Minute, 0},
		{"just-in-time", session.Config{}, 30*time.Minute - time.Second, 12*time.Hour - 24*time.Second},
		{"used-often", session.Config{}, time.Minute, 12*time.Hour - time.Minute},
		{"used-oftener-than-noted", session.Config{}, 10 * time.Second, 12*time.Hour - 10*time.Second},
		{"short", session.Config{Idle: 2 * time.Minute, Absolute: 4 * time.Hour}, time.Minute, 4*time.Hour - time.Minute},
		{"one-second", session.Config{Idle: time.Second, Absolute: time.Second}, 100 * time.Millisecond, 900 * time.Millisecond},
	} {
		t.Run(tc.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				m := manager(t, new(session.Memory), tc.config)
				r := started(t, m, session.NewHandle(), visitor{1})
				begin, last := time.Now(), time.Duration(0)
				for {
					time.Sleep(tc.step)
					if _, err := m.Get(r); err != nil {
						break
					}
					last = time.Since(begin)
				}
				if last != tc.lives {
					t.Errorf("last seen after %v, want %v", last, tc.lives)
				}
				refused(t, m, r)
			})
		})
	}
}

// Neither an update nor a renewal moves the absolute end.
func TestAbsoluteEndStays(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := manager(t, new(session.Memory), session.Config{})
		r := started(t, m, session.NewHandle(), visitor{0})
		for range 12*6 - 1 {
			time.Sleep(10 * time.Minute)
			if err := m.Update(r, func(v *visitor) error { v.N++; return nil }); err != nil {
				t.Fatal(err)
			}
			w := httptest.NewRecorder()
			if err := m.Renew(w, r); err != nil {
				t.Fatal(err)
			}
			refused(t, m, r)
			r = request(t, w)
		}
		sees(t, m, r, 71)
		time.Sleep(10 * time.Minute)
		refused(t, m, r)
		if err := m.Renew(httptest.NewRecorder(), r); !errors.Is(err, session.ErrNone) {
			t.Errorf("Renew: %v, want ErrNone", err)
		}
	})
}

// Every request counts as use, but few of them write.
func TestTouchesAreFew(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := &touches{Store: new(session.Memory)}
		var log bytes.Buffer
		m := manager(t, store, session.Config{Logger: slog.New(slog.NewTextHandler(&log, nil))})
		r := started(t, m, session.NewHandle(), visitor{1})
		for range 3600 {
			time.Sleep(time.Second)
			sees(t, m, r, 1)
		}
		if store.n != 20 {
			t.Errorf("%d writes in an hour of requests, want one in 3 minutes", store.n)
		}
		if log.Len() > 0 {
			t.Errorf("all was well, and the log says %s", &log)
		}
		store.err = errors.New("the store is down")
		time.Sleep(10 * time.Minute)
		sees(t, m, r, 1) // reading still works
		if text := log.String(); strings.Count(text, "\n") != 1 || !strings.HasSuffix(text, `level=ERROR msg="session: could not record activity" error="the store is down"`+"\n") {
			t.Errorf("the log says %q, want one line", text)
		}
		store.err = session.ErrNone
		refused(t, m, r) // it ended between the two
	})
}

type touches struct {
	session.Store
	n   int
	err error
}

func (s *touches) Touch(ctx context.Context, k session.Key, expires time.Time) error {
	s.n++
	if s.err != nil {
		return s.err
	}
	return s.Store.Touch(ctx, k, expires)
}
