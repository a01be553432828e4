package dynamostore

import (
	"context"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/smithy-go/middleware"

	"github.com/crumb-go/crumb/shared/internal/awsenv"
)

// LambdaClient returns a client for a Lambda function, configured by its environment:
// AWS_REGION (or AWS_DEFAULT_REGION), AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and
// AWS_SESSION_TOKEN, and AWS_ENDPOINT_URL_DYNAMODB or AWS_ENDPOINT_URL if set. It makes up
// to three attempts of at most 2 seconds, at most 200 ms apart unless DynamoDB asks for
// more, 6.4 seconds in all, as users do not wait for the SDK's 20 seconds.
//
// It also gives up a second before the deadline of the context, which Lambda sets to the
// function's timeout, or after half the time if less than 2 seconds are left. So the
// function has time to respond if the table does not.
//
// It does not support profiles and other sources of credentials: for these use the SDK's
// package config, which adds megabytes to a function and milliseconds to its start.
func LambdaClient() *dynamodb.Client {
	return dynamodb.New(dynamodb.Options{
		Region:       awsenv.Region(),
		BaseEndpoint: awsenv.Endpoint("DYNAMODB"),
		Credentials:  aws.CredentialsProviderFunc(awsenv.Credentials),
		Retryer:      retry.NewStandard(func(o *retry.StandardOptions) { o.MaxBackoff = 200 * time.Millisecond }),
		HTTPClient:   awshttp.NewBuildableClient().WithTimeout(2 * time.Second),
		APIOptions:   []func(*middleware.Stack) error{giveUpInTime},
	})
}

// giveUpInTime makes an operation, with all its attempts, end before its context does.
func giveUpInTime(stack *middleware.Stack) error {
	return stack.Initialize.Add(middleware.InitializeMiddlewareFunc("GiveUpInTime",
		func(ctx context.Context, in middleware.InitializeInput, next middleware.InitializeHandler) (middleware.InitializeOutput, middleware.Metadata, error) {
			if deadline, ok := ctx.Deadline(); ok {
				var cancel context.CancelFunc
				ctx, cancel = context.WithDeadline(ctx, deadline.Add(-min(time.Second, time.Until(deadline)/2)))
				defer cancel()
			}
			return next.HandleInitialize(ctx, in)
		}), middleware.Before)
}
