// Package sessiontest tests session stores, with TestStore and TestSignOut, and functions
// that use sessions, with SignedIn.
package sessiontest

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/crumb-go/crumb/shared/session"
)

// TestStore tests a store, with a subtest for each requirement. It uses random keys and
// leaves some records behind.
func TestStore(t *testing.T, s session.Store) {
	for _, tc := range []struct {
		name string
		test func(*testing.T, session.Store)
	}{
		{"create-get", testCreateGet},
		{"sizes", testSizes},
		{"replace", testReplace},
		{"touch", testTouch},
		{"expired", testExpired},
		{"delete", testDelete},
		{"list", testList},
		{"mark", testMark},
		{"empty-data", testEmptyData},
		{"binding", testBinding},
		{"nothing-comes-back", testNothingComesBack},
		{"context", testContext},
		{"one-replace-wins", testOneReplaceWins},
		{"one-delete-wins", testOneDeleteWins},
		{"delete-beats-writes", testDeleteBeatsWrites},
	} {
		t.Run(tc.name, func(t *testing.T) { tc.test(t, s) })
	}
}

func key(user session.Handle) session.Key {
	k := session.Key{User: user}
	rand.Read(k.ID[:])
	return k
}

func record(data string) session.Record {
	now := time.Now().Truncate(time.Second)
	return session.Record{Data: []byte(data), Version: rand.Text(), Expires: now.Add(time.Hour), Ends: now.Add(2 * time.Hour), Started: now.Add(-time.Hour + 7)}
}

func create(t *testing.T, s session.Store, k session.Key, rec session.Record) {
	t.Helper()
	if err := s.Create(t.Context(), k, rec); err != nil {
		t.Fatalf("Create: %v", err)
	}
}

func holds(t *testing.T, s session.Store, k session.Key, want session.Record) {
	t.Helper()
	got, err := s.Get(t.Context(), k)
	if err != nil {
		t.Errorf("Get: %v", err)
	} else if !equal(got, want) {
		t.Errorf("Get = %s, want %s", show(got), show(want))
	}
}

func equal(a, b session.Record) bool {
	return bytes.Equal(a.Data, b.Data) && a.Version == b.Version && a.Expires.Equal(b.Expires) && a.Ends.Equal(b.Ends) &&
		a.Started.Equal(b.Started) && a.Mark == b.Mark && bytes.Equal(a.Binding, b.Binding)
}

// show returns a record for an error text: only the beginning of what may be long.
func show(rec session.Record) string {
	return fmt.Sprintf("{%d bytes of data: %.40q, version %q, mark %q, %d bytes of binding: %.10x, started %v, expires %v, ends %v}",
		len(rec.Data), rec.Data, rec.Version, rec.Mark, len(rec.Binding), rec.Binding, rec.Started, rec.Expires, rec.Ends)
}

func wants(t *testing.T, what string, err, want error) {
	t.Helper()
	if !errors.Is(err, want) {
		t.Errorf("%s: %v, want %v", what, err, want)
	}
}

func gone(t *testing.T, s session.Store, k session.Key) {
	t.Helper()
	_, err := s.Get(t.Context(), k)
	wants(t, "Get", err, session.ErrNone)
}

func testCreateGet(t *testing.T, s session.Store) {
	user := session.NewHandle()
	one, two := key(user), key(user)
	gone(t, s, one)
	first, second := record(`{"a":"Zoë\u0000"}`), record(`2`)
	second.Mark, second.Binding = "a mark", []byte("\x00\xff")
	create(t, s, one, first)
	given := second
	given.Data, given.Binding = bytes.Clone(second.Data), bytes.Clone(second.Binding)
	create(t, s, two, given)
	given.Data[0], given.Binding[0] = 'x', 'x' // the caller's own again
	holds(t, s, one, first)
	holds(t, s, two, second)
	old := key(user) // from a version that wrote only these
	create(t, s, old, session.Record{Data: first.Data, Version: first.Version, Expires: first.Expires, Ends: first.Ends})
	holds(t, s, old, session.Record{Data: first.Data, Version: first.Version, Expires: first.Expires, Ends: first.Ends})
	gone(t, s, key(user))
	gone(t, s, session.Key{User: session.NewHandle(), ID: one.ID}) // another user, the same token
}

func testSizes(t *testing.T, s session.Store) {
	for _, size := range []int{1, 1 << 10, leastData, 400_000, 1 << 20} {
		data := string(bytes.Repeat([]byte("7"), size))
		k, rec := key(session.NewHandle()), record(data)
		rec.Binding = bytes.Repeat([]byte{7}, session.MaxBinding)
		if kept(t, "Create", size, s.Create(t.Context(), k, rec)) {
			holds(t, s, k, rec)
		} else {
			gone(t, s, k)
		}

		k, rec = key(session.NewHandle()), record("1")
		create(t, s, k, rec)
		next := record(data)
		next.Ends, next.Started = rec.Ends, rec.Started
		next.Binding = bytes.Repeat([]byte{7}, session.MaxBinding)
		if kept(t, "Replace", size, s.Replace(t.Context(), k, next, rec.Version)) {
			rec = next
		}
		holds(t, s, k, rec)
	}
}

// leastData is how many bytes of data every store keeps.
const leastData = 64 << 10

// kept reports whether a store has written size bytes, as it must up to leastData.
func kept(t *testing.T, what string, size int, err error) bool {
	t.Helper()
	if err != nil && (size <= leastData || !errors.Is(err, session.ErrTooLarge)) {
		t.Errorf("%s with %d bytes: %v", what, size, err)
	}
	return err == nil
}

func testReplace(t *testing.T, s session.Store) {
	k, first := key(session.NewHandle()), record("1")
	first.Mark = "a mark"
	wants(t, "Replace of none", s.Replace(t.Context(), k, first, ""), session.ErrNone)
	gone(t, s, k)
	create(t, s, k, first)
	second := first
	second.Data, second.Version, second.Expires = []byte("2"), rand.Text(), first.Expires.Add(time.Minute)
	given := second
	given.Ends, given.Started, given.Mark = first.Ends.Add(time.Hour), first.Started.Add(time.Hour), "another mark" // which stay
	wants(t, "Replace", s.Replace(t.Context(), k, given, first.Version), nil)
	given.Data[0] = '3' // the caller's own again
	second.Data = []byte("2")
	holds(t, s, k, second)
	wants(t, "Replace of an old version", s.Replace(t.Context(), k, record("3"), first.Version), session.ErrConflict)
	holds(t, s, k, second)
}

// A record without data exists like any other.
func testEmptyData(t *testing.T, s session.Store) {
	k, rec := key(session.NewHandle()), record("")
	create(t, s, k, rec)
	holds(t, s, k, rec)
	next := rec
	next.Data, next.Version = []byte("1"), rand.Text()
	wants(t, "Replace", s.Replace(t.Context(), k, next, rec.Version), nil)
	holds(t, s, k, next)

	k = key(session.NewHandle())
	create(t, s, k, rec)
	if got, err := s.Delete(t.Context(), k); err != nil || !equal(got, rec) {
		t.Errorf("Delete = %s, %v, want %s", show(got), err, show(rec))
	}
	gone(t, s, k)
}

// A binding can be replaced, and is not lost when a record without one is written.
func testBinding(t *testing.T, s session.Store) {
	k, rec := key(session.NewHandle()), record("1")
	create(t, s, k, rec)
	for _, binding := range []string{"", "bound", "", "b", ""} {
		old := rec.Version
		given := rec
		given.Version, given.Binding = rand.Text(), []byte(binding)
		wants(t, "Replace", s.Replace(t.Context(), k, given, old), nil)
		if rec.Version = given.Version; binding != "" {
			rec.Binding = []byte(binding)
		}
		holds(t, s, k, rec)
	}
	rec.Expires = rec.Expires.Add(time.Minute)
	wants(t, "Touch", s.Touch(t.Context(), k, rec.Expires), nil)
	holds(t, s, k, rec)
	if got, err := s.Delete(t.Context(), k); err != nil || !equal(got, rec) {
		t.Errorf("Delete = %s, %v, want %s", show(got), err, show(rec))
	}
}

func testTouch(t *testing.T, s session.Store) {
	k, rec := key(session.NewHandle()), record("1")
	wants(t, "Touch of none", s.Touch(t.Context(), k, rec.Expires), session.ErrNone)
	gone(t, s, k)
	create(t, s, k, rec)
	rec.Expires = rec.Expires.Add(time.Minute)
	wants(t, "Touch", s.Touch(t.Context(), k, rec.Expires), nil)
	holds(t, s, k, rec)
	wants(t, "Touch to the same time", s.Touch(t.Context(), k, rec.Expires), nil)
	wants(t, "Touch to an earlier time", s.Touch(t.Context(), k, rec.Expires.Add(-time.Minute)), nil)
	holds(t, s, k, rec)
}

// An expired record may still exist, but cannot be written.
func testExpired(t *testing.T, s session.Store) {
	k, rec := key(session.NewHandle()), record("1")
	rec.Expires = time.Now().Add(-time.Minute).Truncate(time.Second)
	create(t, s, k, rec)
	if got, err := s.Get(t.Context(), k); err == nil && !equal(got, rec) || err != nil && !errors.Is(err, session.ErrNone) {
		t.Errorf("Get = %s, %v, want ErrNone or %s", show(got), err, show(rec))
	}
	wants(t, "Touch", s.Touch(t.Context(), k, time.Now().Add(time.Hour)), session.ErrNone)
	wants(t, "Replace", s.Replace(t.Context(), k, record("2"), rec.Version), session.ErrNone)
}

func testDelete(t *testing.T, s session.Store) {
	user := session.NewHandle()
	k, other, rec := key(user), key(user), record("1")
	_, err := s.Delete(t.Context(), k)
	wants(t, "Delete of none", err, session.ErrNone)
	create(t, s, k, rec)
	create(t, s, other, rec)
	if got, err := s.Delete(t.Context(), k); err != nil || !equal(got, rec) {
		t.Errorf("Delete = %s, %v, want %s", show(got), err, show(rec))
	}
	gone(t, s, k)
	holds(t, s, other, rec)
}

func testList(t *testing.T, s session.Store) {
	user := session.NewHandle()
	lists(t, s, user, nil)
	create(t, s, key(session.NewHandle()), record("1"))
	wants(t, "SetMark", s.SetMark(t.Context(), user, "no session", time.Now().Add(time.Hour)), nil)
	want := map[session.Key]session.Record{}
	for i := range 12 { // more than one page of a DynamoDB query
		k, rec := key(user), record(string(bytes.Repeat([]byte("1"), 200_000)))
		rec.Expires, rec.Ends = rec.Expires.Add(time.Duration(i)*time.Second), rec.Ends.Add(time.Duration(i)*time.Minute)
		switch i {
		case 0:
			rec.Data = nil
		case 1:
			rec.Started = time.Time{}
		default:
			rec.Mark = fmt.Sprint("mark ", i)
		}
		create(t, s, k, rec)
		want[k] = rec
	}
	lists(t, s, user, want)
	for k := range want {
		if _, err := s.Delete(t.Context(), k); err != nil {
			t.Fatalf("Delete: %v", err)
		}
		delete(want, k)
		break
	}
	lists(t, s, user, want)
}

func lists(t *testing.T, s session.Store, user session.Handle, want map[session.Key]session.Record) {
	t.Helper()
	all, err := s.List(t.Context(), user)
	if err != nil {
		t.Fatalf("List: %v", err)
	}
	found := map[session.Key]bool{}
	for _, l := range all {
		rec, ok := want[l.Key]
		if !ok || found[l.Key] || l.Mark != rec.Mark || !l.Started.Equal(rec.Started) || !l.Expires.Equal(rec.Expires) || !l.Ends.Equal(rec.Ends) {
			t.Errorf("List has %v, want each of %d records once", l, len(want))
		}
		found[l.Key] = true
	}
	if len(found) != len(want) {
		t.Errorf("List has %d records, want %d", len(found), len(want))
	}
}

func testMark(t *testing.T, s session.Store) {
	user, other := session.NewHandle(), session.NewHandle()
	marked := func(user session.Handle, want string) {
		t.Helper()
		if got, err := s.Mark(t.Context(), user); err != nil || got != want {
			t.Errorf("Mark = %q, %v, want %q", got, err, want)
		}
	}
	marked(user, "")
	wants(t, "SetMark", s.SetMark(t.Context(), user, "one", time.Now().Add(2*time.Hour)), nil)
	marked(user, "one")
	wants(t, "SetMark", s.SetMark(t.Context(), user, "two", time.Now().Add(time.Hour)), nil)
	marked(user, "two")
	marked(other, "")
	wants(t, "SetMark", s.SetMark(t.Context(), other, "other", time.Now().Add(time.Hour)), nil)
	marked(user, "two")
	lists(t, s, user, nil)
	k := key(user)
	create(t, s, k, record("1"))
	if _, err := s.Delete(t.Context(), k); err != nil {
		t.Errorf("Delete: %v", err)
	}
	marked(user, "two")
}

func testNothingComesBack(t *testing.T, s session.Store) {
	k, rec := key(session.NewHandle()), record("1")
	create(t, s, k, rec)
	if _, err := s.Delete(t.Context(), k); err != nil {
		t.Fatal(err)
	}
	wants(t, "Touch", s.Touch(t.Context(), k, rec.Expires.Add(time.Hour)), session.ErrNone)
	wants(t, "Replace", s.Replace(t.Context(), k, record("2"), rec.Version), session.ErrNone)
	gone(t, s, k)
}

func testContext(t *testing.T, s session.Store) {
	k, rec := key(session.NewHandle()), record("1")
	create(t, s, k, rec)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, get := s.Get(ctx, k)
	_, del := s.Delete(ctx, k)
	_, list := s.List(ctx, k.User)
	_, mark := s.Mark(ctx, k.User)
	for name, err := range map[string]error{
		"Create": s.Create(ctx, key(k.User), rec), "Get": get, "Replace": s.Replace(ctx, k, rec, rec.Version),
		"Touch": s.Touch(ctx, k, rec.Expires), "Delete": del, "List": list,
		"Mark": mark, "SetMark": s.SetMark(ctx, k.User, "a mark", rec.Expires),
	} {
		wants(t, name, err, context.Canceled)
	}
	holds(t, s, k, rec)
}
