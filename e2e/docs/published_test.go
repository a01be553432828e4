package docs_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/crumb-go/crumb/e2e/testenv"
)

var goGet = regexp.MustCompile(`go get (-tool )?github\.com/crumb-go/crumb[\w/@]*`)

// What README.md and docs/packages.md say to do once the module is published works
// then. Here the go command finds the module's path in a local repository, and the
// modules that it requires in this machine's module cache.
func TestPublished(t *testing.T) {
	testenv.Long(t, "a module cache is filled, half a minute")
	root := testenv.Root(t)
	var commands []string
	for _, document := range []string{"README.md", "docs/packages.md"} {
		found := goGet.FindAllString(read(t, filepath.Join(root, document)), -1)
		if len(found) == 0 {
			t.Errorf("%s has no go get", document)
		}
		commands = append(commands, found...)
	}
	commands = append(commands, "go list -deps tool")

	cache, err := exec.Command("go", "env", "GOMODCACHE").Output()
	if err != nil {
		t.Fatal("go env GOMODCACHE: ", err)
	}
	r, dir := newReader(t, newRepository(t), t.TempDir()), t.TempDir()
	env := slices.Concat(r.Env, []string{
		"GOPRIVATE=github.com/crumb-go",
		"GOSUMDB=off", // the cache's modules were compared with go.sum
		"GOPROXY=file://" + filepath.ToSlash(filepath.Join(strings.TrimSpace(string(cache)), "cache", "download")),
		"GOMODCACHE=" + t.TempDir(),
		"GOFLAGS=-modcacherw",
	})
	testenv.Write(t, dir, "go.mod", "module example.com/shop\n\ngo 1.26.0\n")
	for _, command := range commands {
		cmd := exec.Command("sh", "-c", command)
		cmd.Dir, cmd.Env = dir, env
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("%s: %v\n%s", command, err, out)
		}
	}
	mod, err := os.ReadFile(filepath.Join(dir, "go.mod"))
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(mod), "\ntool github.com/crumb-go/crumb/cmd/crumb\n") {
		t.Errorf("go.mod has no crumb:\n%s", mod)
	}
}
