package app

// The default region and account of a project that runs on this machine, those
// of sam local.
const (
	DefaultRegion    = "us-east-1"
	DefaultAccountID = "123456789012"
)
