package main

import (
	"crypto/rand"
	"crypto/tls"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// A tree is a small SAM project in a folder of the test's.
type tree struct {
	t   *testing.T
	dir string
	own string // stands in every Go file, and in none of another tree
}

func newTree(t *testing.T) tree {
	t.Helper()
	root, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	tr := tree{t, t.TempDir(), rand.Text()}
	sum, err := os.ReadFile(filepath.Join(root, "go.sum"))
	if err != nil {
		t.Fatal(err)
	}
	tr.write("go.sum", string(sum))
	tr.write("go.mod", fmt.Sprintf("module example.com/app\n\ngo 1.26.0\n\nrequire github.com/aws/aws-lambda-go %s\n", lambdaVersion(t, root)))
	tr.write("hello/main.go", mainText(`"one"`, ""))
	tr.write("template.yaml", template("/"))
	return tr
}

func lambdaVersion(t *testing.T, root string) string {
	t.Helper()
	mod, err := os.ReadFile(filepath.Join(root, "go.mod"))
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(mod)) {
		if f := strings.Fields(line); len(f) >= 2 && f[0] == "github.com/aws/aws-lambda-go" {
			return f[1]
		}
	}
	t.Fatal("go.mod requires no aws-lambda-go")
	return ""
}

func mainText(expression, imports string) string {
	return `package main

import (
	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-lambda-go/lambda"
` + imports + `)

func main() {
	lambda.Start(func() (events.APIGatewayProxyResponse, error) {
		return events.APIGatewayProxyResponse{StatusCode: 200, Body: ` + expression + `}, nil
	})
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

// write writes a file. Where it is saved while go build reads it, the build cache
// may hold the new program for the old text: no other test may have that text.
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

// until asks again until the answer holds want: the file system tells of a save
// a moment later.
func until(t *testing.T, url, want string) {
	t.Helper()
	deadline := time.Now().Add(5 * time.Minute)
	for {
		status, body := get(t, url)
		if strings.Contains(body, want) {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("GET %s = %d %q, want %q in it", url, status, body, want)
		}
		time.Sleep(10 * time.Millisecond)
	}
}

func get(t *testing.T, url string) (int, string) {
	t.Helper()
	resp, err := http.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp.StatusCode, string(body)
}

func TestWatch(t *testing.T) {
	tr := newTree(t)
	_, url, stderr := startCrumb(t, "--template", filepath.Join(tr.dir, "template.yaml"))
	until(t, url+"/", "one")

	tr.write("hello/main.go", mainText(`"two"`, ""))
	until(t, url+"/", "two")

	// A compile error is in the answer and in the terminal, until it is mended.
	tr.write("hello/main.go", mainText(`missing`, ""))
	until(t, url+"/", "undefined: missing")
	until(t, url+"/", "main.go:10") // it stays
	if !strings.Contains(stderr.String(), "undefined: missing") {
		t.Errorf("stderr does not tell the compile error:\n%s", stderr)
	}
	tr.write("hello/main.go", mainText(`"three"`, ""))
	until(t, url+"/", "three")

	// An editor that saves by rename.
	tr.write("hello/main.go.new", mainText(`"four"`, ""))
	if err := os.Rename(filepath.Join(tr.dir, "hello/main.go.new"), filepath.Join(tr.dir, "hello/main.go")); err != nil {
		t.Fatal(err)
	}
	until(t, url+"/", "four")

	// A new package is noticed, and changes of it.
	tr.write("words/words.go", "package words\n\nconst Word = \"five\"\n")
	tr.write("hello/main.go", mainText("words.Word", "\t\"example.com/app/words\"\n"))
	until(t, url+"/", "five")
	tr.write("words/words.go", "package words\n\nconst Word = \"six\"\n")
	until(t, url+"/", "six")

	// A new file of a package.
	tr.write("words/more.go", "package words\n\nfunc init() { Word = \"seven\" }\n")
	tr.write("words/words.go", "package words\n\nvar Word = \"six\"\n")
	until(t, url+"/", "seven")

	// Another route; the old one is gone. A broken template changes nothing.
	tr.write("template.yaml", template("/moved"))
	until(t, url+"/moved", "seven")
	until(t, url+"/", "Missing Authentication Token")
	tr.write("template.yaml", "Transform: [")
	until(t, url+"/moved", "seven")
	tr.write("template.yaml", template("/again"))
	until(t, url+"/again", "seven")
}

// slowGo is a go command that lists packages, with -json, once a file is there.
const slowGo = `package main

import (
	"os"
	"os/exec"
	"strings"
	"time"
)

func main() {
	for strings.Contains(strings.Join(os.Args, " "), " -json=") {
		if _, err := os.Stat(%q); err == nil {
			break
		}
		time.Sleep(10 * time.Millisecond)
	}
	cmd := exec.Command(%q, os.Args[1:]...)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = os.Stdin, os.Stdout, os.Stderr
	if cmd.Run() != nil {
		os.Exit(1)
	}
}
`

// TestSavedBeforeWatched saves while crumb still looks for what it has to watch.
func TestSavedBeforeWatched(t *testing.T) {
	command, err := exec.LookPath("go")
	if err != nil {
		t.Fatal(err)
	}
	bin := t.TempDir()
	open := filepath.Join(bin, "open")
	source, program := filepath.Join(bin, "main.go"), filepath.Join(bin, filepath.Base(command))
	if err := os.WriteFile(source, fmt.Appendf(nil, slowGo, open, command), 0o666); err != nil {
		t.Fatal(err)
	}
	if out, err := exec.Command(command, "build", "-o", program, source).CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	t.Setenv("PATH", bin+string(filepath.ListSeparator)+os.Getenv("PATH"))
	tr := newTree(t)
	_, url, _ := startCrumb(t, "--template", filepath.Join(tr.dir, "template.yaml"))
	list := func() {
		if err := os.WriteFile(open, nil, 0o666); err != nil {
			t.Error(err)
		}
	}
	t.Cleanup(list) // crumb waits for its go command when it ends
	until(t, url+"/", "one")
	tr.write("hello/main.go", mainText(`"two"`, ""))
	list()
	until(t, url+"/", "two")
}

// TestCheckout goes from one branch to another and back while requests come in:
// files change, come, go and move all at once, the template among them.
func TestCheckout(t *testing.T) {
	if _, err := exec.LookPath("git"); err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatal(err)
		}
		t.Skip(err)
	}
	tr := newTree(t)
	branch := func(name, folder string) {
		tr.write("template.yaml", template("/"+name))
		tr.write("hello/main.go", mainText(folder+".All", "\t\"example.com/app/"+folder+"\"\n"))
		tr.write(folder+"/all.go", "package "+folder+"\n\nvar All = \""+name+"\"\n")
		for i := range 40 {
			tr.write(fmt.Sprintf("%s/part%d.go", folder, i), "package "+folder+"\n\nfunc init() { All += \".\" }\n")
		}
		tr.git("checkout", "--quiet", "-b", name)
		tr.git("add", "--all")
		tr.git("commit", "--quiet", "--message", name)
	}
	tr.git("init", "--quiet")
	branch("one", "words")
	tr.git("rm", "--quiet", "-r", "words")
	branch("two", "terms")
	dots := strings.Repeat(".", 40)

	_, url, _ := startCrumb(t, "--template", filepath.Join(tr.dir, "template.yaml"))
	until(t, url+"/two", "two"+dots)
	stop, stopped := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(stopped)
		for {
			select {
			case <-stop:
				return
			default:
			}
			resp, err := http.Get(url + "/two")
			if err != nil {
				t.Errorf("a request during the checkout: %v", err)
				return
			}
			_, _ = io.Copy(io.Discard, resp.Body) // else each request opens a connection
			resp.Body.Close()
		}
	}()
	tr.git("checkout", "--quiet", "one")
	until(t, url+"/one", "one"+dots)
	until(t, url+"/two", "Missing Authentication Token")
	tr.git("checkout", "--quiet", "two")
	until(t, url+"/two", "two"+dots)
	until(t, url+"/one", "Missing Authentication Token")
	close(stop)
	<-stopped
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

func TestTLS(t *testing.T) {
	tr := newTree(t)
	_, url, _ := startCrumb(t, "--template", filepath.Join(tr.dir, "template.yaml"), "--tls", "--no-watch")
	if !strings.HasPrefix(url, "https://") {
		t.Errorf("listens on %s, want https", url)
	}
	client := &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{InsecureSkipVerify: true}}}
	resp, err := client.Get(url + "/")
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil || string(body) != "one" {
		t.Errorf("GET / = %q, %v", body, err)
	}
	if names := resp.TLS.PeerCertificates[0].DNSNames; len(names) != 2 || names[0] != "localhost" {
		t.Errorf("the certificate is for %q", names)
	}
}

func TestIsProduct(t *testing.T) {
	tr := newTree(t)
	tr.write("Makefile", "")
	tr.write("LICENSE", "")
	tr.write("tool", "")
	if err := os.Chmod(filepath.Join(tr.dir, "tool"), 0o777); err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]bool{
		"bootstrap": true, "function.zip": true, "bootstrap-go-tmp-umask": true, "tool": true,
		"main.go": false, "Makefile": false, "LICENSE": false, "page.html": false, "hello": false,
	} {
		if got := isProduct(filepath.Join(tr.dir, name)); got != want {
			t.Errorf("isProduct(%q) = %t, want %t", name, got, want)
		}
	}
}
