package main

import (
	"fmt"
	"os"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-lambda-go/lambda"
)

func handler(request events.APIGatewayProxyRequest) (events.APIGatewayProxyResponse, error) {
	greeting := "Hello, world!\n"
	if ip := request.RequestContext.Identity.SourceIP; ip != "" {
		greeting = fmt.Sprintf("Hello, %s! %s %s\n", ip, os.Getenv("PARAM1"), os.Getenv("AWS_LAMBDA_LOG_FORMAT"))
	}
	return events.APIGatewayProxyResponse{Body: greeting, StatusCode: 200}, nil
}

func main() {
	lambda.Start(handler)
}
