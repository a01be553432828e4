// Package lambda runs Lambda functions as local processes behind the Lambda
// Runtime API: one event at a time in each process, more processes when events
// overlap, a fresh one after a crash or a timeout.
//
// Package gobuild compiles the functions, a Pool runs them:
//
//	builder := gobuild.New(cache)
//	pool, err := lambda.New(lambda.Config{
//		Functions: []lambda.Function{{
//			Name:  "IndexFunction",
//			Build: func(ctx context.Context) (string, error) { return builder.Build(ctx, gobuild.Source{Dir: "functions/index"}) },
//		}},
//		Logs: os.Stderr,
//	})
//	response, err := pool.Invoke(ctx, "IndexFunction", lambda.Invocation{Payload: event})
//
// # The life of a sandbox
//
// A process starts when an event finds no idle one, and is ready when it asks
// the Runtime API for its next event. It has an event from then until it and
// those of its extensions that are told of events have asked again, which is when
// END and REPORT are written; the response is on its way by then. A function over
// its Timeout is killed, and so is one that was not used for a while, or whose
// program or configuration has changed, once its event is done. SIGTERM comes
// first only where an extension is registered, as lambda.WithEnableSIGTERM does.
// The file life.go has all of it as a table.
//
// # What is contained
//
// A sandbox inherits nothing: Function.Env is its environment. What it starts dies
// with it: its process group on every Unix, on Linux also what left the group.
// So it is when crumb itself is killed: a shell waits for that. Memory and CPU
// are not limited, and a function can do on this machine whatever its user can.
//
// On Windows only the process itself is killed, and not when crumb is: it ends
// when it next needs the Runtime API. Outside Linux REPORT lines have no Max
// Memory Used.
package lambda

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"time"
	"unicode"
)

// A Function is what the sandbox must know of one Lambda function.
type Function struct {
	Name     string
	Handler  string            // default "bootstrap"
	Timeout  time.Duration     // default 3 s
	MemoryMB int               // default 128; told to the function, not enforced
	Env      map[string]string // all that its processes get, but for what each has for itself

	// LogLevel is the SystemLogLevel of Lambda's own lines, where they are
	// records: "WARN" leaves out those that tell of nothing wrong.
	LogLevel string

	// Debugger, when set, is the command that runs the bootstrap, whose path is
	// appended: "dlv", "exec", …. The function then has one sandbox at a time.
	Debugger []string

	// Build returns the bootstrap to run. It is called before each event and
	// is quick when nothing changed. An error is shown to whoever sent the
	// event; a *gobuild.Error carries the compiler's words.
	Build func(ctx context.Context) (bootstrap string, err error)
}

// complete checks f and fills in Lambda's defaults.
func (f *Function) complete() error {
	switch {
	case f.Name == "" || strings.ContainsFunc(f.Name, unicode.IsControl):
		return fmt.Errorf("lambda: %q is no name for a function", f.Name)
	case f.Build == nil:
		return fmt.Errorf("lambda: function %q has no Build", f.Name)
	case f.Timeout < 0 || f.MemoryMB < 0:
		return fmt.Errorf("lambda: function %q: Timeout %v and MemoryMB %d must not be negative", f.Name, f.Timeout, f.MemoryMB)
	}
	f.Handler = cmp.Or(f.Handler, "bootstrap")
	f.Timeout = cmp.Or(f.Timeout, 3*time.Second)
	f.MemoryMB = cmp.Or(f.MemoryMB, 128)
	f.Env = maps.Clone(f.Env)
	return nil
}

// sameAs reports whether a sandbox of f may stand for one of g.
func (f *Function) sameAs(g Function) bool {
	return f.Handler == g.Handler && f.Timeout == g.Timeout && f.MemoryMB == g.MemoryMB && maps.Equal(f.Env, g.Env) && f.LogLevel == g.LogLevel && slices.Equal(f.Debugger, g.Debugger)
}

// An Invocation is one event on its way to a function.
type Invocation struct {
	Payload []byte
	TraceID string // X-Amzn-Trace-Id; a new one when "" or not fit for a header

	// Built, when set, is called once, when the function is built: the time
	// from then on would pass in the cloud too.
	Built func()
}

// A Response is what a function returned. The caller closes Body.
type Response struct {
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
	Timeout   bool   // the function's own Timeout passed
	Payload   []byte // the JSON that Lambda's Invoke API would answer: errorType, errorMessage, a stack
}

func (e *FunctionError) Error() string { return e.Type + ": " + e.Message }
