package foreign_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/crumb-go/crumb/e2e/testenv"
	"github.com/crumb-go/crumb/internal/app"
	"github.com/crumb-go/crumb/internal/sam"
)

// TestCombinations compares templates of one API with a definition and an event, in
// every mixture of what decides who serves and who guards a route, with the output of
// the SAM translator: crumb refuses what it refuses, and serves the same routes, guarded
// by the same.
func TestCombinations(t *testing.T) {
	python := testenv.Python(t, filepath.Join("..", "cloud", "requirements.txt"))
	templates := combinations(250)
	input, err := json.Marshal(templates)
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(python, filepath.Join("..", "cloud", "expand.py"))
	cmd.Stdin = bytes.NewReader(input)
	var stderr strings.Builder
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%s: %v\n%s", cmd, err, stderr.String())
	}
	var expanded []bodies
	if err := json.Unmarshal(out, &expanded); err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "template.yaml")
	served, refused := 0, 0
	for i, template := range templates {
		if err := os.WriteFile(file, []byte(template), 0o600); err != nil {
			t.Fatal(err)
		}
		got, err := sam.Read(file, sam.Options{})
		if err != nil {
			t.Fatalf("%v\n%s", err, template)
		}
		have, want := guarded(got), expanded[i].guarded()
		if expanded[i].Error != "" {
			refused++
		} else {
			served += len(want)
		}
		for route, by := range want {
			if ignoredDefault(template) && (by == "" || have[route] == "T") && have[route] != "" {
				want[route] = have[route] // noted, and closed here
			}
		}
		if is := refusals(got); (is == "") != (expanded[i].Error == "") || is == "" && !maps.Equal(have, want) {
			t.Errorf("crumb serves %v, refuses %q\nthe translator %v, refuses %q\n%s", have, is, want, expanded[i].Error, template)
		}
	}
	if served < 150 || refused < 50 {
		t.Errorf("%d routes are served and %d templates refused, which proves little", served, refused)
	}
}

// ignoredDefault reports whether SAM ignores a DefaultAuthorizer.
func ignoredDefault(template string) bool {
	return strings.Contains(template, "Auth: {DefaultAuthorizer: T}") && strings.Contains(template, "Serverless::Api")
}

// combinations returns templates, always the same.
func combinations(n int) []string {
	random := rand.New(rand.NewPCG(5, 6))
	one := func(of ...string) string { return of[random.IntN(len(of))] }
	seen := map[string]bool{}
	var all []string
	for len(all) < n {
		template := combination(one)
		if !seen[template] {
			seen[template] = true
			all = append(all, template)
		}
	}
	return all
}

func combination(one func(...string) string) string {
	kind := one("Api", "HttpApi")
	rest := kind == "Api"
	authorizer, version, id := "T: {UserPoolArn: arn}, U: {UserPoolArn: arn}", `swagger: "2.0"`, "RestApiId"
	properties := "StageName: x"
	if !rest {
		authorizer = "T: {IdentitySource: $request.header.A, JwtConfiguration: {issuer: i, audience: [b]}}, U: {IdentitySource: $request.header.A, JwtConfiguration: {issuer: i, audience: [b]}}"
		version, id, properties = "openapi: 3.0.1", "ApiId", "StageName: $default"
	}
	auths := []string{"", "", ", Auth: {Authorizers: {A}}", ", Auth: {DefaultAuthorizer: T, Authorizers: {A}}", ", Auth: {DefaultAuthorizer: T, Authorizers: {A}}", ", Auth: {DefaultAuthorizer: T}"}
	eventAuths := []string{"", "", ", Auth: {Authorizer: T}", ", Auth: {Authorizer: U}", ", Auth: {Authorizer: NONE}", ", Auth: {Authorizer: NONE}", ", Auth: {AuthorizationScopes: [s]}"}
	if rest {
		auths = append(auths, ", Auth: {ApiKeyRequired: true}", ", Auth: {DefaultAuthorizer: AWS_IAM}",
			", Auth: {ApiKeyRequired: true, DefaultAuthorizer: T, Authorizers: {A}}",
			", Auth: {ApiKeyRequired: true, DefaultAuthorizer: T, Authorizers: {A}, AddDefaultAuthorizerToCorsPreflight: false, AddApiKeyRequiredToCorsPreflight: false}")
		eventAuths = append(eventAuths, ", Auth: {ApiKeyRequired: true}", ", Auth: {ApiKeyRequired: false}", `, Auth: {ApiKeyRequired: "false"}`,
			", Auth: {Authorizer: NONE, ApiKeyRequired: true}", ", Auth: {Authorizer: AWS_IAM}")
		for _, a := range eventAuths[2:] {
			eventAuths = append(eventAuths, strings.Replace(a, "{", "{OverrideApiAuth: true, ", 1))
		}
	} else {
		auths = append(auths, ", Auth: {EnableIamAuthorizer: true}", ", Auth: {EnableIamAuthorizer: true, DefaultAuthorizer: AWS_IAM}")
		eventAuths = append(eventAuths, ", Auth: {Authorizer: AWS_IAM}")
	}
	properties += strings.Replace(one(auths...), "{A}", "{"+authorizer+"}", 1)
	if one("none", "body", "body", "body") == "body" {
		operation := func(function string) string {
			var parts []string
			if i := one("", "i", "i", "i"); i != "" {
				parts = append(parts, "x-amazon-apigateway-integration: {type: aws_proxy, httpMethod: POST, uri: !Sub \"arn:aws:apigateway:${AWS::Region}:lambda:path/2015-03-31/functions/${"+function+".Arn}/invocations\"}")
			}
			if s := one("", "", "", "[]", "[{T: []}]", "[{NONE: []}]", "[{api_key: []}]", "[{T: []}, {api_key: []}]", "[{}]"); s != "" {
				parts = append(parts, "security: "+s)
			}
			return "{" + strings.Join(parts, ", ") + "}"
		}
		get := one("get", "get", "x-amazon-apigateway-any-method", "options")
		paths := one("{"+get+": "+operation("G")+"}", "{"+get+": "+operation("G")+", put: "+operation("G")+"}")
		security := one("", "", ", security: [{T: []}]", ", security: [{api_key: []}]")
		properties += ", DefinitionBody: {" + version + ", info: {title: a}, paths: {/a: " + paths + "}" + security + "}"
		if rest {
			properties += one("", "", "", ", MergeDefinitions: true", ", MergeDefinitions: true", `, MergeDefinitions: "false"`)
		}
	}
	event := fmt.Sprintf("%s: {Type: %s, Properties: {Path: %s, Method: %s, %s: !Ref A%s}}", "%s", kind,
		"%s", one("get", "get", "GET", "any", "x-amazon-apigateway-any-method", "options"), id, "%s")
	events := fmt.Sprintf(event, "E", one("/a", "/a", "/a", "/b"), one(eventAuths...))
	second := ""
	if one("", "", "", "second") != "" {
		second = ", Events: {" + fmt.Sprintf(event, "S", "/c", one(eventAuths...)) + "}"
	}
	const function = "{Type: AWS::Serverless::Function, Properties: {CodeUri: s3://a/b, Handler: b, Runtime: provided.al2023%s}}\n"
	return "Transform: AWS::Serverless-2016-10-31\nResources:\n  F: " + fmt.Sprintf(function, ", Events: {"+events+"}") +
		"  G: " + fmt.Sprintf(function, second) + "  A: {Type: AWS::Serverless::" + kind + ", Properties: {" + properties + "}}\n"
}

func refusals(a *app.App) string {
	var texts []string
	for _, f := range a.Findings {
		if f.Severity == app.Refused {
			texts = append(texts, f.Text)
		}
	}
	return strings.Join(texts, "; ")
}

// guarded returns the routes that crumb serves, with their functions, and what guards
// each.
func guarded(a *app.App) map[string]string {
	routes := map[string]string{}
	for _, api := range a.APIs {
		for _, r := range api.Routes {
			routes[r.Method+" "+r.Path+" "+r.Function.ID] = r.Authorizer
		}
	}
	return routes
}

// bodies are the definitions of a translated template.
type bodies struct {
	Error     string
	Resources map[string]struct {
		Properties struct {
			Body struct {
				Security []map[string]any
				Paths    map[string]map[string]struct {
					Security    *[]map[string]any
					Integration struct {
						URI json.RawMessage `json:"uri"`
					} `json:"x-amazon-apigateway-integration"`
				}
			}
		}
	}
}

// guarded is as for an app.
func (b bodies) guarded() map[string]string {
	routes := map[string]string{}
	for _, r := range b.Resources {
		body := r.Properties.Body
		for path, operations := range body.Paths {
			for method, o := range operations {
				function := arn.FindSubmatch(o.Integration.URI)
				const anyMethod = "x-amazon-apigateway-any-method"
				if _, both := operations[anyMethod]; function == nil || method == "any" && both {
					continue // any is not a method of OpenAPI; MergeDefinitions leaves it
				}
				security := body.Security
				if o.Security != nil {
					security = *o.Security
				}
				if method = strings.ToUpper(method); method == strings.ToUpper(anyMethod) {
					method = "ANY"
				}
				routes[method+" "+path+" "+string(function[1])] = firstOf(security)
			}
		}
	}
	return routes
}

// firstOf returns what guards an operation: the first authorizer, or else the key.
func firstOf(security []map[string]any) string {
	by := ""
	for _, requirement := range security {
		for _, name := range slices.Sorted(maps.Keys(requirement)) {
			switch {
			case name == "NONE" || name == "api_key_false":
			case name == "api_key":
				by = "ApiKeyRequired"
			default:
				return name
			}
		}
	}
	return by
}
