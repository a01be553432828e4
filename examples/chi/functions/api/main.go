// Command api is the Lambda function that serves every route.
package main

import "github.com/crumb-go/crumb/shared/frontdoor"

func main() {
	frontdoor.Start(newHandler())
}
