// Package keyring seals values: encrypts them, so that whoever carries them can
// neither read nor change them, and lets them expire. Its keys rotate and nobody
// is logged out.
//
// Cookies are sealed with cookie.Seal, which stands on this package. Anything
// else, a token in a link say, is sealed with a Box:
//
//	ring, err := keyring.FromEnv(ctx, "shop", nil)
//	box, err := ring.Box("unsubscribe link", 48*time.Hour)
//	sealed, err := box.Seal(ctx, nil, []byte("zoe@example.com"))
//	address, _, err := box.Open(ctx, sealed)
//
// # The ring
//
// A ring is one text of entries `id.created.secret` joined by commas:
//
//	4f3a9c21.2026-02-01T00:00:00Z.<32 bytes, base64url>,b20c77d1.2026-01-01T00:00:00Z.<…>
//
// Every key opens from the moment it is known. One key seals: the newest that is
// 10 minutes old (or the oldest, if none is). As every instance reads the ring
// again when it is used 5 minutes after the last time, all of them know a key
// before the first of them seals with it. So a key must become part of the ring
// within moments of its creation; Rotate and functions/rotatekeys see to that.
//
// # An outage
//
// A ring that cannot be read again goes on with the keys that it has. 10 minutes
// after the last good reading it is stale: others may seal with a key that it does
// not have, and the last key that it has may be gone before what it seals expires.
// From then on it opens what it has the key of; whatever else it is asked it
// refuses with ErrStale, until a reading succeeds. Respond with 503 to that, and
// leave the visitor's cookie alone. A value that came back as ErrUnknownKey would
// look like a forgery, and be lost.
//
// Ids beginning with "dev-" mark keys that are published, such as those in
// examples. They are refused unless the environment has AWS_SAM_LOCAL or
// CRUMB_LOCAL, which the local gateways set.
//
// # How often to rotate
//
// Each sealing draws a random nonce of 96 bits. NIST SP 800-38D section 8.3
// allows 2^32 of them for one key, where the chance that any two are equal is
// still below 2^-32. A key that lives 30 days therefore carries 1,650 sealings a
// second without pause, one of a day 49,000. Monthly is right for nearly
// everybody; halve the period as traffic doubles beyond that.
//
// # The sealed form
//
//	bytes  content
//	1      version, 1
//	4      key id: the first 4 bytes of the SHA-256 of its text
//	12     nonce
//	8      encrypted: when it was sealed, when it expires (Unix seconds, big endian, 32 bits each)
//	n      encrypted: the value
//	16     tag of AES-256-GCM
//
// The tag covers, as additional data, the version byte, and the app's name and
// the box's purpose, each behind its length as 16 bits, big endian.
//
// # What is protected, and what is not
//
// Without a key nobody can read a sealed value, change a bit of it, make one,
// prolong its life, or pass one purpose's or one app's off as another's. How long
// the value is can be seen, and when it was replaced.
//
// A sealed value is not tied to whoever carries it. A copy opens as often as its
// thief likes until it expires, and there is no way to call it back but to drop
// its key, which ends every value sealed with it. Old values open as well as new
// ones: who gave up a discount may present the cookie from before. Where that
// matters keep the state on the server (shared/session).
//
// Whoever reads the ring's text can do everything. It belongs into a secret
// store; errors and fmt's verbs never show any of it.
package keyring

import (
	"context"
	"crypto/aes"
	"crypto/cipher"
	"errors"
	"fmt"
	"math"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// Why a ring is of no use now and will be later: respond with 503, and set no
// cookie.
var (
	// ErrNoKey: the ring's secret has no key yet. The first rotation brings one.
	ErrNoKey = errors.New("keyring: the ring has no key yet")
	// ErrStale: the ring's secret was read 10 minutes ago or earlier and cannot be
	// read again, or was being read when the caller's context ended. So nobody can
	// tell whether an unknown key is a forger's, or others have dropped the key
	// that would seal.
	ErrStale = errors.New("keyring: the ring is too old, as it cannot be read again")
)

// A Secret reads the text of the secret with a name or ARN, "" if it has none
// yet. Its errors must not hold the text. It is called by one goroutine at a time,
// and returns when ctx ends.
type Secret func(ctx context.Context, name string) (string, error)

// A Ring seals with one of its keys and opens with all. It is safe for
// concurrent use. New or FromEnv makes one.
type Ring struct {
	app  string
	read func(context.Context) (string, error)
	keys atomic.Pointer[keyset]

	mu      sync.Mutex
	due     int64           // Unix seconds before which no reading begins after one that failed
	reading <-chan struct{} // closed when the reading under way ends, or its time is up; nil if there is none
}

// keyset is what one reading of the ring brought. It never changes.
type keyset struct {
	keys []readyKey // newest first
	read int64      // Unix seconds when the reading began, 0 before the first key
}

// readyKey is a key with everything computed that can be.
type readyKey struct {
	id      [wireIDSize]byte
	settled int64 // Unix seconds from which it seals
	aead    cipher.AEAD
}

// New returns a ring of fixed keys, in the form that Parse describes; at least
// one. app is the name of the application, 1 to 255 bytes: what one app sealed
// doesn't open in another, even if they share their keys.
func New(app, text string) (*Ring, error) {
	r, err := newRing(app, nil)
	if err != nil {
		return nil, err
	}
	keys, err := ready(text)
	if err != nil {
		return nil, err
	}
	if len(keys) == 0 {
		return nil, errors.New("keyring: the text of the ring is empty")
	}
	r.keys.Store(&keyset{keys, math.MaxInt64}) // never to be read again
	return r, nil
}

// FromEnv returns the ring that the environment names: CRUMB_KEYS holds its text,
// or CRUMB_KEYS_SECRET the name of the secret that does. Both, or neither, is an
// error; an empty variable counts as unset. app is as for New.
//
// The secret is read with secret, such as awssecret.New returns; nil refuses
// CRUMB_KEYS_SECRET. It is read at once, which must succeed within 5 seconds, and
// again when the ring is used 5 minutes later, once for all requests that come
// meanwhile: the first of them reads, for at most 2 seconds, even if its client
// hangs up. The others wait for it if the last reading is 10 minutes old or they
// carry a value sealed with an unknown key, unless their context ends; else they
// use the keys that there are. Such a value never causes a reading itself, so that
// nobody can provoke them.
//
// If a reading fails the ring stays as it is, until it is stale (see ErrStale). The
// failure is logged as an error, to slog's default logger with the context of the
// request, and 30 seconds later the next use tries again. A secret that is still
// empty makes a ring whose every use fails with ErrNoKey until it has a key.
func FromEnv(ctx context.Context, app string, secret Secret) (*Ring, error) {
	text, name := os.Getenv("CRUMB_KEYS"), os.Getenv("CRUMB_KEYS_SECRET")
	switch {
	case text != "" && name != "":
		return nil, errors.New("keyring: CRUMB_KEYS and CRUMB_KEYS_SECRET are both set")
	case text != "":
		return New(app, text)
	case name == "":
		return nil, errors.New("keyring: neither CRUMB_KEYS nor CRUMB_KEYS_SECRET is set")
	case secret == nil:
		return nil, errors.New("keyring: CRUMB_KEYS_SECRET is set, and this program reads no secrets")
	}
	r, err := newRing(app, func(ctx context.Context) (string, error) { return secret(ctx, name) })
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(ctx, startTimeout)
	defer cancel()
	now := time.Now().Unix()
	r.due = now + seconds(retryAfter)
	if err := r.load(ctx, now); err != nil {
		return nil, err
	}
	return r, nil
}

func newRing(app string, read func(context.Context) (string, error)) (*Ring, error) {
	if len(app) < 1 || len(app) > 255 {
		return nil, fmt.Errorf("keyring: the app's name has %d bytes instead of 1 to 255", len(app))
	}
	r := &Ring{app: app, read: read}
	r.keys.Store(new(keyset))
	return r, nil
}

// ready parses a text and prepares its keys.
func ready(text string) ([]readyKey, error) {
	keys, err := Parse(text)
	if err != nil {
		return nil, err
	}
	local := os.Getenv("AWS_SAM_LOCAL") != "" || os.Getenv("CRUMB_LOCAL") != ""
	out := make([]readyKey, len(keys))
	for i, k := range keys {
		if strings.HasPrefix(k.ID, devPrefix) && !local {
			return nil, fmt.Errorf("keyring: key %q is for development, which this is not (AWS_SAM_LOCAL, CRUMB_LOCAL)", k.ID)
		}
		secret := k.secret()
		block, _ := aes.NewCipher(secret[:])           // fails for other sizes than 16, 24 and 32 only
		aead, _ := cipher.NewGCMWithRandomNonce(block) // fails for other ciphers than AES only
		out[i] = readyKey{id: k.wireID(), settled: k.Created.Add(settling).Unix(), aead: aead}
	}
	return out, nil
}
