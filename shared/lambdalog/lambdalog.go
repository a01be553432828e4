// Package lambdalog makes slog write JSON lines with the member names of Lambda's own
// log: timestamp, level, message and, if the context is a request's, requestId (Lambda
// Developer Guide, "JSON structured log format"). So one CloudWatch filter finds every
// failure:
//
//	{ $.level = "ERROR" }
//
// The packages in shared log to slog's default logger, with the request's context,
// unless their Config has another Logger. [Main] sets that default for the whole
// function. [github.com/crumb-go/crumb/shared/frontdoor.Start] does too, which is enough
// for a function that cannot fail before it.
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

// Main calls SetDefault and then start, which reads the environment and calls
// frontdoor.Start or lambda.Start. If start returns an error or panics, Main logs that
// as one line with level ERROR, and ends the process with status 1. It returns if start
// returns nil.
func Main(start func() error) {
	SetDefault()
	if err := try(start); err != nil {
		slog.Error("the function did not start", "error", err)
		os.Exit(1)
	}
}

// A Handler wraps a Lambda function, such as lambda.NewHandler makes, and logs each of
// its errors to slog's default logger as a line with level ERROR, with the event's
// context. (What lambda.Start logs has no level.) A panic is logged with the type of its
// value and the stack, and becomes an error; the process continues. It is safe for
// concurrent use if the embedded Handler is.
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

// try turns a panic of start into an error. There was no request yet, so the panic's
// value has nothing of a visitor's.
func try(start func() error) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("panic: %v\n%s", p, debug.Stack())
		}
	}()
	return start()
}

// SetDefault makes a logger from New slog's default. It writes to stderr, with the level
// in AWS_LAMBDA_LOG_LEVEL, which the function's configuration sets. Package log then
// writes JSON lines too, with level INFO.
func SetDefault() {
	slog.SetDefault(New(os.Stderr, os.Getenv("AWS_LAMBDA_LOG_LEVEL")))
}

// New returns a logger that writes to w what is at least level: "DEBUG", "INFO", "WARN"
// or "ERROR"; anything else means INFO. It writes JSON in both log formats of a
// function, as filters find a level only in JSON.
func New(w io.Writer, level string) *slog.Logger {
	o := slog.HandlerOptions{ReplaceAttr: lambdacontext.ReplaceAttr}
	var least slog.Level
	if least.UnmarshalText([]byte(level)) == nil {
		o.Level = least
	}
	return slog.New(requestIDs{slog.NewJSONHandler(w, &o)})
}

// requestIDs adds the requestId to each record whose context has one. (So does the
// handler of package lambdacontext, but it writes JSON only if the function's log format
// is JSON.)
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
