package keyring_test

import (
	"bytes"
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/crumb-go/crumb/shared/keyring"
)

// A synctest bubble's clock starts at 2000-01-01T00:00:00Z.
const epoch = "2000-01-01T00:00:00Z"

var ctx = context.Background()

func newRing(t *testing.T, app, text string) *keyring.Ring {
	t.Helper()
	ring, err := keyring.New(app, text)
	if err != nil {
		t.Fatal(err)
	}
	return ring
}

func newBox(t *testing.T, ring *keyring.Ring, purpose string, life time.Duration) *keyring.Box {
	t.Helper()
	box, err := ring.Box(purpose, life)
	if err != nil {
		t.Fatal(err)
	}
	return box
}

func seal(t *testing.T, box *keyring.Box, value string) []byte {
	t.Helper()
	sealed, err := box.Seal(ctx, nil, []byte(value))
	if err != nil {
		t.Fatal(err)
	}
	return sealed
}

// open works on a copy, so that sealed can be opened again.
func open(box *keyring.Box, sealed []byte) (string, bool, error) {
	value, old, err := box.Open(ctx, bytes.Clone(sealed))
	return string(value), old, err
}

func TestNewRefuses(t *testing.T) {
	good := entry("a", epoch, 1)
	for _, tc := range []struct{ name, app, text, want string }{
		{"no-app", "", good, "the app's name has 0 bytes"},
		{"long-app", strings.Repeat("a", 256), good, "the app's name has 256 bytes"},
		{"no-keys", "app", " ", "the text of the ring is empty"},
		{"bad-text", "app", "a.b", "entry 1: 2 fields"},
		{"published-key", "app", entry("dev-1", epoch, 1), `development key "dev-1" rejected`},
		{"published-key-among-others", "app", good + "," + entry("dev-1", epoch, 2), `development key "dev-1" rejected`},
	} {
		t.Run(tc.name, func(t *testing.T) {
			ring, err := keyring.New(tc.app, tc.text)
			if err == nil || !strings.Contains(err.Error(), tc.want) || ring != nil {
				t.Errorf("New = %v, %v, want %q", ring, err, tc.want)
			}
		})
	}
}

func TestNewTakesNamesOfAnyLength(t *testing.T) {
	for _, app := range []string{"a", strings.Repeat("a", 255)} {
		box := newBox(t, newRing(t, app, entry("a", epoch, 1)), "p", time.Hour)
		if got, _, err := open(box, seal(t, box, "value")); got != "value" || err != nil {
			t.Errorf("app of %d bytes: Open = %q, %v", len(app), got, err)
		}
	}
}

func TestPublishedKeysWorkLocally(t *testing.T) {
	for _, marker := range []string{"AWS_SAM_LOCAL", "CRUMB_LOCAL"} {
		t.Run(marker, func(t *testing.T) {
			t.Setenv(marker, "true")
			box := newBox(t, newRing(t, "app", entry("dev-1", epoch, 1)), "purpose", time.Hour)
			if got, _, err := open(box, seal(t, box, "value")); got != "value" || err != nil {
				t.Errorf("Open = %q, %v", got, err)
			}
		})
	}
}

func TestFromEnv(t *testing.T) {
	a := entry("a", epoch, 1)
	read := func(_ context.Context, name string) (string, error) {
		switch name {
		case "ring":
			return a, nil
		case "empty":
			return "", nil
		case "bad":
			return "a.b.c", nil
		}
		return "", errors.New("no such secret")
	}
	for _, tc := range []struct {
		name, keys, secretName string
		secret                 keyring.Secret
		want                   string // of the error
	}{
		{"keys", a, "", nil, ""},
		{"keys-and-a-reader", a, "", read, ""},
		{"secret", "", "ring", read, ""},
		{"both", a, "ring", read, "both set"},
		{"neither", "", "", read, "neither"},
		{"bad-keys", "a", "", nil, "entry 1"},
		{"secret-without-a-reader", "", "ring", nil, "was given no Secret"},
		{"unreadable", "", "gone", read, "no such secret"},
		{"bad-secret", "", "bad", read, "entry 1: the time"},
		{"empty-secret", "", "empty", read, ""},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Setenv("CRUMB_KEYS", tc.keys)
			t.Setenv("CRUMB_KEYS_SECRET", tc.secretName)
			ring, err := keyring.FromEnv(ctx, "app", tc.secret)
			if tc.want != "" {
				if err == nil || !strings.Contains(err.Error(), tc.want) || ring != nil {
					t.Errorf("FromEnv = %v, %v, want %q", ring, err, tc.want)
				}
				return
			}
			if err != nil || ring == nil {
				t.Errorf("FromEnv = %v, %v", ring, err)
			}
		})
	}
}

func TestFromEnvNeedsAnApp(t *testing.T) {
	t.Setenv("CRUMB_KEYS", "")
	t.Setenv("CRUMB_KEYS_SECRET", "ring")
	ring, err := keyring.FromEnv(ctx, "", func(context.Context, string) (string, error) {
		t.Error("the secret was read")
		return "", nil
	})
	if err == nil || ring != nil {
		t.Errorf("FromEnv = %v, %v, want an error", ring, err)
	}
}
