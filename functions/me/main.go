// Command me is the Lambda function that greets the signed-in user.
package main

import (
	"os"

	"github.com/crumb-go/crumb/shared/frontdoor"
	"github.com/crumb-go/crumb/shared/session/dynamostore"
)

func main() {
	frontdoor.Start(newHandler(dynamostore.New(dynamostore.LambdaClient(), os.Getenv("SESSION_TABLE"))))
}
