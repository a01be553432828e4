package keyring_test

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/cryptotest"
	"time"

	"github.com/crumb-go/crumb/shared/keyring"
)

// secret is the base64url text of n bytes b.
func secret(b byte, n int) string {
	return base64.RawURLEncoding.EncodeToString(bytes.Repeat([]byte{b}, n))
}

// entry is the text of a key whose 32 bytes are all b.
func entry(id, created string, b byte) string {
	return id + "." + created + "." + secret(b, 32)
}

func ids(keys []keyring.Key) string {
	var ids []string
	for _, k := range keys {
		ids = append(ids, k.ID)
	}
	return strings.Join(ids, " ")
}

func parse(t *testing.T, text string) []keyring.Key {
	t.Helper()
	keys, err := keyring.Parse(text)
	if err != nil {
		t.Fatalf("Parse: %v", err)
	}
	return keys
}

func at(text string) time.Time {
	t, err := time.Parse(time.RFC3339, text)
	if err != nil {
		panic(err)
	}
	return t
}

func TestParse(t *testing.T) {
	for _, tc := range []struct{ name, text, ids string }{
		{"empty", "", ""},
		{"blank", " \r\n\t", ""},
		{"one", entry("a", "2026-01-01T00:00:00Z", 1), "a"},
		{"newest-first", entry("a", "2026-01-01T00:00:00Z", 1) + "," + entry("b", "2026-02-01T00:00:00Z", 2), "b a"},
		{"equal-times-by-id", entry("z", "2026-01-01T00:00:00Z", 1) + "," + entry("b", "2026-01-01T00:00:00Z", 2), "b z"},
		{"line-end", entry("a", "2026-01-01T00:00:00Z", 1) + "\n", "a"},
		{"every-character", entry("azAZ09_-", "2026-01-01T00:00:00Z", 1), "azAZ09_-"},
		{"longest-id", entry(strings.Repeat("i", 32), "2026-01-01T00:00:00Z", 1), strings.Repeat("i", 32)},
		{"dev-is-no-matter-here", entry("dev-1", "2026-01-01T00:00:00Z", 1), "dev-1"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			if got := ids(parse(t, tc.text)); got != tc.ids {
				t.Errorf("Parse: ids %q, want %q", got, tc.ids)
			}
		})
	}
}

func TestParseRefuses(t *testing.T) {
	const day = "2026-01-01T00:00:00Z"
	good := entry("a", day, 1)
	const (
		fields   = " fields instead of 3 (id.created.secret)"
		noID     = "entry 1: the id is not 1 to 32 of A-Z a-z 0-9 _ -"
		noTime   = "entry 1: the time is not like 2006-01-02T15:04:05Z"
		bytes    = " bytes instead of 32"
		noBase64 = "entry 1: the secret is not base64url without padding"
		earlier  = " equals that of an earlier entry"
	)
	for _, tc := range []struct{ name, text, want string }{
		{"no-fields", secret(7, 32), "entry 1: 1" + fields},
		{"two-fields", "a." + secret(7, 32), "entry 1: 2" + fields},
		{"four-fields", good + ".x", "entry 1: 4" + fields},
		{"trailing-comma", good + ",", "entry 2: 1" + fields},
		{"space-between", good + ", " + entry("b", day, 2), "entry 2: the id is not 1 to 32 of A-Z a-z 0-9 _ -"},
		{"empty-id", entry("", day, 1), noID},
		{"long-id", entry(strings.Repeat("i", 33), day, 1), noID},
		{"id-of-other-letters", entry("é", day, 1), noID},
		{"secret-for-an-id", secret(7, 32) + "." + day + ".a", noID},
		{"secret-for-a-time", "a." + secret(7, 32) + "." + day, noTime},
		{"no-time", entry("a", "", 1), noTime},
		{"time-with-offset", entry("a", "2026-01-01T01:00:00+01:00", 1), noTime},
		{"time-with-zero-offset", entry("a", "2026-01-01T01:00:00+00:00", 1), noTime},
		{"time-in-lower-case", entry("a", "2026-01-01t00:00:00z", 1), noTime},
		{"time-with-comma-fraction", entry("a", "2026-01-01T00:00:00", 1), noTime},
		{"no-such-day", entry("a", "2026-02-30T00:00:00Z", 1), noTime},
		{"0-bytes", "a." + day + ".", "entry 1: the secret has 0" + bytes},
		{"16-bytes", "a." + day + "." + secret(7, 16), "entry 1: the secret has 16" + bytes},
		{"31-bytes", "a." + day + "." + secret(7, 31), "entry 1: the secret has 31" + bytes},
		{"33-bytes", "a." + day + "." + secret(7, 33), "entry 1: the secret has 33" + bytes},
		{"64-bytes", "a." + day + "." + secret(7, 64), "entry 1: the secret has 64" + bytes},
		{"standard-base64", "a." + day + "." + strings.ReplaceAll(secret(0xff, 32), "_", "/"), noBase64},
		{"padded", "a." + day + "." + secret(7, 32) + "=", noBase64},
		{"line-end-within", "a." + day + "." + secret(7, 16) + "\n" + secret(7, 16), noBase64},
		{"loose-last-bits", "a." + day + "." + secret(7, 32)[:42] + "d", noBase64},
		{"same-id", good + "," + entry("a", day, 2), "entry 2: its id" + earlier},
		{"same-secret", good + "," + entry("b", day, 1), "entry 2: its secret" + earlier},
		// SHA-256 of both begins with caaf373a.
		{"same-id-on-the-wire", entry("k153629", day, 1) + "," + entry("k164064", day, 2), "entry 2: its id" + earlier},
	} {
		t.Run(tc.name, func(t *testing.T) {
			keys, err := keyring.Parse(tc.text)
			if want := "keyring: " + tc.want; fmt.Sprint(err) != want || keys != nil {
				t.Fatalf("Parse = %d keys, %v, want none and %s", len(keys), err, want)
			}
			for _, s := range []string{secret(7, 16), secret(1, 16), secret(2, 16)} {
				if strings.Contains(err.Error(), s[:10]) {
					t.Errorf("error %q holds a secret", err)
				}
			}
		})
	}
}

func TestParseTakesTheCharactersOfAnID(t *testing.T) {
	for c := range 256 {
		id := "a" + string([]byte{byte(c)}) + "b"
		_, err := keyring.Parse(entry(id, epoch, 1))
		if want := regexp.MustCompile(`^[A-Za-z0-9_-]+$`).MatchString(id); (err == nil) != want {
			t.Errorf("Parse of id %q: %v, want it taken: %v", id, err, want)
		}
	}
}

func TestParseReportsEveryMistake(t *testing.T) {
	_, err := keyring.Parse("x,a.b.c," + entry("a", "2026-01-01T00:00:00Z", 1) + ",y")
	for _, want := range []string{"entry 1:", "entry 2:", "entry 4:"} {
		if !strings.Contains(fmt.Sprint(err), want) {
			t.Errorf("Parse: %v, want %q too", err, want)
		}
	}
}

func TestFormatIsTheOppositeOfParse(t *testing.T) {
	text := entry("b", "2026-02-01T00:00:00Z", 2) + "," + entry("a", "2026-01-01T00:00:00Z", 1)
	if got := keyring.Format(parse(t, text)); got != text {
		t.Errorf("Format(Parse(text)) = %q, want %q", got, text)
	}
	if got := keyring.Format(nil); got != "" {
		t.Errorf("Format(nil) = %q", got)
	}
}

func TestKeysAreNotPrinted(t *testing.T) {
	keys := parse(t, entry("a", "2026-01-01T00:00:00Z", 0xab))
	ring, err := keyring.New("app", keyring.Format(keys))
	if err != nil {
		t.Fatal(err)
	}
	box, err := ring.Box("purpose", time.Hour)
	if err != nil {
		t.Fatal(err)
	}
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%x", "%d"} {
		for _, v := range []any{keys, keys[0], &keys[0], ring, box} {
			got := strings.ToLower(fmt.Sprintf(verb, v))
			for _, bad := range []string{strings.Repeat("ab", 9), "171 171", "0xab, 0xab", secret(0xab, 32)[:8]} { // longer than an address
				if strings.Contains(got, strings.ToLower(bad)) {
					t.Errorf("Sprintf(%q, %T) holds %q", verb, v, bad)
				}
			}
		}
	}
}

func TestRotate(t *testing.T) {
	const keep = 24 * time.Hour
	now := at("2026-03-01T12:00:00Z")
	for _, tc := range []struct {
		name string
		text string
		keep time.Duration
		ids  string // after the new one
	}{
		{"first", "", keep, ""},
		{"one-is-kept-however-old", entry("a", "2001-01-01T00:00:00Z", 1), keep, "a"},
		{"opens-what-it-sealed-last", entry("b", "2026-02-28T11:50:01Z", 2) + "," + entry("a", "2026-01-01T00:00:00Z", 1), keep, "b a"},
		{"nothing-left-to-open", entry("b", "2026-02-28T11:50:00Z", 2) + "," + entry("a", "2026-01-01T00:00:00Z", 1), keep, "b"},
		{"and-all-that-are-older", entry("c", "2026-02-01T00:00:00Z", 3) + "," + entry("b", "2026-01-02T00:00:00Z", 2) + "," + entry("a", "2026-01-01T00:00:00Z", 1), keep, "c"},
		{"seals-until-its-successor-settles", entry("b", "2026-03-01T11:55:00Z", 2) + "," + entry("a", "2026-01-01T00:00:00Z", 1), 0, "b a"},
		{"negative-keep-is-0", entry("b", "2026-03-01T11:55:00Z", 2) + "," + entry("a", "2026-01-01T00:00:00Z", 1), -keep, "b a"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			before := parse(t, tc.text)
			if got := ids(keyring.Prune(before, now, tc.keep)); got != tc.ids {
				t.Errorf("Prune = %q, want %q", got, tc.ids)
			}
			oldestFirst := slices.Clone(before)
			slices.Reverse(oldestFirst)
			if got := ids(keyring.Prune(oldestFirst, now, tc.keep)); got != tc.ids {
				t.Errorf("Prune of the oldest first = %q, want %q", got, tc.ids)
			}
			got := keyring.Rotate(before, now, tc.keep)
			if got[0].Created != now || ids(got[1:]) != tc.ids {
				t.Errorf("Rotate: %v, %q, want %v, %q", got[0].Created, ids(got[1:]), now, tc.ids)
			}
			if ids(before) != ids(parse(t, tc.text)) {
				t.Errorf("Rotate changed the keys it was given: %q", ids(before))
			}
			if again := parse(t, keyring.Format(got)); ids(again) != ids(got) {
				t.Errorf("Parse(Format) = %q, want %q", ids(again), ids(got))
			}
		})
	}
}

func TestRotateKeepsDevelopmentApart(t *testing.T) {
	now := at("2026-03-01T12:00:00Z")
	if got := keyring.Rotate(parse(t, entry("dev-1", "2026-01-01T00:00:00Z", 1)), now, 0); !strings.HasPrefix(got[0].ID, "dev-") {
		t.Errorf("id = %q, want dev-…", got[0].ID)
	}
	if got := keyring.Rotate(nil, now, 0); strings.HasPrefix(got[0].ID, "dev-") || len(got[0].ID) != 8 {
		t.Errorf("id = %q, want 8 digits", got[0].ID)
	}
}

func TestRotateTwiceInASecond(t *testing.T) {
	now := at("2026-03-01T12:00:00Z")
	for range 20 { // ids are random, and must not matter
		first := keyring.Rotate(nil, now, 0)
		second := keyring.Rotate(first, now.Add(999*time.Millisecond), 0)
		if len(second) != 2 || second[1].ID != first[0].ID || keyring.SealingIndex(second, now) != 1 {
			t.Errorf("Rotate = %q, want the new key in front of %q, which seals", ids(second), ids(first))
		}
	}
}

// Parse would reject a ring in which two keys have one id.
func TestRotateTakesNoIDTwice(t *testing.T) {
	var keys []keyring.Key
	for i := range 3 { // each time the same random numbers
		t.Run(fmt.Sprint(i), func(t *testing.T) {
			cryptotest.SetGlobalRandom(t, 1)
			keys = keyring.Rotate(keys, at("2026-03-01T12:00:00Z").Add(time.Duration(i)*time.Hour), 24*time.Hour)
			if got := parse(t, keyring.Format(keys)); len(got) != i+1 {
				t.Errorf("Rotate = %q, want %d keys", ids(got), i+1)
			}
		})
	}
}

func TestRotateSortsAKeyOfTheFuture(t *testing.T) {
	got := keyring.Rotate(parse(t, entry("late", "2027-01-01T00:00:00Z", 1)), at("2026-03-01T12:00:00Z"), 0)
	if len(got) != 2 || got[0].ID != "late" {
		t.Errorf("Rotate = %q, want late and the new one", ids(got))
	}
}

func TestSealingIndex(t *testing.T) {
	a, b := entry("a", "2026-01-01T00:00:00Z", 1), entry("b", "2026-02-01T00:00:00Z", 2)
	for _, tc := range []struct {
		name, text, now string
		want            int
	}{
		{"none", "", "2026-01-01T00:00:00Z", -1},
		{"the-only-one-at-once", a, "2026-01-01T00:00:00Z", 0},
		{"the-only-one-before-its-time", a, "2020-01-01T00:00:00Z", 0},
		{"the-old-one-while-the-new-settles", b + "," + a, "2026-02-01T00:09:59Z", 1},
		{"the-new-one-when-settled", b + "," + a, "2026-02-01T00:10:00Z", 0},
		{"the-oldest-of-young-ones", b + "," + a, "2026-01-01T00:00:01Z", 1},
	} {
		t.Run(tc.name, func(t *testing.T) {
			if got := keyring.SealingIndex(parse(t, tc.text), at(tc.now)); got != tc.want {
				t.Errorf("SealingIndex = %d, want %d", got, tc.want)
			}
		})
	}
}

func TestTooLate(t *testing.T) {
	a, b := entry("a", "2026-01-01T00:00:00Z", 1), entry("b", "2026-02-01T00:00:00Z", 2)
	for _, tc := range []struct {
		name, text, now string
		want            bool
	}{
		{"none", "", "2026-02-01T00:00:00Z", false},
		{"the-only-one", b, "2026-03-01T00:00:00Z", false},
		{"at-once", b + "," + a, "2026-02-01T00:00:00Z", false},
		{"in-time", b + "," + a, "2026-02-01T00:05:00Z", false},
		{"too-late", b + "," + a, "2026-02-01T00:05:01Z", true},
	} {
		t.Run(tc.name, func(t *testing.T) {
			if got := keyring.TooLate(parse(t, tc.text), at(tc.now)); got != tc.want {
				t.Errorf("TooLate = %v, want %v", got, tc.want)
			}
		})
	}
}

func FuzzParse(f *testing.F) {
	f.Add("")
	f.Add(entry("a", "2026-01-01T00:00:00Z", 1))
	f.Add(entry("a", "2026-01-01T00:00:00Z", 1) + "," + entry("dev-b", "2026-02-01T00:00:00Z", 2))
	f.Add("a.b.c,,")
	f.Fuzz(func(t *testing.T, text string) {
		keys, err := keyring.Parse(text)
		if err != nil {
			return
		}
		canonical := keyring.Format(keys)
		again, err := keyring.Parse(canonical)
		if err != nil || keyring.Format(again) != canonical {
			t.Errorf("Format is not the opposite of Parse: %v", err)
		}
		if len(canonical) != len(strings.TrimSpace(text)) {
			t.Errorf("Parse let %d bytes pass as %d", len(text), len(canonical))
		}
	})
}
