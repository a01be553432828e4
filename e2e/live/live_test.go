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
	"regexp"
	"slices"
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

// TestLive compares a stack of the demo, fails where it breaks a rule of the demo or its
// library, and prints all else that differs from here. With -echo it asks an echo stack
// what AWS does. Without either it rehearses both.
func TestLive(t *testing.T) {
	if *record != "" && *echo == "" {
		t.Fatal("-record records an echo stack: it needs -echo and -token")
	}
	if *deployed == "" && *echo == "" {
		rehearse(t)
	}
	if *deployed != "" {
		if !isURL(*deployed) {
			t.Fatalf("-url is %q, want https://… with the stage, as the output Url has it", *deployed)
		}
		there := stack{name: "deployed", url: strings.TrimSuffix(*deployed, "/"), lacks: map[string]string{}}
		if !*users {
			there.lacks["sessions"] = "no -users: nobody can sign in at a stack as it is deployed"
		}
		compareStacks(t, here(t, *template), there)
	}
	if *echo != "" {
		differences, recordings := askEcho(t, doorsOf(t, *echo), *token, odds)
		if *record != "" {
			write(t, *record, recordings)
			testenv.Write(t, *record, "differences.txt", table(differences))
		}
	}
}

// rehearse compares crumb start with itself, and with sam local.
func rehearse(t *testing.T) {
	ours := here(t, "template.yaml")
	t.Run("crumb", func(t *testing.T) {
		differences := compareStacks(t, ours, ours)
		echoes, recordings := askEcho(t, echoHere(t, secret), secret, odds)
		for _, d := range append(differences, echoes...) {
			t.Errorf("crumb start differs from itself: %s", d)
		}
		dir := t.TempDir()
		write(t, dir, recordings)
		for key, rec := range recordings {
			for _, text := range append(rec.Response, rec.event, rec.Request, rec.Body) {
				if strings.Contains(text, secret) || strings.Contains(text, "127.0.0.1") {
					t.Errorf("the recording %s has the token or an address: %s", key, text)
				}
			}
		}
		t.Run("captures", func(t *testing.T) { testCaptures(t, dir) })
	})
	t.Run("sam", func(t *testing.T) {
		root := testenv.Root(t)
		cli := samcli.New(t, root)
		samcli.Output(t, cli.Command("validate", "--lint", "--template", "e2e/live/template.yaml"))
		serve := func(template string, args ...string) string {
			return cli.StartAPI(t, build(t, filepath.Join(root, template)), append(args, "--warm-containers", "LAZY")...)
		}
		compareStacks(t, ours, stack{"sam local", serve("template.yaml", "--env-vars", "events/env.json"), map[string]string{
			"sessions":    "it has no DynamoDB",
			"odd-cookies": "e2e/sam sends them to it, and each request takes half a second",
		}})
		// Of routes that several APIs have, sam local serves the last one's.
		doors := map[string]string{"http1": serve("e2e/live/template.yaml", "--parameter-overrides", "Token="+secret)}
		few := slices.DeleteFunc(slices.Clone(odds), func(o odd) bool { return !samAsks.MatchString(o.name) })
		differences, _ := askEcho(t, doors, secret, few)
		if len(differences) == 0 {
			t.Error("sam local does all that crumb start does")
		}
	})
}

// samAsks are the odd requests that sam local gets.
var samAsks = regexp.MustCompile("^(capture$|cookie-utf8|set-)")

// build writes a template and its programs, as crumb builds them, to a temporary folder:
// e2e/sam runs "sam build".
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
	t.Setenv("CGO_ENABLED", "0") // for a container without this machine's C library
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
			for _, rule := range s.breaks(ours[s.name], false) {
				t.Errorf("%s: %s: %s", here.name, s.name, rule)
			}
			for _, rule := range s.breaks(theirs[s.name], strings.HasPrefix(there.url, "https:")) {
				if !s.door {
					t.Errorf("%s: %s: %s", there.name, s.name, rule)
				}
			}
			differences = append(differences, s.differences(ours[s.name], theirs[s.name])...)
		}
	}
	for _, d := range differences {
		if d.verdict == broken {
			t.Errorf("%s: %s", there.name, d)
		}
	}
	t.Logf("%s: %d requests, %d differences from here%s", there.name, len(theirs), len(differences), table(differences))
	return differences
}
