// A function that calls another one, as functions on AWS do.
package main

import (
	"context"
	"encoding/base64"
	"errors"
	"os"

	"github.com/aws/aws-lambda-go/lambda"
	"github.com/aws/aws-lambda-go/lambdacontext"
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/config"
	sdk "github.com/aws/aws-sdk-go-v2/service/lambda"
)

func main() {
	if os.Getenv("CALLEE") != "" {
		lambda.Start(caller)
	}
	lambda.Start(callee)
}

// caller returns the payloads of two calls, the second of which fails.
func caller(ctx context.Context) (payloads []string, err error) {
	c, err := config.LoadDefaultConfig(ctx)
	if err != nil {
		return nil, err
	}
	for _, payload := range []string{`{}`, `{"Fail":true}`} {
		out, err := sdk.NewFromConfig(c).Invoke(ctx, &sdk.InvokeInput{
			FunctionName:  aws.String(os.Getenv("CALLEE")),
			Payload:       []byte(payload),
			ClientContext: aws.String(base64.StdEncoding.EncodeToString([]byte(`{"custom":{"by":"caller"}}`))),
		})
		if err != nil {
			return nil, err
		}
		payloads = append(payloads, aws.ToString(out.FunctionError)+string(out.Payload))
	}
	return payloads, nil
}

func callee(ctx context.Context, event struct{ Fail bool }) (string, error) {
	if event.Fail {
		return "", errors.New("the callee fails")
	}
	c, _ := lambdacontext.FromContext(ctx)
	return "called by " + c.ClientContext.Custom["by"], nil
}
