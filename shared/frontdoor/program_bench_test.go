package frontdoor_test

import (
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"testing"
)

// BenchmarkProgram compares the smallest function behind this package, and one
// of the demo's, with the smallest one of aws-lambda-go alone, both built as for Lambda: the size of the
// binary and the time that its packages take to initialise.
//
//	go test -run '^$' -bench Program ./shared/frontdoor
//
// It fails if a size is above 1.05 times the other, or 1.07 times for the
// demo's. Initialising takes less
// than a millisecond, of which the machine's noise is more than 5 %: compare
// several runs.
func BenchmarkProgram(b *testing.B) {
	dir := b.TempDir()
	names := []string{"bare", "frontdoor", "index"}
	packages := map[string]string{
		"bare":      "./testdata/programs/bare",
		"frontdoor": "./testdata/programs/frontdoor",
		"index":     "../../functions/index",
	}
	limits := map[string]float64{"frontdoor": 1.05, "index": 1.07}
	size := make(map[string]float64)
	for _, name := range names {
		build := exec.Command("go", "build", "-tags", "lambda.norpc", "-trimpath", "-ldflags=-s",
			"-o", filepath.Join(dir, name), packages[name])
		build.Env = append(os.Environ(), "CGO_ENABLED=0")
		if out, err := build.CombinedOutput(); err != nil {
			b.Fatalf("%v\n%s", err, out)
		}
		info, err := os.Stat(filepath.Join(dir, name))
		if err != nil {
			b.Fatal(err)
		}
		size[name] = float64(info.Size())
	}
	spent := make(map[string][]float64)
	for b.Loop() {
		for range 20 {
			for _, name := range names {
				spent[name] = append(spent[name], initTime(b, filepath.Join(dir, name)))
			}
		}
	}
	b.ReportMetric(0, "ns/op")
	for _, name := range names[1:] {
		ratio := size[name] / size["bare"]
		b.ReportMetric(size[name], name+"-bytes")
		b.ReportMetric(ratio, name+"-x-size")
		b.ReportMetric(median(spent[name]), name+"-init-ms")
		b.ReportMetric(median(spent[name])/median(spent["bare"]), name+"-x-init")
		if ratio > limits[name] {
			b.Errorf("binary of %s is %.3f times the size of a bare one, want at most %.2f", name, ratio, limits[name])
		}
	}
}

var initClock = regexp.MustCompile(`(?m)^init \S+ @\S+ ms, (\S+) ms clock`)

// initTime runs a program, which ends at once as it is not in Lambda, and sums
// what its packages say they took.
func initTime(b *testing.B, program string) (ms float64) {
	cmd := exec.Command(program)
	cmd.Env = []string{"GODEBUG=inittrace=1"}
	out, _ := cmd.CombinedOutput() // exit status 1
	for _, match := range initClock.FindAllSubmatch(out, -1) {
		v, err := strconv.ParseFloat(string(match[1]), 64)
		if err != nil {
			b.Fatal(err)
		}
		ms += v
	}
	if ms == 0 {
		b.Fatalf("no init times in %s", out)
	}
	return ms
}

func median(values []float64) float64 {
	if len(values) == 0 {
		return math.NaN()
	}
	slices.Sort(values)
	return values[len(values)/2]
}
