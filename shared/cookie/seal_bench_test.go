package cookie_test

import (
	"bytes"
	"context"
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	b64 "encoding/base64"
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/gorilla/securecookie"
)

// floor is the minimum: AES-256-GCM, a random nonce, one base64.
type floor struct{ aead cipher.AEAD }

func newFloor(tb testing.TB) floor {
	block, err := aes.NewCipher(make([]byte, 32))
	if err != nil {
		tb.Fatal(err)
	}
	aead, err := cipher.NewGCM(block)
	if err != nil {
		tb.Fatal(err)
	}
	return floor{aead}
}

func (f floor) seal(value []byte) string {
	n := 12 + len(value) + 16
	buf := make([]byte, 12, n+b64.RawURLEncoding.EncodedLen(n))
	_, _ = rand.Read(buf)
	sealed := f.aead.Seal(buf, buf, value, nil)
	return string(b64.RawURLEncoding.AppendEncode(sealed[n:], sealed))
}

func (f floor) open(wire string) ([]byte, error) {
	sealed, err := b64.RawURLEncoding.DecodeString(wire)
	if err != nil {
		return nil, err
	}
	return f.aead.Open(sealed[12:12], sealed[:12], sealed[12:], nil)
}

type profile struct {
	Name, Text string
	Visits     int
	Since      time.Time
}

var (
	benchBytes   = bytes.Repeat([]byte{0xc5}, 200)
	benchText    = strings.Repeat("a cookie, ", 20)
	benchProfile = profile{"Zoe", strings.Repeat("a cookie ", 13), 42, time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)} // 200 bytes of JSON
)

func newSecureCookie() *securecookie.SecureCookie {
	s := securecookie.New(bytes.Repeat([]byte{1}, 32), bytes.Repeat([]byte{2}, 32))
	return s.SetSerializer(securecookie.JSONEncoder{})
}

// The benchmarks report, beside the time, how many times as long as the floor it is, or how
// many times as long gorilla/securecookie takes for the same value.
//
// securecookie takes about five times as long for a []byte or a string. For a struct
// encoding/json sets the limit: even "possible×securecookie", the ratio for encoding/json and
// the floor alone, stays below 3 and 2. For more speed, seal a []byte in your own encoding.

func BenchmarkSeal(b *testing.B) {
	ctx, ring := context.Background(), newRing(b, "app", ringEntry("a", 1))
	asBytes := newSealed[[]byte](b, "c", ring, time.Hour)
	asText := newSealed[string](b, "c", ring, time.Hour)
	asJSON := newSealed[profile](b, "c", ring, time.Hour)
	floor, gorilla := newFloor(b), newSecureCookie()
	b.Run("bytes", func(b *testing.B) {
		run(b, func() error { _, err := asBytes.SealText(ctx, benchBytes); return err })
		b.ReportMetric(ratio(func() { _, _ = asBytes.SealText(ctx, benchBytes) }, func() { floor.seal(benchBytes) }), "×floor")
		b.ReportMetric(ratio(func() { _, _ = gorilla.Encode("c", benchBytes) }, func() { _, _ = asBytes.SealText(ctx, benchBytes) }), "×securecookie")
	})
	b.Run("text", func(b *testing.B) {
		run(b, func() error { _, err := asText.SealText(ctx, benchText); return err })
		b.ReportMetric(ratio(func() { _, _ = gorilla.Encode("c", benchText) }, func() { _, _ = asText.SealText(ctx, benchText) }), "×securecookie")
	})
	b.Run("json", func(b *testing.B) {
		run(b, func() error { _, err := asJSON.SealText(ctx, benchProfile); return err })
		b.ReportMetric(ratio(func() { _, _ = gorilla.Encode("c", benchProfile) }, func() { _, _ = asJSON.SealText(ctx, benchProfile) }), "×securecookie")
		b.ReportMetric(ratio(func() { _, _ = gorilla.Encode("c", benchProfile) }, func() { text, _ := json.Marshal(&benchProfile); floor.seal(text) }), "possible×securecookie")
	})
}

func BenchmarkUnseal(b *testing.B) {
	ctx, ring := context.Background(), newRing(b, "app", ringEntry("a", 1))
	asBytes := newSealed[[]byte](b, "c", ring, time.Hour)
	asText := newSealed[string](b, "c", ring, time.Hour)
	asJSON := newSealed[profile](b, "c", ring, time.Hour)
	floor, gorilla := newFloor(b), newSecureCookie()
	must := func(s string, err error) string {
		if err != nil {
			b.Fatal(err)
		}
		return s
	}
	b.Run("bytes", func(b *testing.B) {
		ours, theirs, least := must(asBytes.SealText(ctx, benchBytes)), must(gorilla.Encode("c", benchBytes)), floor.seal(benchBytes)
		run(b, func() error { _, err := asBytes.UnsealText(ctx, ours); return err })
		b.ReportMetric(ratio(func() { _, _ = asBytes.UnsealText(ctx, ours) }, func() { _, _ = floor.open(least) }), "×floor")
		b.ReportMetric(ratio(func() { var v []byte; _ = gorilla.Decode("c", theirs, &v) }, func() { _, _ = asBytes.UnsealText(ctx, ours) }), "×securecookie")
	})
	b.Run("text", func(b *testing.B) {
		ours, theirs := must(asText.SealText(ctx, benchText)), must(gorilla.Encode("c", benchText))
		run(b, func() error { _, err := asText.UnsealText(ctx, ours); return err })
		b.ReportMetric(ratio(func() { var v string; _ = gorilla.Decode("c", theirs, &v) }, func() { _, _ = asText.UnsealText(ctx, ours) }), "×securecookie")
	})
	b.Run("json", func(b *testing.B) {
		ours, theirs := must(asJSON.SealText(ctx, benchProfile)), must(gorilla.Encode("c", benchProfile))
		text, err := json.Marshal(benchProfile)
		least := floor.seal([]byte(must(string(text), err)))
		run(b, func() error { _, err := asJSON.UnsealText(ctx, ours); return err })
		b.ReportMetric(ratio(func() { var v profile; _ = gorilla.Decode("c", theirs, &v) }, func() { _, _ = asJSON.UnsealText(ctx, ours) }), "×securecookie")
		b.ReportMetric(ratio(func() { var v profile; _ = gorilla.Decode("c", theirs, &v) }, func() { var v profile; text, _ := floor.open(least); _ = json.Unmarshal(text, &v) }), "possible×securecookie")
	})
}

func run(b *testing.B, f func() error) {
	b.ReportAllocs()
	for b.Loop() {
		if err := f(); err != nil {
			b.Fatal(err)
		}
	}
}

// ratio returns how many times as long f takes as g, measured as in compare.
func ratio(f, g func()) float64 {
	took := func(f func()) float64 {
		start := time.Now()
		for range 20 {
			f()
		}
		return float64(time.Since(start))
	}
	ratios := make([]float64, 1001)
	for i := range ratios {
		ratios[i] = took(f) / took(g)
	}
	slices.Sort(ratios)
	return ratios[len(ratios)/2]
}

func TestSealedAllocations(t *testing.T) {
	ctx := context.Background()
	s := newSealed[[]byte](t, "c", newRing(t, "app", ringEntry("a", 1)), time.Hour)
	wire, err := s.SealText(ctx, benchBytes)
	if err != nil {
		t.Fatal(err)
	}
	if got := testing.AllocsPerRun(100, func() { _, _ = s.SealText(ctx, benchBytes) }); got > 2 {
		t.Errorf("sealing allocates %v times, want at most 2", got)
	}
	if got := testing.AllocsPerRun(100, func() { _, _ = s.UnsealText(ctx, wire) }); got > 2 {
		t.Errorf("opening allocates %v times, want at most 2", got)
	}
}
