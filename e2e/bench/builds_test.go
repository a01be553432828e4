//go:build linux

package bench

import (
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/crumb-go/crumb/e2e/testenv"
)

// TestMeasureBuilds measures what a developer waits for compilers, beside the go command
// alone.
func TestMeasureBuilds(t *testing.T) {
	if !*measure {
		t.Skip("measurements are taken with -measure")
	}
	t.Run("empty-cache", func(t *testing.T) {
		for _, cc := range []bool{true, false} {
			alone, crumb := cpuOfGoBuild(t, cc), cpuOfCrumb(t, cc)
			t.Logf("CPU seconds from an empty build cache, C compiler %t: go build %.1f, go run ./cmd/crumb start to the first response %.1f, ratio %.2f (goal ≤ 1.35)",
				cc, alone, crumb, crumb/alone)
		}
	})
	t.Run("starts", func(t *testing.T) {
		for _, n := range []int{functions, 60} {
			b := newBenchOf(t, n)
			t.Logf("start to first response, %d functions: %v", n, median(5, func(int) time.Duration {
				began := time.Now()
				c := b.start()
				defer c.Stop()
				b.get(c.URL + "/f0")
				return time.Since(began)
			}))
		}
	})
	t.Run("saves", func(t *testing.T) {
		b := newBench(t)
		c := b.start()
		defer c.Stop()
		b.get(c.URL + "/f0")
		b.settle(c)
		const rounds = 9 // alternating
		var hand, saves []float64
		for i := range rounds {
			saves = append(saves, b.saveOne(c.URL, fmt.Sprint("crumb", i)).Seconds())
			b.settle(c)
			hand = append(hand, b.buildByHand(fmt.Sprint("hand", i)).Seconds())
		}
		crumb, alone := medianOf(saves), medianOf(hand)
		t.Logf("seconds from a save in a function to the new response %.2f, go build of it by hand %.2f, ratio %.2f (goal ≤ 1.5)", crumb, alone, crumb/alone)
	})
}

// buildByHand changes a function that crumb does not run, and builds it.
func (b *bench) buildByHand(word string) time.Duration {
	b.t.Helper()
	testenv.Write(b.t, b.dir, "hand/main.go", fmt.Sprintf(functionMain, word))
	began := time.Now()
	build := exec.Command("go", "build", "-o", filepath.Join(b.dir, "by-hand"), "./hand")
	build.Dir = b.dir
	if out, err := build.CombinedOutput(); err != nil {
		b.t.Fatalf("go build: %v\n%s", err, out)
	}
	return time.Since(began)
}

// fresh prepares a command in the repository with empty caches, with or without a C
// compiler on PATH.
func fresh(t *testing.T, cc bool, args ...string) *exec.Cmd {
	t.Helper()
	cmd := exec.Command("go", args...)
	cmd.Dir = testenv.Root(t)
	cache := t.TempDir()
	cmd.Env = append(os.Environ(), "GOCACHE="+filepath.Join(cache, "go"), "XDG_CACHE_HOME="+cache)
	if cc {
		return cmd
	}
	bin := t.TempDir()
	for _, tool := range []string{"go", "git", "ps", "sh"} {
		if err := os.Symlink(testenv.Tool(t, tool), filepath.Join(bin, tool)); err != nil {
			t.Fatal(err)
		}
	}
	cmd.Env = append(cmd.Env, "PATH="+bin)
	return cmd
}

func cpuOfGoBuild(t *testing.T, cc bool) (seconds float64) {
	t.Helper()
	cmd := fresh(t, cc, "build", "./cmd/crumb", "./functions/...")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%s: %v\n%s", cmd, err, out)
	}
	return (cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()).Seconds()
}

func cpuOfCrumb(t *testing.T, cc bool) (seconds float64) {
	t.Helper()
	cmd := fresh(t, cc, "run", "./cmd/crumb", "start", "--port", "0", "--inspect-port", "off")
	c := testenv.Start(t, cmd)
	defer c.Stop()
	resp, err := http.Get(c.URL + "/")
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	for _, pid := range append(testenv.Descendants(t, cmd.Process.Pid), cmd.Process.Pid) {
		seconds += cpuOf(pid)
	}
	return seconds
}

// cpuOf returns the processor time of a process and of the children that it has waited
// for, 0 once it has ended.
func cpuOf(pid int) (seconds float64) {
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return 0
	}
	_, rest, _ := strings.Cut(string(stat), ") ")
	const utime, cstime, hz = 11, 14, 100 // proc(5), after the name; the kernel's USER_HZ
	for _, field := range strings.Fields(rest)[utime : cstime+1] {
		ticks, _ := strconv.Atoi(field)
		seconds += float64(ticks) / hz
	}
	return seconds
}

func medianOf(all []float64) float64 {
	slices.Sort(all)
	return all[len(all)/2]
}
