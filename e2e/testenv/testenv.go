// Package testenv is what the end-to-end suites have in common: the tools they
// need from the machine, and a crumb to test.
package testenv

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// Tool returns the path of a program: one that .ci/install has installed for
// these tests, else one on PATH. Without it the test skips, saying what is
// missing. If CI=true it fails, because then nothing may skip.
func Tool(t testing.TB, name string) string {
	t.Helper()
	if path := installed("*", name); path != "" {
		return path
	}
	path, err := exec.LookPath(name)
	if err != nil {
		Missing(t, name+" is not on PATH")
	}
	return path
}

// installed returns the path of a program that .ci/install has installed for a
// suite, or for any of them, "*"; "" if there is none.
func installed(suite, name string) string {
	cache, err := os.UserCacheDir()
	if err != nil {
		return ""
	}
	found, err := filepath.Glob(filepath.Join(cache, "crumb-e2e", suite, "bin", name))
	if err != nil || len(found) == 0 {
		return ""
	}
	return found[0]
}

// Python returns the path of a Python that has the packages of a suite's
// requirements.txt, in those versions: the suite's, else the one on PATH.
func Python(t testing.TB, requirements string) string {
	t.Helper()
	const check = `
import importlib.metadata, re, sys
pins = re.findall(r"^([\w.-]+)==([^\s;]+)", open(sys.argv[1]).read(), re.MULTILINE)
for name, want in pins:
    got = importlib.metadata.version(name)
    if got != want:
        sys.exit(f"{name} is {got}, want {want}")
if not pins:
    sys.exit("it names no package")
`
	file, err := filepath.Abs(requirements)
	if err != nil {
		t.Fatal(err)
	}
	python := installed(filepath.Base(filepath.Dir(file)), "python3")
	if python == "" {
		python = Tool(t, "python3")
	}
	if out, err := exec.Command(python, "-c", check, requirements).CombinedOutput(); err != nil {
		Missing(t, python+" lacks "+requirements+": "+string(out))
	}
	return python
}

// NodeModules returns the folder with the packages of a suite's package-lock.json, in
// those versions, which .ci/install has installed; Node itself is Tool's "node".
func NodeModules(t testing.TB, lock string) string {
	t.Helper()
	file, err := filepath.Abs(lock)
	if err != nil {
		t.Fatal(err)
	}
	cache, err := os.UserCacheDir()
	if err != nil {
		t.Fatal(err)
	}
	dir := filepath.Join(cache, "crumb-e2e", filepath.Base(filepath.Dir(file)), "node_modules")
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if got, err := os.ReadFile(filepath.Join(dir, filepath.Base(file))); err != nil || !bytes.Equal(got, want) {
		Missing(t, dir+" does not have the packages of "+lock)
	}
	return dir
}

// Missing skips the test for a reason, or fails it if CI=true.
func Missing(t testing.TB, reason string) {
	t.Helper()
	if os.Getenv("CI") == "true" {
		t.Fatal("CI needs everything: ", reason)
	}
	t.Skip(reason)
}

// Long skips a test that takes long unless CI=true, which is how .ci/run runs it:
// "go test ./..." is for every save. What says what takes so long.
func Long(t testing.TB, what string) {
	t.Helper()
	if os.Getenv("CI") != "true" {
		t.Skip(what + ": with CI=true only")
	}
}

// Artifact keeps a file for people to look at in the folder that CRUMB_ARTIFACTS
// names. Without that it keeps nothing.
func Artifact(t testing.TB, name string, content []byte) {
	t.Helper()
	dir := os.Getenv("CRUMB_ARTIFACTS")
	if dir == "" {
		return
	}
	if err := os.MkdirAll(dir, 0o777); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, name), content, 0o666); err != nil {
		t.Fatal(err)
	}
}
