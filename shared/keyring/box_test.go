package keyring_test

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"testing"
	"testing/cryptotest"
	"testing/synctest"
	"time"

	"github.com/crumb-go/crumb/shared/keyring"
)

// golden is "value" sealed at the start of 2000 for an hour, as the package comment
// describes it. It must never change: a new form gets a new version.
const golden = "016ab9f1eb" +
	"6ae6783f4fbde91b6eb88b73" +
	"62239d9e1bd7c11e662d337bf2" + "76ccd99346ba2e45f84719846ebd3851"

// The same form without the package's code: head, additional data and content as in the
// package comment, sealed with plain AES-GCM.
const (
	wantHead = "01" + // version
		"6ab9f1eb" // SHA-256 of "k1", first 4 bytes
	wantAD = "01" + // version
		"0003" + "617070" + // app
		"0007" + "707572706f7365" // purpose
	wantPlain = "386d4380" + // 2000-01-01T00:00:00Z
		"386d5190" + // 2000-01-01T01:00:00Z
		"76616c7565" // value
)

func unhex(t *testing.T, s string) []byte {
	t.Helper()
	b, err := hex.DecodeString(s)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// plainGCM is AES-GCM with the 32 bytes that entry(_, _, b) has.
func plainGCM(t *testing.T, b byte) cipher.AEAD {
	t.Helper()
	block, err := aes.NewCipher(bytes.Repeat([]byte{b}, 32))
	if err != nil {
		t.Fatal(err)
	}
	aead, err := cipher.NewGCM(block)
	if err != nil {
		t.Fatal(err)
	}
	return aead
}

func TestWireIsGolden(t *testing.T) {
	cryptotest.SetGlobalRandom(t, 1)
	synctest.Test(t, func(t *testing.T) {
		box := newBox(t, newRing(t, "app", entry("k1", epoch, 1)), "purpose", time.Hour)
		if got := hex.EncodeToString(seal(t, box, "value")); got != golden {
			t.Errorf("sealed = %s, want %s", got, golden)
		}
		if got, _, err := open(box, unhex(t, golden)); got != "value" || err != nil {
			t.Errorf("Open = %q, %v", got, err)
		}
	})
}

func TestWireIsAsDocumented(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		box := newBox(t, newRing(t, "app", entry("k1", epoch, 1)), "purpose", time.Hour)
		sealed := seal(t, box, "value")
		if len(sealed) != keyring.Overhead+len("value") || keyring.Overhead != 41 {
			t.Errorf("%d bytes for 5, want 46", len(sealed))
		}
		if got := hex.EncodeToString(sealed[:5]); got != wantHead {
			t.Errorf("head = %s, want %s", got, wantHead)
		}
		plain, err := plainGCM(t, 1).Open(nil, sealed[5:17], sealed[17:], unhex(t, wantAD))
		if got := hex.EncodeToString(plain); got != wantPlain || err != nil {
			t.Errorf("content = %s, %v, want %s", got, err, wantPlain)
		}

		nonce := []byte("twelve bytes")
		byHand := plainGCM(t, 1).Seal(append(unhex(t, wantHead), nonce...), nonce, unhex(t, wantPlain), unhex(t, wantAD))
		if got, old, err := open(box, byHand); got != "value" || old || err != nil {
			t.Errorf("Open of what was sealed by hand = %q, %v, %v", got, old, err)
		}
	})
}

// Without a synctest bubble, as the FIPS entropy source measures time.
func TestFIPS(t *testing.T) {
	if os.Getenv("GODEBUG") != "" {
		t.Skip("GODEBUG is set: already inside")
	}
	for _, mode := range []string{"on", "only"} {
		t.Run(mode, func(t *testing.T) {
			cmd := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^Test(SealOpen|Attacks|Rotate|FromEnv)$", "-test.v")
			cmd.Env = append(os.Environ(), "GODEBUG=fips140="+mode)
			out, err := cmd.CombinedOutput()
			if err != nil || !bytes.Contains(out, []byte("--- PASS: TestAttacks")) {
				t.Errorf("%v\n%s", err, out)
			}
		})
	}
}

func TestBoxRefuses(t *testing.T) {
	ring := newRing(t, "app", entry("a", epoch, 1))
	const (
		purpose = " instead of 1 to 65,535"
		life    = " instead of whole seconds, 1 s to 3,650 days"
	)
	for _, tc := range []struct {
		name, purpose string
		life          time.Duration
		want          string
	}{
		{"no-purpose", "", time.Hour, "the purpose has 0 bytes" + purpose},
		{"long-purpose", strings.Repeat("p", 65536), time.Hour, "the purpose has 65536 bytes" + purpose},
		{"no-life", "p", 0, "a life of 0s" + life},
		{"negative-life", "p", -time.Hour, "a life of -1h0m0s" + life},
		{"part-of-a-second", "p", 1500 * time.Millisecond, "a life of 1.5s" + life},
		{"over-ten-years", "p", 3650*24*time.Hour + time.Second, "a life of 87600h0m1s" + life},
		{"every-mistake", "", 0, "the purpose has 0 bytes" + purpose + "\nkeyring: a life of 0s" + life},
	} {
		t.Run(tc.name, func(t *testing.T) {
			box, err := ring.Box(tc.purpose, tc.life)
			if want := "keyring: " + tc.want; fmt.Sprint(err) != want || box != nil {
				t.Errorf("Box = %v, %v, want %s", box, err, want)
			}
		})
	}
	for _, life := range []time.Duration{time.Second, 3650 * 24 * time.Hour} {
		if _, err := ring.Box(strings.Repeat("p", 65535), life); err != nil {
			t.Errorf("Box(_, %v): %v", life, err)
		}
	}
}

func TestSealOpen(t *testing.T) {
	box := newBox(t, newRing(t, strings.Repeat("a", 255), entry("a", epoch, 1)), "purpose", time.Hour)
	for _, value := range []string{"", "x", "\x00\xff", strings.Repeat("long ", 1000)} {
		sealed := seal(t, box, value)
		if got, old, err := open(box, sealed); got != value || old || err != nil {
			t.Errorf("Open(Seal(%d bytes)) = %d bytes, %v, %v", len(value), len(got), old, err)
		}
		if other := seal(t, box, value); bytes.Equal(other, sealed) {
			t.Errorf("two sealings are equal")
		}
	}

	t.Run("appends", func(t *testing.T) {
		got, err := box.Seal(ctx, []byte("before"), []byte("value"))
		if err != nil || !bytes.HasPrefix(got, []byte("before\x01")) {
			t.Fatalf("Seal = %q, %v", got, err)
		}
		if value, _, err := open(box, got[len("before"):]); value != "value" || err != nil {
			t.Errorf("Open = %q, %v", value, err)
		}
	})
	t.Run("in-place", func(t *testing.T) {
		sealed := seal(t, box, "value")
		value, _, err := box.Open(ctx, sealed)
		if err != nil || !bytes.Contains(sealed, value) || cap(value) != len(value) {
			t.Errorf("value %q, %v, capacity %d, not within the sealed memory", value, err, cap(value))
		}
	})
}

func TestSealOpenForLife(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ring := newRing(t, "app", entry("a", epoch, 1))
		box := newBox(t, ring, "purpose", time.Hour)
		sealed := seal(t, box, "value")
		for _, tc := range []struct {
			after time.Duration
			old   bool
			err   error
		}{
			{0, false, nil},
			{30*time.Minute - time.Second, false, nil},
			{30 * time.Minute, true, nil},
			{time.Hour - time.Second, true, nil},
			{time.Hour, false, keyring.ErrExpired},
			{1000 * time.Hour, false, keyring.ErrExpired},
		} {
			time.Sleep(time.Until(at(epoch).Add(tc.after)))
			memory := bytes.Clone(sealed)
			value, old, err := box.Open(ctx, memory)
			if old != tc.old || !errors.Is(err, tc.err) || (value == nil) != (err != nil) {
				t.Errorf("after %v: Open = %q, %v, %v, want %v, %v", tc.after, value, old, err, tc.old, tc.err)
			}
			if err != nil && bytes.Contains(memory, []byte("value")) {
				t.Errorf("after %v: the plaintext is left in memory", tc.after)
			}
		}
	})
}

// A token may outlive every cookie.
func TestSealOpenForTenYears(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const life = 3650 * 24 * time.Hour
		box := newBox(t, newRing(t, "app", entry("a", epoch, 1)), "purpose", life)
		sealed := seal(t, box, "value")
		time.Sleep(life - time.Second)
		if got, _, err := open(box, sealed); got != "value" || err != nil {
			t.Errorf("a second before the end: Open = %q, _, %v", got, err)
		}
		time.Sleep(time.Second)
		if _, _, err := open(box, sealed); !errors.Is(err, keyring.ErrExpired) {
			t.Errorf("at the end: Open = _, _, %v, want ErrExpired", err)
		}
	})
}

// A deployment changes the life: a shorter one applies to values sealed before, a longer
// one does not.
func TestSealOpenWithAnotherLife(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ring := newRing(t, "app", entry("a", epoch, 1))
		minute, hour := newBox(t, ring, "p", time.Minute), newBox(t, ring, "p", time.Hour)
		fromMinute, fromHour := seal(t, minute, ""), seal(t, hour, "")
		time.Sleep(time.Minute)
		for _, tc := range []struct {
			name   string
			box    *keyring.Box
			sealed []byte
			want   error
		}{
			{"shortened", minute, fromHour, keyring.ErrExpired},
			{"prolonged", hour, fromMinute, keyring.ErrExpired},
			{"unchanged", hour, fromHour, nil},
		} {
			if _, _, err := open(tc.box, tc.sealed); !errors.Is(err, tc.want) {
				t.Errorf("%s: Open = %v, want %v", tc.name, err, tc.want)
			}
		}
	})
}

func TestSealOpenAcrossARotation(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := entry("a", epoch, 1)
		before := newBox(t, newRing(t, "app", a), "p", 24*time.Hour)
		sealed := seal(t, before, "value")

		time.Sleep(time.Hour)
		b := entry("b", "2000-01-01T01:00:00Z", 2)
		after := newBox(t, newRing(t, "app", b+","+a), "p", 24*time.Hour)
		for _, tc := range []struct {
			at   string
			old  bool  // whether a's value should be renewed
			byB  error // when before opens what after seals
			name string
		}{
			{"2000-01-01T01:00:00Z", false, nil, "just-created"},
			{"2000-01-01T01:09:59Z", false, nil, "still-settling"},
			{"2000-01-01T01:10:00Z", true, keyring.ErrUnknownKey, "settled"},
		} {
			time.Sleep(time.Until(at(tc.at)))
			if _, old, err := open(after, sealed); old != tc.old || err != nil {
				t.Errorf("%s: Open of the old = %v, %v, want %v", tc.name, old, err, tc.old)
			}
			if _, _, err := open(before, seal(t, after, "")); !errors.Is(err, tc.byB) {
				t.Errorf("%s: Open of the new, before = %v, want %v", tc.name, err, tc.byB)
			}
		}

		// A key that is newer than the one that seals here is not a reason to renew.
		early := newBox(t, newRing(t, "app", entry("b", "2000-01-01T01:10:00Z", 2)+","+a), "p", 24*time.Hour)
		if _, old, err := open(early, seal(t, after, "")); old || err != nil {
			t.Errorf("Open of a newer key's = %v, %v", old, err)
		}
	})
}

func TestAttacks(t *testing.T) {
	ring := newRing(t, "app", entry("a", epoch, 1))
	box := newBox(t, ring, "purpose", time.Hour)
	sealed := seal(t, box, "value")

	t.Run("every-bit-flipped", func(t *testing.T) {
		for bit := range 8 * len(sealed) {
			forged := bytes.Clone(sealed)
			forged[bit/8] ^= 1 << (bit % 8)
			want := keyring.ErrTampered
			switch {
			case bit/8 < 1:
				want = keyring.ErrMalformed
			case bit/8 < 5:
				want = keyring.ErrUnknownKey
			}
			if value, old, err := box.Open(ctx, forged); !errors.Is(err, want) || value != nil || old {
				t.Errorf("bit %d: Open = %q, %v, %v, want %v", bit, value, old, err, want)
			}
			if bytes.Contains(forged, []byte("value")) {
				t.Errorf("bit %d: the plaintext is left in memory", bit)
			}
		}
	})
	t.Run("every-truncation", func(t *testing.T) {
		for n := range len(sealed) {
			want := keyring.ErrTampered
			if n < keyring.Overhead {
				want = keyring.ErrMalformed
			}
			if _, _, err := open(box, sealed[:n]); !errors.Is(err, want) {
				t.Errorf("%d bytes: Open = %v, want %v", n, err, want)
			}
			if _, _, err := open(box, append(bytes.Clone(sealed), make([]byte, n+1)...)); !errors.Is(err, keyring.ErrTampered) {
				t.Errorf("%d bytes more: Open = %v, want ErrTampered", n+1, err)
			}
		}
	})

	for _, tc := range []struct {
		name string
		box  *keyring.Box
		want error
	}{
		{"another-purpose", newBox(t, ring, "purposf", time.Hour), keyring.ErrTampered},
		{"another-app", newBox(t, newRing(t, "apq", entry("a", epoch, 1)), "purpose", time.Hour), keyring.ErrTampered},
		{"names-run-together", newBox(t, newRing(t, "ap", entry("a", epoch, 1)), "ppurpose", time.Hour), keyring.ErrTampered},
		{"another-key-of-the-id", newBox(t, newRing(t, "app", entry("a", epoch, 2)), "purpose", time.Hour), keyring.ErrTampered},
		{"another-id-of-the-key", newBox(t, newRing(t, "app", entry("b", epoch, 1)), "purpose", time.Hour), keyring.ErrUnknownKey},
		{"dropped-key", newBox(t, newRing(t, "app", entry("c", epoch, 3)), "purpose", time.Hour), keyring.ErrUnknownKey},
	} {
		t.Run(tc.name, func(t *testing.T) {
			if _, _, err := open(tc.box, sealed); !errors.Is(err, tc.want) {
				t.Errorf("Open = %v, want %v", err, tc.want)
			}
		})
	}
}

func FuzzOpen(f *testing.F) {
	ring, err := keyring.New("app", entry("k1", epoch, 1))
	if err != nil {
		f.Fatal(err)
	}
	box, err := ring.Box("purpose", time.Hour)
	if err != nil {
		f.Fatal(err)
	}
	f.Add([]byte(nil))
	f.Add(make([]byte, keyring.Overhead))
	if b, err := hex.DecodeString(golden); err == nil {
		f.Add(b) // expired
	}
	f.Fuzz(func(t *testing.T, sealed []byte) {
		value, old, err := box.Open(ctx, sealed)
		if err == nil || value != nil || old {
			t.Errorf("Open = %q, %v, %v, want a refusal", value, old, err)
		}
	})
}

func BenchmarkBox(b *testing.B) {
	ring, err := keyring.New("app", entry("a", epoch, 1))
	if err != nil {
		b.Fatal(err)
	}
	box, err := ring.Box("purpose", time.Hour)
	if err != nil {
		b.Fatal(err)
	}
	value := make([]byte, 200)
	buf := make([]byte, 0, 512)
	b.Run("seal", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if _, err := box.Seal(ctx, buf, value); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("open", func(b *testing.B) {
		sealed, err := box.Seal(ctx, nil, value)
		if err != nil {
			b.Fatal(err)
		}
		b.ReportAllocs()
		for b.Loop() {
			if _, _, err := box.Open(ctx, append(buf, sealed...)); err != nil {
				b.Fatal(err)
			}
		}
	})
}
