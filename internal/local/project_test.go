package local

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/crumb-go/crumb/internal/app"
	"github.com/crumb-go/crumb/shared/keyring"
)

const sealing = `Transform: AWS::Serverless-2016-10-31
Globals: {Function: {Runtime: provided.al2023, Handler: bootstrap, CodeUri: .}}
Resources:
  Plain: {Type: AWS::Serverless::Function, Properties: {Environment: {Variables: {TABLE: !Ref T, AWS_REGION: x}}}}
  Seals: {Type: AWS::Serverless::Function, Properties: {Environment: {Variables: {CRUMB_KEYS: ""}}}}
  T: {Type: AWS::DynamoDB::Table, Properties: {KeySchema: [{AttributeName: a, KeyType: HASH}]}}
`

// TestProjectGives holds what functions get in addition to the template's
// variables: a ring that stays when the template is read again, the endpoint of
// the tables, and a finding about variables that they do not get.
func TestProjectGives(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "template.yaml")
	for name, text := range map[string]string{"template.yaml": sealing, "main.go": "package main\n\nfunc main() {}\n"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	var findings []app.Finding
	p, output := open(t, Options{Template: file, OnRead: func(a *app.App) { findings = a.Findings }})
	first := p.functions(p.app())
	read, err := p.options.read() // as after a saved change
	if err != nil {
		t.Fatal(err)
	}
	second, err := p.take(read)
	if err != nil {
		t.Fatal(err)
	}
	if len(first) != 2 || len(second) != 2 {
		t.Fatalf("%d and %d functions", len(first), len(second))
	}
	ring := first[1].Env["CRUMB_KEYS"]
	if keys, err := keyring.Parse(ring); err != nil || len(keys) != 1 || !strings.HasPrefix(keys[0].ID, "dev-") {
		t.Errorf("the ring has %d keys, %v", len(keys), err)
	}
	if second[1].Env["CRUMB_KEYS"] != ring {
		t.Error("the ring has changed after the template was read again")
	}
	for _, fn := range append(first, second...) {
		if got := fn.Env["AWS_ENDPOINT_URL_DYNAMODB"]; got != p.tables.URL {
			t.Errorf("%s: AWS_ENDPOINT_URL_DYNAMODB = %q, want %q", fn.Name, got, p.tables.URL)
		}
	}
	if n := len(findings); n == 0 || !strings.Contains(findings[n-1].Text, "temporary keyring") {
		t.Errorf("findings = %v", findings)
	}
	want := app.Finding{Severity: app.Refused, Line: 4, Text: "Plain: Lambda reserves the variable AWS_REGION; its value is ignored"}
	if !slices.Contains(findings, want) || output.String() != "" {
		t.Errorf("findings %v, want %v; logs %q", findings, want, output)
	}
}
