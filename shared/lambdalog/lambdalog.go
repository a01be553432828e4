// Package lambdalog makes slog write a Lambda function's log with the names that
// Lambda gives the members of its own lines of JSON: timestamp, level, message
// and, where the context is that of a request, requestId (Lambda Developer Guide,
// "JSON structured log format"). So one filter of CloudWatch finds every failure:
//
//	{ $.level = "ERROR" }
//
// The packages beside this one log to slog's default logger, with the request's
// context, unless their Config has another Logger. [Main] sets the default for
// all that a function does; [github.com/crumb-go/crumb/shared/frontdoor.Start]
// does so as well, which is enough for a function that cannot fail before.
package lambdalog

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"os"
	"runtime/debug"

	"github.com/aws/aws-lambda-go/lambda"
	"github.com/aws/aws-lambda-go/lambdacontext"
)

// Main runs a function's start, which reads the environment and ends in
// frontdoor.Start or lambda.Start, with SetDefault before. If start returns an
// error or panics, Main logs that as one line of level ERROR, and ends the process
// with status 1. It returns if start returns nil.
func Main(start func() error) {
	SetDefault()
	if err := try(start); err != nil {
		slog.Error("the function did not start", "error", err)
		os.Exit(1)
	}
}

// A Handler is a Lambda function, such as lambda.NewHandler makes, each of whose
// errors is logged as a line of level ERROR of slog's default logger, with the
// context of the event. (What lambda.Start logs of one has no level.) A panic is
// logged with the type of its value and the stack, and is an error to the caller;
// the process goes on. It may be used concurrently if what it embeds may.
type Handler struct{ lambda.Handler }

// Invoke implements lambda.Handler.
func (h Handler) Invoke(ctx context.Context, event []byte) (response []byte, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("panic of type %T", p)
			slog.ErrorContext(ctx, "the function panicked", "error", err, "stack", string(debug.Stack()))
		} else if err != nil {
			slog.ErrorContext(ctx, "the function failed", "error", err)
		}
	}()
	return h.Handler.Invoke(ctx, event)
}

// try turns a panic of start into an error. No request has been seen by then, so
// the panic's value holds none of a visitor's.
func try(start func() error) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("panic: %v\n%s", p, debug.Stack())
		}
	}()
	return start()
}

// SetDefault makes New's logger to stderr slog's default, with the level that the
// function's configuration has put into AWS_LAMBDA_LOG_LEVEL. Lines of package
// log, too, then are lines of JSON, of level INFO.
func SetDefault() {
	slog.SetDefault(New(os.Stderr, os.Getenv("AWS_LAMBDA_LOG_LEVEL")))
}

// New returns a logger that writes to w. What is below level ("DEBUG", "INFO",
// "WARN", "ERROR") is left out; INFO where level is none of these. Lines are JSON
// in either log format of the function, as a filter finds no level in others.
func New(w io.Writer, level string) *slog.Logger {
	o := slog.HandlerOptions{ReplaceAttr: lambdacontext.ReplaceAttr}
	var least slog.Level
	if least.UnmarshalText([]byte(level)) == nil {
		o.Level = least
	}
	return slog.New(requestIDs{slog.NewJSONHandler(w, &o)})
}

// requestIDs adds the requestId to each record whose context has one. (Package
// lambdacontext's handler does too, and writes JSON only where the function's
// log format is JSON.)
type requestIDs struct{ slog.Handler }

func (h requestIDs) Handle(ctx context.Context, r slog.Record) error {
	if lc, ok := lambdacontext.FromContext(ctx); ok {
		r.AddAttrs(slog.String("requestId", lc.AwsRequestID))
	}
	return h.Handler.Handle(ctx, r)
}

func (h requestIDs) WithAttrs(attrs []slog.Attr) slog.Handler {
	return requestIDs{h.Handler.WithAttrs(attrs)}
}

func (h requestIDs) WithGroup(name string) slog.Handler {
	return requestIDs{h.Handler.WithGroup(name)}
}
