package sam_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/crumb-go/crumb/internal/app"
	"github.com/crumb-go/crumb/internal/sam"
)

func TestTimeoutInMillis(t *testing.T) {
	for _, row := range []struct {
		name, event string
		want        time.Duration
		note        string
	}{
		{"none", "Type: Api, Properties: {Path: /a, Method: GET}", 0, ""},
		{"rest", "Type: Api, Properties: {Path: /a, Method: GET, TimeoutInMillis: 29000}", 29 * time.Second, ""},
		{"rest-raised", "Type: Api, Properties: {Path: /a, Method: GET, TimeoutInMillis: 60000}", time.Minute, "F A: more than 29 seconds requires a raised quota"},
		{"rest-stream", "Type: Api, Properties: {Path: /a, Method: GET, ResponseTransferMode: RESPONSE_STREAM, TimeoutInMillis: 900000}", 15 * time.Minute, ""},
		{"http", "Type: HttpApi, Properties: {Path: /a, Method: GET, TimeoutInMillis: 50}", 50 * time.Millisecond, ""},
	} {
		t.Run(row.name, func(t *testing.T) {
			got, err := sam.Read(project(t, routed+"Resources:\n  F:\n    Type: AWS::Serverless::Function\n    Properties:\n      Events:\n        A: {"+row.event+"}\n"), sam.Options{})
			if err != nil {
				t.Fatal(err)
			}
			if timeout := got.APIs[0].Routes[0].Timeout; timeout != row.want {
				t.Errorf("Timeout = %v, want %v", timeout, row.want)
			}
			if notes := notesFrom(got, 0); !strings.Contains(notes, row.note) || row.note == "" && notes != "" {
				t.Errorf("notes %q, want %q", notes, row.note)
			}
		})
	}
}

func TestEndpointConfiguration(t *testing.T) {
	for _, row := range []struct {
		name, properties string
		edge             bool
	}{
		{"none", "", true},
		{"edge", "EndpointConfiguration: {Type: EDGE}", true},
		{"regional", "EndpointConfiguration: {Type: REGIONAL}", false},
		{"private", "EndpointConfiguration: {Type: PRIVATE, VPCEndpointIds: [vpce-1]}", false},
		{"text", "EndpointConfiguration: REGIONAL", false},
		{"called", `EndpointConfiguration: !If [Here, {Type: REGIONAL}, !Ref "AWS::NoValue"]`, false},
	} {
		t.Run(row.name, func(t *testing.T) {
			got, err := sam.Read(project(t, routed+"Conditions: {Here: !Equals [a, a]}\nResources:\n  Api: {Type: AWS::Serverless::Api, Properties: {StageName: x, "+row.properties+"}}\n"), sam.Options{})
			if err != nil {
				t.Fatal(err)
			}
			if edge := got.APIs[0].Edge; edge != row.edge {
				t.Errorf("Edge = %t, want %t", edge, row.edge)
			}
		})
	}
}

func TestAPI(t *testing.T) {
	got, err := sam.Read(project(t, routed+`
  Api:
    BinaryMediaTypes: [image~1png]
    Variables: {LEVEL: info, TABLE: old}
  HttpApi:
    StageVariables: {LEVEL: info}
Resources:
  Api:
    Type: AWS::Serverless::Api
    Properties:
      StageName: v1
      BinaryMediaTypes: ["*~1*", application/pdf]
      Variables: {TABLE: !Ref "AWS::StackName", COUNT: 3}
  Http: {Type: AWS::Serverless::HttpApi, Properties: {StageName: v2}}
  F:
    Type: AWS::Serverless::Function
    Properties: {FunctionUrlConfig: {AuthType: NONE, InvokeMode: RESPONSE_STREAM}}
`), sam.Options{})
	if err != nil {
		t.Fatal(err)
	}
	api, http, url := got.APIs[0], got.APIs[1], got.APIs[2]
	if want := []string{"image/png", "*/*", "application/pdf"}; !slices.Equal(api.BinaryMediaTypes, want) {
		t.Errorf("BinaryMediaTypes = %q, want %q", api.BinaryMediaTypes, want)
	}
	if got, want := fmt.Sprint(api.StageVariables), "map[COUNT:3 LEVEL:info TABLE:local]"; got != want {
		t.Errorf("StageVariables = %s, want %s", got, want)
	}
	if got, want := fmt.Sprintf("%v %s %v", http.StageVariables, http.Stage, http.CORS), "map[LEVEL:info] v2 <nil>"; got != want {
		t.Errorf("HTTP API has %s, want %s", got, want)
	}
	if api.Stream || http.Stream || !url.Stream {
		t.Errorf("Stream = %t %t %t, want it of the Function URL only", api.Stream, http.Stream, url.Stream)
	}
}

func TestCORS(t *testing.T) {
	cors := func(c *app.CORS) string {
		if c == nil {
			return "none"
		}
		text := fmt.Sprintf("%q %q %q %q %t %d %s", c.AllowOrigins, c.AllowMethods, c.AllowHeaders, c.ExposeHeaders, c.AllowCredentials, c.MaxAgeSeconds, c.Authorizer)
		return strings.TrimSpace(text)
	}
	for _, row := range []struct{ name, resource, want, note string }{
		{"rest-text", `Type: AWS::Serverless::Api, Properties: {StageName: x, Cors: "'*'"}`, `["*"] [] [] [] false 0`, ""},
		{"rest-half-quoted", `Type: AWS::Serverless::Api, Properties: {StageName: x, Cors: "'*"}`, `["*"] [] [] [] false 0`, "API Gateway requires single quotes"},
		{"rest-unquoted", `Type: AWS::Serverless::Api, Properties: {StageName: x, Cors: "*"}`, `["*"] [] [] [] false 0`, "API Gateway requires single quotes"},
		{"rest-map", `Type: AWS::Serverless::Api, Properties: {StageName: x, Cors: {AllowOrigin: "'https://a.example'", AllowMethods: "'GET, POST'", AllowHeaders: "'Content-Type,X-A ,X-B'", MaxAge: "'600'", AllowCredentials: true}}`,
			`["https://a.example"] ["GET" " POST"] ["Content-Type" "X-A " "X-B"] [] true 600`, ""},
		{"rest-methods-only", `Type: AWS::Serverless::Api, Properties: {StageName: x, Cors: {AllowMethods: "'GET'"}}`, `["*"] ["GET"] [] [] false 0`, ""},
		{"rest-sub", `Type: AWS::Serverless::Api, Properties: {StageName: x, Cors: !Sub "'https://${AWS::StackName}'"}`, `["https://local"] [] [] [] false 0`, ""},
		{"rest-none", `Type: AWS::Serverless::Api, Properties: {StageName: x}`, "none", ""},
		{"http-true", `Type: AWS::Serverless::HttpApi, Properties: {CorsConfiguration: true}`, `["*"] [] [] [] false 0`, ""},
		{"http-false", `Type: AWS::Serverless::HttpApi, Properties: {CorsConfiguration: false}`, "none", ""},
		{"http-map", `Type: AWS::Serverless::HttpApi, Properties: {CorsConfiguration: {AllowOrigins: ["https://a.example", "https://b.example"], AllowMethods: [GET], AllowHeaders: [x-a], ExposeHeaders: [x-b], MaxAge: 60, AllowCredentials: "true"}}`,
			`["https://a.example" "https://b.example"] ["GET"] ["x-a"] ["x-b"] true 60`, ""},
		{"http-no-age", `Type: AWS::Serverless::HttpApi, Properties: {CorsConfiguration: {AllowOrigins: ["https://a.example"]}}`, `["https://a.example"] [] [] [] false 0`, ""},
		{"http-split", `Type: AWS::Serverless::HttpApi, Properties: {CorsConfiguration: !Split [",", "https://a.example,https://b.example"]}`, `["https://a.example" "https://b.example"] [] [] [] false 0`, ""},
		{"url", `Type: AWS::Serverless::Function, Properties: {FunctionUrlConfig: {AuthType: NONE, Cors: {AllowOrigins: ["*"], AllowMethods: ["*"], MaxAge: 5}}}`, `["*"] ["*"] [] [] false 5`, ""},
		{"url-no-age", `Type: AWS::Serverless::Function, Properties: {FunctionUrlConfig: {AuthType: NONE, Cors: {AllowOrigins: ["*"]}}}`, `["*"] [] [] [] false 0`, ""},
		{"rest-map-no-age", `Type: AWS::Serverless::Api, Properties: {StageName: x, Cors: {AllowOrigin: "'https://a.example'"}}`, `["https://a.example"] [] [] [] false 0`, ""},
		{"preflight-guarded", `Type: AWS::Serverless::Api, Properties: {StageName: x, Cors: "'*'", Auth: {DefaultAuthorizer: AWS_IAM}}`, `["*"] [] [] [] false 0 AWS_IAM`,
			"A: API Gateway runs the authorizer AWS_IAM for CORS preflights too"},
		{"preflight-open", `Type: AWS::Serverless::Api, Properties: {StageName: x, Cors: "'*'", Auth: {DefaultAuthorizer: AWS_IAM, AddDefaultAuthorizerToCorsPreflight: false}}`, `["*"] [] [] [] false 0`, ""},
		{"preflight-of-none", `Type: AWS::Serverless::Api, Properties: {StageName: x, Cors: "'*'", Auth: {DefaultAuthorizer: NONE}}`, `["*"] [] [] [] false 0`, ""},
		{"preflight-keyed", `Type: AWS::Serverless::Api, Properties: {StageName: x, Cors: "'*'", Auth: {ApiKeyRequired: true}}`, `["*"] [] [] [] false 0 ApiKeyRequired`,
			"A: API Gateway requires an API key for CORS preflights too"},
		{"preflight-keyed-by-text", `Type: AWS::Serverless::Api, Properties: {StageName: x, Cors: "'*'", Auth: {ApiKeyRequired: "no"}}`, `["*"] [] [] [] false 0 ApiKeyRequired`,
			"A Auth ApiKeyRequired: SAM treats everything but a plain false as true"},
		{"preflight-keyless", `Type: AWS::Serverless::Api, Properties: {StageName: x, Cors: "'*'", Auth: {ApiKeyRequired: true, AddApiKeyRequiredToCorsPreflight: false}}`, `["*"] [] [] [] false 0`, ""},
		{"credentials-text", `Type: AWS::Serverless::Api, Properties: {StageName: x, Cors: {AllowOrigin: "'*'", AllowCredentials: "'true'"}}`, `["*"] [] [] [] false 0`,
			"A Cors AllowCredentials: SAM treats everything but a plain true as false"},
		{"preflight-http", `Type: AWS::Serverless::HttpApi, Properties: {CorsConfiguration: true, Auth: {DefaultAuthorizer: Jwt, Authorizers: {Jwt: {IdentitySource: $request.header.A, JwtConfiguration: {issuer: b, audience: [c]}}}}}`, `["*"] [] [] [] false 0`, ""},
	} {
		t.Run(row.name, func(t *testing.T) {
			got, err := sam.Read(project(t, routed+"Resources:\n  A: {"+row.resource+"}\n"), sam.Options{})
			if err != nil {
				t.Fatal(err)
			}
			if c := cors(got.APIs[0].CORS); c != row.want {
				t.Errorf("CORS = %s, want %s", c, row.want)
			}
			if notes := notesFrom(got, 0); !strings.Contains(notes, row.note) || row.note == "" && notes != "" {
				t.Errorf("notes %q, want %q", notes, row.note)
			}
		})
	}
}
