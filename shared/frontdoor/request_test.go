package frontdoor_test

import (
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
)

// Events with the members that the tests vary, and no others.
const (
	restEvent    = `{"httpMethod": "GET", "path": "/x", %s}`
	http1Event   = `{"version": "1.0", "httpMethod": "GET", "path": "/x", %s}`
	httpEvent    = `{"version": "2.0", "rawPath": "/x", "requestContext": {"http": {"method": "GET", "path": "/x"}}, %s}`
	albEvent     = `{"requestContext": {"elb": {}}, "httpMethod": "GET", "path": "/x", %s}`
	latticeEvent = `{"version": "2.0", "method": "GET", "path": "/x", "requestContext": {"serviceArn": "arn"}, %s}`
)

func TestQuery(t *testing.T) {
	tests := []struct{ name, event, members, want string }{
		{"http-verbatim", httpEvent, `"rawQueryString": "b=2&a=1&a=%2B+&&flag"`, "b=2&a=1&a=%2B+&&flag"},
		{"http-question-mark", httpEvent, `"rawQueryString": "?a=1"`, "a=1"},
		{"rest-encoded-sorted", restEvent, `"multiValueQueryStringParameters": {"b": ["2"], "a": ["a+b", "c d"]}`, "a=a%2Bb&a=c+d&b=2"},
		{"rest-single", restEvent, `"queryStringParameters": {"a": "&"}, "multiValueQueryStringParameters": null`, "a=%26"},
		{"rest-empty-multi", restEvent, `"queryStringParameters": {"a": "1"}, "multiValueQueryStringParameters": {}`, "a=1"},
		{"rest-both", restEvent, `"queryStringParameters": {"a": "2", "b": "3"}, "multiValueQueryStringParameters": {"a": ["1", "2"]}`, "a=1&a=2&b=3"},
		{"http1", http1Event, `"multiValueQueryStringParameters": {"a": ["1", "2"]}`, "a=1&a=2"},
		{"alb", albEvent, `"queryStringParameters": {"p": "a%2Bb", "q": "a+b"}`, "p=a%2Bb&q=a+b"},
		{"alb-no-name", albEvent, `"queryStringParameters": {"": "", "a": "1"}`, "=&a=1"},
		{"alb-multi", albEvent, `"multiValueHeaders": {}, "multiValueQueryStringParameters": {"q": ["1", "2"], "e": [""]}`, "e=&q=1&q=2"},
		{"alb-test-event", albEvent, `"queryStringParameters": {"a b": "100%&c%zz%4"}`, "a%20b=100%25%26c%25zz%254"},
		{"lattice", latticeEvent, `"queryStringParameters": {"a": "1", "b": ["2", "3%2F"]}`, "a=1&b=2&b=3%2F"},
		{"lattice-decoded", latticeEvent, `"queryStringParameters": {"a": "é d"}`, "a=%C3%A9%20d"},
		{"lattice-path", `{"version": "2.0", "method": "GET", "path": "/x?b=%%2B&a=1?&flag", "requestContext": {"serviceArn": "arn"}, %s}`, `"queryStringParameters": {"a": "1", "b": "other"}`, "b=%2B&a=1?&flag"},
		{"lattice-path-alone", `{"version": "2.0", "method": "GET", "path": "/x?a=1", "requestContext": {"serviceArn": "arn"}, %s}`, `"queryStringParameters": null`, "a=1"},
		{"lattice-path-without", `{"version": "2.0", "method": "GET", "path": "/x?", "requestContext": {"serviceArn": "arn"}, %s}`, `"queryStringParameters": {"a": "1"}`, "a=1"},
		{"null-value", restEvent, `"queryStringParameters": {"a": null, "b": "1"}`, "b=1"},
		{"none", albEvent, `"queryStringParameters": null`, ""},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			got := request(t, fmt.Appendf(nil, test.event, test.members)).URL.RawQuery
			if got != test.want {
				t.Errorf("query = %q, want %q", got, test.want)
			}
		})
	}
}

// A load balancer's query is as the client has encoded it, byte for byte.
func TestEncodedQuery(t *testing.T) {
	for c := range 256 {
		if c < ' ' || c == '"' || c == '\\' || c >= 0x80 {
			continue // not a byte of its own in the event
		}
		value := string(rune(c)) + "x"
		want := value
		if strings.ContainsAny(value, " #%&;<>\x7f") {
			want = fmt.Sprintf("%%%02Xx", c)
		}
		got := request(t, fmt.Appendf(nil, albEvent, `"queryStringParameters": {"q": "`+value+`"}`)).URL.RawQuery
		if got != "q="+want {
			t.Errorf("%q becomes %q, want q=%s", value, got, want)
		}
	}
	for c := range 256 {
		for _, escape := range []string{fmt.Sprintf("%%%02x", c), fmt.Sprintf("%%%02X", c)} {
			got := request(t, fmt.Appendf(nil, albEvent, `"queryStringParameters": {"q": "`+escape+`"}`)).URL.RawQuery
			if got != "q="+escape {
				t.Errorf("%q becomes %q, want it as it is", escape, got)
			}
		}
	}
	for value, want := range map[string]string{`\"`: "%22", `\\`: `\`, `\u0000`: "%00", `\u001f`: "%1F", "é": "%C3%A9", "%": "%25", "%4": "%254", "%g0": "%25g0", "%0g": "%250g", "%:0": "%25:0", "%0/": "%250/", "%@a": "%25@a", "%a`": "%25a`"} {
		got := request(t, fmt.Appendf(nil, albEvent, `"queryStringParameters": {"q": "`+value+`"}`)).URL.RawQuery
		if got != "q="+want {
			t.Errorf("%s becomes %q, want q=%s", value, got, want)
		}
	}
}

func TestRequestHeaders(t *testing.T) {
	tests := []struct {
		name, event, members string
		want                 map[string][]string
	}{
		{"case-folded-in-order", restEvent, `"headers": {"x-a": "2", "X-A": "1", "X-a": "3"}`, map[string][]string{"X-A": {"1", "3", "2"}}},
		{"multi-wins", restEvent, `"headers": {"a": "2", "b": "3"}, "multiValueHeaders": {"A": ["1", "2"]}`, map[string][]string{"A": {"1", "2"}, "B": {"3"}}},
		{"multi-empty", restEvent, `"headers": {"cookie": "a=1"}, "multiValueHeaders": {}`, map[string][]string{"Cookie": {"a=1"}}},
		{"multi-empty-list", restEvent, `"headers": {"cookie": "a=1", "b": "2"}, "multiValueHeaders": {"cookie": [], "b": null}`, map[string][]string{"Cookie": {"a=1"}, "B": {"2"}}},
		{"no-maps", restEvent, `"headers": null, "multiValueHeaders": null`, map[string][]string{}},
		{"cookie-spellings", restEvent, `"multiValueHeaders": {"cookie": ["b=2"], "Cookie": ["a=1"]}`, map[string][]string{"Cookie": {"a=1; b=2"}}},
		{"cookie-spellings-other-order", restEvent, `"multiValueHeaders": {"Cookie": ["a=1"], "cookie": ["b=2"]}`, map[string][]string{"Cookie": {"a=1; b=2"}}},
		{"cookie-lines", restEvent, `"multiValueHeaders": {"cookie": ["a=1; a=2", "b=3"]}`, map[string][]string{"Cookie": {"a=1; a=2; b=3"}}},
		{"cookie-array-wins", httpEvent, `"cookies": ["a=1", "b=2"], "headers": {"Cookie": "c=3"}`, map[string][]string{"Cookie": {"a=1; b=2"}}},
		{"cookie-array-empty", httpEvent, `"cookies": [], "headers": {"cookie": "c=3"}`, map[string][]string{"Cookie": {"c=3"}}},
		{"cookie-array-of-nothing", httpEvent, `"cookies": [""], "headers": {"cookie": "c=3"}`, map[string][]string{"Cookie": {"c=3"}}},
		{"cookie-commas", httpEvent, `"cookies": ["cart=1,2,3", "b=\"x,y\"", "c=1;d=2"]`, map[string][]string{"Cookie": {`cart=1,2,3; b="x,y"; c=1;d=2`}}},
		{"cookie-empty", restEvent, `"headers": {"cookie": ""}`, map[string][]string{}},
		{"cookie-latin1", restEvent, "\"headers\": {\"cookie\": \"a=\xe9\xc3\xa9\\u00e9\"}", map[string][]string{"Cookie": {"a=\u00e9\u00e9\u00e9"}}},
		{"cookie-latin1-and-replacement", restEvent, "\"headers\": {\"cookie\": \"a=\xe9\ufffd\"}", map[string][]string{"Cookie": {"a=\u00e9\ufffd"}}},
		{"escapes", restEvent, `"headers": {"a": "\"\\\/\t\ud83d\ude00\u0041"}`, map[string][]string{"A": {"\"\\/\t😀A"}}},
		{"escaped-name", restEvent, `"h\u0065aders": {"\u0061": "1"}`, map[string][]string{"A": {"1"}}},
		{"repeated-member", restEvent, `"headers": {"a": "1"}, "headers": {"b": "2"}, "httpMethod": null, "path": null`, map[string][]string{"B": {"2"}}},
		{"repeated-array", httpEvent, `"cookies": ["a=1"], "cookies": ["b=2"], "cookies": null`, map[string][]string{"Cookie": {"b=2"}}},
		{"transfer-encoding", restEvent, `"headers": {"transfer-encoding": "chunked", "a": "1"}`, map[string][]string{"A": {"1"}}},
		{"forged-context", restEvent, `"headers": {"x-GoLambdaProxy-ApiGw-Context": "{}", "a": "1"}`, map[string][]string{"A": {"1"}}},
		{"lattice-arrays-and-strings", latticeEvent, `"headers": {"a": ["1", "2"], "cookie": ["a=1", "b=2"], "b": "3"}`,
			map[string][]string{"A": {"1", "2"}, "Cookie": {"a=1; b=2"}, "B": {"3"}}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			got := request(t, fmt.Appendf(nil, test.event, test.members)).Header
			if !maps.EqualFunc(got, test.want, slices.Equal) {
				t.Errorf("headers = %q, want %q", got, test.want)
			}
		})
	}
}

func TestClient(t *testing.T) {
	const identity = `"requestContext": {"domainName": "api.example", "identity": {"sourceIp": "2001:db8::1"}}`
	tests := []struct {
		name, event, members, host, addr string
		https                            bool
	}{
		{"rest-identity", restEvent, identity + `, "headers": {"Host": "app.example"}`, "app.example", "[2001:db8::1]:0", true},
		{"rest-no-host", restEvent, identity, "api.example", "[2001:db8::1]:0", true},
		{"rest-x-forwarded-for-is-not-asked", restEvent, identity + `, "headers": {"X-Forwarded-For": "203.0.113.9"}`, "api.example", "[2001:db8::1]:0", true},
		{"rest-local-http", restEvent, `"headers": {"X-Forwarded-Proto": "http", "Host": "127.0.0.1:3000"}`, "127.0.0.1:3000", ":0", false},
		{"rest-odd-proto", restEvent, `"headers": {"X-Forwarded-Proto": "gopher"}`, "", ":0", true},
		{"alb-last-entry", albEvent, `"headers": {"host": "lb", "x-forwarded-for": "203.0.113.9, 198.51.100.7", "x-forwarded-proto": "https"}`, "lb", "198.51.100.7:0", true},
		{"alb-last-line", albEvent, `"multiValueHeaders": {"x-forwarded-for": ["203.0.113.9", "192.0.2.1,198.51.100.7"]}`, "", "198.51.100.7:0", false},
		{"alb-client-port", albEvent, `"headers": {"x-forwarded-for": "198.51.100.7:4711"}`, "", "198.51.100.7:4711", false},
		{"alb-ipv6-client-port", albEvent, `"headers": {"x-forwarded-for": "[2001:db8::1]:4711"}`, "", "[2001:db8::1]:4711", false},
		{"alb-ipv6-brackets", albEvent, `"headers": {"x-forwarded-for": "[2001:db8::1]"}`, "", "[2001:db8::1]:0", false},
		{"lattice-unknown", latticeEvent, `"headers": {}`, "", ":0", false},
		{"lattice-port", latticeEvent, `"headers": {"x-forwarded-port": "443"}`, "", ":0", true},
		{"lattice-other-port", latticeEvent, `"headers": {"x-forwarded-port": "80"}`, "", ":0", false},
		{"lattice-proto", latticeEvent, `"headers": {"x-forwarded-port": "443", "x-forwarded-proto": "http"}`, "", ":0", false},
		{"alb-port-is-not-asked", albEvent, `"headers": {"x-forwarded-port": "443"}`, "", ":0", false},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			r := request(t, fmt.Appendf(nil, test.event, test.members))
			if r.Host != test.host || r.RemoteAddr != test.addr || (r.TLS != nil) != test.https {
				t.Errorf("host %q, address %q, TLS %v; want %q, %q, %v", r.Host, r.RemoteAddr, r.TLS, test.host, test.addr, test.https)
			}
			if r.TLS != nil && !r.TLS.HandshakeComplete {
				t.Error("the handshake of r.TLS is not complete")
			}
		})
	}
}

func TestBody(t *testing.T) {
	tests := []struct{ name, members, want string }{
		{"none", `"body": null`, ""},
		{"empty", `"body": ""`, ""},
		{"text", `"body": "username=Zo\u00eb", "isBase64Encoded": false`, "username=Zoë"},
		{"base64", `"body": "AP9hPTE=", "isBase64Encoded": true`, "\x00\xffa=1"},
		{"base64-null", `"body": null, "isBase64Encoded": true`, ""},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			r := request(t, fmt.Appendf(nil, restEvent, test.members))
			got, err := io.ReadAll(r.Body)
			if err != nil {
				t.Fatal(err)
			}
			if string(got) != test.want || r.ContentLength != int64(len(test.want)) {
				t.Errorf("body = %q of length %d, want %q", got, r.ContentLength, test.want)
			}
		})
	}
}

// The files of a multipart form would otherwise fill /tmp, which stays from
// request to request.
func TestMultipartFilesAreRemoved(t *testing.T) {
	t.Setenv("TMPDIR", t.TempDir())
	body := "--b\r\nContent-Disposition: form-data; name=\"f\"; filename=\"f\"\r\n\r\n" + strings.Repeat("x", 1<<10) + "\r\n--b--\r\n"
	event := fmt.Sprintf(restEvent, fmt.Sprintf(`"headers": {"Content-Type": "multipart/form-data; boundary=b"}, "body": %q`, body))
	var form *http.Request
	_, err := invoke(t, []byte(event), func(_ http.ResponseWriter, r *http.Request) {
		if err := r.ParseMultipartForm(1); err != nil {
			t.Error(err)
		}
		form = r
	})
	if err != nil {
		t.Fatal(err)
	}
	if f, err := form.MultipartForm.File["f"][0].Open(); err == nil {
		_ = f.Close()
		t.Error("the uploaded file is still there")
	}
}

// http.CrossOriginProtection compares Origin with r.Host.
func TestCrossOriginProtection(t *testing.T) {
	handler := http.NewCrossOriginProtection().Handler(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	tests := []struct {
		name, headers string
		want          int
	}{
		{"same-origin", `{"Origin": "https://app.example", "Host": "app.example"}`, 200},
		{"cross-origin", `{"Origin": "https://evil.example", "Host": "app.example"}`, 403},
		{"cross-site", `{"Sec-Fetch-Site": "cross-site", "Host": "app.example"}`, 403},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			r := request(t, fmt.Appendf(nil, `{"httpMethod": "POST", "path": "/", "headers": %s}`, test.headers))
			w := httptest.NewRecorder()
			handler.ServeHTTP(w, r)
			if w.Code != test.want {
				t.Errorf("status = %d, want %d", w.Code, test.want)
			}
		})
	}
}
