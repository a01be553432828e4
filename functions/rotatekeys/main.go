// Command rotatekeys is the Lambda function with which Secrets Manager rotates the demo's
// keyring.
package main

import (
	"github.com/aws/aws-lambda-go/lambda"

	"github.com/crumb-go/crumb/functions/internal/demo"
	"github.com/crumb-go/crumb/shared/keyring/awssecret"
	"github.com/crumb-go/crumb/shared/lambdalog"
)

func main() {
	lambdalog.Main(func() error {
		r := rotator{awssecret.NewClient(), demo.VisitsLife}
		lambda.Start(lambdalog.Handler{Handler: lambda.NewHandler(r.handle)})
		return nil
	})
}
