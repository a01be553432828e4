package crumbtest_test

import (
	"bufio"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/crumb-go/crumb/crumbtest"
)

// served runs TestServed in another process, whose temporary folder is temp.
func served(t *testing.T, temp string, args ...string) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), os.Args[0], append(args, "-test.run=^TestServed$", "-test.v")...)
	cmd.Env = append(os.Environ(), "CRUMBTEST_SERVED=1", "TMPDIR="+temp, "TMP="+temp)
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Errorf("%v\n%s", err, out)
	}
}

// TestServed is the program of served. While a project is served, all that listens
// is on loopback; at the end of its test no process and no goroutine is left.
func TestServed(t *testing.T) {
	if os.Getenv("CRUMBTEST_SERVED") == "" {
		return // it is run by another test
	}
	before := goroutines()
	t.Run("served", func(t *testing.T) {
		p := crumbtest.Start(t, "../template.yaml", crumbtest.Options{})
		resp, err := p.Client(t).Get(p.URL + "/")
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
		if runtime.GOOS != "linux" {
			return // without /proc
		}
		if len(children(t)) == 0 {
			t.Error("no function runs")
		}
		// The API's, the Runtime API's and the tables'.
		addresses := listening(t)
		if len(addresses) < 3 {
			t.Errorf("only %q listen", addresses)
		}
		for _, address := range addresses {
			if !strings.HasPrefix(address, "0100007F:") {
				t.Errorf("%s is not on 127.0.0.1", address)
			}
		}
	})
	if runtime.GOOS == "linux" {
		if left := children(t); len(left) > 0 {
			t.Errorf("processes %q are left", left)
		}
		if left := listening(t); len(left) > 0 {
			t.Errorf("%q listen", left)
		}
	}
	// A server's goroutines end some moments after it was closed.
	for deadline := time.Now().Add(10 * time.Second); goroutines() > before; time.Sleep(10 * time.Millisecond) {
		if time.Now().After(deadline) {
			stacks := make([]byte, 1<<20)
			t.Fatalf("%d goroutines, and %d before:\n%s", goroutines(), before, stacks[:runtime.Stack(stacks, true)])
		}
	}
}

// goroutines counts those of this process, without one that os/signal keeps.
func goroutines() int {
	stacks := make([]byte, 1<<20)
	stacks = stacks[:runtime.Stack(stacks, true)]
	return strings.Count(string(stacks), "\n\ngoroutine ") - strings.Count(string(stacks), "os/signal.loop")
}

// children lists the processes that this one has started, and those have.
func children(t *testing.T) []string {
	t.Helper()
	parents, err := filepath.Glob("/proc/[0-9]*/stat")
	if err != nil {
		t.Fatal(err)
	}
	of := map[string][]string{}
	for _, file := range parents {
		stat, err := os.ReadFile(file)
		if err != nil {
			continue // it has ended
		}
		var pid, state, parent string
		fmt.Sscan(string(stat), &pid)
		fmt.Sscan(string(stat[strings.LastIndexByte(string(stat), ')')+1:]), &state, &parent)
		of[parent] = append(of[parent], pid)
	}
	found := of[fmt.Sprint(os.Getpid())]
	for i := 0; i < len(found); i++ {
		found = append(found, of[found[i]]...)
	}
	return found
}

// listening lists the TCP addresses at which this process listens, as Linux writes
// them: 0100007F:0BB8 is 127.0.0.1:3000.
func listening(t *testing.T) []string {
	t.Helper()
	own := map[string]bool{}
	links, err := filepath.Glob("/proc/self/fd/*")
	if err != nil {
		t.Fatal(err)
	}
	for _, link := range links {
		if target, err := os.Readlink(link); err == nil {
			own[target] = true
		}
	}
	var found []string
	for _, table := range []string{"/proc/self/net/tcp", "/proc/self/net/tcp6"} {
		file, err := os.Open(table)
		if os.IsNotExist(err) {
			continue // without IPv6
		} else if err != nil {
			t.Fatal(err)
		}
		defer file.Close()
		for lines := bufio.NewScanner(file); lines.Scan(); {
			const listens = "0A"
			if f := strings.Fields(lines.Text()); len(f) > 9 && f[3] == listens && own["socket:["+f[9]+"]"] {
				found = append(found, f[1])
			}
		}
	}
	return found
}

// What a test leaves is in the cache of the next run only.
func TestNothingIsLeft(t *testing.T) {
	t.Parallel()
	temp := t.TempDir()
	served(t, temp)
	left, err := os.ReadDir(temp)
	if err != nil {
		t.Fatal(err)
	}
	if len(left) > 0 {
		t.Errorf("files %v are left", left)
	}
}
