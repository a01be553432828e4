package frontdoor_test

import (
	"encoding/json"
	"flag"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/crumb-go/crumb/shared/frontdoor"
)

var recordedDir = flag.String("recorded", "", "folder with aws-recorded.json, from here or from the repository's root")

// Where the events were recorded.
const (
	localstack = "localstack tests/aws/services/apigateway test_lambda_aws_proxy_integration, 2024-08-02"
	mapping    = "localstack tests/aws/services/apigateway test_lambda_aws_proxy_integration_request_data_mapping, 2024-07-22"
	furlEcho   = "localstack tests/aws/services/lambda_ test_lambda_url_echo_http_fixture_default, 2025-11-24"
	testTool   = "aws-lambda-dotnet Lambda Test Tool v2, integration tests, 2025-04-14"
	voker      = "hotsock/voker vokerhttp/testdata, 2026-07-10"
	powertools = "powertools-lambda-python tests/e2e/event_handler, live tests of 2022 and later"
)

// wants are what the handler must see: "uri", "path", "prefix", "host", "body", "tls",
// "query a" and "header A" with all values.
type wants map[string]string

// recorded are events as AWS recorded them, cut down to what each is about, and the
// requests behind them.
var recorded = []struct {
	id, source string
	door       frontdoor.Door
	event      string
	want       wants
}{
	{"rest-plain", localstack, frontdoor.REST, `{"resource": "/{proxy+}", "path": "/proxy-value", "httpMethod": "GET", "pathParameters": {"proxy": "proxy-value"}, "requestContext": {"stage": "test", "path": "/test/proxy-value"}}`,
		wants{"uri": "/proxy-value", "prefix": "/test"}},
	{"rest-identity-null", localstack, frontdoor.REST, `{"path": "/x", "httpMethod": "GET", "stageVariables": null, "body": null, "isBase64Encoded": false, "requestContext": {"identity": {"accessKey": null, "caller": null, "sourceIp": "192.0.2.1", "user": null, "userAgent": "ua"}}}`,
		wants{"uri": "/x", "remote": "192.0.2.1:0", "body": ""}},
	{"rest-inner-double-slash", localstack, frontdoor.REST, `{"path": "/proxy-value//double-slash", "httpMethod": "GET", "requestContext": {"stage": "test", "path": "/test/proxy-value//double-slash"}}`,
		wants{"uri": "/proxy-value//double-slash", "prefix": "/test"}},
	{"rest-plus-path", localstack, frontdoor.REST, `{"path": "/user/test%2Balias@example.com/plus/test+alias@example.com", "httpMethod": "GET"}`,
		wants{"uri": "/user/test%2Balias@example.com/plus/test+alias@example.com", "path": "/user/test+alias@example.com/plus/test+alias@example.com"}},
	{"rest-query-plus", localstack, frontdoor.REST, `{"path": "/x", "httpMethod": "GET", "queryStringParameters": {"q": "a+b"}, "multiValueQueryStringParameters": {"q": ["a+b"]}}`,
		wants{"query q": "a+b"}},
	{"rest-query-url", localstack, frontdoor.REST, `{"path": "/x", "httpMethod": "GET", "queryStringParameters": {"to": "https://example.com/a?b=c&d"}}`,
		wants{"query to": "https://example.com/a?b=c&d"}},
	{"rest-query-multi", localstack, frontdoor.REST, `{"path": "/x", "httpMethod": "GET", "queryStringParameters": {"tag": "b"}, "multiValueQueryStringParameters": {"tag": ["a", "b"]}}`,
		wants{"query tag": "a|b"}},
	{"rest-post-json", localstack, frontdoor.REST, `{"path": "/x", "httpMethod": "POST", "body": "{\"a\": \"b\"}", "isBase64Encoded": false}`,
		wants{"body": `{"a": "b"}`}},
	{"rest-no-content-length", localstack, frontdoor.REST, `{"path": "/x", "httpMethod": "POST", "headers": {"Accept": "*/*"}, "multiValueHeaders": {"Accept": ["*/*"]}, "body": "abc"}`,
		wants{"length": "3", "header Content-Length": ""}},
	{"rest-pathvar", mapping, frontdoor.REST, `{"resource": "/{pathVariable}", "path": "/test-path", "httpMethod": "GET", "queryStringParameters": {"q": "1"}, "pathParameters": {"pathVariable": "test-path"}}`,
		wants{"uri": "/test-path?q=1"}},
	{"rest-trailing-slash", localstack, frontdoor.REST, `{"path": "/proxy-value/", "httpMethod": "GET", "pathParameters": {"proxy": "proxy-value"}, "requestContext": {"stage": "test", "path": "/test/proxy-value/"}}`,
		wants{"uri": "/proxy-value/", "prefix": "/test"}},
	{"rest-lead-double-exact", localstack, frontdoor.REST, `{"resource": "/hardcoded", "path": "/hardcoded", "httpMethod": "GET", "pathParameters": null, "requestContext": {"stage": "test", "path": "/test//hardcoded"}}`,
		wants{"uri": "/hardcoded", "prefix": "/test"}},
	{"rest-authorization-name", localstack, frontdoor.REST, `{"path": "/x", "httpMethod": "GET", "headers": {"Authorization": "t"}, "multiValueHeaders": {"Authorization": ["t"]}}`,
		wants{"header Authorization": "t"}},
	{"rest-header-case", localstack, frontdoor.REST, `{"path": "/x", "httpMethod": "GET", "headers": {"tEsT-HEADeR": "a"}, "multiValueHeaders": {"tEsT-HEADeR": ["a"]}}`,
		wants{"header Test-Header": "a"}},
	{"rest-unicode-path", testTool, frontdoor.REST, `{"path": "/products/%E2%98%95%20Coffee/reviews/%F0%9F%98%8A%20Happy", "httpMethod": "POST"}`,
		wants{"path": "/products/☕ Coffee/reviews/😊 Happy", "uri": "/products/%E2%98%95%20Coffee/reviews/%F0%9F%98%8A%20Happy"}},
	{"rest-special-path", testTool, frontdoor.REST, `{"path": "/users/****%20Doe/orders/Summer%20Sale%202023", "httpMethod": "POST"}`,
		wants{"path": "/users/**** Doe/orders/Summer Sale 2023", "uri": "/users/****%20Doe/orders/Summer%20Sale%202023"}},
	{"rest-query-dn", testTool, frontdoor.REST, `{"path": "/x", "httpMethod": "GET", "queryStringParameters": {"q": "Hello World", "tag": ".NET Core"}, "multiValueQueryStringParameters": {"q": ["Hello World"], "tag": ["C# Programming", ".NET Core"]}}`,
		wants{"query q": "Hello World", "query tag": "C# Programming|.NET Core"}},
	{"rest-simple-dn", testTool, frontdoor.REST, `{"path": "/users/123/orders", "httpMethod": "POST", "multiValueQueryStringParameters": {"status": ["pending"], "tag": ["important", "urgent"]}, "body": null, "requestContext": {"stage": "test", "path": "/test/users/123/orders"}}`,
		wants{"path": "/users/123/orders", "query tag": "important|urgent", "body": ""}},
	{"rest-voker", voker, frontdoor.REST, `{"path": "/capture/space%20value", "httpMethod": "POST", "queryStringParameters": {"plus": "a b", "e": ""}, "multiValueQueryStringParameters": {"plus": ["a b"], "e": [""]}, "headers": {"cookie": "a=1; b=2", "x-probe": "second"}, "multiValueHeaders": {"cookie": ["a=1; b=2"], "x-probe": ["first", "second"]}, "body": "{\"é\": 1}"}`,
		wants{"path": "/capture/space value", "query plus": "a b", "query e": "", "header Cookie": "a=1; b=2", "header X-Probe": "first|second", "body": `{"é": 1}`}},
	{"rest-exact-trailing", powertools, frontdoor.REST, `{"resource": "/todos", "path": "/todos/", "httpMethod": "POST"}`,
		wants{"uri": "/todos/"}},
	{"rest-text-binary-other", "localstack test_apigateway_s3 binary_support_request, 2025-03-17", frontdoor.REST, `{"path": "/x", "httpMethod": "POST", "headers": {"Content-Type": "text/plain"}, "body": "a\ufffd", "isBase64Encoded": false}`,
		wants{"body": "a\ufffd"}},
	{"rest-binary-match", "localstack test_apigateway_s3 binary_support_request, 2025-03-17", frontdoor.REST, `{"path": "/x", "httpMethod": "POST", "headers": {"Content-Type": "image/png"}, "body": "/wA=", "isBase64Encoded": true}`,
		wants{"body": "\xff\x00", "length": "2"}},

	{"http1-path", testTool, frontdoor.HTTP1, `{"version": "1.0", "path": "/test5/api/users/****%20Doe/orders/Summer%20Sale%202023", "httpMethod": "POST", "requestContext": {"stage": "test5", "path": "/test5/api/users/**** Doe/orders/Summer Sale 2023"}}`,
		wants{"path": "/api/users/**** Doe/orders/Summer Sale 2023", "uri": "/api/users/****%20Doe/orders/Summer%20Sale%202023", "prefix": "/test5"}},
	{"http1-params-decoded", testTool, frontdoor.HTTP1, `{"version": "1.0", "path": "/users/****%20Doe", "httpMethod": "POST", "pathParameters": {"userId": "**** Doe"}, "requestContext": {"stage": "$default", "path": "/users/**** Doe"}}`,
		wants{"path": "/users/**** Doe", "prefix": ""}},
	{"http1-header-own", testTool, frontdoor.HTTP1, `{"version": "1.0", "path": "/x", "httpMethod": "POST", "headers": {"Host": "a.example", "X-Forwarded-Proto": "http", "Content-Length": "0"}, "multiValueHeaders": {"Host": ["a.example"], "X-Forwarded-Proto": ["http"], "Content-Length": ["0"]}}`,
		wants{"host": "a.example", "tls": "false", "header X-Forwarded-Proto": "http"}},
	{"http1-header-client", testTool, frontdoor.HTTP1, `{"version": "1.0", "path": "/x", "httpMethod": "POST", "headers": {"Cookie": "a=1; b=2", "X-Custom-Header": "v"}, "multiValueHeaders": {"Cookie": ["a=1; b=2"], "X-Custom-Header": ["v"]}}`,
		wants{"header Cookie": "a=1; b=2", "header X-Custom-Header": "v"}},
	{"http1-resource-id", testTool, frontdoor.HTTP1, `{"version": "1.0", "resource": "$default", "path": "/x", "httpMethod": "POST", "requestContext": {"resourceId": "$default", "resourcePath": "$default", "path": "/x"}}`,
		wants{"uri": "/x"}},
	{"http1-no-ua", testTool, frontdoor.HTTP1, `{"version": "1.0", "path": "/x", "httpMethod": "POST", "requestContext": {"identity": {"sourceIp": "192.0.2.1", "userAgent": "", "cognitoAmr": null}}}`,
		wants{"remote": "192.0.2.1:0", "header User-Agent": ""}},
	{"http1-query", testTool, frontdoor.HTTP1, `{"version": "1.0", "path": "/x", "httpMethod": "GET", "multiValueQueryStringParameters": {"q": ["Hello World"], "tag": ["C# Programming", ".NET Core"]}}`,
		wants{"query q": "Hello World", "query tag": "C# Programming|.NET Core"}},
	{"http1-binary", testTool, frontdoor.HTTP1, `{"version": "1.0", "path": "/x", "httpMethod": "POST", "body": "AQIDBAU=", "isBase64Encoded": true}`,
		wants{"body": "\x01\x02\x03\x04\x05"}},
	{"http-greedy-empty", "an event of 2022-02-06 in a public README", frontdoor.HTTP1, `{"version": "1.0", "resource": "/handler/{proxy+}", "path": "/handler/", "httpMethod": "POST", "pathParameters": {"proxy": ""}, "requestContext": {"path": "/handler/"}}`,
		wants{"uri": "/handler/"}},

	{"http-voker", voker, frontdoor.HTTP, `{"version": "2.0", "rawPath": "/capture/space value", "rawQueryString": "r=1&r=2&plus=a+b&e=", "cookies": ["a=1", "b=2"], "headers": {"x-probe": "first,second"}, "requestContext": {"http": {"method": "POST", "path": "/capture/space value"}}}`,
		wants{"uri": "/capture/space%20value?r=1&r=2&plus=a+b&e=", "header Cookie": "a=1; b=2", "header X-Probe": "first,second"}},
	{"http-dn-SimpleGetRequest", testTool, frontdoor.HTTP, `{"version": "2.0", "routeKey": "POST /{id}", "rawPath": "/123", "rawQueryString": "status=pending&tag=a&tag=b", "cookies": ["sid=1", "theme=dark"], "headers": {"content-length": "0"}, "requestContext": {"http": {"method": "POST", "path": "/123"}}}`,
		wants{"uri": "/123?status=pending&tag=a&tag=b", "query tag": "a|b", "header Cookie": "sid=1; theme=dark", "body": ""}},
	{"http-dn-BinaryContent", testTool, frontdoor.HTTP, `{"version": "2.0", "rawPath": "/x", "requestContext": {"http": {"method": "POST", "path": "/x"}}, "body": "AQIDBAU=", "isBase64Encoded": true}`,
		wants{"body": "\x01\x02\x03\x04\x05"}},
	{"http-dn-SpecialCharactersInPath", testTool, frontdoor.HTTP, `{"version": "2.0", "rawPath": "/users/**** Doe/orders/Summer Sale 2023", "requestContext": {"http": {"method": "POST", "path": "/users/**** Doe/orders/Summer Sale 2023"}}}`,
		wants{"path": "/users/**** Doe/orders/Summer Sale 2023"}},
	{"http-dn-UnicodeCharactersInPath", testTool, frontdoor.HTTP, `{"version": "2.0", "rawPath": "/products/☕ Coffee", "requestContext": {"http": {"method": "POST", "path": "/products/☕ Coffee"}}}`,
		wants{"path": "/products/☕ Coffee", "uri": "/products/%E2%98%95%20Coffee"}},
	{"http-encoded-hash", "honojs/hono#2156, 2024-02-06", frontdoor.HTTP, `{"version": "2.0", "rawPath": "/RSC/@id/assets/rsf0.js#save.txt", "rawQueryString": "a=1", "requestContext": {"http": {"method": "POST", "path": "/RSC/@id/assets/rsf0.js#save.txt"}}}`,
		wants{"path": "/RSC/@id/assets/rsf0.js#save.txt", "uri": "/RSC/@id/assets/rsf0.js%23save.txt?a=1"}},
	{"http-encoded-question", "middleapi/standard-server#93, 2026-09-15, which quotes captures: the door has lost what follows", frontdoor.HTTP, `{"version": "2.0", "rawPath": "/users/me", "rawQueryString": "", "requestContext": {"http": {"method": "GET", "path": "/users/me"}}}`,
		wants{"uri": "/users/me"}},
	{"http-content-length-0", "glassechidna/serverlessish#4, 2020-12-30", frontdoor.HTTP, `{"version": "2.0", "rawPath": "/x", "headers": {"content-length": "0"}, "requestContext": {"http": {"method": "GET", "path": "/x"}}}`,
		wants{"length": "0", "body": ""}},
	{"http-form-base64", "fujiwara/ridge, events of 2020-03", frontdoor.HTTP, `{"version": "2.0", "rawPath": "/x", "headers": {"content-type": "application/x-www-form-urlencoded"}, "requestContext": {"http": {"method": "POST", "path": "/x"}}, "body": "YT0x", "isBase64Encoded": true}`,
		wants{"form a": "1"}},

	{"url-path", furlEcho, frontdoor.URL, `{"version": "2.0", "rawPath": "/pa2%Fth/1", "requestContext": {"domainName": "u.lambda-url.us-east-1.on.aws", "http": {"method": "POST", "path": "/pa2%Fth/1"}}}`,
		wants{"path": "/pa2%Fth/1", "uri": "/pa2%25Fth/1"}},
	{"url-args", furlEcho, frontdoor.URL, `{"version": "2.0", "rawPath": "/x", "rawQueryString": "q=query&multiQuery=foo&multiQuery=%2Fbar", "queryStringParameters": {"q": "query", "multiQuery": "foo,/bar"}, "requestContext": {"domainName": "u.lambda-url.us-east-1.on.aws", "http": {"method": "POST", "path": "/x"}}}`,
		wants{"query multiQuery": "foo|/bar"}},
	{"url-content-length", furlEcho, frontdoor.URL, `{"version": "2.0", "rawPath": "/x", "headers": {"content-length": "14"}, "body": "{\"foo\":\"bar\"} ", "requestContext": {"domainName": "u.lambda-url.us-east-1.on.aws", "http": {"method": "POST", "path": "/x"}}}`,
		wants{"length": "14"}},
	{"url-multipart", "localstack test_lambda_url_form_payload, 2025-11-24", frontdoor.URL, `{"version": "2.0", "rawPath": "/x", "headers": {"content-type": "multipart/form-data; boundary=b"}, "body": "LS1iDQpDb250ZW50LURpc3Bvc2l0aW9uOiBmb3JtLWRhdGE7IG5hbWU9ImEiDQoNCjENCi0tYi0tDQo=", "isBase64Encoded": true, "requestContext": {"domainName": "u.lambda-url.us-east-1.on.aws", "http": {"method": "POST", "path": "/x"}}}`,
		wants{"form a": "1"}},
	{"url-tls-headers", furlEcho, frontdoor.URL, `{"version": "2.0", "rawPath": "/x", "headers": {"x-amzn-tls-version": "TLSv1.3", "x-amzn-tls-cipher-suite": "TLS_AES_128_GCM_SHA256", "x-forwarded-proto": "https"}, "requestContext": {"domainName": "u.lambda-url.us-east-1.on.aws", "http": {"method": "GET", "path": "/x"}}}`,
		wants{"tls": "true", "header X-Amzn-Tls-Version": "TLSv1.3"}},
	{"url-voker", voker, frontdoor.URL, `{"version": "2.0", "rawPath": "/capture/space%20value", "rawQueryString": "r=1&r=2&plus=a+b", "cookies": ["a=1", "b=2"], "headers": {"cookie": "a=1; b=2", "x-probe": "first,second"}, "requestContext": {"accountId": "anonymous", "domainName": "u.lambda-url.us-west-2.on.aws", "http": {"method": "POST", "path": "/capture/space value"}}}`,
		wants{"uri": "/capture/space%20value?r=1&r=2&plus=a+b", "path": "/capture/space value", "header Cookie": "a=1; b=2", "header X-Probe": "first,second"}},
	{"url-trailing", powertools, frontdoor.URL, `{"version": "2.0", "rawPath": "/todos/", "requestContext": {"domainName": "u.lambda-url.us-west-2.on.aws", "http": {"method": "POST", "path": "/todos/"}}}`,
		wants{"uri": "/todos/"}},

	{"alb-last", "glassechidna/serverlessish#4, 2020-12-30", frontdoor.ALB, `{"requestContext": {"elb": {}}, "httpMethod": "GET", "path": "/x", "headers": {"x-a": "last"}}`,
		wants{"header X-A": "last"}},
	{"alb-multi-all", "glassechidna/serverlessish#4, 2020-12-30", frontdoor.ALBMulti, `{"requestContext": {"elb": {}}, "httpMethod": "GET", "path": "/x", "multiValueHeaders": {"x-a": ["first", "last"]}}`,
		wants{"header X-A": "first|last"}},
	{"alb-query-raw", "jeremydaly/lambda-api#131, 2019-10-29", frontdoor.ALB, `{"requestContext": {"elb": {}}, "httpMethod": "GET", "path": "/x", "headers": {}, "queryStringParameters": {"foo": "hello%20world"}}`,
		wants{"query foo": "hello world", "uri": "/x?foo=hello%20world"}},
	{"alb-trailing", powertools, frontdoor.ALBMulti, `{"requestContext": {"elb": {}}, "httpMethod": "POST", "path": "/todos/", "multiValueHeaders": {}}`,
		wants{"uri": "/todos/"}},
}

func TestRecordedEvents(t *testing.T) {
	for _, row := range recorded {
		t.Run(row.id, func(t *testing.T) {
			var body string
			var r *http.Request
			_, err := invoke(t, []byte(row.event), func(_ http.ResponseWriter, got *http.Request) {
				r = got
				if row.want["form a"] != "" {
					_ = r.ParseMultipartForm(1 << 10) // an error for another kind of form
				}
				text, _ := io.ReadAll(r.Body)
				body = string(text)
			})
			if err != nil {
				t.Fatal(err)
			}
			if e, _ := frontdoor.EventFrom(r.Context()); e.Door != row.door {
				t.Errorf("door %q, want %q", e.Door, row.door)
			}
			for what, want := range row.want {
				if got := seen(t, r, body, what); got != want {
					t.Errorf("%s %q, want %q (%s)", what, got, want, row.source)
				}
			}
		})
	}
}

// seen is what a request says about one of the wants.
func seen(t *testing.T, r *http.Request, body, what string) string {
	t.Helper()
	e, _ := frontdoor.EventFrom(r.Context())
	kind, name, _ := strings.Cut(what, " ")
	switch kind {
	case "uri":
		return r.RequestURI
	case "path":
		return r.URL.Path
	case "prefix":
		return e.Prefix
	case "host":
		return r.Host
	case "remote":
		return r.RemoteAddr
	case "body":
		return body
	case "length":
		return strconv.FormatInt(r.ContentLength, 10)
	case "tls":
		return strconv.FormatBool(r.TLS != nil)
	case "form":
		return r.FormValue(name)
	case "query":
		return strings.Join(r.URL.Query()[name], "|")
	case "header":
		return strings.Join(r.Header[name], "|")
	}
	t.Fatalf("nothing is known of %q", what)
	return ""
}

// TestRecordedIDs compares the ids above with those of the corpus that the events
// are from, which belongs to others.
func TestRecordedIDs(t *testing.T) {
	if *recordedDir == "" {
		t.Skip("no -recorded DIR given")
	}
	text, err := os.ReadFile(filepath.Join(fromRoot(*recordedDir), "aws-recorded.json"))
	if err != nil {
		t.Fatal(err)
	}
	var facts []struct{ ID, Door string }
	if err := json.Unmarshal(text, &facts); err != nil {
		t.Fatal(err)
	}
	doors := make(map[string]string)
	for _, fact := range facts {
		doors[fact.ID] = fact.Door
	}
	for _, row := range recorded {
		if doors[row.id] != string(row.door) {
			t.Errorf("%s is a fact about the door %q in the corpus, want %q", row.id, doors[row.id], row.door)
		}
	}
	t.Logf("%d of %d facts have an event for the front door", len(recorded), len(facts))
}
