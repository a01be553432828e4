package gateway_test

import (
	"crypto/tls"
	"encoding/json"
	"flag"
	"io"
	"maps"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/crumb-go/crumb/internal/app"
	"github.com/crumb-go/crumb/internal/gateway"
	"github.com/crumb-go/crumb/internal/spelling"
	"github.com/crumb-go/crumb/shared/frontdoor"
)

var capturesDir = flag.String("captures", "", "folder with events captured behind the live doors")

// loggersOwn are members that the typed logger of the captures adds, or
// writes as "" where the wire has null ("Input format of a Lambda function for
// proxy integration" has the wire's form).
const (
	loggersNull  = "the logger writes a member that the wire leaves out"
	loggersEmpty = `the logger writes "" for null`
	signed       = "the client signed its request for AWS_IAM"
)

// A difference is a member on whose presence or type capture and event differ.
type difference struct{ member, reason string }

var captures = []struct {
	file        string
	door        frontdoor.Door
	stage, path string // of the route
	body        string
	differences []difference
}{
	{file: "apigwv1-request.json", door: frontdoor.REST, stage: "live", path: "/{proxy+}", differences: []difference{
		{"requestContext.authorizer", loggersNull},
		{"requestContext.operationName", loggersNull},
		{"requestContext.deploymentId", "the logger's type does not have it; localstack recorded it in 2024"},
		{"requestContext.identity.accessKey", loggersEmpty},
		{"requestContext.identity.accountId", loggersEmpty},
		{"requestContext.identity.apiKey", loggersNull},
		{"requestContext.identity.apiKeyId", loggersNull},
		{"requestContext.identity.caller", loggersEmpty},
		{"requestContext.identity.clientCert", loggersNull},
		{"requestContext.identity.cognitoAuthenticationProvider", loggersEmpty},
		{"requestContext.identity.cognitoAuthenticationType", loggersEmpty},
		{"requestContext.identity.cognitoIdentityId", loggersEmpty},
		{"requestContext.identity.cognitoIdentityPoolId", loggersEmpty},
		{"requestContext.identity.principalOrgId", loggersEmpty},
		{"requestContext.identity.user", loggersEmpty},
		{"requestContext.identity.userArn", loggersEmpty},
	}},
	{file: "apigwv2-request.json", door: frontdoor.HTTP, stage: "$default", path: "$default", differences: []difference{
		{"pathParameters", loggersNull},
		{"stageVariables", loggersNull},
		{"requestContext.authentication", loggersNull},
		{"requestContext.authorizer", loggersNull},
	}},
	{file: "functionurl-request.json", door: frontdoor.URL, stage: "$default", path: "$default", differences: []difference{
		{"pathParameters", loggersNull},
		{"stageVariables", loggersNull},
		{"requestContext.authentication", loggersNull},
		{"requestContext.authorizer", loggersNull},
	}},
	{file: "functionurl-cookies-2023.json", door: frontdoor.URL, stage: "$default", path: "$default", differences: []difference{
		{"requestContext.authorizer", signed},
	}},
	{file: "alb-request.json", door: frontdoor.ALBMulti, path: "$default", differences: []difference{
		{"headers", loggersNull},
		{"queryStringParameters", loggersNull},
	}},
	// What e2e/live records, from doors with its template's routes.
	{file: "capture.rest.json", door: frontdoor.REST, stage: "live", path: recorded},
	{file: "capture.http.json", door: frontdoor.HTTP, stage: "$default", path: recorded},
	{file: "capture.http1.json", door: frontdoor.HTTP1, stage: "$default", path: recorded},
	{file: "capture.url.json", door: frontdoor.URL, stage: "$default", path: "$default"},
	{file: "capture.alb.json", door: frontdoor.ALB, path: "$default"},
	{file: "capture.alb-multi.json", door: frontdoor.ALBMulti, path: "$default"},
}

const recorded = "/capture/{proxy+}"

// TestEventsAreAsCaptured sends the request that each capture is of and
// compares names, nesting and JSON types, so that the writer of events and
// their reader in shared/frontdoor cannot be wrong together.
func TestEventsAreAsCaptured(t *testing.T) {
	if *capturesDir == "" {
		t.Skip("no -captures DIR: the captures are other people's and not part of this repository")
	}
	found := 0
	for _, c := range captures {
		if _, err := os.Stat(filepath.Join(*capturesDir, c.file)); os.IsNotExist(err) {
			continue
		}
		found++
		t.Run(strings.TrimSuffix(c.file, ".json"), func(t *testing.T) {
			text, err := os.ReadFile(filepath.Join(*capturesDir, c.file))
			if err != nil {
				t.Fatal(err)
			}
			var capture map[string]any
			if err := json.Unmarshal(text, &capture); err != nil {
				t.Fatal(err)
			}
			api := &app.API{ID: "Api", Stage: c.stage, Routes: []app.Route{{Method: "ANY", Path: c.path}}}
			payload, err := gateway.Event(c.door, capturedRequest(t, capture), api)
			if err != nil {
				t.Fatal(err)
			}
			var event map[string]any
			if err := json.Unmarshal(payload, &event); err != nil {
				t.Fatalf("event is not JSON: %v\n%s", err, payload)
			}
			want, got := shape(capture), shape(event)
			for _, d := range c.differences {
				if want[d.member] == got[d.member] {
					t.Errorf("%s is listed as different (%s), but is not", d.member, d.reason)
				}
				for _, members := range []map[string]string{want, got} {
					maps.DeleteFunc(members, func(m, _ string) bool { return m == d.member || strings.HasPrefix(m, d.member+".") })
				}
			}
			for _, m := range slices.Sorted(maps.Keys(want)) {
				if got[m] != want[m] {
					t.Errorf("%s: event has %s, capture %s", m, orNothing(got[m]), want[m])
				}
				delete(got, m)
			}
			for _, m := range slices.Sorted(maps.Keys(got)) {
				t.Errorf("%s: event has %s, capture nothing", m, got[m])
			}
			for _, member := range sameValues {
				if w, g := lookup(capture, member), lookup(event, member); w != nil && !jsonEqual(t, w, g) {
					t.Errorf("%s = %v, capture %v", member, g, w)
				}
			}
		})
	}
	if found == 0 {
		t.Errorf("%s has none of the captures", *capturesDir)
	}
}

// sameValues are members that depend on the request alone.
var sameValues = []string{
	"path", "rawPath", "rawQueryString", "httpMethod", "resource", "body", "isBase64Encoded", "cookies", "pathParameters.proxy",
	"queryStringParameters", "multiValueQueryStringParameters", "routeKey",
	"requestContext.path", "requestContext.http.path", "requestContext.stage", "requestContext.resourcePath",
	"headers.cookie", "headers.x-voker-probe", "headers.header2", "headers.content-length", "headers.X-Forwarded-For", "headers.host",
	"multiValueHeaders.cookie", "multiValueHeaders.x-voker-probe", "multiValueHeaders.x-forwarded-port", "multiValueHeaders.X-Forwarded-Proto",
}

// capturedRequest is the HTTP request behind a captured event.
func capturedRequest(t *testing.T, capture map[string]any) *http.Request {
	t.Helper()
	text := func(members ...string) string {
		for _, m := range members {
			if s, ok := lookup(capture, m).(string); ok {
				return s
			}
		}
		return ""
	}
	target := strings.ReplaceAll(text("path", "rawPath"), " ", "%20") // of doors that decode it
	target += "?" + text("rawQueryString")
	if text("rawQueryString") == "" {
		target += "repeat=one&repeat=two&redirect=https%3A%2F%2Fexample.com%2Fa%2Fb&literalPlus=a+b&encodedPlus=a%2Bb&empty="
	}
	r := localRequest(text("httpMethod", "requestContext.http.method"), target, text("body"))
	head := "GET / HTTP/1.1\r\n"
	for name, value := range eachHeader(capture) {
		head += name + ":\r\n"
		switch strings.ToLower(name) {
		case "host":
			r.Host = value
		case "x-forwarded-for":
			r.RemoteAddr = value + ":54321"
		case "x-forwarded-proto":
			if value == "https" {
				r.TLS = &tls.ConnectionState{}
			}
		case "x-forwarded-port", "x-amzn-trace-id", "x-amzn-tls-version", "x-amzn-tls-cipher-suite":
		default:
			r.Header.Add(name, value)
		}
	}
	if cookies, ok := capture["cookies"].([]any); ok && r.Header.Get("Cookie") == "" {
		for _, c := range cookies {
			r.Header.Set("Cookie", strings.TrimPrefix(r.Header.Get("Cookie")+"; "+c.(string), "; "))
		}
	}
	return spelledAs(t, r, head+"\r\n")
}

// A textConn is a connection from which a text is read.
type textConn struct {
	net.Conn
	text io.Reader
}

func (c textConn) Read(p []byte) (int, error) { return c.text.Read(p) }
func (c textConn) CloseWrite() error          { return nil }
func (c textConn) Accept() (net.Conn, error)  { return c, nil }
func (c textConn) Addr() net.Addr             { return nil }

// spelledAs is r from a connection with a head.
func spelledAs(t *testing.T, r *http.Request, head string) *http.Request {
	t.Helper()
	var s http.Server
	c, err := spelling.Keep(&s, textConn{text: strings.NewReader(head)}).Accept()
	if err != nil {
		t.Fatal(err)
	}
	s.ConnState(c, http.StateNew)
	if _, err := io.ReadAll(c); err != nil {
		t.Fatal(err)
	}
	s.ConnState(c, http.StateActive)
	return r.WithContext(s.ConnContext(r.Context(), c))
}

func eachHeader(capture map[string]any) func(yield func(name, value string) bool) {
	return func(yield func(name, value string) bool) {
		if multi, ok := capture["multiValueHeaders"].(map[string]any); ok {
			for name, values := range multi {
				for _, v := range values.([]any) {
					yield(name, v.(string))
				}
			}
			return
		}
		for name, value := range capture["headers"].(map[string]any) {
			for v := range strings.SplitSeq(value.(string), ",") {
				yield(name, v)
			}
		}
	}
}

// shape lists the members of a JSON value and their types.
func shape(v any) map[string]string {
	members := make(map[string]string)
	addShape(members, "", v)
	return members
}

func addShape(members map[string]string, at string, v any) {
	kind := "null"
	switch v := v.(type) {
	case map[string]any:
		kind = "an object"
		for name, value := range v {
			addShape(members, strings.TrimPrefix(at+"."+name, "."), value)
		}
	case []any:
		kind = "an array"
		for i, value := range v {
			addShape(members, at+"."+strconv.Itoa(i), value)
		}
	case string:
		kind = "a string"
	case float64:
		kind = "a number"
	case bool:
		kind = "a boolean"
	}
	if at != "" {
		members[at] = kind
	}
}

func orNothing(kind string) string {
	if kind == "" {
		return "nothing"
	}
	return kind
}

// lookup finds a member by a path with dots; nil if it is not there.
func lookup(v any, path string) any {
	for name := range strings.SplitSeq(path, ".") {
		object, ok := v.(map[string]any)
		if !ok {
			return nil
		}
		v = object[name]
	}
	return v
}

func jsonEqual(t *testing.T, a, b any) bool {
	t.Helper()
	x, err := json.Marshal(a)
	if err != nil {
		t.Fatal(err)
	}
	y, err := json.Marshal(b)
	if err != nil {
		t.Fatal(err)
	}
	return string(x) == string(y)
}
