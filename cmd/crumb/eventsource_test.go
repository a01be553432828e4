package main

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"

	"github.com/aws/aws-lambda-go/events"
)

// TestEventSources reads what crumb event prints with the types of aws-lambda-go:
// they know each member, and have the value that the flag sets.
func TestEventSources(t *testing.T) {
	for _, tc := range []struct {
		args []string
		into any
		want func(any) []string // got, want, …
	}{
		{[]string{"sqs", "--body", "two\n\"lines\" é"}, new(events.SQSEvent), func(e any) []string {
			r := e.(*events.SQSEvent).Records[0]
			return []string{r.Body, "two\n\"lines\" é", r.Md5OfBody, "dd1834d6eee8733320fd6a3d5ab77e31", r.EventSource, "aws:sqs"}
		}},
		{[]string{"sqs"}, new(events.SQSEvent), func(e any) []string { return []string{e.(*events.SQSEvent).Records[0].Body, "{}"} }},
		{[]string{"sns", "--body", "hello"}, new(events.SNSEvent), func(e any) []string {
			r := e.(*events.SNSEvent).Records[0]
			return []string{r.SNS.Message, "hello", r.SNS.Type, "Notification", r.EventSource, "aws:sns"}
		}},
		{[]string{"s3", "--key", "a/b é+.txt"}, new(events.S3Event), func(e any) []string {
			r := e.(*events.S3Event).Records[0]
			return []string{r.S3.Object.Key, "a/b+%C3%A9%2B.txt", r.S3.Object.URLDecodedKey, "a/b é+.txt", r.EventSource, "aws:s3"}
		}},
		{[]string{"eventbridge", "--body", `{"id":1}`}, new(events.CloudWatchEvent), func(e any) []string {
			var detail bytes.Buffer
			if err := json.Compact(&detail, e.(*events.CloudWatchEvent).Detail); err != nil {
				t.Error(err)
			}
			return []string{detail.String(), `{"id":1}`}
		}},
		{[]string{"schedule"}, new(events.CloudWatchEvent), func(e any) []string {
			return []string{e.(*events.CloudWatchEvent).DetailType, "Scheduled Event"}
		}},
		{[]string{"dynamodb", "--body", ` {"pk": {"S": "a"}, "n": {"N": "3"}}`}, new(events.DynamoDBEvent), func(e any) []string {
			c := e.(*events.DynamoDBEvent).Records[0].Change
			return []string{c.Keys["pk"].String(), "a", c.NewImage["n"].Number(), "3", c.NewImage["pk"].String(), "a"}
		}},
		{[]string{"dynamodb"}, new(events.DynamoDBEvent), func(e any) []string {
			return []string{e.(*events.DynamoDBEvent).Records[0].Change.Keys["id"].String(), "1"}
		}},
	} {
		code, event, stderr := crumb(t, "", append([]string{"event"}, tc.args...)...)
		if code != 0 || stderr != "" {
			t.Errorf("crumb event %q = %d, %s", tc.args, code, stderr)
			continue
		}
		if !strings.HasSuffix(event, "\n}\n") {
			t.Errorf("crumb event %q ends with %q, want one newline", tc.args, event[max(0, len(event)-5):])
		}
		d := json.NewDecoder(strings.NewReader(event))
		d.DisallowUnknownFields()
		if err := d.Decode(tc.into); err != nil {
			t.Errorf("crumb event %q printed %s: %v", tc.args, event, err)
			continue
		}
		for pairs := tc.want(tc.into); len(pairs) > 0; pairs = pairs[2:] {
			if pairs[0] != pairs[1] {
				t.Errorf("crumb event %q has %q, want %q", tc.args, pairs[0], pairs[1])
			}
		}
	}
}

func TestEventRefuses(t *testing.T) {
	for _, tc := range []struct{ args, want string }{
		{"", "an argument is missing: name a method and a path, as in crumb event rest GET "},
		{"rest GET", "an argument is missing: name a method and a path"},
		{"rest GET / b", `unexpected argument "b": name a method`},
		{"sqs receive-message", "an event of sqs takes no further arguments: crumb event sqs --help"},
		{"s4 put", `no door or source "s4"; there are rest, http, http1, url, alb, alb-multi, lattice, sqs, sns, s3, eventbridge, schedule, dynamodb`},
		{"sqs --key x", "an event of sqs has no --key"},
		{"schedule --body x", "an event of schedule has no --body"},
		{"rest GET / --key x", "an event of rest has no --key"},
		{"eventbridge --body 3", "--body must be the detail of the event, a JSON object"},
		{"eventbridge --body null", "--body must be the detail of the event, a JSON object"},
		{`dynamodb --body {"id":1}`, "--body must be an item in DynamoDB's JSON"},
		{"dynamodb --body {}", "--body must be an item in DynamoDB's JSON"},
	} {
		code, stdout, stderr := crumb(t, "", append([]string{"event"}, strings.Fields(tc.args)...)...)
		if code != 1 || stdout != "" || !strings.Contains(stderr, "crumb: "+tc.want) {
			t.Errorf("crumb event %s = %d %q %q, want %s", tc.args, code, stdout, stderr, tc.want)
		}
	}
}
