package session_test

import (
	"crypto/sha256"
	"testing"
	"testing/synctest"
	"time"

	"github.com/crumb-go/crumb/shared/session"
	"github.com/crumb-go/crumb/shared/session/sessiontest"
)

func TestMemory(t *testing.T) {
	sessiontest.TestStore(t, new(session.Memory))
}

// Every order of requests.
func TestSignOut(t *testing.T) {
	sessiontest.TestSignOut(t, -1, sessiontest.Operations(new(session.Memory)))
}

// Memory removes expired records.
func TestMemoryForgets(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m, user := new(session.Memory), session.NewHandle()
		now := time.Now()
		for name, rec := range map[string]session.Record{
			"expires": {Data: []byte("1"), Expires: now.Add(time.Minute), Ends: now.Add(time.Hour)},
			"ends":    {Data: []byte("1"), Expires: now.Add(time.Hour), Ends: now.Add(time.Minute)},
			"lives":   {Data: []byte("1"), Expires: now.Add(time.Hour), Ends: now.Add(time.Hour)},
		} {
			if err := m.Create(t.Context(), session.Key{User: user, ID: sha256.Sum256([]byte(name))}, rec); err != nil {
				t.Fatal(err)
			}
		}
		if err := m.SetMark(t.Context(), user, "mark", now.Add(time.Minute)); err != nil {
			t.Fatal(err)
		}
		count := func(wait time.Duration, records int, mark string) {
			t.Helper()
			time.Sleep(wait)
			live := 0
			for _, name := range []string{"expires", "ends", "lives"} {
				if _, err := m.Get(t.Context(), session.Key{User: user, ID: sha256.Sum256([]byte(name))}); err == nil {
					live++
				}
			}
			if got, err := m.Mark(t.Context(), user); live != records || got != mark || err != nil {
				t.Errorf("after %v: %d records and the mark %q, %v, want %d and %q", time.Since(now), live, got, err, records, mark)
			}
		}
		count(time.Minute-1, 3, "mark")
		count(1, 1, "")
		if err := m.Create(t.Context(), session.Key{User: user}, session.Record{Expires: now.Add(time.Hour), Ends: now.Add(time.Hour)}); err != nil {
			t.Fatal(err)
		}
		if all, err := m.List(t.Context(), user); err != nil || len(all) != 2 {
			t.Errorf("List = %v, %v, want 2 records", all, err)
		}
	})
}
