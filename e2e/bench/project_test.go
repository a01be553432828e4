//go:build linux

package bench

import (
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/crumb-go/crumb/e2e/bench/visit"
	"github.com/crumb-go/crumb/e2e/testenv"
)

const functions = 12

const words = "package words\n\nconst Word = %q\n"

const functionMain = `package main

import (
	"example.com/project/words"
	"github.com/crumb-go/crumb/e2e/bench/visit"
	"github.com/crumb-go/crumb/shared/frontdoor"
)

func main() { frontdoor.Start(visit.Handler(words.Word + %q)) }
`

const serverMain = `package main

import (
	"fmt"
	"net"
	"net/http"

	"github.com/crumb-go/crumb/e2e/bench/visit"
)

func main() {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		panic(err)
	}
	fmt.Println("Listening on http://" + l.Addr().String())
	panic(http.Serve(l, visit.Handler("")))
}
`

const templateHead = "Transform: AWS::Serverless-2016-10-31\nResources:"

const function = `
  F%[1]d:
    Type: AWS::Serverless::Function
    Metadata: {BuildMethod: go1.x}
    Properties:
      CodeUri: f%[1]d/
      Handler: bootstrap
      Runtime: provided.al2023
      Timeout: 30
      Events: {Any: {Type: Api, Properties: {Path: /f%[1]d, Method: ANY}}}`

// A bench is a SAM project and a crumb to run it.
type bench struct {
	t          *testing.T
	crumb, dir string
	build      func()       // what a save requires to take effect
	lost       func(...any) // reports a request without a response
}

// newBench returns one of twelve functions.
func newBench(t *testing.T) *bench { return newBenchOf(t, functions) }

func newBenchOf(t *testing.T, functions int) *bench {
	files := map[string]string{
		"words/words.go": fmt.Sprintf(words, "w"),
		"server/main.go": serverMain,
		"template.yaml":  templateHead,
		samTemplate:      templateHead + fmt.Sprintf(function, 0),
	}
	for i := range functions {
		files[fmt.Sprintf("f%d/main.go", i)] = fmt.Sprintf(functionMain, "-m")
		files["template.yaml"] += fmt.Sprintf(function, i)
	}
	b := &bench{t, testenv.Build(t), testenv.Project(t, files), func() {}, t.Error}
	c := b.start() // compiles everything
	for i := range functions {
		b.get(fmt.Sprintf("%s/f%d", c.URL, i))
	}
	c.Stop()
	return b
}

func (b *bench) start(flags ...string) *testenv.Crumb {
	b.t.Helper()
	cmd := exec.Command(b.crumb, append([]string{"start", "--port", "0"}, flags...)...)
	cmd.Dir = b.dir
	return testenv.Start(b.t, cmd)
}

// startServer runs the same handler on net/http alone.
func (b *bench) startServer() string {
	b.t.Helper()
	bin := b.dir + "/net-http"
	build := exec.Command("go", "build", "-o", bin, "./server")
	build.Dir = b.dir
	if out, err := build.CombinedOutput(); err != nil {
		b.t.Fatalf("go build: %v\n%s", err, out)
	}
	return testenv.Start(b.t, exec.Command(bin)).URL
}

func request(url string) *http.Request {
	r, err := http.NewRequest("GET", url, nil)
	if err != nil {
		panic(err) // the URL is always valid
	}
	r.Header.Set("Cookie", visit.Cookies)
	return r
}

func (b *bench) get(url string) string {
	resp, err := http.DefaultClient.Do(request(url))
	if err != nil {
		b.lost(err)
		return ""
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil || resp.StatusCode != 200 || len(resp.Header["Set-Cookie"]) != 2 {
		b.lost(fmt.Sprintf("GET %s: %d %q, %v", url, resp.StatusCode, body, err))
	}
	return string(body)
}

// settle waits until all compilers have ended.
func (b *bench) settle(c *testenv.Crumb) {
	for range 1000 {
		out, err := exec.Command("ps", "-A", "-o", "ppid=,comm=").Output()
		if err != nil {
			b.t.Fatal("ps: ", err)
		}
		compiling := false
		for line := range strings.Lines(string(out)) {
			f := strings.Fields(line)
			compiling = compiling || len(f) == 2 && f[0] == strconv.Itoa(c.Cmd.Process.Pid) && f[1] == "go"
		}
		if !compiling {
			return
		}
		time.Sleep(20 * time.Millisecond)
	}
}

// saveShared changes a package of all functions, and saveOne only the first
// function. They send requests until a response contains the word.
func (b *bench) saveShared(url, word string) time.Duration {
	return b.save(url, "words/words.go", fmt.Sprintf(words, word), word)
}

func (b *bench) saveOne(url, word string) time.Duration {
	return b.save(url, "f0/main.go", fmt.Sprintf(functionMain, word), word)
}

func (b *bench) save(url, name, text, want string) time.Duration {
	began := time.Now()
	testenv.Write(b.t, b.dir, name, text)
	b.build()
	for !strings.Contains(b.get(url+"/f0"), want) {
		if time.Since(began) > 5*time.Minute {
			b.t.Fatalf("%q is not in the answer", want)
		}
	}
	return time.Since(began)
}

// memory returns the private memory of one of eight sandboxes of a function, in
// MB.
func (b *bench) memory(c *testenv.Crumb) float64 {
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() { b.get(c.URL + "/f0?slow") })
	}
	wg.Wait()
	var private []float64
	for _, pid := range testenv.Descendants(b.t, c.Cmd.Process.Pid) {
		text, err := os.ReadFile(fmt.Sprintf("/proc/%d/smaps_rollup", pid))
		if err != nil {
			continue // it has ended, and was not a sandbox
		}
		kb := 0
		for line := range strings.Lines(string(text)) {
			if f := strings.Fields(line); strings.HasPrefix(f[0], "Private_") {
				n, _ := strconv.Atoi(f[1])
				kb += n
			}
		}
		if name, _ := os.ReadFile(fmt.Sprintf("/proc/%d/comm", pid)); string(name) == "bootstrap\n" {
			private = append(private, float64(kb)/1024)
		}
	}
	slices.Sort(private)
	if len(private) < 8 {
		b.t.Fatalf("%d sandboxes run, want 8", len(private))
	}
	return private[len(private)/2]
}
