// Package answer writes answers for an HTTP API.
package answer

import (
	"encoding/json"

	"github.com/aws/aws-lambda-go/events"
)

// JSON answers with a status and a value as JSON.
func JSON(status int, value any) (*events.APIGatewayV2HTTPResponse, error) {
	body, err := json.Marshal(value)
	if err != nil {
		return nil, err
	}
	return &events.APIGatewayV2HTTPResponse{
		StatusCode: status,
		Headers:    map[string]string{"Content-Type": "application/json"},
		Body:       string(body),
	}, nil
}
