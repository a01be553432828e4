package main

import (
	"context"
	"testing"
	"time"

	"github.com/crumb-go/crumb/shared/session"
)

// The demo's passwords are hashed as in production: TestFunction signs in with as many rounds.
func TestDemoUsers(t *testing.T) {
	for name, want := range map[string]bool{"name": true, "nobody": false} {
		if u, _, found, err := (demoUsers{}).find(t.Context(), name); err != nil || found != want || u.testOnlyRounds != 0 {
			t.Errorf("%s: found is %v, want %v; %d rounds, want the default, 0; %v", name, found, want, u.testOnlyRounds, err)
		}
	}
}

// slow is a directory whose passwords take at least some milliseconds to check.
type slow struct{ quick }

func (s slow) find(ctx context.Context, name string) (user, string, bool, error) {
	u, countedAs, found, err := s.quick.find(ctx, name)
	u.testOnlyRounds = 50_000
	return u, countedAs, found, err
}

// The time of a response does not show whether a name exists.
func TestNobodyCostsTheSame(t *testing.T) {
	h := newHandler(new(session.Memory), config{users: slow{}, guesses: new(counts)})
	for _, name := range []string{"name", "nobody"} {
		began := time.Now()
		w := post(h, "username="+name+"&password=x", "192.0.2.1:1")
		if took := time.Since(began); w.Code != 401 || took < time.Millisecond {
			t.Errorf("%s: %d after %v, want 401 after the time that a hash takes", name, w.Code, took)
		}
	}
}
