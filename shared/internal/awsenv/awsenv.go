// Package awsenv reads settings for AWS clients from a Lambda function's environment.
// The SDK's config package also looks for profiles, files and roles, which functions do
// not have, and adds milliseconds to each cold start.
package awsenv

import (
	"cmp"
	"context"
	"errors"
	"os"

	"github.com/aws/aws-sdk-go-v2/aws"
)

// Region is AWS_REGION, else AWS_DEFAULT_REGION, else "".
func Region() string {
	return cmp.Or(os.Getenv("AWS_REGION"), os.Getenv("AWS_DEFAULT_REGION"))
}

// Endpoint is the URL in AWS_ENDPOINT_URL_ followed by the service's name, such as
// SECRETS_MANAGER, else in AWS_ENDPOINT_URL. If neither is set it is nil, which clients
// treat as AWS's endpoint (AWS SDKs and Tools Reference Guide, "Service-specific
// endpoints").
func Endpoint(service string) *string {
	url := cmp.Or(os.Getenv("AWS_ENDPOINT_URL_"+service), os.Getenv("AWS_ENDPOINT_URL"))
	if url == "" {
		return nil
	}
	return &url
}

// Credentials reads the function's credentials, again for each call. It is safe for
// concurrent use. The error names variables, never a value.
func Credentials(context.Context) (aws.Credentials, error) {
	c := aws.Credentials{
		AccessKeyID:     os.Getenv("AWS_ACCESS_KEY_ID"),
		SecretAccessKey: os.Getenv("AWS_SECRET_ACCESS_KEY"),
		SessionToken:    os.Getenv("AWS_SESSION_TOKEN"),
	}
	if !c.HasKeys() {
		return c, errors.New("AWS_ACCESS_KEY_ID or AWS_SECRET_ACCESS_KEY is not set")
	}
	return c, nil
}
