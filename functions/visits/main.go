// Command visits is the Lambda function that stamps the loyalty card.
package main

import "github.com/crumb-go/crumb/shared/lambdalog"

func main() { lambdalog.Main(start) }
