package gateway_test

import (
	"context"
	"crypto/tls"
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/crumb-go/crumb/internal/app"
	"github.com/crumb-go/crumb/internal/gateway"
	"github.com/crumb-go/crumb/internal/lambda"
	"github.com/crumb-go/crumb/shared/frontdoor"
)

// eventThrough is the event that a function gets for r behind a door.
func eventThrough(t *testing.T, door frontdoor.Door, api *app.API, r *http.Request) map[string]any {
	t.Helper()
	var event map[string]any
	invoker := invokeFunc(func(_ context.Context, _ string, in lambda.Invocation) (*lambda.Response, error) {
		event = parseEvent(t, in.Payload)
		return jsonResponse(`{"statusCode":200,"headers":{},"multiValueHeaders":{}}`), nil
	})
	res, log := serve(t, api, invoker, gateway.Options{Door: door}, r)
	if res.StatusCode != 200 || event == nil {
		t.Fatalf("status %d, log %q", res.StatusCode, log)
	}
	return event
}

// member is the JSON text of a member, or "absent".
func member(t *testing.T, event map[string]any, path string) string {
	t.Helper()
	at, name := any(event), path
	if i := strings.LastIndexByte(path, '.'); i >= 0 {
		at, name = lookup(event, path[:i]), path[i+1:]
	}
	object, ok := at.(map[string]any)
	if !ok {
		return "absent"
	}
	v, ok := object[name]
	if !ok {
		return "absent"
	}
	var text strings.Builder
	enc := json.NewEncoder(&text)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		t.Fatal(err)
	}
	return strings.TrimSpace(text.String())
}

// with is a local request with headers, given as name, value, name, value.
func with(method, target, body string, headers ...string) func() *http.Request {
	return func() *http.Request {
		r := localRequest(method, target, body)
		for i := 0; i < len(headers); i += 2 {
			r.Header.Add(headers[i], headers[i+1])
		}
		return r
	}
}

// The public sources of what the live services do.
const (
	proxyPage   = "Input format of a Lambda function for proxy integration (API Gateway developer guide)"
	httpPage    = "Create AWS Lambda proxy integrations for HTTP APIs in API Gateway"
	urlPage     = "Invoking Lambda function URLs"
	albPage     = "Use Lambda functions as targets of an Application Load Balancer"
	albErrors   = "Troubleshoot your Application Load Balancers"
	testTool    = "aws/aws-lambda-dotnet, Lambda Test Tool v2, whose tests compare with live API Gateway"
	voker       = "hotsock/voker, vokerhttp/testdata: events captured live in 2026"
	apiProxy108 = "awslabs/aws-lambda-go-api-proxy#108"
	localstack  = "localstack tests/aws/services/apigateway test_lambda_aws_proxy_integration, 2024-08-02"

	localstack8170 = "localstack/localstack#8170, compared with AWS 2023-04-19"
	samCase        = "aws/aws-sam-cli#3034, #2726"
	samTime        = "aws/aws-sam-cli#9279"
	samStage       = "aws/aws-sam-cli#1483, #1904"
	standard93     = "standard-server#93"
	ministack766   = "ministack#766"
	ministack767   = "ministack#767"
	caddy39        = "caddy-lambda#39"
	lwa121         = "awslabs/aws-lambda-web-adapter#121"
)

const (
	rest     = frontdoor.REST
	httpAPI  = frontdoor.HTTP
	httpAPI1 = frontdoor.HTTP1
	furl     = frontdoor.URL
	alb      = frontdoor.ALB
	albMulti = frontdoor.ALBMulti
)

var eventRows = []struct {
	name, source string
	door         frontdoor.Door
	request      func() *http.Request
	member, want string // want is JSON text or "absent"
}{
	// Cookies.
	{"cookies-http-array", apiProxy108, httpAPI, with("GET", "/", "", "Cookie", "sid=abc; theme=dark"), "cookies", `["sid=abc","theme=dark"]`},
	{"cookies-http-no-header", apiProxy108, httpAPI, with("GET", "/", "", "Cookie", "sid=abc; theme=dark"), "headers.cookie", `absent`},
	{"cookies-http-none", httpPage, httpAPI, with("GET", "/", ""), "cookies", `absent`},
	{"cookies-http-two-lines", httpPage, httpAPI, with("GET", "/", "", "Cookie", "sid=abc", "Cookie", "theme=dark"), "cookies", `["sid=abc","theme=dark"]`},
	{"cookies-http-duplicates", testTool, httpAPI, with("GET", "/", "", "Cookie", "dup=1; dup=2"), "cookies", `["dup=1","dup=2"]`},
	{"cookies-http-quoted", testTool, httpAPI, with("GET", "/", "", "Cookie", `q="a b\054c"`), "cookies", `["q=\"a b\\054c\""]`},
	{"cookies-http-odd", testTool, httpAPI, with("GET", "/", "", "Cookie", "empty=; novalue; =noname; sp = x"), "cookies", `["empty=","novalue","=noname","sp = x"]`},
	{"cookies-http-escapes", testTool, httpAPI, with("GET", "/", "", "Cookie", "pct=%41%20b; eq=a=b; comma=a,b"), "cookies", `["pct=%41%20b","eq=a=b","comma=a,b"]`},
	{"cookies-http-no-space", caddy39, httpAPI, with("GET", "/", "", "Cookie", "a=1;b=2"), "cookies", `["a=1;b=2"]`},
	{"cookies-http-utf-8", "unknown: bytes are kept", httpAPI, with("GET", "/", "", "Cookie", "c=café"), "cookies", `["c=café"]`},
	{"cookies-http-latin-1", "unknown: bytes are kept as code points", httpAPI, with("GET", "/", "", "Cookie", "c=caf\xe9"), "cookies", `["c=café"]`},
	{"cookies-url-array", lwa121, furl, with("GET", "/", "", "Cookie", "sid=abc; theme=dark"), "cookies", `["sid=abc","theme=dark"]`},
	{"cookies-url-header", lwa121, furl, with("GET", "/", "", "Cookie", "sid=abc; theme=dark"), "headers.cookie", `"sid=abc; theme=dark"`},
	{"cookies-rest", proxyPage, rest, with("GET", "/", "", "Cookie", "sid=abc; theme=dark"), "headers.cookie", `"sid=abc; theme=dark"`},
	{"cookies-rest-list", proxyPage, rest, with("GET", "/", "", "Cookie", "sid=abc; theme=dark"), "multiValueHeaders.cookie", `["sid=abc; theme=dark"]`},
	{"cookies-rest-none", proxyPage, rest, with("GET", "/", ""), "headers.cookie", `absent`},
	{"cookies-rest-raw", testTool, rest, with("GET", "/", "", "Cookie", `dup=1; dup=2; q="a b\054c"; =noname; sp = x;y=1`), "headers.cookie", `"dup=1; dup=2; q=\"a b\\054c\"; =noname; sp = x;y=1"`},
	{"cookies-http1", httpPage, httpAPI1, with("GET", "/", "", "Cookie", "sid=abc; theme=dark"), "headers.cookie", `"sid=abc; theme=dark"`},
	{"cookies-http1-array", httpPage, httpAPI1, with("GET", "/", "", "Cookie", "sid=abc"), "cookies", `absent`},
	{"cookies-http1-two-lines", httpPage, httpAPI1, with("GET", "/", "", "Cookie", "sid=abc", "Cookie", "theme=dark"), "multiValueHeaders.cookie", `["sid=abc","theme=dark"]`},
	{"cookies-url-two-lines", "not documented; both spellings hold every cookie", furl, with("GET", "/", "", "Cookie", "sid=abc", "Cookie", "theme=dark"), "headers.cookie", `"sid=abc; theme=dark"`},
	{"cookies-url-none", urlPage, furl, with("GET", "/", ""), "cookies", `absent`},
	{"cookies-rest-two-lines", proxyPage, rest, with("GET", "/", "", "Cookie", "sid=abc", "Cookie", "theme=dark"), "multiValueHeaders.cookie", `["sid=abc","theme=dark"]`},
	{"cookies-rest-last-line", proxyPage, rest, with("GET", "/", "", "Cookie", "sid=abc", "Cookie", "theme=dark"), "headers.cookie", `"theme=dark"`},
	{"cookies-alb-last-line", albPage, alb, with("GET", "/", "", "Cookie", "sid=abc", "Cookie", "theme=dark"), "headers.cookie", `"theme=dark"`},
	{"cookies-alb-multi", albPage, albMulti, with("GET", "/", "", "Cookie", "sid=abc", "Cookie", "theme=dark"), "multiValueHeaders.cookie", `["sid=abc","theme=dark"]`},

	// Headers.
	{"case-http", samCase, httpAPI, with("GET", "/", "", "X-Lower", "v"), "headers.x-lower", `"v"`},
	{"case-httpAPI1", samCase, httpAPI1, with("GET", "/", "", "X-Lower", "v"), "headers.x-lower", `"v"`},
	{"case-rest-browser", voker, rest, with("GET", "/", "", "Accept-Language", "en"), "headers.accept-language", `"en"`},
	{"case-rest-own", voker, rest, with("GET", "/", ""), "headers.Host", `"localhost:3000"`},
	{"case-rest-agent", voker, rest, with("GET", "/", "", "User-Agent", "ua"), "headers.User-Agent", `"ua"`},
	{"underscore-kept", "common knowledge", rest, with("GET", "/", "", "x_y", "v"), "headers.x_y", `"v"`},
	{"underscore-http", "common knowledge", httpAPI, with("GET", "/", "", "x_y", "v"), "headers.x_y", `"v"`},
	{"repeated-http1", httpPage, httpAPI1, with("GET", "/", "", "X-A", "one", "X-A", "two"), "multiValueHeaders.x-a", `["one","two"]`},
	{"repeated-http1-last", httpPage, httpAPI1, with("GET", "/", "", "X-A", "one", "X-A", "two"), "headers.x-a", `"two"`},
	{"repeated-alb-last", albPage, alb, with("GET", "/", "", "X-A", "one", "X-A", "two"), "headers.x-a", `"two"`},
	{"headers-alb-multi", albPage, albMulti, with("GET", "/", ""), "headers", `absent`},
	{"multi-alb", albPage, alb, with("GET", "/", ""), "multiValueHeaders", `absent`},
	{"multi-http", httpPage, httpAPI, with("GET", "/", ""), "multiValueHeaders", `absent`},
	{"repeated-rest", proxyPage, rest, with("GET", "/", "", "X-A", "one", "X-A", "two"), "multiValueHeaders.x-a", `["one","two"]`},
	{"repeated-rest-last", voker, rest, with("GET", "/", "", "X-A", "one", "X-A", "two"), "headers.x-a", `"two"`},
	{"repeated-http", httpPage, httpAPI, with("GET", "/", "", "X-A", "one", "X-A", "two"), "headers.x-a", `"one,two"`},
	{"forwarded-for-always", proxyPage, rest, with("GET", "/", ""), "headers.X-Forwarded-For", `"192.0.2.1"`},
	{"forwarded-for-appended", proxyPage, httpAPI, with("GET", "/", "", "X-Forwarded-For", "198.51.100.7"), "headers.x-forwarded-for", `"198.51.100.7, 192.0.2.1"`},
	{"forwarded-for-alb", albPage, alb, with("GET", "/", "", "X-Forwarded-For", "198.51.100.7"), "headers.x-forwarded-for", `"198.51.100.7, 192.0.2.1"`},
	{"forwarded-port-http", httpPage, httpAPI, with("GET", "/", "", "X-Forwarded-Port", "1"), "headers.x-forwarded-port", `"3000"`},
	{"forwarded-proto", proxyPage, rest, with("GET", "/", "", "X-Forwarded-Proto", "gopher"), "headers.X-Forwarded-Proto", `"http"`},
	{"forwarded-port", proxyPage, rest, with("GET", "/", ""), "headers.X-Forwarded-Port", `"3000"`},
	{"trace-alb", albPage, alb, with("GET", "/", "", "X-Amzn-Trace-Id", "junk"), "headers.traceparent", `absent`},
	{"content-length-http", voker, httpAPI, with("POST", "/", "abc"), "headers.content-length", `"3"`},
	{"content-length-rest", voker, rest, with("POST", "/", "abc"), "headers.content-length", `absent`},

	// Path and query.
	{"path-rest-encoded", standard93, rest, with("GET", "/echo/a%20b%C3%A9%25+%2B", ""), "path", `"/echo/a%20b%C3%A9%25+%2B"`},
	{"path-rest-parameters", voker, rest, with("GET", "/capture/space%20value", ""), "pathParameters.proxy", `"capture/space%20value"`},
	{"path-http-decoded", standard93, httpAPI, with("GET", "/echo/a%20b%C3%A9%25+%2B", ""), "rawPath", `"/echo/a bé%++"`},
	{"path-http1-encoded", testTool, httpAPI1, with("GET", "/echo/****%20b%2541", ""), "path", `"/echo/****%20b%2541"`},
	{"path-http1-context", testTool, httpAPI1, with("GET", "/echo/****%20b%2541", ""), "requestContext.path", `"/echo/**** b%41"`},
	{"path-url-raw", voker, furl, with("GET", "/a%20b", ""), "rawPath", `"/a%20b"`},
	{"path-url-decoded", voker, furl, with("GET", "/a%20b", ""), "requestContext.http.path", `"/a b"`},
	{"path-alb-encoded", voker, alb, with("GET", "/a%20b", ""), "path", `"/a%20b"`},
	{"path-question-mark", standard93, httpAPI, with("GET", "/users/me%3Fadmin=true?a=b", ""), "rawPath", `"/users/me"`},
	{"path-http1-question-mark", testTool, httpAPI1, with("GET", "/users/me%3Fadmin=true", ""), "path", `"/users/me%3Fadmin=true"`},
	{"path-slashes-kept", localstack, rest, with("GET", "/echo//../x/", ""), "path", `"/echo//../x/"`},
	{"path-slashes-rest", localstack, rest, with("GET", "//echo/x/", ""), "path", `"/echo/x/"`},
	{"path-slashes-rest-context", localstack, rest, with("GET", "//echo/x/", ""), "requestContext.path", `"/prod//echo/x/"`},
	{"path-slashes-rest-parameters", localstack, rest, with("GET", "//echo/x/", ""), "pathParameters.proxy", `"echo/x"`},
	{"path-slashes-http", localstack8170, httpAPI, with("GET", "//echo/x/", ""), "rawPath", `"/echo/x/"`},
	{"path-slashes-http1", localstack8170, httpAPI1, with("GET", "//echo/x/", ""), "path", `"/echo/x/"`},
	{"path-slashes-url", "nothing is recorded", furl, with("GET", "//echo/x/", ""), "rawPath", `"//echo/x/"`},
	{"path-slashes-alb", "nothing is recorded", alb, with("GET", "//echo/x/", ""), "path", `"//echo/x/"`},
	{"stage-rest-context", samStage, rest, with("GET", "/x", ""), "requestContext.path", `"/prod/x"`},
	{"stage-rest-path", samStage, rest, with("GET", "/x", ""), "path", `"/x"`},
	{"query-rest-last", proxyPage, rest, with("GET", "/?a=1&a=2", ""), "queryStringParameters", `{"a":"2"}`},
	{"query-rest-all", proxyPage, rest, with("GET", "/?a=1&a=2", ""), "multiValueQueryStringParameters", `{"a":["1","2"]}`},
	{"query-rest-decoded", voker, rest, with("GET", "/?b=x%20y&c=p+q&d&e=&f=%2B;g", ""), "queryStringParameters", `{"b":"x y","c":"p q","d":"","e":"","f":"+;g"}`},
	{"query-rest-none", proxyPage, rest, with("GET", "/", ""), "multiValueQueryStringParameters", `null`},
	{"query-http-joined", httpPage, httpAPI, with("GET", "/?a=1&a=2", ""), "queryStringParameters", `{"a":"1,2"}`},
	{"query-http-raw", voker, httpAPI, with("GET", "/?b=x%20y&c=p+q&d&e=", ""), "rawQueryString", `"b=x%20y&c=p+q&d&e="`},
	{"query-http-decoded", testTool, httpAPI, with("GET", "/?b=x%20y&c=p+q&d&e=", ""), "queryStringParameters", `{"b":"x y","c":"p q","d":"","e":""}`},
	{"query-http1-none", httpPage, httpAPI1, with("GET", "/", ""), "queryStringParameters", `null`},
	{"query-url-raw", voker, furl, with("GET", "/?b=x%20y&c=p+q", ""), "rawQueryString", `"b=x%20y&c=p+q"`},
	{"query-http-none", httpPage, httpAPI, with("GET", "/", ""), "queryStringParameters", `absent`},
	{"query-http-none-raw", httpPage, httpAPI, with("GET", "/", ""), "rawQueryString", `""`},
	{"query-alb-undecoded", albPage, alb, with("GET", "/?a=%2B&a=x%20y&b=1+2", ""), "queryStringParameters", `{"a":"x%20y","b":"1+2"}`},
	{"query-alb-multi", albPage, albMulti, with("GET", "/?a=%2B&a=x", ""), "multiValueQueryStringParameters", `{"a":["%2B","x"]}`},
	{"query-alb-none", albPage, alb, with("GET", "/", ""), "queryStringParameters", `{}`},
	{"query-broken-escape", "unknown: kept", rest, with("GET", "/?a=100%&b=%zz", ""), "queryStringParameters", `{"a":"100%","b":"%zz"}`},

	// Body.
	{"form-rest-text", ministack767, rest, with("POST", "/", "a=1", "Content-Type", "application/x-www-form-urlencoded"), "body", `"a=1"`},
	{"form-http-base64", ministack766, httpAPI, with("POST", "/", "a=1", "Content-Type", "application/x-www-form-urlencoded"), "body", `"YT0x"`},
	{"form-http-flag", "middy#603", httpAPI, with("POST", "/", "a=1", "Content-Type", "application/x-www-form-urlencoded"), "isBase64Encoded", `true`},
	{"form-httpAPI1-flag", ministack766, httpAPI1, with("POST", "/", "a=1", "Content-Type", "application/x-www-form-urlencoded"), "isBase64Encoded", `true`},
	{"json-http-text", ministack766, httpAPI, with("POST", "/", `{"a":1}`, "Content-Type", "application/json; charset=utf-8"), "body", `"{\"a\":1}"`},
	{"text-http-text", ministack766, httpAPI, with("POST", "/", "hi", "Content-Type", "text/csv"), "isBase64Encoded", `false`},
	{"untyped-http-base64", ministack766, httpAPI, with("POST", "/", "hi"), "isBase64Encoded", `true`},
	{"binary-http-base64", ministack766, httpAPI, with("POST", "/", "\xff\xfe", "Content-Type", "image/png"), "body", `"//4="`},
	{"binary-rest-damaged", ministack767, rest, with("POST", "/", "a\x80\xffb\xc3c\xe2\x82", "Content-Type", "image/png"), "body", `"a��b�c��"`},
	{"multipart-http-base64", ministack766, httpAPI, with("POST", "/", "--x\r\n", "Content-Type", "multipart/form-data; boundary=x"), "isBase64Encoded", `true`},
	{"multipart-rest-text", ministack767, rest, with("POST", "/", "--x\r\n", "Content-Type", "multipart/form-data; boundary=x"), "isBase64Encoded", `false`},
	{"xml-http-text", ministack766, httpAPI, with("POST", "/", "<a/>", "Content-Type", "application/xml"), "isBase64Encoded", `false`},
	{"javascript-http-text", ministack766, httpAPI, with("POST", "/", "a()", "Content-Type", "application/javascript"), "isBase64Encoded", `false`},
	{"form-url-base64", urlPage, furl, with("POST", "/", "a=1", "Content-Type", "application/x-www-form-urlencoded"), "isBase64Encoded", `true`},
	{"form-alb-base64", albPage, alb, with("POST", "/", "a=1", "Content-Type", "application/x-www-form-urlencoded"), "isBase64Encoded", `true`},
	{"encoded-alb-base64", albPage, alb, with("POST", "/", "hi", "Content-Type", "text/plain", "Content-Encoding", "br"), "isBase64Encoded", `true`},
	{"text-alb", albPage, alb, with("POST", "/", "hi", "Content-Type", "text/plain"), "body", `"hi"`},
	{"empty-rest", proxyPage, rest, with("GET", "/", ""), "body", `null`},
	{"empty-http", httpPage, httpAPI, with("GET", "/", ""), "body", `absent`},
	{"empty-httpAPI1", httpPage, httpAPI1, with("GET", "/", ""), "body", `null`},
	{"empty-alb", albPage, alb, with("GET", "/", ""), "body", `""`},

	// requestContext and the rest.
	{"version-rest", proxyPage, rest, with("GET", "/", ""), "version", `absent`},
	{"version-httpAPI1", httpPage, httpAPI1, with("GET", "/", ""), "version", `"1.0"`},
	{"version-http", httpPage, httpAPI, with("GET", "/", ""), "version", `"2.0"`},
	{"parameters-rest-none", proxyPage, rest, with("GET", "/", ""), "pathParameters", `null`},
	{"parameters-alb-none", albPage, albMulti, with("GET", "/", ""), "pathParameters", `absent`},
	{"parameters-http-none", httpPage, httpAPI, with("GET", "/", ""), "pathParameters", `absent`},
	{"variables-rest-none", proxyPage, rest, with("GET", "/x", ""), "stageVariables", `null`},
	{"variables-http-none", httpPage, httpAPI, with("GET", "/", ""), "stageVariables", `absent`},
	{"agent-rest", proxyPage, rest, with("GET", "/x", "", "User-Agent", "ua"), "requestContext.identity.userAgent", `"ua"`},
	{"agent-rest-none", proxyPage, rest, with("GET", "/x", ""), "requestContext.identity.userAgent", `null`},
	{"agent-http1-none", testTool, httpAPI1, with("GET", "/x", ""), "requestContext.identity.userAgent", `""`},
	{"agent-http1", testTool, httpAPI1, with("GET", "/x", "", "User-Agent", "ua"), "requestContext.identity.userAgent", `"ua"`},
	{"agent-http", httpPage, httpAPI, with("GET", "/x", "", "User-Agent", "ua"), "requestContext.http.userAgent", `"ua"`},
	{"identity-access-key", proxyPage, rest, with("GET", "/x", ""), "requestContext.identity.accessKey", `null`},
	{"identity-cognito", proxyPage, rest, with("GET", "/x", ""), "requestContext.identity.cognitoIdentityId", `null`},
	{"identity-amr", "spring-cloud-function CustomRuntimeEventLoopTest, 2023-07-11; aws-lambda-java-libs#444", httpAPI1, with("GET", "/x", ""), "requestContext.identity.cognitoAmr", `null`},
	{"identity-amr-rest", localstack, rest, with("GET", "/x", ""), "requestContext.identity.cognitoAmr", `absent`},
	{"resource-id-http1", testTool, httpAPI1, with("GET", "/x", ""), "requestContext.resourceId", `"$default"`},
	{"deployment-http1", testTool, httpAPI1, with("GET", "/x", ""), "requestContext.deploymentId", `absent`},
	{"tls-url", furlEcho + "; " + voker, furl, with("GET", "/x", ""), "headers.x-amzn-tls-version", `"TLSv1.3"`},
	{"tls-url-suite", furlEcho + "; " + voker, furl, with("GET", "/x", "", "X-Amzn-Tls-Version", "mine"), "headers.x-amzn-tls-cipher-suite", `"TLS_AES_128_GCM_SHA256"`},
	{"identity-organisation", proxyPage, rest, with("GET", "/x", ""), "requestContext.identity.principalOrgId", `null`},
	{"source-ip", proxyPage, rest, with("GET", "/x", ""), "requestContext.identity.sourceIp", `"192.0.2.1"`},
	{"domain-is-host", httpPage, httpAPI, with("GET", "/x", ""), "requestContext.domainName", `"localhost:3000"`},
	{"domain-rest-is-host", proxyPage, rest, with("GET", "/x", ""), "requestContext.domainName", `"localhost:3000"`},
	{"account-url", voker, furl, with("GET", "/x", ""), "requestContext.accountId", `"anonymous"`},
	{"route-key-default", voker, httpAPI, with("GET", "/x", ""), "routeKey", `"$default"`},
	{"method", proxyPage, rest, with("PATCH", "/x", ""), "httpMethod", `"PATCH"`},
}

// TestEventsAreAsAWS holds the places where SAM local's events differ from
// those of the live services, among others.
func TestEventsAreAsAWS(t *testing.T) {
	for _, row := range eventRows {
		t.Run(row.name, func(t *testing.T) {
			api := oneRoute(app.HTTP, "2.0")
			if row.door == rest {
				api = oneRoute(app.REST, "1.0")
				api.Routes = append(api.Routes, app.Route{Method: "ANY", Path: "/", Function: api.Routes[0].Function})
			}
			event := eventThrough(t, row.door, api, row.request())
			if got := member(t, event, row.member); got != row.want {
				t.Errorf("%s = %s, want %s (%s)", row.member, got, row.want, row.source)
			}
		})
	}
}

// Each event has ids and a clock of its own (aws/aws-sam-cli#9279: SAM's stand
// still).
func TestEventTimeAndIDs(t *testing.T) {
	rows := []struct {
		door                     frontdoor.Door
		time, epoch, id, traceID string
	}{
		{rest, "requestTime", "requestTimeEpoch", "requestId", "headers.X-Amzn-Trace-Id"},
		{httpAPI1, "requestTime", "requestTimeEpoch", "requestId", "headers.X-Amzn-Trace-Id"},
		{httpAPI, "time", "timeEpoch", "requestId", "headers.x-amzn-trace-id"},
		{furl, "time", "timeEpoch", "requestId", "headers.x-amzn-trace-id"},
	}
	for _, row := range rows {
		t.Run(string(row.door), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) { // its clock starts at 2000-01-01
				first := eventThrough(t, row.door, oneRoute(app.HTTP, "2.0"), localRequest("GET", "/", ""))
				time.Sleep(7 * time.Millisecond)
				second := eventThrough(t, row.door, oneRoute(app.HTTP, "2.0"), localRequest("GET", "/", ""))
				if got := lookup(first, "requestContext."+row.time); got != "01/Jan/2000:00:00:00 +0000" {
					t.Errorf("%s = %v", row.time, got)
				}
				before, after := lookup(first, "requestContext."+row.epoch), lookup(second, "requestContext."+row.epoch)
				if before != 946684800000.0 || after != 946684800007.0 {
					t.Errorf("%s = %v, then %v", row.epoch, before, after)
				}
				for _, id := range []string{"requestContext." + row.id, row.traceID} {
					if a, b := member(t, first, id), member(t, second, id); a == b {
						t.Errorf("%s is %s in both events", id, a)
					}
				}
			})
		})
	}
}

func TestTraceID(t *testing.T) {
	rows := []struct{ name, sent, prefix string }{
		{"new", "", "Root=1-386d4380-"},
		{"junk", "x", "Root=1-386d4380-"},
		{"kept-behind-self", "Root=1-67891233-abcdef012345678912345678;Sampled=1", "Self=1-386d4380-"},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				event := eventThrough(t, alb, oneRoute(app.HTTP, "2.0"), with("GET", "/", "", "X-Amzn-Trace-Id", row.sent)())
				got := lookup(event, "headers.x-amzn-trace-id").(string)
				if !strings.HasPrefix(got, row.prefix) || !strings.HasSuffix(got, strings.TrimPrefix(row.sent, "x")) {
					t.Errorf("trace id %q, want %s… with what the client sent", got, row.prefix)
				}
			})
		})
	}
}

func TestEventOverTLS(t *testing.T) {
	r := localRequest("GET", "/", "")
	r.Host, r.TLS = "localhost", &tls.ConnectionState{}
	event := eventThrough(t, furl, oneRoute(app.HTTP, "2.0"), r)
	rows := []struct{ member, want string }{
		{"headers.x-forwarded-proto", `"https"`},
		{"headers.x-forwarded-port", `"443"`},
		{"headers.x-amzn-tls-version", `"TLSv1.3"`},
	}
	for _, row := range rows {
		if got := member(t, event, row.member); got != row.want {
			t.Errorf("%s = %s, want %s", row.member, got, row.want)
		}
	}
}

// A route of an HTTP API says which payload it takes.
func TestPayloadVersionOfARoute(t *testing.T) {
	for payload, version := range map[string]string{"1.0": `"1.0"`, "2.0": `"2.0"`, "": `"2.0"`} {
		event := eventThrough(t, "", oneRoute(app.HTTP, payload), localRequest("GET", "/x", ""))
		if got := member(t, event, "version"); got != version {
			t.Errorf("payload %q: version %s", payload, got)
		}
	}
}

func TestBinaryMediaTypes(t *testing.T) {
	rows := []struct {
		name      string
		types     []string
		mediaType string
		want      string
	}{
		{"none", nil, "image/png", "false"},
		{"exact", []string{"image/png"}, "image/png", "true"},
		{"case", []string{"Image/PNG"}, "image/png; q=1", "true"},
		{"other", []string{"image/gif"}, "image/png", "false"},
		{"kind", []string{"image/*"}, "image/png", "true"},
		{"all", []string{"*/*"}, "application/json", "true"},
		{"untyped-is-json", []string{"application/json"}, "", "true"},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			api := oneRoute(app.REST, "1.0")
			api.BinaryMediaTypes = row.types
			event := eventThrough(t, "", api, with("POST", "/x", "abc", "Content-Type", row.mediaType)())
			if got := member(t, event, "isBase64Encoded"); got != row.want {
				t.Errorf("isBase64Encoded = %s, want %s", got, row.want)
			}
		})
	}
}
