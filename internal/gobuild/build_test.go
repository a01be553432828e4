package gobuild_test

import (
	"bytes"
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/crumb-go/crumb/internal/gobuild"
)

// module writes a module of one package and returns its folder.
func module(t *testing.T, source string) string {
	t.Helper()
	dir := t.TempDir()
	write(t, filepath.Join(dir, "go.mod"), "module example.com/m\n\ngo 1.26\n")
	write(t, filepath.Join(dir, "main.go"), source)
	return dir
}

func write(t *testing.T, file, text string) {
	t.Helper()
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

const hello = "package main\n\nfunc main() { println(\"hello\") }\n"

func newBuilder(t *testing.T) (*gobuild.Builder, string) {
	t.Helper()
	cache := t.TempDir()
	b := gobuild.New(cache)
	t.Cleanup(func() { b.Close() })
	return b, cache
}

func run(t *testing.T, file string) string {
	t.Helper()
	out, err := exec.Command(file).CombinedOutput()
	if err != nil {
		t.Fatal(err)
	}
	return string(out)
}

func TestBuild(t *testing.T) {
	b, cache := newBuilder(t)
	dir := module(t, hello)
	build := func() (string, error) { return b.Build(t.Context(), gobuild.Source{Dir: dir}) }
	file, err := build()
	if err != nil {
		t.Fatal(err)
	}
	if got := run(t, file); got != "hello\n" {
		t.Errorf("the program prints %q", got)
	}
	first, err := os.Stat(file)
	if err != nil {
		t.Fatal(err)
	}
	os.SameFile(first, first) // on Windows a file is identified when it is first compared
	same := func() bool {
		t.Helper()
		now, err := os.Stat(file)
		if err != nil {
			t.Fatal(err)
		}
		return os.SameFile(first, now)
	}

	write(t, filepath.Join(dir, "main.go"), strings.Replace(hello, "hello", "edited", 1))
	if again, err := build(); again != file || err != nil || !same() || run(t, file) != "hello\n" {
		t.Errorf("not marked stale: %q, %v; want the same program", again, err)
	}
	b.MarkStale()
	if again, err := build(); again != file || err != nil || same() || run(t, file) != "edited\n" {
		t.Errorf("marked stale: %q, %v; want another program in the same place", again, err)
	}
	first, _ = os.Stat(file)
	os.SameFile(first, first)
	b.MarkStale()
	if _, err := build(); err != nil || !same() {
		t.Errorf("nothing changed: error %v and the same file: %t; want the same", err, same())
	}

	write(t, filepath.Join(dir, "main.go"), "package main\n\nfunc main() { undefined() }\n")
	b.MarkStale()
	_, err = build()
	var failed *gobuild.Error
	if !errors.As(err, &failed) || failed.Function != filepath.Base(dir) || !strings.Contains(failed.Output, filepath.Join(dir, "main.go")+":3:15: undefined: undefined") {
		t.Errorf("error %v, want a *Error with file and line", err)
	}
	write(t, filepath.Join(dir, "main.go"), hello)
	if _, again := build(); again != err {
		t.Errorf("before MarkStale: %v, want the same error", again)
	}
	b.MarkStale()
	if _, err := build(); err != nil || run(t, file) != "hello\n" {
		t.Errorf("fixed: %v", err)
	}

	entries, err := os.ReadDir(filepath.Dir(file))
	if err != nil || len(entries) != 2 { // with its checksum
		t.Errorf("%v beside the program, error %v", entries, err)
	}
	if entries, err := os.ReadDir(cache); err != nil || len(entries) != 1 {
		t.Errorf("%v in the cache, error %v; want one folder", entries, err)
	}
}

// A program that was damaged in the cache is built again, and only then.
func TestBuildHeals(t *testing.T) {
	dir, cache := module(t, hello), t.TempDir()
	build := func() string {
		t.Helper()
		b := gobuild.New(cache)
		defer b.Close()
		file, err := b.Build(t.Context(), gobuild.Source{Dir: dir})
		if err != nil {
			t.Fatal(err)
		}
		return file
	}
	file := build()
	whole, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	half, zeros := whole[:len(whole)/2], append([]byte(nil), whole...)
	clear(zeros[len(zeros)/4 : len(zeros)/2])
	for name, content := range map[string][]byte{"truncated": half, "zeros": zeros, "script": []byte("#!/bin/sh\necho other\n"), "empty": nil} {
		if err := os.WriteFile(file, content, 0o700); err != nil {
			t.Fatal(err)
		}
		build()
		if healed, err := os.ReadFile(file); err != nil || !bytes.Equal(healed, whole) {
			t.Errorf("%s: %d bytes, error %v; want the program of %d bytes", name, len(healed), err, len(whole))
		}
	}
}

// Builders with other flags do not replace each other's programs.
func TestBuildVariants(t *testing.T) {
	dir, cache := module(t, "package main\n\nvar word = \"none\"\n\nfunc main() { print(word) }\n"), t.TempDir()
	write(t, filepath.Join(dir, "a.go"), "//go:build a\n\npackage main\n\nfunc init() { word = \"a\" }\n")
	programs := map[string]string{}
	build := func(want string, flags ...string) {
		t.Helper()
		b := gobuild.New(cache, flags...)
		defer b.Close()
		file, err := b.Build(t.Context(), gobuild.Source{Dir: dir})
		if err != nil {
			t.Fatal(err)
		}
		if programs[file] != "" {
			t.Errorf("two variants have one place, %s", file)
		}
		programs[file] = want
	}
	t.Setenv("CGO_ENABLED", "0")
	build("none")
	build("none", "-ldflags=-w")
	t.Setenv("CGO_ENABLED", "1")
	build("none")
	t.Setenv("CGO_CFLAGS", "-O1") // as cheap as GOEXPERIMENT is dear
	build("none")
	t.Setenv("GOFLAGS", "") // as if it were not set
	env := filepath.Join(cache, "env")
	t.Setenv("GOENV", env)
	write(t, env, "GOFLAGS=-buildvcs=false -tags=a -ldflags=-X=main.word=x\n") // as go env -w does
	build("a")
	for file, want := range programs {
		if got := run(t, file); got != want {
			t.Errorf("a program prints %q, want %q", got, want)
		}
	}
}

// A program that runs during a build, which Windows does not remove, leaves nothing
// once it has ended.
func TestBuildWhileRunning(t *testing.T) {
	const waits = "package main\n\nimport (\n\t\"io\"\n\t\"os\"\n)\n\nfunc main() { io.ReadAll(os.Stdin) }\n"
	b, cache := newBuilder(t)
	dir := module(t, waits)
	file, err := b.Build(t.Context(), gobuild.Source{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	running := exec.Command(file)
	stdin, err := running.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := running.Start(); err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Join(dir, "main.go"), hello)
	b.MarkStale()
	if _, err := b.Build(t.Context(), gobuild.Source{Dir: dir}); err != nil || run(t, file) != "hello\n" {
		t.Errorf("a build beside the old program: %v", err)
	}
	stdin.Close()
	if err := running.Wait(); err != nil {
		t.Errorf("the old program: %v", err)
	}
	b.Close()
	if left := found(t, cache, "*"); len(left) != 1 || left[0] != filepath.Dir(file) {
		t.Errorf("in the cache: %q, want only the folder of %s", left, file)
	}
}

func TestBuildErrors(t *testing.T) {
	for name, test := range map[string]struct {
		source, path, want string
	}{
		"not-main":     {"package library\n", os.Getenv("PATH"), "not a main package"},
		"no-go-files":  {"", os.Getenv("PATH"), "main.go:1:1: expected 'package', found 'EOF'"},
		"no-toolchain": {hello, "", "no Go toolchain: the go command is not on PATH (https://go.dev/doc/install)"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Setenv("PATH", test.path)
			b, cache := newBuilder(t)
			if file, err := b.Build(t.Context(), gobuild.Source{Dir: module(t, test.source)}); err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("%q, error %v; want %s", file, err, test.want)
			}
			if left, _ := filepath.Glob(filepath.Join(cache, "*", "*")); len(left) > 0 {
				t.Errorf("left behind: %q", left)
			}
		})
	}
}

// Callers at the same time share one build.
func TestBuildTogether(t *testing.T) {
	b, _ := newBuilder(t)
	dirs := []string{module(t, hello), module(t, hello), module(t, hello)}
	var all sync.WaitGroup
	for i := range 12 {
		all.Go(func() {
			if file, err := b.Build(t.Context(), gobuild.Source{Dir: dirs[i%len(dirs)]}); err != nil || run(t, file) != "hello\n" {
				t.Errorf("Build: %v", err)
			}
		})
		if i == 6 {
			b.MarkStale()
		}
	}
	all.Wait()
}

func TestBuildContext(t *testing.T) {
	b, _ := newBuilder(t)
	dir := module(t, hello)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := b.Build(ctx, gobuild.Source{Dir: dir}); !errors.Is(err, context.Canceled) {
		t.Errorf("with a cancelled context: %v", err)
	}
	if _, err := b.Build(t.Context(), gobuild.Source{Dir: dir}); err != nil {
		t.Errorf("after it: %v", err)
	}
	b.MarkStale()
	b.Close()
	if _, err := b.Build(t.Context(), gobuild.Source{Dir: dir}); !errors.Is(err, gobuild.ErrClosed) {
		t.Errorf("after Close: %v, want ErrClosed", err)
	}
}

// A build that is stopped leaves no temporary files.
func TestBuildLeavesNothing(t *testing.T) {
	tmp := t.TempDir()
	t.Setenv("GOTMPDIR", tmp)
	b, _ := newBuilder(t)
	dir, built := module(t, hello), make(chan struct{})
	go func() {
		defer close(built)
		b.Build(context.Background(), gobuild.Source{Dir: dir})
	}()
	for begun := false; !begun; time.Sleep(time.Millisecond) {
		select {
		case <-built:
			begun = true
		default:
			begun = len(found(t, tmp, "go-build*"))+len(found(t, tmp, "*", "go-build*")) > 0
		}
	}
	b.Close()
	<-built
	if left := found(t, tmp, "*"); len(left) > 0 {
		t.Errorf("left behind: %q", left)
	}
}

func TestCheck(t *testing.T) {
	good, bad := module(t, hello), module(t, "package main\n\nfunc main() { undefined() }\n")
	below := filepath.Join(good, "functions", "a")
	if err := os.MkdirAll(below, 0o700); err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Join(below, "main.go"), hello)
	b, _ := newBuilder(t)
	if err := b.Check(t.Context(), good, below); err != nil {
		t.Errorf("packages that compile: %v", err)
	}
	var failed *gobuild.Error
	if err := b.Check(t.Context(), good, bad); !errors.As(err, &failed) || !strings.Contains(failed.Output, "main.go:3:15: undefined: undefined") {
		t.Errorf("one that does not compile: %v", err)
	}
}

// A terminal can open the files that a compile error names.
func TestErrorsNameFilesFromHere(t *testing.T) {
	b, _ := newBuilder(t)
	dir := module(t, "package m\n\nvar _ = undefined\n")
	function := filepath.Join(dir, "functions", "a")
	if err := os.MkdirAll(function, 0o700); err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Join(function, "main.go"), "package main\n\nimport _ \"example.com/m\"\n\nfunc main() {}\n")
	t.Chdir(dir)
	for folder, want := range map[string]string{function: "\nmain.go:3:9: undefined: undefined\n", dir: "\nmain.go:3:9: undefined: undefined\n"} {
		var failed *gobuild.Error
		if _, err := b.Build(t.Context(), gobuild.Source{Dir: folder}); !errors.As(err, &failed) || !strings.Contains(failed.Output, want) {
			t.Errorf("in %s: %v, want %q", folder, err, want)
		}
	}
	t.Chdir(function)
	b.MarkStale()
	var failed *gobuild.Error
	if _, err := b.Build(t.Context(), gobuild.Source{Dir: function}); !errors.As(err, &failed) || !strings.Contains(failed.Output, "\n"+filepath.Join(dir, "main.go")+":3:9: ") {
		t.Errorf("above: %v", err)
	}
}

// crumb's builds use GOFLAGS, as every go build does.
func TestBuildUsesGOFLAGS(t *testing.T) {
	dir := module(t, "package main\n\nfunc main() { print(word) }\n")
	write(t, filepath.Join(dir, "own.go"), "//go:build own && lambda.norpc\n\npackage main\n\nconst word = \"own\"\n")
	b, _ := newBuilder(t)
	if _, err := b.Build(t.Context(), gobuild.Source{Dir: dir}); err == nil {
		t.Error("built without the tag")
	}
	t.Setenv("GOFLAGS", "-buildvcs=false '-tags=other,own'")
	b, _ = newBuilder(t)
	bootstrap, err := b.Build(t.Context(), gobuild.Source{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	if got := run(t, bootstrap); got != "own" {
		t.Errorf("the program prints %q, want own, by the tag", got)
	}
}

func TestBuildNamesCgo(t *testing.T) {
	dir := module(t, "package main\n\nfunc main() { word() }\n")
	write(t, filepath.Join(dir, "c.go"), "package main\n\nimport \"C\"\n\nfunc word() {}\n")
	t.Setenv("CGO_ENABLED", "0")
	b, _ := newBuilder(t)
	var failed *gobuild.Error
	if _, err := b.Build(t.Context(), gobuild.Source{Dir: dir}); !errors.As(err, &failed) || !strings.Contains(failed.Output, "undefined: word\nfiles that import \"C\" are excluded (cgo is off); install a C compiler, or set CGO_ENABLED=1") {
		t.Errorf("Build: %v, want a hint at cgo", err)
	}
	t.Setenv("CGO_ENABLED", "1")
	b, _ = newBuilder(t)
	if _, err := b.Build(t.Context(), gobuild.Source{Dir: dir}); err != nil && strings.Contains(err.Error(), "undefined") { // there may not be a C compiler
		t.Errorf("with cgo: %v", err)
	}
}
