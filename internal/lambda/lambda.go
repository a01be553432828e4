// Package lambda runs Lambda functions as local processes behind the Lambda
// Runtime API: one event at a time in each process, more processes when events
// overlap, a fresh one after a crash or a timeout.
//
// Package gobuild compiles functions, a Pool runs them:
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
// A process starts when an event finds no idle one, or Pool.Start is called, and is ready when it asks
// the Runtime API for its next event. It keeps an event until it and the
// extensions that registered for events have asked again. Then END and REPORT are
// written; the response was passed on before. A process over its Timeout is killed.
// So is one that was idle for a while, and, once its event is done, one whose
// program or configuration has changed. SIGTERM comes first only if an extension
// is registered, as lambda.WithEnableSIGTERM does. The table in life.go defines
// all of this.
//
// # What is contained
//
// A sandbox inherits nothing: Function.Env is its environment. Its children die
// with it: the process group on every Unix, on Linux also those that left the
// group or the session, and cleared their environment, unless they run as another
// user. The same happens when crumb itself is killed: a shell waits for that.
// Memory and CPU are not limited, and a function can do on this machine whatever
// its user can.
//
// On Windows only the process itself is killed; its children end with crumb, see
// procgroup.Bind, and what a function prints may come after its REPORT line. Max
// Memory Used is in REPORT lines on Linux only.
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

// A Function describes one Lambda function.
type Function struct {
	Name     string            // in the log, and for Invoke
	Called   string            // its name on AWS, as in its ARN; default Name
	Handler  string            // default "bootstrap"
	Timeout  time.Duration     // default 3 s
	MemoryMB int               // default 128; reported to the function, not enforced
	Env      map[string]string // of its processes, except for variables that differ between them

	// Dir is the working directory of its processes, and LAMBDA_TASK_ROOT; default the
	// folder of the bootstrap.
	Dir string

	// Credentials, if set, returns further variables for a process that is about to
	// start, and the time after which it gets no more events; zero is never. It is
	// called concurrently. After an error the process does not start.
	Credentials func(ctx context.Context) (variables map[string]string, expires time.Time, err error)

	// LogLevel is the SystemLogLevel of Lambda's own lines if they are JSON
	// records: "WARN" leaves out those that report success. Default: all are written.
	LogLevel string

	// Debugger, if set, is the command that runs the bootstrap, whose path is
	// appended: "dlv", "exec", …. The function then has one sandbox at a time.
	Debugger []string

	// Build returns the path of the bootstrap to run. It is called before each
	// event, concurrently, and must be quick if nothing has changed. Invoke returns
	// its error; a *gobuild.Error has the compiler's output.
	Build func(ctx context.Context) (bootstrap string, err error)
}

// complete checks f and fills in Lambda's defaults.
func (f *Function) complete() error {
	switch {
	case f.Name == "" || strings.ContainsFunc(f.Name, unicode.IsControl):
		return fmt.Errorf("lambda: invalid function name %q", f.Name)
	case f.Build == nil:
		return fmt.Errorf("lambda: function %q has no Build", f.Name)
	case f.Timeout < 0 || f.MemoryMB < 0:
		return fmt.Errorf("lambda: function %q: Timeout %v and MemoryMB %d must not be negative", f.Name, f.Timeout, f.MemoryMB)
	}
	f.Called = cmp.Or(f.Called, f.Name)
	f.Handler = cmp.Or(f.Handler, "bootstrap")
	f.Timeout = cmp.Or(f.Timeout, 3*time.Second)
	f.MemoryMB = cmp.Or(f.MemoryMB, 128)
	f.Env = maps.Clone(f.Env)
	return nil
}

// sameAs reports whether a sandbox of f can serve events of g.
func (f *Function) sameAs(g Function) bool {
	return f.Called == g.Called && f.Handler == g.Handler && f.Timeout == g.Timeout && f.MemoryMB == g.MemoryMB && maps.Equal(f.Env, g.Env) && f.Dir == g.Dir && f.LogLevel == g.LogLevel && slices.Equal(f.Debugger, g.Debugger)
}

// An Invocation is one event on its way to a function.
type Invocation struct {
	Payload []byte
	TraceID string // X-Amzn-Trace-Id; a new one if "" or invalid in a header

	ClientContext string // JSON, for lambdacontext.ClientContext; "": none

	// RequestID is Lambda's id of the invocation, a UUID that no other has; "" makes one.
	RequestID string

	// Built, if set, is called once, when the function is built: only the time
	// after it would also pass in the cloud.
	Built func()

	// Logged, if set, is called once when Invoke returns a Response or a
	// *FunctionError, but maybe after that: with the last 4 KB of the event's log, from
	// START to REPORT. It must not block.
	Logged func(tail []byte)
}

// A Response is the response of a function. The caller closes Body.
type Response struct {
	RequestID   string // Lambda's id of this invocation
	ContentType string // as the runtime declared it
	Body        io.ReadCloser
}

// A FunctionError is the outcome of an event that Lambda calls an error: the
// handler returned one, panicked, exited or ran out of time.
type FunctionError struct {
	RequestID string
	Type      string // "Runtime.ExitError", "Sandbox.Timedout", the Go type, …
	Message   string
	Timeout   bool   // the function's own Timeout passed
	Payload   []byte // the JSON that Lambda's Invoke API would return: errorType, errorMessage, a stack
}

func (e *FunctionError) Error() string { return e.Type + ": " + e.Message }
