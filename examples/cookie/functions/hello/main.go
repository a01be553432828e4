// Command hello is the Lambda function that greets visitors by name.
package main

import "github.com/crumb-go/crumb/shared/frontdoor"

func main() {
	frontdoor.Start(newHandler())
}
