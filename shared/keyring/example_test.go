package keyring_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/crumb-go/crumb/shared/keyring"
)

func ExampleRing_Box() {
	ctx := context.Background()
	text := keyring.Format(keyring.Rotate(nil, time.Now(), 0)) // in production, from a secret store
	ring, err := keyring.New("shop", text)
	if err != nil {
		panic(err)
	}
	links, err := ring.Box("unsubscribe link", 48*time.Hour)
	if err != nil {
		panic(err)
	}

	sealed, err := links.Seal(ctx, nil, []byte("zoe@example.com"))
	if err != nil {
		panic(err)
	}
	address, _, err := links.Open(ctx, bytes.Clone(sealed))
	fmt.Println(string(address), err)

	sealed[len(sealed)-1]++
	_, _, err = links.Open(ctx, sealed)
	fmt.Println(errors.Is(err, keyring.ErrTampered))
	// Output:
	// zoe@example.com <nil>
	// true
}

func ExampleRotate() {
	const longest = 30 * 24 * time.Hour // the longest life of anything sealed
	day := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)

	keys := keyring.Rotate(nil, day, longest)
	for month := range 5 {
		keys = keyring.Rotate(keys, day.AddDate(0, month+1, 0), longest)
	}
	for _, k := range keys {
		fmt.Println(k.Created.Format(time.DateOnly))
	}
	// Output:
	// 2026-06-01
	// 2026-05-01
}

// newText is a ring's text with one key, as "crumb keys new" prints it.
func newText() string {
	return keyring.Format([]keyring.Key{keyring.NewKey("", time.Now())})
}

func ExampleNew() {
	_, err := keyring.New("shop", newText())
	fmt.Println(err)
	_, err = keyring.New("shop", "a password")
	fmt.Println(err)
	// Output:
	// <nil>
	// keyring: entry 1: 1 fields instead of 3 (id.created.secret)
}

// In main: do not start without keys.
func ExampleFromEnv() {
	os.Setenv("CRUMB_KEYS", newText())
	defer os.Unsetenv("CRUMB_KEYS")

	ring, err := keyring.FromEnv(context.Background(), "shop", nil) // awssecret.New() for a secret
	fmt.Println(ring != nil, err)
	// Output: true <nil>
}

// A value sealed for one purpose does not open for another.
func ExampleBox_Open() {
	ctx := context.Background()
	ring, err := keyring.New("shop", newText())
	if err != nil {
		panic(err)
	}
	links, _ := ring.Box("unsubscribe link", time.Hour)
	coupons, _ := ring.Box("coupon", time.Hour)

	sealed, err := links.Seal(ctx, nil, []byte("zoe@example.com"))
	if err != nil {
		panic(err)
	}
	_, _, err = coupons.Open(ctx, sealed)
	fmt.Println(err)
	// Output: keyring: changed, or sealed for another purpose or app
}

func ExampleBox_Seal() {
	ring, err := keyring.New("shop", newText())
	if err != nil {
		panic(err)
	}
	links, _ := ring.Box("unsubscribe link", time.Hour)
	sealed, err := links.Seal(context.Background(), nil, []byte("zoe@example.com"))
	fmt.Println(len(sealed)-len("zoe@example.com") == keyring.Overhead, err)
	// Output: true <nil>
}

// Errors name positions, and show nothing of a secret.
func ExampleParse() {
	keys, err := keyring.Parse(newText())
	fmt.Println(len(keys), err)
	_, err = keyring.Parse("hunter2")
	fmt.Println(err)
	// Output:
	// 1 <nil>
	// keyring: entry 1: 1 fields instead of 3 (id.created.secret)
}

func ExampleFormat() {
	keys := []keyring.Key{keyring.NewKey("dev-", time.Date(2026, 1, 2, 15, 4, 5, 0, time.UTC))}
	id, rest, _ := strings.Cut(keyring.Format(keys), ".")
	created, _, _ := strings.Cut(rest, ".") // the secret follows
	fmt.Println(id == keys[0].ID, created)
	// Output: true 2026-01-02T15:04:05Z
}

// A key seals from 10 minutes after its creation, when all instances know it.
func ExampleSealingIndex() {
	now := time.Date(2026, 1, 2, 0, 0, 0, 0, time.UTC)
	keys := keyring.Rotate([]keyring.Key{keyring.NewKey("old-", now.AddDate(0, -1, 0))}, now, 0)
	fmt.Println(strings.HasPrefix(keys[keyring.SealingIndex(keys, now)].ID, "old-"))
	fmt.Println(strings.HasPrefix(keys[keyring.SealingIndex(keys, now.Add(10*time.Minute))].ID, "old-"))
	// Output:
	// true
	// false
}

func ExamplePrune() {
	const longest = 24 * time.Hour // the longest life of anything sealed
	now := time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)
	var keys []keyring.Key
	for month := range 3 {
		keys = append(keys, keyring.NewKey("", now.AddDate(0, -month, -1)))
	}
	fmt.Println(len(keys), len(keyring.Prune(keys, now, longest)))
	// Output: 3 2
}

func ExampleTooLate() {
	now := time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)
	keys := keyring.Rotate([]keyring.Key{keyring.NewKey("", now.AddDate(0, -1, 0))}, now, 0)
	fmt.Println(keyring.TooLate(keys, now.Add(time.Minute)), keyring.TooLate(keys, now.Add(time.Hour)))
	// Output: false true
}

func ExampleNewKey() {
	now := time.Date(2026, 1, 2, 15, 4, 5, 0, time.UTC)
	key := keyring.NewKey("dev-", now)
	fmt.Println(len(key.ID), key.Created)
	// Output: 12 2026-01-02 15:04:05 +0000 UTC
}
