package foreign_test

import (
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/crumb-go/crumb/e2e/testenv"
	"github.com/crumb-go/crumb/internal/app"
	"github.com/crumb-go/crumb/internal/sam"
)

// TestExpansion compares what crumb reads from each project with the output of
// the SAM translator, which AWS runs on deployment.
func TestExpansion(t *testing.T) {
	expand := filepath.Join("..", "cloud", "expand.py")
	python := testenv.Python(t, filepath.Join("..", "cloud", "requirements.txt"))
	seen := map[string]bool{"plain": true} // the translator leaves APIs of plain CloudFormation as they are
	for _, p := range projects {
		if seen[p.name] {
			continue
		}
		seen[p.name] = true
		t.Run(p.name, func(t *testing.T) {
			t.Parallel()
			template, err := sam.Read(sam.Find(folder(t, p.name)), sam.Options{})
			if err != nil {
				t.Fatal(err)
			}
			cmd := exec.Command(python, expand, template.File)
			var stderr strings.Builder
			cmd.Stderr = &stderr
			out, err := cmd.Output()
			if err != nil {
				t.Fatalf("%s: %v\n%s", cmd, err, stderr.String())
			}
			var e expansion
			if err := json.Unmarshal(out, &e); err != nil {
				t.Fatal(err)
			}
			got, want := facts(template), e.facts(template)
			if len(want) < 2 {
				t.Fatalf("the expansion has %d facts", len(want))
			}
			if got, want := strings.Join(got, "\n"), strings.Join(want, "\n"); got != want {
				t.Errorf("crumb reads\n%s\n\nthe translator\n%s", got, want)
			}
		})
	}
}

// facts returns the routes, variables and settings of a template, a line each.
func facts(template *app.App) []string {
	var lines []string
	for _, f := range template.Functions {
		lines = append(lines, fmt.Sprintf("function %s handler=%s runtime=%s timeout=%.0f memory=%d log=%s",
			f.ID, f.Handler, f.Runtime, f.Timeout.Seconds(), f.MemoryMB, f.LogFormat))
		for name, value := range f.Env {
			lines = append(lines, fmt.Sprintf("env %s %s=%s", f.ID, name, value))
		}
	}
	for _, api := range template.APIs {
		if api.Kind == app.URL {
			lines = append(lines, fmt.Sprintf("url %s stream=%t open=%t", api.Routes[0].Function.ID, api.Stream, api.Routes[0].Authorizer == ""))
			continue
		}
		lines = append(lines, fmt.Sprintf("api %s %s stage=%s", api.Kind, api.ID, api.Stage))
		for name, value := range api.StageVariables {
			lines = append(lines, fmt.Sprintf("stage variable %s %s=%s", api.ID, name, value))
		}
		for _, r := range api.Routes {
			lines = append(lines, fmt.Sprintf("route %s %s %s %s payload=%s", api.ID, r.Method, r.Path, r.Function.ID, r.Payload))
		}
	}
	slices.Sort(lines)
	return lines
}

// An expansion is a CloudFormation template, reduced to what facts needs.
type expansion struct {
	Parameters map[string]struct{ Default string }
	Resources  map[string]struct {
		Type       string
		Properties struct {
			Handler, Runtime    string
			Timeout, MemorySize int
			LoggingConfig       struct{ LogFormat string }
			Environment         struct{ Variables map[string]any }

			Body struct {
				Paths map[string]map[string]json.RawMessage
			}
			StageName                 any
			RestAPIID                 struct{ Ref string } `json:"RestApiId"`
			APIID                     struct{ Ref string } `json:"ApiId"`
			Variables, StageVariables map[string]any

			TargetFunctionArn    struct{ Ref string }
			AuthType, InvokeMode string
		}
	}
}

// facts returns those of e. For a value that only a deployed stack has it uses
// crumb's placeholder, if there is one.
func (e expansion) facts(template *app.App) []string {
	placeholders := map[string]string{}
	for _, f := range template.Functions {
		for name, value := range f.Env {
			placeholders[f.ID+" "+name] = value
		}
	}
	value := func(v any, key string) string {
		if text, ok := e.resolve(v); ok {
			return text
		}
		if placeholders[key] == "" {
			return fmt.Sprintf("(a placeholder for %v)", v)
		}
		return placeholders[key]
	}
	var lines []string
	add := func(format string, args ...any) { lines = append(lines, fmt.Sprintf(format, args...)) }
	for _, id := range slices.Sorted(maps.Keys(e.Resources)) {
		p := e.Resources[id].Properties
		switch e.Resources[id].Type {
		case "AWS::Lambda::Function":
			timeout, memory := cmp.Or(p.Timeout, 3), cmp.Or(p.MemorySize, 128) // absent: Lambda's defaults
			add("function %s handler=%s runtime=%s timeout=%d memory=%d log=%s", id, p.Handler, p.Runtime, timeout, memory, p.LoggingConfig.LogFormat)
			for name, v := range p.Environment.Variables {
				add("env %s %s=%s", id, name, value(v, id+" "+name))
			}
		case "AWS::ApiGateway::Stage":
			add("api rest %s stage=%s", p.RestAPIID.Ref, value(p.StageName, ""))
			for name, v := range p.Variables {
				add("stage variable %s %s=%s", p.RestAPIID.Ref, name, value(v, ""))
			}
		case "AWS::ApiGatewayV2::Stage":
			add("api http %s stage=%s", p.APIID.Ref, value(p.StageName, ""))
			for name, v := range p.StageVariables {
				add("stage variable %s %s=%s", p.APIID.Ref, name, value(v, ""))
			}
		case "AWS::ApiGateway::RestApi", "AWS::ApiGatewayV2::Api":
			for path, methods := range p.Body.Paths {
				for method, operation := range methods {
					lines = append(lines, routeFact(id, path, method, operation)...)
				}
			}
		case "AWS::Lambda::Url":
			add("url %s stream=%t open=%t", p.TargetFunctionArn.Ref, p.InvokeMode == "RESPONSE_STREAM", p.AuthType == "NONE")
		}
	}
	slices.Sort(lines)
	return lines
}

// resolve returns v as CloudFormation resolves it from the parameters' defaults,
// false if these are not enough.
func (e expansion) resolve(v any) (string, bool) {
	if text, ok := v.(string); ok {
		return text, true
	}
	call, _ := v.(map[string]any)
	if name, ok := call["Ref"].(string); ok {
		p, ok := e.Parameters[name]
		return p.Default, ok
	}
	text, ok := call["Fn::Sub"].(string)
	for name, p := range e.Parameters {
		text = strings.ReplaceAll(text, "${"+name+"}", p.Default)
	}
	return text, ok && !strings.Contains(text, "${")
}

// arn finds the function in the URI of an integration.
var arn = regexp.MustCompile(`\$\{(\w+)\.Arn\}`)

func routeFact(api, path, method string, operation json.RawMessage) []string {
	var o struct {
		Integration struct {
			URI     json.RawMessage `json:"uri"`
			Payload string          `json:"payloadFormatVersion"`
		} `json:"x-amazon-apigateway-integration"`
	}
	if err := json.Unmarshal(operation, &o); err != nil {
		return []string{fmt.Sprintf("route %s %s %s: %v", api, method, path, err)}
	}
	function := arn.FindSubmatch(o.Integration.URI)
	if function == nil {
		return nil // API Gateway's own response, as to a preflight
	}
	method = strings.ToUpper(method)
	if method == "X-AMAZON-APIGATEWAY-ANY-METHOD" {
		method = "ANY"
	}
	if o.Integration.Payload == "" {
		o.Integration.Payload = "1.0" // the only version of a REST API
	}
	return []string{fmt.Sprintf("route %s %s %s %s payload=%s", api, method, path, function[1], o.Integration.Payload)}
}
