// Command echo is the function of the stack that e2e/live records. It responds with the
// event that it has got, or as the request says.
package main

import (
	"os"

	"github.com/aws/aws-lambda-go/lambda"
)

func main() { lambda.Start(handler{token: os.Getenv("ECHO_TOKEN")}) }
