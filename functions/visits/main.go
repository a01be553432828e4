// Command visits is the Lambda function that stamps the loyalty card.
package main

import (
	"context"
	"log"

	"github.com/crumb-go/crumb/shared/card"
	"github.com/crumb-go/crumb/shared/frontdoor"
	"github.com/crumb-go/crumb/shared/keyring"
	"github.com/crumb-go/crumb/shared/keyring/awssecret"
)

func main() {
	ring, err := keyring.FromEnv(context.Background(), card.App, awssecret.New())
	if err != nil {
		log.Fatal(err)
	}
	frontdoor.Start(newHandler(ring))
}
