// Shop responds with what it is told of a request.
package main

import (
	"encoding/json"
	"os"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-lambda-go/lambda"
)

type event struct {
	Version        string            `json:"version"`
	Path           string            `json:"path"`
	RawPath        string            `json:"rawPath"`
	PathParameters map[string]string `json:"pathParameters"`
	StageVariables map[string]string `json:"stageVariables"`
	RequestContext struct {
		Stage      string          `json:"stage"`
		Authorizer json.RawMessage `json:"authorizer"`
	} `json:"requestContext"`
}

func main() {
	lambda.Start(func(e event) (events.APIGatewayProxyResponse, error) {
		body, err := json.Marshal(map[string]any{
			"name": os.Getenv("NAME"), "path": e.Path + e.RawPath, "parameters": e.PathParameters, "version": e.Version,
			"stage": e.RequestContext.Stage, "variables": e.StageVariables, "authorizer": e.RequestContext.Authorizer,
		})
		return events.APIGatewayProxyResponse{StatusCode: 200, Body: string(body)}, err
	})
}
