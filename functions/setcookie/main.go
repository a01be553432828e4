// Command setcookie is the Lambda function that sends the username cookie.
package main

import (
	"os"

	"github.com/crumb-go/crumb/shared/frontdoor"
	"github.com/crumb-go/crumb/shared/lambdalog"
)

func main() {
	lambdalog.Main(func() error {
		frontdoor.Start(newHandler(os.Getenv("PUBLIC_ORIGIN")))
		return nil
	})
}
