//go:build unix

package lambda_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/crumb-go/crumb/internal/lambda"
)

// gone waits until the process has ended.
func gone(t testing.TB, pid int) {
	t.Helper()
	for deadline := time.Now().Add(time.Minute); ; {
		if stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid)); err == nil && bytes.Contains(stat, []byte(") Z ")) {
			return // dead, but its new parent has not waited for it
		}
		if syscall.Kill(pid, 0) == syscall.ESRCH {
			return
		}
		if time.Now().After(deadline) {
			t.Errorf("process %d is still there", pid)
			return
		}
		time.Sleep(time.Millisecond)
	}
}

func TestKillAtRandom(t *testing.T) {
	p, _ := start(t, lambda.Function{}, lambda.Config{})
	const clients, events = 8, 60
	processes := make(chan int, clients*events)
	var killed, lost int
	var mu sync.Mutex
	var all sync.WaitGroup
	for client := range clients {
		all.Go(func() {
			for i := range events {
				want := fmt.Sprintf("%d-%d", client, i)
				a, err := do(p, `{"Text":"`+want+`"}`)
				var failed *lambda.FunctionError
				switch {
				case err == nil && a.Text == want:
					processes <- a.PID
				case errors.As(err, &failed) && failed.Type == "Runtime.ExitError" && strings.HasSuffix(failed.Message, "signal: killed"):
					mu.Lock()
					lost++
					mu.Unlock()
				default:
					t.Errorf("response %q, error %v; want %q or a killed process", a.Text, err, want)
				}
				if rand.N(10) == 0 {
					select {
					case pid := <-processes:
						if syscall.Kill(pid, syscall.SIGKILL) == nil {
							mu.Lock()
							killed++
							mu.Unlock()
						}
					default:
					}
				}
			}
		})
	}
	all.Wait()
	if lost > killed {
		t.Errorf("%d events lost by %d kills", lost, killed)
	}
	t.Logf("%d events, %d kills, %d lost", clients*events, killed, lost)
}

// unfound reports whether a script leaves the process group and cannot be found
// then: only Linux has /proc for that.
func unfound(script string) bool {
	return strings.Contains(script, "setsid") && runtime.GOOS != "linux"
}

// needSleep skips if there is no sleep command.
func needSleep(t *testing.T) {
	t.Helper()
	if _, err := exec.LookPath("sleep"); err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatal("CI needs everything: ", err)
		}
		t.Skip(err)
	}
}

func TestForkedProcesses(t *testing.T) {
	t.Parallel()
	for name, script := range map[string]string{
		"in-the-group": "exec sleep 1000",
		"out-of-it":    "exec setsid sleep 1000",
		"without-env":  "exec env -i setsid sleep 1000",
	} {
		if unfound(script) {
			continue
		}
		t.Run(name, func(t *testing.T) {
			needSleep(t)
			t.Parallel()
			p, _ := start(t, lambda.Function{Timeout: 2 * time.Second}, lambda.Config{MaxSandboxes: 1})
			fork := func() int {
				pid, err := strconv.Atoi(must(t, p, `{"Do":"fork","Text":"`+script+`"}`).Text)
				if err != nil {
					t.Fatal(err)
				}
				return pid
			}
			child := fork()
			if _, err := do(p, `{"Do":"hang"}`); err == nil {
				t.Fatal("no timeout")
			}
			gone(t, child)
			child = fork()
			if _, err := do(p, `{"Do":"exit"}`); err == nil {
				t.Fatal("no exit")
			}
			gone(t, child)
			child = fork()
			p.Close()
			gone(t, child)
		})
	}
}

// A process that left its sandbox ends with that one, not with another.
func TestStraysOfOtherSandboxes(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("only Linux finds them")
	}
	needSleep(t)
	g := newGate(t)
	p, _ := start(t, lambda.Function{}, lambda.Config{MaxSandboxes: 2})
	child, err := strconv.Atoi(must(t, p, `{"Do":"fork","Text":"exec env -i setsid sleep 1000"}`).Text)
	if err != nil {
		t.Fatal(err)
	}
	busy := invoke(p, g.event())
	<-g.arrived
	for range 3 { // each in another sandbox, and at the third the first is forgotten
		if _, err := do(p, `{"Do":"exit"}`); err == nil {
			t.Fatal("no exit")
		}
	}
	if err := syscall.Kill(child, 0); err != nil {
		t.Errorf("the child of a sandbox that still runs: %v", err)
	}
	g.open <- 200
	<-busy
	p.Close()
	gone(t, child)
}

func TestNothingLeft(t *testing.T) {
	before := runtime.NumGoroutine()
	files := openFiles(t)
	p, logs := start(t, lambda.Function{Env: map[string]string{"INIT": "raw"}}, lambda.Config{})
	done := invokeRaw(p, `{}`)
	address := logs.wait(t, 1, `^address ([^/]*)/`)
	p2, _ := start(t, lambda.Function{}, lambda.Config{})
	pid := must(t, p2, `{}`).PID
	p.Close()
	p2.Close()
	<-done
	gone(t, pid)
	if conn, err := (&net.Dialer{}).DialContext(t.Context(), "tcp", address); err == nil {
		conn.Close()
		t.Errorf("the port of %s is still open", address)
	}
	for deadline := time.Now().Add(time.Minute); runtime.NumGoroutine() > before || openFiles(t) > files; time.Sleep(time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("%d goroutines and %d files, %d and %d before", runtime.NumGoroutine(), openFiles(t), before, files)
		}
	}
}

// openFiles counts the open files of this process, if the system has /dev/fd.
func openFiles(t testing.TB) int {
	entries, err := os.ReadDir("/dev/fd")
	if err != nil {
		t.Log(err)
	}
	return len(entries)
}

// TestCrash kills a program that has a pool: neither the processes of its sandboxes
// survive nor the watchdog.
func TestCrash(t *testing.T) {
	if os.Getenv("CRUMB_TEST_CRASH") != "" {
		p, err := lambda.New(lambda.Config{Functions: []lambda.Function{{Name: "F", Build: prebuilt, Timeout: time.Hour}}})
		if err != nil {
			t.Fatal(err)
		}
		a := response{Text: "0"}
		if script := os.Getenv("CRUMB_TEST_FORK"); script != "" {
			a = must(t, p, `{"Do":"fork","Text":"`+script+`"}`)
		}
		fmt.Println("forked", a.Text, "by", must(t, p, `{}`).PID)
		do(p, `{"Do":"hang"}`)
		return
	}
	t.Parallel()
	for _, tc := range []struct{ name, script string }{
		{"nothing-forked", ""},
		{"in-the-group", "trap '' HUP INT TERM; sleep 1000; sleep 1000"},
		{"out-of-it", "trap '' HUP INT TERM; exec setsid sleep 1000"},
		{"without-env", "trap '' HUP INT TERM; exec env -i setsid sleep 1000"},
	} {
		if unfound(tc.script) {
			continue
		}
		t.Run(tc.name, func(t *testing.T) {
			if tc.script != "" {
				needSleep(t)
			}
			t.Parallel()
			crash(t, tc.script)
		})
	}
}

func crash(t *testing.T, script string) {
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	crumb := exec.CommandContext(ctx, exe, "-test.run=^TestCrash$")
	crumb.Env = append(os.Environ(), "CRUMB_TEST_CRASH="+bootstrap, "CRUMB_TEST_FORK="+script)
	out, err := crumb.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := crumb.Start(); err != nil {
		t.Fatal(err)
	}
	var forked, pid int
	if _, err := fmt.Fscanf(out, "forked %d by %d\n", &forked, &pid); err != nil {
		t.Fatal(err)
	}
	below := children(t, crumb.Process.Pid)
	crumb.Process.Kill()
	io.Copy(io.Discard, out)
	crumb.Wait()
	gone(t, pid)
	if forked != 0 {
		gone(t, forked)
	}
	for _, pid := range below {
		gone(t, pid)
	}
}

// children lists the children of a process, on Linux.
func children(t testing.TB, pid int) []int {
	t.Helper()
	if runtime.GOOS != "linux" {
		return nil
	}
	files, err := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/children", pid))
	if err != nil {
		t.Fatal(err)
	}
	var pids []int
	for _, file := range files {
		list, err := os.ReadFile(file)
		if err != nil {
			continue // a thread that ended
		}
		for pid := range strings.FieldsSeq(string(list)) {
			n, err := strconv.Atoi(pid)
			if err != nil {
				t.Fatal(err)
			}
			pids = append(pids, n)
		}
	}
	return pids
}

func TestPeakMemory(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("the peak is unknown here")
	}
	p, logs := start(t, lambda.Function{}, lambda.Config{MaxSandboxes: 1})
	peak := func(n int) int {
		mb, err := strconv.Atoi(logs.wait(t, n, `^REPORT .*Max Memory Used: (\d+) MB\t`))
		if err != nil {
			t.Fatal(err)
		}
		return mb
	}
	must(t, p, `{}`)
	small := peak(1)
	if _, err := raw(p, `{"Do":"hold","N":64}`); err != nil {
		t.Fatal(err)
	}
	if large := peak(2); small < 3 || small > 40 || large < small+60 {
		t.Errorf("%d MB, and %d MB after 64 more were used", small, large)
	}
}

// TestLeak makes a function leak memory, files and goroutines: crumb does not leak
// them too, and they end with the sandbox.
func TestLeak(t *testing.T) {
	files, goroutines := openFiles(t), runtime.NumGoroutine()
	p, logs := start(t, lambda.Function{}, lambda.Config{MaxSandboxes: 1, IdleTimeout: 50 * time.Millisecond})
	leaky := must(t, p, `{"Do":"leak","N":64}`)
	if n := openFiles(t) - files; n > 20 {
		t.Errorf("%d more files are open here after a function leaked 128", n)
	}
	if n := runtime.NumGoroutine() - goroutines; n > 20 {
		t.Errorf("%d more goroutines run here after a function leaked 64", n)
	}
	gone(t, leaky.PID)
	fresh := must(t, p, `{}`)
	p.Close()
	if fresh.PID == leaky.PID {
		t.Errorf("process %d again, want a new one", fresh.PID)
	}
	if runtime.GOOS != "linux" {
		return // the peak is unknown
	}
	var peaks []string
	for n := range 2 {
		peaks = append(peaks, logs.wait(t, n+1, `^REPORT .*Max Memory Used: (\d+) MB\t`))
	}
	if leak, _ := strconv.Atoi(peaks[0]); leak < 64 {
		t.Errorf("%d MB used, want the leaked 64 at least", leak)
	}
	if after, err := strconv.Atoi(peaks[1]); after > 40 || err != nil {
		t.Errorf("%d MB used by the new process, %v; want at most 40", after, err)
	}
}

// BenchmarkMemory measures 8 sandboxes of one function: the memory of each, and
// its share when pages that several use are divided among them.
func BenchmarkMemory(b *testing.B) {
	const sandboxes = 8
	for b.Loop() {
		g := newGate(b)
		p, _ := start(b, lambda.Function{}, lambda.Config{Logs: io.Discard})
		var running []<-chan result
		for range sandboxes {
			running = append(running, invoke(p, g.event()))
		}
		for range sandboxes {
			<-g.arrived
		}
		for range sandboxes {
			g.open <- 200
		}
		rss, pss := 0, 0
		for _, done := range running {
			r := <-done
			if r.err != nil {
				b.Fatal(r.err)
			}
			rollup, err := os.ReadFile(fmt.Sprintf("/proc/%d/smaps_rollup", r.response.PID))
			if err != nil {
				b.Skip(err)
			}
			rss += kilobytes(b, rollup, "Rss:")
			pss += kilobytes(b, rollup, "Pss:")
		}
		b.ReportMetric(float64(rss)/sandboxes/1024, "MB-rss/sandbox")
		b.ReportMetric(float64(pss)/sandboxes/1024, "MB-share/sandbox")
		p.Close()
	}
}

func kilobytes(b *testing.B, rollup []byte, name string) int {
	_, after, _ := bytes.Cut(rollup, []byte("\n"+name))
	number, _, _ := bytes.Cut(after, []byte(" kB"))
	n, err := strconv.Atoi(string(bytes.TrimSpace(number)))
	if err != nil {
		b.Fatal(err)
	}
	return n
}
