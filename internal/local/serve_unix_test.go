//go:build unix

package local

import (
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// A save ends what hangs before there is a watcher: here the go command, which reads a
// named pipe. It may go on for ten seconds, so that is how long the test takes.
func TestSaveEndsCheck(t *testing.T) {
	t.Parallel()
	tr := newTree(t)
	pipe := filepath.Join(tr.dir, "hello", "z.go")
	if err := syscall.Mkfifo(pipe, 0o600); err != nil {
		t.Fatal(err)
	}
	p, output := open(t, Options{Template: tr.dir, Watch: true})
	listening := make(chan error, 1)
	go func() { listening <- p.Listen(t.Context()) }()
	waitFor(t, "compiling; ", output.String)
	if err := os.Remove(pipe); err != nil {
		t.Fatal(err)
	}
	if err := <-listening; err != nil || strings.Contains(output.String(), "canceled") {
		t.Errorf("Listen: %v", err)
	}
}
