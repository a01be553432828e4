package gateway_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
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

// guarded is an API whose route is guarded by a Lambda authorizer: token, request (REST
// APIs), http1, http2 or simple (HTTP APIs).
func guarded(kind string) *app.API {
	a := &app.Authorizer{Name: "Own", Line: 12, Kind: app.Lambda, Function: &app.Function{ID: "Auth", Timeout: 3 * time.Second},
		Sources: []app.IdentitySource{{In: app.FromHeader, Name: "Authorization"}}}
	api := oneRoute(app.HTTP, "2.0")
	switch kind {
	case "token", "request":
		api = oneRoute(app.REST, "1.0")
		a.Token = kind == "token"
	case "http1":
		a.Payload = "1.0"
	default:
		a.Payload, a.Simple = "2.0", kind == "simple"
	}
	api.Routes[0].Guard = app.Guard{Authorizer: "Own", ClosedAt: "template.yaml:12", Auth: app.Lambda, Declared: a}
	return api
}

// authorizerOf returns the authorizer of a guarded API.
func authorizerOf(api *app.API) *app.Authorizer { return api.Routes[0].Declared }

// An authorized is a stand-in for both functions of a guarded API.
type authorized struct {
	respond func(event map[string]any) (string, error) // the authorizer
	calls   int                                        // of it
	asked   map[string]any                             // its last event
	got     map[string]any                             // the function's last event
}

func (a *authorized) Invoke(_ context.Context, function string, in lambda.Invocation) (*lambda.Response, error) {
	var event map[string]any
	if err := json.Unmarshal(in.Payload, &event); err != nil {
		return nil, err
	}
	if function != "Auth" {
		a.got = event
		return jsonResponse(`{"statusCode":200,"body":"ok"}`), nil
	}
	a.calls++
	a.asked = event
	text, err := a.respond(event)
	if err != nil {
		return nil, err
	}
	return jsonResponse(text), nil
}

func respondWith(text string) *authorized {
	return &authorized{respond: func(map[string]any) (string, error) { return text, nil }}
}

// policyOf is an authorizer's response with a policy of one statement.
func policyOf(effect, resource, more string) string {
	return fmt.Sprintf(`{"principalId":"me","policyDocument":{"Version":"2012-10-17","Statement":[{"Action":"execute-api:Invoke","Effect":%q,"Resource":%q}]}%s}`, effect, resource, more)
}

// TestAuthorizers has the sources of AUTHORIZERS' rows: R recorded on AWS, D its
// documentation, U reported by users, G guessed.
func TestAuthorizers(t *testing.T) {
	const (
		unauthorized = `401 {"message":"Unauthorized"}`
		notAllowed   = `403 {"Message":"User is not authorized to access this resource"}`
		denied       = `403 {"Message":"User is not authorized to access this resource with an explicit deny in an identity-based policy"}`
		restFailed   = `500 {"message":null}`
		forbidden    = `403 {"message":"Forbidden"}`
		httpFailed   = `500 {"message":"Internal Server Error"}`
		ok           = "200 ok"
	)
	allow := policyOf("Allow", "*", "")
	failed := func(message string) error { return &lambda.FunctionError{Type: "errorString", Message: message} }
	timeout := &lambda.FunctionError{Type: "Sandbox.Timedout", Timeout: true}
	rows := []struct {
		name, source string
		kind         string
		response     string
		err          error
		want         string // status and body
		errorType    string // x-amzn-ErrorType
		log          string
	}{
		{"token-allow", "D Output", "token", allow, nil, ok, "", ""},
		{"token-deny", "U public code, ten places", "token", policyOf("Deny", "*", ""), nil, denied, "AccessDeniedException", "Auth denies arn:aws:execute-api:us-east-1:123456789012:"},
		{"token-implicit", "U dev.to, marcogrcr", "token", policyOf("Allow", "x", ""), nil, notAllowed, "AccessDeniedException", "no statement matches"},
		{"token-unauthorized", "D Use", "token", "", failed("Unauthorized"), unauthorized, "UnauthorizedException", "returned the error Unauthorized"},
		{"token-unauthorized-and-more", "U auth0-samples/jwt-rsa-aws-custom-authorizer#6", "token", "", failed("Unauthorized: secret"), restFailed, "AuthorizerConfigurationException", "Auth failed: errorString"},
		{"token-error", "U Stack Overflow 47921803", "token", "", failed("secret"), restFailed, "AuthorizerConfigurationException", "Auth failed: errorString"},
		{"token-timeout", "U dev.to, marcogrcr", "token", "", timeout, restFailed, "AuthorizerConfigurationException", "Auth failed: Sandbox.Timedout"},
		{"token-null", "U serverless/examples#305", "token", "null", nil, restFailed, "AuthorizerConfigurationException", "malformed response"},
		{"token-status-code", "U serverless/examples#305", "token", `{"statusCode":401}`, nil, restFailed, "AuthorizerConfigurationException", "principalId"},
		{"token-no-policy", "U ExpanseLLC/lambda_authorizer#1", "token", `{"principalId":"me"}`, nil, restFailed, "AuthorizerConfigurationException", "policyDocument"},
		{"token-no-principal", "D Output", "token", `{"policyDocument":{"Statement":[]}}`, nil, restFailed, "AuthorizerConfigurationException", "principalId"},
		{"token-object-in-context", "D Output; U dherault/serverless-offline#1376", "token", policyOf("Allow", "*", `,"context":{"a":{"b":1}}`), nil, restFailed, "AuthorizerConfigurationException", "context.a is an object or an array"},
		{"token-list-in-context", "D Output", "token", policyOf("Allow", "*", `,"context":{"a":[1]}`), nil, restFailed, "AuthorizerConfigurationException", "context.a"},
		{"token-is-authorized", "D HTTP APIs only", "token", `{"isAuthorized":true}`, nil, restFailed, "AuthorizerConfigurationException", "principalId"},
		{"token-local", "what crumb cannot run", "token", "", errors.New("no toolchain"), restFailed, "AuthorizerConfigurationException", "Auth: no toolchain"},
		{"request-allow", "D Output", "request", allow, nil, ok, "", ""},
		{"request-deny", "U public code, ten places", "request", policyOf("Deny", "*", ""), nil, denied, "AccessDeniedException", "Deny"},

		{"http1-allow", "D HL", "http1", allow, nil, ok, "", ""},
		{"http1-deny", "R aws-lambda-dotnet, status", "http1", policyOf("Deny", "*", ""), nil, forbidden, "", "Deny"},
		{"http1-is-authorized", "D HL: payload 2.0 only", "http1", `{"isAuthorized":true}`, nil, httpFailed, "", "principalId"},
		{"http2-allow", "D HL", "http2", allow, nil, ok, "", ""},
		{"http2-implicit", "R aws-lambda-dotnet, status", "http2", policyOf("Allow", "x", ""), nil, forbidden, "", "no statement matches"},
		{"http2-is-authorized", "D HL: with enableSimpleResponses only", "http2", `{"isAuthorized":true}`, nil, httpFailed, "", "principalId"},
		{"http2-object-in-context", "D HL: the sample has a map", "http2", policyOf("Allow", "*", `,"context":{"a":{"b":1}}`), nil, ok, "", ""},
		{"simple-true", "D HL", "simple", `{"isAuthorized":true}`, nil, ok, "", ""},
		{"simple-false", "R aws-lambda-dotnet, SimpleHttpApiAuthorizerTests, status", "simple", `{"isAuthorized":false}`, nil, forbidden, "", "isAuthorized is false"},
		{"simple-text", "D HL", "simple", `{"isAuthorized":"true"}`, nil, httpFailed, "", "isAuthorized is not"},
		{"simple-policy", "D XA: a Boolean value", "simple", allow, nil, httpFailed, "", "isAuthorized is not"},
		{"simple-status-code", "D HL", "simple", `{"statusCode":200}`, nil, httpFailed, "", "isAuthorized is not"},
		{"simple-unauthorized", "D HL: an error is 500; 401 is not shown anywhere", "simple", "", failed("Unauthorized"), httpFailed, "", "Auth failed"},
		{"simple-timeout", "D HL", "simple", "", timeout, httpFailed, "", "Sandbox.Timedout"},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			f := &authorized{respond: func(map[string]any) (string, error) { return row.response, row.err }}
			res, log := serve(t, guarded(row.kind), f, gateway.Options{}, with("GET", "/x", "", "Authorization", "hunter2")())
			if got := fmt.Sprintf("%d %s", res.StatusCode, bodyOf(t, res)); got != row.want || res.Header.Get("X-Amzn-Errortype") != row.errorType {
				t.Errorf("%s %q, want %s %q (%s)", got, res.Header.Get("X-Amzn-Errortype"), row.want, row.errorType, row.source)
			}
			if f.calls != 1 || (f.got != nil) != (row.want == ok) {
				t.Errorf("the authorizer was called %d times, the function: %t", f.calls, f.got != nil)
			}
			if !strings.Contains(log, row.log) || (log == "") != (row.log == "") || strings.Contains(log, "hunter2") || strings.Contains(log, "secret") {
				t.Errorf("log %q, want it to say %q", log, row.log)
			}
			if row.log != "" && (strings.Count(log, "\n") != 1 || !strings.Contains(log, "Own (template.yaml:12)")) {
				t.Errorf("log %q is not one line that names the authorizer", log)
			}
		})
	}
}

// A request that lacks an identity source is rejected without a call: R
// aws/serverless-application-model, test_authorizers_max, for a REST API; D for an HTTP API.
func TestIdentitySources(t *testing.T) {
	header := func(name string) app.IdentitySource { return app.IdentitySource{In: app.FromHeader, Name: name} }
	query := app.IdentitySource{In: app.FromQuery, Name: "key"}
	stage := app.IdentitySource{In: app.FromStageVariable, Name: "color"}
	of := func(name string) app.IdentitySource { return app.IdentitySource{In: app.FromContext, Name: name} }
	rows := []struct {
		name, kind string
		sources    []app.IdentitySource
		request    func() *http.Request
		want       string // the sources, joined by a comma; "401" and what is missing
	}{
		{"header", "request", []app.IdentitySource{header("X-Key")}, with("GET", "/x", "", "x-key", "k"), "k"},
		{"header-missing", "request", []app.IdentitySource{header("X-Key")}, with("GET", "/x", ""), "401 the header X-Key"},
		{"header-empty", "token", []app.IdentitySource{header("X-Key")}, with("GET", "/x", "", "X-Key", ""), "401 the header X-Key"},
		{"host", "request", []app.IdentitySource{header("Host")}, with("GET", "/x", ""), "localhost:3000"},
		{"cookie-lines", "http2", []app.IdentitySource{header("cookie")}, with("GET", "/x", "", "Cookie", "a=1", "Cookie", "b=2"), "a=1; b=2"},
		{"header-lines", "http2", []app.IdentitySource{header("X-Key")}, with("GET", "/x", "", "X-Key", "1", "X-Key", "2"), "1,2"},
		{"query", "http2", []app.IdentitySource{query}, with("GET", "/x?key=a%20b", ""), "a b"},
		{"query-twice", "http2", []app.IdentitySource{query}, with("GET", "/x?key=a&key=b", ""), "a,b"},
		{"query-case", "http2", []app.IdentitySource{query}, with("GET", "/x?Key=a", ""), "401 the query parameter key"},
		{"query-empty", "request", []app.IdentitySource{query}, with("GET", "/x?key=", ""), "401 the query parameter key"},
		{"stage", "request", []app.IdentitySource{stage}, with("GET", "/x", ""), "blue"},
		{"stage-missing", "request", []app.IdentitySource{{In: app.FromStageVariable, Name: "x"}}, with("GET", "/x", ""), "401 the stage variable x"},
		{"context", "request", []app.IdentitySource{of("identity.sourceIp"), of("httpMethod")}, with("PUT", "/x", ""), "127.0.0.1,PUT"},
		{"context-route", "http2", []app.IdentitySource{of("routeKey"), of("stage")}, with("PUT", "/x", ""), "$default,$default"},
		{"context-missing", "http2", []app.IdentitySource{of("identity.user")}, with("GET", "/x", ""), "401 $context.identity.user"},
		{"context-of-a-text", "http2", []app.IdentitySource{of("stage.name")}, with("GET", "/x", ""), "401 $context.stage.name"},
		{"one-of-two-missing", "http1", []app.IdentitySource{query, header("X-Key")}, with("GET", "/x?key=a", ""), "401 the header X-Key"},
		{"none", "request", nil, with("GET", "/x", ""), ""},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			api := guarded(row.kind)
			api.StageVariables = map[string]string{"color": "blue"}
			authorizerOf(api).Sources = row.sources
			f := respondWith(policyOf("Allow", "*", ""))
			r := row.request()
			r.RemoteAddr = "127.0.0.1:50000"
			res, log := serve(t, api, f, gateway.Options{}, r)
			if missing, ok := strings.CutPrefix(row.want, "401 "); ok {
				if got := bodyOf(t, res); res.StatusCode != 401 || got != `{"message":"Unauthorized"}` || f.calls != 0 || !strings.Contains(log, missing) {
					t.Errorf("status %d, body %s, %d calls, log %q", res.StatusCode, got, f.calls, log)
				}
				return
			}
			if res.StatusCode != 200 || f.calls != 1 {
				t.Errorf("status %d, %d calls, log %q", res.StatusCode, f.calls, log)
			}
			if row.kind == "http2" {
				var texts []string
				for _, s := range f.asked["identitySource"].([]any) {
					texts = append(texts, s.(string))
				}
				compare(t, "identitySource", strings.Join(texts, ","), row.want)
			}
		})
	}
}

// A ValidationExpression is tried before the call (D "Configure an API Gateway Lambda
// authorizer"), on all of the token (G).
func TestValidationExpression(t *testing.T) {
	for token, status := range map[string]int{"Bearer abc": 200, "Bearer": 401, "x Bearer abc": 401, "Bearer abc x": 401} {
		api := guarded("token")
		authorizerOf(api).Validation = "Bearer [a-z]+"
		f := respondWith(policyOf("Allow", "*", ""))
		res, log := serve(t, api, f, gateway.Options{}, with("GET", "/x", "", "Authorization", token)())
		if res.StatusCode != status || (f.calls == 1) != (status == 200) {
			t.Errorf("%q: status %d, %d calls, log %q", token, res.StatusCode, f.calls, log)
		}
	}
}

// TestAuthorizerContexts: U DefinitelyTyped#69823 for a REST API, D "Control access to
// HTTP APIs with AWS Lambda authorizers" for the others; the integration's version
// decides (G).
func TestAuthorizerContexts(t *testing.T) {
	const context = `,"context":{"text":"a","number":1.50,"flag":true,"nothing":null}`
	const more = `,"context":{"n":1,"list":[1,"b"],"map":{"a":null}}`
	rows := []struct{ name, kind, payload, response, want string }{
		{"rest", "token", "1.0", policyOf("Allow", "*", context), `{"flag":"true","integrationLatency":0,"nothing":null,"number":"1.50","principalId":"me","text":"a"}`},
		{"rest-none", "request", "1.0", policyOf("Allow", "*", ""), `{"integrationLatency":0,"principalId":"me"}`},
		{"rest-own-names", "request", "1.0", policyOf("Allow", "*", `,"context":{"principalId":"you"}`), `{"integrationLatency":0,"principalId":"me"}`},
		{"http2-to-2.0", "http2", "2.0", policyOf("Allow", "*", more), `{"lambda":{"list":[1,"b"],"map":{"a":null},"n":1}}`},
		{"http1-to-2.0", "http1", "2.0", policyOf("Allow", "*", more), `{"lambda":{"list":[1,"b"],"map":{"a":null},"n":1}}`},
		{"http2-to-1.0", "http2", "1.0", policyOf("Allow", "*", more), `{"list":[1,"b"],"map":{"a":null},"n":1,"principalId":"me"}`},
		{"simple-to-2.0", "simple", "2.0", `{"isAuthorized":true,"context":{"a":"b"}}`, `{"lambda":{"a":"b"}}`},
		{"simple-to-1.0", "simple", "1.0", `{"isAuthorized":true,"context":{"a":"b"}}`, `{"a":"b"}`},
		{"simple-none", "simple", "2.0", `{"isAuthorized":true}`, `{"lambda":null}`},
		{"simple-null", "simple", "2.0", `{"isAuthorized":true,"context":null}`, `{"lambda":null}`},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) { // no time passes
				api := guarded(row.kind)
				api.Routes[0].Payload = row.payload
				f := respondWith(row.response)
				res, log := serve(t, api, f, gateway.Options{}, with("GET", "/x", "", "Authorization", "t")())
				if res.StatusCode != 200 {
					t.Fatalf("status %d, log %q", res.StatusCode, log)
				}
				compare(t, "authorizer", member(t, f.got, "requestContext.authorizer"), row.want)
				compare(t, "authorizer of its own event", member(t, f.asked, "requestContext.authorizer"), "absent")
			})
		})
	}
}

// Policies are not evaded by another spelling of a method or a path that leads to the same
// route (G: the choice that lets less through; nobody has recorded AWS's ARN of these).
func TestPoliciesOfOtherSpellings(t *testing.T) {
	const any = "arn:aws:execute-api:*:*:*/"
	statements := func(more string) string {
		return `{"principalId":"me","policyDocument":{"Statement":[` + more + `]}}`
	}
	deny := statements(`{"Action":"*","Effect":"Allow","Resource":"*"},{"Action":"*","Effect":"Deny","Resource":"` + any + `DELETE/admin/a b"}`)
	other := statements(`{"Action":"*","Effect":"Allow","NotResource":"` + any + `DELETE/admin/a b"}`)
	rows := []struct {
		name, kind, response, method, path string
		status                             int
	}{
		{"deny", "token", deny, "DELETE", "/admin/a%20b", 403},
		{"deny-encoded", "token", deny, "DELETE", "/%61dmin/a%20b", 403},
		{"deny-slash", "request", deny, "DELETE", "/admin/a%20b/", 403},
		{"deny-lower-case", "token", deny, "delete", "/admin/a%20b", 403},
		{"deny-http", "http1", deny, "DELETE", "/%61dmin/a%20b", 403},
		{"deny-another", "token", deny, "DELETE", "/admin/a%2520b", 200},
		{"deny-another-method", "token", deny, "GET", "/admin/a%20b", 200},
		{"not-resource-encoded", "token", other, "DELETE", "/%61dmin/a%20b", 403},
		{"not-resource-of-another", "http2", other, "DELETE", "/admin/b", 200},
		{"allow-as-sent", "token", policyOf("Allow", any+"GET/admin/a%20b", ""), "GET", "/admin/a%20b", 200},
		{"allow-spelled-otherwise", "token", policyOf("Allow", any+"GET/admin/a", ""), "GET", "/%61dmin/a", 403},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			api := guarded(row.kind)
			api.Routes[0].Method, api.Routes[0].Path = "ANY", "/admin/{name}"
			res, log := serve(t, api, respondWith(row.response), gateway.Options{}, with(row.method, row.path, "", "Authorization", "t")())
			if res.StatusCode != row.status {
				t.Errorf("status %d, want %d; log %s", res.StatusCode, row.status, log)
			}
		})
	}
}

// Behind another door of the same service the event has the context of that door's payload.
func TestAuthorizerContextOfDoor(t *testing.T) {
	for door, want := range map[frontdoor.Door]string{frontdoor.HTTP1: `{"a":"b","principalId":"me"}`, frontdoor.HTTP: `{"lambda":{"a":"b"}}`} {
		for _, payload := range []string{"1.0", "2.0"} {
			api := guarded("http2")
			api.Routes[0].Payload = payload
			f := respondWith(policyOf("Allow", "*", `,"context":{"a":"b"}`))
			serve(t, api, f, gateway.Options{Door: door}, with("GET", "/x", "", "Authorization", "t")())
			compare(t, string(door)+" for "+payload, member(t, f.got, "requestContext.authorizer"), want)
		}
	}
}
