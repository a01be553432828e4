package gateway

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"

	"github.com/crumb-go/crumb/internal/lambda"
	"github.com/crumb-go/crumb/shared/wire"
)

// preludeLimit is how long the prelude of a stream may be, in bytes.
const preludeLimit = 1 << 20

// streams tells whether a response goes out as it arrives. Where the template
// does not ask for that, AWS waits for the whole of it, prelude included, and
// treats it as a response of the other kind. Behind a door of another kind of
// API, whose template can ask for nothing, what the function does decides.
func (x *exchange) streams(contentType string) bool {
	asked := x.api.Stream || x.route.Stream
	switch d := x.door; {
	case !d.streams:
		return false
	case contentType == wire.StreamType:
		return asked || ownDoors[x.api.Kind] != d.name
	default:
		return d.rawStream && contentType == "application/octet-stream" && x.api.Stream
	}
}

// stream writes a response as it arrives. A limit that passes closes its body.
func (x *exchange) stream(d *deadline, in *lambda.Response) {
	body := bufio.NewReader(in.Body)
	out := &response{status: http.StatusOK, lines: []line{{"Content-Type", in.ContentType}}}
	if in.ContentType == wire.StreamType {
		var err error
		if out, err = x.readPrelude(body); err != nil {
			x.sendError(d.Cause(fmt.Errorf("malformed response: stream prelude: %w", err)))
			return
		}
	}
	if !x.sendHead(out) || !hasBody(x.req.Method, out.status) {
		return
	}
	pause := newDeadline(d, errPauseLimit)
	defer pause.Close()
	defer context.AfterFunc(pause, func() { in.Body.Close() })()
	sent, err := x.copyFlushing(body, pause)
	if sent == 0 && err == nil && waitsForBody(out) {
		x.gateway.log.Warn("a streamed redirect or error without a body: people saw AWS keep browsers waiting for its first byte",
			"function", x.route.Function.ID, "path", x.path, "status", out.status)
	}
	if err != nil {
		x.logBreak(pause.Cause(err))
		panic(http.ErrAbortHandler) // all that HTTP has to say so after the first byte
	}
}

func (x *exchange) logBreak(err error) {
	if limit := limitError(""); !errors.As(err, &limit) && x.clientLeft(err) {
		x.gateway.log.Info(x.route.Function.ID+": "+errClientLeft.Error(), "method", x.req.Method, "path", x.path)
		return
	}
	x.gateway.log.Warn("streamed response was cut off", "function", x.route.Function.ID, "path", x.path, "error", err)
}

// readPrelude reads status and headers from the prelude of a stream, which is JSON without
// a body and then wire.StreamHeadEnd.
func (x *exchange) readPrelude(body *bufio.Reader) (*response, error) {
	var prelude []byte
	for !bytes.HasSuffix(prelude, []byte(wire.StreamHeadEnd)) {
		part, err := body.ReadSlice(0)
		prelude = append(prelude, part...)
		if err != nil && !errors.Is(err, bufio.ErrBufferFull) {
			return nil, fmt.Errorf("no end: %w", err)
		}
		if len(prelude) > preludeLimit {
			return nil, fmt.Errorf("over %d bytes", preludeLimit)
		}
	}
	r, err := decodeResponse(x.door, prelude[:len(prelude)-len(wire.StreamHeadEnd)], "")
	if err != nil {
		return nil, err
	}
	status, err := r.validate()
	if err != nil {
		return nil, err
	}
	x.returned = r
	lines, err := x.door.lines(x, r)
	if err == nil {
		lines, err = r.withCookies(lines)
	}
	if err != nil {
		return nil, err
	}
	return &response{status: status, lines: withContentType(lines, "application/octet-stream")}, nil
}

// waitsForBody reports whether a browser that gets no body may have to wait for
// one (github.com/aws/aws-lambda-go/issues/593).
func waitsForBody(out *response) bool {
	redirects := out.status >= 300 && contains(out.lines, "Location")
	return (out.status >= 400 || redirects) && !contains(out.lines, "Content-Length")
}

// copyFlushing passes on each piece of body when it comes, and counts its bytes.
// While it waits for one, the clock of pause runs.
func (x *exchange) copyFlushing(body io.Reader, pause *deadline) (sent int, err error) {
	flusher := http.NewResponseController(x.w)
	if err := flusher.Flush(); err != nil {
		return 0, err
	}
	buf, limit := make([]byte, 32<<10), x.pauseLimit()
	for {
		pause.Start(limit)
		n, err := body.Read(buf)
		pause.Stop()
		if n > 0 {
			if _, err := x.w.Write(buf[:n]); err != nil || flusher.Flush() != nil {
				return sent, errClientLeft
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
