package sam_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/crumb-go/crumb/internal/app"
	"github.com/crumb-go/crumb/internal/sam"
)

// TestGuards holds which routes are behind an authorizer, a key or IAM.
func TestGuards(t *testing.T) {
	testRoutes(t, []routeRow{
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
		{"refused", `
Resources:
  Misspelt: {Type: AWS::Serverless::HttpApi, Properties: {Auth: {DefaultAuthoriser: Jwt}}}
  Listed: {Type: AWS::Serverless::Api, Properties: {StageName: x, Auth: {DefaultAuthorizer: [Own]}}}
  F:
    Type: AWS::Serverless::Function
    Properties:
      FunctionUrlConfig: {InvokeMode: BUFFERED}
      Events:
        A: {Type: HttpApi, Properties: {Path: /a, Method: GET, ApiId: !Ref Misspelt}}
        B: {Type: Api, Properties: {Path: /b, Method: GET, RestApiId: !Ref Listed}}
        C: {Type: Api, Properties: {Path: /c, Method: GET, Auth: AWS_IAM}}
        D: {Type: Api, Properties: {Path: /d, Method: GET, Auth: {Authorizer: [Own]}}}
        E: {Type: Api, Properties: {Path: /e, Method: GET, Auth: {ApiKeyRequired: maybe}}}
        F: {Type: Api, Properties: {Path: /e, Method: GET}}
        G: {Type: Api, Properties: {Path: /g, Method: GET, Auth: {AuthorizationScopes: [a]}}}
        I: {Type: HttpApi, Properties: {Path: /i, Method: GET, Auth: {AuthorizationScopes: []}}}
        H: {Type: Api, Properties: {Path: /h, Method: GET, Auth: {AuthorizationScopes: []}}}
        J: {Type: Api, Properties: {Path: /j, Method: GET}}
        K: {Type: Api, Properties: {Path: /j, Method: GET, Auth: {ApiKeyRequired: true}}}
        L: {Type: Api, Properties: {Path: /l, Method: GET, Auth: {ApiKeyRequired: true}}}
        M: {Type: Api, Properties: {Path: /l, Method: GET, Auth: {ApiKeyRequired: true}}}
`, `
http Misspelt $default
  GET /a F 2.0 Auth
rest Listed x
  GET /b F 1.0 Auth
rest ServerlessRestApi Prod
  GET /c F 1.0 Auth
  GET /d F 1.0 Auth
  GET /e F 1.0 Events
  GET /g F 1.0 Auth
  GET /h F 1.0
  GET /j F 1.0 Events
  GET /l F 1.0 ApiKeyRequired
http ServerlessHttpApi $default
  GET /i F 2.0 Auth
url FUrl $default
  ANY $default F 2.0 AWS_IAM
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
		{"keyless-preflight", `
Resources:
  Api:
    Type: AWS::Serverless::Api
    Properties:
      StageName: x
      Auth: {ApiKeyRequired: true, AddApiKeyRequiredToCorsPreflight: false}
  Keyed: {Type: AWS::Serverless::Api, Properties: {StageName: x, Auth: {ApiKeyRequired: true}}}
  F:
    Type: AWS::Serverless::Function
    Properties:
      Events:
        A: {Type: Api, Properties: {Path: /a, Method: GET, RestApiId: !Ref Api}}
        B: {Type: Api, Properties: {Path: /a, Method: ANY, RestApiId: !Ref Api}}
        C: {Type: Api, Properties: {Path: /a, Method: OPTIONS, RestApiId: !Ref Api}}
        D: {Type: Api, Properties: {Path: /d, Method: OPTIONS, RestApiId: !Ref Api, Auth: {ApiKeyRequired: true}}}
        E: {Type: Api, Properties: {Path: /a, Method: OPTIONS, RestApiId: !Ref Keyed}}
`, `
rest Api x
  GET /a F 1.0 ApiKeyRequired
  ANY /a F 1.0 ApiKeyRequired
  OPTIONS /a F 1.0
  OPTIONS /d F 1.0
rest Keyed x
  OPTIONS /a F 1.0 ApiKeyRequired
`},
		{"two-guards-of-a-preflight", `
Resources:
  Open:
    Type: AWS::Serverless::Api
    Properties:
      StageName: x
      Auth: {DefaultAuthorizer: Own, ApiKeyRequired: true, AddDefaultAuthorizerToCorsPreflight: false, AddApiKeyRequiredToCorsPreflight: false}
  Keyed: {Type: AWS::Serverless::Api, Properties: {StageName: x, Auth: {DefaultAuthorizer: Own, ApiKeyRequired: true, AddDefaultAuthorizerToCorsPreflight: false}}}
  Asking: {Type: AWS::Serverless::Api, Properties: {StageName: x, Auth: {DefaultAuthorizer: Own, ApiKeyRequired: true, AddApiKeyRequiredToCorsPreflight: false}}}
  F:
    Type: AWS::Serverless::Function
    Properties:
      Events:
        A: {Type: Api, Properties: {Path: /a, Method: OPTIONS, RestApiId: !Ref Open}}
        B: {Type: Api, Properties: {Path: /b, Method: OPTIONS, RestApiId: !Ref Open, Auth: {Authorizer: Own}}}
        C: {Type: Api, Properties: {Path: /c, Method: POST, RestApiId: !Ref Open}}
        D: {Type: Api, Properties: {Path: /d, Method: OPTIONS, RestApiId: !Ref Keyed}}
        E: {Type: Api, Properties: {Path: /e, Method: OPTIONS, RestApiId: !Ref Asking}}
`, `
rest Open x
  OPTIONS /a F 1.0
  OPTIONS /b F 1.0 Own
  POST /c F 1.0 Own
rest Keyed x
  OPTIONS /d F 1.0 ApiKeyRequired
rest Asking x
  OPTIONS /e F 1.0 Own
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
  I: {Type: AWS::Serverless::Function, Properties: {FunctionUrlConfig: {AuthType: !Ref NONE}}}
  NONE: {Type: AWS::SNS::Topic}
Parameters: {Unset: {Type: String}}
Conditions: {Yes: !Equals [a, a]}
`, `
url FUrl $default
  ANY $default F 2.0 AWS_IAM
url GUrl $default
  ANY $default G 2.0
url HUrl $default
  ANY $default H 2.0 AWS_IAM
url IUrl $default
  ANY $default I 2.0 AWS_IAM
`},
	})
}

// TestClosedAt holds that a closed route knows where it is closed.
func TestClosedAt(t *testing.T) {
	got, err := sam.Read(project(t, `Transform: AWS::Serverless-2016-10-31
Globals:
  Function: {CodeUri: code, Runtime: provided.al2023, Handler: bootstrap}
  Api:
    Auth:
      DefaultAuthorizer: Own
Resources:
  Api: {Type: AWS::Serverless::Api, Properties: {StageName: x}}
  Keyed:
    Type: AWS::Serverless::Api
    IgnoreGlobals: [Auth]
    Properties:
      StageName: x
      Auth:
        ApiKeyRequired: true
  Unread:
    Type: AWS::Serverless::HttpApi
    Properties:
      DefinitionUri: s3://bucket/key
  Defined:
    Type: AWS::Serverless::HttpApi
    Properties:
      DefinitionBody:
        paths:
          /scheme:
            get:
              x-amazon-apigateway-integration: {type: aws_proxy, uri: !GetAtt F.Arn}
              security:
                - Scheme: []
          /iam:
            get:
              x-amazon-apigateway-integration: {type: aws_proxy, uri: !GetAtt F.Arn}
              x-amazon-apigateway-auth:
                type: AWS_IAM
  InAFile: {Type: AWS::Serverless::HttpApi, Properties: {DefinitionUri: secured.yaml}}
  F:
    Type: AWS::Serverless::Function
    Properties:
      FunctionUrlConfig:
        AuthType: AWS_IAM
      Events:
        Default: {Type: Api, Properties: {Path: /default, Method: GET, RestApiId: !Ref Api}}
        None: {Type: Api, Properties: {Path: /none, Method: GET, RestApiId: !Ref Api, Auth: {Authorizer: NONE}}}
        Key: {Type: Api, Properties: {Path: /key, Method: GET, RestApiId: !Ref Keyed}}
        Unread: {Type: HttpApi, Properties: {Path: /unread, Method: GET, ApiId: !Ref Unread}}
        Event:
          Type: Api
          Properties:
            Path: /event
            Method: GET
            RestApiId: !Ref Keyed
            Auth:
              Authorizer: Own
`), sam.Options{})
	if err != nil {
		t.Fatal(err)
	}
	var lines []string
	for _, a := range got.APIs {
		for _, r := range a.Routes {
			lines = append(lines, fmt.Sprintf("%s %s %s", r.Path, r.Authorizer, r.ClosedAt))
		}
	}
	want := []string{
		"/default Own template.yaml:6", "/none  ", "/key ApiKeyRequired template.yaml:15", "/event Own template.yaml:53", "/unread DefinitionUri template.yaml:19",
		"/scheme Scheme template.yaml:29", "/iam AWS_IAM template.yaml:34", "/a Key secured.yaml:2", "$default AWS_IAM template.yaml:40",
	}
	if got, want := strings.Join(lines, "\n"), strings.Join(want, "\n"); got != want {
		t.Errorf("routes:\n%s\nwant:\n%s", got, want)
	}
}

// TestSeveralGuards holds what guards a route of which more than one thing is said.
func TestSeveralGuards(t *testing.T) {
	const head = "  F: {Type: AWS::Serverless::Function}\n  Api:\n    Type: AWS::Serverless::"
	definition := func(security, more string) string {
		return "      DefinitionBody:\n        openapi: 3.0.1\n        paths: {/a: {get: {" + security + ", x-amazon-apigateway-integration: {type: aws_proxy, uri: !GetAtt F.Arn}}}}\n" + more
	}
	const jwts = "      Auth: {Authorizers: {T: {IdentitySource: $request.header.A, JwtConfiguration: {issuer: i, audience: [a]}}, U: {IdentitySource: $request.header.A, JwtConfiguration: {issuer: i, audience: [b]}}}}\n"
	const read = "T jwt header:A iss=i aud=[a]\nU jwt header:A iss=i aud=[b]\n"
	for _, row := range []struct{ name, api, want string }{
		{"two", "HttpApi\n    Properties:\n" + jwts + definition("security: [{T: []}, {U: []}]", ""), read + `/a by T unknown closed
not-emulated: Api: GET /a: its security has T and another authorizer, or other scopes; which of them API Gateway takes is not known, so the route is closed
`},
		{"two-in-one", "HttpApi\n    Properties:\n" + jwts + definition("security: [{T: [], U: []}]", ""), read + `/a by T unknown closed
not-emulated: Api: GET /a: its security has T and another authorizer, or other scopes; which of them API Gateway takes is not known, so the route is closed
`},
		{"two-scopes", "HttpApi\n    Properties:\n" + jwts + definition("security: [{T: [a]}, {T: [b]}]", ""), read + `/a by T unknown closed
not-emulated: Api: GET /a: its security has T and another authorizer, or other scopes; which of them API Gateway takes is not known, so the route is closed
`},
		{"twice", "HttpApi\n    Properties:\n" + jwts + definition("security: [{T: [a]}, {T: [a]}]", ""), read + "/a by T jwt [a]\n"},
		{"optional", "HttpApi\n    Properties:\n" + jwts + definition("security: [{}, {U: [a]}]", ""), read + "/a by U jwt [a]\n"},
		{"iam-too", "HttpApi\n    Properties:\n" + jwts + definition("security: [{T: []}], x-amazon-apigateway-auth: {type: AWS_IAM}", ""), read + `/a by AWS_IAM unknown closed
not-emulated: Api: GET /a: its security has AWS_IAM and another authorizer, or other scopes; which of them API Gateway takes is not known, so the route is closed
`},
		{"key-too", "Api\n    Properties:\n      StageName: x\n      Auth: {Authorizers: {T: {UserPoolArn: a}}}\n" + definition("security: [{api_key: []}, {T: [s]}]", ""), "T cognito header:Authorization [a]\n/a by T cognito [s]\n"},
		{"a-scheme-that-sam-replaces", "Api\n    Properties:\n      StageName: x\n      Auth: {Authorizers: {T: {UserPoolArn: a}}}\n" + definition("security: [{T: []}]", "        securityDefinitions: {T: {type: apiKey, name: A, in: header}}\n"), "T cognito header:Authorization [a]\n/a by T cognito\n"},
		{"named-like-a-key", "Api\n    Properties:\n      StageName: x\n      Auth: {DefaultAuthorizer: ApiKeyRequired, Authorizers: {ApiKeyRequired: {UserPoolArn: a}}}\n" + definition("summary: a", ""), "ApiKeyRequired cognito header:Authorization [a]\n/a by ApiKeyRequired cognito\n"},
		{"resource-policy", "Api\n    Properties: {StageName: x, Policy: {Statement: []}, Auth: {ResourcePolicy: {IpRangeBlacklist: [192.0.2.1]}}}\n  G: {Type: AWS::Serverless::Function, Properties: {Events: {E: {Type: Api, Properties: {Path: /a, Method: get, RestApiId: !Ref Api, Auth: {ResourcePolicy: {IpRangeBlacklist: [192.0.2.1]}}}}}}}\n", `not-emulated: Api: Policy is not emulated
not-emulated: Api: the resource policy is not evaluated
not-emulated: G E: the resource policy is not evaluated
`},
		{"ignored", "Api\n    Properties:\n      StageName: x\n      Auth: {DefaultAuthorizer: T}\n" + definition("summary: a", "        securityDefinitions: {T: {type: apiKey, name: A, in: header, x-amazon-apigateway-authorizer: {type: cognito_user_pools, providerARNs: [a]}}}\n"), `T cognito header:A [a]
/a by T unknown closed
note: Api: SAM ignores DefaultAuthorizer without Authorizers: deployed, no authorizer guards these routes
`},
	} {
		t.Run(row.name, func(t *testing.T) { testAuthorizer(t, guardedBy+head+row.api, row.want) })
	}
}

// TestUnreadGuards holds that neither a key nor an authorizer opens a route whose
// definition cannot be read, or whose Auth is refused.
func TestUnreadGuards(t *testing.T) {
	for _, auth := range []string{
		"DefinitionUri: s3://a/b, Auth: {ApiKeyRequired: true}",
		"DefinitionBody: {Fn::Transform: {Name: Macro}}, Auth: {DefaultAuthorizer: T, Authorizers: {T: {UserPoolArn: a}}}",
		"Auth: {ApiKeyRequired: true, Misspelt: true}",
		"Auth: {Authorizers: [T]}",
		"DefinitionUri: s3://a/b, Auth: {Misspelt: true}",
		"Auth: {DefaultAuthorizer: T, Authorizers: {T: {UserPoolArn: a}}, Misspelt: true}",
	} {
		got, err := sam.Read(project(t, routed+"Resources:\n  Api: {Type: AWS::Serverless::Api, Properties: {StageName: x, "+auth+"}}\n"+
			"  F: {Type: AWS::Serverless::Function, Properties: {Events: {A: {Type: Api, Properties: {Path: /a, Method: GET, RestApiId: !Ref Api}}}}}\n"), sam.Options{})
		if err != nil {
			t.Fatal(err)
		}
		if g := got.APIs[0].Routes[0].Guard; g.Auth != app.UnknownAuth || g.Declared != nil || g.Authorizer == "" {
			t.Errorf("%s: %+v", auth, g)
		}
	}
}
