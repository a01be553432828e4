package frontdoor

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"

	"github.com/crumb-go/crumb/shared/wire"
)

// Stream returns h as a Lambda function that sends its response while h writes it,
// for [github.com/aws/aws-lambda-go/lambda.Start]:
//
//	lambda.Start(frontdoor.Stream(h, frontdoor.Options{}))
//
// The door has to be set up for it: a Function URL with the invoke mode
// RESPONSE_STREAM, or a REST API whose integration has the response transfer mode
// STREAM. An event cannot say how its response will be read, so this is a choice
// at build time; events of other doors are errors that match ErrRefused.
//
// As in net/http, what h writes is sent when there are 4 KiB of it, on Flush and
// at the end. Cookies and all other headers have to be set before h first calls
// WriteHeader, Write or Flush. A response that breaks off before anything was sent
// is a 500; after that the reader fails, and the client sees it cut off. The reader
// must be read to its end or closed. Responses are not limited here: Lambda's limit
// of 200 MB can be raised.
//
// A redirect with a Location or a status from 400 on that has no body gets a
// newline for one, unless the method is HEAD or Content-Length is set: people saw
// browsers wait for the first byte.
func Stream(h http.Handler, o Options) func(context.Context, json.RawMessage) (io.Reader, error) {
	return newFunction(h, o).stream
}

func (f *function) stream(ctx context.Context, payload json.RawMessage) (io.Reader, error) {
	e, err := decode(payload)
	if err != nil {
		return nil, err
	}
	if e.door != URL && e.door != REST {
		return nil, rejectEvent("the door " + string(e.door) + " cannot stream")
	}
	ctx, cancel := context.WithCancel(ctx)
	i := &invocation{Context: ctx, event: e, function: f}
	r, err := e.request(i)
	if err != nil {
		cancel()
		return nil, err
	}
	in, out := io.Pipe()
	go func() {
		defer cancel()
		defer out.CloseWithError(errCutOff) // unless closed by then
		w := newStreamWriter(i, r, out)
		w.end(f.serve(i, w, r))
	}()
	return &streamReader{in, cancel}, nil
}

var (
	errCutOff     = errors.New("frontdoor: the handler ended in the middle of its response")
	errHeadTooBig = errors.New("frontdoor: the response's headers are bigger than the door takes")
)

// streamReader is the response as Lambda streams it. It has no exported fields,
// as lambda.Start would encode it as a value if it had.
type streamReader struct {
	pipe   *io.PipeReader
	cancel context.CancelFunc
}

func (r *streamReader) Read(p []byte) (int, error) { return r.pipe.Read(p) }

// Close lets the handler know that nobody reads on.
func (r *streamReader) Close() error {
	r.cancel()
	return r.pipe.Close()
}

// ContentType makes Lambda take the reader's bytes for a whole HTTP response.
func (r *streamReader) ContentType() string {
	return wire.StreamType
}

// streamWriter is the http.ResponseWriter of a response that is streamed. It has
// the writer's headers, and a body that goes through the buffer to the pipe.
type streamWriter struct {
	*writer
	buffer *bufio.Writer
	pipe   *io.PipeWriter
	begun  bool  // something was sent
	err    error // why nothing more can be
}

func newStreamWriter(i *invocation, r *http.Request, pipe *io.PipeWriter) *streamWriter {
	w := &streamWriter{writer: newWriter(i, r), pipe: pipe}
	w.buffer = bufio.NewWriter(streamBody{w})
	return w
}

func (w *streamWriter) Write(p []byte) (int, error) {
	if err := w.begin(len(p)); err != nil {
		return 0, err
	}
	return w.buffer.Write(p)
}

// WriteString implements io.StringWriter.
func (w *streamWriter) WriteString(s string) (int, error) {
	if err := w.begin(len(s)); err != nil {
		return 0, err
	}
	return w.buffer.WriteString(s)
}

// Flush implements http.Flusher.
func (w *streamWriter) Flush() { _ = w.FlushError() }

// FlushError is what http.ResponseController's Flush calls.
func (w *streamWriter) FlushError() error {
	w.WriteHeader(http.StatusOK)
	if err := w.buffer.Flush(); err != nil {
		return err
	}
	return w.sendHead(nil)
}

// sendHead sends status, headers and cookies unless they are sent. next is how
// the body begins.
func (w *streamWriter) sendHead(next []byte) error {
	if w.begun {
		return w.err
	}
	w.sniff(next)
	i := w.invocation
	size, biggest := i.checkHeaders(w.fixed)
	head := response{status: w.status, header: w.fixed}.streamHead(i.event.door)
	if i.event.door == REST && len(head) > wire.MaxStreamHead {
		i.logError("response rejected: its headers are bigger than the door takes",
			"bytes", len(head), "limit", wire.MaxStreamHead,
			"headerBytes", size, "biggestHeader", biggest)
		w.sendError()
		w.err = errHeadTooBig
		return w.err
	}
	return w.send(head)
}

func (w *streamWriter) send(p []byte) error {
	w.begun = true
	_, err := w.pipe.Write(p)
	return err
}

// sendError sends a whole response instead of the handler's.
func (w *streamWriter) sendError() {
	e := w.invocation.event
	r := e.internalError()
	_ = w.send(append(r.streamHead(e.door), r.body...)) // fails if nobody reads on
}

// streamHead is what comes before the body: JSON and 8 NULs.
func (r response) streamHead(door Door) []byte {
	return append(append(r.head(nil, door), '}'), wire.StreamHeadEnd...)
}

// end finishes the response of a handler that has returned, or else panicked.
func (w *streamWriter) end(returned bool) {
	switch {
	case returned && w.whole():
		if w.needsBody() {
			_ = w.buffer.WriteByte('\n')
		}
		_ = w.FlushError() // fails if nobody reads on
		w.logLate()
	case !w.begun:
		w.sendError()
	default:
		return // cut off
	}
	w.pipe.Close()
}

// needsBody reports whether a newline goes out for the body that the response has
// not got (github.com/aws/aws-lambda-go/issues/593,
// github.com/awslabs/aws-lambda-web-adapter/issues/499).
func (w *streamWriter) needsBody() bool {
	empty := w.written == 0 && w.length < 0
	allowed := w.bodyAllowed() && w.method != http.MethodHead && w.fixed.Get("Content-Encoding") == ""
	redirect := w.status >= 300 && w.fixed.Get("Location") != ""
	return empty && allowed && (redirect || w.status >= 400)
}

// streamBody is where the buffer goes.
type streamBody struct{ w *streamWriter }

func (b streamBody) Write(p []byte) (int, error) {
	if err := b.w.sendHead(p); err != nil {
		return 0, err
	}
	if b.w.method == http.MethodHead {
		return len(p), nil
	}
	return b.w.pipe.Write(p)
}
