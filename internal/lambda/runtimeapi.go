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

	"github.com/crumb-go/crumb/shared/wire"
)

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
	errExtension = &refusal{http.StatusForbidden, "Extension.UnknownExtensionIdentifier", "Unknown extension identifier"}
)

// handle answers one request of the sandbox's process; nil hangs up on it.
func (s *sandbox) handle(r *http.Request, path string) *runtimeResponse {
	const invocation = "2018-06-01/runtime/invocation/"
	id, _, _ := strings.Cut(strings.TrimPrefix(path, invocation), "/")
	switch r.Method + " " + path {
	case "GET " + invocation + "next":
		return s.next()
	case "POST " + invocation + id + "/response":
		return accept(s.respond(id, r))
	case "POST " + invocation + id + "/error":
		return accept(s.fail(id, r))
	case "POST 2018-06-01/runtime/init/error":
		return accept(s.failInit(r))
	case "POST 2020-01-01/extension/register":
		return s.register(r)
	case "GET 2020-01-01/extension/event/next":
		return s.nextOf(r.Header.Get("Lambda-Extension-Identifier"))
	case "POST 2020-01-01/extension/init/error", "POST 2020-01-01/extension/exit/error":
		return accept(nil)
	case "PUT 2022-07-01/telemetry":
		return refuse(&refusal{http.StatusAccepted, "Telemetry.NotSupported", "Telemetry API is not supported"})
	case "PUT 2020-08-15/logs":
		return refuse(&refusal{http.StatusAccepted, "Logs.NotSupported", "Logs API is not supported"})
	}
	return notFound
}

// deliver is the answer to next that carries c. Pool.mu is held.
func (s *sandbox) deliver(c *call) *runtimeResponse {
	return &runtimeResponse{
		status: http.StatusOK,
		header: "Lambda-Runtime-Aws-Request-Id: " + c.id +
			"\r\nLambda-Runtime-Deadline-Ms: " + strconv.FormatInt(s.deadline.UnixMilli(), 10) +
			"\r\nLambda-Runtime-Invoked-Function-Arn: " + s.arn() +
			"\r\nLambda-Runtime-Trace-Id: " + c.TraceID + "\r\n",
		body:  c.Payload,
		event: c,
	}
}

func (s *sandbox) arn() string {
	return "arn:aws:lambda:" + s.pool.config.Region + ":" + s.pool.config.AccountID + ":function:" + s.config.Name
}

// begin finds the call that an answer belongs to and keeps a second answer out.
func (s *sandbox) begin(id string) (*call, *refusal) {
	s.pool.mu.Lock()
	defer s.pool.mu.Unlock()
	c := s.current
	switch {
	case s.state != busy || c.id != id:
		return nil, errID
	case c.finished || c.answering:
		return nil, errState
	}
	c.answering = true
	return c, nil
}

// settle finishes c, or with nil leaves it open to another answer.
func (s *sandbox) settle(c *call, o *outcome) {
	s.pool.mu.Lock()
	defer s.pool.mu.Unlock()
	c.answering = false
	if o != nil {
		c.finish(*o)
		s.setAnswered(true)
	}
}

// respond takes a function's answer.
func (s *sandbox) respond(id string, r *http.Request) *refusal {
	c, refused := s.begin(id)
	if refused != nil {
		return refused
	}
	contentType := r.Header.Get("Content-Type")
	switch r.Header.Get("Lambda-Runtime-Function-Response-Mode") {
	case "":
		if contentType == wire.StreamType { // aws-lambda-go does not send the mode
			return s.stream(c, r)
		}
	case "streaming":
		return s.stream(c, r)
	default:
		s.settle(c, nil)
		return errMode
	}
	body, err := io.ReadAll(io.LimitReader(r.Body, wire.MaxPayload+1))
	if err != nil {
		s.settle(c, nil) // the process may try again, or end
		return errTruncated
	}
	if len(body) > wire.MaxPayload {
		err := newFunctionError(c.id, "Function.ResponseSizeTooLarge", "Response payload size exceeded maximum allowed payload size ("+strconv.Itoa(wire.MaxPayload)+" bytes).")
		s.settle(c, &outcome{err: err})
		return errTooLarge
	}
	if err := trailerError(c.id, r.Trailer); err != nil {
		s.settle(c, &outcome{err: err})
		return nil
	}
	s.settle(c, &outcome{response: &Response{RequestID: c.id, ContentType: contentType, Body: io.NopCloser(bytes.NewReader(body))}})
	return nil
}

// stream passes an answer on as it comes.
func (s *sandbox) stream(c *call, r *http.Request) *refusal {
	body, w := io.Pipe()
	s.pool.mu.Lock()
	c.stream = w
	c.finish(outcome{response: &Response{RequestID: c.id, ContentType: r.Header.Get("Content-Type"), Body: body}})
	s.pool.mu.Unlock()

	defer func() {
		s.pool.mu.Lock()
		defer s.pool.mu.Unlock()
		if s.current == c {
			s.setAnswered(true)
		}
	}()
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
// answer; nil when it did not.
func trailerError(id string, trailer http.Header) error {
	errorType := trailer.Get("Lambda-Runtime-Function-Error-Type")
	if errorType == "" {
		return nil
	}
	body, _ := base64.StdEncoding.DecodeString(trailer.Get("Lambda-Runtime-Function-Error-Body")) // unreadable: an error without words
	return parseFunctionError(id, errorType, body)
}

// fail takes the error of a function.
func (s *sandbox) fail(id string, r *http.Request) *refusal {
	c, refused := s.begin(id)
	if refused != nil {
		return refused
	}
	body, err := io.ReadAll(io.LimitReader(r.Body, wire.MaxPayload))
	if err != nil {
		s.settle(c, nil)
		return errTruncated
	}
	s.settle(c, &outcome{err: parseFunctionError(id, r.Header.Get("Lambda-Runtime-Function-Error-Type"), body)})
	return nil
}

// failInit takes the error of a runtime that could not start; it exits then.
func (s *sandbox) failInit(r *http.Request) *refusal {
	body, err := io.ReadAll(io.LimitReader(r.Body, wire.MaxPayload))
	if err != nil {
		return errTruncated
	}
	s.pool.mu.Lock()
	defer s.pool.mu.Unlock()
	if s.state != starting {
		return errState
	}
	s.initError = parseFunctionError("", r.Header.Get("Lambda-Runtime-Function-Error-Type"), body)
	return nil
}

// accept answers a request that is taken unless it is refused.
func accept(refused *refusal) *runtimeResponse {
	if refused != nil {
		return refuse(refused)
	}
	return accepted
}

func refuse(r *refusal) *runtimeResponse {
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
