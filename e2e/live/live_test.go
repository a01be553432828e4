// Package live compares a deployed stack with crumb start: the lesson, sessions,
// security headers and cookies. Without an account, and in .ci/run, it rehearses
// that on what runs here.
//
//	go test ./e2e/live -v -url https://abc.execute-api.eu-west-1.amazonaws.com/prod
//
// docs/deploying.md says how, and what it costs.
package live

import (
	"bytes"
	"flag"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/crumb-go/crumb/crumbtest"
	"github.com/crumb-go/crumb/e2e/samcli"
	"github.com/crumb-go/crumb/e2e/testenv"
	"github.com/crumb-go/crumb/internal/gobuild"
	"github.com/crumb-go/crumb/internal/sam"
)

var (
	deployed = flag.String("url", "", "URL of a deployed stack, with its stage: the output Url")
	template = flag.String("template", "template.yaml", "the template that the stack is of, from the repository's root")
	users    = flag.Bool("users", false, "the demo's user can sign in there: its LoginFunction has DEMO_USERS=true")
)

// A stack serves the demo.
type stack struct {
	name  string
	url   string            // without a slash at its end
	lacks map[string]string // what a step may need, and why it is not there
}

// TestStack fails where a stack breaks one of the demo's rules. All else that differs
// from here is printed.
func TestStack(t *testing.T) {
	if *deployed == "" {
		t.Run("rehearsal", rehearse)
		return
	}
	there := stack{name: "deployed", url: strings.TrimSuffix(*deployed, "/"), lacks: map[string]string{}}
	if !*users {
		there.lacks["sessions"] = "no -users: nobody can sign in at a stack as it is deployed"
	}
	compareStacks(t, here(t, *template), there)
}

// rehearse compares crumb start with another crumb start, and with sam local.
func rehearse(t *testing.T) {
	ours := here(t, "template.yaml")
	t.Run("crumb", func(t *testing.T) {
		for _, d := range compareStacks(t, ours, ours) {
			t.Errorf("crumb start differs from itself: %s", d)
		}
	})
	t.Run("sam", func(t *testing.T) {
		root := testenv.Root(t)
		cli := samcli.New(t, root)
		built := build(t, filepath.Join(root, "template.yaml"))
		compareStacks(t, ours, stack{"sam local", cli.StartAPI(t, built, "--env-vars", "events/env.json", "--warm-containers", "LAZY"), map[string]string{
			"sessions":     "it has no DynamoDB",
			"cookie-lines": "it joins two Cookie lines with a comma",
			"bytes":        "it reads header bytes as Latin-1",
			"limit":        "it has no limit of headers",
		}})
	})
}

// build writes a template and its programs to a temporary folder. The programs are those
// that crumb start has just built: e2e/sam runs "sam build".
func build(t *testing.T, template string) string {
	t.Helper()
	project, err := sam.Read(template, sam.Options{})
	if err != nil {
		t.Fatal(err)
	}
	cache, err := gobuild.CacheDir(filepath.Dir(template))
	if err != nil {
		t.Fatal(err)
	}
	builder := gobuild.New(cache)
	t.Cleanup(func() { builder.Close() })
	dir := t.TempDir()
	copyFile := func(from, to string) {
		t.Helper()
		content, err := os.ReadFile(from)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.MkdirAll(filepath.Dir(to), 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(to, content, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	for _, f := range project.Functions {
		program, err := builder.Build(t.Context(), gobuild.Source{Dir: f.Dir})
		if err != nil {
			t.Fatal(err)
		}
		folder, err := filepath.Rel(filepath.Dir(template), f.Dir)
		if err != nil {
			t.Fatal(err)
		}
		copyFile(program, filepath.Join(dir, folder, "bootstrap"))
	}
	copyFile(template, filepath.Join(dir, "template.yaml"))
	return filepath.Join(dir, "template.yaml")
}

// here serves a template as crumb start does, with the demo's user and keys. What its
// functions log is shown if the test fails.
func here(t *testing.T, template string) stack {
	t.Helper()
	return stack{name: "here", url: crumbtest.Start(quietly(t), filepath.Join(testenv.Root(t), template), crumbtest.Options{}).URL}
}

func quietly(t *testing.T) testing.TB {
	log := new(bytes.Buffer)
	t.Cleanup(func() {
		if t.Failed() {
			t.Logf("crumb's log:\n%s", log)
		}
	})
	return quiet{t, log}
}

// quiet is a test with a separate output.
type quiet struct {
	testing.TB
	log io.Writer
}

func (q quiet) Output() io.Writer { return q.log }

// compareStacks sends the script to both, and returns the differences.
func compareStacks(t *testing.T, here, there stack) []difference {
	t.Helper()
	for _, what := range sorted(there.lacks) {
		t.Logf("%s: %s not tried: %s", there.name, what, there.lacks[what])
	}
	ours, theirs := run(t, here, there), run(t, there, there)
	var differences []difference
	for _, s := range script {
		if there.lacks[s.needs] == "" {
			for _, rule := range s.broken(theirs[s.name], strings.HasPrefix(there.url, "https:")) {
				t.Errorf("%s: %s: %s", there.name, s.name, rule)
			}
			differences = append(differences, s.differences(ours[s.name], theirs[s.name])...)
		}
	}
	for _, d := range differences {
		if d.allowed == "" {
			t.Errorf("%s: %s", there.name, d)
		}
	}
	t.Logf("%s: %d requests, %d differences from here%s", there.name, len(theirs), len(differences), table(differences))
	return differences
}
