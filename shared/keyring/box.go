package keyring

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"time"
)

const (
	version    = 1
	wireIDSize = 4
	headSize   = 1 + wireIDSize
	nonceSize  = 12
	timesSize  = 8
	tagSize    = 16

	// Overhead is how many bytes longer a sealed value is than the value.
	Overhead = headSize + nonceSize + timesSize + tagSize

	// maxLife keeps the expiry within the sealed form's 32 bits until 2096.
	maxLife = 10 * 365 * 24 * time.Hour
)

// Why Open failed. A client must not find out which it was.
var (
	ErrMalformed = errors.New("keyring: not a sealed value")
	// ErrUnknownKey does not prove a forgery: the key may have been dropped.
	ErrUnknownKey = errors.New("keyring: sealed with a key that is not in the ring")
	ErrTampered   = errors.New("keyring: changed, or sealed for another purpose or app")
	ErrExpired    = errors.New("keyring: expired")
)

// A Box seals values for one purpose, and opens only those. It is safe for
// concurrent use. Ring.Box makes one.
type Box struct {
	ring *Ring
	life uint32 // seconds
	ad   []byte // additional data
}

// Box returns a box for a purpose, a name that no other use of the ring shares,
// up to 65,535 bytes. What it seals expires after life, in whole seconds from 1 s
// to 3,650 days. Keys must stay in the ring for as long: see Rotate.
func (r *Ring) Box(purpose string, life time.Duration) (*Box, error) {
	var errs []error
	if purpose == "" || len(purpose) > math.MaxUint16 {
		errs = append(errs, fmt.Errorf("keyring: the purpose has %d bytes instead of 1 to 65,535", len(purpose)))
	}
	if life < time.Second || life > maxLife || life%time.Second != 0 {
		errs = append(errs, fmt.Errorf("keyring: a life of %v instead of whole seconds, 1 s to 3,650 days", life))
	}
	if len(errs) > 0 {
		return nil, errors.Join(errs...)
	}
	ad := []byte{version}
	for _, s := range []string{r.app, purpose} {
		ad = binary.BigEndian.AppendUint16(ad, uint16(len(s)))
		ad = append(ad, s...)
	}
	return &Box{ring: r, life: uint32(life / time.Second), ad: ad}, nil
}

// Seal appends the sealed form of value, which is Overhead bytes longer, to dst. dst
// and value must not share memory.
//
// The error is ErrNoKey, or ErrStale: other instances may have dropped the key of a
// stale ring, and could not open the value.
func (b *Box) Seal(ctx context.Context, dst, value []byte) ([]byte, error) {
	ring, now := b.ring.current(ctx)
	sealing := ring.sealing(now)
	switch {
	case sealing < 0:
		return nil, ErrNoKey
	case ring.stale(now):
		return nil, ErrStale
	}
	key := &ring.keys[sealing]
	issued := uint32(now)
	dst = append(dst, version)
	dst = append(dst, key.id[:]...)
	head := len(dst)
	dst = binary.BigEndian.AppendUint32(dst, issued)
	dst = binary.BigEndian.AppendUint32(dst, issued+b.life)
	dst = append(dst, value...)
	return key.aead.Seal(dst[:head], nil, dst[head:], b.ad), nil
}

// Open returns the value in sealed. It works in place: the value shares the memory of
// sealed, which is overwritten even if Open fails.
//
// If old is true, seal the value again: half of its life has passed, or its key is
// older than the one that seals now. If the life of a box is shortened, the new life
// applies to earlier values too.
//
// The error is ErrNoKey, ErrStale, ErrMalformed, ErrUnknownKey, ErrTampered or
// ErrExpired. After ErrNoKey and ErrStale the same value may open later.
func (b *Box) Open(ctx context.Context, sealed []byte) (value []byte, old bool, err error) {
	ring, now := b.ring.current(ctx)
	switch {
	case len(ring.keys) == 0:
		return nil, false, ErrNoKey
	case len(sealed) < Overhead || sealed[0] != version:
		return nil, false, ErrMalformed
	}
	id := [wireIDSize]byte(sealed[1:headSize])
	i := ring.index(id)
	if i < 0 { // a reading in progress may find it
		waited := b.ring.wait(ctx)
		ring, now = b.ring.keys.Load(), time.Now().Unix()
		switch i = ring.index(id); {
		case i < 0 && (!waited || ring.stale(now)):
			return nil, false, ErrStale
		case i < 0:
			return nil, false, ErrUnknownKey
		}
	}
	box := sealed[headSize:]
	plain, err := ring.keys[i].aead.Open(box[:0], nil, box, b.ad)
	if err != nil {
		return nil, false, ErrTampered
	}
	issued := int64(binary.BigEndian.Uint32(plain))
	expires := min(int64(binary.BigEndian.Uint32(plain[4:])), issued+int64(b.life))
	if now >= expires {
		clear(plain)
		return nil, false, ErrExpired
	}
	old = i > ring.sealing(now) || 2*(now-issued) >= int64(b.life)
	return plain[timesSize:len(plain):len(plain)], old, nil
}
