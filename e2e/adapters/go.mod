module github.com/crumb-go/crumb/e2e/adapters

go 1.26.0

// The versions that are compared, which need not be those that functions build
// with, in go.mod of the repository.
require (
	github.com/alexedwards/scs/v2 v2.9.0
	github.com/aws/aws-lambda-go v1.55.1
	github.com/awslabs/aws-lambda-go-api-proxy v0.16.2
	github.com/crumb-go/crumb v0.0.0
	github.com/gorilla/sessions v1.4.0
)

require (
	github.com/gorilla/securecookie v1.1.2 // indirect
	golang.org/x/net v0.62.0 // indirect
	golang.org/x/sys v0.50.0 // indirect
)

replace github.com/crumb-go/crumb => ../..
