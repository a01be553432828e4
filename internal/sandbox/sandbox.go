// Package sandbox runs Lambda functions as local processes behind the Lambda
// Runtime API: one event at a time in each process, more processes when events
// overlap, a fresh one after a crash or a timeout.
package sandbox

import (
	"context"
	"io"
	"time"
)

// A Function is what the sandbox must know of one Lambda function.
type Function struct {
	Name     string
	Handler  string
	Timeout  time.Duration
	MemoryMB int
	Env      map[string]string // the customer's variables

	// Build returns the bootstrap to run. It is called before each event and
	// is quick when nothing changed. An error is shown to whoever sent the
	// event; a *BuildError carries the compiler's words.
	Build func(ctx context.Context) (bootstrap string, err error)
}

// An Invocation is one event on its way to a function.
type Invocation struct {
	Payload []byte
	TraceID string // X-Amzn-Trace-Id; "" makes a new one
}

// An Answer is what a function returned. The caller closes Body.
type Answer struct {
	RequestID   string // Lambda's id of this invocation
	ContentType string // as the runtime declared it
	Body        io.ReadCloser
}

// A FunctionError is an answer that Lambda itself calls an error: the handler
// returned one, panicked, exited or ran out of time.
type FunctionError struct {
	RequestID string
	Type      string // "Runtime.ExitError", "Sandbox.Timedout", the Go type, …
	Message   string
	Timeout   bool // the function's own Timeout passed
}

func (e *FunctionError) Error() string { return e.Type + ": " + e.Message }

// A BuildError is a function that did not compile.
type BuildError struct {
	Function string
	Output   string // what the compiler said
}

func (e *BuildError) Error() string { return "build " + e.Function + ": " + e.Output }
