package lambda_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/crumb-go/crumb/internal/lambda"
)

func TestExtension(t *testing.T) {
	r, _, logs, done := startRuntime(t, `{}`, lambda.Config{})
	if got := r.do(r.request("POST", "/2020-01-01/extension/register", `{"events":null}`)); got.status != 403 {
		t.Errorf("register without a name: %d %s, want 403", got.status, got.body)
	}
	got := r.do(r.request("POST", "/2020-01-01/extension/register", `{"events":null}`, "Lambda-Extension-Name", "x"))
	var body map[string]string
	if err := json.Unmarshal([]byte(got.body), &body); err != nil || got.status != 200 || len(got.header.Get("Lambda-Extension-Identifier")) != 36 ||
		body["functionName"] != "F" || body["functionVersion"] != "$LATEST" || body["handler"] != "bootstrap" {
		t.Errorf("register: %d %v %s", got.status, got.header, got.body)
	}
	for _, what := range []string{"init", "exit"} {
		if got := r.do(r.request("POST", "/2020-01-01/extension/"+what+"/error", "{}")); got.status != 202 {
			t.Errorf("%s/error: %d %s", what, got.status, got.body)
		}
	}
	id := got.header.Get("Lambda-Extension-Identifier")
	// event/next waits until the process is gone; a request that comes even
	// later gets 404.
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}} // on a new connection nothing is sent twice
	request := r.request("GET", "/2020-01-01/extension/event/next", "", "Lambda-Extension-Identifier", id)
	status := make(chan int, 1)
	go func() {
		got, err := client.Do(request)
		if err != nil {
			status <- 0
			return
		}
		got.Body.Close()
		status <- got.StatusCode
	}()
	kill(t, logs)
	<-done
	if got := <-status; got != 0 && got != http.StatusNotFound {
		t.Errorf("event/next: %d, want no response", got)
	}
}

// An extension that registered for events has time after the response: the event
// lasts until the extension asks for the next.
func TestExtensionOfEvents(t *testing.T) {
	t.Parallel()
	r, p, logs, done := startRuntime(t, `{}`, lambda.Config{MaxSandboxes: 1})
	register := func(events string) reply {
		return r.do(r.request("POST", "/2020-01-01/extension/register", events, "Lambda-Extension-Name", "x"))
	}
	for events, want := range map[string]string{
		`{"events":["SHUTDOWN"]}`: "Extension.InvalidEventType",
		`{"events":[`:             "InvalidRequestFormat",
	} {
		if got := register(events); got.status != 403 || !strings.Contains(got.body, want) {
			t.Errorf("register %s: %d %s, want 403 %s", events, got.status, got.body, want)
		}
	}
	register(`{"events":[]}`) // gets none
	id := register(`{"events":["INVOKE"]}`).header.Get("Lambda-Extension-Identifier")
	nextOf := func(id string) reply {
		return r.do(r.request("GET", "/2020-01-01/extension/event/next", "", "Lambda-Extension-Identifier", id))
	}
	if got := nextOf("nobody"); got.status != 403 {
		t.Errorf("next of an unknown extension: %d %s, want 403", got.status, got.body)
	}

	first := r.next()
	got := nextOf(id) // it comes late; the event was kept
	var event struct {
		EventType, RequestID, InvokedFunctionARN string
		DeadlineMs                               int64
		Tracing                                  struct{ Type, Value string }
	}
	if err := json.Unmarshal([]byte(got.body), &event); err != nil || got.status != 200 || got.header.Get("Lambda-Extension-Event-Identifier") == "" ||
		event.EventType != "INVOKE" || event.RequestID != first || event.InvokedFunctionARN != "arn:aws:lambda:us-east-1:123456789012:function:F" ||
		event.Tracing.Type != "X-Amzn-Trace-Id" || event.Tracing.Value != "Root=1-2-3" || time.Until(time.UnixMilli(event.DeadlineMs)) < 30*time.Second {
		t.Errorf("event/next: %d %v %s, %v", got.status, got.header, got.body, err)
	}
	r.respond(first, `{}`)
	if o := <-done; o.err != nil {
		t.Fatalf("the response waits for the extension: %v", o.err)
	}

	done = invokeRaw(p, `{}`)
	nexts := make(chan reply, 2)
	for range 2 { // the later one replaces the first, whose 403 says that both have come
		go func() { nexts <- r.do(r.request("GET", invocation+"next", "")) }()
	}
	if got := <-nexts; got.status != 403 || strings.Contains(logs.String(), "END ") {
		t.Errorf("next: %d %s while the extension is at work, want it to wait; log:\n%s", got.status, got.body, logs)
	}
	told := nextOf(id)
	got = <-nexts
	if second := got.header.Get("Lambda-Runtime-Aws-Request-Id"); second == "" || second == first || !strings.Contains(told.body, second) {
		t.Errorf("next: %d %s, and the extension got %s", got.status, second, told.body)
	} else {
		r.respond(second, `{}`)
	}
	<-done
	logs.wait(t, 1, "^END RequestId: "+first)
}

// An extension that never asks again is limited by the function's Timeout.
func TestExtensionTimesOut(t *testing.T) {
	t.Parallel()
	p, logs := start(t, lambda.Function{Env: map[string]string{"INIT": "raw"}, Timeout: 2 * time.Second}, lambda.Config{})
	done := invokeRaw(p, `{}`)
	r := rawRuntime{t, "http://" + logs.wait(t, 1, `^address (.*)$`)}
	r.do(r.request("POST", "/2020-01-01/extension/register", `{"events":["INVOKE"]}`, "Lambda-Extension-Name", "x"))
	r.respond(r.next(), `{}`)
	if o := <-done; o.err != nil {
		t.Fatal(o.err)
	}
	logs.wait(t, 1, `^REPORT .*Status: timeout$`)
}
