// Guard authorizes by what the token says.
package main

import (
	"errors"
	"log"
	"os"
	"strings"
	"time"

	"github.com/aws/aws-lambda-go/lambda"
)

// An event of an authorizer: of type TOKEN, of type REQUEST, or of an HTTP API.
type event struct {
	AuthorizationToken string
	MethodARN          string `json:"methodArn"`
	RouteARN           string `json:"routeArn"`
	Headers            map[string]string
}

func (e event) token() string {
	token := e.AuthorizationToken
	for name, value := range e.Headers {
		if name = strings.ToLower(name); token == "" && (name == "authorization" || name == "x-token") {
			token = value
		}
	}
	return strings.TrimPrefix(token, "Bearer ")
}

var calls int

func main() { lambda.Start(authorize) }

func authorize(e event) (map[string]any, error) {
	calls++
	token, arn := e.token(), e.MethodARN+e.RouteARN
	context := map[string]any{"calls": calls, "member": true, "name": token}
	word, _, _ := strings.Cut(token, "-")
	switch word {
	case "unauthorized":
		return nil, errors.New("Unauthorized")
	case "error":
		return nil, errors.New("Unauthorized: no such user")
	case "crash":
		log.Fatal("no memory left")
	case "slow":
		time.Sleep(time.Minute)
	case "malformed":
		return map[string]any{"statusCode": 401}, nil
	case "nested":
		context["list"] = []string{"a"}
	}
	if os.Getenv("SIMPLE") != "" {
		return map[string]any{"isAuthorized": word != "deny", "context": context}, nil
	}
	statement := map[string]any{"Effect": "Allow", "Action": "execute-api:Invoke", "Resource": arn}
	switch word {
	case "deny":
		statement["Effect"] = "Deny"
	case "all":
		api, _, _ := strings.Cut(arn, "/")
		statement["Resource"] = []string{api + "/*"}
	case "elsewhere":
		statement["Resource"] = arn + "/elsewhere"
	}
	return map[string]any{
		"principalId":    "user-" + token,
		"policyDocument": map[string]any{"Version": "2012-10-17", "Statement": []any{statement}},
		"context":        context,
	}, nil
}
