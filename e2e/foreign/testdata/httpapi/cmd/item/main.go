package main

import (
	"encoding/json"

	"example.com/httpapi/answer"
	"github.com/aws/aws-lambda-go/lambda"
)

// The event is read by hand, since two payload versions come in.
type event struct {
	Version        string
	PathParameters map[string]string
	Cookies        []string
}

func main() {
	lambda.Start(func(raw json.RawMessage) (any, error) {
		var e event
		if err := json.Unmarshal(raw, &e); err != nil {
			return nil, err
		}
		return answer.JSON(200, map[string]any{"version": e.Version, "parameters": e.PathParameters, "cookies": e.Cookies})
	})
}
