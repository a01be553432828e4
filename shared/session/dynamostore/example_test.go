package dynamostore_test

import (
	"log"
	"os"

	"github.com/crumb-go/crumb/shared/card"
	"github.com/crumb-go/crumb/shared/session"
	"github.com/crumb-go/crumb/shared/session/dynamostore"
)

// A function's main makes the store once, before the first request. Locally
// "crumb start" serves the table.
func ExampleNew() {
	store := dynamostore.New(dynamostore.LambdaClient(), os.Getenv("SESSION_TABLE"))
	sessions, err := session.New[card.User](store, session.Config{Cookie: card.Session})
	if err != nil {
		log.Fatal(err)
	}
	_ = sessions
}
