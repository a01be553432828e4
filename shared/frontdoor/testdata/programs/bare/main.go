// The smallest function: what shared/frontdoor's size and start are compared with.
package main

import "github.com/aws/aws-lambda-go/lambda"

func main() {
	lambda.Start(func() (string, error) { return "Hello", nil })
}
