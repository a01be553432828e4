package cloud

import (
	"fmt"
	"regexp"
	"slices"
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
		if got := fmt.Sprint(p["ComparisonOperator"], " ", p["Threshold"], p["EvaluationPeriods"]); got != "GreaterThanThreshold 0 1" {
			t.Errorf("%s is raised at %s, want it at one in a minute", id, got)
		}
		if p["TreatMissingData"] != "notBreaching" {
			t.Errorf("%s: missing data is %s, but there may be no requests at all", id, text(p["TreatMissingData"]))
		}
	})
	watched := map[string]string{
		"ServerErrorsAlarm":      `"AWS/ApiGateway" "5XXError" [{"Name":"ApiName","Value":{"Ref":"AWS::StackName"}},{"Name":"Stage","Value":"prod"}]`,
		"ErrorLinesAlarm":        `{"Ref":"AWS::StackName"} "ErrorLines" null`,
		"ThrottledRequestsAlarm": `{"Ref":"AWS::StackName"} "ThrottledRequests" null`,
		"RotationErrorsAlarm":    `"AWS/Lambda" "Errors" [{"Name":"FunctionName","Value":{"Ref":"RotateKeysFunction"}}]`,
	}
	if s.Resources["Api"].Type == "AWS::ApiGatewayV2::Api" {
		watched["ServerErrorsAlarm"] = `"AWS/ApiGateway" "5xx" [{"Name":"ApiId","Value":{"Ref":"Api"}},{"Name":"Stage","Value":"$default"}]`
	}
	for id, want := range watched {
		p := s.Resources[id].Properties
		if got := text(p["Namespace"]) + " " + text(p["MetricName"]) + " " + text(p["Dimensions"]); got != want {
			t.Errorf("%s watches %s, want %s", id, got, want)
		}
		if got := fmt.Sprint(p["Statistic"], " ", p["Period"]); got != "Sum 60" {
			t.Errorf("%s watches %s", id, got)
		}
	}
	throttles := func(id, metric string) string {
		return `{"Id":"` + id + `","MetricStat":{"Metric":{"Dimensions":[{"Name":"TableName","Value":{"Ref":"SessionTable"}}],"MetricName":"` + metric +
			`","Namespace":"AWS/DynamoDB"},"Period":60,"Stat":"Sum"},"ReturnData":false}`
	}
	want := `[{"Expression":"reads + writes","Id":"all"},` + throttles("reads", "ReadThrottleEvents") + "," + throttles("writes", "WriteThrottleEvents") + "]"
	if got := text(s.Resources["SessionThrottlesAlarm"].Properties["Metrics"]); got != want {
		t.Errorf("SessionThrottlesAlarm watches %s, want %s", got, want)
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
