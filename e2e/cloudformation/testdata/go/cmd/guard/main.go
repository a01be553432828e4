// Command guard lets callers with the token "let me in" pass.
package main

import (
	"context"

	"github.com/aws/aws-lambda-go/lambda"
)

// request is the event of a TOKEN authorizer, or of payload 2.0.
type request struct {
	Token     string            `json:"authorizationToken"`
	MethodARN string            `json:"methodArn"`
	Headers   map[string]string `json:"headers"`
}

func handle(_ context.Context, r request) (any, error) {
	if r.MethodARN == "" {
		return map[string]any{"isAuthorized": r.Headers["authorization"] == "let me in"}, nil
	}
	effect := "Deny"
	if r.Token == "let me in" {
		effect = "Allow"
	}
	return map[string]any{
		"principalId": "ana",
		"policyDocument": map[string]any{"Version": "2012-10-17", "Statement": []any{
			map[string]any{"Action": "execute-api:Invoke", "Effect": effect, "Resource": r.MethodARN},
		}},
	}, nil
}

func main() { lambda.Start(handle) }
