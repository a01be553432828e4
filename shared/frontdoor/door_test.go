package frontdoor_test

import (
	"errors"
	"flag"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/crumb-go/crumb/shared/frontdoor"
	"github.com/crumb-go/crumb/shared/frontdoor/frontdoortest"
)

// A door's event, as complete as the door sends it, gives the handler the
// request that the client has made, whichever door it is.
func TestDoors(t *testing.T) {
	hosts := map[frontdoor.Door]string{
		frontdoor.REST:     "a1b2c3d4e5.execute-api.eu-west-1.amazonaws.com",
		frontdoor.HTTP:     "a1b2c3d4e5.execute-api.eu-west-1.amazonaws.com",
		frontdoor.HTTP1:    "a1b2c3d4e5.execute-api.eu-west-1.amazonaws.com",
		frontdoor.URL:      "abcdefghijklmnop.lambda-url.eu-west-1.on.aws",
		frontdoor.ALB:      "demo-123456789.eu-west-1.elb.amazonaws.com",
		frontdoor.ALBMulti: "demo-123456789.eu-west-1.elb.amazonaws.com",
		frontdoor.Lattice:  "crumb-0123456789abcdef.7d67968.vpc-lattice-svcs.eu-west-1.on.aws",
	}
	for door, event := range doorEvents(t) {
		t.Run(string(door), func(t *testing.T) {
			r := request(t, slices.Concat([]byte(" \n\t\r"), event)) // JSON may begin with white space
			got := []string{r.Method, r.URL.String(), r.RequestURI, r.Host, r.RemoteAddr}
			want := []string{"GET", "/getcookie", "/getcookie", hosts[door], "198.51.100.7:0"}
			if !slices.Equal(got, want) {
				t.Errorf("request = %q, want %q", got, want)
			}
			if r.TLS == nil {
				t.Error("r.TLS is nil, want it to tell of https")
			}
			if r.Proto != "HTTP/1.1" || r.ProtoMajor != 1 || r.ProtoMinor != 1 {
				t.Errorf("protocol %s, %d.%d; want HTTP/1.1", r.Proto, r.ProtoMajor, r.ProtoMinor)
			}
			headers := map[string][]string{
				"Cookie":    {"theme=dark; username=Ana; cart=1,2,3; sid=3f9a0c5d7b"},
				"Sec-Ch-Ua": {`"Not;A=Brand";v="99", "Chromium";v="156"`},
				"Accept":    {"text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"},
				"Host":      nil,
			}
			for name, values := range headers {
				if got := r.Header[name]; !slices.Equal(got, values) {
					t.Errorf("header %s = %q, want %q", name, got, values)
				}
			}
			if e, _ := frontdoor.EventFrom(r.Context()); e.Door != door {
				t.Errorf("door = %q, want %q", e.Door, door)
			}
		})
	}
}

// TestEvents responds to an event of each door with two cookies. The responses were
// written by hand, from the documentation of the doors.
func TestEvents(t *testing.T) {
	frontdoortest.Run(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		w.Header().Add("Vary", "Cookie")
		w.Header().Add("Vary", "Origin")
		http.SetCookie(w, &http.Cookie{Name: "username", Value: "Cobby", Path: "/", MaxAge: 60, Secure: true, HttpOnly: true})
		http.SetCookie(w, &http.Cookie{Name: "sid", Path: "/", MaxAge: -1})
		_, _ = w.Write([]byte("<p>" + r.Header.Get("Cookie") + "</p>\n"))
	}), "testdata/events")
}

// A load balancer's response goes into the member that its event used.
func TestLoadBalancerMode(t *testing.T) {
	tests := []struct {
		name, maps string
		want       frontdoor.Door
	}{
		{"headers", `"headers": {"a": "1"}`, frontdoor.ALB},
		{"headers-and-null", `"headers": {"a": "1"}, "multiValueHeaders": null`, frontdoor.ALB},
		{"headers-and-empty", `"headers": {"a": "1"}, "multiValueHeaders": { }`, frontdoor.ALB},
		{"empty-headers", `"headers": {}`, frontdoor.ALB},
		{"none", `"body": ""`, frontdoor.ALB},
		{"multi", `"multiValueHeaders": {"a": ["1"]}`, frontdoor.ALBMulti},
		{"multi-and-null", `"headers": null, "multiValueHeaders": {"a": ["1"]}`, frontdoor.ALBMulti},
		{"multi-and-headers", `"headers": {"a": "1"}, "multiValueHeaders": {"a": ["1"]}`, frontdoor.ALBMulti},
		{"both-empty", `"headers": {}, "multiValueHeaders": {}`, frontdoor.ALBMulti},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			r := request(t, fmt.Appendf(nil, albEvent, test.maps))
			if e, _ := frontdoor.EventFrom(r.Context()); e.Door != test.want {
				t.Errorf("door = %q, want %q", e.Door, test.want)
			}
		})
	}
}

var captures = flag.String("captures", "", "folder of events captured from live doors, from here or from the repository's root")

// TestCaptures decodes events that real doors have sent. They belong to others,
// so they are not part of this repository. Those that e2e/live has recorded are
// named after their door, x.rest.json.
func TestCaptures(t *testing.T) {
	if *captures == "" {
		t.Skip("no -captures DIR given")
	}
	doors := map[string]frontdoor.Door{
		"alb-request.json":              frontdoor.ALBMulti,
		"apigwv1-request.json":          frontdoor.REST,
		"apigwv2-request.json":          frontdoor.HTTP,
		"functionurl-request.json":      frontdoor.URL,
		"functionurl-cookies-2023.json": frontdoor.URL,
	}
	files, err := filepath.Glob(filepath.Join(fromRoot(*captures), "*.json"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no events in %s: %v", *captures, err)
	}
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			event, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			r := request(t, event)
			e, _ := frontdoor.EventFrom(r.Context())
			want, known := doors[filepath.Base(file)]
			name := strings.Split(filepath.Base(file), ".")
			if !known {
				want = frontdoor.Door(name[len(name)-2])
			}
			if e.Door != want {
				t.Errorf("door = %q, want %q", e.Door, want)
			}
			if !known && name[0] != "capture" {
				return // an odd request, with another path
			}
			path, query, cookies := "/capture/space value", "https://example.com/a/b", 2
			if strings.Contains(file, "2023") {
				path, query = "/hello", ""
			}
			if r.URL.Path != path || r.URL.Query().Get("redirect") != query || len(r.Cookies()) != cookies || r.Host == "" {
				t.Errorf("path %q, redirect %q, %d cookies, host %q; want %q, %q, %d and a host",
					r.URL.Path, r.URL.Query().Get("redirect"), len(r.Cookies()), r.Host, path, query, cookies)
			}
		})
	}
}

func TestRefused(t *testing.T) {
	members := func(n int) string { return `{"m": 1` + strings.Repeat(`, "m": "secret"`, n-1) + `}` }
	listed := strings.TrimSpace(strings.Repeat(`"m" `, 20))
	tests := []struct{ name, event, want string }{
		{"empty", `{}`, "refused: it is not an HTTP request of a known door; its members are []"},
		{"nothing", ``, "refused: it is not JSON"},
		{"truncated", `{"httpMethod":"GET"`, "refused: it is not JSON"},
		{"array", ` [{"httpMethod":"GET","path":"/"}]`, "refused: it is not a JSON object"},
		{"null", `null`, "refused: it is not a JSON object"},
		{"s3", `{"Records":[{"eventSource":"aws:s3","s3":{"object":{"key":"secret"}}}]}`, `its members are ["Records"]`},
		{"sqs-odd-records", `{"Records":["secret", null, {}]}`, `its members are ["Records"]`},
		{"eventbridge", `{"version":"0","detail-type":"secret","detail":{}}`, `its members are ["version" "detail-type" "detail"]`},
		{"websocket", `{"headers":{"Cookie":"sid=secret"},"requestContext":{"connectionId":"c","eventType":"CONNECT"},"isBase64Encoded":false}`,
			`WebSocket API events are not supported; its members are ["headers" "requestContext" "isBase64Encoded"]`},
		{"edge", `{"Records":[{"cf":{"request":{"headers":{"cookie":[{"value":"sid=secret"}]}}}}]}`, `Lambda@Edge events are not supported; its members are ["Records"]`},
		{"lattice-v1", `{"raw_path":"/x","method":"GET","headers":{"cookie":"sid=secret"},"body":""}`, `"raw_path"`},
		{"version-2-alone", `{"version":"2.0","rawPath":"/x","headers":{"cookie":"sid=secret"}}`, `"rawPath"`},
		{"version-3-url", `{"version":"3.0","rawPath":"/x","requestContext":{"domainName":"a.lambda-url.x.on.aws","http":{"method":"GET","path":"/x"}}}`, `"rawPath"`},
		{"version-3-http", `{"version":"3.0","rawPath":"/x","requestContext":{"http":{"method":"GET","path":"/x"}}}`, `"rawPath"`},
		{"version-3-lattice", `{"version":"3.0","path":"/x","method":"GET","requestContext":{"serviceArn":"a"}}`, `"method"`},
		{"url-without-http", `{"version":"2.0","rawPath":"/x","method":"GET","requestContext":{"domainName":"a.lambda-url.x.on.aws"}}`, `"rawPath"`},
		{"version-3", `{"version":"3.0","httpMethod":"GET","path":"/"}`, `"httpMethod"`},
		{"no-path", `{"httpMethod":"GET"}`, `"httpMethod"`},
		{"no-path-1.0", `{"version":"1.0","httpMethod":"GET"}`, `"httpMethod"`},
		{"no-method-1.0", `{"version":"1.0","path":"/"}`, `"path"`},
		{"no-method", `{"path":"/"}`, `"path"`},
		{"authorizer", `{"type":"TOKEN","authorizationToken":"secret","methodArn":"a"}`, `"authorizationToken"`},
		{"authorizer-1.0", `{"type":"REQUEST","methodArn":"a","httpMethod":"GET","path":"/","headers":{"cookie":"sid=secret"}}`, "Lambda authorizer events are not supported"},
		{"authorizer-2.0", `{"version":"2.0","type":"REQUEST","routeArn":"a","rawPath":"/","requestContext":{"http":{"method":"GET","path":"/"}}}`, "Lambda authorizer events are not supported"},
		{"null-markers", `{"version":"2.0","requestContext":{"elb":null,"http":null,"serviceArn":null,"connectionId":null}}`, `it is not an HTTP request of a known door; its members are ["version" "requestContext"]`},
		{"null-arns", `{"methodArn":null,"routeArn":null}`, `it is not an HTTP request of a known door; its members are ["methodArn" "routeArn"]`},
		{"no-http-method", `{"version":"2.0","rawPath":"/","requestContext":{"http":{}}}`, "it has no method"},
		{"no-alb-method", `{"path":"/","requestContext":{"elb":{}}}`, "it has no method"},
		{"many-members", members(20), "its members are [" + listed + "]"},
		{"too-many-members", members(21), "its members are [" + listed + " ...]"},
		{"long-member", `{"` + strings.Repeat("x", 100) + `":1}`, `["` + strings.Repeat("x", 40) + `"]`},
		{"bad-base64", `{"httpMethod":"POST","path":"/","body":"secret!","isBase64Encoded":true}`, "its body is not the base64 that it claims to be"},
		{"number-as-path", `{"httpMethod":"GET","path":7}`, `its member "path" has an unexpected JSON type`},
		{"string-as-headers", `{"httpMethod":"GET","path":"/","headers":"secret"}`, `its member "headers" has an unexpected`},
		{"number-as-header", `{"httpMethod":"GET","path":"/","headers":{"cookie":7}}`, `its member "cookie" has an unexpected`},
		{"long-name", `{"httpMethod":"GET","path":"/","headers":{"` + strings.Repeat("x", 100) + `":7}}`, `its member "` + strings.Repeat("x", 40) + `" has an unexpected`},
		{"numbers-as-header", `{"httpMethod":"GET","path":"/","multiValueHeaders":{"cookie":[7]}}`, `its member "cookie" has an unexpected`},
		{"object-as-query", `{"httpMethod":"GET","path":"/","queryStringParameters":{"q":{}}}`, `its member "q" has an unexpected`},
		{"string-as-cookies", `{"version":"2.0","cookies":"sid=secret","requestContext":{"http":{"method":"GET","path":"/"}}}`, `its member "cookies" has an unexpected`},
		{"string-as-context", `{"httpMethod":"GET","path":"/","requestContext":"secret"}`, `its member "requestContext" has an unexpected`},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			_, err := invoke(t, []byte(test.event), func(http.ResponseWriter, *http.Request) { t.Error("the handler was called") })
			if !errors.Is(err, frontdoor.ErrRefused) {
				t.Fatalf("error = %v, want ErrRefused", err)
			}
			text := err.Error()
			if !strings.HasPrefix(text, "frontdoor: event refused: ") || !strings.Contains(text, test.want) {
				t.Errorf("error = %q, want %q in it", text, test.want)
			}
			if strings.Contains(text, "secret") {
				t.Errorf("error = %q has a value of the event in it", text)
			}
		})
	}
}

// request returns the request that an event gives a handler.
func request(t *testing.T, event []byte) *http.Request {
	t.Helper()
	var request *http.Request
	if _, err := invoke(t, event, func(_ http.ResponseWriter, r *http.Request) { request = r }); err != nil {
		t.Fatal(err)
	}
	return request
}
