// Package workflows checks that .github deploys only what this repository
// contains. It does not run workflows.
package workflows

import (
	"cmp"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"go.yaml.in/yaml/v4"

	"github.com/crumb-go/crumb/e2e/testenv"
)

type workflow struct {
	Permissions any
	Env         map[string]any
	Jobs        map[string]job
}

type job struct {
	Permissions any
	Env         map[string]any
	Uses        string
	Steps       []step
}

type step struct {
	Uses, Run string
	With, Env map[string]any
}

// workflows returns the workflows by the names of their files.
func workflows(t *testing.T) map[string]workflow {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(testenv.Root(t), ".github", "workflows", "*"))
	if err != nil {
		t.Fatal(err)
	}
	all := map[string]workflow{}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		var w workflow
		if err := yaml.Unmarshal(text, &w); err != nil {
			t.Fatalf("%s: %v", file, err)
		}
		all[filepath.Base(file)] = w
	}
	if len(all) < 3 {
		t.Fatalf("%d workflows", len(all))
	}
	return all
}

// otherGo are the jobs that run a Go other than go.mod's, and which.
var otherGo = map[string]string{
	"ci.yml go":     "${{ matrix.go }}",
	"ci.yml newest": "stable",
}

// runsGo finds commands that compile or run Go programs.
var runsGo = regexp.MustCompile(`\bgo (build|get|install|run|test|tool|vet)\b|\bsam build\b|\.ci/`)

// Every job runs the newest patch of the Go of go.mod, which has the newest fixes of the
// standard library: actions/setup-go asks which that is, and GOTOOLCHAIN would change it.
func TestToolchain(t *testing.T) {
	want := goLine(t, "go.mod", "go", `(1\.\d+)\.\d+`) + ".x"
	setups := 0
	for file, w := range workflows(t) {
		for name, j := range w.Jobs {
			id, ready := file+" "+name, false
			environments := []map[string]any{w.Env, j.Env}
			for _, s := range j.Steps {
				environments = append(environments, s.Env)
				if strings.HasPrefix(s.Uses, "actions/setup-go@") {
					setups++
					ready = true
					got := [3]any{s.With["go-version"], s.With["check-latest"], s.With["go-version-file"]}
					if want := [3]any{cmp.Or(otherGo[id], want), true, nil}; got != want {
						t.Errorf("%s: go-version, check-latest and go-version-file are %v, want %v", id, got, want)
					}
				}
				if runsGo.MatchString(s.Run) && !ready {
					t.Errorf("%s runs the Go preinstalled on the runner: %s", id, s.Run)
				}
			}
			for _, env := range environments {
				if env["GOTOOLCHAIN"] != nil {
					t.Errorf("%s sets GOTOOLCHAIN", id)
				}
			}
		}
	}
	if setups == 0 {
		t.Error("no job sets Go up")
	}
}

// Both modules have the same toolchain, including the patch version: where an older Go
// needs another, it downloads one.
func TestToolchainLines(t *testing.T) {
	const patch = `go(1\.\d+\.\d+)`
	if got, want := goLine(t, "tools/go.mod", "toolchain", patch), goLine(t, "go.mod", "toolchain", patch); got != want {
		t.Errorf("the toolchain of tools/go.mod is %s, that of go.mod %s", got, want)
	}
}

// goLine returns the version in a line of a go.mod.
func goLine(t *testing.T, module, directive, version string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(testenv.Root(t), module))
	if err != nil {
		t.Fatal(err)
	}
	found := regexp.MustCompile(`(?m)^` + directive + ` ` + version + `$`).FindSubmatch(text)
	if found == nil {
		t.Fatalf("%s has no line %s with a patch version", module, directive)
	}
	return string(found[1])
}

// Deployed code is scanned with the Go that builds it, and does not come from a
// cache that another workflow may have written.
func TestDeployedBuild(t *testing.T) {
	builds := 0
	for file, w := range workflows(t) {
		for name, j := range w.Jobs {
			scanned, cached := false, true
			for _, s := range j.Steps {
				scanned = scanned || strings.Contains(s.Run, "govulncheck")
				cached = cached && s.With["cache"] != false
				if !strings.Contains(s.Run, "sam build") {
					continue
				}
				builds++
				if !scanned || cached {
					t.Errorf("%s %s: scanned %v, with a cache %v", file, name, scanned, cached)
				}
			}
		}
	}
	if builds == 0 {
		t.Error("no job builds what is deployed")
	}
}
