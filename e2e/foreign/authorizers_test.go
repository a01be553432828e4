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

// TestAuthorizers compares authorizers of many mixtures of properties with the output of
// the SAM translator: crumb refuses what it refuses, and reads the same kind, function,
// identity sources, times, payload, expressions, issuers and scopes.
func TestAuthorizers(t *testing.T) {
	python := testenv.Python(t, filepath.Join("..", "cloud", "requirements.txt"))
	templates := authorizerTemplates(300)
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
	var expanded []schemes
	if err := json.Unmarshal(out, &expanded); err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "template.yaml")
	read, refused := 0, 0
	for i, template := range templates {
		if err := os.WriteFile(file, []byte(template), 0o600); err != nil {
			t.Fatal(err)
		}
		got, err := sam.Read(file, sam.Options{})
		if err != nil {
			t.Fatalf("%v\n%s", err, template)
		}
		have, want := authorizerFacts(got), expanded[i].facts(t)
		if expanded[i].Error == "" {
			read++
		} else {
			refused++
		}
		if is := refusals(got); (is == "") != (expanded[i].Error == "") || is == "" && have != want {
			t.Errorf("crumb reads\n%s\nrefuses %q\nthe translator\n%s\nrefuses %q\n%s", have, is, want, expanded[i].Error, template)
		}
	}
	if read < 100 || refused < 50 {
		t.Errorf("%d templates are read and %d refused, which proves little", read, refused)
	}
}

func authorizerTemplates(n int) []string {
	random := rand.New(rand.NewPCG(7, 8))
	one := func(of ...string) string { return of[random.IntN(len(of))] }
	seen := map[string]bool{}
	var all []string
	for len(all) < n {
		if template := authorizerTemplate(one); !seen[template] {
			seen[template] = true
			all = append(all, template)
		}
	}
	return all
}

// authorizerTemplate returns a template with an API, an authorizer and a route that it
// guards. Each property has its usual value more often than a wrong one.
func authorizerTemplate(one func(...string) string) string {
	kind, id, stage := one("Api", "HttpApi"), "RestApiId", "x"
	identity := func(names ...string) string {
		var parts []string
		for _, name := range names {
			if v := one("", "", "["+name+"A]", "["+name+"A, "+name+"B]", "[]"); v != "" {
				parts = append(parts, name+": "+v)
			}
		}
		if v := one("", "0", "0", "60", "3600"); v != "" {
			parts = append(parts, "ReauthorizeEvery: "+v)
		}
		return strings.Join(parts, ", ")
	}
	var parts []string
	add := func(of ...string) {
		if v := one(of...); v != "" {
			parts = append(parts, v)
		}
	}
	const arn = "FunctionArn: !GetAtt Auth.Arn"
	if kind == "Api" {
		add(arn, arn, arn, "UserPoolArn: !GetAtt Pool.Arn", "UserPoolArn: [!GetAtt Pool.Arn, a]", arn+", UserPoolArn: a")
		add("", "FunctionPayloadType: TOKEN", "FunctionPayloadType: REQUEST", "FunctionPayloadType: REQUEST", "FunctionPayloadType: BOTH")
		add("", "DisableFunctionDefaultPermissions: true", `DisableFunctionDefaultPermissions: "true"`)
		parts = append(parts, "Identity: {"+strings.Trim(one("", "Header: X-Token, ", "Header: X-Token, ValidationExpression: ^a+$, ")+
			identity("Headers", "QueryStrings", "StageVariables", "Context"), ", ")+"}")
		add("", "AuthorizationScopes: [a, b]", "AuthorizationScopes: []", "AuthorizationScopes: a")
	} else {
		id, stage = "ApiId", "$default"
		if one("lambda", "lambda", "jwt") == "lambda" {
			add(arn, arn, arn, arn, "")
			add(`AuthorizerPayloadFormatVersion: "2.0"`, `AuthorizerPayloadFormatVersion: "1.0"`, "AuthorizerPayloadFormatVersion: 2.0", "")
			add("", "", "EnableFunctionDefaultPermissions: true", "EnableFunctionDefaultPermissions: false", "EnableFunctionDefaultPermissions: maybe")
			if parts = append(parts, "Identity: {"+identity("Headers", "QueryStrings", "StageVariables", "Context")+"}"); strings.Contains(strings.Join(parts, ""), "2.0") {
				add("", "EnableSimpleResponses: true", "EnableSimpleResponses: false")
			}
			add("", "", "", "", "AuthorizationScopes: [a]", "IdentitySource: $request.header.A")
		} else {
			add("JwtConfiguration: {issuer: https://i, audience: [a, b]}", "JwtConfiguration: {Issuer: https://i/, Audience: [a]}")
			add("IdentitySource: $request.header.A", "IdentitySource: $request.querystring.token", "")
			add("", "AuthorizationScopes: [a, b]", "AuthorizationScopes: []", "AuthorizationScopes: a")
			add("", "", "", "", "EnableSimpleResponses: true", "Identity: {Headers: [A]}", "FunctionInvokeRole: r")
		}
	}
	auth := one("", "", ", Auth: {Authorizer: T}", ", Auth: {Authorizer: T, AuthorizationScopes: [c]}", ", Auth: {Authorizer: T, AuthorizationScopes: []}")
	if kind == "HttpApi" {
		auth = one(auth, ", Auth: {AuthorizationScopes: [c, d]}")
	}
	const function = "{Type: AWS::Serverless::Function, Properties: {CodeUri: s3://a/b, Handler: b, Runtime: provided.al2023%s}}\n"
	return "Transform: AWS::Serverless-2016-10-31\nResources:\n  Pool: {Type: AWS::Cognito::UserPool}\n" +
		"  F: " + fmt.Sprintf(function, ", Events: {E: {Type: "+kind+", Properties: {Path: /a, Method: get, "+id+": !Ref A"+auth+"}}}") +
		"  Auth: " + fmt.Sprintf(function, "") +
		"  A: {Type: AWS::Serverless::" + kind + ", Properties: {StageName: " + stage + ", Auth: {DefaultAuthorizer: T, Authorizers: {T: {" + strings.Join(parts, ", ") + "}}}}}\n"
}

// authorizerFacts returns the authorizer of a template that authorizerTemplate returned,
// and the scopes of its route.
func authorizerFacts(a *app.App) string {
	var lines []string
	for _, api := range a.APIs {
		for _, d := range api.Authorizers {
			f := facet{Kind: string(d.Kind), Payload: d.Payload, Simple: d.Simple, Validation: d.Validation, Issuer: d.Issuer, Audience: d.Audience}
			if d.Kind == app.Lambda {
				f.TTL = int(d.TTL.Seconds())
				f.Function = d.Function != nil
			}
			f.Pools = len(d.UserPools)
			for _, s := range d.Sources {
				f.Sources = append(f.Sources, string(s.In)+" "+s.Name)
			}
			lines = append(lines, fmt.Sprintf("%+v", f))
		}
		for _, r := range api.Routes {
			lines = append(lines, fmt.Sprint(r.Path, " ", r.Authorizer, " ", r.Scopes))
		}
	}
	return strings.Join(lines, "\n")
}

// A facet is what both say about an authorizer.
type facet struct {
	Kind               string
	Function           bool
	Sources            []string
	TTL                int
	Payload            string
	Simple             bool
	Validation, Issuer string
	Audience           []string
	Pools              int
}

// schemes are the security schemes and requirements of a translated template.
type schemes struct {
	Error     string
	Resources map[string]struct {
		Properties struct {
			Body struct {
				SecurityDefinitions map[string]scheme
				Components          struct{ SecuritySchemes map[string]scheme }
				Paths               map[string]map[string]struct {
					Security []map[string][]string
				}
			}
		}
	}
}

type scheme struct {
	Name       string
	Authorizer struct {
		Type                           string
		AuthorizerURI                  json.RawMessage `json:"authorizerUri"`
		AuthorizerResultTTLInSeconds   *int            `json:"authorizerResultTtlInSeconds"`
		IdentitySource                 json.RawMessage
		IdentityValidationExpression   string
		ProviderARNs                   []any `json:"providerARNs"`
		AuthorizerPayloadFormatVersion json.RawMessage
		EnableSimpleResponses          bool
		JWTConfiguration               struct {
			Issuer   string
			Audience []string
		} `json:"jwtConfiguration"`
	} `json:"x-amazon-apigateway-authorizer"`
}

// facts are as authorizerFacts.
func (s schemes) facts(t *testing.T) string {
	t.Helper()
	var lines []string
	for _, r := range s.Resources {
		body := r.Properties.Body
		all := body.SecurityDefinitions
		if all == nil {
			all = body.Components.SecuritySchemes
		}
		for _, name := range slices.Sorted(maps.Keys(all)) {
			lines = append(lines, fmt.Sprintf("%+v", all[name].facet(t, body.SecurityDefinitions == nil)))
		}
		for path, operations := range body.Paths {
			for _, o := range operations {
				for by, scopes := range o.Security[0] {
					if all[by].Authorizer.ProviderARNs == nil && all[by].Authorizer.Type != "jwt" || len(scopes) == 0 {
						scopes = nil // a Lambda authorizer does not ask for any
					}
					lines = append(lines, fmt.Sprint(path, " ", by, " ", scopes))
				}
			}
		}
	}
	return strings.Join(lines, "\n")
}

func (s scheme) facet(t *testing.T, http bool) facet {
	t.Helper()
	d := s.Authorizer
	f := facet{
		Kind:     map[string]string{"jwt": "jwt", "cognito_user_pools": "cognito"}[d.Type],
		Function: strings.Contains(string(d.AuthorizerURI), `["Auth", "Arn"]`) || strings.Contains(string(d.AuthorizerURI), `"Auth.Arn"`),
		Simple:   d.EnableSimpleResponses, Validation: d.IdentityValidationExpression, Issuer: d.JWTConfiguration.Issuer, Audience: d.JWTConfiguration.Audience,
		Payload: strings.Trim(string(d.AuthorizerPayloadFormatVersion), `"`), Pools: len(d.ProviderARNs),
	}
	if f.Kind == "" {
		f.Kind = "lambda"
		if d.AuthorizerResultTTLInSeconds != nil {
			f.TTL = *d.AuthorizerResultTTLInSeconds
		} else if !http {
			f.TTL = 300
		}
	}
	var expressions []string
	if err := json.Unmarshal(d.IdentitySource, &expressions); err != nil && d.IdentitySource != nil {
		var list string
		if err := json.Unmarshal(d.IdentitySource, &list); err != nil {
			t.Fatal(err)
		}
		expressions = strings.Split(list, ", ")
	}
	if d.Type == "token" || d.Type == "cognito_user_pools" {
		expressions = []string{"method.request.header." + s.Name}
	}
	for _, e := range expressions {
		for _, prefix := range []string{"method.request.", "$request.", "$"} {
			e = strings.TrimPrefix(e, prefix)
		}
		in, name, _ := strings.Cut(e, ".")
		f.Sources = append(f.Sources, in+" "+name)
	}
	if len(f.Sources) == 0 { // API Gateway keeps nothing then
		f.TTL = 0
	}
	return f
}
