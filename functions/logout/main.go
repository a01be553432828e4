// Command logout is the Lambda function that ends sessions.
package main

import (
	"os"

	"github.com/crumb-go/crumb/shared/frontdoor"
	"github.com/crumb-go/crumb/shared/lambdalog"
	"github.com/crumb-go/crumb/shared/session/dynamostore"
)

func main() {
	lambdalog.Main(func() error {
		store := dynamostore.New(dynamostore.LambdaClient(), os.Getenv("SESSION_TABLE"))
		frontdoor.Start(newHandler(store, os.Getenv("PUBLIC_ORIGIN")))
		return nil
	})
}
