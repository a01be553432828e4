package keyring_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/lambdacontext"

	"github.com/crumb-go/crumb/shared/keyring"
)

// A synctest bubble's clock starts at 2000-01-01T00:00:00Z.
const epoch = "2000-01-01T00:00:00Z"

var ctx = lambdacontext.NewContext(context.Background(), &lambdacontext.LambdaContext{AwsRequestID: "r1"})

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
	const published = `keyring: development key "dev-1" rejected: neither AWS_SAM_LOCAL nor CRUMB_LOCAL is set`
	good := entry("a", epoch, 1)
	for _, tc := range []struct{ name, app, text, want string }{
		{"no-app", "", good, "keyring: the app's name has 0 bytes instead of 1 to 255"},
		{"long-app", strings.Repeat("a", 256), good, "keyring: the app's name has 256 bytes instead of 1 to 255"},
		{"no-keys", "app", " ", "keyring: the text of the ring is empty"},
		{"bad-text", "app", "a.b", "keyring: entry 1: 2 fields instead of 3 (id.created.secret)"},
		{"published-key", "app", entry("dev-1", epoch, 1), published},
		{"published-key-among-others", "app", good + "," + entry("dev-1", epoch, 2), published},
	} {
		t.Run(tc.name, func(t *testing.T) {
			ring, err := keyring.New(tc.app, tc.text)
			if fmt.Sprint(err) != tc.want || ring != nil {
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
		{"both", a, "ring", read, "CRUMB_KEYS and CRUMB_KEYS_SECRET are both set"},
		{"neither", "", "", read, "neither CRUMB_KEYS nor CRUMB_KEYS_SECRET is set"},
		{"bad-keys", "a", "", nil, "entry 1: 1 fields instead of 3 (id.created.secret)"},
		{"secret-without-a-reader", "", "ring", nil, "CRUMB_KEYS_SECRET is set, but FromEnv was given no Secret"},
		{"unreadable", "", "gone", read, "reading the secret: no such secret"},
		{"bad-secret", "", "bad", read, "entry 1: the time is not like 2006-01-02T15:04:05Z"},
		{"empty-secret", "", "empty", read, ""},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Setenv("CRUMB_KEYS", tc.keys)
			t.Setenv("CRUMB_KEYS_SECRET", tc.secretName)
			ring, err := keyring.FromEnv(ctx, "app", tc.secret)
			if tc.want != "" {
				if fmt.Sprint(err) != "keyring: "+tc.want || ring != nil {
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

// Only the log tells these apart.
func TestErrorsSayWhatHappened(t *testing.T) {
	for err, want := range map[error]string{
		keyring.ErrNoKey:      "the ring has no key yet",
		keyring.ErrStale:      "the ring is too old and cannot be read again",
		keyring.ErrMalformed:  "not a sealed value",
		keyring.ErrUnknownKey: "sealed with a key that is not in the ring",
		keyring.ErrTampered:   "changed, or sealed for another purpose or app",
		keyring.ErrExpired:    "expired",
	} {
		if got := err.Error(); got != "keyring: "+want {
			t.Errorf("error %q, want keyring: %s", got, want)
		}
	}
}
