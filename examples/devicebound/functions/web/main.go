// Command web is the Lambda function that signs users in and out, and binds their sessions.
package main

import (
	"os"

	"github.com/crumb-go/crumb/shared/frontdoor"
	"github.com/crumb-go/crumb/shared/lambdalog"
	"github.com/crumb-go/crumb/shared/session/dynamostore"
)

func main() {
	lambdalog.Main(func() error { // a failure to start is in the log
		store := dynamostore.New(dynamostore.LambdaClient(), os.Getenv("SESSION_TABLE"))
		h, err := newHandler(store, os.Getenv("BOUND_COOKIE_SECONDS"), os.Getenv("DEMO_USERS") == "true")
		if err != nil {
			return err
		}
		frontdoor.Start(h)
		return nil
	})
}
