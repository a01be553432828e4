package live

import "strings"

// An odd is a request whose event, or whose response, is a question about AWS.
type odd struct {
	name    string
	asks    string
	request string // "GET /capture/x"
	header  string // lines
	body    string // in chunks, where the header says so
	respond string // what the function responds with; "": the event
	doors   string // those that it is for; "": all
}

const (
	get  = "GET /capture/x"
	post = "POST /capture/x"
	only = "rest http http1" // doors with routes
)

// odds cover what the documents of AWS leave open, and what is known from few observations.
var odds = []odd{
	{"capture", "what a usual event has", "POST /capture/space%20value?repeat=one&repeat=two&redirect=https%3A%2F%2Fexample.com%2Fa%2Fb&literalPlus=a+b&encodedPlus=a%2Bb&empty=",
		"Accept: */*\nContent-Type: application/json\nCookie: session=abc123; theme=dark\nX-Probe: first\nX-Probe: second", `{"unicode":"λ"}`, "", ""},

	{"path-encoded", "which of the paths is decoded", "GET /capture/a%20b%2Fc%25d/%C3%A9", "", "", "", ""},
	{"path-plus", "whether a plus stays one", "GET /capture/a+b%2Bc@x", "", "", "", ""},
	{"path-question", "whether a decoded ? ends the path", "GET /capture/me%3Fadmin=true", "", "", "", ""},
	{"path-utf8", "bytes that are not encoded", "GET /capture/\xC3\xA9", "", "", "", ""},
	{"path-broken", "a broken escape", "GET /capture/100%", "", "", "", ""},
	{"path-dots", "whether .. is resolved", "GET /jobs/../capture/x", "", "", "", ""},
	{"path-dots-encoded", "the same, encoded", "GET /jobs/%2e%2e/capture/x", "", "", "", ""},
	{"path-semicolon", "parameters in a path", "GET /capture/a;b=c", "", "", "", ""},
	{"slashes-first", "two slashes before a route", "GET //capture/x", "", "", "", ""},
	{"slashes-inside", "two slashes in the rest", "GET /capture//x", "", "", "", ""},
	{"slash-last", "a slash at the end of the rest", "GET /capture/x/", "", "", "", ""},
	{"slash-last-fixed", "a slash at the end of a fixed route", "GET /only/", "", "", "", only},
	{"rest-empty", "whether {proxy+} matches nothing", "GET /capture/", "", "", "", ""},
	{"rest-absent", "the same without a slash", "GET /capture", "", "", "", only},
	{"root", "the path / without a route", "GET /", "", "", "", ""},
	{"unknown", "an unknown path", "GET /nowhere", "", "", "", only},
	{"unknown-head", "the same by HEAD", "HEAD /nowhere", "", "", "", only},
	{"other-case", "the case of a path", "GET /Only", "", "", "", only},
	{"wrong-method", "a method without a route", "POST /only", "", "", "", only},
	{"wrong-method-head", "HEAD on a GET route", "HEAD /only", "", "", "", only},
	{"wrong-method-sibling", "whether a catch-all serves it", "POST /jobs/reboot", "", "", "", only},

	{"query-repeated", "repeated names, names without a value", get + "?a=1&a=2&b&c=", "", "", "", ""},
	{"query-encoded", "what of a query is decoded", get + "?a%5B%5D=1&b=%2B+%20&c=%C3%A9&d=1%262", "", "", "", ""},
	{"query-broken", "a broken escape", get + "?a=%zz&b=100%", "", "", "", ""},
	{"query-empty", "a ? alone", get + "?", "", "", "", ""},
	{"query-semicolon", "whether a semicolon separates", get + "?a=1;b=2", "", "", "", ""},
	{"query-utf8", "bytes that are not encoded", get + "?a=\xC3\xA9", "", "", "", ""},

	{"header-case", "whether names keep their case", get, "tEsT-HEADeR: 1\nauthorization: Bearer x\nX-Custom-Header: 2", "", "", ""},
	{"header-repeated", "which value is in headers", get, "X-Probe: first\nX-Other: 1\nX-Probe: second", "", "", ""},
	{"header-empty", "a header without a value", get, "X-Probe:", "", "", ""},
	{"header-utf8", "bytes in a value", get, "X-Probe: \xC3\xA9\nX-Latin: \xE9", "", "", ""},
	{"header-underscore", "an underscore in a name", get, "X_Probe: 1", "", "", ""},
	{"header-dropped", "which headers never arrive", get, "Content-MD5: 1B2M2Y8AsgTpgAmY7PhCfg==\nMax-Forwards: 1\nProxy-Authenticate: a\nServer: a\nWWW-Authenticate: a\nTE: trailers\nVia: 1.1 a\nUpgrade: h2c", "", "", ""},
	{"header-forwarded", "what a client says of itself", get, "X-Forwarded-For: 203.0.113.9\nX-Forwarded-Proto: http\nX-Forwarded-Port: 80\nX-Forwarded-Host: evil.example\nForwarded: for=203.0.113.9", "", "", ""},
	{"header-trace", "what becomes of a trace", get, "X-Amzn-Trace-Id: Root=1-67890abc-0123456789abcdef01234567;Parent=0123456789abcdef;Sampled=1", "", "", ""},
	{"header-trace-odd", "the same of one that is none", get, "X-Amzn-Trace-Id: Root=1-r;Parent=p;Sampled=1", "", "", ""},
	{"header-no-agent", "no User-Agent", get, "User-Agent:", "", "", ""},
	{"header-long", "10 KB of headers", get, "X-Probe: " + strings.Repeat("x", 10_300), "", "", ""},
	{"header-many", "a hundred headers", get, strings.TrimSuffix(strings.Repeat("X-Probe: 1\n", 100), "\n"), "", "", ""},

	{"cookie-lines", "two Cookie lines", get, "Cookie: a=1\nCookie: b=2", "", "", ""},
	{"cookie-duplicates", "two of a name", get, "Cookie: a=1; a=2; A=3", "", "", ""},
	{"cookie-quoted", "quotes and what they hold", get, `Cookie: a="1"; b="x\054y"; c="d; e"; f={"g":[1,2]}`, "", "", ""},
	{"cookie-separators", "odd separators, no name, no value", get, "Cookie: a=1;b=2 ;  c=3,d=4;; =e; f; g=", "", "", ""},
	{"cookie-utf8", "bytes in a value", get, "Cookie: a=\xC3\xA9; b=\xE9; c=%C3%A9", "", "", ""},
	{"cookie-empty", "a Cookie line without a cookie", get, "Cookie:", "", "", ""},
	{"cookie-long", "9 KB of cookies", get, "Cookie: a=" + strings.Repeat("x", 9000), "", "", ""},

	{"body-text", "a text", post, "Content-Type: text/plain", "hi\r\n", "", ""},
	{"body-form", "a form", post, "Content-Type: application/x-www-form-urlencoded", "a=1&b=%C3%A9", "", ""},
	{"body-json-charset", "a type with a parameter", post, "Content-Type: application/vnd.api+json; charset=utf-8", `{"a":1}`, "", ""},
	{"body-xml", "XML", post, "Content-Type: application/xml", `<a/>`, "", ""},
	{"body-untyped", "no type", post, "", "hi", "", ""},
	{"body-binary", "bytes that are not UTF-8", post, "Content-Type: application/octet-stream", "\xFF\x00\xFE", "", ""},
	{"body-binary-listed", "a type of BinaryMediaTypes", post, "Content-Type: image/png", "\x89PNG\x00\xFF", "", ""},
	{"body-binary-as-text", "text that is not UTF-8", post, "Content-Type: text/plain", "caf\xE9", "", ""},
	{"body-encoded", "a Content-Encoding", post, "Content-Type: text/plain\nContent-Encoding: br", "hi", "", ""},
	{"body-empty", "an empty body", post, "Content-Type: text/plain\nContent-Length: 0", "", "", ""},
	{"body-chunked", "a body in chunks", post, "Content-Type: text/plain\nTransfer-Encoding: chunked", "2\r\nhi\r\n1\r\n!\r\n0\r\n\r\n", "", ""},
	{"body-of-get", "a body of a GET", get, "Content-Type: text/plain", "hi", "", ""},
	{"body-of-delete", "a body of a DELETE", "DELETE /capture/x", "Content-Type: text/plain", "hi", "", ""},

	{"head", "HEAD", "HEAD /capture/x", "", "", "", ""},
	{"options", "OPTIONS", "OPTIONS /capture/x", "", "", "", ""},
	{"preflight", "a preflight, with CORS on http1 and url", "OPTIONS /capture/x", "Origin: https://app.example\nAccess-Control-Request-Method: GET\nAccess-Control-Request-Headers: x-echo-token", "", "", ""},
	{"preflight-elsewhere", "the same from another origin", "OPTIONS /capture/x", "Origin: https://evil.example\nAccess-Control-Request-Method: DELETE", "", "", ""},
	{"cors", "a request with an origin", get, "Origin: https://app.example", "", "", ""},
	{"cors-case", "the same in another case than the template's", get, "Origin: https://upper.example", "", "", "http1"},
	{"cors-head", "the same by HEAD", "HEAD /capture/x", "Origin: https://app.example", "", "", "http1 url"},
	{"method-unknown", "a method of another protocol", "PROPFIND /capture/x", "", "", "", ""},

	{"respond-nothing", "a response without statusCode", get, "", "", `{}`, ""},
	{"respond-headers-only", "the same with headers", get, "", "", `{"headers":{"x-probe":"1"}}`, ""},
	{"respond-body-only", "the same with a body", get, "", "", `{"body":"x"}`, ""},
	{"respond-status-only", "statusCode alone", get, "", "", `{"statusCode":200}`, ""},
	{"respond-null", "null", get, "", "", `null`, ""},
	{"respond-string", "a string", get, "", "", `"hello"`, ""},
	{"respond-number", "a number", get, "", "", `7`, ""},
	{"respond-array", "an array", get, "", "", `[]`, ""},
	{"respond-object", "an object without a response's members", get, "", "", `{"hello": "world"}`, ""},
	{"respond-unknown-member", "a member too many", get, "", "", `{"statusCode":200,"body":"x","oops":1}`, ""},
	{"respond-not-json", "what is not JSON", get, "", "", `hello`, ""},
	{"respond-stream", "a stream where none was asked for", get, "", "", "{\"statusCode\":201}\x00\x00\x00\x00\x00\x00\x00\x00hello", ""},

	{"status-text", "a status as text", get, "", "", `{"statusCode":"201","headers":{"x-probe":"1"},"body":"x"}`, ""},
	{"status-word", "a status that is none", get, "", "", `{"statusCode":"test","headers":{"x-probe":"1"},"body":"x"}`, ""},
	{"status-zero", "status 0", get, "", "", `{"statusCode":0,"headers":{"x-probe":"1"},"body":"x"}`, ""},
	{"status-fraction", "status 200.0", get, "", "", `{"statusCode":200.0,"headers":{"x-probe":"1"},"body":"x"}`, ""},
	{"status-600", "status 600", get, "", "", `{"statusCode":600,"headers":{"x-probe":"1"},"body":"x"}`, ""},
	{"status-204", "204 with a body", get, "", "", `{"statusCode":204,"headers":{"x-probe":"1"},"body":"x"}`, ""},
	{"status-304", "304 with a body", get, "", "", `{"statusCode":304,"headers":{"x-probe":"1"},"body":"x"}`, ""},
	{"status-description-null", "statusDescription null", get, "", "", `{"statusCode":200,"statusDescription":null,"headers":{},"body":"x"}`, ""},

	{"body-respond-object", "a body that is an object", get, "", "", `{"statusCode":200,"headers":{"content-type":"application/json"},"body":{"a":1}}`, ""},
	{"body-respond-number", "a body that is a number", get, "", "", `{"statusCode":200,"headers":{},"body":7}`, ""},
	{"body-respond-null", "a body of null", get, "", "", `{"statusCode":200,"headers":{},"body":null}`, ""},
	{"base64", "base64 without Accept", get, "", "", `{"statusCode":200,"headers":{"content-type":"image/png"},"body":"iVBORw0KGgo=","isBase64Encoded":true}`, ""},
	{"base64-accepted", "base64 with Accept", get, "Accept: image/png", "", `{"statusCode":200,"headers":{"content-type":"image/png"},"body":"iVBORw0KGgo=","isBase64Encoded":true}`, ""},
	{"base64-first-accepted", "base64 with a list in Accept", get, "Accept: text/html, image/png", "", `{"statusCode":200,"headers":{"content-type":"image/png"},"body":"iVBORw0KGgo=","isBase64Encoded":true}`, ""},
	{"base64-broken", "base64 that is none", get, "", "", `{"statusCode":200,"headers":{},"body":"?","isBase64Encoded":true}`, ""},
	{"base64-text", "isBase64Encoded as text", get, "", "", `{"statusCode":200,"headers":{},"body":"aGk=","isBase64Encoded":"true"}`, ""},

	{"headers-null", "headers of null", get, "", "", `{"statusCode":200,"headers":null,"body":"x"}`, ""},
	{"headers-none", "no Content-Type", get, "", "", `{"statusCode":200,"headers":{},"body":"x"}`, ""},
	{"headers-number", "a value that is a number", get, "", "", `{"statusCode":200,"headers":{"x-probe":7},"body":"x"}`, ""},
	{"headers-true", "a value of true", get, "", "", `{"statusCode":200,"headers":{"x-probe":true},"body":"x"}`, ""},
	{"headers-list", "a value that is a list", get, "", "", `{"statusCode":200,"headers":{"x-probe":["a","b"]},"body":"x"}`, ""},
	{"headers-case", "whether names keep their case", get, "", "", `{"statusCode":200,"headers":{"myheader":"1","X-pROBE":"2"},"body":"x"}`, ""},
	{"headers-utf8", "bytes in a value", get, "", "", `{"statusCode":200,"headers":{"x-probe":"é"},"body":"x"}`, ""},
	{"headers-line-feed", "a line feed in a value", get, "", "", `{"statusCode":200,"headers":{"x-probe":"a\r\nx-evil: b"},"body":"x"}`, ""},
	{"headers-name", "a name that HTTP does not allow", get, "", "", `{"statusCode":200,"headers":{"a b":"c"},"body":"x"}`, ""},
	{"headers-both", "a name in both maps", get, "", "", `{"statusCode":200,"headers":{"x-probe":"1"},"multiValueHeaders":{"x-probe":["2","3"]},"body":"x"}`, ""},
	{"headers-both-case", "the same in another case", get, "", "", `{"statusCode":200,"headers":{"X-Probe":"1"},"multiValueHeaders":{"x-probe":["2","3"]},"body":"x"}`, ""},
	{"headers-multi", "only multiValueHeaders", get, "", "", `{"statusCode":200,"multiValueHeaders":{"x-probe":["2","3"]},"body":"x"}`, ""},
	{"headers-reserved", "which headers a function may not send", get, "", "", `{"statusCode":200,"headers":{"Connection":"close","Keep-Alive":"timeout=5","Date":"Thu, 01 Jan 1970 00:00:00 GMT","Server":"a","Host":"a","Via":"a","Upgrade":"a","Trailer":"a","Authorization":"a","User-Agent":"a","WWW-Authenticate":"a","Proxy-Authenticate":"a","Content-MD5":"a","Expect":"a","Max-Forwards":"1","X-Amzn-RequestId":"a","X-Forwarded-For":"a"},"body":"x"}`, ""},
	{"headers-length", "a Content-Length that lies", get, "", "", `{"statusCode":200,"headers":{"Content-Length":"3"},"body":"hello"}`, ""},
	{"headers-encoding", "a Transfer-Encoding", get, "", "", `{"statusCode":200,"headers":{"Transfer-Encoding":"chunked"},"body":"hello"}`, ""},
	{"headers-cors", "a function that does CORS too", get, "Origin: https://app.example", "", `{"statusCode":200,"headers":{"Access-Control-Allow-Origin":"http://other.example","Vary":"Origin"},"body":"x"}`, ""},

	{"set-two", "two cookies", get, "", "", `{"statusCode":200,"multiValueHeaders":{"Set-Cookie":["a=1; Path=/","b=2; Path=/"]},"body":"x"}`, "rest http1 alb-multi"},
	{"set-two-cookies", "two cookies", get, "", "", `{"statusCode":200,"cookies":["a=1; Path=/","b=2; Path=/"],"body":"x"}`, "rest http http1 url"},
	{"set-same", "two cookies of a name, and which is last", get, "", "", `{"statusCode":200,"headers":{"Set-Cookie":"a=header"},"multiValueHeaders":{"Set-Cookie":["a=1","a=2"]},"cookies":["a=cookie"],"body":"x"}`, "http http1 url"},
	{"set-same-both", "the same without cookies", get, "", "", `{"statusCode":200,"headers":{"Set-Cookie":"a=header"},"multiValueHeaders":{"Set-Cookie":["a=1","a=2"]},"body":"x"}`, "rest http1 alb alb-multi"},
	{"set-in-headers", "a comma in a date", get, "", "", `{"statusCode":200,"headers":{"Set-Cookie":"a=1; Expires=Fri, 31 Dec 9999 23:59:59 GMT"},"body":"x"}`, ""},
	{"set-joined", "two cookies in one value", get, "", "", `{"statusCode":200,"headers":{"Set-Cookie":"a=1; Path=/, b=2; Path=/"},"body":"x"}`, ""},
	{"set-spellings", "names that differ in case", get, "", "", `{"statusCode":200,"headers":{"set-cookie":"a=1","Set-Cookie":"b=2","SET-COOKIE":"c=3"},"body":"x"}`, ""},
	{"set-odd", "quotes, bytes, spaces, an empty line", get, "", "", `{"statusCode":200,"multiValueHeaders":{"Set-Cookie":["a=\"x y\"","b=é","c= 1 ;Path=/","","d"]},"body":"x"}`, "rest http1 alb-multi"},
	{"set-odd-cookies", "the same", get, "", "", `{"statusCode":200,"cookies":["a=\"x y\"","b=é","c= 1 ;Path=/","","d"],"body":"x"}`, "http url"},
	{"set-line-feed", "a line feed in a cookie", get, "", "", `{"statusCode":200,"headers":{"Set-Cookie":"a=1\r\nb"},"body":"x"}`, ""},
	{"set-line-feed-cookies", "the same", get, "", "", `{"statusCode":200,"cookies":["a=1\r\nb"],"body":"x"}`, "http url"},
	{"set-number", "a cookie that is a number", get, "", "", `{"statusCode":200,"cookies":[7],"body":"x"}`, "http url"},
	{"set-long", "a cookie of 5 KB", get, "", "", `{"statusCode":200,"headers":{"Set-Cookie":"a=` + strings.Repeat("x", 5000) + `"},"body":"x"}`, ""},
	{"set-deletion", "a deletion", get, "", "", `{"statusCode":200,"headers":{"Set-Cookie":"a=; Max-Age=0; Path=/"},"body":"x"}`, ""},

	{"fail-error", "a function's error", get, "X-Echo-Fail: error", "", "", ""},
	{"fail-exit", "a function's end", get, "X-Echo-Fail: exit", "", "", ""},
	{"fail-error-head", "the same by HEAD", "HEAD /capture/x", "X-Echo-Fail: error", "", "", ""},
}
