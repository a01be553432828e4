// Command web is the Lambda function that signs users in and out.
package main

import (
	"os"

	"github.com/crumb-go/crumb/shared/frontdoor"
	"github.com/crumb-go/crumb/shared/lambdalog"
	"github.com/crumb-go/crumb/shared/session/dynamostore"

	"github.com/crumb-go/crumb/examples/login/internal/users"
)

func main() {
	lambdalog.Main(func() error { // a failure to start is in the log
		list, err := users.Parse(os.Getenv("USERS"))
		if err != nil {
			return err
		}
		store := dynamostore.New(dynamostore.LambdaClient(), os.Getenv("SESSION_TABLE"))
		frontdoor.Start(newHandler(store, list))
		return nil
	})
}
