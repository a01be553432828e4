package keyring

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
)

const (
	secretSize = 32 // AES-256
	maxID      = 32

	// devPrefix begins the ids of published keys, such as those in examples.
	devPrefix = "dev-"

	// settling is how long a key waits before it seals: long enough for every warm
	// instance to read the ring again (see refreshAfter), so that it knows the key
	// when the first value sealed with it arrives.
	settling = 10 * time.Minute
)

// base64Strict accepts only one text for the same bytes.
var base64Strict = base64.RawURLEncoding.Strict()

// A Key is one entry of a ring's text, made by NewKey or Parse.
type Key struct {
	ID      string    // 1 to 32 of A-Z a-z 0-9 _ -
	Created time.Time // UTC, whole seconds

	secret func() [secretSize]byte // a function, as no verb of fmt shows its result
}

// NewKey makes a key whose id is prefix, up to 24 of the characters of an ID, and eight
// random hexadecimal digits. "dev-" is the prefix of keys that are not secret.
func NewKey(prefix string, now time.Time) Key {
	var id [4]byte
	_, _ = rand.Read(id[:]) // never fails: it ends the program instead
	var secret [secretSize]byte
	_, _ = rand.Read(secret[:])
	return Key{
		ID:      prefix + hex.EncodeToString(id[:]),
		Created: now.UTC().Truncate(time.Second),
		secret:  func() [secretSize]byte { return secret },
	}
}

// wireID identifies the key in a sealed value.
func (k Key) wireID() [wireIDSize]byte {
	sum := sha256.Sum256([]byte(k.ID))
	return [wireIDSize]byte(sum[:])
}

// Parse reads a ring's text: entries `id.created.secret` joined by commas, where created
// is an RFC 3339 time in UTC and whole seconds, such as 2026-01-02T15:04:05Z, and secret
// is 32 bytes as base64url without padding. Entries may have any order; keys are
// returned newest first. White space around the text is ignored; an empty text has no
// keys.
//
// All mistakes are reported at once. Errors name entries by position and never quote
// them, as a secret may be in the place of an id.
func Parse(text string) ([]Key, error) {
	text = strings.TrimSpace(text)
	if text == "" {
		return nil, nil
	}
	var keys []Key
	var errs []error
	for i, entry := range strings.Split(text, ",") {
		k, err := parseKey(entry)
		if err != nil {
			errs = append(errs, fmt.Errorf("keyring: entry %d: %w", i+1, err))
			continue
		}
		for _, other := range keys {
			switch {
			case other.wireID() == k.wireID(): // or another id with the same hash
				errs = append(errs, fmt.Errorf("keyring: entry %d: its id equals that of an earlier entry", i+1))
			case other.secret() == k.secret():
				errs = append(errs, fmt.Errorf("keyring: entry %d: its secret equals that of an earlier entry", i+1))
			}
		}
		keys = append(keys, k)
	}
	if len(errs) > 0 {
		return nil, errors.Join(errs...)
	}
	sortNewestFirst(keys)
	return keys, nil
}

func parseKey(entry string) (Key, error) {
	fields := strings.Split(entry, ".")
	if len(fields) != 3 {
		return Key{}, fmt.Errorf("%d fields instead of 3 (id.created.secret)", len(fields))
	}
	id := fields[0]
	if len(id) < 1 || len(id) > maxID || strings.ContainsFunc(id, notInID) {
		return Key{}, fmt.Errorf("the id is not 1 to %d of A-Z a-z 0-9 _ -", maxID)
	}
	created, err := time.Parse(time.RFC3339, fields[1])
	if err != nil || created.UTC().Format(time.RFC3339) != fields[1] {
		return Key{}, errors.New("the time is not like 2006-01-02T15:04:05Z")
	}
	secret, err := base64Strict.DecodeString(fields[2])
	if err != nil || strings.ContainsAny(fields[2], "\r\n") { // the decoder skips line ends
		return Key{}, errors.New("the secret is not base64url without padding")
	}
	if len(secret) != secretSize {
		return Key{}, fmt.Errorf("the secret has %d bytes instead of %d", len(secret), secretSize)
	}
	return Key{ID: id, Created: created, secret: func() [secretSize]byte { return [secretSize]byte(secret) }}, nil
}

func notInID(c rune) bool {
	return !('a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' || c == '_' || c == '-')
}

// sortNewestFirst gives keys the same order on every instance: ids decide between equal
// times.
func sortNewestFirst(keys []Key) {
	slices.SortFunc(keys, func(a, b Key) int {
		if c := b.Created.Compare(a.Created); c != 0 {
			return c
		}
		return strings.Compare(a.ID, b.ID)
	})
}

// Format is the opposite of Parse. Its result has the secrets: keep it in a secret
// store, and nowhere else.
func Format(keys []Key) string {
	var b strings.Builder
	for i, k := range keys {
		if i > 0 {
			b.WriteByte(',')
		}
		secret := k.secret()
		b.WriteString(k.ID + "." + k.Created.UTC().Format(time.RFC3339) + "." + base64Strict.EncodeToString(secret[:]))
	}
	return b.String()
}

// Prune returns the keys, newest first, without those that have nothing left to
// open. A key seals nothing once its successor has settled, so it can be dropped
// keep later; keep is the longest life of anything sealed, and a negative one
// counts as 0. The newest key always stays.
func Prune(keys []Key, now time.Time, keep time.Duration) []Key {
	keys = slices.Clone(keys)
	sortNewestFirst(keys)
	for i := 1; i < len(keys); i++ {
		if gone := keys[i-1].Created.Add(settling + max(keep, 0)); !now.Before(gone) {
			return keys[:i]
		}
	}
	return keys
}

// Rotate returns what Prune leaves of keys, and a new key, newest first. Without
// keys it starts a ring. The given slice does not change.
//
// The new key's id begins with "dev-" if that of the newest key does.
func Rotate(keys []Key, now time.Time, keep time.Duration) []Key {
	keys = Prune(keys, now, keep)
	prefix := ""
	if len(keys) > 0 && strings.HasPrefix(keys[0].ID, devPrefix) {
		prefix = devPrefix
	}
	if len(keys) > 0 && keys[0].Created.Equal(now.Truncate(time.Second)) {
		now = now.Add(time.Second) // so the new key is the newest
	}
	for {
		fresh := NewKey(prefix, now)
		taken := slices.ContainsFunc(keys, func(k Key) bool { return k.wireID() == fresh.wireID() })
		if !taken {
			keys = append(keys, fresh)
			sortNewestFirst(keys)
			return keys
		}
	}
}

// SealingIndex returns the index in keys, newest first, of the one that seals at
// now: the newest that is at least 10 minutes old, or else the oldest, which most
// instances know. It is -1 without keys.
func SealingIndex(keys []Key, now time.Time) int {
	for i, k := range keys {
		if !now.Before(k.Created.Add(settling)) {
			return i
		}
	}
	return len(keys) - 1
}

// TooLate reports whether the newest of two or more keys, newest first, is too old
// to join a ring in use: it was created over 5 minutes ago. Some instances would
// read the ring only after others began to seal with that key. Drop it and rotate
// again.
func TooLate(keys []Key, now time.Time) bool {
	return len(keys) > 1 && now.Sub(keys[0].Created) > settling-refreshAfter
}
