package gobuild_test

import (
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/crumb-go/crumb/internal/gobuild"
)

func TestEnv(t *testing.T) {
	t.Setenv("GOFLAGS", "")
	dir := t.TempDir()
	for name, text := range map[string]string{"go.mod": "module example.com/m\n\ngo 1.26\n", "main.go": "package main\n\nfunc main() {}\n"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	other := map[string]string{"linux": "darwin"}[runtime.GOOS]
	if other == "" {
		other = "linux"
	}
	cache := t.TempDir()
	var programs []string
	for _, env := range [][]string{nil, {"GOOS=" + other}} {
		b := gobuild.New(cache)
		b.Env = env
		program, err := b.Build(t.Context(), gobuild.Source{Dir: dir})
		if err != nil {
			t.Fatal(err)
		}
		if err := b.Close(); err != nil {
			t.Fatal(err)
		}
		programs = append(programs, program)
	}
	if programs[0] == programs[1] {
		t.Errorf("one place for two systems: %s", programs[0])
	}
}

func TestRoot(t *testing.T) {
	root, err := gobuild.Root(t.Context(), t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(filepath.Join(root, "lib", "wasm", "wasm_exec.js")); err != nil {
		t.Error(err)
	}
}

func TestDownload(t *testing.T) {
	t.Setenv("GOFLAGS", "")
	t.Setenv("GOPROXY", "off")
	_, err := gobuild.Download(t.Context(), "example.com/nothing@v1.0.0")
	if err == nil || !strings.Contains(err.Error(), "module lookup disabled by GOPROXY=off") {
		t.Errorf("error %v", err)
	}
}
