// Command getcookie is the Lambda function that reads the username cookie.
package main

import "github.com/crumb-go/crumb/shared/frontdoor"

func main() {
	frontdoor.Start(newHandler())
}
