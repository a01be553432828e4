package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/crumb-go/crumb/internal/local/localtest"
)

// crumb runs a command line to its end.
func crumb(t *testing.T, stdin string, args ...string) (code int, stdout, stderr string) {
	t.Helper()
	var out, errs localtest.Buffer
	code = run(t.Context(), args, strings.NewReader(stdin), &out, &errs)
	return code, out.String(), errs.String()
}

// What event prints, invoke accepts, through a pipe and for every door.
func TestEventIntoInvoke(t *testing.T) {
	const line = "username=Zo%C3%AB; Path=/; "
	for _, tc := range []struct{ door, member string }{
		{"rest", "multiValueHeaders"},
		{"http", "cookies"},
		{"http1", "multiValueHeaders"},
		{"url", "cookies"},
		{"alb", "headers"},
		{"alb-multi", "multiValueHeaders"},
		{"lattice", "headers"},
	} {
		t.Run(tc.door, func(t *testing.T) {
			code, event, stderr := crumb(t, "", "event", tc.door, "POST", "/setcookie?from=here",
				"--header", "Content-Type: application/x-www-form-urlencoded", "--cookie", "username=Ana", "--body", "username=Zo%C3%AB")
			if code != 0 || !strings.HasPrefix(event, "{\n  \"") {
				t.Fatalf("crumb event = %d %q, %s", code, event, stderr)
			}
			code, answer, stderr := crumb(t, event, "invoke", "setcookie", "-t", "../../template.yaml", "--event", "-")
			if code != 0 {
				t.Fatalf("crumb invoke = %d, %s", code, stderr)
			}
			var members map[string]json.RawMessage
			if err := json.Unmarshal([]byte(answer), &members); err != nil {
				t.Fatalf("response %q: %v", answer, err)
			}
			if !bytes.Contains(members[tc.member], []byte(line)) || strings.Count(answer, line) != 1 {
				t.Errorf("response = %s, want one %q in %s", answer, line, tc.member)
			}
			if !strings.Contains(stderr, "REPORT RequestId: ") {
				t.Errorf("stderr = %q, want the function's log", stderr)
			}
		})
	}
}

func TestInvokeFails(t *testing.T) {
	config := filepath.Join(t.TempDir(), "samconfig.toml")
	if err := os.WriteFile(config, []byte("[default.local_invoke.parameters]\ndebug_port = 70000\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, tc := range []struct {
		name           string
		stdin          string
		args           []string
		stdout, stderr string
	}{
		{"function-error", "{}", []string{"IndexFunction", "--event", "-"}, `"errorMessage"`, "crumb: IndexFunction failed: "},
		{"two-arguments", "", []string{"index", "event.json"}, "", `unexpected argument "event.json": --event names the file of the event`},
		{"no-such-function", "{}", []string{"Nope", "--event", "-"}, "", `no function "Nope"`},
		{"debug-port-of-config", "", []string{"--config-file", config}, "", "crumb: samconfig: debug-port: a port is a number from 0 to 65535"},
		{"overrides", "", []string{"--parameter-overrides", "A=1", "B=2", "Nope", "C=3"}, "", `no function "Nope"`},
		{"no-name", "{}", []string{"--event", "-"}, "", "crumb: choose a function: "},
		{"no-name-to-debug", "{}", []string{"--debug-port", "1", "--event", "-"}, "", "crumb: choose a function: "},
		{"no-such-file", "", []string{"index", "--event", "none.json"}, "", "none.json"},
		{"no-event", "not read", []string{"IndexFunction"}, `"errorMessage"`, "crumb: IndexFunction failed: "}, // {} is not an HTTP event
		{"empty-event", "", []string{"index", "--event", "-"}, "", "crumb: InvalidRequestContentException: Could not parse request body into json: "},
		{"not-json", "{} {}", []string{"index", "--event", "-"}, "", "crumb: InvalidRequestContentException: Could not parse request body into json: "},
	} {
		t.Run(tc.name, func(t *testing.T) {
			code, stdout, stderr := crumb(t, tc.stdin, append([]string{"invoke", "-t", "../../template.yaml"}, tc.args...)...)
			if ran := strings.Contains(stderr, "START RequestId: "); ran != (tc.stdout != "") {
				t.Errorf("the function ran: %t", ran)
			}
			if code != 1 || !strings.Contains(stdout, tc.stdout) || !strings.Contains(stderr, tc.stderr) {
				t.Errorf("crumb invoke = %d\nstdout %q, want %q in it\nstderr %q, want %q in it", code, stdout, tc.stdout, stderr, tc.stderr)
			}
		})
	}
}

// A compile error is printed once.
func TestInvokeDoesNotCompile(t *testing.T) {
	dir := t.TempDir()
	for name, text := range map[string]string{
		"go.mod":        "module example.com/broken\n\ngo 1.26.0\n",
		"main.go":       "package main\n\nfunc main() { undefinedName() }\n",
		"template.yaml": "Transform: AWS::Serverless-2016-10-31\nResources: {F: {Type: AWS::Serverless::Function, Properties: {Runtime: provided.al2023, Handler: b}}}\n",
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	code, stdout, stderr := crumb(t, "{}", "invoke", "-t", dir, "--event", "-")
	if code != 1 || stdout != "" || strings.Count(stderr, "undefined: undefinedName") != 1 || !strings.HasSuffix(stderr, "\ncrumb: F is not run: its build failed\n") {
		t.Errorf("crumb invoke = %d %q\nstderr %s", code, stdout, stderr)
	}
}

// A function whose CodeUri a script makes finds what the script puts beside it.
func TestInvokeBesideFiles(t *testing.T) {
	requires, err := os.ReadFile("../../go.mod")
	sums, err2 := os.ReadFile("../../go.sum")
	if err := errors.Join(err, err2); err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	for name, text := range map[string]string{
		"go.mod":                strings.Replace(string(requires), "github.com/crumb-go/crumb", "example.com/shop", 1),
		"go.sum":                string(sums),
		"cmd/shop/main.go":      "package main\n\nimport (\n\t\"os\"\n\n\t\"github.com/aws/aws-lambda-go/lambda\"\n)\n\nfunc main() {\n\tlambda.Start(func() (string, error) {\n\t\ttext, err := os.ReadFile(\"conf/config.yml\")\n\t\treturn string(text), err\n\t})\n}\n",
		"build/conf/config.yml": "for production",
		"template.yaml":         "Transform: AWS::Serverless-2016-10-31\nResources: {F: {Type: AWS::Serverless::Function, Properties: {Runtime: provided.al2023, Handler: bootstrap, CodeUri: build/}}}\n",
	} {
		file := filepath.Join(dir, filepath.FromSlash(name))
		if err := errors.Join(os.MkdirAll(filepath.Dir(file), 0o777), os.WriteFile(file, []byte(text), 0o666)); err != nil {
			t.Fatal(err)
		}
	}
	code, stdout, stderr := crumb(t, "", "invoke", "-t", dir)
	if code != 0 || stdout != "\"for production\"\n" {
		t.Errorf("crumb invoke = %d %q\nstderr %s", code, stdout, stderr)
	}
}
