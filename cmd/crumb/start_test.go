package main

import (
	"bufio"
	"bytes"
	"context"
	"io"
	"math/rand/v2"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
)

// A lockedBuffer takes what several goroutines write.
type lockedBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *lockedBuffer) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *lockedBuffer) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

// startCrumb runs "crumb start" with further arguments until the test ends and
// returns its stdout up to the line that says where it listens, and that URL.
func startCrumb(t *testing.T, args ...string) (stdout []string, url string, stderr *lockedBuffer) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	r, w := io.Pipe()
	stderr = new(lockedBuffer)
	code := make(chan int, 1)
	go func() {
		code <- run(ctx, append([]string{"start", "--port", "0"}, args...), nil, w, stderr)
		w.Close()
	}()
	t.Cleanup(func() {
		cancel()
		if c := <-code; c != 0 {
			t.Errorf("crumb start ended with exit code %d", c)
		}
		if t.Failed() {
			t.Logf("stderr:\n%s", stderr)
		}
	})
	lines := bufio.NewScanner(r)
	for lines.Scan() {
		stdout = append(stdout, lines.Text())
		if rest, ok := strings.CutPrefix(lines.Text(), "Listening on "); ok {
			url, _, _ = strings.Cut(rest, " ")
			go io.Copy(io.Discard, r)
			return stdout, url, stderr
		}
	}
	t.Fatalf("crumb start did not listen\nstderr:\n%s", stderr)
	return nil, "", nil
}

func TestStart(t *testing.T) {
	stdout, url, stderr := startCrumb(t, "--template", "../../template.yaml")
	want := []string{
		"ANY  " + url + "/  IndexFunction",
		"ANY  " + url + "/setcookie  SetCookieFunction",
		"ANY  " + url + "/getcookie  GetCookieFunction",
		"ANY  " + url + "/deletecookie  DeleteCookieFunction",
		"ANY  " + url + "/visits  VisitsFunction",
		"ANY  " + url + "/login  LoginFunction",
		"ANY  " + url + "/logout  LogoutFunction",
		"ANY  " + url + "/me  MeFunction",
		"Listening on " + url + " (Ctrl-C stops)",
	}
	if got := strings.Join(stdout, "\n"); got != strings.Join(want, "\n") {
		t.Errorf("stdout =\n%s\nwant\n%s", got, strings.Join(want, "\n"))
	}
	// The lesson's whole round trip is made in e2e. This function needs a ring of keys.
	if status, body := get(t, url+"/visits"); status != 200 || body != "Welcome! This is your first visit." {
		t.Errorf("GET /visits = %d %q", status, body)
	}
	for _, line := range []string{"START RequestId: ", "END RequestId: ", "REPORT RequestId: "} {
		waitFor(t, line, stderr.String)
	}
}

// twoAPIs need no compiler.
const twoAPIs = `Transform: AWS::Serverless-2016-10-31
Resources:
  AApi: {Type: AWS::Serverless::Api, Properties: {StageName: x}}
  BApi: {Type: AWS::Serverless::HttpApi}
  F:
    Type: AWS::Serverless::Function
    Properties:
      InlineCode: "1"
      Handler: index.handler
      Runtime: nodejs22.x
      Events:
        A: {Type: Api, Properties: {Path: /a, Method: GET, RestApiId: !Ref AApi}}
        B: {Type: HttpApi, Properties: {Path: /b, Method: GET, ApiId: !Ref BApi}}
`

// freePorts returns the first of three free ports in a row, below those that
// clients get from the system.
func freePorts(t *testing.T) int {
	t.Helper()
next:
	for range 100 {
		first := 10_000 + rand.IntN(6_000)
		for port := first; port < first+3; port++ {
			l, err := net.Listen("tcp", "127.0.0.1:"+strconv.Itoa(port))
			if err != nil {
				continue next
			}
			l.Close()
		}
		return first
	}
	t.Fatal("there are no three free ports in a row")
	return 0
}

func TestPortsOfSeveralAPIs(t *testing.T) {
	template := filepath.Join(t.TempDir(), "template.yaml")
	if err := os.WriteFile(template, []byte(twoAPIs), 0o666); err != nil {
		t.Fatal(err)
	}
	first := freePorts(t)
	url := func(i int) string { return "http://127.0.0.1:" + strconv.Itoa(first+i) }

	// Where the second port is taken, crumb says so and gives the first back.
	l, err := net.Listen("tcp", strings.TrimPrefix(url(1), "http://"))
	if err != nil {
		t.Fatal(err)
	}
	var stdout, stderr lockedBuffer
	code := run(t.Context(), []string{"start", "-t", template, "--port", strconv.Itoa(first)}, nil, &stdout, &stderr)
	want := "crumb: port " + strconv.Itoa(first+1) + " is in use, and BApi needs it: "
	if lines := strings.SplitAfter(stderr.String(), "\n"); code != 1 || !strings.HasPrefix(lines[len(lines)-2], want) || stdout.String() != "" {
		t.Errorf("exit code %d, stdout %q, stderr %q, want %q", code, &stdout, &stderr, want)
	}
	l.Close()

	out, _, notes := startCrumb(t, "-t", template, "--port", strconv.Itoa(first))
	if got, want := strings.Join(out, "\n"), "GET  "+url(0)+"/a  F\nGET  "+url(1)+"/b  F\nListening on "+url(0)+" "+url(1)+" (Ctrl-C stops)"; got != want {
		t.Errorf("stdout =\n%s\nwant\n%s", got, want)
	}
	for i, path := range []string{"/b", "/a"} { // the other one's
		if status, _ := get(t, url(i)+path); status != 403+i {
			t.Errorf("GET %s%s = %d, want %d", url(i), path, status, 403+i)
		}
	}
	if status, body := get(t, url(1)+"/b"); status != 500 || !strings.Contains(body, "inline code is not Go") {
		t.Errorf("GET %s/b = %d %q", url(1), status, body)
	}

	// An API that comes in between gets the next port that is free of ours, and
	// the others keep theirs.
	more := strings.Replace(strings.Replace(twoAPIs, "/a,", "/moved,", 1), "  BApi:", "  NewApi: {Type: AWS::Serverless::HttpApi}\n  BApi:", 1) + "        N: {Type: HttpApi, Properties: {Path: /n, Method: GET, ApiId: !Ref NewApi}}\n"
	if err := os.WriteFile(template, []byte(more), 0o666); err != nil {
		t.Fatal(err)
	}
	until(t, url(0)+"/moved", "inline code is not Go")
	until(t, url(2)+"/n", "inline code is not Go")
	if status, _ := get(t, url(1)+"/b"); status != 500 {
		t.Errorf("GET %s/b = %d", url(1), status)
	}
	if stage := "AApi: deployed, the URL begins with /x, "; !strings.Contains(notes.String(), stage) || strings.Contains(notes.String(), "BApi: deployed") {
		t.Errorf("stderr = %s, want %q and nothing of BApi", notes, stage)
	}
}

func TestStartRefuses(t *testing.T) {
	dir := t.TempDir()
	write := func(name, text string) string {
		t.Helper()
		file := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(file), 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
		return file
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	port := strconv.Itoa(l.Addr().(*net.TCPAddr).Port)

	write("go.mod", "module example.com/broken\n\ngo 1.26.0\n")
	write("fn/main.go", "package main\n\nfunc main() { undefinedName() }\n")
	broken := write("template.yaml", strings.TrimSpace(`
Transform: AWS::Serverless-2016-10-31
Resources:
  Broken:
    Type: AWS::Serverless::Function
    Properties:
      CodeUri: fn/
      Handler: bootstrap
      Runtime: provided.al2023
      Events: {Get: {Type: Api, Properties: {Path: /, Method: get}}}
`))
	two := write("two/template.yaml", twoAPIs)
	write("queue/main.go", "package main\n\nfunc main() {}\n")
	noHTTP := write("queue/template.yaml", "Transform: AWS::Serverless-2016-10-31\nResources: {Q: {Type: AWS::Serverless::Function, Properties: {Runtime: provided.al2023, Handler: b, Events: {E: {Type: SQS}}}}}\n")
	noRoutes := write("noroutes/template.yaml", "Transform: AWS::Serverless-2016-10-31\nResources: {T: {Type: AWS::SNS::Topic}}\n")

	for _, tc := range []struct {
		name string
		path string // PATH, "" leaves it
		args []string
		want string
	}{
		{"missing-template", "", []string{"-t", filepath.Join(dir, "none.yaml")}, "none.yaml"},
		{"busy-port", "", []string{"-t", "../../template.yaml", "--port", port}, "port " + port + " is in use, and Api needs it"},
		{"port-too-high", "", []string{"--port", "70000"}, "a port is a number from 0 to 65535"},
		{"port-negative", "", []string{"--port", "-1"}, "a port is a number from 0 to 65535"},
		{"port-word", "", []string{"--port", "abc"}, "a port is a number from 0 to 65535"},
		{"last-port", "", []string{"-t", two, "--port", "65535"}, "BApi would get port 65536, and the last is 65535"},
		{"busy-inspect-port", "", []string{"-t", "../../template.yaml", "--port", "0", "--inspect-port", port}, "choose another with --inspect-port"},
		{"inspect-or-not", "", []string{"-t", "../../template.yaml", "--inspect-port", "0", "--no-inspect"}, "[inspect-port no-inspect]"},
		{"compile-error", "", []string{"-t", broken, "--port", "0"}, "fn/main.go:3:15: undefined: undefinedName"},
		{"no-go-toolchain", dir, []string{"-t", broken, "--port", "0"}, "no Go toolchain"},
		{"no-routes", "", []string{"-t", noRoutes, "--port", "0"}, "no function with an HTTP route"},
		{"no-http", "", []string{"-t", noHTTP, "--port", "0"}, "no function with an HTTP route; crumb invoke Q --event FILE runs one on an event"},
		{"unknown-api", "", []string{"-t", "../../template.yaml", "--port", "0", "--api", "Nope"}, `no API "Nope"`},
		{"unknown-door", "", []string{"-t", "../../template.yaml", "--port", "0", "--door", "window"}, `door "window"`},
		{"unknown-flag", "", []string{"--prot", "1"}, "unknown flag: --prot"},
		{"argument", "", []string{"stop"}, `unknown command "stop"`},
	} {
		t.Run(tc.name, func(t *testing.T) {
			if tc.path != "" {
				t.Setenv("PATH", tc.path)
			}
			var stdout, stderr lockedBuffer
			code := run(t.Context(), append([]string{"start"}, tc.args...), nil, &stdout, &stderr)
			if code != 1 {
				t.Errorf("exit code = %d, want 1", code)
			}
			lines := strings.Split(strings.TrimSpace(stderr.String()), "\n")
			if last := lines[len(lines)-1]; !strings.HasPrefix(last, "crumb: ") || !strings.Contains(last, tc.want) {
				t.Errorf("stderr = %q, want a line with %q", &stderr, tc.want)
			}
		})
	}
}
