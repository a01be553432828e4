module example.com/v1

go 1.21

require (
	github.com/aws/aws-lambda-go v1.41.0
	github.com/aws/aws-sdk-go v1.44.1
)

require github.com/jmespath/go-jmespath v0.4.0 // indirect
