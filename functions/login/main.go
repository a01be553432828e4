// Command login is the Lambda function that signs users in.
package main

import (
	"os"

	"github.com/crumb-go/crumb/shared/frontdoor"
	"github.com/crumb-go/crumb/shared/lambdalog"
	"github.com/crumb-go/crumb/shared/session/dynamostore"
)

func main() {
	lambdalog.Main(func() error {
		client, table := dynamostore.LambdaClient(), os.Getenv("SESSION_TABLE")
		c := config{usersFromEnv(), tableGuesses{client, table}, os.Getenv("PUBLIC_ORIGIN")}
		frontdoor.Start(newHandler(dynamostore.New(client, table), c))
		return nil
	})
}
