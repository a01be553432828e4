package sam_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/crumb-go/crumb/internal/sam"
)

// A guarded method or route without a place in its API closes the API's routes, since on
// AWS any of their requests may be its own. An open one closes nothing.
func TestUnplaced(t *testing.T) {
	const http = plain + `  Api: {Type: AWS::Serverless::HttpApi}
  H: {Type: AWS::Serverless::Function, Properties: {Events: {All: {Type: HttpApi, Properties: {ApiId: !Ref Api}}}}}
`
	const implicit = plain + `  H: {Type: AWS::Serverless::Function, Properties: {Events: {All: {Type: Api, Properties: {Path: "/{proxy+}", Method: ANY}}}}}
`
	const own = plain + `  Api: {Type: AWS::ApiGateway::RestApi}
  Rest: {Type: AWS::ApiGateway::Resource, Properties: {RestApiId: !Ref Api, ParentId: !GetAtt Api.RootResourceId, PathPart: "{proxy+}"}}
  All: {Type: AWS::ApiGateway::Method, Properties: {RestApiId: !Ref Api, ResourceId: !Ref Rest, HttpMethod: ANY, Integration: {Type: AWS_PROXY, Uri: !GetAtt F.Arn}}}
  Stage: {Type: AWS::ApiGateway::Stage, Properties: {RestApiId: !Ref Api, StageName: v1}}
`
	for _, row := range []struct {
		name, template, part string
		closed               bool
	}{
		{"route", http, `Type: AWS::ApiGatewayV2::Route, Properties: {ApiId: !Ref Api, RouteKey: GET /admin, AuthorizationType: AWS_IAM}`, true},
		{"route-jwt", http, `Type: AWS::ApiGatewayV2::Route, Properties: {ApiId: !Ref Api, RouteKey: GET /admin, AuthorizationType: JWT, AuthorizerId: x}`, true},
		{"route-none", http, `Type: AWS::ApiGatewayV2::Route, Properties: {ApiId: !Ref Api, RouteKey: GET /open, AuthorizationType: NONE}`, false},
		{"route-open", http, `Type: AWS::ApiGatewayV2::Route, Properties: {ApiId: !Ref Api, RouteKey: GET /open}`, false},
		{"route-unknown", http, `Type: AWS::ApiGatewayV2::Route, Properties: {ApiId: !Ref Api, RouteKey: GET /x, AuthorizationType: !ImportValue kind}`, true},
		{"route-of-another", http, `Type: AWS::ApiGatewayV2::Route, Properties: {ApiId: !ImportValue api, RouteKey: GET /x, AuthorizationType: AWS_IAM}`, false},
		{"implicit", implicit, `Type: AWS::ApiGateway::Method, Properties: {RestApiId: !Ref ServerlessRestApi, ResourceId: x, HttpMethod: GET, AuthorizationType: AWS_IAM}`, true},
		{"implicit-key", implicit, `Type: AWS::ApiGateway::Method, Properties: {RestApiId: !Ref ServerlessRestApi, ResourceId: x, HttpMethod: GET, ApiKeyRequired: true}`, true},
		{"implicit-no-key", implicit, `Type: AWS::ApiGateway::Method, Properties: {RestApiId: !Ref ServerlessRestApi, ResourceId: x, HttpMethod: GET, AuthorizationType: NONE, ApiKeyRequired: false}`, false},
		{"lost", own, `Type: AWS::ApiGateway::Method, Properties: {RestApiId: !Ref Api, ResourceId: !ImportValue users, HttpMethod: GET, AuthorizationType: AWS_IAM}`, true},
		{"lost-open", own, `Type: AWS::ApiGateway::Method, Properties: {RestApiId: !Ref Api, ResourceId: !ImportValue users, HttpMethod: GET}`, false},
	} {
		t.Run(row.name, func(t *testing.T) {
			a := readPlain(t, row.template+"  Part: {"+row.part+"}\n")
			routes := 0
			for _, api := range a.APIs {
				for _, route := range api.Routes {
					routes++
					if closed := route.Authorizer != ""; closed != row.closed {
						t.Errorf("%s %s: closed: %t, want %t", route.Method, route.Path, closed, row.closed)
					}
				}
			}
			if routes != 1 {
				t.Errorf("%d routes", routes)
			}
		})
	}
}

// A guarded route that another template of a CDK app adds closes an API of which some route
// would take its requests here.
func TestElsewhere(t *testing.T) {
	const own = `{"Resources": {
		"F": {"Type": "AWS::Lambda::Function", "Properties": {"Runtime": "provided.al2023", "Handler": "bootstrap", "Code": "."}},
		"Api": {"Type": "AWS::ApiGatewayV2::Api", "Properties": {"ProtocolType": "HTTP"}},
		"I": {"Type": "AWS::ApiGatewayV2::Integration", "Properties": {"ApiId": {"Ref": "Api"}, "IntegrationType": "AWS_PROXY", "PayloadFormatVersion": "2.0", "IntegrationUri": {"Fn::GetAtt": ["F", "Arn"]}}},
		"R": {"Type": "AWS::ApiGatewayV2::Route", "Properties": {"ApiId": {"Ref": "Api"}, "RouteKey": "KEY", "Target": {"Fn::Join": ["", ["integrations/", {"Ref": "I"}]]}}}},
		"Outputs": {"Id": {"Value": {"Ref": "Api"}, "Export": {"Name": "Web:Id"}}}}`
	const other = `{"Resources": {"Admin": {"Type": "AWS::ApiGatewayV2::Route", "Properties": {"ApiId": {"Fn::ImportValue": "Web:Id"}, "RouteKey": "GET /admin", MORE}}}}`
	for _, row := range []struct {
		name, key, more string
		closed          bool
	}{
		{"default", "$default", `"AuthorizationType": "AWS_IAM"`, true},
		{"variable", "GET /{page}", `"AuthorizationType": {"Ref": "Kind"}`, true},
		{"any", "ANY /", `"AuthorizationType": "JWT"`, true},
		{"apart", "GET /open", `"AuthorizationType": "AWS_IAM"`, false},
		{"open", "$default", `"AuthorizationType": "NONE"`, false},
	} {
		t.Run(row.name, func(t *testing.T) {
			dir := t.TempDir()
			file := filepath.Join(dir, "Web.template.json")
			for name, text := range map[string]string{file: strings.Replace(own, "KEY", row.key, 1), filepath.Join(dir, "Admin.template.json"): strings.Replace(other, "MORE", row.more, 1)} {
				if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			a, err := sam.Read(file, sam.Options{})
			if err != nil {
				t.Fatal(err)
			}
			named := strings.Contains(fmt.Sprint(a.Findings), "Admin of Admin.template.json is guarded and not served, so every route of Api is closed")
			if closed := a.APIs[0].Routes[0].Authorizer != ""; closed != row.closed || named != row.closed {
				t.Errorf("closed %t, named %t, want %t; findings %v", closed, named, row.closed, a.Findings)
			}
		})
	}
}
