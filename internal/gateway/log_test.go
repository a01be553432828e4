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

	"github.com/crumb-go/crumb/internal/app"
	"github.com/crumb-go/crumb/internal/gateway"
	"github.com/crumb-go/crumb/internal/lambda"
	"github.com/crumb-go/crumb/shared/frontdoor"
)

// TestLogLines holds the whole lines that docs/messages.md explains, with what a developer
// needs to find the cause.
func TestLogLines(t *testing.T) {
	const json, ok = "application/json", `{"statusCode":200,"headers":{},"multiValueHeaders":{}}`
	const place = ` function=Function path=/x`
	get := with("GET", "/x", "")
	image := with("POST", "/x", "\xff", "Content-Type", "image/png")
	for _, row := range []struct {
		name        string
		kind        app.Kind
		door        frontdoor.Door // "" for that of the API
		request     func() *http.Request
		contentType string
		response    string // of the function; it breaks off after "!"
		want        string
	}{
		{"lost-1.0", app.REST, "", get, json, `{"statusCode":200,"headers":{"Set-Cookie":"a=1","set-cookie":"b=2"}}`,
			`WARN msg="a Set-Cookie is lost: payload 1.0 takes the first spelling of a name in headers" cookie=b` + place},
		{"lost-2.0", app.HTTP, "", get, json, `{"statusCode":200,"multiValueHeaders":{"Set-Cookie":["a=1"]}}`,
			`WARN msg="a Set-Cookie is lost: payload 2.0 has no multiValueHeaders; return it in cookies" cookie=a` + place},
		{"lost-comma", app.HTTP, "", get, json, `{"statusCode":200,"headers":{"Set-Cookie":"a=1,b=2"}}`,
			`WARN msg="a Set-Cookie is lost: an HTTP API splits it at each comma; return it in cookies" cookie=a` + place},
		{"lost-alb", app.HTTP, alb, get, json, `{"statusCode":200,"headers":{},"multiValueHeaders":{"Set-Cookie":["a=1"]}}`,
			`WARN msg="a Set-Cookie is lost: the load balancer sent headers and does not read multiValueHeaders" cookie=a` + place},
		{"lost-alb-multi", app.HTTP, albMulti, get, json, `{"statusCode":200,"headers":{"Set-Cookie":"a=1"},"multiValueHeaders":{}}`,
			`WARN msg="a Set-Cookie is lost: the load balancer sent multiValueHeaders and does not read headers" cookie=a` + place},
		{"lost-member", app.HTTP, alb, get, json, `{"statusCode":200,"headers":{},"cookies":["a=1"]}`,
			`WARN msg="a Set-Cookie is lost: this service does not read the member cookies" cookie=a` + place},
		{"unreadable-member", app.HTTP, alb, get, json, `{"statusCode":200,"headers":{},"cookies":"a=1"}`,
			`WARN msg="the member cookies is ignored: this service does not read it"` + place},
		{"problem", app.REST, "", get, json, `[]`,
			`WARN msg="Function: malformed response: not a JSON object" method=GET path=/x status=502`},
		{"no-stream-rest", app.REST, "", get, streamType, ok,
			`WARN msg="the function streams, but its event has no ResponseTransferMode RESPONSE_STREAM"` + place},
		{"no-stream-url", app.URL, "", get, streamType, ok, `WARN msg="the function streams, but its URL has InvokeMode BUFFERED"` + place},
		{"no-stream-http", app.HTTP, "", get, streamType, ok, `WARN msg="the function streams, but streaming is not supported here"` + place},
		{"two-origins", app.URL, "", with("GET", "/x", "", "Origin", "https://a.example"), json, `{"statusCode":200,"headers":{"access-control-allow-origin":"*"}}`,
			`WARN msg="browsers refuse this response: Access-Control-Allow-Origin is in Cors of the Function URL, and the function writes it too"` + place},
		{"cookie-lines", app.HTTP, alb, with("GET", "/x", "", "Cookie", "a=1", "Cookie", "b=2"), json, ok,
			`WARN msg="a load balancer without multi-value headers passes on the last Cookie line only" lines=2 path=/x`},
		{"damaged-body", app.REST, "", image, json, ok,
			`WARN msg="a REST API damages a body that is not UTF-8, unless BinaryMediaTypes lists its type" type=image/png path=/x`},
		{"base64-as-text", app.REST, "", with("GET", "/x", "", "Accept", "image/png"), json, `{"statusCode":200,"body":"AQID","isBase64Encoded":true}`,
			`WARN msg="a REST API sends base64 as text, because BinaryMediaTypes does not list the first type of the request's Accept; list it, or */*" accept=image/png path=/x`},
		{"empty-stream", app.HTTP, furl, get, streamType, `{"statusCode":400}` + nuls,
			`WARN msg="a streamed redirect or error without a body: people saw AWS keep browsers waiting for its first byte" function=Function path=/x status=400`},
		{"cut-off", app.HTTP, furl, get, streamType, `{"statusCode":200}` + nuls + "!", `WARN msg="streamed response was cut off" function=Function path=/x error="it died"`},
	} {
		t.Run(row.name, func(t *testing.T) {
			api := oneRoute(row.kind, "2.0")
			api.CORS = &app.CORS{AllowOrigins: []string{"*"}}
			invoker := invokeFunc(func(context.Context, string, lambda.Invocation) (*lambda.Response, error) {
				body := io.Reader(strings.NewReader(row.response))
				if before, dies := strings.CutSuffix(row.response, "!"); dies {
					body = io.MultiReader(strings.NewReader(before), iotest.ErrReader(errors.New("it died")))
				}
				return &lambda.Response{ContentType: row.contentType, Body: io.NopCloser(body)}, nil
			})
			var log strings.Builder
			h, err := gateway.New(api, invoker, gateway.Options{Door: row.door, Log: slog.New(slog.NewTextHandler(&log, nil))})
			if err != nil {
				t.Fatal(err)
			}
			func() {
				defer func() { _ = recover() }() // a broken stream ends with http.ErrAbortHandler
				h.ServeHTTP(httptest.NewRecorder(), row.request())
			}()
			if _, got, _ := strings.Cut(log.String(), " level="); got != row.want+"\n" {
				t.Errorf("the log is\n%s\nwant\n%s", &log, row.want)
			}
		})
	}
}

// TestMalformedResponses holds the whole reason for which a response is malformed.
func TestMalformedResponses(t *testing.T) {
	for _, row := range []struct {
		door           frontdoor.Door
		response, want string
	}{
		{rest, `"a"`, "not a JSON object"},
		{alb, `{}`, "no statusCode"},
		{rest, `{"statusCode":199}`, "statusCode: not the status of a final HTTP response"},
		{rest, `{"statusCode":200,"extra":1}`, `a REST API's response must not contain "extra" (put cookies in multiValueHeaders)`},
		{rest, `{"statusCode":200,"body":1}`, "body: not a string"},
		{rest, `{"statusCode":200,"isBase64Encoded":1}`, "isBase64Encoded: not a boolean"},
		{rest, `{"statusCode":200,"headers":[]}`, "headers: not an object"},
		{rest, `{"statusCode":200,"headers":{"X-A":{}}}`, `headers: "X-A": a value is not a string`},
		{rest, `{"statusCode":200,"multiValueHeaders":{"X-A":"a"}}`, `multiValueHeaders: "X-A": not an array`},
		{rest, `{"statusCode":200,"headers":{"a b":"c"}}`, `"a b" is not a header name`},
		{rest, `{"statusCode":200,"headers":{"X-A":"a\nb"}}`, `header "X-A": control byte 0x0a at offset 1 of its value`},
		{httpAPI, `{"statusCode":200,"headers":{"X-A":"\r"}}`, `header "X-A": control byte 0x0d at offset 0 of its value`},
		{httpAPI, `{"statusCode":200,"cookies":"a=1"}`, "cookies: not an array"},
		{httpAPI, `{"statusCode":200,"body":"?","isBase64Encoded":true}`, "isBase64Encoded is true, but body is not base64"},
		{alb, `{"statusCode":200,"headers":null}`, "the load balancer sent headers; the response must include it (may be {})"},
		{albMulti, `{"statusCode":200,"headers":{}}`, "the load balancer sent multiValueHeaders; the response must include it (may be {})"},
		{alb, `{"statusCode":"200","headers":{}}`, "statusCode: a string, and a load balancer takes a number"},
		{alb, `{"statusCode":200,"headers":{"x-a":1}}`, `headers: "x-a": not a string, which a load balancer wants`},
		{alb, `{"statusCode":200,"headers":{},"body":null}`, "body: not a string, which a load balancer wants"},
	} {
		_, log := serve(t, oneRoute(app.HTTP, "2.0"), returning(row.response), gateway.Options{Door: row.door}, with("GET", "/x", "")())
		if want := fmt.Sprintf(" msg=%q ", "Function: malformed response: "+row.want); !strings.Contains(log, want) {
			t.Errorf("%s %s: the log is %s, want%s", row.door, row.response, log, want)
		}
	}
}
