package gateway

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/crumb-go/crumb/internal/app"
	"github.com/crumb-go/crumb/internal/lambda"
	"github.com/crumb-go/crumb/shared/frontdoor"
	"github.com/crumb-go/crumb/shared/wire"
)

// preludeLimit is how long the JSON before the body of a stream may be, in bytes.
const preludeLimit = 1 << 20

// streams tells whether an answer goes out as it arrives. Where the template
// does not ask for that, AWS waits for the whole of it, prelude included, and
// takes it for an answer of the other kind. Behind a door that the template
// knows nothing of, what the function does decides.
func (x *exchange) streams(contentType string) bool {
	asked := x.api.Stream || x.route.Stream
	switch x.door {
	case frontdoor.REST:
		return contentType == wire.StreamType && (asked || x.api.Kind != app.REST)
	case frontdoor.URL:
		return contentType == wire.StreamType && (asked || x.api.Kind != app.URL) || contentType == "application/octet-stream" && x.api.Stream
	}
	return false
}

// noStream says why a stream is taken for a whole answer.
func (x *exchange) noStream() string {
	switch x.door {
	case frontdoor.REST:
		return "the function streams, but its event has no ResponseTransferMode RESPONSE_STREAM"
	case frontdoor.URL:
		return "the function streams, but its URL has InvokeMode BUFFERED"
	}
	return "the function streams, but this door does not"
}

// stream writes an answer as it arrives. A pause that is too long ends ctx, which
// closes the answer's body.
func (x *exchange) stream(ctx context.Context, cancel context.CancelCauseFunc, a *lambda.Response) {
	body := bufio.NewReader(a.Body)
	re := &reply{status: http.StatusOK, lines: []line{{"Content-Type", a.ContentType}}}
	if a.ContentType == wire.StreamType {
		var err error
		if re, err = x.readPrelude(body); err != nil {
			x.failInvoke(orLimit(ctx, fmt.Errorf("malformed answer: %w", err)))
			return
		}
	}
	if !x.sendHead(re) {
		return
	}
	if !hasBody(x.Method, re.status) {
		return
	}
	idle := time.AfterFunc(math.MaxInt64, func() { cancel(errIdle) })
	defer idle.Stop()
	sent, err := x.copyFlushing(body, idle)
	if sent == 0 && err == nil && waitsForBody(re) {
		x.gateway.Log.Warn("a streamed redirect or error without a body: people saw AWS keep browsers waiting for its first byte",
			"function", x.route.Function.ID, "path", x.path, "status", re.status)
	}
	if err != nil {
		x.gateway.Log.Warn("a streamed answer broke off", "function", x.route.Function.ID, "path", x.path, "error", orLimit(ctx, err))
		panic(http.ErrAbortHandler) // all that HTTP has to say so after the first byte
	}
}

// readPrelude reads status and headers from the head of a stream.
func (x *exchange) readPrelude(body *bufio.Reader) (*reply, error) {
	var prelude []byte
	for !bytes.HasSuffix(prelude, []byte(wire.StreamHeadEnd)) {
		part, err := body.ReadSlice(0)
		prelude = append(prelude, part...)
		if err != nil && !errors.Is(err, bufio.ErrBufferFull) {
			return nil, fmt.Errorf("stream prelude: no end: %w", err)
		}
		if len(prelude) > preludeLimit {
			return nil, fmt.Errorf("stream prelude: over %d bytes", preludeLimit)
		}
	}
	a, err := parseAnswer(prelude[:len(prelude)-len(wire.StreamHeadEnd)])
	if err != nil {
		return nil, fmt.Errorf("stream prelude: %w", err)
	}
	x.answered = a
	lines := a.headers
	if x.door == frontdoor.REST {
		lines = x.mergeV1(a)
	} else {
		x.warnMulti(a)
	}
	cookies, err := parseList(a.cookies)
	if err != nil {
		return nil, fmt.Errorf("stream prelude: cookies: %w", err)
	}
	for _, c := range cookies {
		lines = append(lines, line{"Set-Cookie", c})
	}
	return &reply{status: a.status, lines: withContentType(lines, "application/octet-stream")}, nil
}

// waitsForBody reports whether a browser that gets no body may have to wait for
// one (github.com/aws/aws-lambda-go/issues/593).
func waitsForBody(re *reply) bool {
	has := func(name string) bool {
		return slices.ContainsFunc(re.lines, func(l line) bool { return strings.EqualFold(l.name, name) })
	}
	return (re.status >= 400 || re.status >= 300 && has("Location")) && !has("Content-Length")
}

// copyFlushing passes on each piece of body when it comes, and counts its bytes.
// While it waits for one, idle runs.
func (x *exchange) copyFlushing(body io.Reader, idle *time.Timer) (sent int, err error) {
	flusher := http.NewResponseController(x.w)
	if err := flusher.Flush(); err != nil {
		return 0, err
	}
	buf, limit := make([]byte, 32<<10), x.idleLimit()
	for {
		if limit > 0 {
			idle.Reset(limit)
		}
		n, err := body.Read(buf)
		idle.Stop()
		if n > 0 {
			if _, err := x.w.Write(buf[:n]); err != nil {
				return sent, err
			}
			if err := flusher.Flush(); err != nil {
				return sent, err
			}
			sent += n
		}
		switch {
		case err == io.EOF:
			return sent, nil
		case err != nil:
			return sent, err
		}
	}
}
