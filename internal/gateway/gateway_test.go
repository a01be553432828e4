package gateway_test

import (
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/crumb-go/crumb/internal/app"
	"github.com/crumb-go/crumb/internal/gateway"
	"github.com/crumb-go/crumb/internal/lambda"
)

// invokeFunc is an Invoker that is one function.
type invokeFunc func(ctx context.Context, function string, event lambda.Invocation) (*lambda.Response, error)

func (f invokeFunc) Invoke(ctx context.Context, function string, event lambda.Invocation) (*lambda.Response, error) {
	return f(ctx, function, event)
}

// returning always returns the same response.
func returning(payload string) invokeFunc {
	return func(context.Context, string, lambda.Invocation) (*lambda.Response, error) {
		return jsonResponse(payload), nil
	}
}

func jsonResponse(payload string) *lambda.Response {
	return &lambda.Response{ContentType: "application/json", Body: io.NopCloser(strings.NewReader(payload))}
}

// oneRoute is an API whose only route takes everything to one function.
func oneRoute(kind app.Kind, payload string) *app.API {
	path := "/{proxy+}"
	if kind != app.REST {
		path = "$default"
	}
	stage := "$default"
	if kind == app.REST {
		stage = "prod"
	}
	return &app.API{ID: "Api", Kind: kind, Stage: stage, Routes: []app.Route{
		{Method: "ANY", Path: path, Payload: payload, Function: &app.Function{ID: "Function"}},
	}}
}

// localRequest is a request as a local client sends it.
func localRequest(method, target, body string) *http.Request {
	r := httptest.NewRequest(method, target, strings.NewReader(body))
	r.Host = "localhost:3000"
	return r
}

// serve runs one request and returns its response and the log.
func serve(t *testing.T, api *app.API, invoker gateway.Invoker, o gateway.Options, r *http.Request) (*http.Response, string) {
	t.Helper()
	var log strings.Builder
	o.Log = slog.New(slog.NewTextHandler(&log, nil))
	h, err := gateway.New(api, invoker, o)
	if err != nil {
		t.Fatal(err)
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w.Result(), log.String()
}

func bodyOf(t *testing.T, res *http.Response) string {
	t.Helper()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(body)
}

// Browsers ask for icons by themselves; a warning for each would hide the others.
func TestUnknownRouteIsLogged(t *testing.T) {
	for path, want := range map[string]bool{"/nope": true, "/a/favicon.ico": true, "/favicon.ico": false, "/apple-touch-icon.png": false, "/apple-touch-icon-precomposed.png": false, "/.well-known/appspecific/com.chrome.devtools.json": false} {
		res, log := serve(t, &app.API{ID: "Api", Kind: app.REST}, nil, gateway.Options{}, localRequest("GET", path, ""))
		if logged := strings.Contains(log, "no such route"); res.StatusCode != 403 || logged != want {
			t.Errorf("%s: %d, log %q; want 403, and a line: %v", path, res.StatusCode, log, want)
		}
	}
}

func TestServe(t *testing.T) {
	var event map[string]any
	invoker := invokeFunc(func(_ context.Context, function string, in lambda.Invocation) (*lambda.Response, error) {
		if function != "Function" {
			t.Errorf("invoked %q, want Function", function)
		}
		if err := json.Unmarshal(in.Payload, &event); err != nil {
			t.Errorf("event is not JSON: %v\n%s", err, in.Payload)
		}
		return jsonResponse(`{"statusCode":200,"multiValueHeaders":{"Set-Cookie":["a=1; Path=/","b=2; Path=/"],"Content-Type":["text/plain"]},"body":"hello"}`), nil
	})
	r := localRequest("GET", "/setcookie?x=1", "")
	r.Header.Set("Cookie", "sid=abc")
	res, log := serve(t, oneRoute(app.REST, ""), invoker, gateway.Options{}, r)
	if res.StatusCode != 200 || log != "" {
		t.Errorf("status %d, log %q", res.StatusCode, log)
	}
	if got := bodyOf(t, res); got != "hello" {
		t.Errorf("body %q", got)
	}
	if got := strings.Join(res.Header["Set-Cookie"], "|"); got != "a=1; Path=/|b=2; Path=/" {
		t.Errorf("Set-Cookie %q", got)
	}
	if got := event["requestContext"].(map[string]any)["path"]; got != "/prod/setcookie" {
		t.Errorf("requestContext.path = %v", got)
	}
}

// A body that Close is not called of holds a sandbox's connection.
type openBody struct {
	io.Reader
	closed bool
}

func (b *openBody) Close() error {
	b.closed = true
	return nil
}

func TestBodiesAreClosed(t *testing.T) {
	const prelude = `{"statusCode":200}` + nuls
	for _, row := range []struct{ name, method, contentType, body string }{
		{"whole", "GET", "application/json", `{"statusCode":200}`},
		{"malformed", "GET", "application/json", `{"statusCode":"x"}`},
		{"too-large", "GET", "application/json", strings.Repeat("x", 7<<20)},
		{"stream", "GET", streamType, prelude + "a"},
		{"stream-of-head", "HEAD", streamType, prelude + "a"},
		{"broken-prelude", "GET", streamType, "{"},
	} {
		t.Run(row.name, func(t *testing.T) {
			body := &openBody{Reader: strings.NewReader(row.body)}
			invoker := invokeFunc(func(context.Context, string, lambda.Invocation) (*lambda.Response, error) {
				return &lambda.Response{ContentType: row.contentType, Body: body}, nil
			})
			api := oneRoute(app.URL, "2.0")
			api.Stream = true
			serve(t, api, invoker, gateway.Options{}, localRequest(row.method, "/x", ""))
			if !body.closed {
				t.Error("the body stays open")
			}
		})
	}
}
