package sandbox

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"io"
	"log"
	"net"
	"net/http"
	"strconv"
	"strings"
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
	errTooLarge  = &refusal{http.StatusRequestEntityTooLarge, "RequestEntityTooLarge", "Exceeded maximum allowed payload size (" + strconv.Itoa(MaxPayload) + " bytes)."}
	errName      = &refusal{http.StatusForbidden, "Extension.InvalidExtensionName", "Empty extension name"}
)

// A server is the Lambda Runtime API and the part of the Extensions API that
// runtimes use, for all sandboxes on one loopback port. What follows the port
// in AWS_LAMBDA_RUNTIME_API tells them apart and keeps everybody else out.
type server struct {
	pool     *Pool
	listener net.Listener
	http     http.Server
	done     chan struct{}
}

func listen(p *Pool) (*server, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	v := &server{pool: p, listener: l, done: make(chan struct{})}
	v.http.Handler = v
	v.http.ErrorLog = log.New(io.Discard, "", 0)
	go func() {
		defer close(v.done)
		v.http.Serve(l)
	}()
	return v, nil
}

func (v *server) address() string { return v.listener.Addr().String() }

func (v *server) close() error {
	err := v.http.Close()
	<-v.done
	return err
}

func (v *server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	key, path, _ := strings.Cut(strings.TrimPrefix(r.URL.Path, "/"), "/")
	v.pool.mu.Lock()
	s := v.pool.sandboxes[key]
	v.pool.mu.Unlock()
	if s == nil {
		http.NotFound(w, r)
		return
	}
	const invocation = "2018-06-01/runtime/invocation/"
	id, _, _ := strings.Cut(strings.TrimPrefix(path, invocation), "/")
	switch r.Method + " " + path {
	case "GET " + invocation + "next":
		s.serveNext(w, r)
	case "POST " + invocation + id + "/response":
		reply(w, s.respond(id, r))
	case "POST " + invocation + id + "/error":
		reply(w, s.fail(id, r))
	case "POST 2018-06-01/runtime/init/error":
		reply(w, s.failInit(r))
	case "POST 2020-01-01/extension/register":
		s.register(w, r)
	case "GET 2020-01-01/extension/event/next":
		<-r.Context().Done() // no extension is told of events
	case "POST 2020-01-01/extension/init/error", "POST 2020-01-01/extension/exit/error":
		reply(w, nil)
	case "PUT 2022-07-01/telemetry":
		writeJSON(w, http.StatusAccepted, map[string]string{"errorType": "Telemetry.NotSupported", "errorMessage": "Telemetry API is not supported"})
	case "PUT 2020-08-15/logs":
		writeJSON(w, http.StatusAccepted, map[string]string{"errorType": "Logs.NotSupported", "errorMessage": "Logs API is not supported"})
	default:
		http.NotFound(w, r)
	}
}

// serveNext answers with the sandbox's next event, however long that takes.
func (s *sandbox) serveNext(w http.ResponseWriter, r *http.Request) {
	c, refused := s.next(r.Context())
	if c == nil {
		if refused != nil {
			reply(w, refused)
			return
		}
		panic(http.ErrAbortHandler)
	}
	h := w.Header()
	h["Content-Type"] = []string{"application/json"}
	h["Lambda-Runtime-Aws-Request-Id"] = []string{c.id}
	h["Lambda-Runtime-Deadline-Ms"] = []string{strconv.FormatInt(c.deadline.UnixMilli(), 10)}
	h["Lambda-Runtime-Invoked-Function-Arn"] = []string{s.arn()}
	h["Lambda-Runtime-Trace-Id"] = []string{c.TraceID}
	h["Content-Length"] = []string{strconv.Itoa(len(c.Payload))}
	_, err := w.Write(c.Payload)
	if err == nil {
		err = http.NewResponseController(w).Flush()
	}
	if err != nil {
		s.pool.mu.Lock()
		s.undelivered(c)
		s.pool.mu.Unlock()
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
		if contentType == streamingType {
			return s.stream(c, r)
		}
	case "streaming":
		return s.stream(c, r)
	default:
		s.settle(c, nil)
		return errMode
	}
	body, err := io.ReadAll(io.LimitReader(r.Body, MaxPayload+1))
	if err != nil {
		s.settle(c, nil) // the process may try again, or end
		return errTruncated
	}
	if len(body) > MaxPayload {
		err := newFunctionError(c.id, "Function.ResponseSizeTooLarge", "Response payload size exceeded maximum allowed payload size ("+strconv.Itoa(MaxPayload)+" bytes).")
		s.settle(c, &outcome{err: err})
		return errTooLarge
	}
	if err := trailerError(c.id, r.Trailer); err != nil {
		s.settle(c, &outcome{err: err})
		return nil
	}
	s.settle(c, &outcome{answer: &Answer{RequestID: c.id, ContentType: contentType, Body: io.NopCloser(bytes.NewReader(body))}})
	return nil
}

// streamingType is how aws-lambda-go marks an answer to be streamed; it does
// not send the mode header.
const streamingType = "application/vnd.awslambda.http-integration-response"

// stream passes an answer on as it comes.
func (s *sandbox) stream(c *call, r *http.Request) *refusal {
	body, w := io.Pipe()
	s.pool.mu.Lock()
	c.stream = w
	c.finish(outcome{answer: &Answer{RequestID: c.id, ContentType: r.Header.Get("Content-Type"), Body: body}})
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
	body, err := io.ReadAll(io.LimitReader(r.Body, MaxPayload))
	if err != nil {
		s.settle(c, nil)
		return errTruncated
	}
	s.settle(c, &outcome{err: parseFunctionError(id, r.Header.Get("Lambda-Runtime-Function-Error-Type"), body)})
	return nil
}

// failInit takes the error of a runtime that could not start; it exits then.
func (s *sandbox) failInit(r *http.Request) *refusal {
	body, err := io.ReadAll(io.LimitReader(r.Body, MaxPayload))
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

// register makes an extension known: its presence earns the process a SIGTERM
// before its end.
func (s *sandbox) register(w http.ResponseWriter, r *http.Request) {
	if r.Header.Get("Lambda-Extension-Name") == "" {
		reply(w, errName)
		return
	}
	s.pool.mu.Lock()
	s.extension = true
	s.pool.mu.Unlock()
	w.Header().Set("Lambda-Extension-Identifier", newID())
	writeJSON(w, http.StatusOK, map[string]string{"functionName": s.config.Name, "functionVersion": "$LATEST", "handler": s.config.Handler})
}

// reply answers a request that is either taken or refused.
func reply(w http.ResponseWriter, refused *refusal) {
	if refused == nil {
		writeJSON(w, http.StatusAccepted, map[string]string{"status": "OK"})
		return
	}
	writeJSON(w, refused.status, map[string]string{"errorType": refused.errorType, "errorMessage": refused.message})
}

func writeJSON(w http.ResponseWriter, status int, v map[string]string) {
	body, _ := json.Marshal(v) // strings cannot fail
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Content-Length", strconv.Itoa(len(body)))
	w.WriteHeader(status)
	w.Write(body)
}
