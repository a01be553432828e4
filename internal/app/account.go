package app

// The region and the account of a project that runs on this machine, unless its
// user names others. They are those of sam local.
const (
	DefaultRegion    = "us-east-1"
	DefaultAccountID = "123456789012"
)
