package sam_test

import (
	"strings"
	"testing"

	"github.com/crumb-go/crumb/internal/sam"
)

// TestConditionNote holds that a condition that cannot be known is noted, even if
// it is first evaluated for a value where placeholders suffice.
func TestConditionNote(t *testing.T) {
	got, err := sam.Read(project(t, routed+`Conditions: {Far: !Equals [!ImportValue far, "yes"]}
Resources:
  Near: {Type: AWS::Serverless::Api, Properties: {StageName: x}}
  F:
    Type: AWS::Serverless::Function
    Properties:
      Events:
        A: {Type: Api, Properties: {Path: !If [Far, elsewhere, /a], Method: GET, RestApiId: !Ref Near}}
`), sam.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if notes, want := notesFrom(got, 0), `condition Far: Fn::ImportValue is not resolved locally; using placeholder "far"`; notes != want {
		t.Errorf("notes %q, want %q", notes, want)
	}
	if len(got.APIs[0].Routes) != 1 {
		t.Errorf("routes:\n%s", routes(got))
	}
}

func TestRouteErrors(t *testing.T) {
	for _, row := range []struct{ name, events, want string }{
		{"no-path", `A: {Type: Api, Properties: {Method: GET}}`, "F A needs a Path and a Method"},
		{"no-properties", `A: {Type: Api}`, "F A needs a Path and a Method"},
		{"http-no-method", `A: {Type: HttpApi, Properties: {Path: /a}}`, "F A needs a Path and a Method"},
		{"misspelt-method", `A: {Type: Api, Properties: {Path: /a, Metod: GET}}`, "template.yaml:9: F A does not support Metod; supported are Path, Method, RestApiId, Stage, Auth, RequestModel, RequestParameters, TimeoutInMillis, ResponseTransferMode, PayloadFormatVersion$"},
		{"misspelt-api", `A: {Type: HttpApi, Properties: {Path: /a, Method: GET, RestApiId: !Ref Http}}`, "F A does not support RestApiId; supported are Path, Method, ApiId, Stage, Auth, TimeoutInMillis, RouteSettings, PayloadFormatVersion$"},
		{"no-slash", `A: {Type: Api, Properties: {Path: a, Method: GET}}`, "F A has a Path that does not start with /"},
		{"rest-default", `A: {Type: Api, Properties: {Path: $default, Method: ANY}}`, "does not start with /"},
		{"method", `A: {Type: Api, Properties: {Path: /a, Method: FETCH}}`, `F A has a Method that API Gateway does not support: "FETCH"`},
		{"star", `A: {Type: Api, Properties: {Path: /a, Method: "*"}}`, `a Method that API Gateway does not support: "*"`},
		{"braces", `A: {Type: Api, Properties: {Path: "/a{b}", Method: GET}}`, "braces do not enclose a whole segment"},
		{"unclosed", `A: {Type: Api, Properties: {Path: "/{b", Method: GET}}`, "braces do not enclose a whole segment"},
		{"nameless", `A: {Type: Api, Properties: {Path: "/{}", Method: GET}}`, "braces do not enclose a whole segment"},
		{"greedy-middle", `A: {Type: Api, Properties: {Path: "/{a+}/b", Method: GET}}`, "has a Path that continues after {a+}"},
		{"twice", "A: {Type: Api, Properties: {Path: /a, Method: GET}}\n        B: {Type: Api, Properties: {Path: /a, Method: get}}",
			"F B: ServerlessRestApi has the route GET /a already, on line 9"},
		{"other-kind", `A: {Type: Api, Properties: {Path: /a, Method: GET, RestApiId: !Ref Http}}`, "F A: RestApiId names Http, an API of the other kind"},
		{"payload", `A: {Type: HttpApi, Properties: {Path: /a, Method: GET, PayloadFormatVersion: "3.0"}}`, `PayloadFormatVersion must be "1.0" or "2.0"`},
		{"no-type", `A: {Properties: {Path: /a, Method: GET}}`, "F: the event A needs a Type"},
		{"list", `- {Type: Api}`, "F Events must be a map"},
		{"path-map", `A: {Type: Api, Properties: {Path: {a: b}, Method: GET}}`, "F A Path must be a string, not a map"},
		{"path-list", `A: {Type: Api, Properties: {Path: [/a], Method: GET}}`, "F A Path must be a string, not a list"},
		{"authorizer-list", `A: {Type: Api, Properties: {Path: /a, Method: GET, Auth: {Authorizer: [Own]}}}`, "F A Authorizer must be the name of an authorizer"},
		{"auth-text", `A: {Type: Api, Properties: {Path: /a, Method: GET, Auth: AWS_IAM}}`, "F A Auth must be a map"},
		{"timeout-short", `A: {Type: Api, Properties: {Path: /a, Method: GET, TimeoutInMillis: 49}}`, "F A TimeoutInMillis must be a whole number from 50 to 300000"},
		{"timeout-http", `A: {Type: HttpApi, Properties: {Path: /a, Method: GET, TimeoutInMillis: 30001}}`, "F A TimeoutInMillis must be a whole number from 50 to 30000"},
		{"timeout-stream", `A: {Type: Api, Properties: {Path: /a, Method: GET, ResponseTransferMode: RESPONSE_STREAM, TimeoutInMillis: 900001}}`, "F A TimeoutInMillis must be a whole number from 50 to 900000"},
	} {
		t.Run(row.name, func(t *testing.T) {
			_, err := refusals(project(t, routed+`Resources:
  F:
    Type: AWS::Serverless::Function
    Properties:
      Events:
        `+row.events+`
  Http: {Type: AWS::Serverless::HttpApi}
`), sam.Options{})
			if err == nil || !strings.Contains(err.Error()+"$", row.want) || !strings.Contains(err.Error(), "template.yaml:") {
				t.Errorf("Read: %v, want %q with its line", err, row.want)
			}
		})
	}
}
