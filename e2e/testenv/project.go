package testenv

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// Project writes a SAM project into a temporary folder: the given files by name,
// and a module example.com/project that may import this module and its
// requirements.
func Project(t testing.TB, files map[string]string) string {
	t.Helper()
	root, dir := Root(t), t.TempDir()
	read := func(name string) string {
		t.Helper()
		text, err := os.ReadFile(filepath.Join(root, name))
		if err != nil {
			t.Fatal(err)
		}
		return string(text)
	}
	const module = "github.com/crumb-go/crumb"
	mod := strings.Replace(read("go.mod"), "module "+module, "module example.com/project", 1)
	mod += "\nrequire " + module + " v0.0.0\n\nreplace " + module + " => " + root + "\n"
	Write(t, dir, "go.mod", mod)
	Write(t, dir, "go.sum", read("go.sum"))
	for name, text := range files {
		Write(t, dir, name, text)
	}
	return dir
}

// Clone returns a folder with the files of this module's repository in their
// current state, including uncommitted changes.
func Clone(t testing.TB) string {
	t.Helper()
	root, dir := Root(t), t.TempDir()
	cmd := exec.Command("git", "ls-files", "-z", "--cached", "--others", "--exclude-standard")
	cmd.Dir = root
	names, err := cmd.Output()
	if err != nil {
		t.Fatalf("%s: %v", cmd, err)
	}
	for name := range strings.SplitSeq(strings.TrimRight(string(names), "\x00"), "\x00") {
		text, err := os.ReadFile(filepath.Join(root, name))
		if os.IsNotExist(err) {
			continue // deleted, and not committed
		} else if err != nil {
			t.Fatal(err)
		}
		Write(t, dir, name, string(text))
	}
	return dir
}

// Write writes a file below dir, atomically for watchers.
func Write(t testing.TB, dir, name, text string) {
	t.Helper()
	file := filepath.Join(dir, name)
	if err := os.MkdirAll(filepath.Dir(file), 0o777); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file+".new", []byte(text), 0o666); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(file+".new", file); err != nil {
		t.Fatal(err)
	}
}
