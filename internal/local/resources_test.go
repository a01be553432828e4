package local

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/crumb-go/crumb/internal/app"
)

const queues = `Transform: AWS::Serverless-2016-10-31
Resources:
  Work:
    Type: AWS::Serverless::Function
    Properties:
      Runtime: provided.al2023
      Handler: bootstrap
      CodeUri: .
      Environment: {Variables: {QUEUE: !Ref Jobs, ARN: !GetAtt Jobs.Arn, NAME: !Ref Name, KEY: !Ref Key, ACCOUNT: !Ref AWS::AccountId}}
  Name: {Type: "AWS::SSM::Parameter", Properties: {Type: String, Value: !Sub "${Jobs.QueueName} ${Key}"}}
  Jobs: {Type: "AWS::SQS::Queue", Properties: {Tags: []}}
  Key: {Type: "AWS::KMS::Key"}
`

// The resources of a template are made before functions get their environments, those
// that refer to others after these. A saved template makes the new ones.
func TestMakesResources(t *testing.T) {
	var requests []string
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		_, operation, _ := strings.Cut(r.Header.Get("X-Amz-Target"), ".")
		requests = append(requests, operation+" "+string(body))
		switch {
		case operation == "CreateQueue":
			_, _ = io.WriteString(w, `{"QueueUrl":"http://queue"}`)
		case operation == "":
			_, _ = io.WriteString(w, "<R><GetCallerIdentityResult><Account>000000000000</Account></GetCallerIdentityResult></R>")
		default:
			_, _ = io.WriteString(w, "{}")
		}
	}))
	defer server.Close()
	file := filepath.Join(t.TempDir(), "template.yaml")
	save := func(name, text string) {
		if err := os.WriteFile(filepath.Join(filepath.Dir(file), name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	save("go.mod", "module example.com/work\n\ngo 1.26\n")
	save("main.go", "package main\n\nfunc main() {}\n")
	save("template.yaml", queues)
	var findings []app.Finding
	p, _ := open(t, Options{Template: file, AWSEndpoint: server.URL, OnRead: func(a *app.App) { findings = a.Findings }})
	env := p.functions(p.app())[0].Env
	for name, want := range map[string]string{"QUEUE": "http://queue", "ARN": "arn:aws:sqs:us-east-1:000000000000:local-Jobs", "NAME": "local-Name", "KEY": "Key", "ACCOUNT": "000000000000"} {
		if env[name] != want {
			t.Errorf("%s is %q, want %q", name, env[name], want)
		}
	}
	want := []string{
		" Action=GetCallerIdentity&Version=2011-06-15", `CreateQueue {"Attributes":{},"QueueName":"local-Jobs"}`, `PutParameter {"Name":"local-Name","Type":"String","Value":"local-Jobs Key"}`,
	}
	if !slices.Equal(requests, want) {
		t.Errorf("requests %q, want %q", requests, want)
	}
	for _, f := range []app.Finding{
		{Severity: app.NotEmulated, Line: 11, Text: "Jobs: at --aws-endpoint it has no Tags, which crumb does not pass on"},
		{Severity: app.NotEmulated, Line: 10, Text: "Name: at --aws-endpoint its Value holds a placeholder"},
		{Severity: app.NotEmulated, Line: 12, Text: "Key: AWS::KMS::Key is not made at --aws-endpoint"},
	} {
		if !slices.Contains(findings, f) {
			t.Errorf("findings %v lack %v", findings, f)
		}
	}
	save("template.yaml", queues+"  More: {Type: \"AWS::SQS::Queue\"}\n")
	requests = nil
	if _, err := p.readTemplate(t.Context()); err != nil {
		t.Error(err)
	}
	if want := []string{`CreateQueue {"Attributes":{},"QueueName":"local-More"}`}; !slices.Equal(requests, want) {
		t.Errorf("after a saved change: requests %q, want %q", requests, want)
	}
}

func TestNoEmulator(t *testing.T) {
	file := filepath.Join(t.TempDir(), "template.yaml")
	if err := os.WriteFile(file, []byte(queues), 0o600); err != nil {
		t.Fatal(err)
	}
	refuses := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(http.StatusBadRequest)
		_, _ = io.WriteString(w, `{"__type":"NotHere","message":"no queues"}`)
	}))
	defer refuses.Close()
	for endpoint, want := range map[string]string{
		"http://127.0.0.1:1": "--aws-endpoint: GetCallerIdentity: ", refuses.URL: "--aws-endpoint: Jobs (AWS::SQS::Queue): CreateQueue: NotHere: no queues",
	} {
		if _, err := Open(Options{Template: file, AWSEndpoint: endpoint}); err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("%s: %v, want %s", endpoint, err, want)
		}
	}
	p, err := Open(Options{Template: file}) // without the flag nothing is called
	if err != nil {
		t.Fatal(err)
	}
	defer p.Close()
	if read, err := p.readTemplate(context.Background()); err != nil || read.app.Resources != nil {
		t.Errorf("Resources = %v, %v", read.app.Resources, err)
	}
}
