package sam_test

import (
	"cmp"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/crumb-go/crumb/internal/app"
	"github.com/crumb-go/crumb/internal/cfn"
	"github.com/crumb-go/crumb/internal/sam"
)

// project writes a template and the definitions that it names, and returns its
// path.
func project(t *testing.T, template string) string {
	t.Helper()
	dir := t.TempDir()
	write := func(name, text string) {
		if first, _, _ := strings.Cut(name, "/"); name != "template.yaml" && !strings.Contains(template, first) {
			return
		}
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	write("template.yaml", template)
	const integration = "x-amazon-apigateway-integration: {type: aws_proxy, uri: !GetAtt F.Arn}"
	write("open.yaml", "openapi: 3.0.1\npaths: {/a: {get: {"+integration+"}}}\n")
	write("secured.yaml", "openapi: 3.0.1\npaths: {/a: {get: {security: [{Key: []}], "+integration+"}}}\n")
	write("branching.yaml", "paths:\n"+
		"  /item: {Fn::If: [No, {get: {"+integration+"}}, {put: {"+integration+"}}]}\n"+
		"  /operation: {get: {Fn::If: [Yes, {"+integration+"}, {}]}}\n"+
		"  /integration: {get: {security: {Fn::If: [Yes, [{Own: []}], []]}, x-amazon-apigateway-integration: {Fn::If: [No, {type: mock}, {type: aws_proxy, uri: !GetAtt F.Arn}]}}}\n")
	write("including.yaml", "paths: {Fn::Transform: {Name: AWS::Include, Parameters: {Location: including.yaml}}}\n")
	return filepath.Join(dir, "template.yaml")
}

// refusals reads a template, and returns as an error what AWS would refuse, and why
// nothing can be made of it.
func refusals(file string, o sam.Options) (*app.App, error) {
	got, err := sam.Read(file, o)
	if err != nil {
		return nil, err
	}
	var errs []error
	for _, f := range got.Findings {
		if f.Severity == app.Refused {
			errs = append(errs, &cfn.Error{File: cmp.Or(f.File, got.File), Line: f.Line, Text: f.Text})
		}
	}
	return got, errors.Join(errs...)
}

const oneRoute = `Transform: AWS::Serverless-2016-10-31
Globals:
  Function:
    Runtime: provided.al2023
    Handler: bootstrap
    Timeout: 10
    MemorySize: 256
    Environment:
      Variables:
        STAGE: !Ref Stage
        LOG: info
Parameters:
  Stage: {Type: String, Default: prod}
Resources:
  Api:
    Type: AWS::Serverless::Api
    Properties: {StageName: !Ref Stage, OpenApiVersion: 3.0.1}
  SetCookieFunction:
    Type: AWS::Serverless::Function
    Metadata: {BuildMethod: go1.x}
    Properties:
      CodeUri: code/
      Environment:
        Variables:
          LOG: debug
      Events:
        Set:
          Type: Api
          Properties: {Path: /setcookie, Method: ANY, RestApiId: !Ref Api}
`

func TestRead(t *testing.T) {
	file := project(t, oneRoute)
	got, err := sam.Read(file, sam.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if len(got.Functions) != 1 || len(got.APIs) != 1 || len(got.Findings) != 0 {
		t.Fatalf("Read = %d functions, %d APIs, notes %v, want 1, 1, none", len(got.Functions), len(got.APIs), got.Findings)
	}
	fn, api := got.Functions[0], got.APIs[0]
	if want := filepath.Join(filepath.Dir(file), "code"); fn.Dir != want {
		t.Errorf("Dir = %q, want %q", fn.Dir, want)
	}
	if fn.ID != "SetCookieFunction" || fn.Timeout != 10*time.Second || fn.MemoryMB != 256 || fn.BuildMethod != "go1.x" {
		t.Errorf("function = %+v", fn)
	}
	if len(fn.Env) != 2 || fn.Env["STAGE"] != "prod" || fn.Env["LOG"] != "debug" {
		t.Errorf("Env = %v, want STAGE=prod LOG=debug", fn.Env)
	}
	if api.ID != "Api" || api.Kind != app.REST || api.Stage != "prod" || len(api.Routes) != 1 {
		t.Fatalf("API = %+v", api)
	}
	if r := api.Routes[0]; r.Method != "ANY" || r.Path != "/setcookie" || r.Function != fn || r.Payload != "1.0" || r.Line != 27 {
		t.Errorf("route = %+v", r)
	}
}
