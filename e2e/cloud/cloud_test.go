// Package cloud rehearses the deployment, as far as possible without an account:
// cfn-lint, the SAM transform, our own rules for its result, and the stack in
// moto.
package cloud

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/crumb-go/crumb/e2e/testenv"
	"github.com/crumb-go/crumb/internal/sam"
	"github.com/crumb-go/crumb/internal/scaffold"
)

// A stack is a template after the SAM transform, as CloudFormation gets it.
type stack struct {
	file      string // the expansion as JSON
	Resources map[string]resource
}

type resource struct {
	Type         string
	Properties   properties
	UpdatePolicy properties
}

// properties are the members of an object. Intrinsic functions stay as they are.
type properties map[string]any

func TestTemplates(t *testing.T) {
	python := testenv.Python(t, "requirements.txt")
	dir := t.TempDir()
	var files []string
	for _, file := range []string{"template.yaml", "template-http.yaml"} {
		t.Run(file, func(t *testing.T) {
			template := filepath.Join(testenv.Root(t), file)
			testSource(t, template)
			s := expand(t, python, template, dir)
			files = append(files, template, s.file)
			testFunctions(t, s, template)
			testExposure(t, s)
			testPrivileges(t, s)
			testSecrets(t, s)
			testSessions(t, s)
			testGuesses(t, s)
			testAlarms(t, s)
			testLogs(t, s)
		})
	}
	lint(t, files...)
}

// The projects that crumb init writes keep the rules that do not depend on what a
// project is for.
func TestExamples(t *testing.T) {
	python := testenv.Python(t, "requirements.txt")
	var files []string
	for _, template := range scaffold.Templates {
		t.Run(template, func(t *testing.T) {
			file := filepath.Join(testenv.Root(t), "examples", template, "template.yaml")
			testSource(t, file)
			s := expand(t, python, file, t.TempDir())
			files = append(files, file)
			testPrivileges(t, s)
			testSecrets(t, s)
			if n := s.of("AWS::Lambda::Function", func(id string, p properties) {
				if got := text(p["Architectures"]); got != `["arm64"]` {
					t.Errorf("%s: Architectures %s", id, got)
				}
				if group, _ := p.get("LoggingConfig", "LogGroup", "Ref").(string); s.Resources[group].Properties["RetentionInDays"] == nil {
					t.Errorf("%s keeps logs for ever", id)
				}
			}); n == 0 {
				t.Error("no function")
			}
		})
	}
	lint(t, files...)
}

// expand applies the SAM transform, as CloudFormation does first, and also writes
// the result to dir.
func expand(t *testing.T, python, template, dir string) stack {
	t.Helper()
	var stderr strings.Builder
	cmd := exec.Command(python, "expand.py", template)
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%s: %v\n%s", cmd, err, stderr.String())
	}
	s := stack{file: filepath.Join(dir, filepath.Base(template)+".json")}
	if err := os.WriteFile(s.file, out, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(out, &s); err != nil {
		t.Fatal(err)
	}
	if len(s.Resources) == 0 {
		t.Fatalf("%s has no resource", template)
	}
	return s
}

// lint runs cfn-lint, whose warnings count as errors.
func lint(t *testing.T, files ...string) {
	t.Helper()
	cmd := exec.Command(testenv.Tool(t, "cfn-lint"), append([]string{"--regions", "us-east-1", "--"}, files...)...)
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Errorf("%s: %v\n%s", cmd, err, out)
	}
}

// of calls f for each resource of a type, and returns how many there are.
func (s stack) of(kind string, f func(id string, p properties)) int {
	n := 0
	for id, r := range s.Resources {
		if r.Type == kind {
			n++
			if f != nil {
				f(id, r.Properties)
			}
		}
	}
	return n
}

// get returns the value at a path of members, or nil.
func (p properties) get(path ...string) any {
	var v any = map[string]any(p)
	for _, name := range path {
		object, _ := v.(map[string]any)
		v = object[name]
	}
	return v
}

// text returns a value as JSON.
func text(v any) string {
	b, _ := json.Marshal(v) // came from JSON
	return string(b)
}

func testFunctions(t *testing.T, s stack, file string) {
	template, err := sam.Read(file, sam.Options{})
	if err != nil {
		t.Fatal(err)
	}
	routed := map[string]bool{}
	for _, api := range template.APIs {
		for _, r := range api.Routes {
			routed[r.Function.ID] = true
		}
	}
	n := s.of("AWS::Lambda::Function", func(id string, p properties) {
		if p["Runtime"] != "provided.al2023" || p["Handler"] != "bootstrap" {
			t.Errorf("%s runs %v %v", id, p["Runtime"], p["Handler"])
		}
		if timeout, _ := p["Timeout"].(float64); timeout < 1 || routed[id] && timeout > 30 {
			t.Errorf("%s: Timeout %v, and API Gateway waits 29 or 30 seconds", id, p["Timeout"])
		}
		if p.get("TracingConfig", "Mode") != "Active" {
			t.Errorf("%s is not traced", id)
		}
		role, _ := p.get("Role", "Fn::GetAtt").([]any)
		if len(role) != 2 || s.Resources[role[0].(string)].Type != "AWS::IAM::Role" {
			t.Errorf("%s: Role %s is not in the template", id, text(p["Role"]))
		}
		if group, _ := p.get("LoggingConfig", "LogGroup", "Ref").(string); s.Resources[group].Type != "AWS::Logs::LogGroup" {
			t.Errorf("%s: log group %s is not in the template, and would keep logs for ever", id, text(p.get("LoggingConfig", "LogGroup")))
		}
		if format := p.get("LoggingConfig", "LogFormat"); format != "JSON" {
			t.Errorf("%s: log format %v, and only in JSON Lambda's own lines have a status", id, format)
		}
		if environment := text(p["Environment"]); strings.Contains(environment, "{{resolve:") {
			t.Errorf("%s: a secret in the environment can be read in the console: %s", id, environment)
		}
	})
	if n == 0 || n != len(template.Functions) {
		t.Errorf("%d functions, want the %d that crumb runs", n, len(template.Functions))
	}
}
