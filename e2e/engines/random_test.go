package engines

import (
	"flag"
	"math/rand/v2"
	"testing"
)

var seed = flag.Uint64("seed", 1, "of the random lines")

// TestMeasureRandom sends 600 lines put together at random, which no rule was written
// for. At least 99 of 100 come back as useragent says.
func TestMeasureRandom(t *testing.T) {
	if !*measure {
		t.Skip("it takes a minute; .ci/night runs it with -measure")
	}
	r := rand.New(rand.NewPCG(*seed, 0))
	pick := func(list ...string) string { return list[r.IntN(len(list))] }
	var list []trial
	for n := range 600 {
		line := pick("a", "a", "b c", "__Host-x", "__Secure-x", "__http-x", "é", "\xe9", "", "a\t", " a ") + pick("=", "=", "=", "=", "") + pick("1", "x y", "\"q\"", "é", "\xff", "", " s ", "a=b", "a\tb", "{", "1,2")
		for range r.IntN(6) {
			line += pick(";", "; ", " ; ", ";;") + pick("Path", "path", "Domain", "Max-Age", "max-age", "Expires", "Secure", "secure", "HttpOnly", "SameSite", "Partitioned", "x", "", "Path ", " Secure") +
				pick("", "=", "=/", "=/a", "=/a/b", "=x", "=é", "=0", "=60", "=-1", "=-", "={host}", "=.{parent}", "=example", "=Lax", "=None", "=strict", "=Thu, 01 Jan 1970 00:00:00 GMT", "=01 Jan 2030", "=Wed, 01 Jan 2098 00:00:00 GMT", "=\"/\"", " = /", "=/ ")
		}
		place := []rune("ssshhhtttl")[n%10]
		list = append(list, newTrial("random", place, line, n, n/perPage))
	}
	for engine, wrong := range compare(t, list) {
		for _, text := range wrong {
			t.Logf("%s: %s", engine, text)
		}
		if 100*len(wrong) > len(list) {
			t.Errorf("%s: %d of %d lines are not as useragent says", engine, len(wrong), len(list))
		}
	}
}
