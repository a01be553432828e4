package gateway_test

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/base32"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/crumb-go/crumb/internal/app"
	"github.com/crumb-go/crumb/internal/authorizer"
	"github.com/crumb-go/crumb/internal/gateway"
	"github.com/crumb-go/crumb/internal/gobuild"
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

// Responses are cached by identity sources for the whole stage, and by no more: D
// "Configure an API Gateway Lambda authorizer", "Control access to HTTP APIs".
func TestAuthorizerCache(t *testing.T) {
	type step struct {
		path, token string
		after       time.Duration
		status      int
		calls       int // so far
	}
	rows := []struct {
		name, kind string
		ttl        time.Duration
		response   string
		err        error
		steps      []step
	}{
		{"rest", "token", time.Minute, policyOf("Allow", "*", ""), nil, []step{
			{"/a", "t", 0, 200, 1}, {"/b", "t", 59 * time.Second, 200, 1}, {"/a", "u", 0, 200, 2}, {"/a", "t", time.Second, 200, 3}}},
		{"rest-matches-each-route", "token", time.Minute, policyOf("Allow", "arn:aws:execute-api:*:*:*/GET/a", ""), nil, []step{
			{"/a", "t", 0, 200, 1}, {"/b", "t", 0, 403, 1}, {"/a", "t", 0, 200, 1}}},
		{"rest-keeps-a-deny", "token", time.Minute, policyOf("Deny", "*", ""), nil, []step{{"/a", "t", 0, 403, 1}, {"/b", "t", 0, 403, 1}}},
		{"rest-no-errors", "token", time.Minute, "", &lambda.FunctionError{Message: "Unauthorized"}, []step{{"/a", "t", 0, 401, 1}, {"/a", "t", 0, 401, 2}}},
		{"rest-nothing-malformed", "token", time.Minute, "{}", nil, []step{{"/a", "t", 0, 500, 1}, {"/a", "t", 0, 500, 2}}},
		{"rest-off", "token", 0, policyOf("Allow", "*", ""), nil, []step{{"/a", "t", 0, 200, 1}, {"/a", "t", 0, 200, 2}}},
		{"simple", "simple", time.Minute, `{"isAuthorized":true}`, nil, []step{{"/a", "t", 0, 200, 1}, {"/b", "t", 0, 200, 1}}},
		{"simple-false", "simple", time.Minute, `{"isAuthorized":false}`, nil, []step{{"/a", "t", 0, 403, 1}, {"/b", "t", 0, 403, 1}}},
		{"http-off", "http2", 0, policyOf("Allow", "*", ""), nil, []step{{"/a", "t", 0, 200, 1}, {"/a", "t", 0, 200, 2}}},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				api := guarded(row.kind)
				authorizerOf(api).TTL = row.ttl
				f := &authorized{respond: func(map[string]any) (string, error) { return row.response, row.err }}
				var log strings.Builder
				h, err := gateway.New(api, f, gateway.Options{Log: slog.New(slog.NewTextHandler(&log, nil))})
				if err != nil {
					t.Fatal(err)
				}
				for i, s := range row.steps {
					time.Sleep(s.after)
					w := httptest.NewRecorder()
					h.ServeHTTP(w, with("GET", s.path, "", "Authorization", s.token)())
					if w.Code != s.status || f.calls != s.calls {
						t.Errorf("request %d: status %d, %d calls, want %d, %d; log %s", i, w.Code, f.calls, s.status, s.calls, &log)
					}
				}
				if cached := row.name == "rest-matches-each-route"; cached && !strings.Contains(log.String(), "GET/a is cached for 1m0s") {
					t.Errorf("the log does not say that the policy is of an earlier request:\n%s", &log)
				}
			})
		})
	}
}

// Two authorizers that want the same header share nothing.
func TestAuthorizersDoNotShare(t *testing.T) {
	api := guarded("token")
	other := *authorizerOf(api)
	other.Name = "Other"
	api.Routes = append(api.Routes, app.Route{Method: "GET", Path: "/other", Function: api.Routes[0].Function, Payload: "1.0",
		Guard: app.Guard{Authorizer: "Other", Auth: app.Lambda, Declared: &other}})
	authorizerOf(api).TTL, other.TTL = time.Hour, time.Hour
	f := respondWith(policyOf("Allow", "*", ""))
	h, err := gateway.New(api, f, gateway.Options{})
	if err != nil {
		t.Fatal(err)
	}
	for i, path := range []string{"/x", "/other"} {
		h.ServeHTTP(httptest.NewRecorder(), with("GET", path, "", "Authorization", "t")())
		if f.calls != i+1 {
			t.Errorf("%s: %d calls", path, f.calls)
		}
	}
}

// A REST API's authorizer has its function's time limit, an HTTP API's 10 seconds at most
// ("Quotas for configuring and running an HTTP API"), counted after the build.
func TestAuthorizerTimeLimit(t *testing.T) {
	for kind, want := range map[string]time.Duration{"token": time.Minute, "http2": 10 * time.Second} {
		synctest.Test(t, func(t *testing.T) {
			var built time.Time
			slow := invokeFunc(func(ctx context.Context, function string, in lambda.Invocation) (*lambda.Response, error) {
				time.Sleep(time.Hour)
				if in.Built != nil {
					in.Built()
				}
				built = time.Now()
				select {
				case <-ctx.Done():
					return nil, ctx.Err()
				case <-time.After(time.Minute):
					return nil, &lambda.FunctionError{Type: "Sandbox.Timedout", Timeout: true}
				}
			})
			res, log := serve(t, guarded(kind), slow, gateway.Options{}, with("GET", "/x", "", "Authorization", "t")())
			if waited := time.Since(built); res.StatusCode != 500 || waited != want {
				t.Errorf("%s: status %d after %v, want 500 after %v; log %q", kind, res.StatusCode, waited, want, log)
			}
		})
	}
}

// R the 1,600 bytes are AWS's ("Output from an API Gateway Lambda authorizer", D); the body
// is a guess.
func TestLongMethodARN(t *testing.T) {
	f := respondWith(policyOf("Allow", "*", ""))
	for n, status := range map[int]int{1400: 200, 1600: 414} {
		res, _ := serve(t, guarded("token"), f, gateway.Options{}, with("GET", "/"+strings.Repeat("x", n), "", "Authorization", "t")())
		if res.StatusCode != status {
			t.Errorf("%d: status %d, want %d", n, res.StatusCode, status)
		}
	}
	if res, _ := serve(t, guarded("http2"), f, gateway.Options{}, with("GET", "/"+strings.Repeat("x", 1600), "", "Authorization", "t")()); res.StatusCode != 200 {
		t.Errorf("HTTP API: status %d", res.StatusCode)
	}
}

// What does not compile is shown, and a client that leaves is nobody's failure.
func TestAuthorizerIsNotReady(t *testing.T) {
	broken := &authorized{respond: func(map[string]any) (string, error) {
		return "", &gobuild.Error{Function: "Auth", Output: "auth/main.go:3:1: undefined: x"}
	}}
	res, _ := serve(t, guarded("token"), broken, gateway.Options{}, with("GET", "/x", "", "Authorization", "t")())
	if body := bodyOf(t, res); res.StatusCode != 502 || !strings.Contains(body, "build of Auth failed") {
		t.Errorf("status %d, body %q", res.StatusCode, body)
	}
	ctx, leave := context.WithCancel(t.Context())
	gone := &authorized{respond: func(map[string]any) (string, error) {
		leave()
		return "", context.Canceled
	}}
	_, log := serve(t, guarded("token"), gone, gateway.Options{}, with("GET", "/x", "", "Authorization", "t")().WithContext(ctx))
	if !strings.Contains(log, `level=INFO msg="Auth: the client went away"`) {
		t.Errorf("log %q", log)
	}
}

// What cannot be run keeps its routes closed, with a reason.
func TestAuthorizerNotRun(t *testing.T) {
	for name, row := range map[string]struct {
		change  func(*app.API)
		options gateway.Options
		log     string
	}{
		"declared":        {func(api *app.API) { authorizerOf(api).NotRun = "it is elsewhere" }, gateway.Options{}, "closes the route: it is elsewhere"},
		"no-function":     {func(api *app.API) { authorizerOf(api).Function = nil }, gateway.Options{}, "its function is not in the template"},
		"python":          {func(api *app.API) { authorizerOf(api).Function.NotRun = "its runtime is python3.13" }, gateway.Options{}, "Auth is not run here: its runtime is python3.13"},
		"nothing-known":   {func(api *app.API) { api.Routes[0].Declared = nil }, gateway.Options{}, "cannot tell"},
		"unknown":         {func(api *app.API) { api.Routes[0].Auth = app.UnknownAuth }, gateway.Options{}, "cannot tell"},
		"unknown-kind":    {func(api *app.API) { api.Routes[0].Auth = "new" }, gateway.Options{}, "cannot tell"},
		"brackets":        {func(api *app.API) { authorizerOf(api).Validation = "t)|(x" }, gateway.Options{}, "validation expression"},
		"expression":      {func(api *app.API) { authorizerOf(api).Validation = "(?=x)" }, gateway.Options{}, "validation expression"},
		"no-source":       {func(api *app.API) { authorizerOf(api).Sources = nil }, gateway.Options{}, "no identity source"},
		"jwt":             {func(api *app.API) { api.Routes[0].Auth = app.JWT }, gateway.Options{}, "does not check its tokens"},
		"iam":             {func(api *app.API) { api.Routes[0].Auth = app.IAM }, gateway.Options{}, "signatures of IAM"},
		"another-service": {func(*app.API) {}, gateway.Options{Door: alb}, "the door of another service"},
	} {
		t.Run(name, func(t *testing.T) {
			api := guarded("token")
			row.change(api)
			res, log := serve(t, api, failing(errors.New("invoked")), row.options, with("GET", "/x", "", "Authorization", "t")())
			if res.StatusCode != 401 && res.StatusCode != 403 || !strings.Contains(log, row.log) || strings.Contains(log, "invoked") {
				t.Errorf("status %d, log %q, want it to say %q", res.StatusCode, log, row.log)
			}
		})
	}
}

// SAM guards the OPTIONS of a REST API's Cors too (D ApiAuth, U
// aws/serverless-application-model#2136), and the authorizer's event is about it.
func TestAuthorizerOfOptions(t *testing.T) {
	api := guarded("request")
	guard := api.Routes[0].Guard
	api.Routes = apiOf(app.REST, "GET /pets/{id}").Routes
	api.CORS = &app.CORS{AllowOrigins: []string{"*"}, Guard: guard}
	f := respondWith(policyOf("Allow", "*", ""))
	res, log := serve(t, api, f, gateway.Options{}, with("OPTIONS", "/pets/7", "", "Authorization", "t")())
	if res.StatusCode != 200 || f.calls != 1 || f.got != nil {
		t.Errorf("status %d, %d calls, log %q", res.StatusCode, f.calls, log)
	}
	compare(t, "resource", f.asked["resource"].(string), "/pets/{id}")
	compare(t, "pathParameters", member(t, f.asked, "pathParameters"), `{"id":"7"}`)
	compare(t, "httpMethod", f.asked["httpMethod"].(string), "OPTIONS")
	if res, _ := serve(t, api, f, gateway.Options{}, with("OPTIONS", "/pets/7", "")()); res.StatusCode != 401 || corsHeaders(res.Header) != "" {
		t.Errorf("without a token: status %d, %q", res.StatusCode, corsHeaders(res.Header))
	}
}

// A browser can read why an HTTP API rejects its request (G).
func TestCORSOfRefusals(t *testing.T) {
	api := guarded("simple")
	api.CORS = &app.CORS{AllowOrigins: []string{"https://app.example"}}
	res, _ := serve(t, api, respondWith(`{"isAuthorized":false}`), gateway.Options{}, with("GET", "/x", "", "Authorization", "t", "Origin", "https://app.example")())
	if res.StatusCode != 403 || corsHeaders(res.Header) != "origin=https://app.example" {
		t.Errorf("status %d, %q", res.StatusCode, corsHeaders(res.Header))
	}
}

// TestAPIKeys: R aws/serverless-application-model and localstack
// test_api_key_required_for_methods, 2023-07-27, for the status; U
// pmuens/serverless-secured-api#2 for the body; D "Choose an API key source".
func TestAPIKeys(t *testing.T) {
	keys := []app.APIKey{{ID: "Off", Value: "off-off-off"}, {ID: "Mobile", Value: "hunter2", Enabled: true}, {ID: "Made", Enabled: true}}
	const forbidden = `403 {"message":"Forbidden"}`
	rows := []struct {
		name   string
		keys   []app.APIKey
		source app.KeySource
		sent   string // X-Api-Key, in one or more lines
		answer string // more of the authorizer's response; "-": there is no authorizer
		own    string // the project's key
		want   string // "" for 200 of the function
		log    string
		id     string // the key whose id the event has
	}{
		{"right", keys, app.KeyInHeader, "hunter2", "-", "", "", "", "Mobile"},
		{"missing", keys[:2], app.KeyInHeader, "", "-", "", forbidden, "curl -H 'x-api-key: ...' with the Value of Mobile", ""},
		{"wrong", keys, app.KeyInHeader, "hunter", "-", "p", forbidden, "the request's API key is not the Value of Mobile or the key that crumb start prints", ""},
		{"disabled", keys, app.KeyInHeader, "off-off-off", "-", "p", forbidden, "the API key Off is not enabled", ""},
		{"all-disabled", keys[:1], app.KeyInHeader, "off-off-off", "-", "p", forbidden, "no API key of the template is enabled", ""},
		{"project", nil, app.KeyInHeader, "p", "-", "p", "", "", "crumb"},
		{"project-beside", keys, app.KeyInHeader, "p", "-", "p", "", "", "crumb"},
		{"project-not-taken", keys[:2], app.KeyInHeader, "p", "-", "p", forbidden, "is not the Value of Mobile", ""},
		{"last-of-two-lines", keys, app.KeyInHeader, "x\nhunter2", "", "", "", "", "Mobile"},
		{"first-of-two-lines", keys, app.KeyInHeader, "hunter2\nx", "-", "", forbidden, "the request's API key is not", ""},
		{"nothing-is-no-key", nil, app.KeyInHeader, "", "-", "", forbidden, "wants an API key", ""},
		{"after-the-authorizer", keys, app.KeyInHeader, "", "", "", forbidden, "Own (template.yaml:12) wants an API key", ""},
		{"beside-the-authorizer", keys, app.KeyInHeader, "hunter2", "", "", "", "", "Mobile"},
		{"not-what-the-authorizer-says", keys, app.KeyInHeader, "", `,"usageIdentifierKey":"hunter2"`, "", forbidden, "wants an API key", ""},
		{"from-the-authorizer", keys, app.KeyFromAuthorizer, "", `,"usageIdentifierKey":"hunter2"`, "", "", "", "Mobile"},
		{"wrong-from-the-authorizer", keys, app.KeyFromAuthorizer, "hunter2", `,"usageIdentifierKey":"x"`, "", forbidden, "is not the Value of Mobile", ""},
		{"none-from-the-authorizer", keys, app.KeyFromAuthorizer, "hunter2", "", "", forbidden, "no usageIdentifierKey", ""},
		{"from-no-authorizer", keys, app.KeyFromAuthorizer, "hunter2", "-", "", forbidden, "has to come from a Lambda authorizer", ""},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			api := guarded("request")
			if row.answer == "-" {
				api.Routes[0].Guard = app.Guard{Authorizer: "ApiKeyRequired", ClosedAt: "template.yaml:5"}
			} else {
				authorizerOf(api).Sources = nil
			}
			api.Routes[0].APIKey, api.Keys, api.KeySource = true, row.keys, row.source
			f := respondWith(policyOf("Allow", "*", row.answer))
			r := localRequest("GET", "/x", "")
			lines := strings.Split(row.sent, "\n")
			if row.sent != "" {
				r.Header["X-Api-Key"] = lines
			}
			res, log := serve(t, api, f, gateway.Options{Authorizers: authorizer.Config{Key: row.own}}, r)
			if got := fmt.Sprintf("%d %s", res.StatusCode, bodyOf(t, res)); got != cmp.Or(row.want, "200 ok") {
				t.Errorf("%s, want %s", got, row.want)
			}
			if row.want != "" && res.Header.Get("X-Amzn-Errortype") != "ForbiddenException" {
				t.Errorf("error type %q", res.Header.Get("X-Amzn-Errortype"))
			}
			if !strings.Contains(log, row.log) || (log == "") != (row.log == "") || strings.Contains(log, "hunter") {
				t.Errorf("log %q, want it to say %q", log, row.log)
			}
			if row.id != "" {
				sum := sha256.Sum256([]byte(row.id))
				compare(t, "apiKeyId", member(t, f.got, "requestContext.identity.apiKeyId"), fmt.Sprintf("%q", strings.ToLower(base32.StdEncoding.EncodeToString(sum[:]))[:10]))
				sent := cmp.Or(lines[len(lines)-1], "hunter2")
				compare(t, "apiKey", member(t, f.got, "requestContext.identity.apiKey"), fmt.Sprintf("%q", sent))
				if f.asked != nil && row.source == app.KeyInHeader {
					compare(t, "apiKey of the authorizer's event", member(t, f.asked, "requestContext.identity.apiKey"), fmt.Sprintf("%q", sent))
				}
			}
		})
	}
}

// A key that no guard requires is not in the event.
func TestUnaskedAPIKey(t *testing.T) {
	api := guarded("request")
	api.Keys = []app.APIKey{{ID: "Mobile", Value: "hunter2", Enabled: true}}
	f := respondWith(policyOf("Allow", "*", `,"usageIdentifierKey":"hunter2"`))
	serve(t, api, f, gateway.Options{}, with("GET", "/x", "", "Authorization", "t", "X-Api-Key", "hunter2")())
	compare(t, "apiKey", member(t, f.got, "requestContext.identity.apiKey"), "absent")
}

// Requests of a token that are under way at once each call the authorizer; those after its
// first response do not.
func TestAuthorizerCallsAtOnce(t *testing.T) {
	const clients = 8
	synctest.Test(t, func(t *testing.T) {
		api := guarded("token")
		authorizerOf(api).TTL = time.Hour
		var calls atomic.Int32
		invoker := invokeFunc(func(_ context.Context, function string, _ lambda.Invocation) (*lambda.Response, error) {
			if function != "Auth" {
				return jsonResponse(`{"statusCode":200}`), nil
			}
			calls.Add(1)
			time.Sleep(time.Second)
			return jsonResponse(policyOf("Allow", "*", "")), nil
		})
		h, err := gateway.New(api, invoker, gateway.Options{})
		if err != nil {
			t.Fatal(err)
		}
		for round := range 2 {
			var all sync.WaitGroup
			for range clients {
				all.Go(func() {
					w := httptest.NewRecorder()
					if h.ServeHTTP(w, with("GET", "/x", "", "Authorization", "t")()); w.Code != 200 {
						t.Errorf("status %d", w.Code)
					}
				})
			}
			if all.Wait(); calls.Load() != clients {
				t.Errorf("round %d: %d calls so far, want %d", round, calls.Load(), clients)
			}
		}
	})
}

// A response that was asked for before the cache was emptied is not kept.
func TestForgottenAuthorizers(t *testing.T) {
	api := guarded("token")
	authorizerOf(api).TTL = time.Hour
	var h *gateway.Gateway
	f := &authorized{}
	f.respond = func(map[string]any) (string, error) {
		if f.calls == 1 {
			h.Forget()
		}
		return policyOf("Allow", "*", ""), nil
	}
	h, err := gateway.New(api, f, gateway.Options{})
	if err != nil {
		t.Fatal(err)
	}
	for i, calls := range []int{1, 2, 2} {
		h.ServeHTTP(httptest.NewRecorder(), with("GET", "/x", "", "Authorization", "t")())
		if f.calls != calls {
			t.Errorf("request %d: %d calls so far, want %d", i, f.calls, calls)
		}
	}
	h.Forget()
	if h.ServeHTTP(httptest.NewRecorder(), with("GET", "/x", "", "Authorization", "t")()); f.calls != 3 {
		t.Errorf("%d calls, want one more after Forget", f.calls)
	}
}

// A client that sends ever new tokens does not fill the memory: a thousand responses are
// kept, then it starts again with none.
func TestAuthorizerCacheIsBounded(t *testing.T) {
	api := guarded("token")
	authorizerOf(api).TTL = time.Hour
	f := respondWith(policyOf("Allow", "*", ""))
	h, err := gateway.New(api, f, gateway.Options{})
	if err != nil {
		t.Fatal(err)
	}
	ask := func(token int) int {
		h.ServeHTTP(httptest.NewRecorder(), with("GET", "/x", "", "Authorization", fmt.Sprint(token))())
		return f.calls
	}
	for i := range 1000 {
		ask(i)
	}
	if calls := ask(0); calls != 1000 {
		t.Errorf("%d calls, want the first response from the cache", calls)
	}
	ask(1000)
	if calls := ask(0); calls != 1002 {
		t.Errorf("%d calls, want the first token to be asked about again", calls)
	}
}

// Two lists of sources are two entries, whatever they look like one after the other.
func TestAuthorizerCacheKeepsSourcesApart(t *testing.T) {
	api := guarded("request")
	authorizerOf(api).TTL = time.Hour
	authorizerOf(api).Sources = []app.IdentitySource{{In: app.FromQuery, Name: "a"}, {In: app.FromQuery, Name: "b"}}
	f := respondWith(policyOf("Allow", "*", ""))
	h, err := gateway.New(api, f, gateway.Options{})
	if err != nil {
		t.Fatal(err)
	}
	for i, query := range []string{"a=1&b=23", "a=12&b=3", "a=1,2&b=3", "a=1&b=2,3", "a=1&b=1:2"} {
		h.ServeHTTP(httptest.NewRecorder(), with("GET", "/x?"+query, "")())
		if f.calls != i+1 {
			t.Errorf("%s: %d calls, want %d", query, f.calls, i+1)
		}
	}
}
