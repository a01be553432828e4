package lambda

import (
	"bytes"
	"encoding/json"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"net/rpc"
	"strconv"
	"time"

	"github.com/aws/aws-lambda-go/lambda/messages"
)

// rpcAddress returns the address on which a program must listen; "" if it calls
// the Runtime API. aws-lambda-go did not support that before version 1.18: a
// program listened on the port in _LAMBDA_SERVER_PORT, and the runtime go1.x
// called it with net/rpc.
func rpcAddress(made modules) (string, error) {
	if !made.before(lambdaLibrary, 18) {
		return "", nil
	}
	// Such a program expects a number, not a listener. The port is below the ephemeral
	// ones, so that no other program is given it meanwhile.
	const first, ports, tries = 20_000, 10_000, 100
	var err error
	for range tries {
		var l net.Listener
		if l, err = net.Listen("tcp", "localhost:"+strconv.Itoa(first+rand.IntN(ports))); err == nil {
			return l.Addr().String(), l.Close()
		}
	}
	return "", err
}

// bridge calls the Runtime API for a program that listens on address: it asks for
// events and responds to them, until the process is gone.
func (s *sandbox) bridge(address string) {
	conn := dial(address, s.gone)
	if conn == nil {
		return
	}
	client := rpc.NewClient(conn)
	defer client.Close()
	if err := client.Call("Function.Ping", &messages.PingRequest{}, &messages.PingResponse{}); err != nil {
		return // the exit or the InitLimit reports why
	}
	for {
		next := s.next()
		if next.event == nil || !s.claim(next.event, conn) {
			return
		}
		var response messages.InvokeResponse
		if err := client.Call("Function.Invoke", s.rpcRequest(next.event), &response); err != nil {
			return
		}
		s.rpcRespond(next.event.id, &response)
		if response.Error != nil && response.Error.ShouldExit { // after a panic
			s.mu.Lock()
			s.killNow()
			s.mu.Unlock()
			return
		}
	}
}

// dial connects to address as soon as a process listens there; nil if it ends
// first.
func dial(address string, gone <-chan struct{}) net.Conn {
	const pause = 2 * time.Millisecond
	for {
		if conn, err := net.Dial("tcp", address); err == nil {
			return conn
		}
		select {
		case <-gone:
			return nil
		case <-time.After(pause):
		}
	}
}

func (s *sandbox) rpcRequest(c *call) *messages.InvokeRequest {
	s.mu.Lock()
	defer s.mu.Unlock()
	return &messages.InvokeRequest{
		Payload:            c.Payload,
		RequestId:          c.id,
		XAmznTraceId:       c.TraceID,
		Deadline:           messages.InvokeRequest_Timestamp{Seconds: s.deadline.Unix(), Nanos: int64(s.deadline.Nanosecond())},
		InvokedFunctionArn: s.lines.arn,
		ClientContext:      []byte(c.ClientContext),
	}
}

// rpcRespond passes a response on.
func (s *sandbox) rpcRespond(id string, response *messages.InvokeResponse) {
	request := func(body []byte) *http.Request {
		return &http.Request{Header: http.Header{"Content-Type": {"application/json"}}, Body: io.NopCloser(bytes.NewReader(body))}
	}
	if response.Error == nil {
		runtimeAPI{s}.takeResponse(id, request(response.Payload))
		return
	}
	body, err := json.Marshal(response.Error)
	if err != nil {
		panic(err) // its fields cannot fail
	}
	s.mu.Lock()
	s.lines.log("%s: %s\n", response.Error.Message, response.Error.Type) // as the runtime go1.x did; newer aws-lambda-go logs it itself
	s.mu.Unlock()
	runtimeAPI{s}.takeError(id, request(body))
}
