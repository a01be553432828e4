package sessiontest

import (
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/crumb-go/crumb/shared/session"
)

// together runs f n times concurrently and returns the errors.
func together(n int, f func(i int) error) []error {
	errs := make([]error, n)
	var all sync.WaitGroup
	for i := range n {
		all.Go(func() { errs[i] = f(i) })
	}
	all.Wait()
	return errs
}

// winners counts the nil errors; all others must be want.
func winners(t *testing.T, errs []error, want error) (n int) {
	t.Helper()
	for _, err := range errs {
		if err == nil {
			n++
		} else {
			wants(t, "the loser", err, want)
		}
	}
	return n
}

func testOneReplaceWins(t *testing.T, s session.Store) {
	k, rec := key(session.NewHandle()), record("0")
	create(t, s, k, rec)
	next := make([]session.Record, 16)
	errs := together(len(next), func(i int) error {
		next[i] = record(fmt.Sprint(i + 1))
		return s.Replace(t.Context(), k, next[i], rec.Version)
	})
	if n := winners(t, errs, session.ErrConflict); n != 1 {
		t.Fatalf("%d of 16 won", n)
	}
	for i, err := range errs {
		if err == nil {
			next[i].Ends, next[i].Started = rec.Ends, rec.Started
			holds(t, s, k, next[i])
		}
	}
}

func testOneDeleteWins(t *testing.T, s session.Store) {
	k, rec := key(session.NewHandle()), record("0")
	create(t, s, k, rec)
	errs := together(16, func(int) error {
		_, err := s.Delete(t.Context(), k)
		return err
	})
	if n := winners(t, errs, session.ErrNone); n != 1 {
		t.Errorf("%d of 16 won", n)
	}
}

func testDeleteBeatsWrites(t *testing.T, s session.Store) {
	k, rec := key(session.NewHandle()), record("0")
	create(t, s, k, rec)
	together(16, func(i int) error {
		switch {
		case i == 8:
			_, err := s.Delete(t.Context(), k)
			return err
		case i%2 == 0:
			return s.Touch(t.Context(), k, rec.Expires.Add(time.Duration(i)*time.Second))
		}
		return s.Replace(t.Context(), k, record("1"), rec.Version)
	})
	gone(t, s, k)
}
