// Echo responds with what it is told of the authorizer.
package main

import (
	"encoding/json"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-lambda-go/lambda"
)

type event struct {
	RequestContext struct {
		Authorizer json.RawMessage
		Identity   struct{ APIKey string }
	}
}

func main() {
	lambda.Start(func(e event) (events.APIGatewayProxyResponse, error) {
		body, err := json.Marshal(map[string]any{"authorizer": e.RequestContext.Authorizer, "key": e.RequestContext.Identity.APIKey})
		return events.APIGatewayProxyResponse{StatusCode: 200, Body: string(body)}, err
	})
}
