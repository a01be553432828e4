package session

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	mathrand "math/rand/v2"
	"net/http"
	"time"
)

// A Handle stands for a user wherever a name must not be seen: in the cookie and
// in the store. It is random, made once for each user by NewHandle and kept with
// the account. It is no secret, and changes only to end every session at once.
type Handle [16]byte

// NewHandle returns a new random Handle.
func NewHandle() (h Handle) {
	rand.Read(h[:]) // never fails
	return h
}

// A Key is where a store keeps a session.
type Key struct {
	User Handle
	ID   [sha256.Size]byte // SHA-256 of the token
}

// An id is what the cookie holds.
type id struct {
	user  Handle
	token [32]byte
}

func newID(user Handle) id {
	i := id{user: user}
	rand.Read(i.token[:])
	return i
}

func (i *id) key() Key { return Key{i.user, sha256.Sum256(i.token[:])} }

func (i *id) text() string { return string(i.user[:]) + string(i.token[:]) }

// id returns what the request's cookie says; it may be no session at all.
func (m *Manager[T]) id(r *http.Request) (i id, ok bool) {
	text, ok := m.cookie.Get(r)
	if !ok || len(text) != len(i.user)+len(i.token) {
		return i, false
	}
	copy(i.user[:], text)
	copy(i.token[:], text[len(i.user):])
	return i, true
}

// pause waits before the n-th repetition, a random time of up to 2^n ms, at most
// 64, so that those who collided do not do so again. Before the first it checks
// only whether ctx is done.
func pause(ctx context.Context, n int) error {
	if n == 0 {
		return ctx.Err()
	}
	longest := time.Millisecond << min(n, 6)
	t := time.NewTimer(mathrand.N(longest))
	defer t.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-t.C:
		return nil
	}
}
