package sam_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/crumb-go/crumb/internal/cfn"
	"github.com/crumb-go/crumb/internal/sam"
)

func TestErrors(t *testing.T) {
	const head = "Transform: AWS::Serverless-2016-10-31\n"
	for _, row := range []struct {
		name, template string
		want           []string // each "line: text"; "0: " for none
	}{
		{"empty", "", []string{"0: the file is empty"}},
		{"text", "hello\n", []string{"0: not a SAM template: it has no Transform: AWS::Serverless-2016-10-31; nor does it have a function or an API of plain CloudFormation"}},
		{"cloudformation", "Resources: {}\n", []string{"0: not a SAM template: it has no Transform: AWS::Serverless-2016-10-31; nor does it have a function or an API of plain CloudFormation"}},
		{"other-transform", "Transform: AWS::LanguageExtensions\n", []string{"0: not a SAM template: it has no Transform: AWS::Serverless-2016-10-31; nor does it have a function or an API of plain CloudFormation"}},
		{"sam-without-transform", "Resources:\n  R: {Type: AWS::Lambda::Function, Properties: {Code: x, Handler: x, Runtime: provided.al2023}}\n  F: {Type: AWS::Serverless::Function}\n  A: {Type: AWS::Serverless::Api}\n", []string{
			"3: F: AWS::Serverless::Function needs Transform: AWS::Serverless-2016-10-31", "4: A: AWS::Serverless::Api needs Transform: AWS::Serverless-2016-10-31"}},
		{"no-resources", head, []string{"0: the template has no Resources"}},
		{"empty-resources", head + "Resources: {}\n", []string{"0: the template has no Resources"}},
		{"resource-list", head + "Resources: [a]\n", []string{"0: the template has no Resources"}},
		{"no-resource-type", head + "Resources:\n  A: {}\n  B: text\n", []string{"3: the resource A needs a Type", "4: the resource B needs a Type"}},
		{"parameters", head + "Parameters: [a]\nResources: {A: {Type: x}}\n", []string{"2: Parameters must be a map"}},
		{"parameter", head + "Parameters:\n  A: {Description: a}\n  B: text\nResources: {A: {Type: x}}\n", []string{"3: the parameter A needs a Type", "4: the parameter B needs a Type"}},
		{"globals", head + "Globals: [a]\nResources: {A: {Type: x}}\n", []string{"2: Globals must be a map"}},
		{"globals-section", head + "Globals:\n  Functions: {}\nResources: {A: {Type: x}}\n", []string{`3: Globals does not support the section Functions; supported are Api, CapacityProvider, Function, HttpApi, LayerVersion, SimpleTable, StateMachine, WebSocketApi`}},
		{"globals-section-text", head + "Globals:\n  Functions: x\nResources: {A: {Type: x}}\n", []string{"3: Globals does not support the section Functions; supported are Api, CapacityProvider, Function, HttpApi, LayerVersion, SimpleTable, StateMachine, WebSocketApi"}},
		{"authorizer-of-event", head + "Resources:\n  F: {Type: AWS::Serverless::Function, Properties: {Runtime: go1.x, Handler: m, CodeUri: code, Events: {\n    A: {Type: Api, Properties: {Path: /a, Method: get, Auth: {Authorizer: T}}},\n    B: {Type: HttpApi, Properties: {Path: /b, Method: get, Auth: {Authorizer: AWS_IAM}}},\n    C: {Type: Api, Properties: {Path: /c, Method: get, Auth: {Authorizer: NONE}}},\n    D: {Type: Api, Properties: {Path: /d, Method: get, Auth: {ApiKeyRequired: false}}},\n    E: {Type: Api, Properties: {Path: /e, Method: get, Auth: {OverrideApiAuth: true}}},\n    G: {Type: Api, Properties: {Path: /g, Method: get, Auth: {OverrideApiAuth: true, ResourcePolicy: {}}}}}}}\n", []string{
			"4: F A: ServerlessRestApi has no authorizer T", "5: F B: ServerlessHttpApi has no authorizer AWS_IAM; set EnableIamAuthorizer: true in its Auth", "6: F C: Authorizer NONE needs a DefaultAuthorizer, which ServerlessRestApi does not have",
			"7: F D: ApiKeyRequired: false needs an API with ApiKeyRequired, which ServerlessRestApi is not",
			"8: F E: OverrideApiAuth needs an Authorizer, ApiKeyRequired or a ResourcePolicy"}},
		{"authorizers", head + "Resources:\n  A: {Type: AWS::Serverless::Api, Properties: {StageName: x, Auth: {Authorizers: [T]}}}\n", []string{"3: A Auth Authorizers must be a map"}},
		{"authorizer-of-event-refused", head + "Resources:\n  A: {Type: AWS::Serverless::Api, Properties: {StageName: x, Auth: {Misspelt: a}}}\n  F: {Type: AWS::Serverless::Function, Properties: {Runtime: go1.x, Handler: m, CodeUri: code, Events: {\n    A: {Type: Api, Properties: {Path: /a, Method: get, RestApiId: !Ref A, Auth: {Authorizer: T}}},\n    B: {Type: Api, Properties: {Path: /b, Method: get, Auth: {Authorizer: [T]}}},\n    C: {Type: HttpApi, Properties: {Path: /c, Method: get, PayloadFormatVersion: '3.0'}}}}}\n", []string{
			"3: A Auth does not support Misspelt; supported are AddApiKeyRequiredToCorsPreflight, AddDefaultAuthorizerToCorsPreflight, ApiKeyRequired, Authorizers, DefaultAuthorizer, InvokeRole, ResourcePolicy, UsagePlan",
			"6: F B Authorizer must be the name of an authorizer", `7: F C PayloadFormatVersion must be "1.0" or "2.0"`}},
		{"cors-max-age", head + "Resources:\n  A: {Type: AWS::Serverless::Api, Properties: {StageName: x, Cors: {MaxAge: \"'-1'\"}}}\n", []string{"3: A Cors MaxAge must be a whole number from 0 to 2147483647"}},
		{"security", head + "Resources:\n  A: {Type: AWS::Serverless::Api, Properties: {StageName: x, Auth: {DefaultAuthorizer: T, Authorizers: {T: {UserPoolArn: a}}}, DefinitionBody: {swagger: '2.0', paths: {/a: {get: {security: x, x-amazon-apigateway-integration: {type: aws_proxy, uri: !GetAtt F.Arn}}}}}}}\n  F: {Type: AWS::Serverless::Function, Properties: {Runtime: go1.x, Handler: m, CodeUri: code}}\n", []string{"3: A: GET /a: security must be a list of maps"}},
		{"security-definitions", head + "Resources:\n  A: {Type: AWS::Serverless::Api, Properties: {StageName: x, DefinitionBody: {swagger: '2.0', paths: {}, securityDefinitions: x}}}\n", []string{"3: A: securityDefinitions must be a map"}},
		{"no-paths", head + "Resources:\n  A: {Type: AWS::Serverless::Api, Properties: {StageName: x, Cors: \"'*'\", DefinitionBody: {swagger: '2.0'}}}\n  B: {Type: AWS::Serverless::Api, Properties: {StageName: x, DefinitionBody: {swagger: '2.0'}}}\n  C: {Type: AWS::Serverless::HttpApi, Properties: {DefinitionBody: {openapi: 3.0.1}}}\n", []string{"3: A: DefinitionBody cannot be read: it has no paths; serving the routes in Events, all closed, because it may require authorization", "5: C: DefinitionBody cannot be read: it has no paths; serving the routes in Events, all closed, because it may require authorization"}},
		{"globals-text", head + "Globals:\n  Function: x\nResources: {A: {Type: x}}\n", []string{"3: Globals.Function must be a map"}},
		{"globals-property", head + "Globals:\n  Api:\n    StageName: x\nResources: {A: {Type: x}}\n", []string{"4: Globals.Api does not support StageName; set it on each resource"}},
		{"function", head + "Resources:\n  F:\n    Type: AWS::Serverless::Function\n", []string{"3: F needs a Runtime, such as provided.al2023"}},
		{"handler", head + "Resources:\n  F: {Type: AWS::Serverless::Function, Properties: {Runtime: go1.x, CodeUri: code}}\n", []string{"3: F needs a Handler, such as bootstrap"}},
		{"stage-name", head + "Resources:\n  A: {Type: AWS::Serverless::Api}\n", []string{"3: A needs a StageName"}},
		{"url-auth", head + "Resources:\n  F: {Type: AWS::Serverless::Function, Properties: {Runtime: go1.x, Handler: m, CodeUri: code, FunctionUrlConfig: {InvokeMode: BUFFERED}}}\n", []string{"3: F FunctionUrlConfig needs an AuthType"}},
		{"condition", head + "Resources:\n  A: {Type: x, Condition: Nope}\n", []string{"3: no such condition: Nope"}},
		{"recursive-condition", head + "Conditions:\n  A: !Not [!Condition B]\n  B: !Not [!Condition A]\nResources:\n  A: {Type: x, Condition: A}\n", []string{"4: the condition A refers to itself"}},
		{"url-cors", head + "Resources:\n  F: {Type: AWS::Serverless::Function, Properties: {Runtime: go1.x, Handler: m, CodeUri: code, FunctionUrlConfig: {AuthType: NONE, Cors: x}}}\n", []string{"3: F FunctionUrlConfig Cors must be a map"}},
		{"stage-name-list", head + "Resources:\n  A: {Type: AWS::Serverless::Api, Properties: {StageName: [a, b]}}\n", []string{"3: A StageName must be a string, not a list"}},
		{"handler-list", head + "Resources:\n  F: {Type: AWS::Serverless::Function, Properties: {Runtime: go1.x, CodeUri: code, Handler: [a]}}\n", []string{"3: F Handler must be a string, not a list", "3: F needs a Handler, such as bootstrap"}},
		{"default-authorizer-list", head + "Resources:\n  A: {Type: AWS::Serverless::Api, Properties: {StageName: x, Auth: {DefaultAuthorizer: [a]}}}\n", []string{"3: A Auth DefaultAuthorizer must be the name of an authorizer"}},
		{"auth", head + "Resources:\n  A: {Type: AWS::Serverless::Api, Properties: {StageName: x, Auth: {DefaultAuthoriser: x}}}\n", []string{"3: A Auth does not support DefaultAuthoriser; supported are AddApiKeyRequiredToCorsPreflight, AddDefaultAuthorizerToCorsPreflight, ApiKeyRequired, Authorizers, DefaultAuthorizer, InvokeRole, ResourcePolicy, UsagePlan"}},
		{"default-authorizer", head + "Resources:\n  A: {Type: AWS::Serverless::Api, Properties: {StageName: x, Auth: {DefaultAuthorizer: T, Authorizers: {U: {UserPoolArn: a}}}}}\n", []string{"3: A: DefaultAuthorizer names T, which Authorizers does not have"}},
		{"default-authorizer-http", head + "Resources:\n  A: {Type: AWS::Serverless::HttpApi, Properties: {Auth: {DefaultAuthorizer: T, EnableIamAuthorizer: true}}}\n", []string{"3: A: DefaultAuthorizer names T, which Authorizers does not have"}},
		{"merge-definitions", head + "Resources:\n  A: {Type: AWS::Serverless::Api, Properties: {StageName: x, MergeDefinitions: 'true', DefinitionBody: {swagger: '2.0', paths: {}}}}\n", []string{"3: A MergeDefinitions must be true or false, without quotes"}},
		{"auth-text", head + "Resources:\n  A: {Type: AWS::Serverless::HttpApi, Properties: {Auth: !Ref AWS::Region}}\n", []string{"3: A Auth must be a map"}},
		{"cors-credentials", head + "Resources:\n  A: {Type: AWS::Serverless::Api, Properties: {StageName: x, Cors: {AllowCredentials: true}}}\n", []string{"3: A Cors: AllowCredentials needs an allowed origin other than *"}},
		{"cors-credentials-http", head + "Resources:\n  A: {Type: AWS::Serverless::HttpApi, Properties: {CorsConfiguration: {AllowOrigins: ['*'], AllowCredentials: true}}}\n", []string{"3: A CorsConfiguration: AllowCredentials needs an allowed origin other than *"}},
		{"cors-list", head + "Resources:\n  A: {Type: AWS::Serverless::Api, Properties: {StageName: x, Cors: [a]}}\n", []string{"3: A Cors must be a string or a map"}},
		{"to-json-string", "Transform: [AWS::LanguageExtensions, AWS::Serverless-2016-10-31]\nResources:\n  F:\n    Type: AWS::Serverless::Function\n    Properties:\n      CodeUri: code\n      Runtime: go1.x\n      Handler: m\n      Environment: {Variables: {XX: !ToJsonString text}}\n", []string{"9: Fn::ToJsonString requires a map or a list, not a string"}},
		{"cors-key", head + "Resources:\n  A: {Type: AWS::Serverless::HttpApi, Properties: {CorsConfiguration: {AllowOrigin: [a]}}}\n", []string{"3: A CorsConfiguration does not support AllowOrigin; supported are AllowCredentials, AllowHeaders, AllowMethods, AllowOrigins, ExposeHeaders, MaxAge"}},
		{"cors-key-rest", head + "Resources:\n  A: {Type: AWS::Serverless::Api, Properties: {StageName: x, Cors: {AllowOrigins: a}}}\n", []string{"3: A Cors does not support AllowOrigins; supported are AllowCredentials, AllowHeaders, AllowMethods, AllowOrigin, MaxAge"}},
		{"url-max-age", head + "Resources:\n  F: {Type: AWS::Serverless::Function, Properties: {Runtime: go1.x, Handler: m, CodeUri: code, FunctionUrlConfig: {AuthType: NONE, Cors: {MaxAge: '10'}}}}\n", []string{"3: F FunctionUrlConfig Cors MaxAge must be a number, without quotes"}},
		{"globals-key", head + "Globals:\n  Function: {SomeKey: x}\nResources: {A: {Type: x}}\n", []string{"3: Globals.Function does not support SomeKey"}},
		{"ignore-globals", head + "Globals: {Function: {Timeout: 3}}\nResources:\n  F: {IgnoreGlobals: [Timeuot], Type: AWS::Serverless::Function, Properties: {Runtime: go1.x, Handler: m, CodeUri: code}}\n", []string{"4: F: IgnoreGlobals names Timeuot, which Globals.Function does not support"}},
		{"property", head + "Resources:\n  A: {Type: AWS::Serverless::HttpApi, Properties: {Cors: x}}\n", []string{"3: A: AWS::Serverless::HttpApi does not have the property Cors in release 1.115 of SAM"}},
		{"logical-id", head + "Resources:\n  A-b: {Type: x}\n", []string{"3: A-b must have letters and digits only, as the logical id of a resource"}},
		{"two-names-of-a-segment", head + "Resources:\n  F: {Type: AWS::Serverless::Function, Properties: {Runtime: go1.x, Handler: m, CodeUri: code, Events: {\n" +
			"    A: {Type: Api, Properties: {Path: '/u/{id}', Method: get}}, B: {Type: Api, Properties: {Path: '/u/{id}/x', Method: get}}, C: {Type: Api, Properties: {Path: '/u/{p+}', Method: get}},\n" +
			"    D: {Type: Api, Properties: {Path: '/u/{name}', Method: post}}}}}\n", []string{"5: F D: {id} and {name} are names of one path segment, which a REST API does not support"}},
		{"variable-names", head + "Resources:\n  F: {Type: AWS::Serverless::Function, Properties: {Runtime: go1.x, Handler: m, CodeUri: code, Environment: {Variables: {bad-name: a, X: b, X_: c}}}}\n", []string{"3: F: bad-name must have letters, digits and _, at least two, and begin with a letter, as the name of a variable", "3: F: X must have letters, digits and _, at least two, and begin with a letter, as the name of a variable"}},
		{"variables", head + "Resources:\n  F: {Type: AWS::Serverless::Function, Properties: {Runtime: go1.x, Handler: m, CodeUri: code, Environment: {Variables: {XX: " + strings.Repeat("x", 4095) + "}}}}\n", []string{"3: F: 4097 bytes of variables, Lambda's limit is 4096"}},
		{"definition", head + "Resources:\n  A:\n    Type: AWS::Serverless::HttpApi\n    Properties:\n      DefinitionUri: far.yaml\n      Auth: {}\n      DefinitionBody:\n        paths: \n          /a: text\n          /b: {get: text, tags: [a], any: {}}\n",
			[]string{"6: A has both DefinitionBody and DefinitionUri; the first is used", "9: A: the definition needs its version, as openapi: 3.0.1", "10: A: the path /a of the definition must be a map",
				"11: A: GET /b of the definition must be a map", "11: A: tags is not a method of the path /b; ANY is x-amazon-apigateway-any-method", "11: A: any is not a method of the path /b; ANY is x-amazon-apigateway-any-method"}},
		{"definition-uri", head + "Resources:\n  A: {Type: AWS::Serverless::HttpApi, Properties: {DefinitionUri: open.yaml, CorsConfiguration: true}}\n", []string{"3: A: CorsConfiguration is supported only with DefinitionBody, not with DefinitionUri"}},
		{"empty-stage-name", head + "Resources:\n  A: {Type: AWS::Serverless::Api, Properties: {StageName: ''}}\n", []string{"3: A needs a StageName"}},
		{"several", head + "Resources:\n  A: {Type: AWS::Serverless::Api}\n  F: {Type: AWS::Serverless::Function}\n", []string{"3: A needs a StageName", "4: F needs a Runtime, such as provided.al2023"}},
	} {
		t.Run(row.name, func(t *testing.T) {
			file := project(t, row.template)
			_, err := refusals(file, sam.Options{})
			if err == nil {
				t.Fatal("nothing is refused")
			}
			lines := strings.Split(err.Error(), "\n")
			if len(lines) != len(row.want) {
				t.Fatalf("Read: %v, want %d errors", err, len(row.want))
			}
			for i, line := range lines {
				if want := strings.Replace(file+":"+row.want[i], ":0: ", ": ", 1); line != want {
					t.Errorf("Read: %q, want %q", line, want)
				}
			}
			var at *cfn.Error
			if !errors.As(err, &at) || at.File != file {
				t.Errorf("Read: %T, want a *cfn.Error about %s", err, file)
			}
		})
	}
}

func TestFiles(t *testing.T) {
	missing := filepath.Join(t.TempDir(), "template.yaml")
	if _, err := sam.Read(missing, sam.Options{}); err == nil || strings.Contains(err.Error(), "\n") || !strings.Contains(err.Error(), missing+" not found") {
		t.Errorf("Read of a missing file: %v", err)
	}
	if _, err := sam.Read(t.TempDir(), sam.Options{}); err == nil || !strings.HasPrefix(err.Error(), "sam: ") || !errors.As(err, new(*os.PathError)) {
		t.Errorf("Read of a folder: %v", err)
	}
	huge := project(t, strings.Repeat("# much\n", 1<<18))
	if _, err := sam.Read(huge, sam.Options{}); err == nil || !strings.Contains(err.Error(), "larger than 1 MB") {
		t.Errorf("Read of a huge file: %v", err)
	}
}

func TestFind(t *testing.T) {
	dir := t.TempDir()
	if got, want := sam.Find(dir), filepath.Join(dir, "template.yaml"); got != want {
		t.Errorf("Find in an empty folder = %q, want %q", got, want)
	}
	for _, name := range []string{"template.json", "template.yml", "template.yaml"} { // the later goes first
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, nil, 0o644); err != nil {
			t.Fatal(err)
		}
		if got := sam.Find(dir); got != path {
			t.Errorf("Find = %q, want %q", got, path)
		}
	}
}
