package lambda

import (
	"encoding/json"
	"io"
	"net/http"

	"github.com/crumb-go/crumb/shared/wire"
)

// An extension is a part of the process that has registered with the Extensions
// API: an internal one in Lambda's words ("Using the Lambda Extensions API to
// create extensions"). Because of it the process gets SIGTERM before SIGKILL.
type extension struct {
	events chan *runtimeResponse // has room for the event that it has not yet asked for
	invoke bool                  // has registered for events
	busy   bool                  // has not asked for the next event since the last; guarded by the sandbox's lock
}

// register adds an extension.
func (a runtimeAPI) register(r *http.Request) *runtimeResponse {
	if r.Header.Get("Lambda-Extension-Name") == "" {
		return errName
	}
	body, err := io.ReadAll(io.LimitReader(r.Body, wire.MaxPayload))
	if err != nil {
		return errTruncated
	}
	var request struct{ Events []string }
	if json.Unmarshal(body, &request) != nil {
		return errFormat
	}
	e := &extension{events: make(chan *runtimeResponse, 1)}
	for _, event := range request.Events {
		if event != "INVOKE" { // SHUTDOWN is for external ones
			return errEvent
		}
		e.invoke = true
	}
	id := NewRequestID()
	a.s.mu.Lock()
	a.s.extensions[id] = e
	a.s.mu.Unlock()
	return &runtimeResponse{
		status: http.StatusOK,
		header: http.Header{"Lambda-Extension-Identifier": {id}},
		body:   encode(map[string]string{"functionName": a.s.config.Called, "functionVersion": "$LATEST", "handler": a.s.config.Handler}),
	}
}

// nextOf waits for the next event of an extension, however long that takes. By
// asking, the extension says that it is done with the one before.
func (s *sandbox) nextOf(id string) *runtimeResponse {
	s.mu.Lock()
	e := s.extensions[id]
	if e != nil && len(e.events) == 0 { // otherwise it asks for the event that it has yet to get
		e.busy = false
	}
	s.mu.Unlock()
	if e == nil {
		return errExtension
	}
	s.handle(freed, cause{})
	select {
	case event := <-e.events:
		return event
	case <-s.gone:
		return hangUp
	}
}

// notifyExtensions sends c to the extensions that registered for events. The send
// cannot block: s is given an event only when no extension is busy, and one that
// is not busy has received its last event. mu is held.
func (s *sandbox) notifyExtensions(c *call) {
	for _, e := range s.extensions {
		if !e.invoke {
			continue
		}
		body, _ := json.Marshal(invokeEvent{"INVOKE", s.deadline.UnixMilli(), c.id, s.lines.arn, tracing{"X-Amzn-Trace-Id", c.TraceID}}) // strings and a number cannot fail
		e.busy = true
		e.events <- &runtimeResponse{status: http.StatusOK, header: http.Header{"Lambda-Extension-Event-Identifier": {NewRequestID()}}, body: body}
	}
}

// extensionAtWork reports whether one is still busy with the event. mu is held.
func (s *sandbox) extensionAtWork() bool {
	for _, e := range s.extensions {
		if e.busy {
			return true
		}
	}
	return false
}

type invokeEvent struct {
	EventType          string  `json:"eventType"`
	DeadlineMs         int64   `json:"deadlineMs"`
	RequestID          string  `json:"requestId"`
	InvokedFunctionARN string  `json:"invokedFunctionArn"`
	Tracing            tracing `json:"tracing"`
}

type tracing struct {
	Type  string `json:"type"`
	Value string `json:"value"`
}
