package testenv

import (
	"bufio"
	"fmt"
	"io"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"
)

// Serve starts a server and waits until it writes a line with the marker to
// stderr. It returns what follows the marker. At the test's end the server is
// stopped with SIGTERM and waited for.
func Serve(t testing.TB, cmd *exec.Cmd, marker string) string {
	t.Helper()
	stderr, err := cmd.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	var log strings.Builder
	lines := bufio.NewReader(stderr)
	until := func(marker string) (string, error) {
		for {
			line, err := lines.ReadString('\n')
			log.WriteString(line)
			if _, rest, ok := strings.Cut(line, marker); ok {
				return strings.TrimSpace(rest), nil
			}
			if err != nil {
				return "", err
			}
		}
	}
	stuck := time.AfterFunc(5*time.Minute, func() { _ = cmd.Process.Kill() })
	rest, err := until(marker)
	stuck.Stop()
	if err != nil {
		t.Fatalf("%s: %v, %v\n%s", cmd, err, cmd.Wait(), log.String())
	}
	read := make(chan struct{})
	go func() {
		defer close(read)
		_, _ = io.Copy(&log, lines)
	}()
	t.Cleanup(func() {
		_ = cmd.Process.Signal(syscall.SIGTERM)
		<-read
		_ = cmd.Wait() // ending by SIGTERM is not a failure
		if t.Failed() {
			t.Log(fmt.Sprint(cmd, "\n", log.String()))
		}
	})
	return rest
}
