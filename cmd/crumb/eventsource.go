package main

import (
	"bytes"
	"cmp"
	"crypto/md5"
	"embed"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"text/template"
	"time"

	"github.com/aws/aws-lambda-go/events"

	"github.com/crumb-go/crumb/internal/lambda"
	"github.com/crumb-go/crumb/shared/rawjson"
)

// An eventSource is a service other than a door whose events crumb writes, as in
// events/NAME.tmpl. One flag sets what differs between them.
type eventSource struct{ name, flag, byDefault string }

var eventSources = []eventSource{
	{"sqs", "body", "{}"},
	{"sns", "body", "{}"},
	{"s3", "key", "key"},
	{"eventbridge", "body", "{}"},
	{"schedule", "", ""},
	{"dynamodb", "body", `{"id": {"S": "1"}}`},
}

// sourceOf returns the source of that name, nil if there is none.
func sourceOf(name string) *eventSource {
	for _, s := range eventSources {
		if s.name == name {
			return &s
		}
	}
	return nil
}

//go:embed events
var eventTemplates embed.FS

// event writes an event with the value of the flag, "" for its default.
func (s eventSource) event(value string) ([]byte, error) {
	with := struct {
		Value, Keys string
		Time        time.Time
	}{Value: cmp.Or(strings.TrimSpace(value), s.byDefault), Time: time.Now().UTC()}
	switch s.name {
	case "s3": // keys are encoded as in a form
		with.Value = strings.ReplaceAll(url.QueryEscape(with.Value), "%2F", "/")
	case "eventbridge":
		var detail map[string]json.RawMessage
		if err := json.Unmarshal([]byte(with.Value), &detail); err != nil || detail == nil {
			return nil, errors.New("--body must be the detail of the event, a JSON object")
		}
	case "dynamodb":
		var item map[string]events.DynamoDBAttributeValue
		if err := json.Unmarshal([]byte(with.Value), &item); err != nil || len(item) == 0 {
			return nil, errors.New(`--body must be an item in DynamoDB's JSON, such as {"id": {"S": "1"}}`)
		}
		for name, value := range rawjson.Members(with.Value) {
			with.Keys = fmt.Sprintf("{%s: %s}", rawjson.AppendString(nil, name), value)
			break // the first attribute is the key
		}
	}
	t, err := template.New(s.name+".tmpl").Funcs(template.FuncMap{
		"json": func(text string) string { return string(rawjson.AppendString(nil, text)) },
		"md5":  func(text string) string { return fmt.Sprintf("%x", md5.Sum([]byte(text))) },
		"uuid": func() string { return `"` + lambda.NewRequestID() + `"` },
	}).ParseFS(eventTemplates, "events/"+s.name+".tmpl")
	if err != nil {
		return nil, err
	}
	var b bytes.Buffer
	err = t.Execute(&b, with)
	return b.Bytes(), err
}
