package gateway

import (
	"context"
	"errors"
	"io"
	"math"
	"time"
)

// headLimits are those of a request line and headers, in bytes; 0 for none.
type headLimits struct {
	url      int  // path and query
	line     int  // the request line, or one header
	values   int  // all values of headers together
	withLine bool // values counts the request line too
}

// Those of load balancers are from "Troubleshoot your Application Load Balancers".
const (
	albLine = 16 << 10
	albHead = 64 << 10
)

// checkHead holds the request line and the headers against the door's limits.
func (q *request) checkHead() error {
	total, longest := len(q.req.Host), 0
	for name, values := range q.req.Header {
		for _, v := range values {
			total += len(v)
			longest = max(longest, len(name)+len(": ")+len(v))
		}
	}
	url := len(q.slashes) + len(q.path) + len(q.query)
	line := len(q.req.Method) + url + len(" ? HTTP/1.1")
	limit := q.door.head
	if limit.withLine {
		total += line
	}
	longest = max(longest, line)
	switch {
	case limit.url > 0 && url > limit.url:
		return errorFor(urlTooLong, "URL of %d bytes, limit %d", url, limit.url)
	case limit.line > 0 && longest > limit.line:
		return errorFor(headersTooLarge, "request line or header of %d bytes, limit %d", longest, limit.line)
	case limit.values > 0 && total > limit.values:
		return errorFor(headersTooLarge, "%d bytes of request headers, limit %d; how large are the cookies?", total, limit.values)
	}
	return nil
}

// readBody reads the request body.
func (q *request) readBody() error {
	if q.req.ContentLength == 0 {
		return nil
	}
	body, err := io.ReadAll(io.LimitReader(q.req.Body, q.door.maxBody+1))
	if err != nil {
		return errorFor(badRequest, "read request body: %w", err)
	}
	if int64(len(body)) > q.door.maxBody {
		return errorFor(requestTooLarge, "request body over %d bytes", q.door.maxBody)
	}
	q.body = body
	return nil
}

// timeLimit is how long the function may take, 0 for as long as its own timeout
// lets it. For a stream that is until its end: a REST API lets its integration
// timeout be set to up to 15 minutes there, and it is 29 seconds by default all the
// same ("Stream the integration response for your proxy integrations in API
// Gateway").
func (x *exchange) timeLimit() time.Duration {
	limit := x.door.timeout
	switch {
	case x.gateway.options.NoTimeLimit:
		return 0
	case limit > 0 && x.route.Timeout > 0:
		return x.route.Timeout
	}
	return limit
}

// pauseLimit is how long a stream may pause, 0 for as long as it wants.
func (x *exchange) pauseLimit() time.Duration {
	switch {
	case x.gateway.options.NoTimeLimit:
		return 0
	case x.api.Edge:
		return x.door.edgePause
	}
	return x.door.pause
}

// A limitError is a time limit that a function has passed.
type limitError string

const (
	errTimeLimit  limitError = "integration timeout exceeded"
	errPauseLimit limitError = "stream idle timeout exceeded"
)

func (e limitError) Error() string { return string(e) }

// A deadline is a context that ends when its clock runs out. The clock does not run
// before Start. Its methods may be called concurrently.
type deadline struct {
	context.Context
	cancel context.CancelCauseFunc
	clock  *time.Timer
}

// newDeadline returns a deadline that ends with err as its cause, or together with
// its parent. It must be closed.
func newDeadline(parent context.Context, err limitError) *deadline {
	ctx, cancel := context.WithCancelCause(parent)
	d := &deadline{ctx, cancel, time.AfterFunc(math.MaxInt64, func() { cancel(err) })}
	d.clock.Stop()
	return d
}

// Start lets the context end after limit, counted from now; 0 means no limit.
func (d *deadline) Start(limit time.Duration) {
	if d.clock.Stop(); limit > 0 {
		d.clock.Reset(limit)
	}
}

// Stop stops the clock, until the next Start.
func (d *deadline) Stop() { d.clock.Stop() }

// Close ends the context without a cause.
func (d *deadline) Close() {
	d.clock.Stop()
	d.cancel(nil)
}

// Cause returns the limit by which the context or its parent has ended, else err,
// the error of something that used the context.
func (d *deadline) Cause(err error) error {
	if passed := limitError(""); errors.As(context.Cause(d), &passed) {
		return passed
	}
	return err
}
