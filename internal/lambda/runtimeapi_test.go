package lambda_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/crumb-go/crumb/internal/lambda"
	"github.com/crumb-go/crumb/shared/wire"
)

// A rawRuntime lets the test act as the bootstrap of a process, at the address of
// its Runtime API.
type rawRuntime struct {
	t    testing.TB
	base string
}

// startRuntime makes a pool whose first event the test handles.
func startRuntime(t testing.TB, event string, config lambda.Config) (rawRuntime, *lambda.Pool, *logs, <-chan outcome) {
	t.Helper()
	p, logs := start(t, lambda.Function{Env: map[string]string{"INIT": "raw"}}, config)
	done := invokeRaw(p, event)
	return rawRuntime{t, "http://" + logs.wait(t, 1, `^address (.*)$`)}, p, logs, done
}

type outcome struct {
	response *lambda.Response
	err      error
}

func invokeRaw(p *lambda.Pool, event string) <-chan outcome {
	done := make(chan outcome, 1)
	go func() {
		a, err := p.Invoke(context.Background(), "F", lambda.Invocation{Payload: []byte(event), TraceID: "Root=1-2-3"})
		done <- outcome{a, err}
	}()
	return done
}

type reply struct {
	status int
	header http.Header
	body   string
}

func (r rawRuntime) do(request *http.Request) reply {
	r.t.Helper()
	got, err := http.DefaultClient.Do(request)
	if err != nil {
		r.t.Fatal(err)
	}
	defer got.Body.Close()
	body, err := io.ReadAll(got.Body)
	if err != nil {
		r.t.Fatal(err)
	}
	return reply{got.StatusCode, got.Header, string(body)}
}

func (r rawRuntime) request(method, path, body string, header ...string) *http.Request {
	r.t.Helper()
	request, err := http.NewRequestWithContext(r.t.Context(), method, r.base+path, strings.NewReader(body))
	if err != nil {
		r.t.Fatal(err)
	}
	for i := 0; i < len(header); i += 2 {
		request.Header.Set(header[i], header[i+1])
	}
	return request
}

// kill ends the process of a rawRuntime.
func kill(t testing.TB, logs *logs) {
	t.Helper()
	pid, err := strconv.Atoi(logs.wait(t, 1, `^process (.*)$`))
	if err != nil {
		t.Fatal(err)
	}
	process, err := os.FindProcess(pid)
	if err != nil {
		t.Fatal(err)
	}
	if err := process.Kill(); err != nil {
		t.Fatal(err)
	}
}

const invocation = "/2018-06-01/runtime/invocation/"

func (r rawRuntime) next() (id string) {
	r.t.Helper()
	got := r.do(r.request("GET", invocation+"next", ""))
	if got.status != http.StatusOK {
		r.t.Fatalf("next: %d %s", got.status, got.body)
	}
	return got.header.Get("Lambda-Runtime-Aws-Request-Id")
}

func (r rawRuntime) respond(id, body string, header ...string) reply {
	r.t.Helper()
	return r.do(r.request("POST", invocation+id+"/response", body, header...))
}

func TestNext(t *testing.T) {
	r, _, _, done := startRuntime(t, `{"an":"event"}`, lambda.Config{})
	got := r.do(r.request("GET", invocation+"next", ""))
	if got.status != http.StatusOK || got.body != `{"an":"event"}` {
		t.Errorf("next: %d %s, want 200 and the event", got.status, got.body)
	}
	id, deadline := got.header.Get("Lambda-Runtime-Aws-Request-Id"), got.header.Get("Lambda-Runtime-Deadline-Ms")
	if ms, err := strconv.ParseInt(deadline, 10, 64); err != nil || time.Until(time.UnixMilli(ms)) > time.Minute || time.Until(time.UnixMilli(ms)) < 30*time.Second {
		t.Errorf("deadline %q, want a minute from now, in Unix milliseconds", deadline)
	}
	for name, want := range map[string]string{
		"Content-Type":                        "application/json",
		"Content-Length":                      "14",
		"Lambda-Runtime-Invoked-Function-Arn": "arn:aws:lambda:us-east-1:123456789012:function:F",
		"Lambda-Runtime-Trace-Id":             "Root=1-2-3",
		"Lambda-Runtime-Aws-Request-Id":       id,
		"Lambda-Runtime-Deadline-Ms":          deadline,
	} {
		if got.header.Get(name) != want {
			t.Errorf("%s: %q, want %q", name, got.header.Get(name), want)
		}
		got.header.Del(name)
	}
	if len(got.header) > 0 {
		t.Errorf("further headers %v", got.header)
	}
	if got := r.respond(id, "hello", "Content-Type", "text/x"); got.status != http.StatusAccepted || got.body != `{"status":"OK"}` {
		t.Errorf("response: %d %s, want 202 and OK", got.status, got.body)
	}
	o := <-done
	if o.err != nil {
		t.Fatal(o.err)
	}
	body, err := io.ReadAll(o.response.Body)
	if string(body) != "hello" || err != nil || o.response.ContentType != "text/x" || o.response.RequestID != id {
		t.Errorf("response %+v with body %q, error %v", o.response, body, err)
	}
}

func TestStates(t *testing.T) {
	apiError := func(errorType, message string) string {
		return fmt.Sprintf(`{"errorMessage":%q,"errorType":%q}`, message, errorType)
	}
	badID, badState := apiError("InvalidRequestID", "Invalid request ID"), apiError("InvalidStateTransition", "State transition is not allowed")

	r, p, _, done := startRuntime(t, `{}`, lambda.Config{MaxSandboxes: 1})
	check := func(name string, got reply, status int, body string) {
		t.Helper()
		if got.status != status || got.body != body {
			t.Errorf("%s: %d %s, want %d %s", name, got.status, got.body, status, body)
		}
	}
	check("response before next", r.respond("x", ""), 400, badID)
	id := r.next()
	check("next before the response", r.do(r.request("GET", invocation+"next", "")), 403, badState)
	check("init error after next", r.do(r.request("POST", "/2018-06-01/runtime/init/error", "{}")), 403, badState)
	check("response for another event", r.respond("00000000-0000-4000-8000-000000000000", ""), 400, badID)
	check("unknown mode", r.respond(id, "", "Lambda-Runtime-Function-Response-Mode", "buffered"), 400, apiError("InvalidFunctionResponseMode", "Invalid function response mode"))
	check("response", r.respond(id, "one"), 202, `{"status":"OK"}`)
	check("a second response", r.respond(id, "two"), 403, badState)
	check("an error after the response", r.do(r.request("POST", invocation+id+"/error", "{}")), 403, badState)
	if o := <-done; o.err != nil {
		t.Fatal(o.err)
	}

	second := invokeRaw(p, `{}`)
	id2 := r.next()
	check("a late response", r.respond(id, "late"), 400, badID)
	check("error", r.do(r.request("POST", invocation+id2+"/error", `{"errorType":"T","errorMessage":"M","stackTrace":[]}`)), 202, `{"status":"OK"}`)
	var failed *lambda.FunctionError
	if o := <-second; !errors.As(o.err, &failed) || failed.Type != "T" || failed.Message != "M" || failed.RequestID != id2 || string(failed.Payload) != `{"errorType":"T","errorMessage":"M","stackTrace":[]}` {
		t.Errorf("error %#v, want T and M", o.err)
	}

	notFound := `{"errorMessage":"404 page not found","errorType":"NotFound"}`
	check("unknown path", r.do(r.request("GET", "/2018-06-01/runtime/restore/next", "")), 404, notFound)
	check("wrong method", r.do(r.request("POST", invocation+"next", "")), 404, notFound)
	check("telemetry", r.do(r.request("PUT", "/2022-07-01/telemetry", "{}")), 202, apiError("Telemetry.NotSupported", "Telemetry API is not supported"))
	check("logs", r.do(r.request("PUT", "/2020-08-15/logs", "{}")), 202, apiError("Logs.NotSupported", "Logs API is not supported"))
	port, _, _ := strings.Cut(strings.TrimPrefix(r.base, "http://"), "/")
	for _, key := range []string{"", "/", "/" + strings.Repeat("0", 32)} {
		stranger := rawRuntime{t, "http://" + port + key}
		check("without the key", stranger.do(stranger.request("GET", invocation+"next", "")), 404, notFound)
	}
}

func TestErrorForms(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct{ body, header, errorType, message, payload string }{
		"full":        {`{"errorType":"T","errorMessage":"M"}`, "H", "T", "M", `{"errorType":"T","errorMessage":"M"}`},
		"type-header": {`{"errorMessage":"M"}`, "H", "H", "M", `{"errorMessage":"M"}`},
		"no-type":     {`{}`, "", "Function.Unknown", "", `{}`},
		"no-json":     {`oops`, "H", "H", "", `{"errorMessage":"","errorType":"H"}`},
		"null":        {`null`, "", "Function.Unknown", "", `{"errorMessage":"","errorType":"Function.Unknown"}`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r, _, _, done := startRuntime(t, `{}`, lambda.Config{})
			r.do(r.request("POST", invocation+r.next()+"/error", test.body, "Lambda-Runtime-Function-Error-Type", test.header))
			var got *lambda.FunctionError
			if o := <-done; !errors.As(o.err, &got) || got.Type != test.errorType || got.Message != test.message || string(got.Payload) != test.payload {
				t.Errorf("%#v, want %q %q %s", got, test.errorType, test.message, test.payload)
			}
		})
	}
}

func TestInitError(t *testing.T) {
	r, _, logs, done := startRuntime(t, `{}`, lambda.Config{})
	if got := r.do(r.request("POST", "/2018-06-01/runtime/init/error", `{"errorType":"Init","errorMessage":"no luck"}`)); got.status != 202 {
		t.Errorf("init/error: %d %s", got.status, got.body)
	}
	kill(t, logs)
	var got *lambda.FunctionError
	if o := <-done; !errors.As(o.err, &got) || got.Type != "Init" || got.Message != "no luck" || got.RequestID == "" {
		t.Errorf("%#v, want the error that the runtime reported", o.err)
	}
	logs.wait(t, 1, `^INIT_REPORT .*\tStatus: error\tError Type: Init$`)
}

func TestResponseSize(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct{ size, status int }{
		"largest":   {wire.MaxPayload, http.StatusAccepted},
		"too-large": {wire.MaxPayload + 1, http.StatusRequestEntityTooLarge},
	} {
		t.Run(name, func(t *testing.T) {
			r, _, _, done := startRuntime(t, `{}`, lambda.Config{})
			if got := r.respond(r.next(), strings.Repeat("x", test.size), "Expect", "100-continue"); got.status != test.status {
				t.Errorf("status %d %s, want %d", got.status, got.body, test.status)
			}
			o := <-done
			var failed *lambda.FunctionError
			if errors.As(o.err, &failed) != (test.status != http.StatusAccepted) {
				t.Fatalf("error %v", o.err)
			}
			if failed != nil {
				if failed.Type != "Function.ResponseSizeTooLarge" {
					t.Errorf("%v", failed)
				}
				return
			}
			if n, err := io.Copy(io.Discard, o.response.Body); int(n) != test.size || err != nil {
				t.Errorf("%d bytes, error %v", n, err)
			}
		})
	}
}

func TestEventSize(t *testing.T) {
	p, _ := start(t, lambda.Function{}, lambda.Config{})
	largest := `{"Padding":"` + strings.Repeat("x", wire.MaxPayload-14) + `"}`
	if _, err := do(p, largest); err != nil {
		t.Errorf("an event of %d bytes: %v", len(largest), err)
	}
	if _, err := do(p, strings.Repeat(" ", wire.MaxPayload+1)); err == nil || err.Error() != "lambda: event of 6291557 bytes exceeds Lambda's limit of 6291556" {
		t.Errorf("an event over MaxPayload: %v", err)
	}
}

// post begins a response by hand and returns the connection to write its body.
func (r rawRuntime) post(id, header string) net.Conn {
	r.t.Helper()
	host, path, _ := strings.Cut(strings.TrimPrefix(r.base, "http://"), "/")
	conn, err := net.Dial("tcp", host)
	if err != nil {
		r.t.Fatal(err)
	}
	r.t.Cleanup(func() { conn.Close() })
	fmt.Fprintf(conn, "POST /%s%s%s/response HTTP/1.1\r\nHost: x\r\n%s\r\n", path, invocation, id, header)
	return conn
}

func TestTruncatedResponse(t *testing.T) {
	r, _, _, done := startRuntime(t, `{}`, lambda.Config{})
	id := r.next()
	conn := r.post(id, "Content-Length: 10\r\n")
	io.WriteString(conn, "abc")
	conn.(*net.TCPConn).CloseWrite()
	response, _ := io.ReadAll(conn)
	if want := "HTTP/1.1 400 Bad Request\r\n"; !bytes.HasPrefix(response, []byte(want)) || !bytes.Contains(response, []byte("TruncatedHTTPRequest")) {
		t.Errorf("response %q, want %s and TruncatedHTTPRequest", response, want)
	}
	if got := r.respond(id, "whole"); got.status != 202 {
		t.Errorf("a second try: %d %s, want 202", got.status, got.body)
	}
	o := <-done
	if o.err != nil {
		t.Fatal(o.err)
	}
	if body, _ := io.ReadAll(o.response.Body); string(body) != "whole" {
		t.Errorf("response %q, want whole", body)
	}
}

// A process that timed out may still try to respond after SIGTERM.
func TestLateResponse(t *testing.T) {
	t.Parallel()
	p, logs := start(t, lambda.Function{Env: map[string]string{"INIT": "raw"}, Timeout: 2 * time.Second}, lambda.Config{})
	done := invokeRaw(p, `{}`)
	r := rawRuntime{t, "http://" + logs.wait(t, 1, `^address (.*)$`)}
	r.do(r.request("POST", "/2020-01-01/extension/register", `{}`, "Lambda-Extension-Name", "x"))
	id := r.next()
	var failed *lambda.FunctionError
	if o := <-done; !errors.As(o.err, &failed) || !failed.Timeout || failed.RequestID != id {
		t.Fatalf("%v, want a timeout of %s", o.err, id)
	}
	got := r.respond(id, "late")
	if got.status == http.StatusNotFound {
		return // the half second after SIGTERM has passed: the sandbox is gone
	}
	if got.status != 400 || !strings.Contains(got.body, "InvalidRequestID") {
		t.Errorf("a late response: %d %s, want 400 InvalidRequestID", got.status, got.body)
	}
}

// If a process hangs up while it waits, another gets the event.
func TestHangUp(t *testing.T) {
	r, p, logs, done := startRuntime(t, `{}`, lambda.Config{})
	r.respond(r.next(), "")
	<-done
	ctx, cancel := context.WithCancel(t.Context())
	request := r.request("GET", invocation+"next", "")
	hungUp := make(chan error, 1)
	go func() {
		_, err := http.DefaultClient.Do(request.WithContext(ctx))
		hungUp <- err
	}()
	logs.wait(t, 1, `^REPORT `) // it waits now
	cancel()
	<-hungUp
	second := invokeRaw(p, `{"second":true}`)
	other := rawRuntime{t, "http://" + logs.wait(t, 2, `^address (.*)$`)}
	if got := other.respond(other.next(), "two"); got.status != 202 {
		t.Errorf("the other's response: %d %s", got.status, got.body)
	}
	if o := <-second; o.err != nil {
		t.Errorf("the event after the hang-up: %v", o.err)
	}
}

// A newer next replaces an older one.
func TestSecondNext(t *testing.T) {
	r, p, logs, done := startRuntime(t, `{}`, lambda.Config{})
	r.respond(r.next(), "")
	<-done
	old := make(chan reply, 1)
	go func() { old <- r.do(r.request("GET", invocation+"next", "")) }()
	logs.wait(t, 1, `^REPORT `)
	fresh := make(chan reply, 1)
	go func() { fresh <- r.do(r.request("GET", invocation+"next", "")) }()
	if got := <-old; got.status != 403 {
		t.Errorf("the older next: %d %s, want 403", got.status, got.body)
	}
	second := invokeRaw(p, `{"second":true}`)
	got := <-fresh
	if got.body != `{"second":true}` {
		t.Errorf("the newer next: %d %s, want the event", got.status, got.body)
	}
	r.respond(got.header.Get("Lambda-Runtime-Aws-Request-Id"), "")
	<-second
}
