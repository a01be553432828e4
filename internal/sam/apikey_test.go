package sam_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/crumb-go/crumb/internal/sam"
)

// TestAPIKeys holds which keys may call an API.
func TestAPIKeys(t *testing.T) {
	const long = "0123456789abcdefghij"
	key := func(id, properties string) string {
		return "  " + id + ": {Type: AWS::ApiGateway::ApiKey, Properties: {" + properties + "}}\n"
	}
	plan := func(id, api, stage string) string {
		return "  " + id + ": {Type: AWS::ApiGateway::UsagePlan, Properties: {ApiStages: [{ApiId: " + api + ", Stage: " + stage + "}]}}\n"
	}
	in := func(key, plan string) string {
		return "  In" + key + plan + ": {Type: AWS::ApiGateway::UsagePlanKey, Properties: {KeyType: API_KEY, KeyId: !Ref " + key + ", UsagePlanId: !Ref " + plan + "}}\n"
	}
	for _, row := range []struct{ name, properties, resources, want string }{
		{"none", "", "", "HEADER"},
		{"in-a-plan", "", key("K", "Enabled: true, Value: "+long) + plan("P", "!Ref Api", "x") + in("K", "P"), "HEADER K=" + long},
		{"made-by-aws", "", key("K", "Enabled: true") + plan("P", "!Ref Api", "!Ref Api.Stage") + in("K", "P"), "HEADER K="},
		{"known-when-deployed", "", key("K", "Enabled: true, Value: !ImportValue Key") + plan("P", "!Ref Api", "x") + in("K", "P"), "HEADER K="},
		{"secret", "", key("K", "Enabled: true, Value: '{{resolve:secretsmanager:key}}'") + plan("P", "!Ref Api", "x") + in("K", "P"), "HEADER K="},
		{"not-enabled", "", key("K", "Value: "+long) + plan("P", "!Ref Api", "x") + in("K", "P"), "HEADER K=" + long + " disabled; note: K: API Gateway rejects the key unless Enabled is true"},
		{"unknown-whether-enabled", "", key("K", "Enabled: !ImportValue On") + plan("P", "!Ref Api", "x") + in("K", "P"), `HEADER K= disabled; note: K Enabled: Fn::ImportValue is not resolved locally; using placeholder "On"; note: K: API Gateway rejects the key unless Enabled is true`},
		{"short", "", key("K", "Enabled: true, Value: short") + plan("P", "!Ref Api", "x") + in("K", "P"), "HEADER K=short disabled; refused: K Value must be at least 20 characters long"},
		{"no-plan", "", key("K", "Enabled: true"), "HEADER; note: K is in no usage plan of an API of this template, so that API Gateway rejects the key"},
		{"another-stage", "", key("K", "Enabled: true") + plan("P", "!Ref Api", "y") + in("K", "P"), "HEADER; note: K is in no usage plan of an API of this template, so that API Gateway rejects the key"},
		{"another-api", "", key("K", "Enabled: true") + plan("P", "!Ref Other", "x") + in("K", "P"), "HEADER; note: K is in no usage plan of an API of this template, so that API Gateway rejects the key"},
		{"two", "", key("K", "Enabled: true") + key("L", "Enabled: true") + plan("P", "!Ref Api", "x") + in("L", "P") + in("K", "P"), "HEADER K= L="},
		{"plan-of-sam", "Auth: {UsagePlan: {CreateUsagePlan: PER_API}}", "", "HEADER ApiApiKey="},
		{"shared-plan-of-sam", "Auth: {UsagePlan: {CreateUsagePlan: SHARED}}", "", "HEADER ServerlessApiKey="},
		{"no-plan-of-sam", "Auth: {UsagePlan: {CreateUsagePlan: NONE}}", "", "HEADER"},
		{"wrong-plan-of-sam", "Auth: {UsagePlan: {CreateUsagePlan: PER_STAGE}}", "", "HEADER; refused: Api Auth UsagePlan CreateUsagePlan must be PER_API, SHARED or NONE"},
		{"another-key-of-sam", "Auth: {UsagePlan: {CreateUsagePlan: PER_API}}", key("K", "Enabled: true") + in("K", "ApiUsagePlan"), "HEADER K= ApiApiKey="},
		{"source", "ApiKeySourceType: AUTHORIZER", "", "AUTHORIZER"},
		{"source-of-the-definition", "DefinitionBody: {openapi: 3.0.1, x-amazon-apigateway-api-key-source: AUTHORIZER, paths: {}}", "", "AUTHORIZER; note: Api: serving the routes of DefinitionBody; the rest of it, such as models and validators, is not emulated"},
		{"wrong-source", "ApiKeySourceType: QUERY", "", "HEADER; refused: Api ApiKeySourceType must be HEADER or AUTHORIZER"},
	} {
		t.Run(row.name, func(t *testing.T) {
			api := strings.TrimSuffix("StageName: x, "+row.properties, ", ")
			got, err := sam.Read(project(t, routed+"Resources:\n  Api: {Type: AWS::Serverless::Api, Properties: {"+api+"}}\n"+row.resources), sam.Options{})
			if err != nil {
				t.Fatal(err)
			}
			text := string(got.APIs[0].KeySource)
			for _, k := range got.APIs[0].Keys {
				text += fmt.Sprintf(" %s=%s", k.ID, k.Value)
				if !k.Enabled {
					text += " disabled"
				}
			}
			for _, f := range got.Findings {
				text += fmt.Sprintf("; %s: %s", f.Severity, f.Text)
			}
			if text != row.want {
				t.Errorf("%s, want %s", text, row.want)
			}
		})
	}
}
