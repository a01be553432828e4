package gateway_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/iotest"
	"testing/synctest"
	"time"

	"github.com/crumb-go/crumb/internal/app"
	"github.com/crumb-go/crumb/internal/authorizer"
	"github.com/crumb-go/crumb/internal/gateway"
	"github.com/crumb-go/crumb/internal/gobuild"
	"github.com/crumb-go/crumb/internal/lambda"
	"github.com/crumb-go/crumb/shared/frontdoor"
)

func failing(err error) invokeFunc {
	return func(context.Context, string, lambda.Invocation) (*lambda.Response, error) { return nil, err }
}

func TestFunctionErrorsAreAsAWS(t *testing.T) {
	exit := &lambda.FunctionError{Type: "Runtime.ExitError", Message: "secret"}
	timeout := &lambda.FunctionError{Type: "Sandbox.Timedout", Timeout: true}
	rows := []struct {
		name, source string
		door         frontdoor.Door
		err          error
		status       int
		body, log    string
	}{
		{"rest", errorsPage, rest, exit, 502, restError, "Function: Runtime.ExitError"},
		{"http", testTool, httpAPI, exit, 500, httpError, "Function: Runtime.ExitError"},
		{"http1", testTool, httpAPI1, exit, 500, httpError, "Function: Runtime.ExitError"},
		{"url", "awsdocs/aws-lambda-developer-guide#430", furl, exit, 502, urlError, "Function: Runtime.ExitError"},
		{"alb", albErrors, alb, exit, 502, albError, "Function: Runtime.ExitError"},
		{"timeout-rest", errorsPage, rest, timeout, 502, restError, "Function: Sandbox.Timedout"},
		{"timeout-http", testTool, httpAPI, timeout, 500, httpError, "Function: Sandbox.Timedout"},
		{"timeout-alb", albErrors, albMulti, timeout, 502, albError, "Function: Sandbox.Timedout"},
		{"local", "what AWS responds with when Lambda rejects an event", rest, errors.New("no toolchain"), 502, restError, "Function: no toolchain"},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			res, log := serve(t, oneRoute(app.HTTP, "2.0"), failing(row.err), gateway.Options{Door: row.door}, localRequest("GET", "/", ""))
			if got := bodyOf(t, res); res.StatusCode != row.status || got != row.body {
				t.Errorf("status %d, body %q, want %d, %q (%s)", res.StatusCode, got, row.status, row.body, row.source)
			}
			if !strings.Contains(log, row.log) || strings.Contains(log, "secret") {
				t.Errorf("log %q, want %q", log, row.log)
			}
		})
	}
}

// The developer reads the compiler's words in the browser, and no markup of
// them.
func TestBuildError(t *testing.T) {
	err := &gobuild.Error{Function: "Function", Output: "functions/x/main.go:3:1: undefined: <b>x</b>"}
	for door, status := range map[frontdoor.Door]int{rest: 502, httpAPI: 500, furl: 502, alb: 502} {
		res, _ := serve(t, oneRoute(app.HTTP, "2.0"), failing(err), gateway.Options{Door: door}, localRequest("GET", "/", ""))
		body := bodyOf(t, res)
		if res.StatusCode != status || !strings.Contains(body, "crumb: build of Function failed") || !strings.Contains(body, err.Output) {
			t.Errorf("%s: status %d, body %q", door, res.StatusCode, body)
		}
		if res.Header.Get("Content-Type") != "text/plain; charset=utf-8" || res.Header.Get("X-Content-Type-Options") != "nosniff" {
			t.Errorf("%s: a browser could take it for markup: %v", door, res.Header)
		}
	}
}

func TestFunctionNotRun(t *testing.T) {
	api := oneRoute(app.REST, "1.0")
	api.Routes[0].Function.NotRun = "its runtime is python3.13"
	res, _ := serve(t, api, failing(errors.New("invoked")), gateway.Options{}, localRequest("GET", "/x", ""))
	if body := bodyOf(t, res); res.StatusCode != 502 || body != "crumb: Function is not run here: its runtime is python3.13\n" {
		t.Errorf("status %d, body %q", res.StatusCode, body)
	}
}

func TestTimeLimits(t *testing.T) {
	rows := []struct {
		door   frontdoor.Door
		set    time.Duration // TimeoutInMillis
		limit  time.Duration // 0: only the function's own
		status int
		body   string
	}{
		{rest, 5 * time.Second, 5 * time.Second, 504, `{"message":"Endpoint request timed out"}`}, // SAM developer guide, Api: TimeoutInMillis
		{httpAPI, time.Second, time.Second, 503, `{"message":"Service Unavailable"}`},             // and HttpApi
		{alb, time.Second, 0, 502, albError},
		{rest, 0, 29 * time.Second, 504, `{"message":"Endpoint request timed out"}`}, // INTEGRATION_TIMEOUT of responsesPage
		{httpAPI, 0, 30 * time.Second, 503, `{"message":"Service Unavailable"}`},     // compiler-explorer/explain#19
		{httpAPI1, 0, 30 * time.Second, 503, `{"message":"Service Unavailable"}`},
		{furl, 0, 0, 502, urlError},
		{alb, 0, 0, 502, albError},
	}
	for _, row := range rows {
		t.Run(fmt.Sprintf("%s-%v", row.door, row.set), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				const build, function = time.Minute, 15 * time.Minute
				var started time.Time
				invoker := invokeFunc(func(ctx context.Context, _ string, in lambda.Invocation) (*lambda.Response, error) {
					time.Sleep(build)
					started = time.Now()
					in.Built()
					select {
					case <-ctx.Done():
						return nil, ctx.Err()
					case <-time.After(function):
						return nil, &lambda.FunctionError{Type: "Sandbox.Timedout", Timeout: true}
					}
				})
				api := oneRoute(app.HTTP, "2.0")
				api.Routes[0].Timeout = row.set
				res, log := serve(t, api, invoker, gateway.Options{Door: row.door}, localRequest("GET", "/", ""))
				if passed := fmt.Sprintf("Function: integration timeout exceeded: %v\"", row.limit); strings.Contains(log, passed) != (row.limit > 0) {
					t.Errorf("the log is %s, want %s", log, passed)
				}
				want := row.limit
				if want == 0 {
					want = function
				}
				if waited := time.Since(started); waited != want {
					t.Errorf("waited %v after the build, want %v", waited, want)
				}
				if got := bodyOf(t, res); res.StatusCode != row.status || got != row.body {
					t.Errorf("status %d, body %q", res.StatusCode, got)
				}
			})
		})
	}
}

// In a debugger a function may take as long as it needs.
func TestNoTimeLimit(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		invoker := invokeFunc(func(ctx context.Context, _ string, in lambda.Invocation) (*lambda.Response, error) {
			in.Built()
			select {
			case <-ctx.Done():
				return nil, ctx.Err()
			case <-time.After(time.Hour):
				return jsonResponse(`{"statusCode":200}`), nil
			}
		})
		res, _ := serve(t, oneRoute(app.REST, "1.0"), invoker, gateway.Options{NoTimeLimit: true}, localRequest("GET", "/x", ""))
		if res.StatusCode != 200 {
			t.Errorf("status %d", res.StatusCode)
		}
	})
}

// A client that leaves, as a browser does that follows another link, ends Invoke's context
// or closes the body of a response. That is not the function's failure.
func TestClientGone(t *testing.T) {
	stream := oneRoute(app.URL, "2.0")
	stream.Stream = true
	for _, row := range []struct {
		name        string
		api         *app.API
		contentType string
		sent        string // of the response, before the client leaves
	}{
		{"before-a-response", oneRoute(app.REST, "1.0"), "", ""},
		{"in-a-response", oneRoute(app.REST, "1.0"), "application/json", `{"statusCode":`},
		{"in-the-head-of-a-stream", stream, streamType, `{"statusCode":`},
		{"in-a-stream", stream, streamType, `{"statusCode":200}` + nuls + "half"},
	} {
		t.Run(row.name, func(t *testing.T) {
			ctx, leave := context.WithCancel(t.Context())
			invoker := invokeFunc(func(ctx context.Context, _ string, _ lambda.Invocation) (*lambda.Response, error) {
				if row.contentType == "" {
					leave()
					<-ctx.Done()
					return nil, ctx.Err()
				}
				read, write := io.Pipe()
				go func() {
					io.WriteString(write, row.sent)
					leave()
				}()
				return &lambda.Response{ContentType: row.contentType, Body: read}, nil
			})
			var log strings.Builder
			h, err := gateway.New(row.api, invoker, gateway.Options{Log: slog.New(slog.NewTextHandler(&log, nil))})
			if err != nil {
				t.Fatal(err)
			}
			func() {
				defer func() {
					if broken := recover(); broken != nil && broken != http.ErrAbortHandler {
						panic(broken)
					}
				}()
				h.ServeHTTP(httptest.NewRecorder(), localRequest("GET", "/x", "").WithContext(ctx))
			}()
			if got := log.String(); strings.Count(got, "\n") != 1 || !strings.Contains(got, `level=INFO msg="Function: the client went away"`) {
				t.Errorf("the log is\n%s", got)
			}
		})
	}
}

func TestLimitsAreAsAWS(t *testing.T) {
	const kb, mb = 1 << 10, 1 << 20
	big := strings.Repeat
	text := func(n int) func() *http.Request { return with("POST", "/x", big("x", n), "Content-Type", "text/plain") }
	rows := []struct {
		name, source string
		door         frontdoor.Door
		request      func() *http.Request
		status       int
		body         string
	}{
		{"headers-rest", "10,240 bytes in all of header values: Quotas for REST APIs; the status people report", rest, with("GET", "/x", "", "Cookie", big("c", 10240)), 431, "HTTP header is larger than 10240 bytes."},
		{"headers-rest-below", "Quotas for REST APIs", rest, with("GET", "/x", "", "Cookie", big("c", 10240-len("localhost:3000"))), 200, "ok"},
		{"headers-http", "Quotas for HTTP APIs", httpAPI, with("GET", "/x", "", "Cookie", big("c", 10240-len("localhost:3000"))), 431, `{"message":"Request Header Fields Too Large"}`},
		{"headers-http-line-counts", "Quotas for HTTP APIs", httpAPI, with("GET", "/"+big("x", 10230), ""), 431, `{"message":"Request Header Fields Too Large"}`},
		{"headers-url", "no limit documented", furl, with("GET", "/x", "", "Cookie", big("c", 20*kb)), 200, "ok"},
		{"headers-alb", albErrors, alb, with("GET", "/x", "", "Cookie", big("c", 16*kb)), 400, ""},
		{"headers-alb-below", albErrors, alb, with("GET", "/x", "", "Cookie", big("c", 15*kb)), 200, "ok"},
		{"headers-alb-all", albErrors, alb, with("GET", "/x", "", "A", big("c", 15*kb), "B", big("c", 15*kb), "C", big("c", 15*kb), "D", big("c", 15*kb), "E", big("c", 15*kb)), 400, ""},
		{"url-rest", "Quotas for REST APIs", rest, with("GET", "/"+big("x", 10240), ""), 414, "HTTP line is larger than 10240 bytes."},
		{"body-rest", "koki-develop/lgtm-generator#10", rest, text(10*mb + 1), 413, "HTTP content length exceeded 10485760 bytes."},
		{"event-rest", "koki-develop/lgtm-generator#10", rest, text(7 * mb), 413, `{"message": "Request Too Long"}`},
		{"body-http", "Quotas for HTTP APIs", httpAPI, text(10*mb + 1), 413, `{"message":"Request Entity Too Large"}`},
		{"event-http", "Lambda quotas", httpAPI, text(7 * mb), 413, `{"message":"Request Entity Too Large"}`},
		{"body-below", "Lambda quotas", httpAPI, text(5 * mb), 200, "ok"},
		{"body-url", "Lambda quotas", furl, text(7 * mb), 413, `{"Message":"Request Entity Too Large"}`},
		{"body-alb", albErrors, alb, text(mb + 1), 413, ""},
		{"body-alb-below", albErrors, alb, text(mb), 200, "ok"},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			api := oneRoute(app.REST, "1.0")
			res, _ := serve(t, api, returning(`{"statusCode":200,"headers":{},"body":"ok"}`), gateway.Options{Door: row.door}, row.request())
			if got := bodyOf(t, res); res.StatusCode != row.status || row.body != "" && got != row.body {
				t.Errorf("status %d, body %q, want %d, %q (%s)", res.StatusCode, got, row.status, row.body, row.source)
			}
		})
	}
}

func TestResponseTooLarge(t *testing.T) {
	rows := []struct {
		name   string
		door   frontdoor.Door
		size   int
		status int
	}{
		{"rest", rest, 7 << 20, 502},
		{"rest-below", rest, 5 << 20, 200},
		{"http", httpAPI, 7 << 20, 500},
		{"alb", alb, 1 << 20, 502},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			response := `{"statusCode":200,"headers":{},"body":"` + strings.Repeat("x", row.size) + `"}`
			res, _ := serve(t, oneRoute(app.HTTP, "2.0"), returning(response), gateway.Options{Door: row.door}, localRequest("GET", "/", ""))
			if res.StatusCode != row.status {
				t.Errorf("status %d, want %d", res.StatusCode, row.status)
			}
		})
	}
}

func TestBodiesThatBreak(t *testing.T) {
	r := httptest.NewRequest("POST", "/", iotest.ErrReader(io.ErrUnexpectedEOF))
	r.Host = "localhost"
	res, log := serve(t, oneRoute(app.HTTP, "2.0"), returning(`{}`), gateway.Options{}, r)
	if res.StatusCode != 400 || !strings.Contains(log, "unexpected EOF") {
		t.Errorf("request: status %d, log %q", res.StatusCode, log)
	}
	invoker := invokeFunc(func(context.Context, string, lambda.Invocation) (*lambda.Response, error) {
		return &lambda.Response{ContentType: "application/json", Body: io.NopCloser(iotest.ErrReader(io.ErrUnexpectedEOF))}, nil
	})
	res, log = serve(t, oneRoute(app.HTTP, "2.0"), invoker, gateway.Options{}, localRequest("GET", "/", ""))
	if res.StatusCode != 500 || !strings.Contains(log, "unexpected EOF") {
		t.Errorf("response: status %d, log %q", res.StatusCode, log)
	}
}

func TestAuthorizersRefuse(t *testing.T) {
	rows := []struct {
		name   string
		guard  app.Guard
		kind   app.Kind
		status int
		body   string
	}{
		{"rest-cognito", app.Guard{Authorizer: "Pool", Auth: app.Cognito}, app.REST, 401, `{"message":"Unauthorized"}`},
		{"rest-iam", app.Guard{Authorizer: "AWS_IAM", Auth: app.IAM}, app.REST, 403, `{"message":"Missing Authentication Token"}`},
		{"http-jwt", app.Guard{Authorizer: "JWT", Auth: app.JWT}, app.HTTP, 401, `{"message":"Unauthorized"}`},
		{"http-jwt-with-a-name-of-iam", app.Guard{Authorizer: "AWS_IAM", Auth: app.JWT}, app.HTTP, 401, `{"message":"Unauthorized"}`},
		{"rest-lambda-with-a-key", app.Guard{Authorizer: "Own", Auth: app.Lambda, APIKey: true}, app.REST, 401, `{"message":"Unauthorized"}`},
		{"http-iam", app.Guard{Authorizer: "AWS_IAM", Auth: app.IAM}, app.HTTP, 403, `{"message":"Forbidden"}`},
		{"url-iam", app.Guard{Authorizer: "AWS_IAM", Auth: app.IAM}, app.URL, 403, `{"Message":"Forbidden. For troubleshooting Function URL authorization issues, see: https://docs.aws.amazon.com/lambda/latest/dg/urls-auth.html"}`},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			api := oneRoute(row.kind, "2.0")
			api.Routes[0].Guard = row.guard
			api.Routes[0].ClosedAt = "template.yaml:12"
			r := with("GET", "/x", "", "Authorization", "Bearer anything")
			res, log := serve(t, api, failing(errors.New("invoked")), gateway.Options{}, r())
			if got := bodyOf(t, res); res.StatusCode != row.status || got != row.body {
				t.Errorf("status %d, body %s, want %d, %s (%s)", res.StatusCode, got, row.status, row.body, responsesPage)
			}
			if !strings.Contains(log, row.guard.Authorizer+" (template.yaml:12) closes") || !strings.Contains(log, "--insecure-skip-authorizers") {
				t.Errorf("log %q does not say what closes the route, and how to open it", log)
			}
			res, _ = serve(t, api, returning(`{"statusCode":200}`), gateway.Options{Authorizers: authorizer.Config{InsecureSkip: true}}, r())
			if res.StatusCode != 200 {
				t.Errorf("skipped: status %d", res.StatusCode)
			}
		})
	}
}

// Base64 that a REST API does not decode reaches the browser as text.
func TestBase64AsTextIsLogged(t *testing.T) {
	const binary, log = `{"statusCode":200,"headers":{"Content-Encoding":"gzip"},"body":"AQID","isBase64Encoded":true}`, "sends base64 as text"
	for _, row := range []struct {
		name     string
		door     frontdoor.Door
		types    []string
		accept   string
		response string
		body     string
		log      string
	}{
		{"no-types", rest, nil, "image/png", binary, "AQID", log},
		{"another-first", rest, []string{"image/png"}, "image/avif,image/png", binary, "AQID", log},
		{"listed", rest, []string{"image/png"}, "image/png", binary, "\x01\x02\x03", ""},
		{"all", rest, []string{"*/*"}, "", binary, "\x01\x02\x03", ""},
		{"text", rest, nil, "image/png", `{"statusCode":200,"body":"AQID"}`, "AQID", ""},
		{"empty", rest, nil, "image/png", `{"statusCode":304,"body":"","isBase64Encoded":true}`, "", ""},
		{"http", httpAPI, nil, "image/png", binary, "\x01\x02\x03", ""},
		{"alb", alb, nil, "image/png", binary, "\x01\x02\x03", ""},
	} {
		t.Run(row.name, func(t *testing.T) {
			api := oneRoute(app.HTTP, "2.0")
			api.BinaryMediaTypes = row.types
			res, log := serve(t, api, returning(row.response), gateway.Options{Door: row.door}, with("GET", "/x", "", "Accept", row.accept)())
			if got := bodyOf(t, res); got != row.body {
				t.Errorf("body %q, want %q", got, row.body)
			}
			if !strings.Contains(log, row.log) || (row.log == "") != (log == "") {
				t.Errorf("log %q, want it to say %q", log, row.log)
			}
		})
	}
}

func TestWhatTheFunctionCannotSeeIsLogged(t *testing.T) {
	rows := []struct {
		name    string
		door    frontdoor.Door
		request func() *http.Request
		log     string
	}{
		{"alb-cookie-lines", alb, with("GET", "/", "", "Cookie", "a=secret", "Cookie", "b=2"), "passes on the last Cookie line only"},
		{"alb-multi-cookie-lines", albMulti, with("GET", "/", "", "Cookie", "a=secret", "Cookie", "b=2"), ""},
		{"rest-binary", rest, with("POST", "/", "\xff", "Content-Type", "image/png"), "damages a body"},
		{"rest-binary-listed", rest, with("POST", "/", "\xff", "Content-Type", "image/gif"), ""},
		{"rest-text", rest, with("POST", "/", "ü", "Content-Type", "image/png"), ""},
		{"alb-cookie-line", alb, with("GET", "/", "", "Cookie", "a=secret"), ""},
		{"http-binary", httpAPI, with("POST", "/", "\xff", "Content-Type", "image/png"), ""},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			api := oneRoute(app.HTTP, "2.0")
			api.BinaryMediaTypes = []string{"image/gif"}
			_, log := serve(t, api, returning(`{"statusCode":200,"headers":{},"multiValueHeaders":{}}`), gateway.Options{Door: row.door}, row.request())
			if !strings.Contains(log, row.log) || (row.log == "") != (log == "") || strings.Contains(log, "secret") {
				t.Errorf("log %q, want it to say %q", log, row.log)
			}
		})
	}
}
