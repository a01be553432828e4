package gateway_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/crumb-go/crumb/internal/app"
	"github.com/crumb-go/crumb/internal/gateway"
	"github.com/crumb-go/crumb/shared/frontdoor"
)

// TestGatewayResponses holds that a template's gateway responses take the place of a REST
// API's own ("Gateway response types for API Gateway").
func TestGatewayResponses(t *testing.T) {
	cors := app.GatewayResponse{Headers: []app.GatewayHeader{{Name: "Access-Control-Allow-Origin", From: "origin"}, {Name: "X-Static", Value: "a"}, {Name: "X-Absent", From: "absent"}}}
	for _, row := range []struct {
		name      string
		responses map[string]app.GatewayResponse
		door      frontdoor.Door
		path      string
		broken    bool // the function returns no response
		status    int
		body      string
		headers   map[string]string
	}{
		{name: "none", path: "/x", status: 403, body: `{"message":"Missing Authentication Token"}`, headers: map[string]string{"Content-Type": "application/json", "X-Amzn-Errortype": "MissingAuthenticationTokenException"}},
		{name: "status", responses: map[string]app.GatewayResponse{"MISSING_AUTHENTICATION_TOKEN": {Status: 404}}, path: "/x",
			status: 404, body: `{"message":"Missing Authentication Token"}`, headers: map[string]string{"Content-Type": "application/json"}},
		{name: "default", responses: map[string]app.GatewayResponse{"DEFAULT_4XX": cors, "DEFAULT_5XX": {Status: 599}}, path: "/x",
			status: 403, body: `{"message":"Missing Authentication Token"}`, headers: map[string]string{"Access-Control-Allow-Origin": "https://a.example", "X-Static": "a"}},
		{name: "fallback", responses: map[string]app.GatewayResponse{"DEFAULT_5XX": {ContentType: "text/plain", Body: "$context.error.responseType"}}, path: "/a", broken: true,
			status: 502, body: "DEFAULT_5XX", headers: map[string]string{"Content-Type": "text/plain"}},
		{name: "from-host", responses: map[string]app.GatewayResponse{"DEFAULT_4XX": {Headers: []app.GatewayHeader{{Name: "X-Host", From: "host"}, {Name: "X-None", From: "x-none"}, {Name: "X-Empty"}}}}, path: "/x",
			status: 403, body: `{"message":"Missing Authentication Token"}`, headers: map[string]string{"X-Host": "localhost:3000", "X-None": ""}},
		{name: "its-own-type", responses: map[string]app.GatewayResponse{"DEFAULT_4XX": cors, "MISSING_AUTHENTICATION_TOKEN": {}}, path: "/x",
			status: 403, body: `{"message":"Missing Authentication Token"}`, headers: map[string]string{"X-Static": ""}},
		{name: "body", responses: map[string]app.GatewayResponse{"DEFAULT_4XX": {ContentType: "text/plain", Body: "$context.error.responseType: $context.error.message ($context.error.messageString)"}}, path: "/x",
			status: 403, body: `MISSING_AUTHENTICATION_TOKEN: Missing Authentication Token ("Missing Authentication Token")`, headers: map[string]string{"Content-Type": "text/plain"}},
		{name: "content-type", responses: map[string]app.GatewayResponse{"DEFAULT_4XX": {ContentType: "application/json", Body: "{}", Headers: []app.GatewayHeader{{Name: "content-type", Value: "application/problem+json"}}}}, path: "/x",
			status: 403, body: `{}`, headers: map[string]string{"Content-Type": "application/problem+json"}},
		{name: "function", responses: map[string]app.GatewayResponse{"DEFAULT_5XX": cors, "INTEGRATION_FAILURE": {Status: 555}}, path: "/a", broken: true,
			status: 502, body: `{"message": "Internal server error"}`, headers: map[string]string{"X-Static": "a"}},
		{name: "works", responses: map[string]app.GatewayResponse{"DEFAULT_4XX": cors, "DEFAULT_5XX": cors}, path: "/a",
			status: 404, body: "its own", headers: map[string]string{"X-Static": ""}},
		{name: "too-long", responses: map[string]app.GatewayResponse{"DEFAULT_4XX": cors}, path: "/" + strings.Repeat("a", 10_240),
			status: 414, body: "HTTP line is larger than 10240 bytes.", headers: map[string]string{"X-Static": ""}},
		{name: "another-door", responses: map[string]app.GatewayResponse{"DEFAULT_4XX": cors}, door: frontdoor.HTTP, path: "/x",
			status: 404, body: `{"message":"Not Found"}`, headers: map[string]string{"X-Static": ""}},
	} {
		t.Run(row.name, func(t *testing.T) {
			api := &app.API{ID: "Api", Kind: app.REST, Stage: "prod", Responses: row.responses, Routes: []app.Route{{Method: "GET", Path: "/a", Function: &app.Function{ID: "F"}}}}
			function := returning(`{"statusCode": 404, "body": "its own"}`)
			if row.broken {
				function = returning(`[]`)
			}
			r := localRequest("GET", row.path, "")
			r.Header.Set("Origin", "https://a.example")
			res, _ := serve(t, api, function, gateway.Options{Door: row.door}, r)
			if body := bodyOf(t, res); res.StatusCode != row.status || body != row.body {
				t.Errorf("%d %s, want %d %s", res.StatusCode, body, row.status, row.body)
			}
			if got, ok := res.Header["X-Absent"]; ok {
				t.Errorf("a header that the request does not have is sent: %q", got)
			}
			for name, want := range row.headers {
				if got := res.Header.Get(name); got != want {
					t.Errorf("%s: %q, want %q", name, got, want)
				}
			}
		})
	}
}

// TestGatewayResponseOfGuard holds that a guard's own response can be changed, and that the
// function is not asked whatever its status is.
func TestGatewayResponseOfGuard(t *testing.T) {
	for _, row := range []struct {
		kind, sent string // the type of gateway response, and the token
		body       string
	}{
		{"UNAUTHORIZED", "", "Unauthorized, of "},
		{"ACCESS_DENIED", "denied", "User is not authorized to access this resource with an explicit deny in an identity-based policy, of me: \"no\""},
	} {
		api := guarded("token")
		api.Responses = map[string]app.GatewayResponse{row.kind: {Status: 200, ContentType: "text/html", Body: "$context.error.message, of $context.authorizer.principalId$context.authorizer.why", Headers: []app.GatewayHeader{{Name: "WWW-Authenticate", Value: `Bearer realm="a"`}}}}
		invoker := respondWith(policyOf("Deny", "*", `,"context":{"why":": \"no\""}`))
		r := localRequest("GET", "/a", "")
		if row.sent != "" {
			r.Header.Set("Authorization", row.sent)
		}
		res, _ := serve(t, api, invoker, gateway.Options{}, r)
		if body := bodyOf(t, res); invoker.got != nil || res.StatusCode != 200 || body != row.body || !strings.Contains(fmt.Sprint(res.Header), `WWW-Authenticate:[Bearer realm="a"]`) {
			t.Errorf("%s: %d %s %v, want 200 %s", row.kind, res.StatusCode, body, res.Header, row.body)
		}
	}
}
