//go:build unix

package main

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/crumb-go/crumb/internal/local/localtest"
)

// Ctrl-C while the go command is at work is not an error, and ends it.
func TestStartStoppedInCompile(t *testing.T) {
	bin := t.TempDir()
	if err := os.WriteFile(filepath.Join(bin, "go"), []byte("#!/bin/sh\nexec /bin/sleep 1000\n"), 0o700); err != nil {
		t.Fatal(err)
	}
	t.Setenv("PATH", bin+string(filepath.ListSeparator)+os.Getenv("PATH"))
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	var stdout, stderr localtest.Buffer
	ended := make(chan int)
	go func() {
		ended <- run(ctx, []string{"start", "-t", "../../template.yaml", "--port", "0"}, nil, &stdout, &stderr)
	}()
	for !strings.Contains(stderr.String(), "compiling; ") {
		select {
		case code := <-ended:
			t.Fatalf("exit code %d, stderr %q", code, &stderr)
		case <-time.After(10 * time.Millisecond):
		}
	}
	cancel()
	if code := <-ended; code != 0 || strings.Contains(stderr.String(), "crumb: ") || stdout.String() != "" {
		t.Errorf("exit code %d, stdout %q, stderr %q", code, &stdout, &stderr)
	}
}
