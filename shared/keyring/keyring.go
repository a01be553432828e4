// Package keyring seals values: it encrypts them, so that clients can neither read nor
// change them, and makes them expire. Its keys rotate without logging anyone out.
//
// Use cookie.Seal, which builds on this package, for cookies, and a Box for anything
// else, such as a token in a link:
//
//	ring, err := keyring.FromEnv(ctx, "shop", nil)
//	box, err := ring.Box("unsubscribe link", 48*time.Hour)
//	sealed, err := box.Seal(ctx, nil, []byte("zoe@example.com"))
//	address, _, err := box.Open(ctx, sealed)
//
// # The ring
//
// A ring is a text of entries `id.created.secret`, joined by commas:
//
//	4f3a9c21.2026-02-01T00:00:00Z.<32 bytes, base64url>,b20c77d1.2026-01-01T00:00:00Z.<…>
//
// Every key opens as soon as it is known. One key seals: the newest that is at least 10
// minutes old, or the oldest if there is none. Every instance reads the ring again when
// it uses it 5 minutes after the last reading, so all instances know a key before any
// of them seals with it. A key must therefore join the ring right after its creation,
// as with Rotate and functions/rotatekeys.
//
// # An outage
//
// A ring that cannot be read again keeps its keys. 10 minutes after the last
// successful reading it is stale: other instances may seal with a key that it does not
// have, and its newest key may be dropped before what it seals expires. Until a reading
// succeeds, a stale ring only opens values whose key it has, and otherwise returns
// ErrStale. Respond with 503 then, and do not touch the visitor's cookie: with
// ErrUnknownKey a good value would look like a forgery, and be lost.
//
// Ids that begin with "dev-" mark published keys, such as those in examples. They are
// rejected unless the environment has AWS_SAM_LOCAL or CRUMB_LOCAL, which local
// gateways set.
//
// # How often to rotate
//
// Each sealing uses a random nonce of 96 bits. NIST SP 800-38D section 8.3 allows 2^32
// of them for one key; the chance that any two are equal is then below 2^-32. A key
// that seals for 30 days therefore allows 1,650 sealings a second all the time, a key
// for one day 49,000. Rotating monthly suits nearly everyone; beyond that, halve the
// period whenever traffic doubles.
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
// The tag also covers, as additional data, the version byte, the app's name and the
// box's purpose, each of the two after its length as 16 bits, big endian.
//
// # What is protected, and what is not
//
// Without a key nobody can read, change or make a sealed value, prolong its life, or use
// it for another purpose or app. The length of the value is visible, and when it was
// replaced.
//
// A sealed value is not bound to a client. A stolen copy opens until it expires, and can
// only be revoked by dropping its key, which ends every value sealed with it. Old values
// open like new ones: a client that has used up a discount can present the cookie from
// before. Where that matters, keep the state on the server (shared/session).
//
// Anyone with the ring's text can do everything. Keep it in a secret store; errors and
// fmt's verbs never show any of it.
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

// Why a ring cannot be used now, but will be later: respond with 503, and do not set a
// cookie.
var (
	// ErrNoKey: the ring's secret has no key before the first rotation.
	ErrNoKey = errors.New("keyring: the ring has no key yet")
	// ErrStale: the ring's secret was last read at least 10 minutes ago and cannot be
	// read again, or was being read when the caller's context ended. So it is not known
	// whether an unknown key is forged, or whether other instances have dropped the key
	// that would seal.
	ErrStale = errors.New("keyring: the ring is too old and cannot be read again")
)

// A Secret reads the text of the secret with a name or ARN, "" if it has none yet. Its
// errors must not have the text. It is called by one goroutine at a time, and must
// return when ctx ends.
type Secret func(ctx context.Context, name string) (string, error)

// A Ring seals with one of its keys and opens with all. It is safe for concurrent use.
// New or FromEnv makes one.
type Ring struct {
	app  string
	read func(context.Context) (string, error)
	keys atomic.Pointer[keyset]

	mu      sync.Mutex
	due     int64           // Unix seconds; after a failed reading, none begins before
	reading <-chan struct{} // closed when the reading in progress ends or times out; nil if there is none
}

// keyset is the result of one reading of the ring. It is immutable.
type keyset struct {
	keys []readyKey // newest first
	read int64      // Unix seconds when the reading began, 0 before the first key
}

// readyKey is a key with everything computed in advance.
type readyKey struct {
	id      [wireIDSize]byte
	settled int64 // Unix seconds from which it seals
	aead    cipher.AEAD
}

// New returns a ring of fixed keys, at least one, in the form that Parse describes. app
// is the name of the application, 1 to 255 bytes: what one app seals does not open in
// another, even if they share keys.
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
	r.keys.Store(&keyset{keys, math.MaxInt64}) // never read again
	return r, nil
}

// FromEnv returns the ring that the environment names: CRUMB_KEYS has its text, or
// CRUMB_KEYS_SECRET the name of the secret with the text. Both, or neither, is an error;
// an empty variable counts as unset. app is as for New.
//
// The secret is read with secret, such as awssecret.New returns; with nil,
// CRUMB_KEYS_SECRET is an error. FromEnv reads it, within 5 seconds. The first request
// that uses the ring 5 minutes later reads it again, for at most 2 seconds, even if its
// client hangs up. Other requests use the keys they have meanwhile, but wait for the
// reading, as long as their context allows, if the last one is 10 minutes old or if
// they open a value sealed with an unknown key. Such a value never causes a reading,
// so clients cannot provoke one.
//
// If a reading fails, the ring keeps its keys until it is stale (see ErrStale). The
// failure is logged as an error to slog's default logger, with the context of the
// request, and the first use 30 seconds later tries again. With an empty secret every
// use of the ring fails with ErrNoKey until the secret has a key.
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
		return nil, errors.New("keyring: CRUMB_KEYS_SECRET is set, but FromEnv was given no Secret")
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
			return nil, fmt.Errorf("keyring: development key %q rejected: neither AWS_SAM_LOCAL nor CRUMB_LOCAL is set", k.ID)
		}
		secret := k.secret()
		block, _ := aes.NewCipher(secret[:])           // fails only for sizes other than 16, 24 and 32
		aead, _ := cipher.NewGCMWithRandomNonce(block) // fails only for ciphers other than AES
		out[i] = readyKey{id: k.wireID(), settled: k.Created.Add(settling).Unix(), aead: aead}
	}
	return out, nil
}
