package frontdoor

import (
	"context"
	"io"
	"log/slog"

	"github.com/aws/aws-lambda-go/lambdacontext"
)

// lambdaLogger writes JSON lines with the names that Lambda gives the members
// of its own (Lambda Developer Guide, "JSON structured log format"): timestamp,
// level, message and, of a request's context, requestId. What is below level
// ("DEBUG", "INFO", "WARN", "ERROR") is left out; INFO where level is none of
// these.
func lambdaLogger(w io.Writer, level string) *slog.Logger {
	o := slog.HandlerOptions{ReplaceAttr: lambdacontext.ReplaceAttr}
	var least slog.Level
	if least.UnmarshalText([]byte(level)) == nil {
		o.Level = least
	}
	return slog.New(requestIDs{slog.NewJSONHandler(w, &o)})
}

// requestIDs adds the requestId to each record whose context has one. (Package
// lambdacontext's handler does too, and writes JSON only where the function's
// log format is JSON; a line of text has no level for a filter to find.)
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

// logWarn and logError write a line about this request. No value of a cookie,
// header or panic may be among the values.
func (i *invocation) logWarn(message string, namesAndValues ...any) {
	i.log(slog.LevelWarn, message, namesAndValues)
}

func (i *invocation) logError(message string, namesAndValues ...any) {
	i.log(slog.LevelError, message, namesAndValues)
}

// log adds what tells requests apart.
func (i *invocation) log(level slog.Level, message string, namesAndValues []any) {
	logger := i.function.logger
	if logger == nil {
		logger = slog.Default()
	}
	id := i.lambdaRequestID()
	if id == "" {
		id = i.event.requestID
	}
	logger.Log(logContext{i}, level, message, append(namesAndValues, "requestId", id, "door", string(i.event.door))...)
}

// logContext hides the Lambda context from handlers that would write its
// requestId a second time. Any handler gets the line with one.
type logContext struct{ context.Context }

func (c logContext) Value(key any) any {
	value := c.Context.Value(key)
	if _, ok := value.(*lambdacontext.LambdaContext); ok {
		return nil
	}
	return value
}
