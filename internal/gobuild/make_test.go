package gobuild_test

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/crumb-go/crumb/internal/gobuild"
)

// need skips a test if the tool is missing.
func need(t *testing.T, tool string) {
	t.Helper()
	if _, err := exec.LookPath(tool); err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatalf("CI needs everything: %s is not on PATH", tool)
		}
		t.Skipf("%s is not on PATH", tool)
	}
}

func TestMake(t *testing.T) {
	need(t, "make")
	other := "arm64"
	if runtime.GOARCH == other {
		other = "amd64"
	}
	goCommand, err := exec.LookPath("go")
	if err != nil {
		t.Fatal(err)
	}
	const program = "package main\n\nfunc main() { println(1) }\n"
	tests := []struct {
		name     string
		makefile string // "" for none
		want     string // in the error; "" for a bootstrap
		handler  string // Source.Program
	}{
		{"go-build", "build-Fn:\n\tgo build -o $(ARTIFACTS_DIR)/bootstrap .\n", "", ""},
		{"copied", "build-Fn:\n\tgo build -o bootstrap\n\tcp ./bootstrap $(ARTIFACTS_DIR)/.\n", "", ""},
		{"shell-variable", "build-Fn:\n\tgo build -o \"$$ARTIFACTS_DIR/bootstrap\" .\n", "", ""},
		{"go1.x-name", "build-Fn:\n\tgo build -o $(ARTIFACTS_DIR)/main .\n", "", ""},
		{"below", "build-Fn:\n\tgo build -o $(ARTIFACTS_DIR)/bin/a .\n", "", ""},
		{"handler", "build-Fn:\n\tgo build -o $(ARTIFACTS_DIR)/bin/a .\n\techo no > $(ARTIFACTS_DIR)/bootstrap\n", "", "bin/a"},
		{"handler-of-several", "build-Fn:\n\tgo build -o $(ARTIFACTS_DIR)/bin/a .\n\tgo build -o $(ARTIFACTS_DIR)/bin/b .\n", "", "bin/a"},
		{"no-such-handler", "build-Fn:\n\tgo build -o $(ARTIFACTS_DIR)/bin/a .\n", "", "bin/b"},
		{"handler-outside", "build-Fn:\n\tgo build -o $(ARTIFACTS_DIR)/a .\n", "", "../main.go"},
		{"handler-is-a-folder", "build-Fn:\n\tgo build -o $(ARTIFACTS_DIR)/bin/a .\n", "", "bin"},
		{"two-programs", "build-Fn:\n\tgo build -o $(ARTIFACTS_DIR)/a .\n\tgo build -o $(ARTIFACTS_DIR)/b/c .\n", "make build-Fn left no file bootstrap in $(ARTIFACTS_DIR), but several programs: a b/c", ""},
		{"two-programs-and-no-handler", "build-Fn:\n\tgo build -o $(ARTIFACTS_DIR)/a .\n\tgo build -o $(ARTIFACTS_DIR)/b .\n", "left no file bin/x in $(ARTIFACTS_DIR), but", "bin/x"},
		{"no-makefile", "", "there is no Makefile", ""},
		{"no-rule", "build-Other:\n", "build-Fn", ""},
		{"no-bootstrap", "build-Fn:\n\t@true\n", "left no file bootstrap", ""},
		{"fails", "build-Fn:\n\t@echo broken; exit 3\n", "broken", ""},
		{"for-lambda", "export GOOS = linux\nbuild-Fn:\n\tCGO_ENABLED=1 GOARCH=" + other + " go build -o $(ARTIFACTS_DIR)/bootstrap .\n", "", ""},
		{"other-machine", "build-Fn:\n\tGOOS=" + runtime.GOOS + " GOARCH=" + other + " '" + goCommand + "' build -o $(ARTIFACTS_DIR)/bootstrap .\n", "built for " + runtime.GOOS + "/" + other, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			b, _ := newBuilder(t)
			dir := filepath.Join(t.TempDir(), "with space")
			if err := os.Mkdir(dir, 0o777); err != nil {
				t.Fatal(err)
			}
			for name, text := range map[string]string{"go.mod": "module example.com/fn\n\ngo 1.26.0\n", "main.go": program, "Makefile": tt.makefile} {
				if text == "" {
					continue
				}
				if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o666); err != nil {
					t.Fatal(err)
				}
			}
			bootstrap, err := b.Build(t.Context(), gobuild.Source{Dir: dir, Rule: "build-Fn", Program: tt.handler})
			if tt.want == "" {
				if err != nil {
					t.Fatal(err)
				}
				if out, err := exec.Command(bootstrap).CombinedOutput(); err != nil || string(out) != "1\n" {
					t.Errorf("bootstrap = %q, %v", out, err)
				}
				return
			}
			failed := (*gobuild.Error)(nil)
			if !errors.As(err, &failed) || !strings.Contains(failed.Output, tt.want) {
				t.Errorf("Build: %v, want an *Error with %q", err, tt.want)
			}
		})
	}
}

// A function finds the files that the rule has put beside its bootstrap, and
// none of an earlier build.
func TestMakeKeepsFilesBesideBootstrap(t *testing.T) {
	need(t, "make")
	b, _ := newBuilder(t)
	dir := module(t, hello)
	rule := "build-Fn:\n\tgo build -o $(ARTIFACTS_DIR)/bootstrap .\n\tmkdir $(ARTIFACTS_DIR)/pages\n\tcp %s $(ARTIFACTS_DIR)/pages\n"
	write(t, filepath.Join(dir, "a.html"), "a")
	write(t, filepath.Join(dir, "b.html"), "b")
	for _, page := range []string{"a.html", "b.html"} {
		write(t, filepath.Join(dir, "Makefile"), strings.ReplaceAll(rule, "%s", page))
		b.MarkStale()
		bootstrap, err := b.Build(t.Context(), gobuild.Source{Dir: dir, Rule: "build-Fn"})
		if err != nil {
			t.Fatal(err)
		}
		files, _ := filepath.Glob(filepath.Join(filepath.Dir(bootstrap), "*", "*"))
		if len(files) != 1 || filepath.Base(files[0]) != page {
			t.Errorf("beside bootstrap: %q, want %s", files, page)
		}
		run(t, bootstrap)
	}
}

func TestMakeUsesCgo(t *testing.T) {
	need(t, "make")
	dir := module(t, hello)
	write(t, filepath.Join(dir, "Makefile"), "build-Fn:\n\tgo build -o $(ARTIFACTS_DIR)/bootstrap .\n\t(CGO_ENABLED=1 go env CGO_ENABLED; go env CGO_ENABLED) > $(ARTIFACTS_DIR)/cgo\n")
	preset, err := exec.Command("go", "env", "CGO_ENABLED").Output()
	if err != nil {
		t.Fatal(err)
	}
	for set, want := range map[string]string{"": "0\n" + string(preset), "0": "0\n0\n", "1": "1\n1\n"} {
		t.Setenv("CGO_ENABLED", set)
		b, _ := newBuilder(t)
		bootstrap, err := b.Build(t.Context(), gobuild.Source{Dir: dir, Rule: "build-Fn"})
		if err != nil {
			t.Fatal(err)
		}
		if got, err := os.ReadFile(filepath.Join(filepath.Dir(bootstrap), "cgo")); string(got) != want {
			t.Errorf("with CGO_ENABLED=%q the go command sees %q, %v, want %q", set, got, err, want)
		}
	}
}

// Two rules of one Makefile do not run at once: they may write the same file.
func TestMakeOneAtATime(t *testing.T) {
	need(t, "make")
	b, _ := newBuilder(t)
	dir := module(t, hello)
	write(t, filepath.Join(dir, "Makefile"), "build-%:\n\tmkdir busy\n\tgo build -o bootstrap .\n\tcp bootstrap $(ARTIFACTS_DIR)/bootstrap\n\trmdir busy\n")
	failed := make(chan error)
	for _, rule := range []string{"build-A", "build-B"} {
		go func() {
			_, err := b.Build(t.Context(), gobuild.Source{Dir: dir, Rule: rule})
			failed <- err
		}()
	}
	for range 2 {
		if err := <-failed; err != nil {
			t.Error(err)
		}
	}
}
