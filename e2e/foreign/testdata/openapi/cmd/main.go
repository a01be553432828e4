package main

import (
	"encoding/json"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-lambda-go/lambda"
)

func main() {
	lambda.Start(func(event struct {
		Version        string            `json:"version"`
		PathParameters map[string]string `json:"pathParameters"`
	}) (events.APIGatewayProxyResponse, error) {
		body, err := json.Marshal(event)
		return events.APIGatewayProxyResponse{StatusCode: 200, Body: string(body)}, err
	})
}
