package main

import (
	"example.com/httpapi/answer"
	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-lambda-go/lambda"
)

func main() {
	lambda.Start(func(e events.APIGatewayV2HTTPRequest) (any, error) {
		return answer.JSON(404, map[string]any{"routeKey": e.RouteKey, "rawPath": e.RawPath})
	})
}
