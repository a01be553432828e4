package main

import "github.com/aws/aws-lambda-go/lambda"

var name = "nobody" // set by the linker

func main() {
	lambda.Start(func() (string, error) { return "I am " + name, nil })
}
