// Package debug stops a function in a real debugger.
package debug

import (
	"io"
	"net"
	"net/http"
	"net/rpc/jsonrpc"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/crumb-go/crumb/e2e/testenv"
)

// state is the part of Delve's responses that the test reads.
type state struct {
	State struct {
		Running       bool
		CurrentThread *struct {
			Line     int `json:"line"`
			Function struct {
				Name string `json:"name"`
			} `json:"function"`
		} `json:"currentThread"`
	}
}

func TestBreakpoint(t *testing.T) {
	dlv := testenv.Tool(t, "dlv")
	port := testenv.FreePort(t)
	cmd := exec.Command(testenv.Build(t), "start", "--port", "0", "--debug-port", port, "--debug-function", "GetCookieFunction")
	cmd.Env = append(os.Environ(), "PATH="+filepath.Dir(dlv)+string(os.PathListSeparator)+os.Getenv("PATH"))
	crumb := testenv.Start(t, cmd)
	if got := get(t, crumb.URL+"/getcookie"); got != "No cookie found!" {
		t.Fatalf("GET /getcookie under the debugger = %q", got)
	}

	debugger, err := jsonrpc.Dial("tcp", net.JoinHostPort("127.0.0.1", port))
	if err != nil {
		t.Fatal(err)
	}
	defer debugger.Close()
	command := func(name string) state {
		t.Helper()
		var s state
		if err := debugger.Call("RPCServer.Command", map[string]any{"name": name}, &s); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		return s
	}
	command("halt")
	var created any
	breakpoint := map[string]any{"Breakpoint": map[string]any{"functionName": "main.show", "line": -1}}
	if err := debugger.Call("RPCServer.CreateBreakpoint", breakpoint, &created); err != nil {
		t.Fatal(err)
	}

	answer := make(chan string, 1)
	go func() { answer <- get(t, crumb.URL+"/getcookie") }()
	stopped := command("continue")
	if at := stopped.State.CurrentThread; at == nil || at.Function.Name != "main.show" {
		t.Fatalf("stopped at %+v, want main.show", at)
	}
	select {
	case got := <-answer:
		t.Fatalf("responded %q while it was stopped", got)
	default:
	}
	go debugger.Go("RPCServer.Command", map[string]any{"name": "continue"}, new(state), nil)
	if got := <-answer; got != "No cookie found!" {
		t.Errorf("GET /getcookie after the breakpoint = %q", got)
	}

	processes := testenv.Descendants(t, cmd.Process.Pid)
	crumb.Stop()
	for _, pid := range processes {
		if !testenv.Gone(pid) {
			t.Errorf("process %d outlived crumb", pid)
		}
	}
}

func get(t *testing.T, url string) string {
	resp, err := http.Get(url)
	if err != nil {
		t.Error(err)
		return ""
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Error(err)
	}
	return string(body)
}
