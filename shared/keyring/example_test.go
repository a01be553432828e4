package keyring_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/crumb-go/crumb/shared/keyring"
)

func ExampleRing_Box() {
	ctx := context.Background()
	text := keyring.Format(keyring.Rotate(nil, time.Now(), 0)) // from a secret store, that is
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
	const longest = 30 * 24 * time.Hour // life of anything sealed
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
