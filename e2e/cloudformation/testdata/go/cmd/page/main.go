// Command page shows where it is.
package main

import (
	"context"

	"github.com/aws/aws-lambda-go/lambda"
)

const greeting = "page"

// request is an event of a REST API, or one of payload 2.0.
type request struct {
	Path    string `json:"path"`
	RawPath string `json:"rawPath"`
}

func main() {
	lambda.Start(func(_ context.Context, r request) (any, error) {
		return map[string]any{"statusCode": 200, "body": greeting + " " + r.Path + r.RawPath + "\n"}, nil
	})
}
