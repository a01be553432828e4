package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// Without a Go toolchain the project is written, and what is missing is said.
// e2e/newproject has the rest.
func TestInitWithoutGo(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "My Shop's")
	t.Setenv("PATH", t.TempDir())
	var stdout, stderr bytes.Buffer
	if code := run(t.Context(), []string{"init", dir}, nil, &stdout, &stderr); code != 1 {
		t.Errorf("exit code = %d, want 1", code)
	}
	if !strings.Contains(stderr.String(), "there is no Go toolchain") || !strings.Contains(stderr.String(), "run go mod tidy in "+dir) {
		t.Errorf("stderr = %s", &stderr)
	}
	for _, want := range []string{"as module example.com/my-shop-s\n", "\n  cd " + shellQuoted(dir) + "\n  go mod tidy\n  go tool crumb start\n"} {
		if !strings.Contains(stdout.String(), want) {
			t.Errorf("stdout = %s, want %q", &stdout, want)
		}
	}
	if _, err := os.Stat(filepath.Join(dir, "template.yaml")); err != nil {
		t.Error(err)
	}
}

func TestInitRefuses(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "main.go"), nil, 0o666); err != nil {
		t.Fatal(err)
	}
	for _, tc := range []struct {
		name string
		args []string
		want string
	}{
		{"not-empty", []string{dir}, dir + " has main.go already"},
		{"template", []string{filepath.Join(dir, "new"), "--template", "gin"}, `--template "gin": there are cookie, chi, login`},
		{"module", []string{filepath.Join(dir, "new"), "--module", "my shop"}, `--module: "my shop" is not a module path`},
		{"two-folders", []string{"a", "b"}, `unexpected argument "b": crumb init --help`},
	} {
		t.Run(tc.name, func(t *testing.T) {
			var stdout, stderr bytes.Buffer
			if code := run(t.Context(), append([]string{"init"}, tc.args...), nil, &stdout, &stderr); code != 1 || stdout.String() != "" {
				t.Errorf("exit code = %d, stdout %s", code, &stdout)
			}
			if !strings.Contains(stderr.String(), "crumb: ") || !strings.Contains(stderr.String(), tc.want) {
				t.Errorf("stderr = %q, want %q", &stderr, tc.want)
			}
		})
	}
	if entries, err := os.ReadDir(dir); err != nil || len(entries) != 1 {
		t.Errorf("%d files, %v: nothing should be written", len(entries), err)
	}
}

func TestShellQuoted(t *testing.T) {
	for _, tc := range []struct{ name, dir, want string }{
		{"plain", "../shop", "../shop"},
		{"space", "my shop", "'my shop'"},
		{"quote", "ana's", `'ana'\''s'`},
	} {
		t.Run(tc.name, func(t *testing.T) {
			if os.PathSeparator == '\\' {
				t.Skip("quotes of a Unix shell")
			}
			if got := shellQuoted(tc.dir); got != tc.want {
				t.Errorf("shellQuoted(%q) = %s, want %s", tc.dir, got, tc.want)
			}
		})
	}
}
