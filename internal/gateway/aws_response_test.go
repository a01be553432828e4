package gateway_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/crumb-go/crumb/internal/app"
	"github.com/crumb-go/crumb/internal/gateway"
	"github.com/crumb-go/crumb/shared/frontdoor"
)

const (
	outputPage        = "Output format of a Lambda function for proxy integration (API Gateway developer guide)"
	errorsPage        = "Handling Lambda errors with an API Gateway API (Lambda developer guide)"
	responsesPage     = "Gateway response types for API Gateway"
	notesPage         = "Amazon API Gateway important notes"
	nitro504          = "nitrojs/nitro#504, #544; sst/sst#2760"
	quarkus32110      = "quarkusio/quarkus#32110"
	express554        = "CodeGenieApp/serverless-express#554"
	algnhsa33         = "akrylysov/algnhsa#33"
	awsGo207          = "aws/aws-lambda-go#207, #529"
	serverlessHTTP244 = "dougmoscrop/serverless-http#244, curl output of 2022-09-30"
	lwa491            = "awslabs/aws-lambda-web-adapter#491, cargo-lambda#862"
	ministack758      = "ministackorg/ministack#758, run on AWS 2026-05-31"
	awsGo438          = "aws/aws-lambda-go#438, 2022-04-07"
	validation        = "localstack test_aws_proxy_response_payload_format_validation, 2024-11-15"
	responseFormat    = "localstack test_lambda_aws_proxy_response_format, 2024-02-23"
	urlInvocation     = "localstack test_lambda_url_invocation, 2025-11-24"
	furlEcho          = "localstack test_lambda_url_echo_http_fixture_default, 2025-11-24"
	unknown           = "not known of the live service; refused so that nothing is lost in silence"
)

const (
	restError = `{"message": "Internal server error"}`
	httpError = `{"message":"Internal Server Error"}`
	urlError  = `Internal Server Error`
	albError  = "<html>\r\n<head><title>502 Bad Gateway</title></head>\r\n<body>\r\n<center><h1>502 Bad Gateway</h1></center>\r\n</body>\r\n</html>\r\n"
)

var responseRows = []struct {
	name, source string
	door         frontdoor.Door
	response     string
	status       int
	body         string
	cookies      string // Set-Cookie lines, joined by "|"
	log          string // what the log must say; "" for silence
}{
	// Set-Cookie.
	{"multi-rest", outputPage, rest, `{"statusCode":200,"multiValueHeaders":{"Set-Cookie":["a=1","b=2"]},"body":"x"}`, 200, "x", "a=1|b=2", ""},
	{"multi-http1", httpPage, httpAPI1, `{"statusCode":200,"multiValueHeaders":{"Set-Cookie":["a=1","b=2"]},"body":"x"}`, 200, "x", "a=1|b=2", ""},
	{"multi-http", httpPage, httpAPI, `{"statusCode":200,"multiValueHeaders":{"Set-Cookie":["a=1","b=2"]},"body":"x"}`, 200, "x", "", `cookie=a`},
	{"multi-http-nameless", httpPage, httpAPI, `{"statusCode":200,"multiValueHeaders":{"Set-Cookie":["s3cret; Path=/"]},"body":"x"}`, 200, "x", "", `cookie="" `},
	{"multi-url", algnhsa33, furl, `{"statusCode":200,"multiValueHeaders":{"Set-Cookie":["a=1","b=2"]},"body":"x"}`, 200, "x", "", `cookie=b`},
	{"cookies-rest", nitro504, rest, `{"statusCode":200,"cookies":["a=1"],"body":"x"}`, 502, restError, "", `must not contain \"cookies\"`},
	{"cookies-http1", httpPage, httpAPI1, `{"statusCode":200,"cookies":["a=1"],"body":"x"}`, 200, "x", "", `cookie=a`},
	{"cookies-http", httpPage, httpAPI, `{"statusCode":200,"cookies":["a=1; Expires=Wed, 21 Oct 2015 07:28:00 GMT","b=2"],"body":"x"}`, 200, "x", "a=1; Expires=Wed, 21 Oct 2015 07:28:00 GMT|b=2", ""},
	{"cookies-url", urlPage, furl, `{"statusCode":200,"cookies":["a=1","b=2"],"body":"x"}`, 200, "x", "a=1|b=2", ""},
	{"header-http-comma", quarkus32110, httpAPI, `{"statusCode":200,"headers":{"set-cookie":"c=3, d=4"},"body":"x"}`, 200, "x", "c=3|d=4", `splits it at each comma`},
	{"header-http-expires", quarkus32110, httpAPI, `{"statusCode":200,"headers":{"Set-Cookie":"c=3; Expires=Wed, 21 Oct 2015 07:28:00 GMT"},"body":"x"}`, 200, "x", "c=3; Expires=Wed|21 Oct 2015 07:28:00 GMT", `cookie=c`},
	{"header-http-one", ministack758, httpAPI, `{"statusCode":200,"headers":{"Set-Cookie":"c=3"},"cookies":["d=4"],"body":"x"}`, 200, "x", "d=4|c=3", ""},
	{"header-url-comma", urlPage, furl, `{"statusCode":200,"headers":{"set-cookie":"c=3; Expires=Wed, 21 Oct 2015 07:28:00 GMT"},"body":"x"}`, 200, "x", "c=3; Expires=Wed, 21 Oct 2015 07:28:00 GMT", ""},
	{"both-rest", testTool, rest, `{"statusCode":200,"headers":{"Set-Cookie":"c=3"},"multiValueHeaders":{"set-cookie":["a=1","b=2"]},"body":"x"}`, 200, "x", "a=1|b=2|c=3", ""},
	{"both-http1-order", testTool, httpAPI1, `{"statusCode":200,"multiValueHeaders":{"Set-Cookie":["a=1","b=2"]},"headers":{"set-cookie":"c=3"},"body":"x"}`, 200, "x", "c=3|a=1|b=2", ""},
	{"both-http1-same", outputPage, httpAPI1, `{"statusCode":200,"headers":{"Set-Cookie":"b=2"},"multiValueHeaders":{"set-cookie":["a=1","b=2"]},"body":"x"}`, 200, "x", "a=1|b=2", ""},
	{"both-http1", httpPage, httpAPI1, `{"statusCode":200,"headers":{"X-A":"1"},"multiValueHeaders":{"Set-Cookie":["a=1","b=2"]},"body":"x"}`, 200, "x", "a=1|b=2", ""},
	{"header-rest-comma", "RFC 6265 section 3: a Set-Cookie line is never folded", rest, `{"statusCode":200,"headers":{"Set-Cookie":"c=3, d=4"},"body":"x"}`, 200, "x", "c=3, d=4", ""},
	{"header-http1-expires", httpPage, httpAPI1, `{"statusCode":200,"multiValueHeaders":{"Set-Cookie":["c=3; Expires=Wed, 21 Oct 2015 07:28:00 GMT"]},"body":"x"}`, 200, "x", "c=3; Expires=Wed, 21 Oct 2015 07:28:00 GMT", ""},
	{"both-rest-same", outputPage, rest, `{"statusCode":200,"headers":{"Set-Cookie":"a=1"},"multiValueHeaders":{"set-cookie":["a=1"]},"body":"x"}`, 200, "x", "a=1", ""},
	{"spellings-rest", express554, rest, `{"statusCode":200,"headers":{"set-cookie":"z=1","Set-Cookie":"a=2","SET-COOKIE":"c=3"},"body":"x"}`, 200, "x", "z=1", `cookie=c`},
	{"spellings-alb", "jordaneremieff/mangum sends cookies so", alb, `{"statusCode":200,"headers":{"set-cookie":"z=1","Set-Cookie":"a=2"},"body":"x"}`, 200, "x", "z=1|a=2", ""},
	{"member-alb", albPage, alb, `{"statusCode":200,"headers":{"Set-Cookie":"a=1"},"multiValueHeaders":{"Set-Cookie":["b=2"]},"body":"x"}`, 200, "x", "a=1", `sent headers and does not read multiValueHeaders" cookie=b`},
	{"member-alb-multi", albPage, albMulti, `{"statusCode":200,"headers":{"Set-Cookie":"a=1"},"multiValueHeaders":{"Set-Cookie":["b=2","c=3"]},"body":"x"}`, 200, "x", "c=3|b=2", `sent multiValueHeaders and does not read headers" cookie=a`},
	{"spellings-both", express554, rest, `{"statusCode":200,"headers":{"set-cookie":"z=1","Set-Cookie":"c=3"},"multiValueHeaders":{"SET-COOKIE":["a=1"]},"body":"x"}`, 200, "x", "a=1|z=1", `cookie=c`},
	{"order-alb-multi", serverlessHTTP244, albMulti, `{"statusCode":200,"multiValueHeaders":{"Set-Cookie":["a=1","a=2"]},"body":"x"}`, 200, "x", "a=2|a=1", ""},
	{"never-rewritten", "RFC 6265 section 5", rest, `{"statusCode":200,"headers":{"Set-Cookie":" __Host-a=\"ü, x\"; SECURE;;Path=/ ;unknown=1"},"body":"x"}`, 200, "x", " __Host-a=\"ü, x\"; SECURE;;Path=/ ;unknown=1", ""},

	// What a door calls malformed.
	{"unknown-rest", outputPage, rest, `{"statusCode":200,"extra":1}`, 502, restError, "", `must not contain \"extra\"`},
	{"unknown-http", "aws/aws-sam-cli#2941", httpAPI, `{"statusCode":200,"extra":1,"body":"x"}`, 200, "x", "", ""},
	{"unknown-http1", "aws/aws-sam-cli#2941", httpAPI1, `{"statusCode":200,"extra":1,"body":"x"}`, 200, "x", "", ""},
	{"object-rest", outputPage, rest, `{"a":1}`, 502, restError, "", `must not contain \"a\"`},
	{"object-http", httpPage, httpAPI, `{"a": 1}`, 200, `{"a": 1}`, "", ""},
	{"object-http1", testTool, httpAPI1, `{"a":1}`, 500, httpError, "", "no statusCode"},
	{"no-status-rest", "aws-sam-cli test_default_status_code", rest, `{"body":"x"}`, 200, "x", "", ""},
	{"no-status-rest-headers", validation, rest, `{"headers":{"Set-Cookie":"a=1"}}`, 200, "", "a=1", ""},
	{"no-member-rest", responseFormat, rest, `{}`, 200, "", "", ""},
	{"status-null-rest", "nothing is recorded", rest, `{"statusCode":null}`, 502, restError, "", "statusCode"},
	{"no-status-http1", testTool, httpAPI1, `{"body":"x"}`, 500, httpError, "", "no statusCode"},
	{"no-status-http", httpPage, httpAPI, `{"body": "x", "headers": {"X-A": "1"}}`, 200, `{"body": "x", "headers": {"X-A": "1"}}`, "", ""},
	{"no-status-url", urlInvocation, furl, `{ "message": "Hello, world!" }`, 200, `{"message":"Hello, world!"}`, "", ""},
	{"status-alone-alb", awsGo438, alb, `{"statusCode":200}`, 200, "", "", ""},
	{"status-alone-alb-multi", awsGo438, albMulti, `{"statusCode":200}`, 200, "", "", ""},
	{"other-member-null-alb", awsGo207, alb, `{"statusCode":200,"headers":{},"multiValueHeaders":null}`, 200, "", "", ""},
	{"headers-null-alb", awsGo207, alb, `{"statusCode":200,"headers":null}`, 502, albError, "", "sent headers"},
	{"body-null-alb", awsGo438 + "; powertools-lambda-python#4671, 2024-07", alb, `{"statusCode":200,"headers":{},"body":null}`, 502, albError, "", "body: not a string"},
	{"boolean-header-alb", "lambda-api#117, 2019-07; lambda-dispatch#52, 2024-01-01", alb, `{"statusCode":200,"headers":{"x-error":true},"body":"x"}`, 502, albError, "", `headers: \"x-error\": not a string`},
	{"number-header-alb-multi", "derived from lambda-api#117", albMulti, `{"statusCode":200,"multiValueHeaders":{"x-a":["1",2]},"body":"x"}`, 502, albError, "", `multiValueHeaders: \"x-a\": not a string`},
	{"null-header-alb", "derived from the other nulls", alb, `{"statusCode":200,"headers":{"x-a":null},"body":"x"}`, 502, albError, "", `headers: \"x-a\": not a string`},
	{"null-value-alb-multi", "derived from the other nulls", albMulti, `{"statusCode":200,"multiValueHeaders":{"x-a":null},"body":"x"}`, 502, albError, "", `multiValueHeaders: \"x-a\": not a string`},
	{"status-text-alb", "adamchainz/apig-wsgi#52, 2019-03-31", alb, `{"statusCode":"200","headers":{},"body":"x"}`, 502, albError, "", "statusCode: a string"},
	{"description-null-alb", "aws-lambda-dotnet#507, 2019-08-15", alb, `{"statusCode":301,"statusDescription":null,"headers":{},"body":"x"}`, 502, albError, "", "statusDescription: not a string"},
	{"unknown-alb", awsGo438, alb, `{"statusCode":200,"headers":{},"body":"x","extra":1}`, 200, "x", "", ""},
	{"no-status-alb", albErrors, alb, `{"headers":{},"body":"x"}`, 502, albError, "", "no statusCode"},
	{"text-rest", outputPage, rest, `"just a string"`, 502, restError, "", "not a JSON object"},
	{"text-http1", testTool, httpAPI1, `"just a string"`, 500, httpError, "", "not a JSON object"},
	{"text-http", httpPage, httpAPI, `"Hello from Lambda!"`, 200, `Hello from Lambda!`, "", ""},
	{"text-url", urlInvocation, furl, `"Hello, world!"`, 200, `Hello, world!`, "", ""},
	{"text-of-json-url", urlInvocation, furl, `"{ \"a\": 1 }"`, 200, `{ "a": 1 }`, "", ""},
	{"broken-url", "treated as by an HTTP API", furl, `{"name": "John`, 200, `{"name": "John`, "", ""},
	{"body-object-url", furlEcho, furl, `{"statusCode":201,"headers":{"Content-Type":"application/json"},"body":{ "a": [1, 2] }}`, 201, `{"a":[1,2]}`, "", ""},
	{"body-number-url", "derived from the object", furl, `{"statusCode":200,"body":5}`, 200, `5`, "", ""},
	{"number-http", testTool, httpAPI, `42`, 200, `42`, "", ""},
	{"number-rest", outputPage, rest, `42`, 502, restError, "", "not a JSON object"},
	{"number-http1", testTool, httpAPI1, `42`, 500, httpError, "", "not a JSON object"},
	{"null-http1", testTool, httpAPI1, `null`, 500, httpError, "", "not a JSON object"},
	{"list-rest", outputPage, rest, `[1,2]`, 502, restError, "", "not a JSON object"},
	{"list-of-texts-http", testTool, httpAPI, `["a","b"]`, 200, `["a","b"]`, "", ""},
	{"null-rest", outputPage, rest, `null`, 502, restError, "", "not a JSON object"},
	{"null-http", testTool, httpAPI, `null`, 200, `null`, "", ""},
	{"list-http", testTool, httpAPI, `[1,2]`, 200, `[1,2]`, "", ""},
	{"list-http1", testTool, httpAPI1, `[1,2]`, 500, httpError, "", "not a JSON object"},
	{"broken-http", testTool, httpAPI, `{"name": "John`, 200, `{"name": "John`, "", ""},
	{"broken-rest", outputPage, rest, `{"name": "John`, 502, restError, "", "not a JSON object"},
	{"status-text", "not known; taken, as by SAM local", rest, `{"statusCode":"201","body":"x"}`, 201, "x", "", ""},
	{"status-text-http", "not known; taken, as by SAM local", httpAPI, `{"statusCode":"201","body":"x"}`, 201, "x", "", ""},
	{"status-word-http1", testTool, httpAPI1, `{"statusCode":"abc"}`, 500, httpError, "", "statusCode"},
	{"status-word-rest", testTool, rest, `{"statusCode":"abc"}`, 502, restError, "", "statusCode"},
	{"status-word-http", testTool, httpAPI, `{"statusCode":"abc"}`, 500, httpError, "", "statusCode"},
	{"status-zero-rest", testTool, rest, `{"statusCode":0}`, 502, restError, "", "statusCode"},
	{"status-zero-http1", testTool, httpAPI1, `{"statusCode":0}`, 500, httpError, "", "statusCode"},
	{"status-zero-http", testTool, httpAPI, `{"statusCode":0}`, 500, httpError, "", "statusCode"},
	{"status-url", urlPage, furl, `{"statusCode":"x"}`, 502, urlError, "", "statusCode"},
	{"body-object-rest", outputPage, rest, `{"statusCode":200,"body":{"a":1}}`, 502, restError, "", "body: not a string"},
	{"body-object-http", httpPage, httpAPI, `{"statusCode":200,"body":{"a":1}}`, 500, httpError, "", "body: not a string"},
	{"body-object-http1", testTool, httpAPI1, `{"statusCode":200,"body":{"a":1}}`, 500, httpError, "", "body: not a string"},
	{"body-null", outputPage, rest, `{"statusCode":200,"headers":null,"multiValueHeaders":null,"body":null}`, 200, "", "", ""},
	{"flag-text", outputPage, rest, `{"statusCode":200,"isBase64Encoded":"yes"}`, 502, restError, "", "isBase64Encoded: not a boolean"},
	{"headers-list", outputPage, rest, `{"statusCode":200,"headers":["a"]}`, 502, restError, "", "headers: not an object"},
	{"headers-object-value", outputPage, rest, `{"statusCode":200,"headers":{"X-A":{}}}`, 502, restError, "", `headers: \"X-A\": a value is not a string`},
	{"headers-list-value", outputPage, rest, `{"statusCode":200,"headers":{"X-A":["a","b"]}}`, 502, restError, "", `headers: \"X-A\": a value is not a string`},
	{"multi-text-value", outputPage, rest, `{"statusCode":200,"multiValueHeaders":{"X-A":"a"}}`, 502, restError, "", "not an array"},
	{"multi-list", outputPage, rest, `{"statusCode":200,"multiValueHeaders":["a"]}`, 502, restError, "", "multiValueHeaders: not an object"},
	{"multi-object-value", outputPage, rest, `{"statusCode":200,"multiValueHeaders":{"X-A":[{}]}}`, 502, restError, "", "a value is not a string"},
	{"headers-object-first", outputPage, rest, `{"statusCode":200,"headers":{"X-A":[],"X-B":"b"}}`, 502, restError, "", `headers: \"X-A\": a value is not a string`},
	{"multi-object-first", outputPage, rest, `{"statusCode":200,"multiValueHeaders":{"X-A":[{},"a"],"X-B":["b"]}}`, 502, restError, "", `multiValueHeaders: \"X-A\": a value is not a string`},
	{"cookies-object-first", httpPage, httpAPI, `{"statusCode":200,"cookies":[{},"a=1"]}`, 500, httpError, "", "cookies: a value is not a string"},
	{"cookies-list-first", urlPage, furl, `{"statusCode":200,"cookies":[["a=1"],"b=2"]}`, 502, urlError, "", "cookies: a value is not a string"},
	{"last-status", "RFC 9110 section 15: 100 to 599", httpAPI, `{"statusCode":599}`, 599, "", "", ""},
	{"status-too-high", "as above", httpAPI, `{"statusCode":600}`, 500, httpError, "", "statusCode"},
	{"two-mistakes", "the first is told", rest, `{"body":1,"statusCode":200,"headers":[],"isBase64Encoded":"no"}`, 502, restError, "", "malformed response: body: not a string"},
	{"multi-null-value", outputPage, rest, `{"statusCode":200,"multiValueHeaders":{"Set-Cookie":["a=1",null],"X-A":null}}`, 200, "", "a=1", ""},
	{"multi-other", httpPage, httpAPI, `{"statusCode":200,"multiValueHeaders":{"X-A":["1"]}}`, 200, "", "", ""},
	{"cookies-text", httpPage, httpAPI, `{"statusCode":200,"cookies":"a=1"}`, 500, httpError, "", "cookies: not an array"},
	{"newline", unknown, rest, `{"statusCode":200,"headers":{"Set-Cookie":"a=secret\r\nb"}}`, 502, restError, "", `header \"Set-Cookie\": control byte 0x0d at offset 8 of its value`},
	{"newline-cookie", unknown, httpAPI, `{"statusCode":200,"cookies":["a=secret\r\nb"]}`, 500, httpError, "", `header \"Set-Cookie\": control byte 0x0d at offset 8 of its value`},
	{"header-name", unknown, httpAPI, `{"statusCode":200,"headers":{"a b":"c"}}`, 500, httpError, "", "not a header name"},
	{"alb-headers-null", awsGo207, alb, `{"statusCode":200,"headers":null,"multiValueHeaders":{"Set-Cookie":["a=1"]}}`, 502, albError, "", "sent headers"},
	{"alb-multi-headers", albPage, albMulti, `{"statusCode":200,"headers":{"Set-Cookie":"a=1"}}`, 502, albError, "", "sent multiValueHeaders"},
	{"error-keys-rest", "as above; and a REST API takes neither key", rest, `{"statusCode":200,"errorMessage":"m","errorType":"t"}`, 502, restError, "", "must not contain"},
	{"error-keys", "treated as output: the error is not in the function's response but in Lambda's", httpAPI, `{"errorMessage":"m","errorType":"t"}`, 200, `{"errorMessage":"m","errorType":"t"}`, "", ""},

	// White space and what is missing.
	{"spaces-rest", "RFC 8259 section 2", rest, " {\n\t\"statusCode\" : 200 ,\r\n \"multiValueHeaders\" : { \"Set-Cookie\" : [ \"a=1\" , \"b=2\" ] , \"X-A\" : [ ] } , \"headers\" : { } , \"body\" : \"x\" } \n", 200, "x", "a=1|b=2", ""},
	{"spaces-http", "RFC 8259 section 2", httpAPI, "\t{ \"cookies\" : [ \"a=1\" , null , \"b=2\" ]\n,\"body\":\"x\", \"isBase64Encoded\" : false , \"statusCode\":201}\n ", 201, "x", "a=1|b=2", ""},
	{"number-last", "RFC 8259 section 2", rest, "{\"body\":\"x\",\"statusCode\":201}\n", 201, "x", "", ""},
	{"empty-rest", outputPage, rest, ``, 502, restError, "", "not a JSON object"},
	{"empty-http", httpPage, httpAPI, ``, 200, ``, "", ""},
	{"empty-http1", testTool, httpAPI1, ``, 500, httpError, "", "not a JSON object"},
	{"empty-url", urlPage, furl, ``, 200, ``, "", ""},
	{"space-http", httpPage, httpAPI, " \n", 200, " \n", "", ""},

	// Base64.
	{"base64-rest-kept", ministack767, rest, `{"statusCode":200,"body":"aGk=","isBase64Encoded":true}`, 200, "aGk=", "", "sends base64 as text"},
	{"base64-http", httpPage, httpAPI, `{"statusCode":200,"body":"aGk=","isBase64Encoded":true}`, 200, "hi", "", ""},
	{"base64-http1", httpPage, httpAPI1, `{"statusCode":200,"body":"aGk=","isBase64Encoded":true}`, 200, "hi", "", ""},
	{"base64-url", urlPage, furl, `{"statusCode":200,"body":"aGk=","isBase64Encoded":true}`, 200, "hi", "", ""},
	{"base64-alb", albPage, alb, `{"statusCode":200,"headers":{},"body":"aGk=","isBase64Encoded":true}`, 200, "hi", "", ""},
	{"base64-bad-http", unknown, httpAPI, `{"statusCode":200,"body":"?","isBase64Encoded":true}`, 500, httpError, "", "not base64"},
	{"base64-bad-alb", albErrors, alb, `{"statusCode":200,"headers":{},"body":"?","isBase64Encoded":true}`, 502, albError, "", "not base64"},

	// Statuses without a body (RFC 9110 section 6.4.1).
	{"no-content", "RFC 9110 section 15.3.5", rest, `{"statusCode":204,"multiValueHeaders":{"Set-Cookie":["a=1"]},"body":"x"}`, 204, "", "a=1", ""},
	{"not-modified", "RFC 9110 section 15.4.5", httpAPI, `{"statusCode":304,"body":"x"}`, 304, "", "", ""},
}

// TestResponsesAreAsAWS holds the places where SAM local's responses differ from
// those of the live services, among others.
func TestResponsesAreAsAWS(t *testing.T) {
	for _, row := range responseRows {
		t.Run(row.name, func(t *testing.T) {
			res, log := serve(t, oneRoute(app.HTTP, "2.0"), returning(row.response), gateway.Options{Door: row.door}, localRequest("GET", "/x", ""))
			if got := bodyOf(t, res); res.StatusCode != row.status || got != row.body {
				t.Errorf("status %d, body %q, want %d, %q (%s)", res.StatusCode, got, row.status, row.body, row.source)
			}
			if got := strings.Join(res.Header["Set-Cookie"], "|"); got != row.cookies {
				t.Errorf("Set-Cookie %q, want %q (%s)", got, row.cookies, row.source)
			}
			if (row.log == "") != (log == "") || !strings.Contains(log, row.log) {
				t.Errorf("log %q, want it to say %q", log, row.log)
			}
			if strings.Contains(log, "secret") {
				t.Errorf("log tells a cookie's value: %s", log)
			}
		})
	}
}

func TestBase64OfREST(t *testing.T) {
	const ok, bad = `{"statusCode":200,"body":"aGk=","isBase64Encoded":true}`, `{"statusCode":200,"body":"?","isBase64Encoded":true}`
	rows := []struct {
		name, accept, response string
		status                 int
		body                   string
	}{
		{"first-of-accept", "image/png, text/html", ok, 200, "hi"},
		{"second-of-accept", "text/html, image/png", ok, 200, "aGk="},
		{"parameters", "image/png;q=0.5", ok, 200, "hi"},
		{"no-accept", "", ok, 200, "aGk="},
		{"bad", "image/png", bad, 500, restError}, // API_CONFIGURATION_ERROR of responsesPage
		{"bad-not-decoded", "text/html", bad, 200, "?"},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			api := oneRoute(app.REST, "1.0")
			api.BinaryMediaTypes = []string{"image/png"}
			res, _ := serve(t, api, returning(row.response), gateway.Options{}, with("GET", "/x", "", "Accept", row.accept)())
			if got := bodyOf(t, res); res.StatusCode != row.status || got != row.body {
				t.Errorf("status %d, body %q, want %d, %q (%s)", res.StatusCode, got, row.status, row.body, ministack767)
			}
		})
	}
}

func TestResponseHeadersAreAsAWS(t *testing.T) {
	rows := []struct {
		name, source string
		door         frontdoor.Door
		response     string
		header, want string // want "…" for any value
	}{
		{"type-rest", notesPage, rest, `{"statusCode":200,"body":"x"}`, "Content-Type", "application/json"},
		{"type-http", testTool, httpAPI, `{"statusCode":200,"body":"x"}`, "Content-Type", "text/plain; charset=utf-8"},
		{"type-http1", testTool, httpAPI1, `{"statusCode":200,"body":"x"}`, "Content-Type", "text/plain; charset=utf-8"},
		{"type-http-inferred", httpPage, httpAPI, `{"a":1}`, "Content-Type", "application/json"},
		{"type-url", urlPage, furl, `{"statusCode":200,"body":"x"}`, "Content-Type", "application/json"},
		{"type-alb", albPage, alb, `{"statusCode":200,"headers":{},"body":"<html>"}`, "Content-Type", ""},
		{"type-lower-case", outputPage, rest, `{"statusCode":200,"headers":{"content-type":"text/html"},"body":"x"}`, "Content-Type", "text/html"},
		{"length-rest", notesPage, rest, `{"statusCode":200,"headers":{"Content-Length":"99"},"body":"xyz"}`, "Content-Length", "3"},
		{"length-rest-remapped", notesPage, rest, `{"statusCode":200,"headers":{"Content-Length":"99"},"body":"xyz"}`, "X-Amzn-Remapped-Content-Length", "99"},
		{"length-http", "a wrong length would break the response", httpAPI, `{"statusCode":200,"headers":{"Content-Length":"99"},"body":"xyz"}`, "Content-Length", "3"},
		{"connection-rest", notesPage, rest, `{"statusCode":200,"headers":{"Connection":"close"}}`, "X-Amzn-Remapped-Connection", "close"},
		{"date-rest", notesPage, rest, `{"statusCode":200,"headers":{"date":"x"}}`, "X-Amzn-Remapped-Date", "x"},
		{"server-url", lwa491, furl, `{"statusCode":200,"headers":{"Server":"x"}}`, "X-Amzn-Remapped-Server", "x"},
		{"authenticate-rest", notesPage, rest, `{"statusCode":401,"headers":{"WWW-Authenticate":"Basic"}}`, "X-Amzn-Remapped-Www-Authenticate", "Basic"},
		{"authenticate-http", "not remapped", httpAPI, `{"statusCode":401,"headers":{"WWW-Authenticate":"Basic"}}`, "Www-Authenticate", "Basic"},
		{"connection-alb", albPage, alb, `{"statusCode":200,"headers":{"Connection":"close"}}`, "Connection", ""},
		{"transfer-encoding", albPage, alb, `{"statusCode":200,"headers":{"Transfer-Encoding":"gzip"}}`, "Transfer-Encoding", ""},
		{"number", "varies; the text of the number", rest, `{"statusCode":200,"headers":{"X-A":5}}`, "X-A", "5"},
		{"boolean", "varies; the text of the boolean", rest, `{"statusCode":200,"headers":{"X-A":true}}`, "X-A", "true"},
		{"number-http", "varies; the text of the number", httpAPI, `{"statusCode":200,"headers":{"X-A":5}}`, "X-A", "5"},
		{"transfer-encoding-rest", notesPage, rest, `{"statusCode":200,"headers":{"Transfer-Encoding":"gzip"}}`, "Transfer-Encoding", ""},
		{"connection-http", "would break the response", httpAPI, `{"statusCode":200,"headers":{"Connection":"close"}}`, "Connection", ""},
		{"null", "varies; left out", rest, `{"statusCode":200,"headers":{"X-A":null}}`, "X-A", ""},
		{"id-rest", testTool, rest, `{"statusCode":200}`, "X-Amzn-Requestid", "…"},
		{"id2-rest", testTool, rest, `{"statusCode":200}`, "X-Amz-Apigw-Id", "…"},
		{"trace-rest", testTool, rest, `{"statusCode":200}`, "X-Amzn-Trace-Id", "…"},
		{"id-http", testTool, httpAPI, `{"statusCode":200}`, "Apigw-Requestid", "…"},
		{"id-http-error", testTool, httpAPI, `{"statusCode":0}`, "Apigw-Requestid", "…"},
		{"id-url", lwa491, furl, `{"statusCode":200}`, "X-Amzn-Requestid", "…"},
		{"error-type-rest", testTool, rest, `[]`, "X-Amzn-Errortype", "InternalServerErrorException"},
		{"error-html-alb", albErrors, alb, `{}`, "Content-Type", "text/html"},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			res, _ := serve(t, oneRoute(app.HTTP, "2.0"), returning(row.response), gateway.Options{Door: row.door}, localRequest("GET", "/x", ""))
			got := res.Header.Get(row.header)
			if got != row.want && (row.want != "…" || got == "") {
				t.Errorf("%s: %q, want %q (%s)", row.header, got, row.want, row.source)
			}
		})
	}
}

// A HEAD response has no body, and the length of the GET's if it is known.
func TestHead(t *testing.T) {
	for body, length := range map[string]string{"hello": "5", "": ""} {
		for _, door := range allDoors {
			response := `{"statusCode":200,"headers":{},"multiValueHeaders":{},"body":"` + body + `"}`
			res, _ := serve(t, oneRoute(app.HTTP, "2.0"), returning(response), gateway.Options{Door: door}, localRequest(http.MethodHead, "/x", ""))
			if got := bodyOf(t, res); got != "" || res.Header.Get("Content-Length") != length {
				t.Errorf("%s: body %q, Content-Length %q, want %q", door, got, res.Header.Get("Content-Length"), length)
			}
		}
	}
}
