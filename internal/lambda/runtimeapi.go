package lambda

import (
	"bytes"
	"cmp"
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

// A runtimeResponse is the response to a request of a process.
type runtimeResponse struct {
	status int
	header http.Header // beside those that every response has
	body   []byte
	event  *call // whose payload the body is, in a response to next
}

var (
	accepted = &runtimeResponse{status: http.StatusAccepted, body: []byte(`{"status":"OK"}`)}
	notFound = apiError(http.StatusNotFound, "NotFound", "404 page not found")
	hangUp   = &runtimeResponse{} // the connection is closed instead

	errID        = apiError(http.StatusBadRequest, "InvalidRequestID", "Invalid request ID")
	errState     = apiError(http.StatusForbidden, "InvalidStateTransition", "State transition is not allowed")
	errTruncated = apiError(http.StatusBadRequest, "TruncatedHTTPRequest", "HTTP request was truncated")
	errMode      = apiError(http.StatusBadRequest, "InvalidFunctionResponseMode", "Invalid function response mode")
	errTooLarge  = apiError(http.StatusRequestEntityTooLarge, "RequestEntityTooLarge", "Exceeded maximum allowed payload size ("+strconv.Itoa(wire.MaxPayload)+" bytes).")
	errName      = apiError(http.StatusForbidden, "Extension.InvalidExtensionName", "Empty extension name")
	errFormat    = apiError(http.StatusForbidden, "InvalidRequestFormat", "Could not parse request body")
	errEvent     = apiError(http.StatusForbidden, "Extension.InvalidEventType", "An internal extension may register for INVOKE only")
	errExtension = apiError(http.StatusForbidden, "Extension.UnknownExtensionIdentifier", "Unknown extension identifier")
	errTelemetry = apiError(http.StatusAccepted, "Telemetry.NotSupported", "Telemetry API is not supported")
	errLogs      = apiError(http.StatusAccepted, "Logs.NotSupported", "Logs API is not supported")
)

// apiError makes an error response of the Runtime API.
func apiError(status int, errorType, message string) *runtimeResponse {
	return &runtimeResponse{status: status, body: encode(map[string]string{"errorType": errorType, "errorMessage": message})}
}

func encode(v map[string]string) []byte {
	b, _ := json.Marshal(v) // strings cannot fail
	return b
}

// nextResponse is the response to a request for the next event.
func nextResponse(c *call, deadline time.Time, arn string) *runtimeResponse {
	response := &runtimeResponse{
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
	if c.ClientContext != "" {
		response.header.Set("Lambda-Runtime-Client-Context", c.ClientContext)
	}
	return response
}

// A runtimeAPI serves the requests of one sandbox's process.
type runtimeAPI struct{ s *sandbox }

// serve returns the response to one request.
func (a runtimeAPI) serve(r *http.Request, path string) *runtimeResponse {
	const invocation = "2018-06-01/runtime/invocation/"
	id, _, _ := strings.Cut(strings.TrimPrefix(path, invocation), "/")
	switch r.Method + " " + path {
	case "GET " + invocation + "next":
		return a.s.next()
	case "POST " + invocation + id + "/response":
		return a.takeResponse(id, r)
	case "POST " + invocation + id + "/error":
		return a.takeError(id, r)
	case "POST 2018-06-01/runtime/init/error":
		return a.takeInitError(r)
	case "POST 2020-01-01/extension/register":
		return a.register(r)
	case "GET 2020-01-01/extension/event/next":
		return a.s.nextOf(r.Header.Get("Lambda-Extension-Identifier"))
	case "POST 2020-01-01/extension/init/error", "POST 2020-01-01/extension/exit/error":
		return accepted
	case "PUT 2022-07-01/telemetry":
		return errTelemetry
	case "PUT 2020-08-15/logs":
		return errLogs
	}
	return notFound
}

// takeResponse reads a function's response.
func (a runtimeAPI) takeResponse(id string, r *http.Request) *runtimeResponse {
	c, rejected := a.s.beginResponse(id)
	if rejected != nil {
		return rejected
	}
	response := &Response{RequestID: c.id, ContentType: r.Header.Get("Content-Type")}
	switch mode := r.Header.Get("Lambda-Runtime-Function-Response-Mode"); {
	case mode == "streaming", mode == "" && response.ContentType == wire.StreamType: // aws-lambda-go does not send the mode
		return a.stream(c, response, r)
	case mode != "":
		a.s.handle(brokeOff, cause{call: c})
		return errMode
	}
	body, err := io.ReadAll(io.LimitReader(r.Body, wire.MaxPayload+1))
	if err != nil {
		a.s.handle(brokeOff, cause{call: c})
		return errTruncated
	}
	if len(body) > wire.MaxPayload {
		a.complete(c, outcome{err: newFunctionError(c.id, "Function.ResponseSizeTooLarge", "Response payload size exceeded maximum allowed payload size ("+strconv.Itoa(wire.MaxPayload)+" bytes).")})
		return errTooLarge
	}
	if err := trailerError(c.id, r.Trailer); err != nil {
		return a.complete(c, outcome{err: err})
	}
	response.Body = io.NopCloser(bytes.NewReader(body))
	return a.complete(c, outcome{response: response})
}

// complete ends a response, or an error, that was read whole.
func (a runtimeAPI) complete(c *call, o outcome) *runtimeResponse {
	a.s.handle(completed, cause{call: c, outcome: o})
	return accepted
}

// stream passes a response on as it comes.
func (a runtimeAPI) stream(c *call, response *Response, r *http.Request) *runtimeResponse {
	body, w := io.Pipe()
	response.Body = body
	if a.s.handle(streamed, cause{call: c, outcome: outcome{response: response, stream: w}}) != nil {
		body.Close() // too late: its event has ended
	}
	defer a.complete(c, outcome{})
	_, err := io.Copy(w, r.Body)
	if errors.Is(err, io.ErrClosedPipe) { // the client went away; the function does not notice
		_, err = io.Copy(io.Discard, r.Body)
	}
	if err != nil {
		w.CloseWithError(newFunctionError(c.id, "Runtime.TruncatedResponse", "the response ended before it was complete"))
		return errTruncated
	}
	w.CloseWithError(trailerError(c.id, r.Trailer)) // nil is the end of the response
	return accepted
}

// trailerError is the error of a function that failed after it had begun to
// respond, or nil.
func trailerError(id string, trailer http.Header) error {
	errorType := trailer.Get("Lambda-Runtime-Function-Error-Type")
	if errorType == "" {
		return nil
	}
	body, _ := base64.StdEncoding.DecodeString(trailer.Get("Lambda-Runtime-Function-Error-Body")) // if unreadable, an error without a message
	return parseFunctionError(id, errorType, body)
}

// takeError reads the error of a function.
func (a runtimeAPI) takeError(id string, r *http.Request) *runtimeResponse {
	c, rejected := a.s.beginResponse(id)
	if rejected != nil {
		return rejected
	}
	failed, err := readError(id, r)
	if err != nil {
		a.s.handle(brokeOff, cause{call: c})
		return errTruncated
	}
	return a.complete(c, outcome{err: failed})
}

// takeInitError reads the error of a runtime that could not start; it then exits.
func (a runtimeAPI) takeInitError(r *http.Request) *runtimeResponse {
	failed, err := readError("", r)
	if err != nil {
		return errTruncated
	}
	return cmp.Or(a.s.handle(initFailed, cause{err: failed}), accepted)
}

func readError(id string, r *http.Request) (*FunctionError, error) {
	body, err := io.ReadAll(io.LimitReader(r.Body, wire.MaxPayload))
	return parseFunctionError(id, r.Header.Get("Lambda-Runtime-Function-Error-Type"), body), err
}
