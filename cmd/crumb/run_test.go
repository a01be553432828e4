package main

import (
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/crumb-go/crumb/internal/local/localtest"
)

// runFails runs a command line that must fail, and returns stderr.
func runFails(t *testing.T, args ...string) string {
	t.Helper()
	var stdout, stderr localtest.Buffer
	if code := run(t.Context(), args, nil, &stdout, &stderr); code != 1 || stdout.String() != "" {
		t.Errorf("crumb %s: exit code %d, stdout %q", strings.Join(args, " "), code, &stdout)
	}
	return strings.TrimSpace(stderr.String())
}

// Without a template, start says which crumb run does.
func TestStartWithoutTemplate(t *testing.T) {
	const plain = "crumb: template.yaml not found: run crumb in your template's folder, pass -t, or write a project with crumb init"
	dir := t.TempDir()
	t.Chdir(dir)
	write := func(name, text string) {
		t.Helper()
		file := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(file), 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	for _, tc := range []struct {
		name, file, text string // another file
		start, run       string
	}{
		{"empty", "README.md", "", plain, "crumb: name the folder of a program, as in crumb run ./cmd/api"},
		{"tool", "main.tf", "", "crumb: template.yaml not found, and crumb does not read main.tf; to serve Go programs without a template: crumb run PACKAGE", ""},
		{"program", "cmd/api/main.go", "package main\n\nimport \"github.com/aws/aws-lambda-go/lambda\"\n\nfunc main() { lambda.Start(nil) }\n", "", ""},
		{"module", "go.mod", "module example.com/a\n\ngo 1.26.0\n",
			"crumb: template.yaml not found, and crumb does not read main.tf; to serve Go programs without a template: crumb run ./cmd/api",
			"crumb: name the folder of a program, as in crumb run ./cmd/api"},
		{"doors", "cmd/rest/main.go", "package main\n\nimport (\n\t\"github.com/aws/aws-lambda-go/events\"\n\t\"github.com/aws/aws-lambda-go/lambda\"\n)\n\nfunc main() { lambda.Start(func(events.APIGatewayProxyRequest) {}) }\n",
			"crumb: template.yaml not found, and crumb does not read main.tf; to serve Go programs without a template: crumb run ./cmd/api or crumb run --door rest ./cmd/rest", "crumb: name the folder of a program, as in crumb run ./cmd/api or crumb run --door rest ./cmd/rest"},
		{"not-http", "cmd/rest/main.go", "package main\n\nimport (\n\t\"github.com/aws/aws-lambda-go/events\"\n\t\"github.com/aws/aws-lambda-go/lambda\"\n)\n\nfunc main() { lambda.Start(func(events.SQSEvent) {}) }\n",
			"crumb: template.yaml not found, and crumb does not read main.tf; to serve Go programs without a template: crumb run ./cmd/api; for other events than HTTP: crumb invoke ./cmd/rest --event FILE", ""},
		{"none-left", "cmd/rest/main.go", "package main\n\nfunc main() {}\n", "", ""},
	} {
		t.Run(tc.name, func(t *testing.T) {
			write(tc.file, tc.text)
			if got := runFails(t, "start"); tc.start != "" && got != tc.start {
				t.Errorf("crumb start: %s, want %s", got, tc.start)
			}
			if got := runFails(t, "run"); tc.run != "" && got != tc.run {
				t.Errorf("crumb run: %s, want %s", got, tc.run)
			}
		})
	}
	const run = "; to serve Go programs without a template: crumb run ./cmd/api"
	for _, tc := range []struct{ file, start, text string }{
		{"cdk.json", "; to serve cdk.json: npx cdk synth, then crumb start -t cdk.out/STACK.template.json", ""},
		{"cdk.out/Shop.template.json", "; to serve what another tool has written: crumb start -t cdk.out/Shop.template.json", ""},
		{"cdk.out/Shop1.nested.template.json", "; to serve what another tool has written: crumb start -t cdk.out/Shop.template.json", ""},
		{"cdk.out/Web.template.json", "; to serve what another tool has written: crumb start -t cdk.out/Shop.template.json or -t cdk.out/Web.template.json", ""},
		{"serverless.yml", "; to serve serverless.yml: build its programs as for a deployment, npx osls@3 package, then crumb start -t .serverless/cloudformation-template-update-stack.json", "frameworkVersion: '3'\nprovider: {runtime: provided.al2023, memorySize: 4}\n"},
		{"serverless.yml", "; to serve serverless.yml: build its programs as for a deployment, npx osls@4 package, then", "frameworkVersion: \"^4.0\"\n"},
		{".serverless/cloudformation-template-update-stack.json", "; to serve what another tool has written: crumb start -t .serverless/cloudformation-template-update-stack.json", ""},
	} {
		write(tc.file, tc.text)
		if got := filepath.ToSlash(runFails(t, "start")); !strings.Contains(got, tc.start) || !strings.HasSuffix(got, run) {
			t.Errorf("crumb start beside %s: %s, want %s and %s", tc.file, got, tc.start, run)
		}
	}
	for file, text := range map[string]string{
		"infra/api.yml":               "Resources:\n  F:\n    Type: AWS::Serverless::Function\n",
		"infra/api.json":              `{"Resources": {"F": {"Type": "AWS::Lambda::Function"}}}`,
		"infra/table.yaml":            "Resources:\n  T:\n    Type: AWS::DynamoDB::Table\n",
		"infra/node_modules/a/a.yaml": "Resources:\n  F:\n    Type: AWS::Lambda::Function\n",
		"infra/notes.json":            `"AWS::Lambda::Function"`,
	} {
		write(file, text)
	}
	const templates = "; to serve a template: crumb start -t infra/api.json or -t infra/api.yml; "
	if got := filepath.ToSlash(runFails(t, "start")); !strings.Contains(got, templates) || !strings.HasSuffix(got, run) {
		t.Errorf("crumb start above templates: %s, want %s and %s", got, templates, run)
	}
	if got := runFails(t, "start", "-t", "none.yaml"); !strings.HasPrefix(got, "crumb: none.yaml not found: run crumb") {
		t.Errorf("crumb start -t none.yaml: %s", got)
	}
	if got := runFails(t, "run", "cmd/api", "--timeout", "16m"); got != "crumb: a time limit of 16m0s: Lambda's are from 1s to 15m" {
		t.Errorf("crumb run --timeout 16m: %s", got)
	}
}

func TestFirst(t *testing.T) {
	dirs := slices.Repeat([]string{"./a b"}, 14)
	if got, want := first(dirs, " "), strings.Repeat("'./a b' ", 12)+"(and 2 more)"; got != want && runtime.GOOS != "windows" {
		t.Errorf("first(%q) = %s, want %s", dirs, got, want)
	}
}

// A path in place of a name is that of a program without a template.
func TestInvokePackage(t *testing.T) {
	code, event, stderr := crumb(t, "", "event", "url", "GET", "/")
	if code != 0 {
		t.Fatalf("crumb event = %d, %s", code, stderr)
	}
	code, response, stderr := crumb(t, event, "invoke", "../../functions/setcookie", "--event", "-")
	if code != 0 || !strings.Contains(response, "username=Cobby; ") {
		t.Errorf("crumb invoke = %d, %s, %s", code, response, stderr)
	}
	if code, _, stderr := crumb(t, event, "invoke", "index", "--table", "orders=id"); code != 1 || !strings.HasPrefix(stderr, "crumb: --table is for a program without a template") {
		t.Errorf("crumb invoke --table = %d, %s", code, stderr)
	}
	code, _, stderr = crumb(t, event, "invoke", "../../shared/cookie", "--event", "-")
	if code != 1 || !strings.HasSuffix(stderr, "has the package cookie, not main\n") {
		t.Errorf("crumb invoke of no program = %d, %s", code, stderr)
	}
}
