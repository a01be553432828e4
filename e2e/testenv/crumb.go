package testenv

import (
	"bufio"
	"bytes"
	"io"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// Root returns the folder of go.mod.
func Root(t testing.TB) string {
	t.Helper()
	out, err := exec.Command("go", "env", "GOMOD").Output()
	if err != nil {
		t.Fatal("go env GOMOD: ", err)
	}
	return filepath.Dir(strings.TrimSpace(string(out)))
}

// Build builds the crumb command into a folder of the test's.
func Build(t testing.TB) string {
	t.Helper()
	bin := filepath.Join(t.TempDir(), "crumb")
	cmd := exec.Command("go", "build", "-o", bin, "./cmd/crumb")
	cmd.Dir = Root(t)
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("go build ./cmd/crumb: %v\n%s", err, out)
	}
	return bin
}

// A Crumb is a running "crumb start".
type Crumb struct {
	URL    string // "http://127.0.0.1:40123"
	Stdout string // what it printed up to and with the line "Listening on …"
	Cmd    *exec.Cmd

	done   chan struct{}
	after  chan string // the line after Stdout, if there is one
	mu     sync.Mutex
	stderr bytes.Buffer
}

// Start runs a command line that is a "crumb start" with --port 0 and waits until
// it listens. It is stopped at the test's end.
func Start(t testing.TB, cmd *exec.Cmd) *Crumb {
	t.Helper()
	c := &Crumb{Cmd: cmd, done: make(chan struct{}), after: make(chan string, 1)}
	if cmd.Dir == "" {
		cmd.Dir = Root(t)
	}
	cmd.Stderr = c
	cmd.WaitDelay = 5 * time.Second
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		c.Stop()
		if t.Failed() {
			t.Logf("crumb's stderr:\n%s", c.Stderr())
		}
	})
	lines := bufio.NewReader(stdout)
	for {
		line, err := lines.ReadString('\n')
		c.Stdout += line
		if rest, ok := strings.CutPrefix(line, "Listening on "); ok {
			c.URL, _, _ = strings.Cut(strings.TrimSpace(rest), " ")
			break
		}
		if err != nil {
			_ = cmd.Wait()
			t.Fatalf("crumb did not start: %v\nstdout:\n%s\nstderr:\n%s", err, c.Stdout, c.Stderr())
		}
	}
	go func() {
		line, _ := lines.ReadString('\n')
		c.after <- line
		_, _ = io.Copy(io.Discard, lines)
		_ = cmd.Wait()
		close(c.done)
	}()
	return c
}

// Inspector returns the URL of the inspector, with its token. It may be called
// once.
func (c *Crumb) Inspector(t testing.TB) string {
	t.Helper()
	url, ok := strings.CutPrefix(<-c.after, "Inspector on ")
	if !ok {
		t.Fatal("crumb printed no URL of an inspector")
	}
	return strings.TrimSpace(url)
}

// Write receives what crumb writes to stderr.
func (c *Crumb) Write(p []byte) (int, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.stderr.Write(p)
}

// Stderr returns what crumb has written to stderr so far.
func (c *Crumb) Stderr() string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.stderr.String()
}

// Stop sends SIGTERM and waits until crumb is gone. It may be called twice.
func (c *Crumb) Stop() {
	_ = c.Cmd.Process.Signal(syscall.SIGTERM)
	<-c.done
}

// Done is closed when crumb is gone.
func (c *Crumb) Done() <-chan struct{} { return c.done }
