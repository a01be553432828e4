package sam_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/crumb-go/crumb/internal/sam"
)

// plain has the functions of the rows below, which are of SAM: so templates mix both.
const plain = `Transform: AWS::Serverless-2016-10-31
Globals: {Function: {CodeUri: code, Runtime: provided.al2023, Handler: bootstrap}}
Resources:
  F: {Type: AWS::Serverless::Function}
  G: {Type: AWS::Serverless::Function, Properties: {FunctionName: own-name}}
  May: {Type: AWS::Lambda::Permission, Properties: {Action: lambda:InvokeFunction, FunctionName: !GetAtt F.Arn, Principal: apigateway.amazonaws.com}}
`

// TestPlainAPIs holds which routes APIs of plain CloudFormation have, what guards them,
// and what is said of them.
func TestPlainAPIs(t *testing.T) {
	for _, row := range []struct{ name, resources, want string }{
		{"rest", `
  Api: {Type: AWS::ApiGateway::RestApi, Properties: {BinaryMediaTypes: [image/png], EndpointConfiguration: {Types: [REGIONAL]}}}
  Users: {Type: AWS::ApiGateway::Resource, Properties: {RestApiId: !Ref Api, ParentId: !GetAtt Api.RootResourceId, PathPart: users}}
  User: {Type: AWS::ApiGateway::Resource, Properties: {RestApiId: !Ref Api, ParentId: !Ref Users, PathPart: "{id}"}}
  Rest: {Type: AWS::ApiGateway::Resource, Properties: {RestApiId: !GetAtt Api.RestApiId, ParentId: !Sub "${Api.RootResourceId}", PathPart: "{proxy+}"}}
  Root:
    Type: AWS::ApiGateway::Method
    Properties: {RestApiId: !Ref Api, ResourceId: !GetAtt Api.RootResourceId, HttpMethod: GET, AuthorizationType: NONE, Integration: {Type: AWS_PROXY, IntegrationHttpMethod: POST, Uri: !Sub "arn:aws:apigateway:${AWS::Region}:lambda:path/2015-03-31/functions/${F.Arn}/invocations"}}
  GetUser:
    Type: AWS::ApiGateway::Method
    Properties:
      RestApiId: !Ref Api
      ResourceId: !GetAtt User.ResourceId
      HttpMethod: PUT
      AuthorizationType: NONE
      Integration:
        Type: AWS_PROXY
        TimeoutInMillis: 5000
        Uri: !Join ["", ["arn:", !Ref AWS::Partition, ":apigateway:", !Ref AWS::Region, ":lambda:path/2015-03-31/functions/", !GetAtt G.Arn, /invocations]]
  All: {Type: AWS::ApiGateway::Method, Properties: {RestApiId: !Ref Api, ResourceId: !Ref Rest, HttpMethod: ANY, AuthorizationType: NONE, Integration: {Type: AWS_PROXY, Uri: !Sub "x/functions/${F.Arn}:live/invocations"}}}
  Deployed: {Type: AWS::ApiGateway::Deployment, DependsOn: [Root, GetUser, All], Properties: {RestApiId: !Ref Api, StageName: v1}}
  Stage: {Type: AWS::ApiGateway::Stage, Properties: {RestApiId: !Ref Api, DeploymentId: !Ref Deployed, StageName: v1, Variables: {mode: test}}}
  Log: {Type: AWS::Logs::LogGroup}
  CDKMetadata: {Type: AWS::CDK::Metadata}
`, `
rest Api v1 [image/png] map[mode:test] edge=false
  GET / F 1.0 line 11
  PUT /users/{id} G 1.0 5s line 14
  ANY /{proxy+} F 1.0 line 25
14 GetUser: PUT /users/{id}: API Gateway has no permission to call G, so AWS responds with 500; add an AWS::Lambda::Permission`},
		{"deployment-with-stage", `
  Api: {Type: AWS::ApiGateway::RestApi}
  Root: {Type: AWS::ApiGateway::Method, Properties: {RestApiId: !Ref Api, ResourceId: !GetAtt Api.RootResourceId, HttpMethod: get, Integration: {Type: AWS_PROXY, Uri: !GetAtt F.Arn}}}
  Other: {Type: AWS::ApiGateway::Method, Properties: {RestApiId: !Ref Api, ResourceId: !GetAtt Api.RootResourceId, HttpMethod: POST, Integration: {Type: HTTP_PROXY, Uri: "https://example.com"}}}
  Again: {Type: AWS::ApiGateway::Method, Properties: {RestApiId: !Ref Api, ResourceId: !GetAtt Api.RootResourceId, HttpMethod: GET, Integration: {Type: AWS_PROXY, Uri: !GetAtt G.Arn}}}
  Nothing: {Type: AWS::ApiGateway::Method, Properties: {RestApiId: !Ref Api, ResourceId: !GetAtt Api.RootResourceId, HttpMethod: PUT}}
  Lost: {Type: AWS::ApiGateway::Method, Properties: {RestApiId: !Ref Api, ResourceId: !ImportValue users, HttpMethod: GET, Integration: {Type: AWS_PROXY, Uri: !GetAtt F.Arn}}}
  Stray: {Type: AWS::ApiGateway::Method, Properties: {RestApiId: !ImportValue api, ResourceId: !ImportValue users, HttpMethod: GET}}
  Deployed: {Type: AWS::ApiGateway::Deployment, DependsOn: [Root, Again, Nothing], Properties: {RestApiId: !Ref Api, StageName: dev, StageDescription: {Variables: {a: b}}}}
  Second: {Type: AWS::ApiGateway::Deployment, DependsOn: [Root, Again, Nothing, Other], Properties: {RestApiId: !Ref Api, StageName: live}}
`, `
rest Api dev [] map[a:b] edge=true
  GET / F 1.0 line 8
9 Other: POST / has the integration "http_proxy", which is not emulated; the route is not served
10 Again: Api has the route GET / already, on line 8
11 Nothing: PUT / has no integration in this template; the route is not served
12 Lost: its ResourceId leads to no root of Api in this template; the route is not served
13 Stray: its RestApiId names no AWS::ApiGateway::RestApi of this template; it is not served
14 Deployed: API Gateway may deploy Api without Other, which is not in DependsOn
15 Second: only the first stage of an API is served, which is Deployed of Api`},
		{"guards", `
  Api: {Type: AWS::ApiGateway::RestApi}
  A: {Type: AWS::ApiGateway::Resource, Properties: {RestApiId: !Ref Api, ParentId: !GetAtt Api.RootResourceId, PathPart: a}}
  Own: {Type: AWS::ApiGateway::Authorizer, Properties: {RestApiId: !Ref Api, Name: own, Type: TOKEN, AuthorizerUri: !Sub "x/functions/${F.Arn}/invocations", IdentitySource: method.request.header.Key, AuthorizerResultTtlInSeconds: 0, IdentityValidationExpression: "k.*"}}
  Req: {Type: AWS::ApiGateway::Authorizer, Properties: {RestApiId: !Ref Api, Name: req, Type: REQUEST, AuthorizerUri: !GetAtt F.Arn, IdentitySource: "method.request.header.A, method.request.querystring.B"}}
  Pool: {Type: AWS::ApiGateway::Authorizer, Properties: {RestApiId: !Ref Api, Name: pool, Type: COGNITO_USER_POOLS, ProviderARNs: [!GetAtt Users.Arn], IdentitySource: method.request.header.Authorization}}
  Bad: {Type: AWS::ApiGateway::Authorizer, Properties: {RestApiId: !Ref Api, Name: bad, Type: TOKEN, AuthorizerUri: !GetAtt F.Arn}}
  Users: {Type: AWS::Cognito::UserPool}
  Get: {Type: AWS::ApiGateway::Method, Properties: {RestApiId: !Ref Api, ResourceId: !Ref A, HttpMethod: GET, AuthorizationType: CUSTOM, AuthorizerId: !Ref Own, ApiKeyRequired: true, Integration: {Type: AWS_PROXY, Uri: !GetAtt F.Arn}}}
  Put: {Type: AWS::ApiGateway::Method, Properties: {RestApiId: !Ref Api, ResourceId: !Ref A, HttpMethod: PUT, AuthorizationType: CUSTOM, AuthorizerId: !Ref Req, Integration: {Type: AWS_PROXY, Uri: !GetAtt F.Arn}}}
  Post: {Type: AWS::ApiGateway::Method, Properties: {RestApiId: !Ref Api, ResourceId: !Ref A, HttpMethod: POST, AuthorizationType: COGNITO_USER_POOLS, AuthorizerId: !GetAtt Pool.AuthorizerId, AuthorizationScopes: [a/b], Integration: {Type: AWS_PROXY, Uri: !GetAtt F.Arn}}}
  Patch: {Type: AWS::ApiGateway::Method, Properties: {RestApiId: !Ref Api, ResourceId: !Ref A, HttpMethod: PATCH, AuthorizationType: AWS_IAM, Integration: {Type: AWS_PROXY, Uri: !GetAtt F.Arn}}}
  Delete: {Type: AWS::ApiGateway::Method, Properties: {RestApiId: !Ref Api, ResourceId: !Ref A, HttpMethod: DELETE, AuthorizationType: CUSTOM, AuthorizerId: !ImportValue guard, Integration: {Type: AWS_PROXY, Uri: !GetAtt F.Arn}}}
  Head: {Type: AWS::ApiGateway::Method, Properties: {RestApiId: !Ref Api, ResourceId: !Ref A, HttpMethod: HEAD, AuthorizationType: JWT, AuthorizerId: !Ref Own, Integration: {Type: AWS_PROXY, Uri: !GetAtt F.Arn}}}
  Options: {Type: AWS::ApiGateway::Method, Properties: {RestApiId: !Ref Api, ResourceId: !Ref A, HttpMethod: OPTIONS, ApiKeyRequired: !ImportValue key, Integration: {Type: AWS_PROXY, Uri: !GetAtt F.Arn}}}
  Any: {Type: AWS::ApiGateway::Method, Properties: {RestApiId: !Ref Api, ResourceId: !Ref A, HttpMethod: ANY, AuthorizerId: !Ref Own, Integration: {Type: AWS_PROXY, Uri: !GetAtt F.Arn}}}
  Root: {Type: AWS::ApiGateway::Method, Properties: {RestApiId: !Ref Api, ResourceId: !GetAtt Api.RootResourceId, HttpMethod: GET, AuthorizationType: CUSTOM, AuthorizerId: !Ref Bad, Integration: {Type: AWS_PROXY, Uri: !GetAtt F.Arn}}}
  Scoped: {Type: AWS::ApiGateway::Method, Properties: {RestApiId: !Ref Api, ResourceId: !GetAtt Api.RootResourceId, HttpMethod: PUT, AuthorizationType: COGNITO_USER_POOLS, AuthorizerId: !Ref Pool, AuthorizationScopes: a/b, Integration: {Type: AWS_PROXY, Uri: !GetAtt F.Arn}}}
  Misspelt: {Type: AWS::ApiGateway::Method, Properties: {RestApiId: !Ref Api, ResourceId: !GetAtt Api.RootResourceId, HttpMethod: POST, AuthorisationType: CUSTOM, AuthorizerId: !Ref Pool, Integration: {Type: AWS_PROXY, Uri: !GetAtt F.Arn}}}
  List: {Type: AWS::ApiGateway::Method, Properties: {RestApiId: !Ref Api, ResourceId: !GetAtt Api.RootResourceId, HttpMethod: HEAD, AuthorizationType: [CUSTOM], AuthorizerId: !Ref Pool, Integration: {Type: AWS_PROXY, Uri: !GetAtt F.Arn}}}
  Key: {Type: AWS::ApiGateway::ApiKey, Properties: {Enabled: true, Value: twenty-characters-at-least}}
  Plan: {Type: AWS::ApiGateway::UsagePlan, Properties: {ApiStages: [{ApiId: !Ref Api, Stage: !Ref Stage}]}}
  InPlan: {Type: AWS::ApiGateway::UsagePlanKey, Properties: {KeyType: API_KEY, KeyId: !Ref Key, UsagePlanId: !Ref Plan}}
  Stage: {Type: AWS::ApiGateway::Stage, Properties: {RestApiId: !Ref Api, StageName: v1, CacheClusterEnabled: true}}
`, `
rest Api v1 [] map[] edge=true
  GET /a F 1.0 line 14 by Own lambda key
  PUT /a F 1.0 line 15 by Req lambda
  POST /a F 1.0 line 16 by Pool cognito [a/b]
  PATCH /a F 1.0 line 17 by AWS_IAM iam
  DELETE /a F 1.0 line 18 by AuthorizerId unknown closed
  HEAD /a F 1.0 line 19 by AuthorizationType unknown closed
  OPTIONS /a F 1.0 line 20 by ApiKeyRequired  key
  ANY /a F 1.0 line 21
  GET / F 1.0 line 22 by Bad lambda
  PUT / F 1.0 line 23 by AuthorizationScopes unknown closed
  POST / F 1.0 line 24 by AuthorisationType unknown closed
  HEAD / F 1.0 line 25 by AuthorizationType unknown closed
key Key
Own lambda F token header:Key 0s /k.*/
Req lambda F header:A querystring:B 300s
Pool cognito header:Authorization [arn:aws:cognito-idp:us-east-1:123456789012:userpool/Users]
Bad lambda F token 300s; not run: its property IdentitySource is refused
11 Pool ProviderARNs: GetAtt Users.Arn is known only once it is deployed; using placeholder "arn:aws:cognito-idp:us-east-1:123456789012:userpool/Users"
12 Bad IdentitySource must be one header
12 Api: the authorizer Bad is not run: its property IdentitySource is refused
18 Delete: its AuthorizerId names no authorizer of Api in this template; the route is closed
19 Head: REST APIs do not have the AuthorizationType JWT
21 Any: API Gateway ignores an AuthorizerId without an AuthorizationType: this route is open
23 Scoped: AuthorizationScopes must be a list of texts
24 Misspelt does not support AuthorisationType; supported are ApiKeyRequired, AuthorizationScopes, AuthorizationType, AuthorizerId, HttpMethod, Integration, MethodResponses, OperationName, RequestModels, RequestParameters, RequestValidatorId, ResourceId, RestApiId
25 List: REST APIs do not have the AuthorizationType a list
29 Stage: CacheClusterEnabled is not emulated`},
		{"closed", `
  Api: {Type: AWS::ApiGateway::RestApi}
  NONE: {Type: AWS::SNS::Topic}
  A: {Type: AWS::ApiGateway::Resource, Properties: {RestApiId: !Ref Api, ParentId: !GetAtt Api.RootResourceId, PathPart: a}}
  Rest: {Type: AWS::ApiGateway::Resource, Properties: {RestApiId: !Ref Api, ParentId: !GetAtt Api.RootResourceId, PathPart: "{proxy+}"}}
  Stage: {Type: AWS::ApiGateway::Stage, Properties: {RestApiId: !Ref Api, StageName: v1}}
  Pool: {Type: AWS::ApiGateway::Authorizer, Properties: {RestApiId: !Ref Api, Name: pool, Type: COGNITO_USER_POOLS, ProviderARNs: ["arn:aws:cognito-idp:us-east-1:123456789012:userpool/x"], IdentitySource: method.request.header.Authorization}}
  All: {Type: AWS::ApiGateway::Method, Properties: {RestApiId: !Ref Api, ResourceId: !Ref Rest, HttpMethod: ANY, AuthorizationType: NONE, Integration: {Type: AWS_PROXY, Uri: !GetAtt F.Arn}}}
  Get: {Type: AWS::ApiGateway::Method, Properties: {RestApiId: !Ref Api, ResourceId: !Ref A, HttpMethod: GET, AuthorizationType: !Ref NONE, Integration: {Type: AWS_PROXY, Uri: !GetAtt F.Arn}}}
  Put: {Type: AWS::ApiGateway::Method, Properties: {RestApiId: !Ref Api, ResourceId: !Ref A, HttpMethod: PUT, AuthorizationType: "", Integration: {Type: AWS_PROXY, Uri: !GetAtt F.Arn}}}
  Post: {Type: AWS::ApiGateway::Method, Properties: {RestApiId: !Ref Api, ResourceId: !Ref A, HttpMethod: POST, AuthorizationType: COGNITO_USER_POOLS, AuthorizerId: !Ref Pool, AuthorizationScopes: [{a: b}], Integration: {Type: AWS_PROXY, Uri: !GetAtt F.Arn}}}
  Patch: {Type: AWS::ApiGateway::Method, Properties: {RestApiId: !Ref Api, ResourceId: !Ref A, HttpMethod: PATCH, AuthorizationType: AWS_IAM, Integration: {Type: HTTP_PROXY, Uri: "https://example.com"}}}
  Delete: {Type: AWS::ApiGateway::Method, Properties: {RestApiId: !Ref Api, ResourceId: !Ref A, HttpMethod: DELETE, ApiKeyRequired: !Ref AWS::NoValue, Integration: {Type: AWS_PROXY, Uri: !GetAtt F.Arn}}}
  Again: {Type: AWS::ApiGateway::Method, Properties: {RestApiId: !Ref Api, ResourceId: !Ref A, HttpMethod: DELETE, AuthorizationType: AWS_IAM, Integration: {Type: AWS_PROXY, Uri: !GetAtt F.Arn}}}
  Head: {Type: AWS::ApiGateway::Method, Properties: {RestApiId: !Ref Api, ResourceId: !Ref A, HttpMethod: HEAD, ApiKeyRequired: !Ref AWS::NoValue, Integration: {Type: AWS_PROXY, Uri: !GetAtt F.Arn}}}
  Foo: {Type: AWS::ApiGateway::Method, Properties: {RestApiId: !Ref Api, ResourceId: !Ref A, HttpMethod: FOO, AuthorizationType: AWS_IAM, Integration: {Type: AWS_PROXY, Uri: !GetAtt F.Arn}}}
`, `
rest Api v1 [] map[] edge=true
  ANY /{proxy+} F 1.0 line 13
  GET /a F 1.0 line 14 by AuthorizationType unknown closed
  PUT /a F 1.0 line 15 by AuthorizationType unknown closed
  POST /a F 1.0 line 16 by AuthorizationScopes unknown closed
  DELETE /a F 1.0 line 18 by AWS_IAM iam
  HEAD /a F 1.0 line 20
  PATCH /a mock 501 map[Content-Type:application/json] "{\"message\":\"Not Implemented\"}" line 17 by AWS_IAM
Pool cognito header:Authorization [arn:aws:cognito-idp:us-east-1:123456789012:userpool/x]
14 Get: REST APIs do not have the AuthorizationType NONE
15 Put: REST APIs do not have the AuthorizationType ""
16 Post: AuthorizationScopes must be a list of texts
17 Patch: PATCH /a has the integration "http_proxy", which is not emulated; the route is not served
19 Again: Api has the route DELETE /a already, on line 18
21 Foo: FOO /a has a Method that API Gateway does not support: "FOO"; the route is not served`},
		{"unread", `
  Api: {Type: AWS::ApiGateway::RestApi, Properties: {Fn::Transform: {Name: AWS::Include, Parameters: {Location: "s3://bucket/api.yaml"}}}}
  Get: {Type: AWS::ApiGateway::Method, Properties: {RestApiId: !Ref Api, ResourceId: !GetAtt Api.RootResourceId, HttpMethod: GET, Integration: {Type: AWS_PROXY, Uri: !GetAtt F.Arn}}}
  Stage: {Type: AWS::ApiGateway::Stage, Properties: {RestApiId: !Ref Api, StageName: v1}}
  Quick: {Type: AWS::ApiGatewayV2::Api, Properties: {ProtocolType: HTTP, Target: !GetAtt F.Arn, Fn::Transform: {Name: AWS::Include, Parameters: {Location: "s3://bucket/api.yaml"}}}}
`, `
rest Api v1 [] map[] edge=true
  GET / F 1.0 line 8 by Fn::Transform unknown closed
http Quick $default [] map[]
  ANY $default F 2.0 line 10 by Fn::Transform unknown closed
7 Fn::Transform is left out: it is in S3
7 Api: Fn::Transform is not resolved locally; using placeholder "Transform"
7 Api: Fn::Transform cannot be read here; the routes are closed, because it may require authorization
10 Fn::Transform is left out: it is in S3
10 Quick: Fn::Transform cannot be read here; the routes are closed, because it may require authorization`},
		{"names-and-types", `
  Api:
    Type: AWS::ApiGateway::RestApi
    Properties:
      Body:
        openapi: 3.0.1
        components: {securitySchemes: {Own: {type: apiKey, name: x-api-key, in: header}}}
        paths:
          /a: {get: {x-amazon-apigateway-auth: {type: !Ref F}, x-amazon-apigateway-integration: {type: aws_proxy, uri: !GetAtt F.Arn}}}
          /b: {get: {x-amazon-apigateway-auth: !If [Yes, {type: AWS_IAM}, {}], x-amazon-apigateway-integration: {type: aws_proxy, uri: !GetAtt F.Arn}}}
          /c: {get: {x-amazon-apigateway-auth: {type: aws_iam}, x-amazon-apigateway-integration: {type: aws_proxy, uri: !GetAtt F.Arn}}}
          /d: {get: {x-amazon-apigateway-auth: {type: NONE}, x-amazon-apigateway-integration: {type: aws_proxy, uri: !GetAtt F.Arn}}}
  NONE: {Type: AWS::ApiGateway::Authorizer, Properties: {RestApiId: !Ref Api, Name: n, Type: TOKEN, AuthorizerUri: !GetAtt F.Arn, IdentitySource: method.request.header.A}}
  Own: {Type: AWS::ApiGateway::Authorizer, Properties: {RestApiId: !Ref Api, Name: o, Type: TOKEN, AuthorizerUri: !GetAtt F.Arn, IdentitySource: method.request.header.A}}
  Stage: {Type: AWS::ApiGateway::Stage, Properties: {RestApiId: !Ref Api, StageName: v1}}
  Get: {Type: AWS::ApiGateway::Method, Properties: {RestApiId: !Ref Api, ResourceId: !GetAtt Api.RootResourceId, HttpMethod: GET, AuthorizationType: CUSTOM, AuthorizerId: !Ref NONE, Integration: {Type: AWS_PROXY, Uri: !GetAtt F.Arn}}}
  Put: {Type: AWS::ApiGateway::Method, Properties: {RestApiId: !Ref Api, ResourceId: !GetAtt Api.RootResourceId, HttpMethod: PUT, AuthorizationType: CUSTOM, AuthorizerId: !Ref Own, Integration: {Type: AWS_PROXY, Uri: !GetAtt F.Arn}}}
Conditions: {Yes: !Equals [a, a]}
`, `
rest Api v1 [] map[] edge=true
  GET /a F 1.0 line 11 by x-amazon-apigateway-auth unknown closed
  GET /b F 1.0 line 11 by AWS_IAM iam
  GET /c F 1.0 line 11 by x-amazon-apigateway-auth unknown closed
  GET /d F 1.0 line 11
  GET / F 1.0 line 21 by NONE lambda
  PUT / F 1.0 line 22 by Own lambda
NONE lambda F token header:A 300s
Own lambda F token header:A 300s
11 Api: serving the routes of Body; the rest of it, such as models and validators, is not emulated`},
		{"http", `
  Api: {Type: AWS::ApiGatewayV2::Api, Properties: {ProtocolType: HTTP, CorsConfiguration: {AllowOrigins: ["*"], AllowMethods: [GET]}}}
  ToF: {Type: AWS::ApiGatewayV2::Integration, Properties: {ApiId: !Ref Api, IntegrationType: AWS_PROXY, IntegrationUri: !GetAtt F.Arn, PayloadFormatVersion: "2.0", TimeoutInMillis: 1000}}
  ToG: {Type: AWS::ApiGatewayV2::Integration, Properties: {ApiId: !Ref Api, IntegrationType: AWS_PROXY, IntegrationUri: !Sub "arn:aws:apigateway:x:lambda:path/2015-03-31/functions/${G.Arn}/invocations", PayloadFormatVersion: "1.0"}}
  Old: {Type: AWS::ApiGatewayV2::Integration, Properties: {ApiId: !Ref Api, IntegrationType: AWS_PROXY, IntegrationUri: !GetAtt F.Arn, RequestParameters: {"append:header.a": b}}}
  Queue: {Type: AWS::ApiGatewayV2::Integration, Properties: {ApiId: !Ref Api, IntegrationType: AWS_PROXY, IntegrationSubtype: SQS-SendMessage, PayloadFormatVersion: "1.0"}}
  Jwt: {Type: AWS::ApiGatewayV2::Authorizer, Properties: {ApiId: !Ref Api, Name: jwt, AuthorizerType: JWT, IdentitySource: [$request.header.Authorization], JwtConfiguration: {Issuer: "https://issuer", Audience: [me]}}}
  Req: {Type: AWS::ApiGatewayV2::Authorizer, Properties: {ApiId: !Ref Api, Name: req, AuthorizerType: REQUEST, AuthorizerUri: !GetAtt F.Arn, IdentitySource: [$request.header.A], AuthorizerPayloadFormatVersion: "2.0", EnableSimpleResponses: true, AuthorizerResultTtlInSeconds: 60}}
  One: {Type: AWS::ApiGatewayV2::Route, Properties: {ApiId: !Ref Api, RouteKey: GET /one, Target: !Join [/, [integrations, !Ref ToF]], AuthorizationType: JWT, AuthorizerId: !Ref Jwt, AuthorizationScopes: [read]}}
  Two: {Type: AWS::ApiGatewayV2::Route, Properties: {ApiId: !Ref Api, RouteKey: "ANY /two/{proxy+}", Target: !Sub "integrations/${ToG}", AuthorizationType: CUSTOM, AuthorizerId: !Ref Req}}
  Three: {Type: AWS::ApiGatewayV2::Route, Properties: {ApiId: !Ref Api, RouteKey: $default, Target: !Sub "integrations/${Old}"}}
  Four: {Type: AWS::ApiGatewayV2::Route, Properties: {ApiId: !Ref Api, RouteKey: POST /four, Target: !Sub "integrations/${Queue}"}}
  Five: {Type: AWS::ApiGatewayV2::Route, Properties: {ApiId: !Ref Api, RouteKey: /five, Target: !Sub "integrations/${ToF}"}}
  Six: {Type: AWS::ApiGatewayV2::Route, Properties: {ApiId: !Ref Api, RouteKey: GET /six, AuthorizationType: AWS_IAM, Target: !Sub "integrations/${ToF}"}}
  Stage: {Type: AWS::ApiGatewayV2::Stage, Properties: {ApiId: !Ref Api, StageName: live, AutoDeploy: true, StageVariables: {a: b}}}
  Other: {Type: AWS::ApiGatewayV2::Stage, Properties: {ApiId: !Ref Api, StageName: test}}
  Quick: {Type: AWS::ApiGatewayV2::Api, Properties: {Name: quick, ProtocolType: HTTP, Target: !GetAtt F.Arn}}
  Managed: {Type: AWS::ApiGatewayV2::ApiGatewayManagedOverrides, Properties: {ApiId: !Ref Quick, Route: {AuthorizationType: AWS_IAM, OperationName: a}}}
  Keyed: {Type: AWS::ApiGatewayV2::Api, Properties: {Name: keyed, ProtocolType: HTTP, Target: !GetAtt G.Arn, RouteKey: GET /g}}
  Socket: {Type: AWS::ApiGatewayV2::Api, Properties: {Name: socket, ProtocolType: WEBSOCKET}}
  Connect: {Type: AWS::ApiGatewayV2::Route, Properties: {ApiId: !Ref Socket, RouteKey: $connect, Target: !Sub "integrations/${ToF}"}}
`, `
http Api live [] map[a:b] cors=[*]
  GET /one F 2.0 1s line 14 by Jwt jwt [read]
  ANY /two/{proxy+} G 1.0 line 15 by Req lambda
  ANY $default F 1.0 line 16
  GET /six F 2.0 1s line 19 by AWS_IAM iam
Jwt jwt header:Authorization iss=https://issuer aud=[me]
Req lambda F 2.0 simple=true header:A 60s
http Quick $default [] map[]
  ANY $default F 2.0 line 22 by AWS_IAM iam
http Keyed $default [] map[]
  GET /g G 2.0 line 24
10 Old needs a PayloadFormatVersion
10 Old: RequestParameters is not emulated
15 Two: ANY /two/{proxy+}: API Gateway has no permission to call G, so AWS responds with 500; add an AWS::Lambda::Permission
17 Four: POST /four has the integration "sqs-sendmessage", which is not emulated; the route is not served
18 Five: the RouteKey "/five" must be $default, or a method and a path
21 Other: without AutoDeploy or a DeploymentId API Gateway serves nothing
21 Other: only the first stage of an API is served, which is Stage of Api
23 Managed: AWS::ApiGatewayV2::ApiGatewayManagedOverrides is not emulated
24 Keyed: GET /g: API Gateway has no permission to call G, so AWS responds with 500; add an AWS::Lambda::Permission
25 Socket: WebSocket APIs are not emulated`},
		{"body", `
  Api:
    Type: AWS::ApiGateway::RestApi
    Properties:
      Body:
        openapi: 3.0.1
        paths: {/: !If [Yes, {put: {x-amazon-apigateway-integration: {type: aws_proxy, uri: !GetAtt F.Arn}}, get: {x-amazon-apigateway-integration: {type: aws_proxy, uri: !GetAtt F.Arn}}}, {}], /a: {get: {security: [{Own: []}], x-amazon-apigateway-integration: {type: aws_proxy, uri: !GetAtt F.Arn}}}}
        components: {securitySchemes: {Own: {type: apiKey, name: Key, in: header, x-amazon-apigateway-authtype: custom, x-amazon-apigateway-authorizer: {type: token, authorizerUri: !GetAtt F.Arn}}}}
        security: [{Own: []}]
  Again: {Type: AWS::ApiGateway::Method, Properties: {RestApiId: !Ref Api, ResourceId: !GetAtt Api.RootResourceId, HttpMethod: GET, AuthorizationType: AWS_IAM, Integration: {Type: AWS_PROXY, Uri: !GetAtt F.Arn}}}
  Post: {Type: AWS::ApiGateway::Method, Properties: {RestApiId: !Ref Api, ResourceId: !GetAtt Api.RootResourceId, HttpMethod: POST, AuthorizationType: NONE, Integration: {Type: AWS_PROXY, Uri: !GetAtt F.Arn}}}
  Stage: {Type: AWS::ApiGateway::Stage, Properties: {RestApiId: !Ref Api, StageName: v1}}
  Included: {Type: AWS::ApiGatewayV2::Api, Properties: {Body: {Fn::Transform: {Name: AWS::Include, Parameters: {Location: open.yaml}}}}}
  In: {Type: AWS::ApiGatewayV2::Stage, Properties: {ApiId: !Ref Included, StageName: $default, AutoDeploy: true}}
  Far: {Type: AWS::ApiGateway::RestApi, Properties: {Policy: {}, BodyS3Location: {Bucket: b, Key: k}}}
  FarGet: {Type: AWS::ApiGateway::Method, Properties: {RestApiId: !Ref Far, ResourceId: !GetAtt Far.RootResourceId, HttpMethod: GET, AuthorizationType: NONE, Integration: {Type: AWS_PROXY, Uri: !GetAtt G.Arn, Credentials: role}}}
  FarStage: {Type: AWS::ApiGateway::Stage, Properties: {RestApiId: !Ref Far, StageName: v1}}
  Event: {Type: AWS::Serverless::Function, Properties: {Events: {
    A: {Type: Api, Properties: {Path: /a, Method: GET, RestApiId: !Ref Api}},
    B: {Type: Api, Properties: {Path: /b, Method: GET, RestApiId: !Ref Api, Auth: {OverrideApiAuth: true, Authorizer: NONE}}},
    C: {Type: Api, Properties: {Path: /c, Method: GET, RestApiId: !Ref Far}}}}}
Conditions: {Yes: !Equals [a, a]}
`, `
rest Api v1 [] map[] edge=true
  GET /a F 1.0 line 11 by Own lambda
  PUT / F 1.0 line 11 by Own lambda
  POST / F 1.0 line 16
  GET / mock 501 map[Content-Type:application/json] "{\"message\":\"Not Implemented\"}" line 11 by Own
Own lambda F token header:Key 300s
http Included $default [] map[]
  GET /a F 1.0 line 18
rest Far v1 [] map[] edge=true
  GET / G 1.0 line 21 by BodyS3Location unknown closed
  GET /c Event 1.0 line 26 by BodyS3Location unknown closed
11 Api: serving the routes of Body; the rest of it, such as models and validators, is not emulated
12 Api: GET / is there twice; the route is not served
15 Again: GET /: Api has the route GET / already, on line 12
18 Included: serving the routes of Body; the rest of it, such as models and validators, is not emulated
20 Far: the resource policy is not evaluated
20 Far: BodyS3Location cannot be read: it is in S3; serving the routes beside it, all closed, because it may require authorization
25 Event B: Api has a definition without GET /b, so API Gateway does not serve it`},
		{"mock", `
  Api: {Type: AWS::ApiGateway::RestApi}
  A: {Type: AWS::ApiGateway::Resource, Properties: {RestApiId: !Ref Api, ParentId: !GetAtt Api.RootResourceId, PathPart: a}}
  Stage: {Type: AWS::ApiGateway::Stage, Properties: {RestApiId: !Ref Api, StageName: v1}}
  Cors:
    Type: AWS::ApiGateway::Method
    Properties:
      RestApiId: !Ref Api
      ResourceId: !Ref A
      HttpMethod: OPTIONS
      ApiKeyRequired: true
      Integration:
        Type: MOCK
        RequestTemplates: {application/json: "{ statusCode: 204 }"}
        IntegrationResponses:
          - {StatusCode: "400", SelectionPattern: "4.."}
          - StatusCode: "204"
            ResponseTemplates: {application/json: "#set($a = 1)"}
            ResponseParameters:
              method.response.header.Access-Control-Allow-Origin: "'https://a.example'"
              method.response.header.Vary: integration.response.header.Vary
              method.response.header.Lost: "'x'"
      MethodResponses: [{StatusCode: "204", ResponseParameters: {method.response.header.Access-Control-Allow-Origin: true, method.response.header.Vary: true}}]
  Teapot: {Type: AWS::ApiGateway::Method, Properties: {RestApiId: !Ref Api, ResourceId: !Ref A, HttpMethod: GET, Integration: {Type: MOCK, RequestTemplates: {application/json: '{"statusCode": 418}'}, IntegrationResponses: [{StatusCode: 200}, {StatusCode: 418, SelectionPattern: "41\\d", ResponseTemplates: {text/plain: short and stout}}]}, MethodResponses: [{StatusCode: 418}]}}
  Undeclared: {Type: AWS::ApiGateway::Method, Properties: {RestApiId: !Ref Api, ResourceId: !Ref A, HttpMethod: HEAD, Integration: {Type: MOCK, RequestTemplates: {application/json: '{"statusCode": 200}'}, IntegrationResponses: [{StatusCode: 200}]}, MethodResponses: [{StatusCode: 204}]}}
  Html: {Type: AWS::ApiGateway::Method, Properties: {RestApiId: !Ref Api, ResourceId: !Ref A, HttpMethod: PATCH, Integration: {Type: MOCK, RequestTemplates: {application/json: '{"statusCode": 200}'}, IntegrationResponses: [{StatusCode: 200, ResponseParameters: {method.response.header.content-type: "'text/html'"}, ResponseTemplates: {application/json: hi}}]}, MethodResponses: [{StatusCode: 200, ResponseParameters: {method.response.header.Content-Type: true}}]}}
  None: {Type: AWS::ApiGateway::Method, Properties: {RestApiId: !Ref Api, ResourceId: !Ref A, HttpMethod: PUT, Integration: {Type: MOCK, IntegrationResponses: [{StatusCode: 200}]}}}
  Other: {Type: AWS::ApiGateway::Method, Properties: {RestApiId: !Ref Api, ResourceId: !Ref A, HttpMethod: POST, Integration: {Type: MOCK, RequestTemplates: {application/json: '{"statusCode": 200}'}, IntegrationResponses: [{StatusCode: 400, SelectionPattern: "400"}]}}}
  Sam:
    Type: AWS::Serverless::Api
    Properties:
      StageName: x
      DefinitionBody:
        openapi: 3.0.1
        paths:
          /a:
            options:
              responses: {200: {headers: {Access-Control-Allow-Origin: {schema: {type: string}}}}}
              x-amazon-apigateway-integration: {type: mock, requestTemplates: {application/json: '{"statusCode": 200}'}, responses: {default: {statusCode: "200", responseParameters: {method.response.header.Access-Control-Allow-Origin: "'*'"}, responseTemplates: {application/json: "{}"}}}}
`, `
rest Api v1 [] map[] edge=true
  OPTIONS /a mock 204 map[Access-Control-Allow-Origin:https://a.example Content-Type:application/json] "" line 10 key
  GET /a mock 418 map[Content-Type:text/plain] "short and stout" line 29
  PATCH /a mock 200 map[content-type:text/html] "hi" line 31
rest Sam x [] map[] edge=true
  OPTIONS /a mock 200 map[Access-Control-Allow-Origin:* Content-Type:application/json] "{}" line 39
23 Cors: OPTIONS /a: the response template is not evaluated, so the response has no body
26 Cors: OPTIONS /a: method.response.header.Vary has no static value, so it is not sent
27 Cors: OPTIONS /a: the method's response 204 does not declare the header Lost
30 Undeclared: HEAD /a has a mock integration with the status 200, which is not among the method's responses; the route is not served
32 None: PUT /a has a mock integration whose requestTemplates have no plain statusCode for application/json; the route is not served
33 Other: POST /a has a mock integration without a response for the status 200; the route is not served
39 Sam: serving the routes of DefinitionBody; the rest of it, such as models and validators, is not emulated`},
	} {
		t.Run(row.name, func(t *testing.T) {
			got, err := sam.Read(project(t, plain+strings.TrimPrefix(row.resources, "\n")), sam.Options{})
			if err != nil {
				t.Fatal(err)
			}
			text := ""
			for _, a := range got.APIs {
				text += fmt.Sprintf("\n%s %s %s %v %v", a.Kind, a.ID, a.Stage, a.BinaryMediaTypes, a.StageVariables)
				if a.Kind == "rest" {
					text += fmt.Sprintf(" edge=%t", a.Edge)
				}
				if a.CORS != nil {
					text += fmt.Sprintf(" cors=%v", a.CORS.AllowOrigins)
				}
				for _, r := range a.Routes {
					text += fmt.Sprintf("\n  %s %s %s %s", r.Method, r.Path, r.Function.ID, r.Payload)
					if r.Timeout > 0 {
						text += fmt.Sprintf(" %v", r.Timeout)
					}
					text += fmt.Sprintf(" line %d", r.Line)
					if r.Authorizer != "" {
						text += fmt.Sprintf(" by %s %s", r.Authorizer, r.Auth)
					}
					if len(r.Scopes) > 0 {
						text += fmt.Sprint(" ", r.Scopes)
					}
					if r.APIKey {
						text += " key"
					}
					if r.Auth == "unknown" {
						text += " closed"
					}
				}
				for _, r := range a.Mocks {
					text += fmt.Sprintf("\n  %s %s mock %d %v %q line %d", r.Method, r.Path, r.Mock.Status, r.Mock.Header, r.Mock.Body, r.Line)
					if r.Authorizer != "" && !r.APIKey {
						text += " by " + r.Authorizer
					}
					if r.APIKey {
						text += " key"
					}
				}
				for _, k := range a.Keys {
					text += "\nkey " + k.ID
				}
				for _, d := range a.Authorizers {
					text += "\n" + authorizer(d)
				}
			}
			for _, f := range got.Findings {
				text += fmt.Sprintf("\n%d %s", f.Line, f.Text)
			}
			if text != row.want {
				t.Errorf("read as%s\nwant%s", text, row.want)
			}
		})
	}
}
