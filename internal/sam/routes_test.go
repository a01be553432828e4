package sam_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/crumb-go/crumb/internal/app"
	"github.com/crumb-go/crumb/internal/sam"
)

// routed begins every template of these tests.
const routed = `Transform: AWS::Serverless-2016-10-31
Globals:
  Function: {CodeUri: code, Runtime: provided.al2023, Handler: bootstrap}
`

// routes writes APIs and their routes as lines of text.
func routes(t *app.App) string {
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

type routeRow struct{ name, resources, want string }

func TestRoutes(t *testing.T) {
	testRoutes(t, []routeRow{
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
		{"parameters-anywhere", `
Resources:
  F:
    Type: AWS::Serverless::Function
    Properties:
      Events:
        A: {Type: Api, Properties: {Path: "/{a}/b/{c}/d", Method: GET}}
        B: {Type: Api, Properties: {Path: "/{a}/b/{c+}", Method: GET}}
        C: {Type: HttpApi, Properties: {Path: "/{a}/{b}", Method: GET}}
        D: {Type: HttpApi, Properties: {Path: "/", Method: GET}}
`, `
rest ServerlessRestApi Prod
  GET /{a}/b/{c}/d F 1.0
  GET /{a}/b/{c+} F 1.0
http ServerlessHttpApi $default
  GET /{a}/{b} F 2.0
  GET / F 2.0
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
        A: {Type: Api, Properties: {Path: /a, Method: GET, RestApiId: !Ref Dev}}
        C: {Type: Api, Properties: {Path: /c, Method: GET, RestApiId: !Ref Api}}
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
	})
}

func testRoutes(t *testing.T, rows []routeRow) {
	for _, row := range rows {
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
