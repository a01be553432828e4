// Command deletecookie is the Lambda function that deletes the username cookie.
package main

import "github.com/crumb-go/crumb/shared/frontdoor"

func main() {
	frontdoor.Start(newHandler())
}
