package frontdoor

import (
	"context"
	"log/slog"

	"github.com/aws/aws-lambda-go/lambdacontext"
)

// logWarn and logError write a line about this request. No value of a cookie,
// header or panic may be among the values.
func (i *invocation) logWarn(message string, namesAndValues ...any) {
	i.log(slog.LevelWarn, message, namesAndValues)
}

func (i *invocation) logError(message string, namesAndValues ...any) {
	i.log(slog.LevelError, message, namesAndValues)
}

// log adds the request's id and door to a line.
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
