package gateway_test

import (
	"strings"
	"testing"

	"github.com/crumb-go/crumb/internal/app"
	"github.com/crumb-go/crumb/internal/authorizer"
	"github.com/crumb-go/crumb/internal/gateway"
	"github.com/crumb-go/crumb/shared/frontdoor"
)

const (
	corsHTTPPage = "Configure CORS for HTTP APIs in API Gateway"
	corsRESTPage = "Enabling CORS for a REST API resource; the OPTIONS method is what SAM's translator writes"
	corsURLPage  = "Security and auth model for Lambda function URLs; Cors in the Lambda API reference"
)

// corsHeaders is what a response says about cross-origin use, in short.
func corsHeaders(header map[string][]string) string {
	var list []string
	for _, name := range []string{"Origin", "Methods", "Headers", "Credentials"} {
		if v := header["Access-Control-Allow-"+name]; v != nil {
			list = append(list, strings.ToLower(name)+"="+strings.Join(v, "|"))
		}
	}
	if v := header["Access-Control-Expose-Headers"]; v != nil {
		list = append(list, "expose="+strings.Join(v, "|"))
	}
	if v := header["Access-Control-Max-Age"]; v != nil {
		list = append(list, "age="+strings.Join(v, "|"))
	}
	return strings.Join(list, " ")
}

func TestCORSIsAsAWS(t *testing.T) {
	full := &app.CORS{
		AllowOrigins: []string{"https://app.example"}, AllowMethods: []string{"GET", "PUT"}, AllowHeaders: []string{"X-A", "X-B"},
		ExposeHeaders: []string{"X-C"}, AllowCredentials: true, MaxAgeSeconds: 600,
	}
	anyone := &app.CORS{AllowOrigins: []string{"*"}}
	secure := &app.CORS{AllowOrigins: []string{"https://*"}}
	guarded := &app.CORS{AllowOrigins: []string{"*"}, Guard: app.Guard{Authorizer: "Cognito", Auth: app.Cognito}}
	keyed := &app.CORS{AllowOrigins: []string{"*"}, Guard: app.Guard{Authorizer: "ApiKeyRequired", APIKey: true}}
	restCORS := &app.CORS{AllowOrigins: []string{"https://app.example"}, AllowHeaders: []string{"X-A", " X-B"}, AllowCredentials: true, MaxAgeSeconds: 600}

	const origin, wanted = "Origin", "Access-Control-Request-Method"
	const function = `{"statusCode":200,"headers":{"Access-Control-Allow-Origin":"https://function.example","X-A":"1"},"body":"function"}`
	rows := []struct {
		name, source string
		kind         app.Kind
		cors         *app.CORS
		routes       string // separated by commas
		method       string
		headers      []string
		status       int
		body, want   string
	}{
		{"http-preflight", corsHTTPPage, app.HTTP, full, "GET /x", "OPTIONS", []string{origin, "https://app.example", wanted, "PUT"}, 204, "",
			"origin=https://app.example methods=GET,PUT headers=X-A,X-B credentials=true age=600"},
		{"http-preflight-any", corsHTTPPage, app.HTTP, full, "ANY $default", "OPTIONS", []string{origin, "https://app.example", wanted, "PUT"}, 204, "",
			"origin=https://app.example methods=GET,PUT headers=X-A,X-B credentials=true age=600"},
		{"http-preflight-other-origin", corsHTTPPage, app.HTTP, full, "GET /x", "OPTIONS", []string{origin, "https://evil.example", wanted, "PUT"}, 204, "", ""},
		{"http-options-no-preflight", corsHTTPPage, app.HTTP, full, "ANY /x", "OPTIONS", nil, 200, "function", ""},
		{"http-options-with-origin", corsHTTPPage, app.HTTP, full, "ANY /x", "OPTIONS", []string{origin, "https://app.example"}, 200, "function",
			"origin=https://app.example credentials=true expose=X-C"},
		{"http-options-without-origin", corsHTTPPage, app.HTTP, full, "ANY /x", "OPTIONS", []string{wanted, "PUT"}, 200, "function", ""},
		{"http-get-like-a-preflight", corsHTTPPage, app.HTTP, full, "ANY /x", "GET", []string{origin, "https://app.example", wanted, "PUT"}, 200, "function",
			"origin=https://app.example credentials=true expose=X-C"},
		{"http-function", corsHTTPPage, app.HTTP, full, "GET /x", "GET", []string{origin, "https://app.example"}, 200, "function",
			"origin=https://app.example credentials=true expose=X-C"},
		{"http-function-other-origin", corsHTTPPage, app.HTTP, full, "GET /x", "GET", []string{origin, "https://evil.example"}, 200, "function", ""},
		{"http-anyone", corsHTTPPage, app.HTTP, anyone, "GET /x", "GET", []string{origin, "https://evil.example"}, 200, "function", "origin=*"},
		{"http-case", "not known; a browser writes the host in lower case", app.HTTP, &app.CORS{AllowOrigins: []string{"https://App.example"}}, "GET /x", "GET", []string{origin, "https://app.example"}, 200, "function", "origin=https://app.example"},
		{"http-scheme", corsHTTPPage, app.HTTP, secure, "GET /x", "GET", []string{origin, "https://evil.example"}, 200, "function", "origin=https://evil.example"},
		{"http-scheme-other", corsHTTPPage, app.HTTP, secure, "GET /x", "GET", []string{origin, "http://evil.example"}, 200, "function", ""},
		{"http-not-configured", corsHTTPPage, app.HTTP, nil, "ANY /x", "OPTIONS", []string{origin, "https://app.example", wanted, "PUT"}, 200, "function", "origin=https://function.example"},
		{"http-error", corsHTTPPage, app.HTTP, full, "GET /y", "GET", []string{origin, "https://app.example"}, 404, `{"message":"Not Found"}`,
			"origin=https://app.example credentials=true expose=X-C"},

		{"rest-options", corsRESTPage, app.REST, restCORS, "GET /x,POST /x", "OPTIONS", []string{origin, "https://evil.example"}, 200, "{}\n",
			"origin=https://app.example methods=GET,OPTIONS,POST headers=X-A, X-B credentials=true age=600"},
		{"rest-options-any", corsRESTPage, app.REST, anyone, "ANY /x", "OPTIONS", nil, 200, "{}\n", "origin=* methods=DELETE,GET,HEAD,OPTIONS,PATCH,POST,PUT"},
		{"rest-options-configured", corsRESTPage, app.REST, full, "ANY /x", "OPTIONS", nil, 200, "{}\n",
			"origin=https://app.example methods=GET,PUT headers=X-A,X-B credentials=true age=600"},
		{"rest-options-one-method", corsRESTPage, app.REST, &app.CORS{AllowOrigins: []string{"*"}, AllowMethods: []string{"GET"}}, "ANY /x", "OPTIONS", nil, 200, "{}\n", "origin=* methods=GET"},
		{"rest-options-guarded", "SAM developer guide, ApiAuth: AddDefaultAuthorizerToCorsPreflight", app.REST, guarded, "GET /x", "OPTIONS", []string{origin, "https://app.example", wanted, "PUT"}, 401, `{"message":"Unauthorized"}`, ""},
		{"rest-options-keyed", "SAM developer guide, ApiAuth: AddApiKeyRequiredToCorsPreflight", app.REST, keyed, "GET /x", "OPTIONS", nil, 403, `{"message":"Forbidden"}`, ""},
		{"rest-options-own", corsRESTPage, app.REST, anyone, "OPTIONS /x,GET /x", "OPTIONS", nil, 200, "function", "origin=https://function.example"},
		{"rest-options-no-resource", corsRESTPage, app.REST, anyone, "GET /y", "OPTIONS", nil, 403, `{"message":"Missing Authentication Token"}`, ""},
		{"rest-options-not-configured", "SAM local responds to it", app.REST, nil, "GET /x", "OPTIONS", nil, 403, `{"message":"Missing Authentication Token"}`, ""},
		{"rest-function-adds-its-own", corsRESTPage, app.REST, anyone, "GET /x", "GET", []string{origin, "https://app.example"}, 200, "function", "origin=https://function.example"},

		{"url-preflight", corsURLPage, app.URL, full, "ANY $default", "OPTIONS", []string{origin, "https://app.example", wanted, "PUT"}, 200, "",
			"origin=https://app.example methods=GET,PUT headers=X-A,X-B credentials=true age=600"},
		{"url-function", "powertools-lambda-python#4163, 2024-04-19; samvera/serverless-iiif#71, 2022-07-05", app.URL, full, "ANY $default", "GET", []string{origin, "https://app.example"}, 200, "function",
			"origin=https://app.example|https://function.example credentials=true expose=X-C"},
		{"url-function-other-origin", corsURLPage, app.URL, full, "ANY $default", "GET", []string{origin, "https://evil.example"}, 200, "function", "origin=https://function.example"},
		{"url-function-without-origin", corsURLPage, app.URL, full, "ANY $default", "GET", nil, 200, "function", "origin=https://function.example"},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			api := apiOf(row.kind, strings.Split(row.routes, ",")...)
			api.CORS = row.cors
			res, log := serve(t, api, returning(function), gateway.Options{}, with(row.method, "/x", "", row.headers...)())
			if two := len(res.Header["Access-Control-Allow-Origin"]) > 1; two != strings.Contains(log, "browsers refuse") {
				t.Errorf("two origins: %t, log %q", two, log)
			}
			if got := bodyOf(t, res); res.StatusCode != row.status || got != row.body {
				t.Errorf("status %d, body %q, want %d, %q (%s)", res.StatusCode, got, row.status, row.body, row.source)
			}
			if got := corsHeaders(res.Header); got != row.want {
				t.Errorf("%q, want %q (%s)", got, row.want, row.source)
			}
			if id := map[app.Kind]string{app.REST: "X-Amzn-Requestid", app.HTTP: "Apigw-Requestid", app.URL: "X-Amzn-Requestid"}[row.kind]; res.Header.Get(id) == "" {
				t.Errorf("no %s", id)
			}
			if _, ok := res.Header["Content-Length"]; ok != (row.status != 204) { // RFC 9110 section 8.6
				t.Errorf("Content-Length with status %d: %t", row.status, ok)
			}
			if json := res.Header.Get("Content-Type") == "application/json"; json != strings.HasPrefix(row.body, "{") && row.body != "function" {
				t.Errorf("Content-Type %q of %q", res.Header.Get("Content-Type"), row.body)
			}
			if passed := res.Header.Get("X-A") == "1"; passed != (row.body == "function") {
				t.Errorf("the function's X-A is there: %t", passed)
			}
		})
	}
}

// An HTTP API responds to preflights before it asks an authorizer ("Configure CORS
// for HTTP APIs in API Gateway"); without CORS they are requests like others.
func TestPreflightOfGuardedRoutes(t *testing.T) {
	preflight := with("OPTIONS", "/x", "", "Origin", "https://app.example", "Access-Control-Request-Method", "PUT")
	for _, row := range []struct {
		name   string
		cors   *app.CORS
		status int
	}{
		{"configured", &app.CORS{AllowOrigins: []string{"*"}}, 204},
		{"not-configured", nil, 401},
	} {
		t.Run(row.name, func(t *testing.T) {
			api := apiOf(app.HTTP, "ANY /x")
			api.CORS, api.Routes[0].Authorizer = row.cors, "JWT"
			if res, _ := serve(t, api, returning(`{"statusCode":200}`), gateway.Options{}, preflight()); res.StatusCode != row.status {
				t.Errorf("status %d, want %d", res.StatusCode, row.status)
			}
		})
	}
}

// --insecure-skip-authorizers opens the preflights too.
func TestSkippedAuthorizerOfPreflight(t *testing.T) {
	api := apiOf(app.REST, "GET /x")
	api.CORS = &app.CORS{AllowOrigins: []string{"*"}, Guard: app.Guard{Authorizer: "Cognito", Auth: app.Cognito}}
	res, _ := serve(t, api, returning(`{}`), gateway.Options{Authorizers: authorizer.Config{InsecureSkip: true}}, localRequest("OPTIONS", "/x", ""))
	if res.StatusCode != 200 || corsHeaders(res.Header) != "origin=* methods=GET,OPTIONS" {
		t.Errorf("status %d, %q", res.StatusCode, corsHeaders(res.Header))
	}
}

// Behind a load balancer there is no CORS but the function's.
func TestNoCORSBehindALB(t *testing.T) {
	api := apiOf(app.HTTP, "ANY $default")
	api.CORS = &app.CORS{AllowOrigins: []string{"*"}}
	res, _ := serve(t, api, returning(`{"statusCode":200,"headers":{}}`), gateway.Options{Door: frontdoor.ALB},
		with("OPTIONS", "/", "", "Origin", "https://app.example", "Access-Control-Request-Method", "PUT")())
	if got := corsHeaders(res.Header); res.StatusCode != 200 || got != "" {
		t.Errorf("status %d, %q", res.StatusCode, got)
	}
}

// What is not about CORS passes, whatever the door itself says about that.
func TestCORSLeavesOtherHeaders(t *testing.T) {
	const headers = `"headers":{"Location":"/next","Cross-Origin-Resource-Policy":"same-site","Access-Control-Allow-Origin":"https://function.example"}`
	for _, row := range []struct {
		door    frontdoor.Door
		cookies string
	}{
		{httpAPI, `"cookies":["a=1","b=2"]`},
		{httpAPI1, `"multiValueHeaders":{"Set-Cookie":["a=1","b=2"]}`},
		{furl, `"cookies":["a=1","b=2"]`},
	} {
		t.Run(string(row.door), func(t *testing.T) {
			api := oneRoute(app.HTTP, "2.0")
			api.CORS = &app.CORS{AllowOrigins: []string{"*"}}
			res, log := serve(t, api, returning(`{"statusCode":303,`+headers+`,`+row.cookies+`}`), gateway.Options{Door: row.door}, with("GET", "/", "", "Origin", "https://app.example")())
			compare(t, "Location", res.Header.Get("Location"), "/next")
			compare(t, "Cross-Origin-Resource-Policy", res.Header.Get("Cross-Origin-Resource-Policy"), "same-site")
			compare(t, "Set-Cookie", strings.Join(res.Header["Set-Cookie"], "|"), "a=1|b=2")
			compare(t, "Access-Control-Allow-Origin", res.Header["Access-Control-Allow-Origin"][0], "*")
			if two := row.door == furl; two == (log == "") {
				t.Errorf("two origins: %t, log %q", two, log)
			}
		})
	}
}

// A MOCK integration responds without a function, once the request has passed its guard,
// and where it is the more specific route.
func TestMocks(t *testing.T) {
	api := apiOf(app.REST, "ANY /x", "OPTIONS /{proxy+}")
	mock := &app.Mock{Status: 204, Header: map[string]string{"Access-Control-Allow-Origin": "*", "Content-Type": "application/json"}}
	page := &app.Mock{Status: 418, Header: map[string]string{"Content-Type": "text/plain"}, Body: "short and stout"}
	api.Mocks = []app.Route{
		{Method: "OPTIONS", Path: "/x", Mock: mock},
		{Method: "GET", Path: "/pot", Mock: page},
		{Method: "GET", Path: "/closed", Mock: page, Guard: app.Guard{Authorizer: "AWS_IAM", Auth: app.IAM}},
	}
	for _, row := range []struct {
		name, method, path string
		status             int
		body, headers      string
	}{
		{"preflight", "OPTIONS", "/x", 204, "", "origin=*"},
		{"function", "GET", "/x", 200, "function", ""},
		{"body", "GET", "/pot", 418, "short and stout", ""},
		{"guarded", "GET", "/closed", 403, `{"message":"Missing Authentication Token"}`, ""},
	} {
		t.Run(row.name, func(t *testing.T) {
			reported := 0
			o := gateway.Options{OnResponse: func(r *gateway.Report) {
				if reported++; r.Route != nil && r.Route.Function == nil {
					t.Error("a route without a function is reported")
				}
			}}
			res, _ := serve(t, api, returning(`{"statusCode":200,"body":"function"}`), o, localRequest(row.method, row.path, ""))
			if got := bodyOf(t, res); res.StatusCode != row.status || got != row.body || corsHeaders(res.Header) != row.headers || reported != 1 {
				t.Errorf("status %d, body %q, %s, %d reports", res.StatusCode, got, corsHeaders(res.Header), reported)
			}
			if res.Header.Get("X-Amzn-Requestid") == "" {
				t.Error("no request id")
			}
		})
	}
}
