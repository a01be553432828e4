// Command setcookie is the Lambda function that sends the username cookie.
package main

import (
	"os"

	"github.com/crumb-go/crumb/shared/frontdoor"
)

func main() {
	frontdoor.Start(newHandler(os.Getenv("PUBLIC_ORIGIN")))
}
