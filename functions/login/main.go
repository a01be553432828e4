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
		client, env := dynamostore.LambdaClient(), os.Getenv
		c := config{usersFromEnv(), guessTable{client, env("GUESS_TABLE")}, env("PUBLIC_ORIGIN"), env("CLIENT_ADDRESS_HEADER")}
		frontdoor.Start(newHandler(dynamostore.New(client, env("SESSION_TABLE")), c))
		return nil
	})
}
