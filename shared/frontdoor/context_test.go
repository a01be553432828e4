package frontdoor_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/lambdacontext"
	"github.com/awslabs/aws-lambda-go-api-proxy/core"

	"github.com/crumb-go/crumb/shared/frontdoor"
)

// handled gives h an event. The test fails if h panics, which Invoke hides.
func handled(t *testing.T, ctx context.Context, event []byte, h http.Handler) {
	t.Helper()
	out, err := frontdoor.New(h, frontdoor.Options{}).Invoke(ctx, event)
	if err != nil {
		t.Fatal(err)
	}
	if got := parse(t, out); got.status != http.StatusOK {
		t.Errorf("response = %v, want status 200", got)
	}
}

func TestEventFrom(t *testing.T) {
	rest := func(path, full string) string {
		return fmt.Sprintf(`{"httpMethod": "GET", "path": %q, "requestContext": {"stage": "prod", "requestId": "r1", "path": %q}}`, path, full)
	}
	http2 := func(path, full string) string {
		return fmt.Sprintf(`{"version": "2.0", "rawPath": %q, "requestContext": {"stage": "$default", "requestId": "r2", "http": {"method": "GET", "path": %q}}}`, path, full)
	}
	tests := []struct {
		name, event string
		want        frontdoor.Event
	}{
		{"rest", rest("/x", "/prod/x"), frontdoor.Event{Door: frontdoor.REST, Stage: "prod", Prefix: "/prod", RequestID: "r1"}},
		{"rest-root", rest("/", "/prod/"), frontdoor.Event{Door: frontdoor.REST, Stage: "prod", Prefix: "/prod", RequestID: "r1"}},
		{"rest-root-no-slash", rest("/", "/prod"), frontdoor.Event{Door: frontdoor.REST, Stage: "prod", Prefix: "/prod", RequestID: "r1"}},
		{"rest-other-path", rest("/x", "/prod/y"), frontdoor.Event{Door: frontdoor.REST, Stage: "prod", RequestID: "r1"}},
		{"rest-own-domain", rest("/v1/x", "/v1/x"), frontdoor.Event{Door: frontdoor.REST, Stage: "prod", RequestID: "r1"}},
		{"http", http2("/x", "/x"), frontdoor.Event{Door: frontdoor.HTTP, Stage: "$default", RequestID: "r2"}},
		{"http-mapping", http2("/x", "/v1/x"), frontdoor.Event{Door: frontdoor.HTTP, Stage: "$default", Prefix: "/v1", RequestID: "r2"}},
		{"http-encoded", http2("/a%20b", "/a b"), frontdoor.Event{Door: frontdoor.HTTP, Stage: "$default", RequestID: "r2"}},
		{"url", `{"version": "2.0", "rawPath": "/a%20b", "requestContext": {"domainName": "a.lambda-url.x.on.aws", "stage": "$default", "requestId": "r3", "http": {"method": "GET", "path": "/a b"}}}`,
			frontdoor.Event{Door: frontdoor.URL, Stage: "$default", RequestID: "r3"}},
		{"url-plain", `{"version": "2.0", "rawPath": "/x", "requestContext": {"domainName": "a.lambda-url.x.on.aws", "stage": "$default", "requestId": "r3", "http": {"method": "GET", "path": "/x"}}}`,
			frontdoor.Event{Door: frontdoor.URL, Stage: "$default", RequestID: "r3"}},
		{"alb", fmt.Sprintf(albEvent, `"body": ""`), frontdoor.Event{Door: frontdoor.ALB, RequestID: lambdaID}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			ctx := lambdacontext.NewContext(t.Context(), &lambdacontext.LambdaContext{AwsRequestID: lambdaID})
			h := http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
				got, ok := frontdoor.EventFrom(r.Context())
				if !ok || got.Door != test.want.Door || got.Stage != test.want.Stage || got.Prefix != test.want.Prefix || got.RequestID != test.want.RequestID {
					t.Errorf("event = %+v, %v, want %+v", got, ok, test.want)
				}
				if string(got.Raw()) != test.event {
					t.Errorf("raw event = %s, want %s", got.Raw(), test.event)
				}
			})
			handled(t, ctx, []byte(test.event), h)
		})
	}
	if e, ok := frontdoor.EventFrom(t.Context()); ok {
		t.Errorf("event = %+v of a context without one", e)
	}
}

func TestRequestContext(t *testing.T) {
	type key struct{}
	deadline := time.Now().Add(time.Hour)
	ctx, cancel := context.WithDeadline(context.WithValue(t.Context(), key{}, "value"), deadline)
	defer cancel()
	ctx = lambdacontext.NewContext(ctx, &lambdacontext.LambdaContext{AwsRequestID: lambdaID})
	h := http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		if got, ok := r.Context().Deadline(); !ok || !got.Equal(deadline) {
			t.Errorf("deadline = %v, %v; want %v", got, ok, deadline)
		}
		if lc, ok := lambdacontext.FromContext(r.Context()); !ok || lc.AwsRequestID != lambdaID {
			t.Errorf("Lambda context = %v, %v; want id %s", lc, ok, lambdaID)
		}
		if got := r.Context().Value(key{}); got != "value" {
			t.Errorf("value = %v, want that of Invoke's context", got)
		}
		inner, stop := context.WithCancel(r.Context())
		defer stop()
		cancel()
		<-inner.Done()
	})
	handled(t, ctx, doorEvents(t)[frontdoor.REST], h)
}

// What net/http's server has in each context, and what its connections can do.
func TestLikeConnection(t *testing.T) {
	h := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if server, ok := r.Context().Value(http.ServerContextKey).(*http.Server); !ok || server == nil || server.Handler == nil {
			t.Errorf("server = %v, want one", server)
		}
		if addr, ok := r.Context().Value(http.LocalAddrContextKey).(net.Addr); !ok || addr.Network() != "tcp" {
			t.Errorf("local address = %v, want one", addr)
		}
		c := http.NewResponseController(w)
		_, _, hijack := c.Hijack()
		for _, err := range []error{c.SetReadDeadline(time.Time{}), c.SetWriteDeadline(time.Time{}), c.EnableFullDuplex(), hijack} {
			if !errors.Is(err, http.ErrNotSupported) {
				t.Errorf("error = %v, want http.ErrNotSupported", err)
			}
		}
	})
	event := doorEvents(t)[frontdoor.REST]
	handled(t, t.Context(), event, h)
	r, err := frontdoor.Stream(h, frontdoor.Options{})(t.Context(), event)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := io.Copy(io.Discard, r); err != nil {
		t.Error(err)
	}
}

// TestHandlerForAPIProxy runs handlers that ask aws-lambda-go-api-proxy's own
// functions for the request context.
func TestHandlerForAPIProxy(t *testing.T) {
	const stageVars = `"stageVariables": {"table": "cookies"}`
	v1 := func(ctx context.Context) string {
		c, ok := core.GetAPIGatewayContextFromContext(ctx)
		vars, _ := core.GetStageVarsFromContext(ctx)
		lc, _ := core.GetRuntimeContextFromContext(ctx)
		return fmt.Sprintln(ok, c.AccountID, c.Identity.SourceIP, vars, lc != nil && lc.AwsRequestID == lambdaID)
	}
	v2 := func(ctx context.Context) string {
		c, ok := core.GetAPIGatewayV2ContextFromContext(ctx)
		vars, _ := core.GetStageVarsFromContextV2(ctx)
		lc, _ := core.GetRuntimeContextFromContextV2(ctx)
		return fmt.Sprintln(ok, c.AccountID, c.HTTP.SourceIP, vars, lc != nil && lc.AwsRequestID == lambdaID)
	}
	alb := func(ctx context.Context) string {
		c, ok := core.GetTargetGroupRequetFromContextALB(ctx)
		lc, _ := core.GetRuntimeContextFromContextALB(ctx)
		return fmt.Sprintln(ok, c.ELB.TargetGroupArn, lc != nil && lc.AwsRequestID == lambdaID)
	}
	const v1Context = `"requestContext": {"accountId": "1", "identity": {"sourceIp": "192.0.2.1"}}`
	const v2Context = `"requestContext": {"accountId": "1", "http": {"method": "GET", "path": "/100%", "sourceIp": "192.0.2.1"}}`
	tests := []struct {
		name, event string
		ask         func(context.Context) string
		want        string
	}{
		{"rest", `{"httpMethod": "GET", "path": "/100%", ` + v1Context + `, ` + stageVars + `}`, v1, "true 1 192.0.2.1 map[table:cookies] true"},
		{"http1", `{"version": "1.0", "httpMethod": "GET", "path": "/", ` + v1Context + `}`, v1, "true 1 192.0.2.1 map[] true"},
		{"http", `{"version": "2.0", "rawPath": "/100%", ` + v2Context + `, ` + stageVars + `}`, v2, "true 1 192.0.2.1 map[table:cookies] true"},
		{"alb", `{"httpMethod": "GET", "path": "/100%", "requestContext": {"elb": {"targetGroupArn": "arn"}}}`, alb, "true arn true"},
		{"other-door", `{"httpMethod": "GET", "path": "/", ` + v1Context + `}`, v2, "false   map[] false"},
		{"lattice", fmt.Sprintf(latticeEvent, `"body": ""`), v1, "false   map[] false"},
		{"no-context", `{"httpMethod": "GET", "path": "/"}`, v1, "false   map[] false"},
		{"odd-context", `{"httpMethod": "GET", "path": "/", "requestContext": {"accountId": 1}}`, v1, "false   map[] false"},
		{"odd-http-context", `{"version": "2.0", "rawPath": "/", "requestContext": {"accountId": 1, "http": {"method": "GET"}}}`, v2, "false   map[] false"},
		{"odd-alb-context", `{"httpMethod": "GET", "path": "/", "requestContext": {"elb": {"targetGroupArn": 1}}}`, alb, "false  false"},
		{"odd-stage-variables", `{"httpMethod": "GET", "path": "/", ` + v1Context + `, "stageVariables": {"a": 1}}`, v1, "false   map[] false"},
		{"odd-domain", `{"httpMethod": "GET", "path": "/", "requestContext": {"domainName": "a b"}}`, v1, "false   map[] false"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			ctx := lambdacontext.NewContext(t.Context(), &lambdacontext.LambdaContext{AwsRequestID: lambdaID})
			h := http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
				for range 2 { // made once, found twice
					if got := strings.TrimSuffix(test.ask(r.Context()), "\n"); got != test.want {
						t.Errorf("api-proxy context = %s, want %s", got, test.want)
					}
				}
			})
			handled(t, ctx, []byte(test.event), h)
		})
	}
}

// AWS_LAMBDA_MAX_CONCURRENCY above 1 calls Invoke from several goroutines, with
// buffers that it uses again.
func TestConcurrentInvoke(t *testing.T) {
	handler := frontdoor.New(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		http.SetCookie(w, &http.Cookie{Name: "echo", Value: r.URL.Query().Get("n")})
		_, _ = io.WriteString(w, r.URL.Query().Get("n"))
	}), frontdoor.Options{})
	var wg sync.WaitGroup
	for worker := range 8 {
		wg.Go(func() {
			var buffer []byte
			var before, want []byte
			for i := range 50 {
				n := fmt.Sprint(worker*100 + i)
				buffer = fmt.Appendf(buffer[:0], httpEvent, `"rawQueryString": "n=`+n+`"`)
				out, err := handler.Invoke(t.Context(), buffer)
				if err != nil {
					t.Error(err)
					return
				}
				if !bytes.Equal(before, want) {
					t.Errorf("a response changed to %s after Invoke returned %s", before, want)
				}
				before, want = out, bytes.Clone(out)
				if text := fmt.Sprintf(`"cookies":["echo=%s"],"body":"%s"`, n, n); !bytes.Contains(out, []byte(text)) {
					t.Errorf("response = %s, want %s in it", out, text)
				}
			}
		})
	}
	wg.Wait()
}
