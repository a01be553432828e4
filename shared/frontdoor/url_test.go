package frontdoor_test

import (
	"bufio"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/crumb-go/crumb/shared/frontdoor"
)

func TestPath(t *testing.T) {
	rest := func(path string) string {
		return fmt.Sprintf(`{"httpMethod": "GET", "path": %q}`, path)
	}
	http1 := func(path, decoded string) string {
		return fmt.Sprintf(`{"version": "1.0", "httpMethod": "GET", "path": %q, "requestContext": {"path": %q}}`, path, decoded)
	}
	v2 := func(domain, raw, decoded string) string {
		return fmt.Sprintf(`{"version": "2.0", "rawPath": %q, "requestContext": {"domainName": %q, "http": {"method": "GET", "path": %q}}}`, raw, domain, decoded)
	}
	lattice := func(path string) string {
		return fmt.Sprintf(`{"version": "2.0", "method": "GET", "path": %q, "requestContext": {"serviceArn": "arn"}}`, path)
	}
	const api, furl, own = "a.execute-api.eu-west-1.amazonaws.com", "u.lambda-url.eu-west-1.on.aws", "app.example"
	tests := []struct{ name, event, path, escaped string }{
		{"rest-plain", rest("/x"), "/x", "/x"},
		{"rest-slash", rest("/a%2Fb"), "/a/b", "/a%2Fb"},
		{"rest-space", rest("/a%20b"), "/a b", "/a%20b"},
		{"rest-utf8", rest("/caf%C3%A9"), "/café", "/caf%C3%A9"},
		{"rest-bad-escape", rest("/100%"), "/100%", "/100%25"},
		{"rest-no-slash", rest("x"), "/x", "/x"},
		{"rest-double-slash", rest("//evil.example/x"), "//evil.example/x", "//evil.example/x"},
		{"http1-encoded", http1("/a%2Fb%20c", "/a/b c"), "/a/b c", "/a%2Fb%20c"},
		{"http1-percent", http1("/a%2541", "/a%41"), "/a%41", "/a%2541"},
		{"http1-no-context", `{"version": "1.0", "httpMethod": "GET", "path": "/a%20b"}`, "/a b", "/a%20b"},
		{"http1-octet", http1("/%ff", "/ÿ"), "/\xff", "/%ff"},
		{"http1-bad-escape", http1("/100%/%20", "/100%/ "), "/100%/%20", "/100%25/%2520"},
		{"http1-decoded-by-an-emulator", http1("/100%#b?c", "/100%#b?c"), "/100%#b?c", "/100%25%23b%3Fc"},
		{"http1-not-decoded-twice", http1("/a%41", "/a%41"), "/a%41", "/a%2541"},
		{"http-decoded", v2(api, "/a b", "/a b"), "/a b", "/a%20b"},
		{"http-not-decoded-twice", v2(api, "/a%41", "/a%41"), "/a%41", "/a%2541"},
		{"http-question-mark", v2(api, "/a?b", "/a?b"), "/a?b", "/a%3Fb"},
		{"http-mapping", v2(own, "/a%41", "/v1/a%41"), "/a%41", "/a%2541"},
		{"http-empty", v2(api, "", ""), "/", "/"},
		{"http-encoded-emulator", v2(own, "/a%2Fb", "/a/b"), "/a/b", "/a%2Fb"},
		{"url-encoded", v2(furl, "/capture/space%20value", "/capture/space value"), "/capture/space value", "/capture/space%20value"},
		{"url-percent", v2(furl, "/100%25", "/100%"), "/100%", "/100%25"},
		{"url-same-in-both", v2(furl, "/a%41", "/a%41"), "/aA", "/a%41"},
		{"alb-encoded", `{"requestContext": {"elb": {}}, "httpMethod": "GET", "path": "/a%2Fb"}`, "/a/b", "/a%2Fb"},
		{"lattice-encoded", lattice("/a%2Fb"), "/a/b", "/a%2Fb"},
		{"lattice-query", lattice("/a%2Fb?c=/d"), "/a/b", "/a%2Fb"},
		{"lattice-query-alone", lattice("?c=d"), "/", "/"},
		{"lattice-question-mark", lattice("/a%3Fb?c"), "/a?b", "/a%3Fb"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			u := request(t, []byte(test.event)).URL
			if u.Path != test.path || u.EscapedPath() != test.escaped {
				t.Errorf("path = %q, escaped %q; want %q, %q", u.Path, u.EscapedPath(), test.path, test.escaped)
			}
		})
	}
}

// The URL is the one that net/http's server makes of the same request line.
func TestURLLikeNetHTTP(t *testing.T) {
	var want *http.Request
	server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { want = r }))
	defer server.Close()
	doors := map[frontdoor.Door]string{
		frontdoor.REST: `{"httpMethod": "GET", "path": %q, "queryStringParameters": {"q": "1"}, "headers": {"Host": "a.example"}}`,
		frontdoor.URL: `{"version": "2.0", "rawPath": %q, "rawQueryString": "q=1", "headers": {"host": "a.example"},
			"requestContext": {"domainName": "u.lambda-url.eu-west-1.on.aws", "http": {"method": "GET"}}}`,
		frontdoor.ALB: `{"requestContext": {"elb": {}}, "httpMethod": "GET", "path": %q, "queryStringParameters": {"q": "1"},
			"headers": {"host": "a.example", "x-forwarded-proto": "https"}}`,
	}
	for _, path := range []string{"/", "/x/", "/a%2Fb", "/a%20b", "/a+b", "/caf%C3%A9", "/a%3Fb", "/%2525", "/a;b=1", "//b.example/x", "/http://b.example", "/x/../y"} {
		conn, err := net.Dial("tcp", server.Listener.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		fmt.Fprintf(conn, "GET %s?q=1 HTTP/1.1\r\nHost: a.example\r\n\r\n", path)
		if _, err := http.ReadResponse(bufio.NewReader(conn), nil); err != nil {
			t.Fatal(err)
		}
		conn.Close()
		for door, event := range doors {
			r := request(t, fmt.Appendf(nil, event, path))
			if *r.URL != *want.URL || r.RequestURI != want.RequestURI || r.Host != want.Host {
				t.Errorf("%s: %#v for %q at %q, want %#v for %q at %q", door, *r.URL, r.RequestURI, r.Host, *want.URL, want.RequestURI, want.Host)
			}
		}
	}
}

func TestPrefixLocations(t *testing.T) {
	tests := []struct{ name, location, want string }{
		{"path", "/login?next=%2F", "/prod/login?next=%2F"},
		{"root", "/", "/prod/"},
		{"same-name", "/prod/x", "/prod/prod/x"},
		{"relative", "login", "login"},
		{"up", "../login", "../login"},
		{"query", "?a=1", "?a=1"},
		{"host", "//other.example/x", "//other.example/x"},
		{"absolute", "https://other.example/x", "https://other.example/x"},
		{"none", "", ""},
	}
	events := map[string]struct{ event, prefix string }{
		"rest":   {`{"httpMethod": "GET", "path": "/x", "requestContext": {"stage": "prod", "path": "/prod/x"}}`, "/prod"},
		"http":   {`{"version": "2.0", "rawPath": "/prod/x", "requestContext": {"stage": "prod", "http": {"method": "GET", "path": "/prod/x"}}}`, "/prod"},
		"domain": {`{"version": "2.0", "rawPath": "/prod/x", "requestContext": {"domainName": "a.example", "stage": "prod", "http": {"method": "GET", "path": "/prod/x"}}}`, ""},
		"api":    {`{"httpMethod": "GET", "path": "/x", "requestContext": {"domainName": "a.execute-api.eu-west-1.amazonaws.com", "stage": "prod", "path": "/prod/x"}}`, "/prod"},
		"local":  {`{"httpMethod": "GET", "path": "/x", "requestContext": {"domainName": "127.0.0.1:3000", "stage": "prod", "path": "/prod/x"}}`, ""},
		"alb":    {fmt.Sprintf(albEvent, `"body": ""`), ""},
	}
	for _, test := range tests {
		for name, e := range events {
			t.Run(test.name+"-"+name, func(t *testing.T) {
				h := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
					if test.location != "" {
						w.Header().Set("Location", test.location)
					}
					w.WriteHeader(http.StatusFound)
				})
				want := test.want
				if e.prefix == "" {
					want = test.location
				}
				got, _ := loggedEvent(t, []byte(e.event), frontdoor.PrefixLocations(h).ServeHTTP)
				if got := got.header.Get("Location"); got != want {
					t.Errorf("Location %q, want %q", got, want)
				}
				got, _ = loggedEvent(t, []byte(e.event), h)
				if got := got.header.Get("Location"); got != test.location {
					t.Errorf("without PrefixLocations %q, want %q", got, test.location)
				}
			})
		}
	}
	w := httptest.NewRecorder() // without a door
	frontdoor.PrefixLocations(http.RedirectHandler("/login", http.StatusFound)).ServeHTTP(w, httptest.NewRequest("GET", "/", nil))
	if got := w.Header().Get("Location"); got != "/login" {
		t.Errorf("Location %q, want /login", got)
	}
}

// An HTTP API puts a named stage before the path, and it is taken off again, at
// the end of a segment only.
func TestStage(t *testing.T) {
	const api, own, local = "a.execute-api.eu-west-1.amazonaws.com", "app.example", "127.0.0.1:3000"
	http2 := func(domain, stage, raw, full string) string {
		return fmt.Sprintf(`{"version": "2.0", "rawPath": %q, "rawQueryString": "q=1", "requestContext": {"domainName": %q, "stage": %q, "http": {"method": "GET", "path": %q}}}`, raw, domain, stage, full)
	}
	v1 := func(version, domain, stage, path, full string) string {
		return fmt.Sprintf(`{%s"httpMethod": "GET", "path": %q, "queryStringParameters": {"q": "1"}, "requestContext": {"domainName": %q, "stage": %q, "path": %q}}`, version, path, domain, stage, full)
	}
	const v10, rest = `"version": "1.0", `, ""
	tests := []struct{ name, event, uri, path, prefix string }{
		{"named", http2(api, "dev", "/dev/hdr", "/dev/hdr"), "/hdr?q=1", "/hdr", "/dev"},
		{"root", http2(api, "dev", "/dev/", "/dev/"), "/?q=1", "/", "/dev"},
		{"root-no-slash", http2(api, "dev", "/dev", "/dev"), "/?q=1", "/", "/dev"},
		{"twice", http2(api, "dev", "/dev/dev/x", "/dev/dev/x"), "/dev/x?q=1", "/dev/x", "/dev"},
		{"decoded", http2(api, "dev", "/dev/a b%41", "/dev/a b%41"), "/a%20b%2541?q=1", "/a b%41", "/dev"},
		{"encoded-emulator", http2(local, "dev", "/dev/a%2Fb", "/dev/a/b"), "/a%2Fb?q=1", "/a/b", "/dev"},
		{"segment", http2(api, "prod", "/products", "/products"), "/products?q=1", "/products", ""},
		{"not-first", http2(api, "dev", "/a/dev/x", "/a/dev/x"), "/a/dev/x?q=1", "/a/dev/x", ""},
		{"other-case", http2(api, "dev", "/Dev/x", "/Dev/x"), "/Dev/x?q=1", "/Dev/x", ""},
		{"default", http2(api, "$default", "/$default/x", "/$default/x"), "/$default/x?q=1", "/$default/x", ""},
		{"no-stage", http2(api, "", "/x", "/x"), "/x?q=1", "/x", ""},
		{"no-stage-root", http2(api, "", "/", "/"), "/?q=1", "/", ""},
		{"own-domain", http2(own, "dev", "/dev/x", "/dev/x"), "/x?q=1", "/x", ""},
		{"own-domain-without-it", http2(own, "dev", "/x", "/x"), "/x?q=1", "/x", ""},
		{"no-domain", http2("", "dev", "/dev/x", "/dev/x"), "/x?q=1", "/x", "/dev"},
		{"local", http2(local, "dev", "/dev/x", "/dev/x"), "/x?q=1", "/x", "/dev"},
		{"payload-1", v1(v10, api, "dev", "/dev/x", "/dev/x"), "/x?q=1", "/x", "/dev"},
		{"payload-1-root", v1(v10, api, "dev", "/dev", "/dev"), "/?q=1", "/", "/dev"},
		{"payload-1-segment", v1(v10, api, "prod", "/products", "/products"), "/products?q=1", "/products", ""},
		{"payload-1-encoded", v1(v10, api, "dev", "/dev/a%20b%2541", "/dev/a b%41"), "/a%20b%2541?q=1", "/a b%41", "/dev"},
		{"payload-1-emulator", v1(v10, local, "dev", "/dev/a b%41", "/dev/a b%41"), "/a%20b%2541?q=1", "/a b%41", "/dev"},
		{"payload-1-mapping", v1(v10, own, "dev", "/a%20b", "/v1/a b"), "/a%20b?q=1", "/a b", "/v1"},
		{"payload-1-own-domain", v1(v10, own, "dev", "/dev/x", "/dev/x"), "/x?q=1", "/x", ""},
		{"rest", v1(rest, api, "dev", "/x", "/dev/x"), "/x?q=1", "/x", "/dev"},
		{"rest-same-name", v1(rest, api, "dev", "/dev/x", "/dev/dev/x"), "/dev/x?q=1", "/dev/x", "/dev"},
		{"rest-encoded", v1(rest, api, "dev", "/a%20b", "/dev/a%20b"), "/a%20b?q=1", "/a b", "/dev"},
		{"rest-slashes", v1(rest, api, "dev", "/x", "/dev//x"), "/x?q=1", "/x", "/dev"},
		{"rest-own-domain", v1(rest, own, "dev", "/dev/x", "/dev/x"), "/dev/x?q=1", "/dev/x", ""},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			r := request(t, []byte(test.event))
			e, _ := frontdoor.EventFrom(r.Context())
			if r.RequestURI != test.uri || r.URL.RequestURI() != test.uri || r.URL.Path != test.path || e.Prefix != test.prefix {
				t.Errorf("URL %q, RequestURI %q, path %q behind %q; want %q, %q behind %q",
					r.URL, r.RequestURI, r.URL.Path, e.Prefix, test.uri, test.path, test.prefix)
			}
		})
	}
}
