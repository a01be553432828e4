package session

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	mathrand "math/rand/v2"
	"net/http"
	"slices"
	"time"
)

// A Handle identifies a user where the name must not be visible: in the cookie and in the
// store. It is random, made once for each user with NewHandle, and kept with the account.
// It is not a secret, and changes only to end every session at once.
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

// An id is the value of the cookie.
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

// maxIDs is how many cookies with the name are tried: more than browsers send, and few
// enough that a request cannot cost many reads.
const maxIDs = 8

// ids returns the distinct ids in the request's cookies with the name, which need not be
// sessions. A browser sends several if the cookie was set in several scopes, such as
// Partitioned and not.
func (m *Manager[T]) ids(r *http.Request) (all []id) {
	for _, text := range m.cookie.All(r) {
		var i id
		if len(text) != len(i.user)+len(i.token) || len(all) == maxIDs {
			continue
		}
		copy(i.user[:], text)
		copy(i.token[:], text[len(i.user):])
		if !slices.Contains(all, i) {
			all = append(all, i)
		}
	}
	return all
}

func keys(ids []id) (all []Key) {
	for _, i := range ids {
		all = append(all, i.key())
	}
	return all
}

// pause waits a random time of up to 2^n ms, at most 64, before the n-th repetition, so
// that requests that collided do not collide again. Before the first it only checks
// whether ctx is done.
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
