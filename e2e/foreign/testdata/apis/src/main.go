package main

import (
	"encoding/json"
	"os"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-lambda-go/lambda"
)

type event struct {
	StageVariables map[string]string
	RequestContext struct{ Stage string }
}

func main() {
	lambda.Start(func(e event) (events.APIGatewayProxyResponse, error) {
		body, err := json.Marshal(map[string]any{
			"role": os.Getenv("ROLE"), "table": os.Getenv("TABLE"), "level": os.Getenv("LEVEL"),
			"stage": e.RequestContext.Stage, "variables": e.StageVariables,
		})
		return events.APIGatewayProxyResponse{StatusCode: 200, Body: string(body)}, err
	})
}
