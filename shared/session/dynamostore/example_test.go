package dynamostore_test

import (
	"log"
	"os"

	"github.com/crumb-go/crumb/shared/cookie"
	"github.com/crumb-go/crumb/shared/session"
	"github.com/crumb-go/crumb/shared/session/dynamostore"
)

type user struct {
	Name string `json:"name"`
}

// A function's main makes the store once, before the first request. Locally
// "crumb start" serves the table.
func ExampleNew() {
	store := dynamostore.New(dynamostore.LambdaClient(), os.Getenv("SESSION_TABLE"))
	id := cookie.Must(cookie.New("__Host-id", cookie.Attributes{Encoding: cookie.Base64}))
	sessions, err := session.New[user](store, session.Config{Cookie: id})
	if err != nil {
		log.Fatal(err)
	}
	_ = sessions
}
