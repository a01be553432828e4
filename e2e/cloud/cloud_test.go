// Package cloud rehearses the deployment, as far as possible without an account:
// cfn-lint, the SAM transform, our own rules for its result, and the stack in
// moto.
package cloud

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/crumb-go/crumb/e2e/testenv"
	"github.com/crumb-go/crumb/internal/sam"
)

// A stack is a template after the SAM transform, as CloudFormation gets it.
type stack struct {
	file      string // the expansion as JSON
	Resources map[string]resource
}

type resource struct {
	Type         string
	Properties   properties
	UpdatePolicy properties
}

// properties are the members of an object. Intrinsic functions stay as they are.
type properties map[string]any

func TestTemplates(t *testing.T) {
	python := testenv.Python(t, "requirements.txt")
	dir := t.TempDir()
	var files []string
	for _, file := range []string{"template.yaml", "template-http.yaml"} {
		t.Run(file, func(t *testing.T) {
			template := filepath.Join(testenv.Root(t), file)
			testSource(t, template)
			s := expand(t, python, template, dir)
			files = append(files, template, s.file)
			testFunctions(t, s, template)
			testExposure(t, s)
			testPrivileges(t, s)
			testSecrets(t, s)
			testSessions(t, s)
			testGuesses(t, s)
			testAlarms(t, s)
			testLogs(t, s)
		})
	}
	lint(t, files...)
}

// expand applies the SAM transform, as CloudFormation does first, and also writes
// the result to dir.
func expand(t *testing.T, python, template, dir string) stack {
	t.Helper()
	var stderr strings.Builder
	cmd := exec.Command(python, "expand.py", template)
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%s: %v\n%s", cmd, err, stderr.String())
	}
	s := stack{file: filepath.Join(dir, filepath.Base(template)+".json")}
	if err := os.WriteFile(s.file, out, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(out, &s); err != nil {
		t.Fatal(err)
	}
	if len(s.Resources) == 0 {
		t.Fatalf("%s has no resource", template)
	}
	return s
}

// lint runs cfn-lint, whose warnings count as errors.
func lint(t *testing.T, files ...string) {
	t.Helper()
	cmd := exec.Command(testenv.Tool(t, "cfn-lint"), append([]string{"--regions", "us-east-1", "--"}, files...)...)
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Errorf("%s: %v\n%s", cmd, err, out)
	}
}

// of calls f for each resource of a type, and returns how many there are.
func (s stack) of(kind string, f func(id string, p properties)) int {
	n := 0
	for id, r := range s.Resources {
		if r.Type == kind {
			n++
			if f != nil {
				f(id, r.Properties)
			}
		}
	}
	return n
}

// get returns the value at a path of members, or nil.
func (p properties) get(path ...string) any {
	var v any = map[string]any(p)
	for _, name := range path {
		object, _ := v.(map[string]any)
		v = object[name]
	}
	return v
}

// text returns a value as JSON.
func text(v any) string {
	b, _ := json.Marshal(v) // came from JSON
	return string(b)
}

func testFunctions(t *testing.T, s stack, file string) {
	template, err := sam.Read(file, sam.Options{})
	if err != nil {
		t.Fatal(err)
	}
	routed := map[string]bool{}
	for _, api := range template.APIs {
		for _, r := range api.Routes {
			routed[r.Function.ID] = true
		}
	}
	n := s.of("AWS::Lambda::Function", func(id string, p properties) {
		if p["Runtime"] != "provided.al2023" || p["Handler"] != "bootstrap" {
			t.Errorf("%s runs %v %v", id, p["Runtime"], p["Handler"])
		}
		if timeout, _ := p["Timeout"].(float64); timeout < 1 || routed[id] && timeout > 30 {
			t.Errorf("%s: Timeout %v, and API Gateway waits 29 or 30 seconds", id, p["Timeout"])
		}
		if p.get("TracingConfig", "Mode") != "Active" {
			t.Errorf("%s is not traced", id)
		}
		role, _ := p.get("Role", "Fn::GetAtt").([]any)
		if len(role) != 2 || s.Resources[role[0].(string)].Type != "AWS::IAM::Role" {
			t.Errorf("%s: Role %s is not in the template", id, text(p["Role"]))
		}
		if group, _ := p.get("LoggingConfig", "LogGroup", "Ref").(string); s.Resources[group].Type != "AWS::Logs::LogGroup" {
			t.Errorf("%s: log group %s is not in the template, and would keep logs for ever", id, text(p.get("LoggingConfig", "LogGroup")))
		}
		if environment := text(p["Environment"]); strings.Contains(environment, "{{resolve:") {
			t.Errorf("%s: a secret in the environment can be read in the console: %s", id, environment)
		}
	})
	if n == 0 || n != len(template.Functions) {
		t.Errorf("%d functions, want the %d that crumb runs", n, len(template.Functions))
	}
}

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

// Templates do not contain a secret's value, and it is rotated.
func testSecrets(t *testing.T, s stack) {
	s.of("AWS::SecretsManager::Secret", func(id string, p properties) {
		if p["SecretString"] != nil {
			t.Errorf("%s has its value in the template", id)
		}
		if n := s.of("AWS::SecretsManager::RotationSchedule", nil); n != 1 {
			t.Errorf("%s has %d rotation schedules", id, n)
		}
	})
}

// loggable are the variables of API Gateway that may be logged: none contains a
// cookie, a query or an Authorization header.
var loggable = []string{
	"requestId", "identity.sourceIp", "requestTime", "httpMethod", "resourcePath", "routeKey", "status", "responseLength", "responseLatency", "awsEndpointRequestId",
}

func testLogs(t *testing.T, s stack) {
	n := s.of("AWS::Logs::LogGroup", func(id string, p properties) {
		if p["RetentionInDays"] == nil {
			t.Errorf("%s keeps logs for ever", id)
		}
	})
	if n == 0 {
		t.Error("no log group")
	}
	variables := regexp.MustCompile(`\$context\.([\w.]+)`).FindAllStringSubmatch(text(s.Resources), -1)
	if len(variables) == 0 {
		t.Error("no access log")
	}
	for _, v := range variables {
		if !slices.Contains(loggable, v[1]) {
			t.Errorf("access logs have $context.%s", v[1])
		}
	}
}

// Failures that users see or only the log shows, requests that the API rejects,
// keys that do not rotate, and session requests that DynamoDB rejects raise an
// alarm, which goes to the topic if there is one.
func testAlarms(t *testing.T, s stack) {
	s.of("AWS::CloudWatch::Alarm", func(id string, p properties) {
		if got := text(p["AlarmActions"]); got != `{"Fn::If":["TellsOfAlarms",[{"Ref":"AlarmTopic"}],{"Ref":"AWS::NoValue"}]}` {
			t.Errorf("%s tells %s", id, got)
		}
		if p["TreatMissingData"] != "notBreaching" {
			t.Errorf("%s: missing data is %s, but there may be no requests at all", id, text(p["TreatMissingData"]))
		}
	})
	for id, metric := range map[string]string{
		"ServerErrorsAlarm": "5", "ErrorLinesAlarm": `"ErrorLines"`, "ThrottledRequestsAlarm": `"ThrottledRequests"`,
		"RotationErrorsAlarm": "RotateKeysFunction", "SessionThrottlesAlarm": "ThrottleEvents",
	} {
		if watched := text(s.Resources[id].Properties); !strings.Contains(watched, metric) {
			t.Errorf("%s watches %s", id, watched)
		}
	}
	rules := s.of("AWS::Events::Rule", func(id string, p properties) {
		if got := text(p["EventPattern"]); got != rotationFailed {
			t.Errorf("%s waits for %s", id, got)
		}
		if got := text(p["Targets"]); got != `[{"Arn":{"Ref":"AlarmTopic"},"Id":"AlarmTopic"}]` {
			t.Errorf("%s tells %s", id, got)
		}
	})
	if rules != 1 {
		t.Errorf("%d rules, want that of rotations", rules)
	}
	n := s.of("AWS::Logs::MetricFilter", func(id string, p properties) {
		alarm := s.Resources[id+"Alarm"].Properties
		want := []any{map[string]any{"MetricNamespace": alarm["Namespace"], "MetricName": alarm["MetricName"], "MetricValue": "1"}}
		if got := p["MetricTransformations"]; text(got) != text(want) {
			t.Errorf("%s counts as %s, and %sAlarm watches %s", id, text(got), id, text(want))
		}
		if group := p.get("LogGroupName", "Ref").(string); s.Resources[group].Type != "AWS::Logs::LogGroup" {
			t.Errorf("%s looks into %s", id, group)
		}
	})
	if n != 2 {
		t.Errorf("%d metrics of logs, want 2", n)
	}
}

// rotationFailed matches the event of Secrets Manager, as CloudTrail has it.
const rotationFailed = `{"detail":{"additionalEventData":{"SecretId":[{"Ref":"KeyRing"}]},"eventName":["RotationFailed"]},` +
	`"detail-type":["AWS Service Event via CloudTrail"],"source":["aws.secretsmanager"]}`

// Password attempts are counted by the function that signs in, which may not do
// anything else with the counts.
func testGuesses(t *testing.T, s stack) {
	n := s.of("AWS::IAM::Role", func(id string, p properties) {
		policies, _ := p["Policies"].([]any)
		for _, policy := range policies {
			statements, _ := properties(policy.(map[string]any)).get("PolicyDocument", "Statement").([]any)
			for _, statement := range statements {
				of := properties(statement.(map[string]any))
				if strings.Contains(text(of["Resource"]), "GuessTable") && (id != "LoginFunctionRole" || of["Action"] != "dynamodb:UpdateItem") {
					t.Errorf("%s may do %s to the counts of guesses", id, text(of["Action"]))
				}
			}
		}
	})
	if n == 0 || !strings.Contains(text(s.Resources["LoginFunctionRole"].Properties), "GuessTable") {
		t.Error("no role may count guesses")
	}
}

// updated returns the attributes that a role may update in a table, as JSON.
func updated(role properties, table string) string {
	found := "nothing"
	policies, _ := role["Policies"].([]any)
	for _, policy := range policies {
		statements, _ := properties(policy.(map[string]any)).get("PolicyDocument", "Statement").([]any)
		for _, statement := range statements {
			of := properties(statement.(map[string]any))
			if strings.Contains(text(of["Action"]), "UpdateItem") && strings.Contains(text(of["Resource"]), table) {
				found = text(of.get("Condition", "ForAllValues:StringEquals", "dynamodb:Attributes"))
			}
		}
	}
	return found
}

// Sessions expire, are encrypted, and no function may do more with them than its
// route does. The demo's user, whose password is public, is not deployed.
func testSessions(t *testing.T, s stack) {
	n := s.of("AWS::DynamoDB::Table", func(id string, p properties) {
		if p.get("TimeToLiveSpecification", "AttributeName") != "expires_at" || text(p.get("TimeToLiveSpecification", "Enabled")) != "true" {
			t.Errorf("%s keeps sessions for ever: %s", id, text(p["TimeToLiveSpecification"]))
		}
		if text(p.get("SSESpecification", "SSEEnabled")) != "true" {
			t.Errorf("%s: encryption %s", id, text(p["SSESpecification"]))
		}
	})
	if n != 2 {
		t.Errorf("%d tables, want that of sessions and that of guesses", n)
	}
	if s.Resources["SessionTable"].Properties["PointInTimeRecoverySpecification"] == nil {
		t.Error("SessionTable: no recovery")
	}
	for role, refused := range map[string][]string{
		"LoginFunctionRole":  {"Scan", "Batch"},
		"LogoutFunctionRole": {"PutItem", "Scan", "Batch"},
		"MeFunctionRole":     {"PutItem", "DeleteItem", "Query", "Scan", "Batch"},
	} {
		policies := text(s.Resources[role].Properties["Policies"])
		if !strings.Contains(policies, "dynamodb:") {
			t.Errorf("%s: %s", role, policies)
		}
		for _, action := range refused {
			if strings.Contains(policies, "dynamodb:"+action) {
				t.Errorf("%s may do %s", role, action)
			}
		}
	}
	for role, want := range map[string]string{
		"LogoutFunctionRole": `["user_handle","token_hash","session_mark","expires_at"]`,
		"MeFunctionRole":     `["user_handle","token_hash","expires_at"]`,
	} {
		if got := updated(s.Resources[role].Properties, "SessionTable"); got != want {
			t.Errorf("%s may update %s of sessions, want %s", role, got, want)
		}
	}
	if got := updated(s.Resources["LoginFunctionRole"].Properties, "SessionTable"); got != "nothing" {
		t.Errorf("LoginFunctionRole may update %s of sessions", got)
	}
	s.of("AWS::Lambda::Function", func(id string, p properties) {
		if value := p.get("Environment", "Variables", "DEMO_USERS"); value != nil && value != "" {
			t.Errorf("%s: DEMO_USERS is %s", id, text(value))
		}
	})
}
