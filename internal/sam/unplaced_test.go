package sam_test

import "testing"

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
