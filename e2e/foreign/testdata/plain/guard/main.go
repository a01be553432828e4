// Guard lets one token pass, in a policy of a REST API or a simple response of an HTTP API.
package main

import (
	"errors"

	"github.com/aws/aws-lambda-go/lambda"
)

type event struct {
	Type               string            `json:"type"`
	AuthorizationToken string            `json:"authorizationToken"`
	MethodARN          string            `json:"methodArn"`
	Headers            map[string]string `json:"headers"`
}

func main() {
	lambda.Start(func(e event) (map[string]any, error) {
		if e.Type == "REQUEST" {
			return map[string]any{"isAuthorized": e.Headers["authorization"] == "let-me-in"}, nil
		}
		if e.AuthorizationToken != "let-me-in" {
			return nil, errors.New("Unauthorized")
		}
		return map[string]any{
			"principalId": "ana", "context": map[string]any{"member": true},
			"policyDocument": map[string]any{"Version": "2012-10-17", "Statement": []any{
				map[string]any{"Action": "execute-api:Invoke", "Effect": "Allow", "Resource": e.MethodARN},
			}},
		}, nil
	})
}
