package sam_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/crumb-go/crumb/internal/sam"
)

// routed is what begins every template of these tests.
const routed = `Transform: AWS::Serverless-2016-10-31
Globals:
  Function: {CodeUri: code, Runtime: provided.al2023, Handler: bootstrap}
`

// routes writes APIs and their routes as lines of text.
func routes(t *sam.Template) string {
	var lines []string
	for _, a := range t.APIs {
		lines = append(lines, fmt.Sprintf("%s %s %s", a.Kind, a.ID, a.Stage))
		for _, r := range a.Routes {
			line := fmt.Sprintf("  %s %s %s %s %s", r.Method, r.Path, r.Function.ID, r.Payload, r.Authorizer)
			lines = append(lines, strings.TrimRight(line, " "))
		}
	}
	return strings.Join(lines, "\n") + "\n"
}

func TestRoutes(t *testing.T) {
	for _, row := range []struct{ name, resources, want string }{
		{"implicit-rest", `
Resources:
  F:
    Type: AWS::Serverless::Function
    Properties:
      Events:
        Get: {Type: Api, Properties: {Path: /hello, Method: get}}
        Any: {Type: Api, Properties: {Path: "/{proxy+}", Method: Any}}
`, `
rest ServerlessRestApi Prod
  GET /hello F 1.0
  ANY /{proxy+} F 1.0
`},
		{"implicit-http", `
Resources:
  F:
    Type: AWS::Serverless::Function
    Properties:
      Events:
        Default: {Type: HttpApi}
        Users: {Type: HttpApi, Properties: {Path: "/users/{id}", Method: POST}}
        Old: {Type: HttpApi, Properties: {Path: /old, Method: x-amazon-apigateway-any-method, PayloadFormatVersion: "1.0"}}
        Number: {Type: HttpApi, Properties: {Path: /number, Method: GET, PayloadFormatVersion: 1.0}}
`, `
http ServerlessHttpApi $default
  ANY $default F 2.0
  POST /users/{id} F 2.0
  ANY /old F 1.0
  GET /number F 1.0
`},
		{"both-implicit", `
Resources:
  F:
    Type: AWS::Serverless::Function
    Properties:
      Events:
        New: {Type: HttpApi, Properties: {Path: /new, Method: GET}}
        Old: {Type: Api, Properties: {Path: /old, Method: GET}}
`, `
rest ServerlessRestApi Prod
  GET /old F 1.0
http ServerlessHttpApi $default
  GET /new F 2.0
`},
		{"several-apis", `
Resources:
  F:
    Type: AWS::Serverless::Function
    Properties:
      FunctionUrlConfig: {AuthType: NONE}
      Events:
        A: {Type: Api, Properties: {Path: /a, Method: GET, RestApiId: !Ref Second}}
        B: {Type: HttpApi, Properties: {Path: /b, Method: GET, ApiId: {Ref: First}}}
        C: {Type: Api, Properties: {Path: /c, Method: GET}}
        D: {Type: Api, Properties: {Path: /d, Method: GET, RestApiId: Second}}
  First: {Type: AWS::Serverless::HttpApi}
  Second: {Type: AWS::Serverless::Api, Properties: {StageName: dev}}
  Unused: {Type: AWS::Serverless::HttpApi, Properties: {StageName: v1}}
`, `
http First $default
  GET /b F 2.0
rest Second dev
  GET /a F 1.0
  GET /d F 1.0
http Unused v1
rest ServerlessRestApi Prod
  GET /c F 1.0
url FUrl $default
  ANY $default F 2.0
`},
		{"implicit-by-name", `
Resources:
  F:
    Type: AWS::Serverless::Function
    Properties:
      Events:
        A: {Type: Api, Properties: {Path: /a, Method: GET, RestApiId: !Ref ServerlessRestApi}}
        B: {Type: HttpApi, Properties: {Path: /b, Method: GET, ApiId: !Ref ServerlessHttpApi}}
`, `
rest ServerlessRestApi Prod
  GET /a F 1.0
http ServerlessHttpApi $default
  GET /b F 2.0
`},
		{"slash-default", `
Resources:
  F:
    Type: AWS::Serverless::Function
    Properties:
      Events:
        A: {Type: HttpApi, Properties: {Path: /$default, Method: ANY}}
`, `
http ServerlessHttpApi $default
  ANY $default F 2.0
`},
		{"values", `
Parameters:
  Base: {Type: String, Default: /v2}
  Stage: {Type: String, Default: test}
Resources:
  Api: {Type: AWS::Serverless::Api, Properties: {StageName: !Sub "${Stage}-x"}}
  F:
    Type: AWS::Serverless::Function
    Properties:
      Events:
        A: {Type: Api, Properties: {Path: !Sub "${Base}/a", Method: !Select [0, [put]], RestApiId: !Ref Api}}
`, `
rest Api test-x
  PUT /v2/a F 1.0
`},
		{"conditions", `
Parameters:
  Stage: {Type: String, Default: test}
Conditions:
  IsProd: !Equals [!Ref Stage, prod]
Resources:
  Api: {Type: AWS::Serverless::Api, Condition: IsProd, Properties: {StageName: x}}
  Dev: {Type: AWS::Serverless::Api, Properties: {StageName: dev}}
  F:
    Type: AWS::Serverless::Function
    Properties:
      Events:
        A: {Type: Api, Properties: {Path: /a, Method: GET, RestApiId: !If [IsProd, !Ref Api, !Ref Dev]}}
        B: !If [IsProd, {Type: Api, Properties: {Path: /b, Method: GET}}, !Ref "AWS::NoValue"]
  G:
    Type: AWS::Serverless::Function
    Condition: IsProd
    Properties:
      Events:
        A: {Type: Api, Properties: {Path: /g, Method: GET, RestApiId: !Ref Dev}}
`, `
rest Dev dev
  GET /a F 1.0
`},
		{"rest-authorizers", `
Resources:
  Api:
    Type: AWS::Serverless::Api
    Properties:
      StageName: x
      Auth: {DefaultAuthorizer: Cognito, Authorizers: {Cognito: {UserPoolArn: a}, Own: {FunctionArn: b}}}
  F:
    Type: AWS::Serverless::Function
    Properties:
      Events:
        A: {Type: Api, Properties: {Path: /a, Method: GET, RestApiId: !Ref Api}}
        B: {Type: Api, Properties: {Path: /b, Method: GET, RestApiId: !Ref Api, Auth: {Authorizer: NONE}}}
        C: {Type: Api, Properties: {Path: /c, Method: GET, RestApiId: !Ref Api, Auth: {Authorizer: Own}}}
        D: {Type: Api, Properties: {Path: /d, Method: OPTIONS, RestApiId: !Ref Api}}
        E: {Type: Api, Properties: {Path: /e, Method: GET, RestApiId: !Ref Api, Auth: {ApiKeyRequired: true, Authorizer: NONE}}}
        F: {Type: Api, Properties: {Path: /f, Method: GET, Auth: {Authorizer: AWS_IAM}}}
`, `
rest Api x
  GET /a F 1.0 Cognito
  GET /b F 1.0
  GET /c F 1.0 Own
  OPTIONS /d F 1.0 Cognito
  GET /e F 1.0 ApiKeyRequired
rest ServerlessRestApi Prod
  GET /f F 1.0 AWS_IAM
`},
		{"open-preflight", `
Resources:
  Api:
    Type: AWS::Serverless::Api
    Properties:
      StageName: x
      Auth: {DefaultAuthorizer: AWS_IAM, AddDefaultAuthorizerToCorsPreflight: false}
  F:
    Type: AWS::Serverless::Function
    Properties:
      Events:
        A: {Type: Api, Properties: {Path: /a, Method: ANY, RestApiId: !Ref Api}}
        B: {Type: Api, Properties: {Path: /a, Method: options, RestApiId: !Ref Api}}
`, `
rest Api x
  ANY /a F 1.0 AWS_IAM
  OPTIONS /a F 1.0
`},
		{"api-keys", `
Resources:
  Api: {Type: AWS::Serverless::Api, Properties: {StageName: x, Auth: {ApiKeyRequired: true}}}
  F:
    Type: AWS::Serverless::Function
    Properties:
      Events:
        A: {Type: Api, Properties: {Path: /a, Method: GET, RestApiId: !Ref Api}}
        B: {Type: Api, Properties: {Path: /b, Method: GET, RestApiId: !Ref Api, Auth: {ApiKeyRequired: false}}}
`, `
rest Api x
  GET /a F 1.0 ApiKeyRequired
  GET /b F 1.0
`},
		{"unknown-keys", `
Parameters: {Unset: {Type: String}}
Resources:
  Api:
    Type: AWS::Serverless::Api
    Properties:
      StageName: x
      Auth: {ApiKeyRequired: !Ref Unset}
  Other:
    Type: AWS::Serverless::Api
    Properties:
      StageName: x
      Auth: {DefaultAuthorizer: !Ref Unset, AddDefaultAuthorizerToCorsPreflight: !Ref Unset}
  F:
    Type: AWS::Serverless::Function
    Properties:
      Events:
        A: {Type: Api, Properties: {Path: /a, Method: GET, RestApiId: !Ref Api}}
        B: {Type: Api, Properties: {Path: /b, Method: OPTIONS, RestApiId: !Ref Other}}
        C: {Type: Api, Properties: {Path: /c, Method: GET, Auth: {ApiKeyRequired: !Ref Unset}}}
`, `
rest Api x
  GET /a F 1.0 ApiKeyRequired
rest Other x
  OPTIONS /b F 1.0 Unset
rest ServerlessRestApi Prod
  GET /c F 1.0 ApiKeyRequired
`},
		{"http-authorizers", `
Resources:
  Api:
    Type: AWS::Serverless::HttpApi
    Properties:
      Auth: {DefaultAuthorizer: Jwt, Authorizers: {Jwt: {JwtConfiguration: {}}}}
  Iam: {Type: AWS::Serverless::HttpApi, Properties: {Auth: {EnableIamAuthorizer: true, DefaultAuthorizer: AWS_IAM}}}
  F:
    Type: AWS::Serverless::Function
    Properties:
      Events:
        A: {Type: HttpApi, Properties: {Path: /a, Method: GET, ApiId: !Ref Api}}
        B: {Type: HttpApi, Properties: {Path: /b, Method: GET, ApiId: !Ref Api, Auth: {Authorizer: NONE}}}
        C: {Type: HttpApi, Properties: {Path: /c, Method: OPTIONS, ApiId: !Ref Api}}
        D: {Type: HttpApi, Properties: {ApiId: !Ref Iam}}
`, `
http Api $default
  GET /a F 2.0 Jwt
  GET /b F 2.0
  OPTIONS /c F 2.0
http Iam $default
  ANY $default F 2.0 AWS_IAM
`},
		{"auth-of-globals", `
Globals:
  Api: {Auth: {DefaultAuthorizer: AWS_IAM}}
  HttpApi: {Auth: {DefaultAuthorizer: Jwt}}
  Function: {CodeUri: code, Runtime: provided.al2023, Handler: bootstrap}
Resources:
  Open: {Type: AWS::Serverless::Api, IgnoreGlobals: "*", Properties: {StageName: x}}
  F:
    Type: AWS::Serverless::Function
    Properties:
      Events:
        A: {Type: Api, Properties: {Path: /a, Method: GET}}
        B: {Type: HttpApi, Properties: {Path: /b, Method: GET}}
        C: {Type: Api, Properties: {Path: /c, Method: GET, RestApiId: !Ref Open}}
`, `
rest Open x
  GET /c F 1.0
rest ServerlessRestApi Prod
  GET /a F 1.0 AWS_IAM
http ServerlessHttpApi $default
  GET /b F 2.0 Jwt
`},
		{"function-urls", `
Resources:
  F: {Type: AWS::Serverless::Function, Properties: {FunctionUrlConfig: {AuthType: AWS_IAM}}}
  G: {Type: AWS::Serverless::Function, Properties: {FunctionUrlConfig: !If [Yes, {AuthType: NONE}, {AuthType: AWS_IAM}]}}
  H: {Type: AWS::Serverless::Function, Properties: {FunctionUrlConfig: {AuthType: !Ref Unset}}}
Parameters: {Unset: {Type: String}}
Conditions: {Yes: !Equals [a, a]}
`, `
url FUrl $default
  ANY $default F 2.0 AWS_IAM
url GUrl $default
  ANY $default G 2.0
url HUrl $default
  ANY $default H 2.0 AWS_IAM
`},
		{"definitions", `
Resources:
  Plain: {Type: AWS::Serverless::Api, Properties: {StageName: x, DefinitionBody: {openapi: 3.0.1, paths: {/a: {get: {}}}}}}
  Secured: {Type: AWS::Serverless::HttpApi, Properties: {DefinitionBody: {paths: {/a: {get: {security: [{Jwt: []}]}}}}}}
  Included: {Type: AWS::Serverless::Api, Properties: {StageName: x, DefinitionBody: {"Fn::Transform": {Name: "AWS::Include"}}}}
  File: {Type: AWS::Serverless::Api, Properties: {StageName: x, DefinitionUri: api.yaml}}
  F:
    Type: AWS::Serverless::Function
    Properties:
      Events:
        A: {Type: Api, Properties: {Path: /a, Method: GET, RestApiId: !Ref Plain}}
        B: {Type: HttpApi, Properties: {Path: /a, Method: GET, ApiId: !Ref Secured}}
        C: {Type: Api, Properties: {Path: /a, Method: GET, RestApiId: !Ref Included}}
        D: {Type: Api, Properties: {Path: /a, Method: GET, RestApiId: !Ref File, Auth: {Authorizer: NONE}}}
`, `
rest Plain x
  GET /a F 1.0
http Secured $default
  GET /a F 2.0 DefinitionBody
rest Included x
  GET /a F 1.0 DefinitionBody
rest File x
  GET /a F 1.0 DefinitionUri
`},
		{"included-definitions", `
Globals: {Function: {CodeUri: code, Runtime: provided.al2023, Handler: bootstrap}}
Resources:
  Open: {Type: AWS::Serverless::Api, Properties: {StageName: x, DefinitionBody: {Fn::Transform: {Name: AWS::Include, Parameters: {Location: ./open.yaml}}}}}
  Secured: {Type: AWS::Serverless::Api, Properties: {StageName: x, DefinitionBody: {Fn::Transform: {Name: AWS::Include, Parameters: {Location: secured.yaml}}}}}
  Loop: {Type: AWS::Serverless::Api, Properties: {StageName: x, DefinitionBody: {Fn::Transform: {Name: AWS::Include, Parameters: {Location: including.yaml}}}}}
  Elsewhere: {Type: AWS::Serverless::Api, Properties: {StageName: x, DefinitionBody: {Fn::Transform: {Name: AWS::Include, Parameters: {Location: "s3://bucket/open.yaml"}}}}}
  Macro: {Type: AWS::Serverless::Api, Properties: {StageName: x, DefinitionBody: {Fn::Transform: {Name: Own, Parameters: {Location: open.yaml}}}}}
  File: {Type: AWS::Serverless::HttpApi, Properties: {DefinitionUri: open.yaml}}
  Bucket: {Type: AWS::Serverless::HttpApi, Properties: {DefinitionUri: {Bucket: b, Key: k}}}
  Text: {Type: AWS::Serverless::HttpApi, Properties: {DefinitionBody: open.yaml}}
  F:
    Type: AWS::Serverless::Function
    Properties:
      Events:
        A: {Type: Api, Properties: {Path: /a, Method: GET, RestApiId: !Ref Open}}
        B: {Type: Api, Properties: {Path: /a, Method: GET, RestApiId: !Ref Secured}}
        C: {Type: Api, Properties: {Path: /a, Method: GET, RestApiId: !Ref Loop}}
        D: {Type: Api, Properties: {Path: /a, Method: GET, RestApiId: !Ref Elsewhere}}
        E: {Type: Api, Properties: {Path: /a, Method: GET, RestApiId: !Ref Macro}}
        F: {Type: HttpApi, Properties: {Path: /a, Method: GET, ApiId: !Ref File}}
        G: {Type: HttpApi, Properties: {Path: /a, Method: GET, ApiId: !Ref Bucket}}
        H: {Type: HttpApi, Properties: {Path: /a, Method: GET, ApiId: !Ref Text}}
`, `
rest Open x
  GET /a F 1.0
rest Secured x
  GET /a F 1.0 DefinitionBody
rest Loop x
  GET /a F 1.0 DefinitionBody
rest Elsewhere x
  GET /a F 1.0 DefinitionBody
rest Macro x
  GET /a F 1.0 DefinitionBody
http File $default
  GET /a F 2.0
http Bucket $default
  GET /a F 2.0 DefinitionUri
http Text $default
  GET /a F 2.0 DefinitionBody
`},
		{"empty-sections", `
Parameters:
Globals:
Mappings:
Conditions:
Resources:
  F: {Type: AWS::Serverless::Function, Properties: {CodeUri: code, Runtime: provided.al2023, Handler: bootstrap, Events: {A: {Type: Api, Properties: {Path: /a, Method: GET}}}}}
`, `
rest ServerlessRestApi Prod
  GET /a F 1.0
`},
		{"not-http", `
Resources:
  F:
    Type: AWS::Serverless::Function
    Properties:
      Events:
        S: {Type: Schedule, Properties: {Schedule: rate(1 hour)}}
`, "\n\n"},
	} {
		t.Run(row.name, func(t *testing.T) {
			template := routed + row.resources
			if strings.Contains(row.resources, "Globals:") {
				template = "Transform: AWS::Serverless-2016-10-31\n" + row.resources
			}
			got, err := sam.Read(project(t, template), sam.Options{})
			if err != nil {
				t.Fatal(err)
			}
			if routes := "\n" + routes(got); routes != row.want {
				t.Errorf("routes:%swant:%s", routes, row.want)
			}
		})
	}
}

// TestConditionNote holds that a condition that cannot be known is noted, also
// when it is first asked for where stand-ins are as good as any value.
func TestConditionNote(t *testing.T) {
	got, err := sam.Read(project(t, routed+`Conditions: {Far: !Equals [!ImportValue far, "yes"]}
Resources:
  Near: {Type: AWS::Serverless::Api, Properties: {StageName: x}}
  F:
    Type: AWS::Serverless::Function
    Properties:
      Events:
        A: {Type: Api, Properties: {Path: /a, Method: GET, RestApiId: !If [Far, elsewhere, !Ref Near]}}
`), sam.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if notes, want := notesFrom(got, 0), `condition Far: Fn::ImportValue is not resolved locally; "far" stands in`; notes != want {
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
		{"no-slash", `A: {Type: Api, Properties: {Path: a, Method: GET}}`, "F A has a Path that does not start with /"},
		{"rest-default", `A: {Type: Api, Properties: {Path: $default, Method: ANY}}`, "does not start with /"},
		{"method", `A: {Type: Api, Properties: {Path: /a, Method: FETCH}}`, `F A has a Method that API Gateway does not know: "FETCH"`},
		{"star", `A: {Type: Api, Properties: {Path: /a, Method: "*"}}`, `a Method that API Gateway does not know: "*"`},
		{"braces", `A: {Type: Api, Properties: {Path: "/a{b}", Method: GET}}`, "braces do not hold a whole segment"},
		{"unclosed", `A: {Type: Api, Properties: {Path: "/{b", Method: GET}}`, "braces do not hold a whole segment"},
		{"nameless", `A: {Type: Api, Properties: {Path: "/{}", Method: GET}}`, "braces do not hold a whole segment"},
		{"greedy-middle", `A: {Type: Api, Properties: {Path: "/{a+}/b", Method: GET}}`, "has a Path that goes on after {a+}"},
		{"twice", "A: {Type: Api, Properties: {Path: /a, Method: GET}}\n        B: {Type: Api, Properties: {Path: /a, Method: get}}",
			"F B: ServerlessRestApi has the route GET /a already, on line 9"},
		{"other-kind", `A: {Type: Api, Properties: {Path: /a, Method: GET, RestApiId: !Ref Http}}`, "F A: RestApiId names Http, which is the other kind of API"},
		{"payload", `A: {Type: HttpApi, Properties: {Path: /a, Method: GET, PayloadFormatVersion: "3.0"}}`, `PayloadFormatVersion must be "1.0" or "2.0"`},
		{"no-type", `A: {Properties: {Path: /a, Method: GET}}`, "F: the event A needs a Type"},
		{"list", `- {Type: Api}`, "F Events must be a map"},
		{"path-map", `A: {Type: Api, Properties: {Path: {a: b}, Method: GET}}`, "F A Path must be a text, not a map"},
		{"auth-text", `A: {Type: Api, Properties: {Path: /a, Method: GET, Auth: AWS_IAM}}`, "F A Auth must be a map"},
		{"auth-misspelt", `A: {Type: HttpApi, Properties: {Auth: {Authoriser: Jwt}}}`, "F A Auth has no property Authoriser; it takes AuthorizationScopes, Authorizer"},
		{"timeout-short", `A: {Type: Api, Properties: {Path: /a, Method: GET, TimeoutInMillis: 49}}`, "F A TimeoutInMillis must be a whole number from 50 to 300000"},
		{"timeout-http", `A: {Type: HttpApi, Properties: {Path: /a, Method: GET, TimeoutInMillis: 30001}}`, "F A TimeoutInMillis must be a whole number from 50 to 30000"},
		{"timeout-stream", `A: {Type: Api, Properties: {Path: /a, Method: GET, ResponseTransferMode: RESPONSE_STREAM, TimeoutInMillis: 900001}}`, "F A TimeoutInMillis must be a whole number from 50 to 900000"},
		{"api-key", `A: {Type: Api, Properties: {Path: /a, Method: GET, Auth: {ApiKeyRequired: maybe}}}`, "F A ApiKeyRequired must be true or false"},
	} {
		t.Run(row.name, func(t *testing.T) {
			_, err := sam.Read(project(t, routed+`Resources:
  F:
    Type: AWS::Serverless::Function
    Properties:
      Events:
        `+row.events+`
  Http: {Type: AWS::Serverless::HttpApi}
`), sam.Options{})
			if err == nil || !strings.Contains(err.Error(), row.want) || !strings.Contains(err.Error(), "template.yaml:") {
				t.Errorf("Read: %v, want %q with its line", err, row.want)
			}
		})
	}
}
