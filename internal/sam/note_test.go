package sam_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/crumb-go/crumb/internal/app"
	"github.com/crumb-go/crumb/internal/sam"
)

// TestNoteLines holds that a note about a function has the line of the property
// in question, or else that of the function.
func TestNoteLines(t *testing.T) {
	for _, row := range []struct{ name, template, want string }{
		{"runtime-not-of-go", `Resources:
  F:
    Type: AWS::Serverless::Function
    Properties:
      Handler: bootstrap
      Runtime: python3.13
      CodeUri: code
`, "8 F is not run: the runtime python3.13 is not Go's"},
		{"no-code-uri", `Resources:
  F:
    Type: AWS::Serverless::Function
    Properties:
      Handler: bootstrap
      Runtime: python3.13
`, "3 F is not run: the runtime python3.13 is not Go's"},
	} {
		t.Run(row.name, func(t *testing.T) {
			got, err := sam.Read(project(t, "Transform: AWS::Serverless-2016-10-31\n"+row.template), sam.Options{})
			if err != nil {
				t.Fatal(err)
			}
			if len(got.Findings) != 1 || fmt.Sprint(got.Findings[0].Line, " ", got.Findings[0].Text) != row.want {
				t.Errorf("notes %v, want %s", got.Findings, row.want)
			}
		})
	}
}

// TestNotEmulated holds that settings that change responses and are not emulated are
// named, with their lines.
func TestNotEmulated(t *testing.T) {
	got, err := sam.Read(project(t, routed+`Resources:
  Api:
    Type: AWS::Serverless::Api
    Properties:
      StageName: x
      GatewayResponses: {UNAUTHORIZED: {ResponseTemplates: {text/html: $context.identity.sourceIp}}}
      Domain: {DomainName: a.example, CertificateArn: arn, BasePath: [v1]}
      Models: {M: {}}
      MinimumCompressionSize: 0
      CacheClusterEnabled: true
  Defined:
    Type: AWS::Serverless::Api
    Properties:
      StageName: x
      CacheClusterEnabled: false
      DefinitionBody:
        swagger: "2.0"
        x-amazon-apigateway-request-validators: {all: {validateRequestBody: true}}
        x-amazon-apigateway-minimum-compression-size: 1024
        paths: {}
  F:
    Type: AWS::Serverless::Function
    Properties:
      CapacityProviderConfig: {Arn: arn}
      TenancyConfig: {TenantIsolationMode: PER_TENANT}
      DurableConfig: {ExecutionTimeout: 60}
      Events:
        A: {Type: Api, Properties: {Path: /a, Method: get, RestApiId: !Ref Api, RequestModel: {Model: M, ValidateBody: true}}}
  Mapping: {Type: AWS::Lambda::EventSourceMapping}
  Schedule: {Type: AWS::Scheduler::Schedule}
`), sam.Options{})
	if err != nil {
		t.Fatal(err)
	}
	var lines []string
	for _, f := range got.Findings {
		if f.Severity == app.NotEmulated {
			lines = append(lines, fmt.Sprint(f.Line, " ", f.Text))
		}
	}
	want := `9 Api GatewayResponses UNAUTHORIZED: $context.identity.sourceIp is not evaluated, so the response has its usual body; evaluated are $context.error.message, $context.error.messageString, $context.error.responseType, $context.requestId, $context.authorizer.NAME
10 Api: BasePath is not emulated; requests come without it
12 Api: MinimumCompressionSize is not emulated
13 Api: CacheClusterEnabled is not emulated
21 Defined: x-amazon-apigateway-request-validators is not emulated
22 Defined: x-amazon-apigateway-minimum-compression-size is not emulated
27 F: CapacityProviderConfig is not emulated
28 F: TenancyConfig is not emulated
29 F: DurableConfig is not emulated
31 F A: ValidateBody is not emulated
32 Mapping: AWS::Lambda::EventSourceMapping is not emulated
33 Schedule: AWS::Scheduler::Schedule is not emulated`
	if got := strings.Join(lines, "\n"); got != want {
		t.Errorf("findings:\n%s\nwant:\n%s", got, want)
	}
}

// TestWhere holds that a note about a value that only a stack has names the
// property.
func TestWhere(t *testing.T) {
	const function, rest, http = "Type: AWS::Serverless::Function, ", "Type: AWS::Serverless::Api, ", "Type: AWS::Serverless::HttpApi, "
	event := func(kind, properties string) string {
		return function + "Properties: {Events: {E: {Type: " + kind + ", Properties: {Path: /a, Method: GET, " + properties + "}}}}"
	}
	for _, row := range []struct{ resource, want string }{ // X: "*" stands for the value
		{function + "Properties: {Handler: *}", "X Handler"},
		{function + "Properties: {Runtime: *}", "X Runtime"},
		{function + "Properties: {Timeout: *}", "X Timeout"},
		{function + "Properties: {MemorySize: *}", "X MemorySize"},
		{function + "Properties: {CodeUri: *}", "X CodeUri"},
		{function + "Properties: {PackageType: *}", "X PackageType"},
		{function + "Metadata: {BuildMethod: *}", "X BuildMethod"},
		{function + "Metadata: {DockerContext: *}, Properties: {PackageType: Image}", "X DockerContext"},
		{function + "Properties: {Environment: *}", "X Environment"},
		{function + "Properties: {Environment: {Variables: *}}", "X Environment"},
		{function + "Properties: {Environment: {Variables: {A: *}}}", "X A"},
		{function + "Properties: {LoggingConfig: *}", "X LoggingConfig"},
		{function + "Properties: {LoggingConfig: {LogFormat: *}}", "X LogFormat"},
		{function + "Properties: {LoggingConfig: {ApplicationLogLevel: *}}", "X ApplicationLogLevel"},
		{function + "Properties: {LoggingConfig: {SystemLogLevel: *}}", "X SystemLogLevel"},
		{function + "Properties: {FunctionUrlConfig: {AuthType: *}}", "X FunctionUrlConfig AuthType"},
		{function + "Properties: {FunctionUrlConfig: {AuthType: NONE, InvokeMode: *}}", "X FunctionUrlConfig InvokeMode"},
		{function + "Properties: {FunctionUrlConfig: {AuthType: NONE, Cors: {MaxAge: *}}}", "X FunctionUrlConfig Cors MaxAge"},
		{rest + "Properties: {StageName: *}", "X StageName"},
		{rest + "Properties: {StageName: x, Variables: {A: *}}", "X stage variable A"},
		{rest + "Properties: {StageName: x, BinaryMediaTypes: *}", "X BinaryMediaTypes"},
		{rest + "Properties: {StageName: x, EndpointConfiguration: *}", "X EndpointConfiguration"},
		{rest + "Properties: {StageName: x, EndpointConfiguration: {Type: *}}", "X EndpointConfiguration Type"},
		{rest + "Properties: {StageName: x, Cors: *}", "X Cors"},
		{rest + "Properties: {StageName: x, Cors: {AllowOrigin: *}}", "X Cors AllowOrigin"},
		{rest + "Properties: {StageName: x, Cors: {AllowMethods: *}}", "X Cors AllowMethods"},
		{rest + "Properties: {StageName: x, Cors: {AllowHeaders: *}}", "X Cors AllowHeaders"},
		{rest + "Properties: {StageName: x, Cors: {MaxAge: *}}", "X Cors MaxAge"},
		{rest + "Properties: {StageName: x, Auth: {DefaultAuthorizer: *}}", "X Auth DefaultAuthorizer"},
		{rest + "Properties: {StageName: x, Auth: {ApiKeyRequired: *}}", "X Auth ApiKeyRequired"},
		{rest + "Properties: {StageName: x, Auth: {AddDefaultAuthorizerToCorsPreflight: *}}", "X Auth AddDefaultAuthorizerToCorsPreflight"},
		{rest + "Properties: {StageName: x, Auth: {AddApiKeyRequiredToCorsPreflight: *}}", "X Auth AddApiKeyRequiredToCorsPreflight"},
		{rest + "Properties: {StageName: x, MergeDefinitions: *, DefinitionBody: {paths: {}}}", "X MergeDefinitions"},
		{http + "Properties: {StageName: *}", "X StageName"},
		{http + "Properties: {StageVariables: {A: *}}", "X stage variable A"},
		{http + "Properties: {CorsConfiguration: *}", "X CorsConfiguration"},
		{http + "Properties: {CorsConfiguration: {AllowOrigins: *}}", "X CorsConfiguration AllowOrigins"},
		{http + "Properties: {CorsConfiguration: {AllowMethods: *}}", "X CorsConfiguration AllowMethods"},
		{http + "Properties: {CorsConfiguration: {AllowHeaders: *}}", "X CorsConfiguration AllowHeaders"},
		{http + "Properties: {CorsConfiguration: {ExposeHeaders: *}}", "X CorsConfiguration ExposeHeaders"},
		{http + `Properties: {CorsConfiguration: {AllowOrigins: ["https://a.example"], AllowCredentials: *}}`, "X CorsConfiguration AllowCredentials"},
		{http + "Properties: {CorsConfiguration: {MaxAge: *}}", "X CorsConfiguration MaxAge"},
		{http + "Properties: {Auth: {DefaultAuthorizer: *}}", "X Auth DefaultAuthorizer"},
		{event("Api", "TimeoutInMillis: *"), "X E TimeoutInMillis"},
		{event("Api", "ResponseTransferMode: *"), "X E ResponseTransferMode"},
		{event("Api", "Auth: {Authorizer: *}"), "X E Authorizer"},
		{event("Api", "Auth: {ApiKeyRequired: *}"), "X E ApiKeyRequired"},
		{event("HttpApi", "TimeoutInMillis: *"), "X E TimeoutInMillis"},
		{event("HttpApi", "Auth: {Authorizer: *}"), "X E Authorizer"},
	} {
		resources := "Resources:\n  Topic: {Type: AWS::SNS::Topic}\n  X: {" + strings.ReplaceAll(row.resource, "*", "!GetAtt Topic.Arn") + "}\n"
		got, err := sam.Read(project(t, routed+resources), sam.Options{})
		if err != nil {
			t.Errorf("%s: %v", row.resource, err)
			continue
		}
		want := app.Finding{Line: 6, Text: row.want + `: GetAtt Topic.Arn is known only once it is deployed; using placeholder "Topic.Arn"`}
		if !slices.Contains(got.Findings, want) {
			t.Errorf("%s: notes %v, want %q", row.resource, got.Findings, want.Text)
		}
	}
}
