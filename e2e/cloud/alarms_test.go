package cloud

import (
	"regexp"
	"slices"
	"strings"
	"testing"
)

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
