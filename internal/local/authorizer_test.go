package local

import (
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// guardText is an authorizer of both kinds of API. The token says what it does, and the
// context of each response differs.
const guardText = `package main

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-lambda-go/lambda"
)

type request struct {
	AuthorizationToken string
	IdentitySource     []string
}

func main() {
	lambda.Start(func(_ context.Context, r request) (any, error) {
		token := r.AuthorizationToken
		if len(r.IdentitySource) > 0 {
			token = r.IdentitySource[0]
		}
		effect := "Deny"
		switch token {
		case "allow":
			effect = "Allow"
		case "unauthorized":
			return nil, errors.New("Unauthorized")
		case "error":
			return nil, fmt.Errorf("it said %s", token)
		case "crash":
			os.Exit(3)
		case "slow":
			time.Sleep(time.Minute)
		case "malformed":
			return map[string]int{"statusCode": 401}, nil
		}
		return events.APIGatewayCustomAuthorizerResponse{
			PrincipalID: "ana",
			PolicyDocument: events.APIGatewayCustomAuthorizerPolicy{Version: "2012-10-17", Statement: []events.IAMPolicyStatement{
				{Action: []string{"execute-api:Invoke"}, Effect: effect, Resource: []string{"*"}},
			}},
			Context: map[string]any{"call": rand.Text(), "level": 7},
		}, nil
	})
}
`

// echoText responds with what its event says about the caller.
const echoText = `package main

import (
	"context"
	"encoding/json"

	"github.com/aws/aws-lambda-go/lambda"
)

func main() {
	lambda.Start(func(_ context.Context, r struct{ RequestContext struct{ Authorizer json.RawMessage } }) (any, error) {
		return map[string]any{"statusCode": 200, "body": string(r.RequestContext.Authorizer)}, nil
	})
}
`

const guardedTemplate = `Transform: AWS::Serverless-2016-10-31
Globals:
  Function: {Runtime: provided.al2023, Handler: bootstrap, Timeout: 30}
Resources:
  Rest:
    Type: AWS::Serverless::Api
    Properties:
      StageName: prod
      Auth:
        DefaultAuthorizer: Token
        Authorizers:
          Token: {FunctionArn: !GetAtt Guard.Arn}
          Slow: {FunctionArn: !GetAtt SlowGuard.Arn}
  Web:
    Type: AWS::Serverless::HttpApi
    Properties:
      Auth:
        DefaultAuthorizer: Caller
        Authorizers:
          Caller:
            FunctionArn: !GetAtt Guard.Arn
            AuthorizerPayloadFormatVersion: "2.0"
            EnableFunctionDefaultPermissions: true
            Identity: {Headers: [Authorization]}
          Slow:
            FunctionArn: !GetAtt SlowGuard.Arn
            AuthorizerPayloadFormatVersion: "2.0"
            EnableFunctionDefaultPermissions: true
            Identity: {Headers: [Authorization]}
  SlowGuard:
    Type: AWS::Serverless::Function
    Properties: {CodeUri: guard/, Timeout: 1}
  Guard:
    Type: AWS::Serverless::Function
    Properties: {CodeUri: guard/}
  Echo:
    Type: AWS::Serverless::Function
    Properties:
      CodeUri: echo/
      Events:
        Rest: {Type: Api, Properties: {RestApiId: !Ref Rest, Path: /a, Method: get}}
        Other: {Type: Api, Properties: {RestApiId: !Ref Rest, Path: /b, Method: get}}
        Slow: {Type: Api, Properties: {RestApiId: !Ref Rest, Path: /slow, Method: get, Auth: {Authorizer: Slow}}}
        WebSlow: {Type: HttpApi, Properties: {ApiId: !Ref Web, Path: /slow, Method: get, Auth: {Authorizer: Slow}}}
        Web: {Type: HttpApi, Properties: {ApiId: !Ref Web, Path: /a, Method: get}}
`

// TestAuthorizers runs a Go authorizer with processes, from the template to the response.
// AWS's statuses and bodies are held by package gateway.
func TestAuthorizers(t *testing.T) {
	tr := emptyTree(t)
	for _, name := range []string{"go.mod", "go.sum"} { // for aws-lambda-go
		text, err := os.ReadFile(filepath.Join("..", "..", name))
		if err != nil {
			t.Fatal(err)
		}
		tr.write(name, strings.Replace(string(text), "module github.com/crumb-go/crumb", "module example.com/app", 1))
	}
	tr.write("guard/main.go", guardText)
	tr.write("echo/main.go", echoText)
	tr.write("template.yaml", guardedTemplate)
	p, output := serve(t, Options{Template: tr.dir})
	rest, web := p.APIs()[0].URL, p.APIs()[1].URL

	for _, row := range []struct{ path, token, rest, web, log string }{
		{"/a", "", `401 {"message":"Unauthorized"}`, `401 {"message":"Unauthorized"}`, "wants the header Authorization"},
		{"/a", "deny", `403 {"Message":"User is not authorized to access this resource with an explicit deny in an identity-based policy"}`, `403 {"message":"Forbidden"}`, "Guard denies arn:aws:execute-api:"},
		{"/a", "unauthorized", `401 {"message":"Unauthorized"}`, `500 {"message":"Internal Server Error"}`, "Guard returned the error Unauthorized"},
		{"/a", "error", `500 {"message":null}`, `500 {"message":"Internal Server Error"}`, "Guard failed: errorString"},
		{"/a", "crash", `500 {"message":null}`, `500 {"message":"Internal Server Error"}`, "Guard failed: Runtime.ExitError"},
		{"/slow", "slow", `500 {"message":null}`, `500 {"message":"Internal Server Error"}`, "SlowGuard failed: Sandbox.Timedout"},
		{"/a", "malformed", `500 {"message":null}`, `500 {"message":"Internal Server Error"}`, "malformed response of Guard"},
	} {
		if got := askAs(t, rest+row.path, row.token); got != row.rest {
			t.Errorf("REST API, %q: %s, want %s", row.token, got, row.rest)
		}
		if got := askAs(t, web+row.path, row.token); got != row.web {
			t.Errorf("HTTP API, %q: %s, want %s", row.token, got, row.web)
		}
		if !strings.Contains(output.String(), row.log) {
			t.Errorf("%q: the log does not say %q", row.token, row.log)
		}
	}

	first := askAs(t, rest+"/a", "allow")
	if !strings.Contains(first, `"level":"7"`) || !strings.Contains(first, `"principalId":"ana"`) {
		t.Errorf("REST API: %s", first)
	}
	call := func(response string) string {
		_, after, _ := strings.Cut(response, `"call":`)
		return after[:min(len(after), 28)]
	}
	if other := askAs(t, rest+"/b", "allow"); call(other) != call(first) {
		t.Errorf("not cached for another route: %s, then %s", first, other)
	}
	one, two := askAs(t, web+"/a", "allow"), askAs(t, web+"/a", "allow")
	if !strings.HasPrefix(one, `200 {"lambda":{`) || !strings.Contains(one, `"level":7`) || call(one) == call(two) {
		t.Errorf("HTTP API, not cached: %s, then %s", one, two)
	}
	tr.write("guard/main.go", strings.Replace(guardText, `"level": 7`, `"level": 8`, 1))
	waitFor(t, `"level":"8"`, func() string { return askAs(t, rest+"/a", "allow") })
	first = askAs(t, rest+"/a", "allow")
	tr.write("template.yaml", guardedTemplate+"        More: {Type: Api, Properties: {RestApiId: !Ref Rest, Path: /c, Method: get}}\n")
	waitFor(t, "200", func() string { return askAs(t, rest+"/c", "allow") })
	if again := askAs(t, rest+"/a", "allow"); call(again) == call(first) {
		t.Error("a cached response is used after the template was read again")
	}
}

// askAs returns status and body of a request with a token.
func askAs(t *testing.T, url, token string) string {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), "GET", url, nil)
	if err != nil {
		t.Fatal(err)
	}
	if token != "" {
		r.Header.Set("Authorization", token)
	}
	response, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return fmt.Sprintf("%d %s", response.StatusCode, body)
}
