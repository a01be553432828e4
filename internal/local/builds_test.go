package local

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/crumb-go/crumb/internal/app"
	"github.com/crumb-go/crumb/internal/gobuild"
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
	err := check(t.Context(), a)
	if err == nil {
		t.Fatal("no error")
	}
	for _, want := range []string{"undefined: missing", "no required module provides package example.com/other; to add it:\n\tgo get example.com/other", "undefined: absent", "\tgo mod vendor"} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("%v\nwant also %q", err, want)
		}
	}
}
