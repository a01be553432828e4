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
	"log/slog"
	"os"
	"strings"
	"sync/atomic"
	"time"
)

const (
	refreshAfter = 5 * 60          // seconds after which a ring is read again
	retryAfter   = 30              // the same after a failure, or while there is no key
	readTimeout  = 2 * time.Second // of one reading while a request waits
	startTimeout = 5 * time.Second // of the first one: half of what Lambda gives a start
)

// ErrNoKey means that the ring's secret has no key yet. Answer 503: the first
// rotation brings one.
var ErrNoKey = errors.New("keyring: the ring has no key yet")

// A Secret reads the text of the secret with a name or ARN, "" if it has none
// yet. Its errors must not hold the text. It is called by one goroutine at a time.
type Secret func(ctx context.Context, name string) (string, error)

// A Ring seals with one of its keys and opens with all. It is safe for
// concurrent use. New or FromEnv makes one.
type Ring struct {
	app  string
	read func(context.Context) (string, error) // nil if the keys never change

	keys atomic.Pointer[[]readyKey] // newest first
	due  atomic.Int64               // Unix seconds when to read again
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
	r.keys.Store(&keys)
	return r, nil
}

// FromEnv returns the ring that the environment names: CRUMB_KEYS holds its text,
// or CRUMB_KEYS_SECRET the name of the secret that does. Both, or neither, is an
// error; an empty variable counts as unset. app is as for New.
//
// The secret is read with secret, such as awssecret.New returns; nil refuses
// CRUMB_KEYS_SECRET. It is read at once, which must succeed within 5 seconds, and
// again when the ring is used 5 minutes later. If that fails the ring stays as it
// is, the failure is logged, and 30 seconds later the next use tries again. A
// secret that is still empty makes a ring whose every use fails with ErrNoKey
// until it has a key. A value sealed with an unknown key never causes a reading,
// so that nobody can provoke them.
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
	r.due.Store(now + retryAfter)
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
	r.keys.Store(new([]readyKey))
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

// load reads the ring anew. Whatever goes wrong, the keys stay.
func (r *Ring) load(ctx context.Context, now int64) error {
	text, err := r.read(ctx)
	if err != nil {
		return fmt.Errorf("keyring: reading the secret: %w", err)
	}
	keys, err := ready(text)
	if err != nil {
		return err
	}
	if len(keys) == 0 {
		if len(*r.keys.Load()) > 0 {
			return errors.New("keyring: the secret has become empty")
		}
		return nil
	}
	r.keys.Store(&keys)
	r.due.Store(now + refreshAfter)
	return nil
}

// current returns the keys and the index of the one that seals, -1 of no keys,
// after reading the ring again if that is due. now is in Unix seconds.
func (r *Ring) current(ctx context.Context, now int64) ([]readyKey, int) {
	// Whoever moves the due time reads; the others go on with the keys there are.
	if due := r.due.Load(); r.read != nil && now >= due && r.due.CompareAndSwap(due, now+retryAfter) {
		r.refresh(ctx, now)
	}
	keys := *r.keys.Load()
	for i := range keys {
		if now >= keys[i].settled {
			return keys, i
		}
	}
	return keys, len(keys) - 1
}

func (r *Ring) refresh(ctx context.Context, now int64) {
	// A client that hangs up must not make the reading fail.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), readTimeout)
	defer cancel()
	if err := r.load(ctx, now); err != nil {
		slog.ErrorContext(ctx, "the keys stay as they were", "error", err)
	}
}
