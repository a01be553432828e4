package debug

import (
	"bufio"
	"encoding/json"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-dap"
	"github.com/tailscale/hujson"
)

// A client speaks the Debug Adapter Protocol as VS Code's Go extension does when it
// attaches to a Delve that runs.
type client struct {
	t      *testing.T
	conn   net.Conn
	lines  *bufio.Reader
	seq    int
	events []dap.EventMessage // received while the client waited for a response
}

// attach attaches by the only configuration in dir's launch.json, with the arguments
// that it has. Delve may not listen yet. Breakpoints are in file, at these lines.
func attach(t *testing.T, dir, file string, lines ...int) *client {
	t.Helper()
	configuration := readConfiguration(t, dir)
	var to struct{ Host, Port json.RawMessage }
	if err := json.Unmarshal(configuration, &to); err != nil {
		t.Fatal(err)
	}
	address := net.JoinHostPort(strings.Trim(string(to.Host), `"`), string(to.Port))
	c := &client{t: t}
	for deadline := time.Now().Add(2 * time.Minute); ; time.Sleep(100 * time.Millisecond) {
		var err error
		if c.conn, err = net.Dial("tcp", address); err == nil {
			break
		} else if time.Now().After(deadline) {
			t.Fatal(err)
		}
	}
	t.Cleanup(func() { c.conn.Close() })
	if err := c.conn.SetDeadline(time.Now().Add(5 * time.Minute)); err != nil {
		t.Fatal(err)
	}
	c.lines = bufio.NewReader(c.conn)

	c.request(&dap.InitializeRequest{Request: c.head("initialize"), Arguments: dap.InitializeRequestArguments{
		AdapterID: "go", PathFormat: "path", LinesStartAt1: true, ColumnsStartAt1: true,
	}})
	c.request(&dap.AttachRequest{Request: c.head("attach"), Arguments: configuration})
	c.event("initialized")
	c.breakpoints(file, lines...)
	c.request(&dap.ConfigurationDoneRequest{Request: c.head("configurationDone")})
	return c
}

// readConfiguration returns the only configuration of dir's launch.json.
func readConfiguration(t *testing.T, dir string) json.RawMessage {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(dir, ".vscode", "launch.json"))
	if err != nil {
		t.Fatal(err)
	}
	var launch struct{ Configurations []json.RawMessage }
	if text, err = hujson.Standardize(text); err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(text, &launch); err != nil || len(launch.Configurations) != 1 {
		t.Fatalf("%v, or not one configuration in\n%s", err, text)
	}
	return launch.Configurations[0]
}

func (c *client) head(command string) dap.Request {
	c.seq++
	return dap.Request{ProtocolMessage: dap.ProtocolMessage{Seq: c.seq, Type: "request"}, Command: command}
}

// request sends r and returns its response, which must be a success.
func (c *client) request(r dap.RequestMessage) dap.Message {
	c.t.Helper()
	if err := dap.WriteProtocolMessage(c.conn, r); err != nil {
		c.t.Fatalf("%s: %v", r.GetRequest().Command, err)
	}
	for {
		switch m := c.read().(type) {
		case *dap.ErrorResponse:
			c.t.Fatalf("%s: %s, %+v", m.Command, m.Message, m.Body.Error)
		case dap.ResponseMessage:
			if m.GetResponse().RequestSeq == r.GetSeq() {
				return m
			}
		case dap.EventMessage:
			c.events = append(c.events, m)
		}
	}
}

// event returns the next event of this name; others are dropped.
func (c *client) event(name string) dap.EventMessage {
	c.t.Helper()
	for {
		for len(c.events) > 0 {
			e := c.events[0]
			c.events = c.events[1:]
			if e.GetEvent().Event == name {
				return e
			}
		}
		if e, ok := c.read().(dap.EventMessage); ok {
			c.events = append(c.events, e)
		}
	}
}

func (c *client) read() dap.Message {
	c.t.Helper()
	m, err := dap.ReadProtocolMessage(c.lines)
	if err != nil {
		c.t.Fatal(err)
	}
	return m
}

// breakpoints sets those of a file, in place of the ones before.
func (c *client) breakpoints(file string, lines ...int) {
	c.t.Helper()
	all := dap.SetBreakpointsArguments{Source: dap.Source{Path: file}}
	for _, line := range lines {
		all.Breakpoints = append(all.Breakpoints, dap.SourceBreakpoint{Line: line})
	}
	set := c.request(&dap.SetBreakpointsRequest{Request: c.head("setBreakpoints"), Arguments: all}).(*dap.SetBreakpointsResponse)
	for i, b := range set.Body.Breakpoints {
		if !b.Verified || b.Line != lines[i] {
			c.t.Fatalf("the breakpoint at %s:%d is %+v", file, lines[i], b)
		}
	}
}

// stopped waits for a breakpoint. It returns its line, and the values of the local
// variables there.
func (c *client) stopped() (line int, locals map[string]string) {
	c.t.Helper()
	stop := c.event("stopped").(*dap.StoppedEvent).Body
	if stop.Reason != "breakpoint" {
		c.t.Fatalf("stopped: %+v", stop)
	}
	trace := c.request(&dap.StackTraceRequest{Request: c.head("stackTrace"), Arguments: dap.StackTraceArguments{ThreadId: stop.ThreadId, Levels: 1}}).(*dap.StackTraceResponse)
	frame := trace.Body.StackFrames[0]
	scopes := c.request(&dap.ScopesRequest{Request: c.head("scopes"), Arguments: dap.ScopesArguments{FrameId: frame.Id}}).(*dap.ScopesResponse)
	locals = map[string]string{}
	for _, scope := range scopes.Body.Scopes {
		variables := c.request(&dap.VariablesRequest{Request: c.head("variables"), Arguments: dap.VariablesArguments{VariablesReference: scope.VariablesReference}}).(*dap.VariablesResponse)
		for _, v := range variables.Body.Variables {
			locals[v.Name] = v.Value
		}
	}
	return frame.Line, locals
}

func (c *client) goOn() {
	c.t.Helper()
	c.request(&dap.ContinueRequest{Request: c.head("continue"), Arguments: dap.ContinueArguments{ThreadId: 1}})
}

// disconnect leaves the function running.
func (c *client) disconnect() {
	c.t.Helper()
	c.request(&dap.DisconnectRequest{Request: c.head("disconnect"), Arguments: &dap.DisconnectArguments{TerminateDebuggee: false}})
}
