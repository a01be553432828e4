package debug

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/crumb-go/crumb/e2e/testenv"
)

const template = `Transform: AWS::Serverless-2016-10-31
Resources:
  Greet:
    Type: AWS::Serverless::Function
    Properties: {Handler: bootstrap, Runtime: provided.al2023, CodeUri: greet/, Events: {Get: {Type: HttpApi, Properties: {Path: /greet, Method: get}}}}
`

// The breakpoint is in line 16.
const greet = `package main

import (
	"io"
	"net/http"

	"github.com/crumb-go/crumb/shared/frontdoor"
)

func main() {
	frontdoor.Start(http.HandlerFunc(greet))
}

func greet(w http.ResponseWriter, r *http.Request) {
	name := r.URL.Query().Get("name")
	io.WriteString(w, "Hello, "+name)
}
`

// newProject returns a project with crumb's configuration in its launch.json, and a
// command in it, which finds Delve. GOFLAGS hides where the sources are.
func newProject(t *testing.T) (dir string, command func(args ...string) *exec.Cmd) {
	t.Helper()
	dlv, crumb := testenv.Tool(t, "dlv"), testenv.Build(t)
	dir = testenv.Project(t, map[string]string{
		"template.yaml":       template,
		"greet/main.go":       greet,
		".vscode/launch.json": "{\n\t// Mine.\n\t\"configurations\": [],\n}\n",
	})
	command = func(args ...string) *exec.Cmd {
		cmd := exec.Command(crumb, args...)
		cmd.Dir = dir
		cmd.Env = append(os.Environ(), "PATH="+filepath.Dir(dlv)+string(os.PathListSeparator)+os.Getenv("PATH"), "GOFLAGS=-trimpath")
		return cmd
	}
	return dir, command
}

// configure writes the launch.json, twice.
func configure(t *testing.T, command func(...string) *exec.Cmd) (port string) {
	t.Helper()
	port = testenv.FreePort(t)
	for _, want := range []string{"added", "already there"} {
		out, err := command("debug", "--vscode", "--debug-port", port).CombinedOutput()
		if err != nil || !strings.Contains(string(out), want) {
			t.Fatalf("crumb debug: %v, %s", err, out)
		}
	}
	return port
}

// As a user of VS Code: the configuration is written, F5 attaches before the first
// request, a breakpoint is hit, and again after a change is saved.
func TestVSCode(t *testing.T) {
	dir, command := newProject(t)
	port := configure(t, command)
	crumb := testenv.Start(t, command("start", "--port", "0", "--debug-port", port))
	file := filepath.Join(dir, "greet", "main.go")
	for i, greeting := range []string{"Hello, ", "Goodbye, "} {
		if i > 0 {
			testenv.Write(t, dir, "greet/main.go", strings.Replace(greet, "Hello, ", greeting, 1))
		}
		// Before that, Delve would continue what a client has stopped.
		await(t, func() bool { return strings.Count(crumb.Stderr(), "crumb: Greet runs under the debugger\n") > i })
		c := attach(t, dir, file, 16)
		response := make(chan string, 1)
		go func() { response <- get(t, crumb.URL+"/greet?name=Ana") }()
		if line, locals := c.stopped(); line != 16 || locals["name"] != `"Ana"` {
			t.Errorf("stopped at line %d with %q, want line 16 and the name Ana", line, locals)
		}
		select {
		case got := <-response:
			t.Errorf("responded %q while it was stopped", got)
		default:
		}
		c.goOn()
		if got := <-response; got != greeting+"Ana" {
			t.Errorf("GET /greet = %q, want %q", got, greeting+"Ana")
		}
		if i == 0 {
			continue // the change ends the connection
		}
		c.breakpoints(file) // none: Delve keeps them for the next client
		c.disconnect()
		if got := get(t, crumb.URL+"/greet?name=Bo"); got != greeting+"Bo" {
			t.Errorf("GET /greet without a debugger = %q", got)
		}
	}
}

func await(t *testing.T, ok func() bool) {
	t.Helper()
	for deadline := time.Now().Add(2 * time.Minute); !ok(); time.Sleep(50 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("two minutes have passed")
		}
	}
}

// crumb invoke waits for the debugger: its function has one event only.
func TestInvoke(t *testing.T) {
	dir, command := newProject(t)
	port := configure(t, command)
	event, err := command("event", "http", "GET", "/greet?name=Ana").Output()
	if err != nil {
		t.Fatal(err)
	}
	cmd := command("invoke", "Greet", "--event", "-", "--debug-port", port)
	var stdout, stderr bytes.Buffer
	cmd.Stdin, cmd.Stdout, cmd.Stderr = bytes.NewReader(event), &stdout, &stderr
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = cmd.Process.Kill() })
	c := attach(t, dir, filepath.Join(dir, "greet", "main.go"), 16)
	if line, locals := c.stopped(); line != 16 || locals["name"] != `"Ana"` {
		t.Errorf("stopped at line %d with %q, want line 16 and the name Ana", line, locals)
	}
	c.goOn()
	if err := cmd.Wait(); err != nil || !strings.Contains(stdout.String(), "Hello, Ana") {
		t.Errorf("%v, %s\n%s", err, &stdout, &stderr)
	}
}
