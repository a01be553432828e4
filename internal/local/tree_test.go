package local

import (
	"crypto/rand"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/crumb-go/crumb/internal/local/localtest"
)

// A tree is a small SAM project in a folder of the test's.
type tree struct {
	t   *testing.T
	dir string
	own string // in every Go file of this tree, and of no other
}

func emptyTree(t *testing.T) tree {
	t.Helper()
	return tree{t, t.TempDir(), rand.Text()}
}

// newTree returns the project of one function, Hello, whose response is "one".
func newTree(t *testing.T) tree {
	t.Helper()
	tr := emptyTree(t)
	tr.writeModule("")
	tr.write("hello/main.go", mainText(`"one"`, ""))
	tr.write("template.yaml", template("/"))
	return tr
}

// writeModule writes the module example.com/app into a folder. Its package
// bootstrap is just enough of a Runtime API client for a function, and links in
// half the time of aws-lambda-go.
func (tr tree) writeModule(folder string) {
	tr.t.Helper()
	tr.write(filepath.Join(folder, "go.mod"), goMod)
	tr.write(filepath.Join(folder, "bootstrap/bootstrap.go"), bootstrapText)
}

const goMod = "module example.com/app\n\ngo 1.26.0\n"

const bootstrapText = `package bootstrap

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/textproto"
	"os"
	"strconv"
	"strings"
)

// Serve responds to each event with a body.
func Serve(body func() string) {
	host, key, _ := strings.Cut(os.Getenv("AWS_LAMBDA_RUNTIME_API"), "/")
	conn, err := net.Dial("tcp", host)
	if err != nil {
		panic(err)
	}
	api := "/" + key + "/2018-06-01/runtime/invocation/"
	r := textproto.NewReader(bufio.NewReader(conn))
	for {
		fmt.Fprintf(conn, "GET %snext HTTP/1.1\r\nHost: x\r\n\r\n", api)
		id := read(r)
		response := fmt.Sprintf("{\"statusCode\":200,\"body\":%q}", body())
		fmt.Fprintf(conn, "POST %s%s/response HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n%s", api, id, len(response), response)
		read(r)
	}
}

// read skips a response and returns the request id that it has.
func read(r *textproto.Reader) (id string) {
	r.ReadLine()
	header, err := r.ReadMIMEHeader()
	if err != nil {
		os.Exit(0)
	}
	size, _ := strconv.ParseInt(header.Get("Content-Length"), 10, 64)
	io.CopyN(io.Discard, r.R, size)
	return header.Get("Lambda-Runtime-Aws-Request-Id")
}
`

// mainText is a function that responds with the value of an expression.
func mainText(expression, imports string) string {
	return `package main

import (
	"example.com/app/bootstrap"
` + imports + `)

func main() {
	bootstrap.Serve(func() string { return ` + expression + ` })
}
`
}

func template(path string) string {
	return `Transform: AWS::Serverless-2016-10-31
Resources:
  Hello:
    Type: AWS::Serverless::Function
    Properties:
      CodeUri: hello/
      Handler: bootstrap
      Runtime: provided.al2023
      Events: {Get: {Type: Api, Properties: {Path: ` + path + `, Method: get}}}
`
}

// write writes a file. If that happens while go build reads the file, the build
// cache may map the old text to the new program, so no other test may have that
// text.
func (tr tree) write(name, text string) {
	tr.t.Helper()
	if filepath.Ext(name) == ".go" {
		text = strings.Replace(text, "\n", " // "+tr.own+"\n", 1)
	}
	file := filepath.Join(tr.dir, name)
	if err := os.MkdirAll(filepath.Dir(file), 0o777); err != nil {
		tr.t.Fatal(err)
	}
	if err := os.WriteFile(file, []byte(text), 0o666); err != nil {
		tr.t.Fatal(err)
	}
}

func (tr tree) remove(name string) {
	tr.t.Helper()
	if err := os.Remove(filepath.Join(tr.dir, name)); err != nil {
		tr.t.Fatal(err)
	}
}

func (tr tree) git(args ...string) {
	tr.t.Helper()
	cmd := exec.Command("git", append([]string{"-c", "user.name=A", "-c", "user.email=a@example.com", "-c", "commit.gpgsign=false"}, args...)...)
	cmd.Dir = tr.dir
	cmd.Env = append(os.Environ(), "GIT_CONFIG_GLOBAL="+os.DevNull, "GIT_CONFIG_NOSYSTEM=1")
	if out, err := cmd.CombinedOutput(); err != nil {
		tr.t.Fatalf("%s: %v\n%s", cmd, err, out)
	}
}

// until repeats a request until the response contains want, since the file system
// reports a save a moment later.
func until(t *testing.T, url, want string) {
	t.Helper()
	waitFor(t, want, func() string {
		status, body := localtest.Get(t, url)
		return fmt.Sprintf("GET %s = %d %q", url, status, body)
	})
}

// waitFor waits until the text contains want.
func waitFor(t *testing.T, want string, see func() string) {
	t.Helper()
	for deadline := time.Now().Add(5 * time.Minute); ; time.Sleep(10 * time.Millisecond) {
		seen := see()
		if strings.Contains(seen, want) {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("%s, want %q in it", seen, want)
		}
	}
}
