//go:build unix

package gobuild_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"syscall"
	"testing"

	"github.com/crumb-go/crumb/internal/gobuild"
)

// pipe makes a named pipe, which nothing can read to its end.
func pipe(t *testing.T, file string) {
	t.Helper()
	if err := syscall.Mkfifo(file, 0o600); err != nil {
		t.Fatal(err)
	}
}

// reader waits until a program reads from a named pipe.
func reader(t *testing.T, file string) {
	t.Helper()
	f, err := os.OpenFile(file, os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { f.Close() })
}

// A build that hangs is named, and ends with the next save.
func TestBuildThatHangs(t *testing.T) {
	need(t, "make")
	for rule, hangs := range map[string]string{"": "z.go", "build-Fn": "Makefile"} {
		t.Run("rule"+rule, func(t *testing.T) {
			b, _ := newBuilder(t)
			b.TestOnlyHaste()
			dir := module(t, hello)
			named := make(chan gobuild.Source, 10)
			b.Slow = func(s gobuild.Source, doing string) { named <- s }
			s := gobuild.Source{Dir: dir, Rule: rule}
			pipe(t, filepath.Join(dir, hangs))
			type result struct {
				bootstrap string
				err       error
			}
			built := make(chan result)
			go func() {
				bootstrap, err := b.Build(t.Context(), s)
				built <- result{bootstrap, err}
			}()
			if got := <-named; got != s {
				t.Errorf("%+v is named, want %+v", got, s)
			}
			reader(t, filepath.Join(dir, hangs))
			if err := os.Remove(filepath.Join(dir, hangs)); err != nil {
				t.Fatal(err)
			}
			if rule != "" {
				write(t, filepath.Join(dir, hangs), "build-Fn:\n\tgo build -o $(ARTIFACTS_DIR)/bootstrap .\n")
			}
			b.MarkStale()
			got := <-built
			if got.err != nil || run(t, got.bootstrap) != "hello\n" {
				t.Errorf("after the save: %+v", got)
			}
		})
	}
}

// Neither the search for sources nor that for main packages waits for ever.
func TestSourcesThatHang(t *testing.T) {
	b, _ := newBuilder(t)
	b.TestOnlyHaste()
	dir := module(t, hello)
	pipe(t, filepath.Join(dir, "a.go"))
	if !gobuild.IsMain(dir) {
		t.Error("the package main is not found beside a named pipe")
	}
	ended := make(chan error)
	go func() {
		_, err := b.Sources(t.Context(), dir)
		ended <- err
	}()
	reader(t, filepath.Join(dir, "a.go"))
	b.MarkStale()
	if err := <-ended; !errors.Is(err, context.Canceled) {
		t.Errorf("Sources: %v", err)
	}
}
