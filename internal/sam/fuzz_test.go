package sam_test

import (
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/crumb-go/crumb/internal/sam"
)

// FuzzRead holds that any template is read or rejected without a panic, and that
// the app is complete.
func FuzzRead(f *testing.F) {
	f.Add([]byte(looped + "Resources: {Fn::ForEach::X: [a, !Ref Paths, {'F${a}&{a}': {Type: !Ref a, Fn::ForEach::Y: [b, [c], {'${b}': !Sub '${a}'}]}}]}\n"))
	f.Add([]byte(oneRoute))
	f.Add([]byte(valued + "!Join [\"\", [!Sub \"${Stage}${!a}\", !Select [0, !Split [\",\", !FindInMap [Sizes, prod, Memory]]]]]"))
	f.Add([]byte(valued + "!If [Both, {Ref: Hosts}, {\"Fn::GetAtt\": [Table, Arn]}]"))
	f.Add([]byte(routed + "Resources: {F: {Type: AWS::Serverless::Function, Properties: {FunctionUrlConfig: {AuthType: AWS_IAM}, " +
		"Events: {A: {Type: HttpApi}, B: {Type: Api, Properties: {Path: /a, Method: any, Auth: {Authorizer: X}}}}}}}"))
	f.Add([]byte(`{"Transform": "AWS::Serverless-2016-10-31", "Resources": {"A": {"Type": "AWS::Serverless::Api", "Properties": {"StageName": "x", "Cors": "'*'"}}}}`))
	f.Add([]byte("A: &a {<<: *a}\nTransform: [AWS::Serverless-2016-10-31]\nConditions: {A: !Condition A}\n"))
	f.Add([]byte("Resources: {A: {Type: AWS::ApiGateway::RestApi}, R: {Type: AWS::ApiGateway::Resource, Properties: {RestApiId: !Ref A, ParentId: !Ref R, PathPart: x}}, M: {Type: AWS::ApiGateway::Method, " +
		"Properties: {RestApiId: !Ref A, ResourceId: !GetAtt A.RootResourceId, HttpMethod: GET, AuthorizationType: CUSTOM, Integration: {Type: MOCK, RequestTemplates: {application/json: '{statusCode: 200}'}, IntegrationResponses: [{StatusCode: 200}]}}}}"))
	f.Add([]byte("Resources: {A: {Type: AWS::ApiGatewayV2::Api, Properties: {Target: !GetAtt F.Arn}}, I: {Type: AWS::ApiGatewayV2::Integration, Properties: {ApiId: !Ref A, IntegrationType: AWS_PROXY, IntegrationUri: !GetAtt F.Arn}}, " +
		"R: {Type: AWS::ApiGatewayV2::Route, Properties: {ApiId: !Ref A, RouteKey: GET /x, Target: !Sub 'integrations/${I}'}}, F: {Type: AWS::Lambda::Function, Properties: {Code: x, Handler: x, Runtime: provided.al2023}}}"))
	dir := f.TempDir()
	file := filepath.Join(dir, "template.yaml")
	f.Fuzz(func(t *testing.T, text []byte) {
		if err := os.WriteFile(file, text, 0o600); err != nil {
			t.Fatal(err)
		}
		got, err := sam.Read(file, sam.Options{})
		if (got == nil) != (err != nil) {
			t.Fatalf("Read = %v, %v", got, err)
		}
		if err != nil {
			return
		}
		for _, a := range got.APIs {
			for _, r := range a.Mocks {
				if r.Mock == nil || r.Function != nil || r.Mock.Status == 0 || r.Path == "" || r.Method == "" {
					t.Errorf("%s has the mock %+v", a.ID, r)
				}
			}
			for _, r := range a.Routes {
				if !slices.Contains(got.Functions, r.Function) || r.Path == "" || r.Method == "" || r.Payload == "" {
					t.Errorf("%s has the route %+v", a.ID, r)
				}
			}
		}
		for _, fn := range got.Functions {
			if fn.Timeout <= 0 || fn.MemoryMB <= 0 || fn.Env == nil || !filepath.IsAbs(fn.Dir) {
				t.Errorf("function %+v", fn)
			}
		}
	})
}
