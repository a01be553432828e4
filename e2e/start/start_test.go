// Package start tests "crumb start" from outside: a real command, real
// functions, curl.
package start

import (
	"net"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/crumb-go/crumb/e2e/testenv"
)

// roundTrip is the lesson: set, greet, read, delete, and greet a guest again.
var roundTrip = []struct{ path, body string }{
	{"/", "Hello, Guest!"},
	{"/getcookie", "No cookie found!"},
	{"/setcookie", "Cookie has been set!"},
	{"/", "Welcome back, Cobby!"},
	{"/getcookie", "Found cookie! Username: Cobby"},
	{"/deletecookie", "Cookie has been deleted!"},
	{"/", "Hello, Guest!"},
	{"/getcookie", "No cookie found!"},
}

func TestGoRun(t *testing.T) {
	curl := testenv.Tool(t, "curl")
	testRoundTrip(t, curl, exec.Command("go", "run", "./cmd/crumb", "start", "--port", "0"))
}

func testRoundTrip(t *testing.T, curl string, cmd *exec.Cmd) {
	crumb := testenv.Start(t, cmd)
	jar := filepath.Join(t.TempDir(), "jar")
	for _, step := range roundTrip {
		out, err := exec.Command(curl, "-sS", "--fail", "-b", jar, "-c", jar, crumb.URL+step.path).CombinedOutput()
		if err != nil || string(out) != step.body {
			t.Fatalf("curl %s = %q, %v; want %q", step.path, out, err, step.body)
		}
	}
	out, err := exec.Command(curl, "-sSi", crumb.URL+"/setcookie").CombinedOutput()
	if err != nil {
		t.Fatal(err)
	}
	var lines []string
	for line := range strings.Lines(string(out)) {
		if strings.HasPrefix(strings.ToLower(line), "set-cookie:") {
			lines = append(lines, line)
		}
	}
	if len(lines) != 1 || !strings.Contains(lines[0], "username=Cobby; ") {
		t.Errorf("Set-Cookie lines of /setcookie = %q, want one for username=Cobby", lines)
	}

	functions := testenv.Descendants(t, crumb.Cmd.Process.Pid)
	if len(functions) == 0 {
		t.Error("no process runs below crumb: there were no Lambda processes")
	}
	crumb.Stop()
	for _, pid := range functions {
		if !testenv.Gone(pid) {
			t.Errorf("process %d outlived crumb", pid)
		}
	}
	if conn, err := net.DialTimeout("tcp", strings.TrimPrefix(crumb.URL, "http://"), time.Second); err == nil {
		conn.Close()
		t.Errorf("%s is still in use", crumb.URL)
	}
}
