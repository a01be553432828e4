package invokeapi_test

import (
	"context"
	"encoding/base64"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	sdk "github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/aws-sdk-go-v2/service/lambda/types"

	"github.com/crumb-go/crumb/internal/app"
	"github.com/crumb-go/crumb/internal/invokeapi"
	"github.com/crumb-go/crumb/internal/lambda"
	"github.com/crumb-go/crumb/shared/wire"
)

const token = "s3cret"

// invoker is a gateway.Invoker.
type invoker func(ctx context.Context, function string, event lambda.Invocation) (string, error)

func (i invoker) Invoke(ctx context.Context, function string, event lambda.Invocation) (*lambda.Response, error) {
	body, err := i(ctx, function, event)
	if event.Logged != nil {
		go event.Logged([]byte("START\nEND\n"))
	}
	if err != nil {
		return nil, err
	}
	return &lambda.Response{Body: io.NopCloser(strings.NewReader(body))}, nil
}

// serve returns the endpoint of a project with some functions.
func serve(t *testing.T, i invoker) string {
	a := &app.App{Functions: []*app.Function{
		{ID: "Worker", Name: "worker-dev"}, {ID: "Python", Name: "Python", NotRun: "its runtime is python3.14"}, {ID: "Twin", Name: "Other"}, {ID: "Other", Name: "Twin"},
	}}
	server := httptest.NewServer(&invokeapi.Handler{
		Context: t.Context(), Token: token, App: func() *app.App { return a }, Region: func() string { return "eu-west-1" },
		Invoker: i, Log: slog.New(slog.DiscardHandler),
	})
	t.Cleanup(server.Close)
	return server.URL + "/" + token
}

func client(url string) *sdk.Client {
	return sdk.New(sdk.Options{Region: "eu-west-1", BaseEndpoint: &url, Credentials: credentials.NewStaticCredentialsProvider("local", "local", "local")})
}

// echo responds with what it is called with.
func echo(_ context.Context, function string, event lambda.Invocation) (string, error) {
	return function + string(event.Payload) + event.ClientContext + event.TraceID, nil
}

func TestNames(t *testing.T) {
	c := client(serve(t, echo))
	const arn = "arn:aws:lambda:eu-west-1:123456789012:function:"
	for _, row := range []struct{ name, function, qualifier, want string }{
		{"id", "Worker", "", "Worker{}"},
		{"function-name", "worker-dev", "", "Worker{}"},
		{"name-before-id", "Twin", "", "Other{}"},
		{"latest", "Worker", "$LATEST", "Worker{}"},
		{"latest-in-name", "Worker:$LATEST", "", "Worker{}"},
		{"latest-twice", "Worker:$LATEST", "$LATEST", "Worker{}"},
		{"arn", arn + "worker-dev", "", "Worker{}"},
		{"arn-latest", arn + "worker-dev:$LATEST", "", "Worker{}"},
		{"partial-arn", "123456789012:function:worker-dev", "", "Worker{}"},
		{"china", "arn:aws-cn:lambda:cn-north-1:210987654321:function:Worker", "", "Worker{}"},
		{"another", arn + "another", "", "ResourceNotFoundException: Function not found: " + arn + "another"},
		{"alias", "Worker:live", "", "ResourceNotFoundException: Function not found: " + arn + "Worker:live (crumb has no versions and aliases, only $LATEST)"},
		{"version", "Worker", "7", "ResourceNotFoundException: Function not found: " + arn + "Worker:7 (crumb has no versions and aliases, only $LATEST)"},
		{"two-qualifiers", "Worker:live", "$LATEST", "InvalidParameterValueException: The derived qualifier from the function name does not match the specified qualifier."},
		{"invalid", "a b", "", `InvalidParameterValueException: "a b" is neither the name nor the ARN of a function`},
		{"not-run", "Python", "", "ResourceConflictException: Python is not run: its runtime is python3.14"},
	} {
		t.Run(row.name, func(t *testing.T) {
			in := &sdk.InvokeInput{FunctionName: &row.function}
			if row.qualifier != "" {
				in.Qualifier = &row.qualifier
			}
			if got := outcome(c.Invoke(t.Context(), in)); got != row.want {
				t.Errorf("Invoke(%q, %q) = %s, want %s", row.function, row.qualifier, got, row.want)
			}
		})
	}
}

// outcome is a payload, or the code and the message of an error.
func outcome(out *sdk.InvokeOutput, err error) string {
	var api interface{ ErrorCode() string }
	var message interface{ ErrorMessage() string }
	if errors.As(err, &api) && errors.As(err, &message) {
		return api.ErrorCode() + ": " + message.ErrorMessage()
	} else if err != nil {
		return err.Error()
	}
	return string(out.Payload)
}

func TestResults(t *testing.T) {
	c := client(serve(t, func(ctx context.Context, function string, event lambda.Invocation) (string, error) {
		switch string(event.Payload) {
		case `"fail"`:
			return "", &lambda.FunctionError{Type: "errorString", Message: "no", Payload: []byte(`{"errorType":"errorString"}`)}
		case `"build"`:
			return "", errors.New("its build failed")
		}
		return echo(ctx, function, event)
	}))
	out, err := c.Invoke(t.Context(), &sdk.InvokeInput{FunctionName: aws.String("Worker"), Payload: []byte(`{"a":1}`), ClientContext: aws.String(base64.StdEncoding.EncodeToString([]byte(`{"b":2}`)))})
	if err != nil || string(out.Payload) != `Worker{"a":1}{"b":2}` || out.StatusCode != 200 || out.FunctionError != nil || aws.ToString(out.ExecutedVersion) != "$LATEST" {
		t.Errorf("Invoke = %+v, %v", out, err)
	}
	out, err = c.Invoke(t.Context(), &sdk.InvokeInput{FunctionName: aws.String("Worker"), Payload: []byte(`"fail"`), LogType: types.LogTypeTail})
	if err != nil || string(out.Payload) != `{"errorType":"errorString"}` || out.LogResult == nil || out.StatusCode != 200 || aws.ToString(out.FunctionError) != "Unhandled" {
		t.Errorf("Invoke = %+v, %v, want a function's error", out, err)
	}
	out, err = c.Invoke(t.Context(), &sdk.InvokeInput{FunctionName: aws.String("Worker"), InvocationType: types.InvocationTypeDryRun, Payload: []byte(`"fail"`)})
	if err != nil || out.StatusCode != 204 || len(out.Payload) > 0 {
		t.Errorf("DryRun = %+v, %v", out, err)
	}
	out, err = c.Invoke(t.Context(), &sdk.InvokeInput{FunctionName: aws.String("Worker"), LogType: types.LogTypeTail})
	if err != nil || string(out.Payload) != "Worker{}" || aws.ToString(out.LogResult) != base64.StdEncoding.EncodeToString([]byte("START\nEND\n")) {
		t.Errorf("Tail = %+v, %v", out, err)
	}
	for _, row := range []struct{ name, kind, payload, context, want string }{
		{"build", "", `"build"`, "", "ResourceConflictException: Worker is not run: its build failed"},
		{"not-json", "", `{"a"`, "", "InvalidRequestContentException: Could not parse request body into json"},
		{"client-context", "", `{}`, "%", "InvalidRequestContentException: Client context must be a valid Base64-encoded JSON object."},
		{"type", "Later", `{}`, "", `InvalidParameterValueException: X-Amz-Invocation-Type must be Event, RequestResponse or DryRun, not "Later"`},
		{"large", "", strings.Repeat(" ", 6<<20-1) + "{}", "", "RequestTooLargeException: Request must be smaller than 6291456 bytes for the InvokeFunction operation"},
		{"large-event", "Event", strings.Repeat(" ", wire.MaxAsyncPayload-1) + "{}", "", "RequestTooLargeException: Request must be smaller than 1048576 bytes for the InvokeFunction operation"},
	} {
		t.Run(row.name, func(t *testing.T) {
			in := &sdk.InvokeInput{FunctionName: aws.String("Worker"), InvocationType: types.InvocationType(row.kind), Payload: []byte(row.payload)}
			if row.context != "" {
				in.ClientContext = &row.context
			}
			if got := outcome(c.Invoke(t.Context(), in)); got != row.want {
				t.Errorf("Invoke = %s, want %s", got, row.want)
			}
		})
	}
}

// TestEvent holds that the response of an asynchronous invocation does not wait for the
// function, which goes on when the client has its response.
func TestEvent(t *testing.T) {
	goOn, done := make(chan bool), make(chan error)
	c := client(serve(t, func(ctx context.Context, _ string, event lambda.Invocation) (string, error) {
		<-goOn
		done <- ctx.Err()
		return string(event.Payload), nil
	}))
	out, err := c.Invoke(t.Context(), &sdk.InvokeInput{FunctionName: aws.String("Worker"), InvocationType: types.InvocationTypeEvent})
	if err != nil || out.StatusCode != 202 || len(out.Payload) > 0 {
		t.Errorf("Invoke = %+v, %v", out, err)
	}
	goOn <- true
	if err := <-done; err != nil {
		t.Errorf("the context of the function has ended: %v", err)
	}
}

func TestRequests(t *testing.T) {
	url := serve(t, echo)
	const path = "/2015-03-31/functions/Worker/invocations"
	for _, row := range []struct {
		name, method, path, header, value string
		status                            int
		kind                              string
	}{
		{"plain", "POST", "/" + token + path, "", "", 200, ""},
		{"log-type", "POST", "/" + token + path, "X-Amz-Log-Type", "tail", 400, "InvalidParameterValueException"},
		{"no-log", "POST", "/" + token + path, "X-Amz-Log-Type", "None", 200, ""},
		{"trace", "POST", "/" + token + path, "X-Amzn-Trace-Id", "Root=1", 200, ""},
		{"no-token", "POST", path, "", "", 404, ""},
		{"wrong-token", "POST", "/other" + path, "", "", 404, ""},
		{"host", "POST", "/" + token + path, "Host", "evil.example", 403, "AccessDeniedException"},
		{"localhost", "POST", "/" + token + path, "Host", "localhost:1", 200, ""},
		{"origin", "POST", "/" + token + path, "Origin", "http://localhost:3000", 403, "AccessDeniedException"},
		{"page", "POST", "/" + token + path, "Sec-Fetch-Site", "same-site", 403, "AccessDeniedException"},
		{"method", "GET", "/" + token + path, "", "", 400, "UnknownOperationException"},
		{"operation", "POST", "/" + token + "/2015-03-31/functions", "", "", 400, "UnknownOperationException"},
		{"not-found", "POST", "/" + token + "/2015-03-31/functions/x/invocations", "", "", 404, "ResourceNotFoundException"},
	} {
		t.Run(row.name, func(t *testing.T) {
			r, err := http.NewRequestWithContext(t.Context(), row.method, strings.TrimSuffix(url, "/"+token)+row.path, nil)
			if err != nil {
				t.Fatal(err)
			}
			if row.header != "" {
				r.Header.Set(row.header, row.value)
			}
			r.Host = r.Header.Get("Host")
			resp, err := http.DefaultClient.Do(r)
			if err != nil {
				t.Fatal(err)
			}
			defer resp.Body.Close()
			body, err := io.ReadAll(resp.Body)
			if kind := resp.Header.Get("X-Amzn-ErrorType"); err != nil || resp.StatusCode != row.status || kind != row.kind {
				t.Errorf("%d %s %s, %v, want %d %s", resp.StatusCode, kind, body, err, row.status, row.kind)
			}
			if row.name == "trace" && string(body) != "Worker{}Root=1" {
				t.Errorf("body = %s", body)
			}
		})
	}
}
