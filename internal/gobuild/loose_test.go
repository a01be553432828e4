package gobuild_test

import (
	"archive/zip"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/crumb-go/crumb/internal/gobuild"
)

// proxy serves version v1.0.0 of the module example.com/words to the go command.
func proxy(t *testing.T) {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "proxy")
	versions := filepath.Join(dir, "example.com", "words", "@v")
	if err := os.MkdirAll(versions, 0o700); err != nil {
		t.Fatal(err)
	}
	const mod = "module example.com/words\n"
	write(t, filepath.Join(versions, "list"), "v1.0.0\n")
	write(t, filepath.Join(versions, "v1.0.0.info"), `{"Version": "v1.0.0"}`)
	write(t, filepath.Join(versions, "v1.0.0.mod"), mod)
	file, err := os.Create(filepath.Join(versions, "v1.0.0.zip"))
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	archive := zip.NewWriter(file)
	for name, text := range map[string]string{"go.mod": mod, "words.go": "package words\n\nconst Hello = \"hello\"\n"} {
		w, err := archive.Create("example.com/words@v1.0.0/" + name)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write([]byte(text)); err != nil {
			t.Fatal(err)
		}
	}
	if err := archive.Close(); err != nil {
		t.Fatal(err)
	}
	t.Setenv("GOPROXY", "file:///"+strings.TrimPrefix(filepath.ToSlash(dir), "/"))
	t.Setenv("GONOSUMDB", "*")
	t.Setenv("GOMODCACHE", t.TempDir())
	t.Setenv("GOFLAGS", "-modcacherw")
}

// A program without a go.mod is built, with the packages of its repository by whichever
// path it imports them, and nothing is written there.
func TestLoose(t *testing.T) {
	proxy(t)
	for _, row := range []struct{ name, local, folder string }{
		{"github", "github.com/ana/shop/model", "model"},
		{"deep", "github.com/ana/shop/internal/model", "internal/model"},
		{"no-dot", "shop/model", "model"},
		{"like-the-standard-library", "shop/json", "json"},
		{"itself", "github.com/ana/model", ""},
	} {
		t.Run(row.name, func(t *testing.T) {
			root := t.TempDir()
			dir := filepath.Join(root, "cmd", "api")
			if out, err := exec.Command("git", "init", "-q", root).CombinedOutput(); err != nil {
				t.Fatalf("%v: %s", err, out)
			}
			for folder, text := range map[string]string{
				"cmd/api":  "package main\n\nimport (\n\t_ \"encoding/json\"\n\tmodel \"" + row.local + "\"\n\t\"example.com/words\"\n)\n\nfunc main() { print(words.Hello, model.Name) }\n",
				row.folder: "package model\n\nconst Name = \" Ana\"\n",
			} {
				if err := os.MkdirAll(filepath.Join(root, folder), 0o700); err != nil {
					t.Fatal(err)
				}
				write(t, filepath.Join(root, folder, "a.go"), text)
			}
			b, _ := newBuilder(t)
			if err := b.Check(t.Context(), dir); err != nil {
				t.Fatal(err)
			}
			program, err := b.Build(t.Context(), gobuild.Source{Dir: dir})
			if err != nil {
				t.Fatal(err)
			}
			if out, err := exec.Command(program).CombinedOutput(); err != nil || string(out) != "hello Ana" {
				t.Errorf("prints %q, %v", out, err)
			}
			watched, err := b.Sources(t.Context(), dir)
			if folder := filepath.Join(root, filepath.FromSlash(row.folder)); err != nil || !slices.Contains(watched.Dirs, folder) {
				t.Errorf("watches %q, %v, want %q among them", watched.Dirs, err, folder)
			}
			programs, err := gobuild.Programs(t.Context(), dir)
			if err != nil || len(programs) != 1 || !programs[0].Links("example.com/words") || !programs[0].Links(row.local) {
				t.Errorf("Programs = %v, %v", programs, err)
			}
			if files, _ := filepath.Glob(filepath.Join(root, "go.*")); files != nil || !gobuild.Loose(dir) {
				t.Errorf("written to the project: %q", files)
			}
		})
	}
}

// Folders with the names of AWS's packages, and programs, are not taken for what is imported.
func TestLooseNames(t *testing.T) {
	proxy(t)
	root := t.TempDir()
	t.Chdir(root)
	for folder, text := range map[string]string{
		"events": "package events\n",
		"words":  "package main\n\nimport (\n\t\"example.com/words\"\n\t_ \"github.com/aws/aws-lambda-go/events\"\n)\n\nfunc main() { print(words.Hello) }\n",
	} {
		if err := os.Mkdir(filepath.Join(root, folder), 0o700); err != nil {
			t.Fatal(err)
		}
		write(t, filepath.Join(root, folder, "a.go"), text)
	}
	b, _ := newBuilder(t)
	err := b.Check(t.Context(), filepath.Join(root, "words"))
	if err == nil || !strings.Contains(err.Error(), "cannot find module providing package github.com/aws/aws-lambda-go/events") || strings.Contains(err.Error(), "providing package example.com") {
		t.Errorf("error %v, want that the proxy lacks github.com/aws/aws-lambda-go only", err)
	}
}

// What no module has is the go command's error, without the modules that it has found.
func TestLooseUnknown(t *testing.T) {
	proxy(t)
	dir := t.TempDir()
	write(t, filepath.Join(dir, "main.go"), "package main\n\nimport (\n\t\"example.com/nothing\"\n\t_ \"example.com/words\"\n)\n\nfunc main() { nothing.Do() }\n")
	b, _ := newBuilder(t)
	err := b.Check(t.Context(), dir)
	if err == nil || !strings.Contains(err.Error(), "example.com/nothing") || strings.Contains(err.Error(), "go: found") {
		t.Errorf("error %v", err)
	}
}
