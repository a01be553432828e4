// Command logout is the Lambda function that ends sessions.
package main

import (
	"os"

	"github.com/crumb-go/crumb/shared/frontdoor"
	"github.com/crumb-go/crumb/shared/session/dynamostore"
)

func main() {
	store := dynamostore.New(dynamostore.LambdaClient(), os.Getenv("SESSION_TABLE"))
	frontdoor.Start(newHandler(store, os.Getenv("PUBLIC_ORIGIN")))
}
