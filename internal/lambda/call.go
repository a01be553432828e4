package lambda

import (
	"cmp"
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"sync"
	"time"
	"unicode"
)

// A call is one Invocation on its way through a pool.
type call struct {
	Invocation
	id   string
	done chan outcome // has room for the outcome

	mu        sync.Mutex
	finished  bool           // its outcome is known
	abandoned bool           // the client went away
	stream    *io.PipeWriter // a streamed response under way
}

// An outcome is the result of Invoke.
type outcome struct {
	response *Response
	err      error
	stream   *io.PipeWriter // the other end of a streamed response
}

func (o outcome) discard() {
	if o.response != nil {
		o.response.Body.Close()
	}
}

func newCall(event Invocation) *call {
	if event.TraceID == "" || strings.ContainsFunc(event.TraceID, unicode.IsControl) {
		event.TraceID = fmt.Sprintf("Root=1-%08x-%s;Parent=%s;Sampled=0", time.Now().Unix(), randomHex(12), randomHex(8))
	}
	return &call{Invocation: event, id: cmp.Or(event.RequestID, NewRequestID()), done: make(chan outcome, 1)}
}

// finish sets the outcome. Later ones are dropped, but an error cuts a stream.
func (c *call) finish(o outcome) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.finished {
		o.discard()
		if c.stream != nil && o.err != nil {
			c.stream.CloseWithError(o.err)
		}
		return
	}
	c.finished, c.stream = true, o.stream
	if c.abandoned {
		o.discard()
		return
	}
	c.done <- o
}

// abandon drops the outcome: the client went away.
func (c *call) abandon() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.abandoned = true
	select {
	case o := <-c.done:
		o.discard()
	default:
	}
}

// logged passes on the end of its log.
func (c *call) logged(tail []byte) {
	if c.Logged != nil {
		c.Logged(tail)
	}
}

func (c *call) isAbandoned() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.abandoned
}

// newError makes an error of Lambda itself about c, in Lambda's form.
func (c *call) newError(errorType, format string, args ...any) *FunctionError {
	return newFunctionError(c.id, errorType, fmt.Sprintf("RequestId: %s Error: %s", c.id, fmt.Sprintf(format, args...)))
}

// errorTimedOut is the Type when a time limit has passed.
const errorTimedOut = "Sandbox.Timedout"

func newFunctionError(id, errorType, message string) *FunctionError {
	return &FunctionError{RequestID: id, Type: errorType, Message: message, Payload: encode(map[string]string{"errorType": errorType, "errorMessage": message})}
}

// parseFunctionError reads the error that a runtime reported. A body that is not a
// JSON object of that form makes an error without a message.
func parseFunctionError(id, header string, body []byte) *FunctionError {
	var e struct {
		Type    string `json:"errorType"`
		Message string `json:"errorMessage"`
	}
	if json.Unmarshal(body, &e) != nil || !strings.HasPrefix(strings.TrimSpace(string(body)), "{") {
		return newFunctionError(id, cmp.Or(header, "Function.Unknown"), "")
	}
	return &FunctionError{RequestID: id, Type: cmp.Or(e.Type, header, "Function.Unknown"), Message: e.Message, Payload: body}
}

func randomHex(n int) string {
	b := make([]byte, n)
	rand.Read(b)
	return hex.EncodeToString(b)
}

// NewRequestID returns an id as Lambda's requests have it, a random UUID of version 4
// (RFC 9562 section 5.4).
func NewRequestID() string {
	var b [16]byte
	rand.Read(b[:])
	b[6] = b[6]&0x0f | 0x40
	b[8] = b[8]&0x3f | 0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", b[:4], b[4:6], b[6:8], b[8:10], b[10:])
}
