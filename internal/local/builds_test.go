package local

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/crumb-go/crumb/internal/app"
	"github.com/crumb-go/crumb/internal/gobuild"
	"github.com/crumb-go/crumb/internal/local/localtest"
)

// Functions that share a package with a mistake report it once.
func TestPrintOnce(t *testing.T) {
	var stderr strings.Builder
	p := newBuilds(gobuild.New(t.TempDir()), nil, &stderr)
	p.print("a\n")
	p.print("a\n")
	p.print("b\n")
	p.startUsed(t.Context(), nil) // after a change
	p.print("a\n")
	if got, want := stderr.String(), "a\nb\na\n"; got != want {
		t.Errorf("printed %q, want %q", got, want)
	}
}

// The go command's advice is not cut, and no function's error is missing.
func TestCheckIsWhole(t *testing.T) {
	t.Parallel()
	tr := emptyTree(t)
	a := &app.App{}
	needMake(t)
	a.Functions = append(a.Functions, &app.Function{ID: "Made", Dir: filepath.Join(tr.dir, "made"), BuildMethod: makefile})
	tr.write("made/Makefile", "build-Made:\n\t@echo made is broken; exit 1\n")
	for _, name := range []string{"one/bad", "one/lacking", "two/bad", "vendoring"} {
		a.Functions = append(a.Functions, &app.Function{Dir: filepath.Join(tr.dir, name)})
	}
	const lacking = "package main\n\nimport _ \"example.com/other\"\n\nfunc main() {}\n"
	tr.write("one/go.mod", goMod)
	tr.write("one/bad/main.go", "package main\n\nfunc main() { missing() }\n")
	tr.write("one/lacking/main.go", lacking)
	tr.write("two/go.mod", goMod)
	tr.write("two/bad/main.go", "package main\n\nfunc main() { absent() }\n")
	tr.write("vendoring/go.mod", goMod+"\nrequire example.com/other v1.0.0\n")
	tr.write("vendoring/main.go", lacking)
	tr.write("vendoring/vendor/modules.txt", "")
	err := newBuilds(gobuild.New(t.TempDir()), nil, nil).check(t.Context(), a)
	if err == nil {
		t.Fatal("no error")
	}
	for _, want := range []string{"undefined: missing", "no required module provides package example.com/other; to add it:\n\tgo get example.com/other", "undefined: absent", "made is broken", "\tgo mod vendor"} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("%v\nwant also %q", err, want)
		}
	}
}

func needMake(t *testing.T) {
	t.Helper()
	if _, err := exec.LookPath("make"); err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatal(err)
		}
		t.Skip(err)
	}
}

// A Makefile's function is built before its first request, and does not end crumb where
// there is no make.
func TestMakeAtStart(t *testing.T) {
	needMake(t)
	tr := newTree(t)
	tr.write("template.yaml", strings.Replace(template("/"), "    Properties", "    Metadata: {BuildMethod: makefile}\n    Properties", 1))
	tr.write("hello/Makefile", "build-Hello:\n\techo >> built\n\tgo build -o $(ARTIFACTS_DIR)/bootstrap .\n")
	listen := func() *localtest.Buffer {
		t.Helper()
		p, output := open(t, Options{Template: tr.dir})
		if err := p.Listen(t.Context()); err != nil {
			t.Fatal(err)
		}
		return output
	}
	listen()
	if _, err := os.Stat(filepath.Join(tr.dir, "hello", "built")); err != nil {
		t.Errorf("not built before the first request: %v", err)
	}
	bin := t.TempDir()
	goCommand, err := exec.LookPath("go")
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(goCommand, filepath.Join(bin, filepath.Base(goCommand))); err != nil {
		t.Skip(err) // Windows requires a privilege for it
	}
	t.Setenv("PATH", bin)
	if output := listen(); !strings.Contains(output.String(), "no make: ") {
		t.Errorf("without make: %s", output)
	}
}
