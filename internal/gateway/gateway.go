// Package gateway is a local stand-in for the AWS services that put HTTP in
// front of Lambda: it turns a request into the event of a door, hands it to a
// function, and turns the function's answer into a response, as AWS does.
package gateway

import (
	"context"

	"github.com/crumb-go/crumb/internal/sandbox"
)

// An Invoker runs one event in a function. Errors are *sandbox.FunctionError,
// *sandbox.BuildError, the context's error, or something local.
type Invoker interface {
	Invoke(ctx context.Context, function string, event sandbox.Invocation) (*sandbox.Answer, error)
}
