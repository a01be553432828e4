package cloud

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

// Only the API is public. Only it may call the functions, and Secrets Manager the
// one that rotates keys.
func testExposure(t *testing.T, s stack) {
	apis := s.of("AWS::ApiGateway::RestApi", func(id string, p properties) {
		if got := text(p.get("EndpointConfiguration", "Types")); got != `["REGIONAL"]` {
			t.Errorf("%s: endpoint %s", id, got)
		}
	})
	apis += s.of("AWS::ApiGatewayV2::Api", func(id string, p properties) {
		if p["CorsConfiguration"] != nil {
			t.Errorf("%s: CORS %s, and no route needs it", id, text(p["CorsConfiguration"]))
		}
	})
	s.of("AWS::ApiGateway::Deployment", func(id string, p properties) {
		if p["StageName"] != nil {
			t.Errorf("%s adds another stage, %v, without throttling and log", id, p["StageName"])
		}
	})
	stages := s.of("AWS::ApiGateway::Stage", func(id string, p properties) {
		settings, _ := p["MethodSettings"].([]any)
		if text(p["CacheClusterEnabled"]) == "true" {
			t.Errorf("%s has a cache", id)
		}
		throttles := map[string]properties{}
		for _, setting := range settings {
			of := properties(setting.(map[string]any))
			if of["DataTraceEnabled"] == true {
				t.Errorf("%s: bodies in the log: %s", id, text(of))
			}
			throttles[fmt.Sprint(of["HttpMethod"], " ", of["ResourcePath"])] = of
		}
		testThrottles(t, throttles["* /*"], throttles["POST /~1login"])
	})
	stages += s.of("AWS::ApiGatewayV2::Stage", func(id string, p properties) {
		every, _ := p["DefaultRouteSettings"].(map[string]any)
		login, _ := p.get("RouteSettings", "ANY /login").(map[string]any)
		testThrottles(t, every, login)
	})
	if apis != 1 || stages != 1 {
		t.Errorf("%d APIs with %d stages, want one with one", apis, stages)
	}
	called := map[string]bool{}
	s.of("AWS::Lambda::Permission", func(id string, p properties) {
		source := callers[fmt.Sprint(p["Principal"])]
		if p["Action"] != "lambda:InvokeFunction" || source == "" || !strings.Contains(text(p["SourceArn"]), source) {
			t.Errorf("%s lets in %s", id, text(p))
		}
		name, _ := p.get("FunctionName", "Ref").(string)
		called[name] = true
	})
	s.of("AWS::Lambda::Function", func(id string, _ properties) {
		if !called[id] {
			t.Errorf("nobody may call %s", id)
		}
	})
	for id, r := range s.Resources {
		if !slices.Contains(known, r.Type) {
			t.Errorf("%s is a %s: add its rules to this test", id, r.Type)
		}
	}
}

// testThrottles checks the throttle of all routes, and that of hashing passwords,
// which is slow and must leave most capacity to the other routes.
func testThrottles(t *testing.T, every, login properties) {
	t.Helper()
	for _, limit := range []string{"ThrottlingRateLimit", "ThrottlingBurstLimit"} {
		all, _ := every[limit].(float64)
		hashing, _ := login[limit].(float64)
		if hashing <= 0 || hashing*2 > all {
			t.Errorf("%s is %v for all routes and %v for signing in", limit, every[limit], login[limit])
		}
	}
}

// callers are the services that may call a function, each on behalf of one
// resource of the template's.
var callers = map[string]string{
	"apigateway.amazonaws.com":     `{"Ref":"Api"}`,
	"secretsmanager.amazonaws.com": `{"Ref":"KeyRing"}`,
}

// known are the types of resources that the tests here look at.
var known = []string{
	"AWS::ApiGateway::Deployment", "AWS::ApiGateway::RestApi", "AWS::ApiGateway::Stage",
	"AWS::ApiGatewayV2::Api", "AWS::ApiGatewayV2::Stage",
	"AWS::CloudWatch::Alarm", "AWS::DynamoDB::Table", "AWS::Events::Rule",
	"AWS::IAM::Role", "AWS::Lambda::Function", "AWS::Lambda::Permission", "AWS::Logs::LogGroup", "AWS::Logs::MetricFilter",
	"AWS::SecretsManager::RotationSchedule", "AWS::SecretsManager::Secret",
}

// onEverything are actions that do not support resources.
var onEverything = []string{"xray:PutTraceSegments", "xray:PutTelemetryRecords"}

func testPrivileges(t *testing.T, s stack) {
	n := s.of("AWS::IAM::Role", func(id string, p properties) {
		if p["ManagedPolicyArns"] != nil {
			t.Errorf("%s has policies that AWS may change: %s", id, text(p["ManagedPolicyArns"]))
		}
		trust := text(p.get("AssumeRolePolicyDocument", "Statement"))
		if trust != `[{"Action":"sts:AssumeRole","Effect":"Allow","Principal":{"Service":"lambda.amazonaws.com"}}]` {
			t.Errorf("%s is open to %s", id, trust)
		}
		policies, _ := p["Policies"].([]any)
		for _, policy := range policies {
			statements, _ := properties(policy.(map[string]any)).get("PolicyDocument", "Statement").([]any)
			if len(statements) == 0 {
				t.Errorf("%s: policy %s has no statement", id, text(policy))
			}
			for _, statement := range statements {
				testStatement(t, id, statement.(map[string]any))
			}
		}
	})
	if n == 0 {
		t.Error("no role")
	}
}

func testStatement(t *testing.T, id string, statement properties) {
	actions, ok := statement["Action"].([]any)
	if !ok {
		actions = []any{statement["Action"]}
	}
	for _, a := range actions {
		action, _ := a.(string)
		if action == "" || strings.Contains(action, "*") {
			t.Errorf("%s may do %s", id, text(a))
		}
		if strings.Contains(text(statement["Resource"]), `"*"`) && !slices.Contains(onEverything, action) {
			t.Errorf("%s may do %s to everything", id, action)
		}
	}
	if statement["Effect"] != "Allow" || statement["NotAction"] != nil || statement["NotResource"] != nil {
		t.Errorf("%s: a statement that is not a plain list: %s", id, text(statement))
	}
}
