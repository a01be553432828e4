//go:build linux

// Package bench measures what a developer feels of "crumb start", beside what
// cannot be undercut: the same handler on net/http, and in process behind
// shared/frontdoor.
//
//	go test ./e2e/bench -v -measure
package bench

import (
	"context"
	"flag"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"text/tabwriter"
	"time"

	"github.com/crumb-go/crumb/e2e/bench/visit"
	"github.com/crumb-go/crumb/e2e/need"
	"github.com/crumb-go/crumb/internal/gateway"
	"github.com/crumb-go/crumb/shared/frontdoor"
)

var measure = flag.Bool("measure", false, "take the measurements, about two minutes")

const functions = 12

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

const function = `
  F%[1]d:
    Type: AWS::Serverless::Function
    Properties:
      CodeUri: f%[1]d/
      Handler: bootstrap
      Runtime: provided.al2023
      Events: {Any: {Type: Api, Properties: {Path: /f%[1]d, Method: ANY}}}`

func TestMeasure(t *testing.T) {
	if !*measure && os.Getenv("CI") != "true" {
		t.Skip("measurements are taken with -measure")
	}
	b := newBench(t)
	out := tabwriter.NewWriter(t.Output(), 0, 0, 2, ' ', 0)
	defer out.Flush()

	floor := b.startServer()
	process := inProcess(t)
	row := func(what string, value any, unit string) { fmt.Fprintf(out, "%s\t%v\t%s\n", what, value, unit) }

	crumb := b.start()
	for _, clients := range []int{1, 32} {
		n := 3000 * clients / (1 + clients/8)
		base, got := load(t, floor+"/", clients, n), load(t, crumb.URL+"/f0", clients, n)
		row(fmt.Sprintf("warm p50, %d clients", clients), got.p50, fmt.Sprintf("net/http %v, ratio %.1f", base.p50, ratio(got.p50, base.p50)))
		row(fmt.Sprintf("warm p99, %d clients", clients), got.p99, fmt.Sprintf("net/http %v, ratio %.1f", base.p99, ratio(got.p99, base.p99)))
		row(fmt.Sprintf("requests/s, %d clients", clients), int(got.perSecond), fmt.Sprintf("net/http %d, ratio %.2f", int(base.perSecond), got.perSecond/base.perSecond))
	}
	row("in-process Invoke p50", process, "the same event through shared/frontdoor alone")
	row("memory per further sandbox", fmt.Sprintf("%.1f MB", b.memory(crumb)), "private")
	row("save in a shared package to new answer", median(5, func(i int) time.Duration {
		return b.save(crumb, "words/words.go", fmt.Sprintf("package words\n\nconst Word = \"w%d\"\n", i), fmt.Sprintf("w%d", i))
	}), "")
	row("save in one function to new answer", median(5, func(i int) time.Duration {
		return b.save(crumb, "f0/main.go", fmt.Sprintf(functionMain, fmt.Sprintf("-m%d", i)), fmt.Sprintf("-m%d", i))
	}), "")
	crumb.Stop()

	row("start to first answer", median(5, func(int) time.Duration {
		began := time.Now()
		c := b.start()
		b.mustGet(c.URL + "/f0")
		took := time.Since(began)
		c.Stop()
		return took
	}), "binaries up to date")
	row("cold first answer of another function", median(5, func(int) time.Duration {
		c := b.start()
		b.mustGet(c.URL + "/f0")
		b.settle(c)
		began := time.Now()
		b.mustGet(c.URL + "/f1")
		took := time.Since(began)
		c.Stop()
		return took
	}), "")
	row("12 functions cold at once", median(5, func(int) time.Duration {
		c := b.start()
		b.settle(c)
		began := time.Now()
		var wg sync.WaitGroup
		for i := range functions {
			wg.Go(func() { b.mustGet(fmt.Sprintf("%s/f%d", c.URL, i)) })
		}
		wg.Wait()
		took := time.Since(began)
		c.Stop()
		return took
	}), "until all have answered")
}

// A bench is a SAM project of twelve functions and a crumb to run it.
type bench struct {
	t          *testing.T
	crumb, dir string
}

func newBench(t *testing.T) *bench {
	files := map[string]string{
		"words/words.go": "package words\n\nconst Word = \"w\"\n",
		"server/main.go": serverMain,
		"template.yaml":  "Transform: AWS::Serverless-2016-10-31\nResources:",
	}
	for i := range functions {
		files[fmt.Sprintf("f%d/main.go", i)] = fmt.Sprintf(functionMain, "-m")
		files["template.yaml"] += fmt.Sprintf(function, i)
	}
	b := &bench{t, need.Build(t), need.Project(t, files)}
	c := b.start() // compiles everything
	for i := range functions {
		b.mustGet(fmt.Sprintf("%s/f%d", c.URL, i))
	}
	c.Stop()
	return b
}

func (b *bench) start() *need.Crumb {
	b.t.Helper()
	cmd := exec.Command(b.crumb, "start", "--port", "0")
	cmd.Dir = b.dir
	return need.Start(b.t, cmd)
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
	return need.Start(b.t, exec.Command(bin)).URL
}

func request(url string) *http.Request {
	r, err := http.NewRequest("GET", url, nil)
	if err != nil {
		panic(err) // a url of ours
	}
	r.Header.Set("Cookie", visit.Cookies)
	return r
}

func (b *bench) mustGet(url string) string {
	resp, err := http.DefaultClient.Do(request(url))
	if err != nil {
		b.t.Error(err)
		return ""
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil || resp.StatusCode != 200 || len(resp.Header["Set-Cookie"]) != 2 {
		b.t.Errorf("GET %s: %d %q, %v", url, resp.StatusCode, body, err)
	}
	return string(body)
}

// settle waits until nothing is compiled any more.
func (b *bench) settle(c *need.Crumb) {
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

// save writes a file and asks until the answer shows it.
func (b *bench) save(c *need.Crumb, name, text, want string) time.Duration {
	began := time.Now()
	need.Write(b.t, b.dir, name, text)
	for !strings.Contains(b.mustGet(c.URL+"/f0"), want) {
		if time.Since(began) > time.Minute {
			b.t.Fatalf("%q is not in the answer", want)
		}
	}
	return time.Since(began)
}

// memory is the private memory of one of eight sandboxes of a function, in MB.
func (b *bench) memory(c *need.Crumb) float64 {
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() { b.mustGet(c.URL + "/f0?slow") })
	}
	wg.Wait()
	var private []float64
	for _, pid := range need.Descendants(b.t, c.Cmd.Process.Pid) {
		text, err := os.ReadFile(fmt.Sprintf("/proc/%d/smaps_rollup", pid))
		if err != nil {
			b.t.Error(err)
			continue
		}
		kb := 0
		for line := range strings.Lines(string(text)) {
			if f := strings.Fields(line); strings.HasPrefix(f[0], "Private_") {
				n, _ := strconv.Atoi(f[1])
				kb += n
			}
		}
		private = append(private, float64(kb)/1024)
	}
	slices.Sort(private)
	if len(private) < 8 {
		b.t.Fatalf("%d sandboxes run, want 8", len(private))
	}
	return private[len(private)/2]
}

func median(n int, f func(i int) time.Duration) time.Duration {
	var all []time.Duration
	for i := range n {
		all = append(all, f(i))
	}
	slices.Sort(all)
	return all[n/2].Round(100 * time.Microsecond)
}

func ratio(a, b time.Duration) float64 { return float64(a) / float64(b) }

type result struct {
	p50, p99  time.Duration
	perSecond float64
}

// load sends n requests from some clients, each on a connection of its own.
func load(t *testing.T, url string, clients, n int) result {
	t.Helper()
	each := n / clients
	took := make([][]time.Duration, clients)
	run := func(each int, record bool) {
		var wg sync.WaitGroup
		for i := range clients {
			wg.Go(func() {
				client := &http.Client{Transport: &http.Transport{}}
				defer client.CloseIdleConnections()
				r := request(url)
				for range each {
					began := time.Now()
					resp, err := client.Do(r)
					if err != nil {
						t.Error(err)
						return
					}
					io.Copy(io.Discard, resp.Body)
					resp.Body.Close()
					if resp.StatusCode != 200 {
						t.Errorf("status %d", resp.StatusCode)
						return
					}
					if record {
						took[i] = append(took[i], time.Since(began))
					}
				}
			})
		}
		wg.Wait()
	}
	run(20, false) // warm
	began := time.Now()
	run(each, true)
	total := time.Since(began)
	all := slices.Concat(took...)
	if len(all) == 0 {
		t.Fatal("nothing was answered")
	}
	slices.Sort(all)
	return result{
		all[len(all)/2].Round(time.Microsecond),
		all[len(all)*99/100].Round(time.Microsecond),
		float64(len(all)) / total.Seconds(),
	}
}

// inProcess is the median time of one event through the front door.
func inProcess(t *testing.T) time.Duration {
	t.Helper()
	r := httptest.NewRequest("GET", "/f0", nil)
	r.Header.Set("Cookie", visit.Cookies)
	event, err := gateway.Event(frontdoor.REST, r, nil)
	if err != nil {
		t.Fatal(err)
	}
	h := frontdoor.New(visit.Handler(""), frontdoor.Options{})
	var all []time.Duration
	for range 2000 {
		began := time.Now()
		if _, err := h.Invoke(context.Background(), event); err != nil {
			t.Fatal(err)
		}
		all = append(all, time.Since(began))
	}
	slices.Sort(all)
	return all[len(all)/2].Round(100 * time.Nanosecond)
}
