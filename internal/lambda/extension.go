package lambda

import (
	"encoding/json"
	"io"
	"net/http"

	"github.com/crumb-go/crumb/internal/uuid"
	"github.com/crumb-go/crumb/shared/wire"
)

// An extension is a part of the process that has registered with the Extensions
// API: an internal one in Lambda's words ("Using the Lambda Extensions API to
// create extensions"). Its presence earns the process a SIGTERM before its end.
type extension struct {
	events chan *runtimeResponse // takes the one that it has not yet asked for

	// Guarded by Pool.mu.
	invoke bool // is told of events
	busy   bool // has not yet asked for more since the last one
}

// register makes an extension known.
func (s *sandbox) register(r *http.Request) *runtimeResponse {
	if r.Header.Get("Lambda-Extension-Name") == "" {
		return refuse(errName)
	}
	body, err := io.ReadAll(io.LimitReader(r.Body, wire.MaxPayload))
	if err != nil {
		return refuse(errTruncated)
	}
	var request struct{ Events []string }
	if json.Unmarshal(body, &request) != nil {
		return refuse(errFormat)
	}
	e := &extension{events: make(chan *runtimeResponse, 1)}
	for _, event := range request.Events {
		if event != "INVOKE" { // SHUTDOWN is for external ones
			return refuse(errEvent)
		}
		e.invoke = true
	}
	id := uuid.New()
	s.pool.mu.Lock()
	s.extensions[id] = e
	s.pool.mu.Unlock()
	return &runtimeResponse{
		status: http.StatusOK,
		header: "Lambda-Extension-Identifier: " + id + "\r\n",
		body:   encode(map[string]string{"functionName": s.config.Name, "functionVersion": "$LATEST", "handler": s.config.Handler}),
	}
}

// nextOf answers with the next event of an extension, however long that takes;
// its arrival says that the extension is done with the one before.
func (s *sandbox) nextOf(id string) *runtimeResponse {
	s.pool.mu.Lock()
	e := s.extensions[id]
	if e == nil {
		s.pool.mu.Unlock()
		return refuse(errExtension)
	}
	if len(e.events) == 0 {
		e.busy = false
		if s.state == busy && s.waiter != nil && !s.extended() {
			s.rest()
		}
	}
	s.pool.mu.Unlock()
	select {
	case answer := <-e.events:
		return answer
	case <-s.gone:
		return nil
	}
}

// tell lets the extensions know that c was assigned to s. Pool.mu is held.
func (s *sandbox) tell(c *call) {
	for _, e := range s.extensions {
		if !e.invoke {
			continue
		}
		body, _ := json.Marshal(invokeEvent{"INVOKE", s.deadline.UnixMilli(), c.id, s.arn(), tracing{"X-Amzn-Trace-Id", c.TraceID}}) // strings and a number cannot fail
		e.busy = true
		e.events <- &runtimeResponse{status: http.StatusOK, header: "Lambda-Extension-Event-Identifier: " + uuid.New() + "\r\n", body: body}
	}
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

// extended reports whether extensions are still at work on the current event.
// Pool.mu is held.
func (s *sandbox) extended() bool {
	for _, e := range s.extensions {
		if e.busy {
			return true
		}
	}
	return false
}
