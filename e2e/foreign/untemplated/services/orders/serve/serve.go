// Package serve responds with an order, also of the parameter id where there is one.
package serve

import (
	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-lambda-go/lambda"
	"github.com/aws/aws-lambda-go/lambdacontext"
)

func Orders() {
	lambda.Start(func(event events.APIGatewayV2HTTPRequest) (events.APIGatewayV2HTTPResponse, error) {
		body := lambdacontext.FunctionName + " " + event.RouteKey + " " + event.PathParameters["id"]
		return events.APIGatewayV2HTTPResponse{StatusCode: 200, Body: body}, nil
	})
}
