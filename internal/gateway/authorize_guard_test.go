package gateway_test

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/base32"
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/crumb-go/crumb/internal/app"
	"github.com/crumb-go/crumb/internal/authorizer"
	"github.com/crumb-go/crumb/internal/gateway"
	"github.com/crumb-go/crumb/internal/gobuild"
	"github.com/crumb-go/crumb/internal/lambda"
)

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
