package main

import (
	"bytes"
	"path/filepath"
	"strings"
	"testing"

	"github.com/spf13/cobra"
)

func TestCompletion(t *testing.T) {
	apis := filepath.Join("..", "..", "e2e", "foreign", "testdata", "apis")
	hello := filepath.Join("..", "..", "e2e", "foreign", "testdata", "hello")
	for _, tc := range []struct {
		name string
		args []string
		want string // completions; :4 excludes files
	}{
		{"doors", []string{"event", ""}, "rest http http1 url alb alb-multi lattice sqs sns s3 eventbridge schedule dynamodb :4"},
		{"methods", []string{"event", "rest", "P"}, "GET POST PUT PATCH DELETE HEAD OPTIONS :4"},
		{"path", []string{"event", "rest", "GET", ""}, ":4"},
		{"functions", []string{"invoke", "--event", "-", "-t", apis, ""}, "ListFunction src HookFunction src :4"},
		{"functions-that-run", []string{"invoke", "--event", "-", "-t", hello, ""}, "HelloWorldFunction hello-world GoodbyeFunction goodbye :4"},
		{"one-function", []string{"invoke", "--event", "-", "-t", apis, "ListFunction", ""}, ":4"},
		{"no-template", []string{"invoke", "--event", "-", "-t", "none.yaml", ""}, ":4"},
		{"apis", []string{"start", "-t", apis, "--api", ""}, "PublicApi rest AdminApi rest HooksApi http :4"},
		{"programs", []string{"run", ""}, ". :0"},
		{"functions-of-programs", []string{"run", "../../functions/index", "--debug-function", ""}, "index index :4"},
		{"init", []string{"init", "--template", ""}, "cookie chi login :4"},
		{"init-folder", []string{"init", ""}, ":16"},
		{"door", []string{"start", "--door", ""}, "rest http http1 url alb alb-multi :4"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			var stdout, stderr bytes.Buffer
			if code := run(t.Context(), append([]string{"__complete"}, tc.args...), nil, &stdout, &stderr); code != 0 {
				t.Fatalf("exit code %d: %s", code, &stderr)
			}
			if got := strings.Join(strings.Fields(stdout.String()), " "); got != tc.want {
				t.Errorf("completions %q, want %q", got, tc.want)
			}
		})
	}
}

func TestHelpHasExamples(t *testing.T) {
	commands := append(newRoot().Commands(), newRoot())
	if len(commands) < 4 {
		t.Fatalf("%d commands", len(commands))
	}
	for _, cmd := range commands {
		if !hasExample(cmd) {
			t.Errorf("crumb %s has no example", cmd.Name())
		}
	}
}

func hasExample(cmd *cobra.Command) bool { return strings.Contains(cmd.Example, "crumb ") }
