package lambda

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/crumb-go/crumb/shared/wire"
)

// A runtimeResponse is what one request of a process gets.
type runtimeResponse struct {
	status int
	header http.Header // further ones than all have
	body   []byte
	event  *call // what the body is, in a response to next
}

// A refusal is an error of the Runtime API, as the runtime sees it.
type refusal struct {
	status    int
	errorType string
	message   string
}

var (
	errID        = &refusal{http.StatusBadRequest, "InvalidRequestID", "Invalid request ID"}
	errState     = &refusal{http.StatusForbidden, "InvalidStateTransition", "State transition is not allowed"}
	errTruncated = &refusal{http.StatusBadRequest, "TruncatedHTTPRequest", "HTTP request was truncated"}
	errMode      = &refusal{http.StatusBadRequest, "InvalidFunctionResponseMode", "Invalid function response mode"}
	errTooLarge  = &refusal{http.StatusRequestEntityTooLarge, "RequestEntityTooLarge", "Exceeded maximum allowed payload size (" + strconv.Itoa(wire.MaxPayload) + " bytes)."}
	errName      = &refusal{http.StatusForbidden, "Extension.InvalidExtensionName", "Empty extension name"}
	errFormat    = &refusal{http.StatusForbidden, "InvalidRequestFormat", "Could not parse request body"}
	errEvent     = &refusal{http.StatusForbidden, "Extension.InvalidEventType", "An internal extension may register for INVOKE only"}
	errGone      = &refusal{} // nobody reads it: the connection is closed
	errExtension = &refusal{http.StatusForbidden, "Extension.UnknownExtensionIdentifier", "Unknown extension identifier"}
)

// nextResponse is what a request for the next event gets.
func nextResponse(c *call, deadline time.Time, arn string) *runtimeResponse {
	return &runtimeResponse{
		status: http.StatusOK,
		header: http.Header{
			"Lambda-Runtime-Aws-Request-Id":       {c.id},
			"Lambda-Runtime-Deadline-Ms":          {strconv.FormatInt(deadline.UnixMilli(), 10)},
			"Lambda-Runtime-Invoked-Function-Arn": {arn},
			"Lambda-Runtime-Trace-Id":             {c.TraceID},
		},
		body:  c.Payload,
		event: c,
	}
}

// A runtimeAPI serves the requests of one sandbox's process.
type runtimeAPI struct{ s *sandbox }

// serve answers one request; nil hangs up on it.
func (a runtimeAPI) serve(r *http.Request, path string) *runtimeResponse {
	const invocation = "2018-06-01/runtime/invocation/"
	id, _, _ := strings.Cut(strings.TrimPrefix(path, invocation), "/")
	switch r.Method + " " + path {
	case "GET " + invocation + "next":
		return a.s.next()
	case "POST " + invocation + id + "/response":
		return a.respond(id, r).response()
	case "POST " + invocation + id + "/error":
		return a.fail(id, r).response()
	case "POST 2018-06-01/runtime/init/error":
		return a.failInit(r).response()
	case "POST 2020-01-01/extension/register":
		return a.register(r)
	case "GET 2020-01-01/extension/event/next":
		return a.s.nextOf(r.Header.Get("Lambda-Extension-Identifier"))
	case "POST 2020-01-01/extension/init/error", "POST 2020-01-01/extension/exit/error":
		return accepted
	case "PUT 2022-07-01/telemetry":
		return (&refusal{http.StatusAccepted, "Telemetry.NotSupported", "Telemetry API is not supported"}).response()
	case "PUT 2020-08-15/logs":
		return (&refusal{http.StatusAccepted, "Logs.NotSupported", "Logs API is not supported"}).response()
	}
	return notFound
}

// respond takes a function's response.
func (a runtimeAPI) respond(id string, r *http.Request) *refusal {
	c, refused := a.s.beginResponse(id)
	if refused != nil {
		return refused
	}
	response := &Response{RequestID: c.id, ContentType: r.Header.Get("Content-Type")}
	switch r.Header.Get("Lambda-Runtime-Function-Response-Mode") {
	case "":
		if response.ContentType == wire.StreamType { // aws-lambda-go does not send the mode
			return a.stream(c, response, r)
		}
	case "streaming":
		return a.stream(c, response, r)
	default:
		a.s.handle(brokeOff, cause{call: c})
		return errMode
	}
	body, err := io.ReadAll(io.LimitReader(r.Body, wire.MaxPayload+1))
	if err != nil {
		a.s.handle(brokeOff, cause{call: c})
		return errTruncated
	}
	if len(body) > wire.MaxPayload {
		err := newFunctionError(c.id, "Function.ResponseSizeTooLarge", "Response payload size exceeded maximum allowed payload size ("+strconv.Itoa(wire.MaxPayload)+" bytes).")
		a.s.handle(completed, cause{call: c, outcome: outcome{err: err}})
		return errTooLarge
	}
	if err := trailerError(c.id, r.Trailer); err != nil {
		a.s.handle(completed, cause{call: c, outcome: outcome{err: err}})
		return nil
	}
	response.Body = io.NopCloser(bytes.NewReader(body))
	a.s.handle(completed, cause{call: c, outcome: outcome{response: response}})
	return nil
}

// stream passes a response on as it comes.
func (a runtimeAPI) stream(c *call, response *Response, r *http.Request) *refusal {
	body, w := io.Pipe()
	response.Body = body
	if a.s.handle(streamed, cause{call: c, outcome: outcome{response: response, stream: w}}) != nil {
		body.Close() // too late: nobody waits for it
	}
	defer a.s.handle(completed, cause{call: c})
	_, err := io.Copy(w, r.Body)
	if errors.Is(err, io.ErrClosedPipe) { // the client went away, the function need not know
		_, err = io.Copy(io.Discard, r.Body)
	}
	if err != nil {
		w.CloseWithError(newFunctionError(c.id, "Runtime.TruncatedResponse", "the answer ended before it was complete"))
		return errTruncated
	}
	if err := trailerError(c.id, r.Trailer); err != nil {
		w.CloseWithError(err)
	}
	w.Close()
	return nil
}

// trailerError is the error of a function that failed after it had begun to
// respond; nil when it did not.
func trailerError(id string, trailer http.Header) error {
	errorType := trailer.Get("Lambda-Runtime-Function-Error-Type")
	if errorType == "" {
		return nil
	}
	body, _ := base64.StdEncoding.DecodeString(trailer.Get("Lambda-Runtime-Function-Error-Body")) // unreadable: an error without words
	return parseFunctionError(id, errorType, body)
}

// fail takes the error of a function.
func (a runtimeAPI) fail(id string, r *http.Request) *refusal {
	c, refused := a.s.beginResponse(id)
	if refused != nil {
		return refused
	}
	body, err := io.ReadAll(io.LimitReader(r.Body, wire.MaxPayload))
	if err != nil {
		a.s.handle(brokeOff, cause{call: c})
		return errTruncated
	}
	failed := parseFunctionError(id, r.Header.Get("Lambda-Runtime-Function-Error-Type"), body)
	a.s.handle(completed, cause{call: c, outcome: outcome{err: failed}})
	return nil
}

// failInit takes the error of a runtime that could not start; it exits then.
func (a runtimeAPI) failInit(r *http.Request) *refusal {
	body, err := io.ReadAll(io.LimitReader(r.Body, wire.MaxPayload))
	if err != nil {
		return errTruncated
	}
	return a.s.handle(initFailed, cause{err: parseFunctionError("", r.Header.Get("Lambda-Runtime-Function-Error-Type"), body)})
}

// response is what a request gets that is refused or, where r is nil, taken. It is
// nil to hang up.
func (r *refusal) response() *runtimeResponse {
	switch r {
	case nil:
		return accepted
	case errGone:
		return nil
	}
	return &runtimeResponse{status: r.status, body: encode(map[string]string{"errorType": r.errorType, "errorMessage": r.message})}
}

var (
	accepted = &runtimeResponse{status: http.StatusAccepted, body: []byte(`{"status":"OK"}`)}
	notFound = &runtimeResponse{status: http.StatusNotFound, body: []byte(`{"errorMessage":"404 page not found","errorType":"NotFound"}`)}
)

func encode(v map[string]string) []byte {
	b, _ := json.Marshal(v) // strings cannot fail
	return b
}
