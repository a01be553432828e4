// Command visits is the Lambda function that counts visits.
package main

import "github.com/crumb-go/crumb/shared/lambdalog"

func main() { lambdalog.Main(start) }
