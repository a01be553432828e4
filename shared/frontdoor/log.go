package frontdoor

import (
	"context"
	"encoding/json"
	"os"
	"time"

	"github.com/aws/aws-lambda-go/lambdacontext"
)

// Logger takes what Options.Logger says: a message, and names and values in
// turn. A *slog.Logger is one. (This package does without log/slog itself,
// which would be a hundredth of a function's size.)
type Logger interface {
	WarnContext(ctx context.Context, message string, namesAndValues ...any)
	ErrorContext(ctx context.Context, message string, namesAndValues ...any)
}

// stderrLog writes JSON lines with the names that Lambda gives its own (Lambda
// Developer Guide, "JSON structured log format").
type stderrLog struct{}

func (stderrLog) WarnContext(_ context.Context, message string, namesAndValues ...any) {
	writeLine("WARN", message, namesAndValues)
}

func (stderrLog) ErrorContext(_ context.Context, message string, namesAndValues ...any) {
	writeLine("ERROR", message, namesAndValues)
}

func writeLine(level, message string, namesAndValues []any) {
	line := map[string]any{
		"timestamp": time.Now().UTC().Format(time.RFC3339Nano),
		"level":     level,
		"message":   message,
	}
	for i := 0; i+1 < len(namesAndValues); i += 2 {
		line[namesAndValues[i].(string)] = namesAndValues[i+1]
	}
	b, _ := json.Marshal(line)              // texts, numbers and lists of texts cannot fail
	_, _ = os.Stderr.Write(append(b, '\n')) // and if stderr does, nobody can be told
}

// logWarn and logError write a line about this request. No value of a cookie,
// header or panic may be among the values.
func (i *invocation) logWarn(message string, namesAndValues ...any) {
	i.logger.WarnContext(logContext{i}, message, i.named(namesAndValues)...)
}

func (i *invocation) logError(message string, namesAndValues ...any) {
	i.logger.ErrorContext(logContext{i}, message, i.named(namesAndValues)...)
}

// named adds what tells requests apart.
func (i *invocation) named(namesAndValues []any) []any {
	id := i.lambdaRequestID()
	if id == "" {
		id = i.event.requestID
	}
	return append(namesAndValues, "requestId", id, "door", string(i.event.door))
}

// logContext hides the Lambda context from package lambdacontext's logger, which
// would write the requestId a second time.
type logContext struct{ context.Context }

func (c logContext) Value(key any) any {
	value := c.Context.Value(key)
	if _, ok := value.(*lambdacontext.LambdaContext); ok {
		return nil
	}
	return value
}
