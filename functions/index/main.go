// Command index is the Lambda function that greets the user that the username cookie names.
package main

import "github.com/crumb-go/crumb/shared/frontdoor"

func main() {
	frontdoor.Start(newHandler())
}
