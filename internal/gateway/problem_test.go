package gateway_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/crumb-go/crumb/internal/app"
	"github.com/crumb-go/crumb/internal/authorizer"
	"github.com/crumb-go/crumb/internal/gateway"
	"github.com/crumb-go/crumb/internal/gobuild"
	"github.com/crumb-go/crumb/internal/lambda"
	"github.com/crumb-go/crumb/shared/frontdoor"
)

// TestProblemsAreAsAWS holds how each door responds by itself to each problem.
func TestProblemsAreAsAWS(t *testing.T) {
	guardedBy := func(guard app.Guard) *app.API {
		api := oneRoute(app.HTTP, "2.0")
		api.Routes[0].Guard = guard
		return api
	}
	open, get, token := oneRoute(app.HTTP, "2.0"), with("GET", "/x", ""), with("GET", "/x", "", "Authorization", "t")
	binary := oneRoute(app.HTTP, "2.0")
	binary.BinaryMediaTypes = []string{"*/*"}
	broken := func() *http.Request {
		r := httptest.NewRequest("POST", "/x", iotest.ErrReader(io.ErrUnexpectedEOF))
		r.Host = "localhost:3000"
		return r
	}
	text := func(n int) func() *http.Request {
		return with("POST", "/x", strings.Repeat("x", n), "Content-Type", "text/plain")
	}
	ok := returning(`{"statusCode":200,"headers":{},"multiValueHeaders":{},"body":"ok"}`)
	failed := failing(&lambda.FunctionError{Type: "Runtime.ExitError"})
	uninvoked := failing(errors.New("invoked"))
	rows := []struct {
		name                 string
		api                  *app.API
		invoker              gateway.Invoker
		request              func() *http.Request
		rest, http, url, alb string // status, error type and body; of a load balancer the status; "" where it does not occur
	}{
		{"no-route", &app.API{ID: "Api", Kind: app.HTTP}, uninvoked, get,
			`403 MissingAuthenticationTokenException {"message":"Missing Authentication Token"}`, `404  {"message":"Not Found"}`, `404  {"Message":null}`, "404"},
		{"authorizer", guardedBy(app.Guard{Authorizer: "Own", Auth: app.Lambda}), uninvoked, get,
			`401 UnauthorizedException {"message":"Unauthorized"}`, `401  {"message":"Unauthorized"}`, `403 AccessDeniedException {"Message":"Forbidden"}`, "401"},
		{"iam", guardedBy(app.Guard{Authorizer: "AWS_IAM", Auth: app.IAM}), uninvoked, get,
			`403 MissingAuthenticationTokenException {"message":"Missing Authentication Token"}`, `403  {"message":"Forbidden"}`, `403 AccessDeniedException {"Message":"Forbidden. For troubleshooting Function URL authorization issues, see: https://docs.aws.amazon.com/lambda/latest/dg/urls-auth.html"}`, "403"},
		{"api-key", guardedBy(app.Guard{Authorizer: "ApiKeyRequired", APIKey: true}), uninvoked, get,
			`403 ForbiddenException {"message":"Forbidden"}`, `403  {"message":"Forbidden"}`, `403 AccessDeniedException {"Message":"Forbidden"}`, "403"},
		{"broken-body", open, uninvoked, broken,
			`400 BadRequestException {"message": "Bad Request"}`, `400  {"message":"Bad Request"}`, `400  {"Message":"Bad Request"}`, "400"},
		{"long-url", open, ok, with("GET", "/"+strings.Repeat("x", 10240), ""),
			`414  HTTP line is larger than 10240 bytes.`, `431  {"message":"Request Header Fields Too Large"}`, `200  ok`, "200"},
		{"large-headers", open, ok, with("GET", "/x", "", "Cookie", strings.Repeat("x", 20000)),
			`431  HTTP header is larger than 10240 bytes.`, `431  {"message":"Request Header Fields Too Large"}`, `200  ok`, "400"},
		{"large-body", open, uninvoked, text(10<<20 + 1),
			`413  HTTP content length exceeded 10485760 bytes.`, `413  {"message":"Request Entity Too Large"}`, `413  {"Message":"Request Entity Too Large"}`, "413"},
		{"large-event", open, uninvoked, text(6<<20 + 50),
			`413 BadRequestException {"message": "Request Too Long"}`, `413  {"message":"Request Entity Too Large"}`, `413  {"Message":"Request Entity Too Large"}`, "413"},
		{"large-event-of-a-small-body", open, uninvoked, with("POST", "/x", strings.Repeat("\x01", 1<<20), "Content-Type", "text/plain"), // six bytes each in JSON
			`413 BadRequestException {"message": "Request Too Long"}`, `413  {"message":"Request Entity Too Large"}`, `413  {"Message":"Request Entity Too Large"}`, "413"},
		{"forbidden", guarded("token"), respondWith(policyOf("Allow", "x", "")), token,
			`403 AccessDeniedException {"Message":"User is not authorized to access this resource"}`, "", "", ""},
		{"forbidden-simple", guarded("simple"), respondWith(`{"isAuthorized":false}`), token, "", `403  {"message":"Forbidden"}`, "", ""},
		{"denied", guarded("token"), respondWith(policyOf("Deny", "*", "")), token,
			`403 AccessDeniedException {"Message":"User is not authorized to access this resource with an explicit deny in an identity-based policy"}`, "", "", ""},
		{"denied-http", guarded("http2"), respondWith(policyOf("Deny", "*", "")), token, "", `403  {"message":"Forbidden"}`, "", ""},
		{"authorizer-failed", guarded("token"), respondWith("null"), token, `500 AuthorizerConfigurationException {"message":null}`, "", "", ""},
		{"authorizer-failed-http", guarded("http2"), respondWith("null"), token, "", `500  {"message":"Internal Server Error"}`, "", ""},
		{"long-arn", guarded("token"), respondWith(policyOf("Allow", "*", "")), with("GET", "/"+strings.Repeat("x", 1600), "", "Authorization", "t"),
			`414  {"message":"Request URI too long"}`, "", "", ""},
		{"function", open, failed, get,
			`502 InternalServerErrorException {"message": "Internal server error"}`, `500  {"message":"Internal Server Error"}`, `502  Internal Server Error`, "502"},
		{"malformed", open, returning(`{"statusCode":"x"}`), get,
			`502 InternalServerErrorException {"message": "Internal server error"}`, `500  {"message":"Internal Server Error"}`, `502  Internal Server Error`, "502"},
		{"bad-base64", binary, returning(`{"statusCode":200,"headers":{},"multiValueHeaders":{},"body":"?","isBase64Encoded":true}`), with("GET", "/x", "", "Accept", "image/png"),
			`500 InternalServerErrorException {"message": "Internal server error"}`, `500  {"message":"Internal Server Error"}`, `502  Internal Server Error`, "502"},
	}
	for _, row := range rows {
		wants := map[frontdoor.Door]string{rest: row.rest, httpAPI: row.http, httpAPI1: row.http, furl: row.url, alb: row.alb, albMulti: row.alb}
		for door, want := range wants {
			if want == "" {
				continue
			}
			t.Run(row.name+"/"+string(door), func(t *testing.T) {
				res, _ := serve(t, row.api, row.invoker, gateway.Options{Door: door}, row.request())
				body := bodyOf(t, res)
				if length := res.Header.Get("Content-Length"); length != strconv.Itoa(len(body)) {
					t.Errorf("Content-Length %q with %d bytes", length, len(body))
				}
				got := fmt.Sprintf("%d %s %s", res.StatusCode, res.Header.Get("X-Amzn-Errortype"), body)
				if door == alb || door == albMulti {
					title := want + " " + http.StatusText(res.StatusCode)
					if got = fmt.Sprint(res.StatusCode); want != "200" && !strings.Contains(body, "<h1>"+title+"</h1>") {
						t.Errorf("body %q, want the title %q", body, title)
					}
				}
				if got != want {
					t.Errorf("%s, want %s", got, want)
				}
				media := map[byte]string{'{': "application/json", '<': "text/html"}[body[0]]
				if got := res.Header.Get("Content-Type"); media != "" && got != media {
					t.Errorf("Content-Type %q of %q", got, body)
				}
			})
		}
	}
}

// A response to HEAD has the length of its body, and no body (RFC 9110 section 9.3.2).
func TestProblemOfHead(t *testing.T) {
	res, _ := serve(t, apiOf(app.HTTP), nil, gateway.Options{}, localRequest("HEAD", "/x", ""))
	if body := bodyOf(t, res); res.StatusCode != 404 || body != "" || res.Header.Get("Content-Length") != "23" {
		t.Errorf("%d with %q, Content-Length %q", res.StatusCode, body, res.Header.Get("Content-Length"))
	}
}

// What a verifier of tokens says becomes the response: the challenge of RFC 6750 section 3, and
// a Cognito token that has expired.
func TestRefusedTokens(t *testing.T) {
	for _, row := range []struct {
		auth    app.Auth
		kind    app.Kind
		refusal authorizer.Refusal
		want    string
	}{
		{app.JWT, app.HTTP, authorizer.Refusal{Outcome: authorizer.Unauthorized, Challenge: `Bearer error="invalid_token"`}, `401  [Bearer error="invalid_token"] {"message":"Unauthorized"}`},
		{app.Cognito, app.REST, authorizer.Refusal{Outcome: authorizer.Expired}, `401 UnauthorizedException [] {"message":"The incoming token has expired"}`},
	} {
		api := oneRoute(row.kind, "2.0")
		api.Routes[0].Guard = app.Guard{Authorizer: "Own", Auth: row.auth, Declared: &app.Authorizer{Name: "Own", Kind: row.auth,
			Sources: []app.IdentitySource{{In: app.FromHeader, Name: "Authorization"}}}}
		verify := func(context.Context, *authorizer.Request, string) (*authorizer.Claims, error) {
			return nil, &row.refusal
		}
		res, log := serve(t, api, failing(errors.New("invoked")), gateway.Options{Authorizers: authorizer.Config{Verify: verify}}, with("GET", "/x", "", "Authorization", "Bearer a.b.c")())
		if got := fmt.Sprintf("%d %s %s %s", res.StatusCode, res.Header.Get("X-Amzn-Errortype"), res.Header["Www-Authenticate"], bodyOf(t, res)); got != row.want {
			t.Errorf("%s, want %s; log %q", got, row.want, log)
		}
	}
}

// The page about a function that cannot be run here has the ids of its request.
func TestIDsOfThePage(t *testing.T) {
	for door, headers := range map[frontdoor.Door][]string{
		rest: {"X-Amzn-Requestid", "X-Amz-Apigw-Id"}, httpAPI: {"Apigw-Requestid"}, httpAPI1: {"Apigw-Requestid"}, furl: {"X-Amzn-Requestid"},
	} {
		res, _ := serve(t, oneRoute(app.HTTP, "2.0"), failing(&gobuild.Error{Function: "Function"}), gateway.Options{Door: door}, localRequest("GET", "/x", ""))
		for _, name := range headers {
			if res.Header.Get(name) == "" {
				t.Errorf("%s: no %s", door, name)
			}
		}
		if got := res.Header.Get("Cache-Control"); got != "no-store" {
			t.Errorf("%s: Cache-Control %q", door, got)
		}
	}
}
