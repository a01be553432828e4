package sam_test

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/crumb-go/crumb/internal/sam"
)

// AWS::Include in each place where templates have it, with a local file and without one,
// alone and beside other keys.
func TestIncludes(t *testing.T) {
	dir := t.TempDir()
	write := func(name, text string) {
		t.Helper()
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write("events.yaml", "Hello: {Type: HttpApi, Properties: {Path: /hello, Method: GET}}\n")
	write("variables.json", `{"FROM": {"Fn::Sub": "${AWS::Region}"}}`)
	write("functions.yaml", `
G:
  Type: AWS::Serverless::Function
  Properties: {Runtime: provided.al2023, Handler: bootstrap, CodeUri: ., Events: {G: {Type: HttpApi, Properties: {Path: /g, Method: GET}}}}
`)
	write("mappings.yaml", "M: {dev: {Size: small}}\n")
	write("list.yaml", "[a]\n")
	write("nested.yaml", "Fn::Transform: {Name: AWS::Include, Parameters: {Location: events.yaml}}\n")
	include := func(file string) string {
		return "Fn::Transform: {Name: AWS::Include, Parameters: {Location: " + file + "}}"
	}
	const left = "Fn::Transform is left out: "
	for _, row := range []struct {
		name, events, variables, resources, mappings string
		routes, env, finding                         string
	}{
		{"none", "", "", "", "", "", "OWN=own", ""},
		{"events", include("events.yaml"), "", "", "", "GET /hello", "OWN=own", ""},
		{"events-beside", "A: {Type: HttpApi, Properties: {Path: /a, Method: GET}}, " + include("events.yaml"), "", "", "", "GET /a GET /hello", "OWN=own", ""},
		{"events-in-s3", include("s3://bucket/events.yaml"), "", "", "", "", "OWN=own", left + "it is in S3"},
		{"events-in-s3-beside", "A: {Type: HttpApi, Properties: {Path: /a, Method: GET}}, " + include("s3://bucket/events.yaml"), "", "", "", "GET /a", "OWN=own", left + "it is in S3"},
		{"by-parameter", include("!Ref File"), "", "", "", "GET /hello", "OWN=own", ""},
		{"nested", include("nested.yaml"), "", "", "", "", "OWN=own", left + "an included file cannot include another"},
		{"macro", "Fn::Transform: {Name: Own}", "", "", "", "", "OWN=own", left + "a macro generates it"},
		{"variables", "", include("variables.json"), "", "", "", "FROM=us-east-1 OWN=own", ""},
		{"missing", "", include("missing.json"), "", "", "", "OWN=own", left + "missing.json not found"},
		{"not-a-map", "", include("list.yaml"), "", "", "", "OWN=own", left + "its file is not a map"},
		{"resources", "", "", include("functions.yaml"), "", "GET /g", "OWN=own", ""},
		{"resources-in-s3", "", "", include("s3://bucket/functions.yaml"), "", "", "OWN=own", left + "it is in S3"},
		{"twice", "", "", "G: {Type: \"AWS::SNS::Topic\"}\n  " + include("functions.yaml"), "", "", "OWN=own", left + "its file has G, which is there already"},
		{"elsewhere", "", "", "N: {Type: \"AWS::SNS::Topic\", Properties: {TopicName: n, " + include("s3://bucket/n.yaml") + "}}", "", "", "OWN=own", left + "it is in S3"},
		{"mappings", "", "SIZE: !FindInMap [M, dev, Size]", "", include("mappings.yaml"), "", "OWN=own SIZE=small", ""},
	} {
		t.Run(row.name, func(t *testing.T) {
			write("template.yaml", `Transform: AWS::Serverless-2016-10-31
Parameters: {File: {Type: String, Default: events.yaml}}
Mappings: {Other: {a: {b: c}}`+strings.TrimSuffix(", "+row.mappings, ", ")+`}
Resources:
  F:
    Type: AWS::Serverless::Function
    Properties:
      Runtime: provided.al2023
      Handler: bootstrap
      CodeUri: .
      Events: {`+row.events+`}
      Environment: {Variables: {OWN: own`+strings.TrimSuffix(", "+row.variables, ", ")+`}}
  `+row.resources+"\n")
			a, err := sam.Read(filepath.Join(dir, "template.yaml"), sam.Options{})
			if err != nil {
				t.Fatal(err)
			}
			var routes, env, findings []string
			for _, api := range a.APIs {
				for _, r := range api.Routes {
					routes = append(routes, r.Method+" "+r.Path)
				}
			}
			for _, name := range slices.Sorted(maps.Keys(a.Functions[0].Env)) {
				env = append(env, name+"="+a.Functions[0].Env[name])
			}
			for _, f := range a.Findings {
				findings = append(findings, f.Text)
				if f.Line < 3 || f.Line > 14 {
					t.Errorf("line %d of the template: %s", f.Line, f.Text)
				}
			}
			if got := strings.Join(routes, " "); got != row.routes {
				t.Errorf("routes %q, want %q", got, row.routes)
			}
			if got := strings.Join(env, " "); got != row.env {
				t.Errorf("variables %q, want %q", got, row.env)
			}
			if got := strings.Join(findings, "; "); got != row.finding {
				t.Errorf("findings %q, want %q", got, row.finding)
			}
		})
	}
}

// An include that cannot be read never opens a route, and with what it holds it is as if
// that were in the template.
func TestIncludedGuards(t *testing.T) {
	dir := t.TempDir()
	for name, text := range map[string]string{
		"auth.yaml": "Auth: {DefaultAuthorizer: J, Authorizers: {J: {JwtConfiguration: {issuer: https://i.example, audience: [a]}, IdentitySource: $request.header.Authorization}}}\n",
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	const s3 = "Fn::Transform: {Name: AWS::Include, Parameters: {Location: s3://b/auth.yaml}}"
	for _, row := range []struct{ name, properties, event, globals, url, closes string }{
		{"included", "Fn::Transform: {Name: AWS::Include, Parameters: {Location: auth.yaml}}", "", "", "", ""},
		{"properties", s3, "", "", "", "Web"},
		{"beside-properties", "Name: web, " + s3, "", "", "", "Web"},
		{"auth", "Auth: {" + s3 + "}", "", "", "", ""},
		{"beside-auth", "Auth: {EnableIamAuthorizer: true, " + s3 + "}", "", "", "", ""},
		{"event", "", ", " + s3, "", "", "F A"},
		{"auth-of-event", "", ", Auth: {" + s3 + "}", "", "", ""},
		{"globals", "", "", s3, "", "Web"},
		{"beside-globals", "", "", "Function: {Timeout: 5}, " + s3, "", "Web"},
		{"section-of-rest", "", "", "Api: {" + s3 + "}", "", "Web"},
		{"section", "", "", "HttpApi: {" + s3 + "}", "", "Web"},
		{"beside-section", "", "", "HttpApi: {Name: x, " + s3 + "}", "", "Web"},
		{"url", "", ", Auth: {" + s3 + "}", "", ", FunctionUrlConfig: {AuthType: NONE, " + s3 + "}", "F FunctionUrlConfig"},
	} {
		t.Run(row.name, func(t *testing.T) {
			file := filepath.Join(dir, "template.yaml")
			if err := os.WriteFile(file, []byte(`Transform: AWS::Serverless-2016-10-31
Globals: {`+row.globals+`}
Resources:
  Web: {Type: AWS::Serverless::HttpApi, Properties: {`+row.properties+`}}
  F: {Type: AWS::Serverless::Function, Properties: {Runtime: provided.al2023, Handler: bootstrap, CodeUri: ., Events: {A: {Type: HttpApi, Properties: {ApiId: !Ref Web, Path: /a, Method: GET`+row.event+`}}}`+row.url+`}}
`), 0o600); err != nil {
				t.Fatal(err)
			}
			a, err := sam.Read(file, sam.Options{})
			if err != nil {
				t.Fatal(err)
			}
			for _, api := range a.APIs {
				for _, r := range api.Routes {
					if r.Authorizer == "" {
						t.Errorf("%s %s %s has no guard; findings %v", api.ID, r.Method, r.Path, a.Findings)
					}
				}
			}
			if closes := strings.Contains(fmt.Sprint(a.Findings), row.closes+": Fn::Transform cannot be read here; the routes are closed, because it may require authorization"); closes != (row.closes != "") {
				t.Errorf("findings %v, want that %q closes its routes", a.Findings, row.closes)
			}
			if left := strings.Contains(fmt.Sprint(a.Findings), "Fn::Transform is left out: "); left != (row.name != "included") {
				t.Errorf("findings %v", a.Findings)
			}
		})
	}
}
