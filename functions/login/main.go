// Command login is the Lambda function that signs users in.
package main

import (
	"os"

	"github.com/crumb-go/crumb/shared/frontdoor"
	"github.com/crumb-go/crumb/shared/session/dynamostore"
)

func main() {
	client, table := dynamostore.LambdaClient(), os.Getenv("SESSION_TABLE")
	frontdoor.Start(newHandler(dynamostore.New(client, table), config{
		users:   usersFromEnv(),
		guesses: tableGuesses{client, table},
		origin:  os.Getenv("PUBLIC_ORIGIN"),
	}))
}
