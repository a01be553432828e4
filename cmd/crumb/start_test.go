package main

import (
	"bufio"
	"bytes"
	"context"
	"io"
	"net"
	"net/http"
	"net/http/cookiejar"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
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

	jar, _ := cookiejar.New(nil)
	client := &http.Client{Jar: secureOnLoopback{jar}}
	for _, step := range []struct{ path, body string }{
		{"/", "Hello, Guest!"},
		{"/getcookie", "No cookie found!"},
		{"/setcookie", "Cookie has been set!"},
		{"/", "Welcome back, Cobby!"},
		{"/getcookie", "Found cookie! Username: Cobby"},
		{"/deletecookie", "Cookie has been deleted!"},
		{"/", "Hello, Guest!"},
		{"/visits", "Welcome! This is your first visit."},
		{"/visits", "Welcome back! Visit 2, member since " + time.Now().UTC().Format("2 January 2006") + "."},
	} {
		resp, err := client.Get(url + step.path)
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(resp.Body)
		resp.Body.Close()
		if err != nil || resp.StatusCode != 200 || string(body) != step.body {
			t.Errorf("GET %s = %d %q, %v; want %q", step.path, resp.StatusCode, body, err, step.body)
		}
	}
	for _, line := range []string{"START RequestId: ", "END RequestId: ", "REPORT RequestId: "} {
		if !strings.Contains(stderr.String(), line) {
			t.Errorf("stderr has no line %q", line)
		}
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
	noRoutes := write("noroutes/template.yaml", "Transform: AWS::Serverless-2016-10-31\nResources: {T: {Type: AWS::SNS::Topic}}\n")

	for _, tc := range []struct {
		name string
		path string // PATH, "" leaves it
		args []string
		want string
	}{
		{"missing-template", "", []string{"-t", filepath.Join(dir, "none.yaml")}, "none.yaml"},
		{"busy-port", "", []string{"-t", "../../template.yaml", "--port", port}, "port " + port + " is in use"},
		{"compile-error", "", []string{"-t", broken, "--port", "0"}, "fn/main.go:3:15: undefined: undefinedName"},
		{"no-go-toolchain", dir, []string{"-t", broken, "--port", "0"}, "no Go toolchain"},
		{"no-routes", "", []string{"-t", noRoutes, "--port", "0"}, "no function with an HTTP route"},
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
