package main

import (
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/crumb-go/crumb/internal/app"
	"github.com/crumb-go/crumb/internal/sam"
)

// Functions get the endpoint if there is a table, and their own if they have one.
func TestGiveTables(t *testing.T) {
	const function = "  F:\n    Type: AWS::Serverless::Function\n    Properties: {Runtime: provided.al2023, Handler: bootstrap, CodeUri: ., Environment: {Variables: {TABLE: !Ref T}}}\n"
	const table = "  T:\n    Type: AWS::DynamoDB::Table\n    Properties: {KeySchema: [{AttributeName: b, KeyType: RANGE}, {AttributeName: a, KeyType: HASH}]}\n"
	for _, tc := range []struct {
		name, resources string
		env             map[string]map[string]string
		want            string // the beginning of the endpoint
	}{
		{"table", function + table, nil, "http://127.0.0.1:"},
		{"no-table", function, nil, ""},
		{"own-endpoint", function + table, map[string]map[string]string{"F": {"AWS_ENDPOINT_URL_DYNAMODB": "http://own"}}, "http://own"},
		{"own-endpoint-of-all", function + table, map[string]map[string]string{"F": {"AWS_ENDPOINT_URL": "http://all"}}, ""},
	} {
		t.Run(tc.name, func(t *testing.T) {
			dir := t.TempDir()
			file := filepath.Join(dir, "template.yaml")
			if err := os.WriteFile(file, []byte("Transform: AWS::Serverless-2016-10-31\nResources:\n"+tc.resources), 0o600); err != nil {
				t.Fatal(err)
			}
			template, err := sam.Read(file, sam.Options{EnvVars: tc.env})
			if err != nil {
				t.Fatal(err)
			}
			p := &project{template: template, log: slog.New(slog.DiscardHandler)}
			if err := p.giveTables(t.Context()); err != nil {
				t.Fatal(err)
			}
			if p.dynamo != nil {
				defer p.dynamo.Close()
			}
			got := template.Functions[0].Env["AWS_ENDPOINT_URL_DYNAMODB"]
			if !strings.HasPrefix(got, tc.want) || (got == "") != (tc.want == "") {
				t.Errorf("AWS_ENDPOINT_URL_DYNAMODB = %q, want %q", got, tc.want)
			}
		})
	}
}

func TestGiveDemoUsers(t *testing.T) {
	for name, tc := range map[string]struct {
		env  map[string]string
		want string
	}{
		"left-open": {map[string]string{"DEMO_USERS": ""}, "true"},
		"off":       {map[string]string{"DEMO_USERS": "false"}, "false"},
		"not-asked": {map[string]string{}, ""},
	} {
		template := &app.App{Functions: []*app.Function{{Env: tc.env}}}
		giveDemoUsers(template)
		if got := template.Functions[0].Env["DEMO_USERS"]; got != tc.want {
			t.Errorf("%s: DEMO_USERS = %q, want %q", name, got, tc.want)
		}
	}
}
