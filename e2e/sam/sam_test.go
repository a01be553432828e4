// Package sam runs the templates with AWS's own tool: sam validate, build, local
// invoke and local start-api, against what crumb builds, invokes and serves.
package sam

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/crumb-go/crumb/e2e/compare"
	"github.com/crumb-go/crumb/e2e/samcli"
	"github.com/crumb-go/crumb/e2e/testenv"
	"github.com/crumb-go/crumb/internal/app"
	"github.com/crumb-go/crumb/internal/gobuild"
	"github.com/crumb-go/crumb/internal/sam"
)

// invoked is the event with which SAM and crumb invoke a function, where that is not
// the first of its REST API's.
var invoked = map[string]string{
	"IndexFunction":     "events/index/welcome.rest.json",
	"SetCookieFunction": "events/setcookie/post-unicode.rest.json",
	"GetCookieFunction": "events/getcookie/hostile.rest.json",
	"VisitsFunction":    "events/visits/tenth.rest.json",
	"MeFunction":        "events/me/nobody.rest.json",
}

// eventFor returns the path of the event with which f is invoked.
func eventFor(t *testing.T, root string, f *app.Function) string {
	t.Helper()
	if file, ok := invoked[f.ID]; ok {
		return filepath.Join(root, file)
	}
	folder := filepath.Join(root, "events", filepath.Base(f.Dir))
	files, err := filepath.Glob(filepath.Join(folder, "*.rest.json")) // sorted
	if err != nil || len(files) == 0 {
		t.Fatalf("%s has no event, *.rest.json, for %s: %v", folder, f.ID, err)
	}
	return files[0]
}

// TestEvents needs no SAM: each function with a route has an event.
func TestEvents(t *testing.T) {
	root := testenv.Root(t)
	template, err := sam.Read(filepath.Join(root, "template.yaml"), sam.Options{})
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range template.APIs[0].Routes {
		if _, err := os.Stat(eventFor(t, root, r.Function)); err != nil {
			t.Error(err)
		}
	}
}

// envVars holds the keys that functions have locally.
const envVars = "events/env.json"

func TestSAM(t *testing.T) {
	root := testenv.Root(t)
	s := &suite{samcli.New(t, root), testenv.Build(t), root}
	for _, template := range []string{"template.yaml", "template-http.yaml"} {
		t.Run("validate-"+template, func(t *testing.T) {
			samcli.Output(t, s.Command("validate", "--lint", "--template", template))
		})
	}
	for _, tc := range []struct {
		name, template, differences string
		requests                    func(t *testing.T, crumb string) []compare.Request
	}{
		{"rest", "template.yaml", "differences-rest.json", script},
		{"http", "template-http.yaml", "differences-http.json", script},
		{"two-rest", "e2e/sam/testdata/template.yaml", "differences-none.json", two},
		{"two-http", "e2e/sam/testdata/template-http.yaml", "differences-none.json", two},
	} {
		t.Run(tc.name, func(t *testing.T) {
			template := filepath.Join(s.root, tc.template)
			built := s.build(t, template)
			if tc.name == "rest" { // both templates have the same functions
				t.Run("invoke", func(t *testing.T) { s.testInvoke(t, template, built) })
			}
			ours := strings.TrimPrefix(testenv.Start(t, exec.Command(s.crumb, "start", "--template", template, "--port", "0")).URL, "http://")
			theirs := strings.TrimPrefix(s.StartAPI(t, built, "--env-vars", envVars), "http://")
			compare.Run(t, tc.differences,
				func(t *testing.T, r compare.Request) compare.Answer { return compare.Send(t, ours, r) },
				func(t *testing.T, r compare.Request) compare.Answer { return sendAgain(t, theirs, r) },
				tc.requests(t, ours))
		})
	}
}

type suite struct {
	*samcli.CLI
	crumb string // path of the command
	root  string
}

// build builds a template and returns the built one. It checks that each
// bootstrap is small and has the size of crumb's.
func (s *suite) build(t *testing.T, file string) string {
	t.Helper()
	dir := t.TempDir()
	built := s.Build(t, file, dir)

	template, err := sam.Read(file, sam.Options{})
	if err != nil {
		t.Fatal(err)
	}
	builder := gobuild.New(t.TempDir())
	t.Cleanup(func() { builder.Close() })
	for _, f := range template.Functions {
		bootstrap, err := builder.Build(t.Context(), gobuild.Source{Dir: f.Dir})
		if err != nil {
			t.Fatal(err)
		}
		ours, theirs := size(t, bootstrap), size(t, filepath.Join(dir, f.ID, "bootstrap"))
		limit := int64(7_000_000)
		switch f.ID {
		case "VisitsFunction", "RotateKeysFunction", "LoginFunction", "LogoutFunction", "MeFunction": // with the AWS SDK
			limit = 9_000_000
		}
		if theirs > limit {
			t.Errorf("%s: SAM built %d bytes, want at most %d", f.ID, theirs, limit)
		}
		if ratio := float64(ours) / float64(theirs); ratio < 0.98 || ratio > 1.02 {
			t.Errorf("%s: crumb built %d bytes, SAM %d: more than 2 %% apart", f.ID, ours, theirs)
		}
		t.Logf("%s: crumb built %d bytes, SAM %d", f.ID, ours, theirs)
	}
	return built
}

func size(t *testing.T, file string) int64 {
	t.Helper()
	info, err := os.Stat(file)
	if err != nil {
		t.Fatal(err)
	}
	return info.Size()
}

// testInvoke runs each function with one event under sam local invoke and crumb
// invoke. The responses are the same bytes.
func (s *suite) testInvoke(t *testing.T, file, built string) {
	template, err := sam.Read(file, sam.Options{})
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range template.APIs[0].Routes {
		f := r.Function
		t.Run(f.ID, func(t *testing.T) {
			event := eventFor(t, s.root, f)
			theirs := samcli.Output(t, s.Local("invoke", f.ID, "--template", built, "--event", event, "--env-vars", envVars))
			ours := samcli.Output(t, exec.Command(s.crumb, "invoke", f.ID, "--template", file, "--event", event))
			if normal(t, ours) != normal(t, theirs) {
				t.Errorf("crumb's response to %s:\n%s\nSAM's:\n%s", event, ours, theirs)
			}
		})
	}
}

var (
	expires = regexp.MustCompile(`Expires=[^;"]* GMT`)
	sealed  = regexp.MustCompile(`visits=[\w-]{50,}`)
)

// normal returns a response as JSON with sorted members, without what depends on
// time or chance: Expires, and sealed values.
func normal(t *testing.T, answer string) string {
	t.Helper()
	var v any
	if err := json.Unmarshal([]byte(answer), &v); err != nil {
		t.Fatalf("%v in answer %q", err, answer)
	}
	text, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return sealed.ReplaceAllString(expires.ReplaceAllString(string(text), "Expires"), "visits=")
}

// sendAgain repeats a request that SAM's emulator has lost, about one in a few
// hundred: it responds 502 before the function has run.
func sendAgain(t *testing.T, address string, r compare.Request) compare.Answer {
	t.Helper()
	for range 4 {
		if answer, err := compare.Try(address, r); err == nil && answer["status"] != "502" {
			return answer
		}
	}
	return compare.Send(t, address, r)
}
