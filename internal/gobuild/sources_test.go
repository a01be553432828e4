package gobuild_test

import (
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"testing"

	"github.com/crumb-go/crumb/internal/gobuild"
)

func TestSources(t *testing.T) {
	folder := func(dir string) string {
		if err := os.MkdirAll(dir, 0o700); err != nil {
			t.Fatal(err)
		}
		return dir
	}
	top, loose := t.TempDir(), t.TempDir() // outside of any module
	gin := folder(filepath.Join(top, "lambdas", "gin"))
	write(t, filepath.Join(gin, "go.mod"), "module example.com/gin\n\ngo 1.26\n")
	write(t, filepath.Join(gin, "main.go"), hello)
	skipped := folder(filepath.Join(top, "node_modules", "x"))
	write(t, filepath.Join(skipped, "go.mod"), "module example.com/x\n\ngo 1.26\n")
	own := module(t, hello)
	below := folder(filepath.Join(own, "below"))
	write(t, filepath.Join(below, "below.go"), "package below\n")
	broken := module(t, hello)
	write(t, filepath.Join(broken, "go.mod"), "modul\n")

	future := module(t, "package main\n\nimport _ \"embed\"\nimport _ \"example.com/m/in/deep/words\"\n\n//go:embed all:web/css/*.css page/a.html\nvar text string\n\nfunc main() {}\n")
	in, web := folder(filepath.Join(future, "in")), folder(filepath.Join(future, "web"))
	space := t.TempDir()
	write(t, filepath.Join(space, "go.work"), "go 1.26\n\nuse ./a\n")
	inSpace := folder(filepath.Join(space, "a"))
	write(t, filepath.Join(inSpace, "go.mod"), "module example.com/a\n\ngo 1.26\n")
	write(t, filepath.Join(inSpace, "main.go"), hello)
	vendoring := module(t, hello)
	vendored := folder(filepath.Join(vendoring, "vendor"))
	write(t, filepath.Join(vendored, "modules.txt"), "")

	rows := []struct {
		name string
		dirs []string
		want []string
	}{
		{"what-is-not-there-yet", []string{future}, []string{future, in, web}},
		{"workspace", []string{inSpace}, []string{space, inSpace}},
		{"vendor", []string{vendoring}, []string{vendoring, vendored}},
		{"package", []string{own}, []string{own}},
		{"all-below", []string{filepath.Join(own, "...")}, []string{own, below}},
		{"broken-module", []string{filepath.Join(broken, "...")}, []string{broken}},
		{"no-module", []string{loose}, []string{loose}},
		{"modules-below", []string{filepath.Join(top, "...")}, []string{top, gin}},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			b, _ := newBuilder(t)
			got, err := b.Sources(t.Context(), row.dirs...)
			if err != nil || !slices.Equal(got.Dirs, row.want) {
				t.Errorf("Sources = %q, %v, want %q", got.Dirs, err, row.want)
			}
		})
	}
}

// Logs and other files beside sources must not cause a build, nor what a build writes.
func TestSourceSet(t *testing.T) {
	dir := module(t, "package main\n\nimport _ \"embed\"\n\n//go:embed page.html *.txt all:web hidden/_x css/*.css\nvar text string\n\nfunc main() {}\n")
	for _, name := range []string{"page.html", "a.txt", "web/a/b", "hidden/_x", "css/a.css", "css/deep/x"} {
		if err := os.MkdirAll(filepath.Join(dir, filepath.Dir(name)), 0o700); err != nil {
			t.Fatal(err)
		}
		write(t, filepath.Join(dir, name), "")
	}
	b, _ := newBuilder(t)
	set := func(dir string) *gobuild.SourceSet {
		t.Helper()
		s, err := b.Sources(t.Context(), dir)
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	built := set(dir)
	for _, file := range []string{
		"main.go", "new.go", "c.h", "asm_amd64.s", "lib.syso", "go.mod", "go.sum", "go.work", "go.work.sum",
		"page.html", "new.txt", "web/.hidden", "web/a/_b", "hidden/_x", "css/a.css",
	} {
		if !built.Has(filepath.Join(dir, file)) {
			t.Errorf("%s is not a source", file)
		}
	}
	for _, file := range []string{
		"err", "crumb.log", "main_test.go", ".main.go.swp", ".#main.go", "_main.go", "main.go~", "page.html~", "bootstrap", "function.zip",
		"modules.txt.bak", "LICENSE", "hidden/x", "css/deep/x", "unknown/main.go", "../main.go",
	} {
		if built.Has(filepath.Join(dir, file)) {
			t.Errorf("%s is a source", file)
		}
	}

	tool := "tool" // a program
	if runtime.GOOS == "windows" {
		tool = "tool.exe"
	}
	write(t, filepath.Join(dir, tool), "")
	if err := os.Chmod(filepath.Join(dir, tool), 0o777); err != nil {
		t.Fatal(err)
	}
	made := set(filepath.Join(dir, "..."))
	for _, file := range []string{"main.go", "Makefile", "LICENSE", "data.json", "page.html", "web/a/b"} {
		if !made.Has(filepath.Join(dir, file)) {
			t.Errorf("a Makefile may read %s", file)
		}
	}
	for _, file := range []string{"bootstrap", "function.zip", "x.exe", "bootstrap-go-tmp-umask", tool, "main_test.go", ".git", "data.json~"} {
		if made.Has(filepath.Join(dir, file)) {
			t.Errorf("%s is a source of a Makefile", file)
		}
	}
	if !built.Covers(built) || built.Covers(made) {
		t.Error("Covers is wrong about what a Makefile may read")
	}
	write(t, filepath.Join(dir, "more.css"), "")
	write(t, filepath.Join(dir, "page.go"), "package main\n\nimport _ \"embed\"\n\n//go:embed more.css\nvar more string\n")
	if more := set(dir); built.Covers(more) || !more.Covers(built) || !more.Has(filepath.Join(dir, "more.css")) || built.Has(filepath.Join(dir, "more.css")) {
		t.Error("a file that is embedded later is not new")
	}
}
