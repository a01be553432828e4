package lambda_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/crumb-go/crumb/internal/gobuild"
	"github.com/crumb-go/crumb/internal/lambda"
)

// oldLibrary listens as aws-lambda-go did before version 1.18; oldFunction uses it.
const (
	oldLibrary = `package lambda

import (
	"log"
	"net"
	"net/rpc"
	"os"
	"time"
)

type (
	Ping    struct{}
	Request struct {
		Payload                                    []byte
		RequestId, XAmznTraceId, InvokedFunctionArn string
		Deadline                                   struct{ Seconds, Nanos int64 }
	}
	Failure struct {
		Message, Type string
		ShouldExit    bool
	}
	Response struct {
		Payload []byte
		Error   *Failure
	}
	Function struct{ handle func(Request, time.Time) Response }
)

func (Function) Ping(*Ping, *Ping) error { return nil }

func (f Function) Invoke(in *Request, out *Response) error {
	*out = f.handle(*in, time.Unix(in.Deadline.Seconds, in.Deadline.Nanos))
	return nil
}

func Start(handle func(Request, time.Time) Response) {
	l, err := net.Listen("tcp", "localhost:"+os.Getenv("_LAMBDA_SERVER_PORT"))
	if err != nil {
		log.Fatal(err)
	}
	if err := rpc.Register(Function{handle}); err != nil {
		log.Fatal(err)
	}
	rpc.Accept(l)
}
`
	oldFunction = `package main

import (
	"encoding/json"
	"os"
	"time"

	"github.com/aws/aws-lambda-go/lambda"
)

func main() {
	lambda.Start(func(in lambda.Request, deadline time.Time) lambda.Response {
		switch string(in.Payload) {
		case "\"hang\"":
			select {}
		case "\"exit\"":
			os.Exit(3)
		case "\"error\"":
			return lambda.Response{Error: &lambda.Failure{Message: "no luck", Type: "errorString"}}
		case "\"panic\"":
			return lambda.Response{Error: &lambda.Failure{Message: "oh", Type: "string", ShouldExit: true}}
		}
		body, err := json.Marshal(map[string]any{
			"PID": os.Getpid(), "Text": string(in.Payload), "ID": in.RequestId, "ARN": in.InvokedFunctionArn, "Trace": in.XAmznTraceId, "Left": time.Until(deadline),
		})
		if err != nil {
			panic(err)
		}
		return lambda.Response{Payload: body}
	})
}
`
)

func write(t *testing.T, file, text string) {
	t.Helper()
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

// A program with an old aws-lambda-go does not ask for events: it is called.
func TestGo1x(t *testing.T) {
	t.Parallel()
	b := gobuild.New(t.TempDir())
	t.Cleanup(func() { b.Close() })
	const version = "v1.17.0"
	dir := t.TempDir()
	write(t, filepath.Join(dir, "main.go"), oldFunction)
	library := filepath.Join(dir, "vendor", "github.com", "aws", "aws-lambda-go", "lambda")
	if err := os.MkdirAll(library, 0o700); err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Join(library, "lambda.go"), oldLibrary)
	write(t, filepath.Join(dir, "vendor", "modules.txt"), "# github.com/aws/aws-lambda-go "+version+"\n## explicit\ngithub.com/aws/aws-lambda-go/lambda\n")
	write(t, filepath.Join(dir, "go.mod"), "module example.com/m\n\ngo 1.26\n\nrequire github.com/aws/aws-lambda-go "+version+"\n")
	program, err := b.Build(t.Context(), gobuild.Source{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	f := lambda.Function{Timeout: 2 * time.Second, Build: func(context.Context) (string, error) { return program, nil }}
	p, logs := start(t, f, lambda.Config{MaxSandboxes: 1})

	first := must(t, p, `{"a":1}`)
	if first.Text != `{"a":1}` || first.ID == "" || !strings.HasSuffix(first.ARN, ":function:F") || first.Left <= 0 || first.Left > f.Timeout {
		t.Errorf("the function got %+v", first)
	}
	for _, row := range []struct {
		event, errorType, message string
		dies                      bool
	}{
		{`"error"`, "errorString", "no luck", false},
		{`"panic"`, "string", "oh", true},
		{`"exit"`, "Runtime.ExitError", "exit status 3", true},
		{`"hang"`, "Sandbox.Timedout", "Task timed out after 2.00 seconds", true},
	} {
		before := must(t, p, `{}`)
		_, err := do(p, row.event)
		var got *lambda.FunctionError
		if !errors.As(err, &got) || got.Type != row.errorType || !strings.Contains(got.Message, row.message) {
			t.Errorf("%s: %v, want %s: %s", row.event, err, row.errorType, row.message)
		}
		if after := must(t, p, `{}`); (after.PID != before.PID) != row.dies {
			t.Errorf("%s: process %d after %d, want a new one: %t", row.event, after.PID, before.PID, row.dies)
		}
	}
	p.Close()
	const warning = "crumb: F uses github.com/aws/aws-lambda-go v1.17.0, supported only by the retired go1.x runtime"
	if n := strings.Count(logs.String(), warning); n != 1 {
		t.Errorf("%d times %q, want once, in the log:\n%s", n, warning, logs)
	}
	if want := "\nno luck: errorString\n"; !strings.Contains(logs.String(), want) {
		t.Errorf("want %q in the log:\n%s", want, logs)
	}
	if got := strings.Count(logs.String(), "REPORT RequestId"); got != 13 {
		t.Errorf("%d reports, want one for each of 13 events:\n%s", got, logs)
	}
}
