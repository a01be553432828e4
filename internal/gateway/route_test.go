package gateway_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/crumb-go/crumb/internal/app"
	"github.com/crumb-go/crumb/internal/gateway"
	"github.com/crumb-go/crumb/internal/lambda"
	"github.com/crumb-go/crumb/shared/frontdoor"
)

// apiOf has a route for each "METHOD /path", to a function of that name.
func apiOf(kind app.Kind, routes ...string) *app.API {
	api := &app.API{ID: "Api", Kind: kind, Stage: "prod"}
	if kind != app.REST {
		api.Stage = "$default"
	}
	for _, r := range routes {
		var method, path string
		fmt.Sscan(r, &method, &path)
		api.Routes = append(api.Routes, app.Route{Method: method, Path: path, Payload: "2.0", Function: &app.Function{ID: r}})
	}
	return api
}

func TestRouting(t *testing.T) {
	shop := []string{"GET /pets", "ANY /pets", "GET /pets/dog/1", "GET /pets/{kind}/{id}", "GET /pets/dog/{id}", "GET /pets/{proxy+}", "ANY /{proxy+}", "POST /files/{folder}/{path+}", "GET /"}
	rows := []struct {
		name         string
		kind         app.Kind
		routes       []string
		method, path string
		function     string // "" for none
		parameters   string
		status       int
	}{
		{"rest-literal", app.REST, shop, "GET", "/pets/dog/1", "GET /pets/dog/1", `null`, 200},
		{"rest-literal-before-parameter", app.REST, shop, "GET", "/pets/dog/2", "GET /pets/dog/{id}", `{"id":"2"}`, 200},
		{"rest-parameters", app.REST, shop, "GET", "/pets/cat/a%20b", "GET /pets/{kind}/{id}", `{"id":"a%20b","kind":"cat"}`, 200},
		{"rest-greedy", app.REST, shop, "GET", "/pets/cat/2/x/", "GET /pets/{proxy+}", `{"proxy":"cat/2/x"}`, 200},
		{"rest-greedy-deep", app.REST, shop, "POST", "/files/a/b/c", "POST /files/{folder}/{path+}", `{"folder":"a","path":"b/c"}`, 200},
		{"rest-root", app.REST, shop, "GET", "/", "GET /", `null`, 200},
		{"rest-method-before-any", app.REST, shop, "GET", "/pets", "GET /pets", `null`, 200},
		{"rest-method-after-any", app.REST, []string{"ANY /a", "GET /a"}, "GET", "/a", "GET /a", `null`, 200},
		{"rest-method-of-two", app.REST, []string{"GET /echo", "POST /echo"}, "DELETE", "/echo", "", "", 403},
		{"rest-literal-tilde", app.REST, []string{"GET /{id}", "GET /~me"}, "GET", "/~me", "GET /~me", `null`, 200},
		{"rest-literal-before-longer", app.REST, []string{"GET /a/{p+}", "GET /{y}/b/c"}, "GET", "/a/b/c", "GET /a/{p+}", `{"p":"b/c"}`, 200},
		{"rest-parameter-before-greedy", app.REST, []string{"GET /{a+}", "GET /{z}"}, "GET", "/x", "GET /{z}", `{"z":"x"}`, 200},
		{"rest-any", app.REST, shop, "DELETE", "/pets", "ANY /pets", `null`, 200},
		{"rest-method-falls-back", app.REST, shop, "POST", "/pets/dog/1", "ANY /{proxy+}", `{"proxy":"pets/dog/1"}`, 200},
		{"rest-method-of-a-greedy-sibling", app.REST, []string{"POST /test", "ANY /test/any", "OPTIONS /{proxy+}"}, "OPTIONS", "/test", "OPTIONS /{proxy+}", `{"proxy":"test"}`, 200},
		{"rest-method-of-a-variable-sibling", app.REST, []string{"GET /users/{userId}", "PATCH /users/me"}, "GET", "/users/me", "GET /users/{userId}", `{"userId":"me"}`, 200},
		{"rest-method-of-no-sibling", app.REST, []string{"GET /users/{userId}", "PATCH /users/me"}, "POST", "/users/me", "", "", 403},
		{"rest-slash-at-the-end", app.REST, []string{"GET /echo"}, "GET", "/echo/", "GET /echo", `null`, 200},
		{"rest-slash-after-parameter", app.REST, []string{"GET /echo/{id}"}, "GET", "/echo/a/", "GET /echo/{id}", `{"id":"a"}`, 200},
		{"rest-slash-goes-to-greedy", app.REST, []string{"GET /echo", "GET /echo/{proxy+}"}, "GET", "/echo/a/", "GET /echo/{proxy+}", `{"proxy":"a"}`, 200},
		{"rest-slashes-at-the-end", app.REST, []string{"GET /echo"}, "GET", "/echo//", "", "", 403},
		{"rest-slashes-at-the-start", app.REST, []string{"GET /echo", "ANY /{proxy+}"}, "GET", "///echo", "GET /echo", `null`, 200},
		{"rest-slashes-inside", app.REST, []string{"GET /a/b", "ANY /{proxy+}"}, "GET", "/a//b", "ANY /{proxy+}", `{"proxy":"a//b"}`, 200},
		{"rest-slashes-only", app.REST, []string{"GET /"}, "GET", "//", "GET /", `null`, 200},
		{"rest-encoded-slash-at-the-start", app.REST, []string{"GET /echo"}, "GET", "/%2Fecho", "", "", 403},
		{"rest-no-stage", app.REST, []string{"GET /echo"}, "GET", "/prod/echo", "", "", 403},
		{"rest-case", app.REST, []string{"GET /echo"}, "GET", "/Echo", "", "", 403},
		{"rest-head", app.REST, []string{"GET /echo"}, "HEAD", "/echo", "", "", 403},
		{"rest-head-any", app.REST, []string{"ANY /echo"}, "HEAD", "/echo", "ANY /echo", `null`, 200},
		{"rest-options-any", app.REST, []string{"ANY /echo"}, "OPTIONS", "/echo", "ANY /echo", `null`, 200},
		{"rest-options", app.REST, []string{"GET /echo"}, "OPTIONS", "/echo", "", "", 403},
		{"rest-encoded-literal", app.REST, []string{"GET /echo"}, "GET", "/%65cho", "GET /echo", `null`, 200},
		{"rest-encoded-slash", app.REST, []string{"GET /echo/{id}"}, "GET", "/echo/a%2Fb", "GET /echo/{id}", `{"id":"a%2Fb"}`, 200},
		{"rest-greedy-needs-something", app.REST, []string{"ANY /{proxy+}"}, "GET", "/", "", "", 403},
		{"rest-parameter-needs-something", app.REST, []string{"ANY /a/{id}"}, "GET", "/a/", "", "", 403},

		{"http-full-before-greedy", app.HTTP, shop, "GET", "/pets/cat/2", "GET /pets/{kind}/{id}", `{"id":"2","kind":"cat"}`, 200},
		{"http-parameter-before-greedy-literal", app.HTTP, []string{"GET /a/{proxy+}", "GET /{x}/b"}, "GET", "/a/b", "GET /{x}/b", `{"x":"a"}`, 200},
		{"http-method-decides", app.HTTP, shop, "POST", "/pets/dog/1", "ANY /{proxy+}", `{"proxy":"pets/dog/1"}`, 200},
		{"http-method-after-any", app.HTTP, []string{"ANY /a", "GET /a"}, "GET", "/a", "GET /a", `null`, 200},
		{"http-method-after-any-greedy", app.HTTP, []string{"ANY /{proxy+}", "GET /{proxy+}"}, "GET", "/a", "GET /{proxy+}", `{"proxy":"a"}`, 200},
		{"http-method-of-two", app.HTTP, []string{"GET /echo", "POST /echo"}, "DELETE", "/echo", "", "", 404},
		{"http-literal-tilde", app.HTTP, []string{"GET /{id}", "GET /~me"}, "GET", "/~me", "GET /~me", `null`, 200},
		{"http-full-before-literal-greedy", app.HTTP, []string{"GET /a/{p+}", "GET /{y}/b/c"}, "GET", "/a/b/c", "GET /{y}/b/c", `{"y":"a"}`, 200},
		{"http-parameter-before-greedy", app.HTTP, []string{"GET /{a+}", "GET /{z}"}, "GET", "/x", "GET /{z}", `{"z":"x"}`, 200},
		{"http-decoded", app.HTTP, shop, "GET", "/pets/cat/a%20b", "GET /pets/{kind}/{id}", `{"id":"a b","kind":"cat"}`, 200},
		{"http-default", app.HTTP, []string{"GET /a", "ANY $default"}, "POST", "/a", "ANY $default", `null`, 200},
		{"http-slash-at-the-end", app.HTTP, []string{"GET /a"}, "GET", "/a/", "", "", 404},
		{"http-none", app.HTTP, []string{"GET /a"}, "GET", "/b", "", "", 404},
		{"http-method", app.HTTP, []string{"GET /a"}, "POST", "/a", "", "", 404},
		{"http-head", app.HTTP, []string{"GET /a"}, "HEAD", "/a", "", "", 404},
		{"http-encoded-slash", app.HTTP, []string{"GET /echo/{id}"}, "GET", "/echo/a%2Fb", "GET /echo/{id}", `{"id":"a/b"}`, 200},
		{"http-slashes-at-the-start", app.HTTP, []string{"GET /a"}, "GET", "//a", "GET /a", `null`, 200},
		{"http-slashes-inside", app.HTTP, []string{"GET /a/b"}, "GET", "/a//b", "", "", 404},
		{"http-greedy-empty", app.HTTP, []string{"ANY /handler/{proxy+}"}, "POST", "/handler/", "ANY /handler/{proxy+}", `{"proxy":""}`, 200},
		{"http-greedy-without-slash", app.HTTP, []string{"ANY /handler/{proxy+}"}, "POST", "/handler", "", "", 404},
		{"http-greedy-root", app.HTTP, []string{"ANY /{proxy+}"}, "GET", "/", "ANY /{proxy+}", `{"proxy":""}`, 200},
		{"http-greedy-slash-at-the-end", app.HTTP, []string{"ANY /{proxy+}"}, "GET", "/a/", "ANY /{proxy+}", `{"proxy":"a/"}`, 200},
		{"http-parameter-needs-something", app.HTTP, []string{"ANY /a/{id}"}, "GET", "/a/", "", "", 404},
		{"http-options", app.HTTP, []string{"GET /a"}, "OPTIONS", "/a", "", "", 404},
		{"http-head-any", app.HTTP, []string{"ANY /a"}, "HEAD", "/a", "ANY /a", `null`, 200},
		{"url", app.URL, []string{"ANY $default"}, "PUT", "/any/where", "ANY $default", `null`, 200},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			backwards := slices.Clone(row.routes) // the order in the template says nothing
			slices.Reverse(backwards)
			for _, routes := range [][]string{row.routes, backwards} {
				var function, parameters string
				invoker := invokeFunc(func(_ context.Context, name string, in lambda.Invocation) (*lambda.Response, error) {
					var event struct{ PathParameters map[string]string }
					if err := json.Unmarshal(in.Payload, &event); err != nil {
						t.Error(err)
					}
					text, _ := json.Marshal(event.PathParameters) // a map of strings
					function, parameters = name, string(text)
					return jsonResponse(`{"statusCode":200}`), nil
				})
				res, _ := serve(t, apiOf(row.kind, routes...), invoker, gateway.Options{}, localRequest(row.method, row.path, ""))
				if function != row.function || parameters != row.parameters {
					t.Errorf("of %q %q with %s, want %q with %s", routes, function, parameters, row.function, row.parameters)
				}
				if res.StatusCode != row.status {
					t.Errorf("status %d, want %d", res.StatusCode, row.status)
				}
			}
		})
	}
}

// Where a path falls back to another route, that route's authorizer decides.
func TestFallbackIsGuarded(t *testing.T) {
	for _, row := range []struct {
		method, path string
		status       int
	}{
		{"GET", "/a", 200}, {"POST", "/a", 401}, {"GET", "/b", 403}, {"POST", "/b", 401}, {"GET", "//b", 403}, {"GET", "/b/", 403}, {"GET", "//c", 401},
	} {
		api := apiOf(app.REST, "GET /a", "GET /b", "ANY /{proxy+}")
		api.Routes[1].Guard = app.Guard{Authorizer: "AWS_IAM", Auth: app.IAM}
		api.Routes[2].Guard = app.Guard{Authorizer: "Token", Auth: app.Lambda}
		res, _ := serve(t, api, returning(`{"statusCode":200}`), gateway.Options{}, localRequest(row.method, row.path, ""))
		if res.StatusCode != row.status {
			t.Errorf("%s %s: status %d, want %d", row.method, row.path, res.StatusCode, row.status)
		}
	}
}

func TestNoRouteIsAsAWS(t *testing.T) {
	rows := []struct {
		name, source string
		kind         app.Kind
		door         frontdoor.Door
		status       int
		body         string
	}{
		{"rest", responsesPage, app.REST, "", 403, `{"message":"Missing Authentication Token"}`},
		{"http", "SAM local responds with 403; the live service 404", app.HTTP, "", 404, `{"message":"Not Found"}`},
		{"rest-as-http", "--door", app.REST, httpAPI, 404, `{"message":"Not Found"}`},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			res, log := serve(t, apiOf(row.kind, "GET /a"), returning(`{}`), gateway.Options{Door: row.door}, localRequest("GET", "/b", ""))
			if got := bodyOf(t, res); res.StatusCode != row.status || got != row.body {
				t.Errorf("status %d, body %s, want %d, %s (%s)", res.StatusCode, got, row.status, row.body, row.source)
			}
			if !strings.Contains(log, "path=/b") {
				t.Errorf("log %q", log)
			}
		})
	}
}

// A request line may hold a whole URL (RFC 9112 section 3.2.2).
func TestAbsoluteForm(t *testing.T) {
	r := localRequest("GET", "/", "")
	r.RequestURI = "http://localhost:3000/a%20b?c=d"
	r.URL, _ = r.URL.Parse(r.RequestURI)
	event := eventThrough(t, "", oneRoute(app.REST, "1.0"), r)
	if got := member(t, event, "path"); got != `"/a%20b"` {
		t.Errorf("path %s", got)
	}
	if got := member(t, event, "queryStringParameters"); got != `{"c":"d"}` {
		t.Errorf("query %s", got)
	}
}

// OPTIONS * is about the server and no resource (RFC 9110 section 9.3.7).
func TestServerWideOptions(t *testing.T) {
	r := localRequest("OPTIONS", "/", "")
	r.RequestURI, r.URL.Path = "*", "*"
	res, _ := serve(t, oneRoute(app.REST, "1.0"), returning(`{}`), gateway.Options{}, r)
	if res.StatusCode != 403 {
		t.Errorf("status %d", res.StatusCode)
	}
}

func TestNew(t *testing.T) {
	rows := []struct {
		name string
		api  *app.API
		o    gateway.Options
		want string
	}{
		{"kind", &app.API{ID: "Api", Kind: "websocket"}, gateway.Options{}, `gateway: Api: no API of kind "websocket"`},
		{"door", apiOf(app.REST), gateway.Options{Door: "back"}, `nothing can be served behind the door "back"; choose one of alb, alb-multi, http, http1, rest, url`},
		{"lattice", apiOf(app.REST), gateway.Options{Door: "lattice"}, `nothing can be served behind the door "lattice"; choose one of alb, alb-multi, http, http1, rest, url`},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			h, err := gateway.New(row.api, returning(`{}`), row.o)
			if h != nil || err == nil || err.Error() != row.want {
				t.Errorf("New = %v, %v, want %s", h, err, row.want)
			}
		})
	}
	if _, err := gateway.New(apiOf(app.REST), returning(`{}`), gateway.Options{}); err != nil {
		t.Errorf("without a log: %v", err)
	}
}

func TestHostCheck(t *testing.T) {
	rows := []struct {
		name, host string
		o          gateway.Options
		allowed    bool
	}{
		{"localhost", "localhost:3000", gateway.Options{}, true},
		{"none", "", gateway.Options{}, false},
		{"rebound", "attacker.example:3000", gateway.Options{}, false},
		{"listed", "Dev.example:3000", gateway.Options{AllowHosts: []string{"dev.example"}}, true},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			for _, kind := range []app.Kind{app.REST, app.HTTP, app.URL} {
				r := localRequest("GET", "/", "")
				r.Host = row.host
				res, _ := serve(t, apiOf(kind, "GET /"), returning(`{"statusCode":200}`), row.o, r)
				if allowed := res.StatusCode == http.StatusOK; allowed != row.allowed {
					t.Errorf("%s: Host %q: status %d", kind, row.host, res.StatusCode)
				}
				if !row.allowed && res.Header.Get("Content-Type") != "text/plain; charset=utf-8" {
					t.Errorf("refusal is %s", res.Header.Get("Content-Type"))
				}
			}
		})
	}
}
