//go:build unix

// Package soak compresses a developer's day into a short time: load, saves,
// clients that hang up and sandboxes that die, all at once.
package soak

import (
	"bufio"
	"context"
	"flag"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/crumb-go/crumb/e2e/testenv"
)

var long = flag.Bool("long", false, "run for 10 minutes, not 20 seconds")

const (
	clients   = 8
	functions = 3
)

// echo responds with the cookie's value and sets it again, so that another
// client's value would be noticed.
const echo = `package main

import (
	"fmt"
	"net/http"
	"time"

	"github.com/crumb-go/crumb/shared/cookie"
	"github.com/crumb-go/crumb/shared/frontdoor"
)

const version = %d

var id = cookie.Must(cookie.New("id", cookie.Attributes{}))

func main() {
	frontdoor.Start(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		value, _ := id.Get(r)
		if r.URL.Query().Has("slow") {
			time.Sleep(50 * time.Millisecond)
		}
		if err := id.Set(w, value); err != nil {
			http.Error(w, err.Error(), 500)
			return
		}
		fmt.Fprintf(w, "%%d %%s", version, value)
	}))
}
`

const function = `
  F%[1]d:
    Type: AWS::Serverless::Function
    Properties:
      CodeUri: f%[1]d/
      Handler: bootstrap
      Runtime: provided.al2023
      Timeout: 20
      Events: {Any: {Type: Api, Properties: {Path: /f%[1]d, Method: ANY}}}`

// tally counts what happened.
type tally struct{ sent, answered, lost, aborted, kills, saves, newest atomic.Int64 }

// proves reports whether everything that the test is about has happened.
func (n *tally) proves() bool {
	return n.kills.Load() > 0 && n.aborted.Load() > 0 && n.saves.Load() > 0 && n.newest.Load() > 0
}

func TestSoak(t *testing.T) {
	if !*long {
		testenv.Long(t, "20 seconds of load")
	}
	testenv.Tool(t, "ps")
	duration := 20 * time.Second
	if *long {
		duration = 10 * time.Minute
	}
	files := map[string]string{"template.yaml": "Transform: AWS::Serverless-2016-10-31\nResources:"}
	for i := range functions {
		files[fmt.Sprintf("f%d/main.go", i)] = fmt.Sprintf(echo, 0)
		files["template.yaml"] += fmt.Sprintf(function, i)
	}
	dir, tmp := testenv.Project(t, files), t.TempDir()
	cmd := exec.Command(testenv.Build(t), "start", "--port", "0")
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "TMPDIR="+tmp)
	crumb := testenv.Start(t, cmd)
	for i := range functions { // compiled, and one sandbox of each there
		if _, _, err := ask(http.DefaultClient, fmt.Sprintf("%s/f%d", crumb.URL, i), "warm"); err != nil {
			t.Fatal(err)
		}
	}
	memoryBefore, filesBefore := memory(t, cmd.Process.Pid), openFiles(cmd.Process.Pid)

	var n tally
	ctx, cancel := context.WithTimeout(t.Context(), duration+5*time.Minute)
	defer cancel()
	go func() { // slow machines notice a save later
		for pause(ctx, duration); ctx.Err() == nil && !n.proves(); pause(ctx, time.Second) {
		}
		cancel()
	}()
	var wg sync.WaitGroup
	for i := range clients {
		wg.Go(func() { n.client(ctx, t, crumb.URL, i) })
	}
	wg.Go(func() { n.goAway(ctx, t, crumb.URL) })
	wg.Go(func() { n.kill(ctx, t, cmd.Process.Pid) })
	wg.Go(func() { n.save(ctx, t, dir) })
	wg.Wait()

	memoryAfter, filesAfter := memory(t, cmd.Process.Pid), openFiles(cmd.Process.Pid)
	processes := testenv.Descendants(t, cmd.Process.Pid)
	crumb.Stop()
	leaked := 0
	for _, pid := range processes {
		if !testenv.Gone(pid) {
			leaked++
		}
	}
	left, err := os.ReadDir(tmp)
	if err != nil {
		t.Fatal(err)
	}
	port := "free"
	if conn, err := net.Dial("tcp", strings.TrimPrefix(crumb.URL, "http://")); err == nil {
		conn.Close()
		port = "still open"
	}
	t.Logf("%v: %d sent, %d answered, %d lost in %d killed sandboxes, %d aborted by clients, %d saves, newest code seen %d",
		duration, n.sent.Load(), n.answered.Load(), n.lost.Load(), n.kills.Load(), n.aborted.Load(), n.saves.Load(), n.newest.Load())
	t.Logf("left behind: %d processes, %d files, port %s; memory %d to %d MB, open files %d to %d",
		leaked, len(left), port, memoryBefore>>20, memoryAfter>>20, filesBefore, filesAfter)

	switch {
	case n.sent.Load() != n.answered.Load()+n.lost.Load():
		t.Error("responses are missing")
	case n.lost.Load() > n.kills.Load():
		t.Error("more requests were lost than sandboxes killed")
	case !n.proves():
		t.Error("nothing was killed, aborted or saved, or no save took effect: the test is meaningless")
	}
	if leaked > 0 || len(left) > 0 || port != "free" {
		t.Error("something is left behind")
	}
	if memoryAfter > memoryBefore+64<<20 {
		t.Error("crumb's memory grew by more than 64 MB")
	}
	if filesAfter > filesBefore+4*32+32 {
		t.Error("crumb holds more files open than connections and sandboxes explain")
	}
}

// client sends one request after the other, each with a unique value.
func (n *tally) client(ctx context.Context, t *testing.T, url string, id int) {
	client := &http.Client{Transport: &http.Transport{}}
	defer client.CloseIdleConnections()
	for i := 0; ctx.Err() == nil; i++ {
		value := fmt.Sprintf("%d-%d", id, i)
		target := fmt.Sprintf("%s/f%d", url, rand.IntN(functions))
		if i%20 == 0 {
			target += "?slow"
		}
		n.sent.Add(1)
		status, body, err := ask(client, target, value)
		version, got, _ := strings.Cut(body, " ")
		switch {
		case err != nil:
			t.Errorf("no response: %v", err)
			return
		case status == http.StatusBadGateway:
			n.lost.Add(1)
		case status != 200 || got != value:
			t.Errorf("sent %q, got %d %q", value, status, body)
			return
		default:
			n.answered.Add(1)
			if v, _ := strconv.ParseInt(version, 10, 64); v > n.newest.Load() {
				n.newest.Store(v)
			}
		}
	}
}

func ask(client *http.Client, url, value string) (status int, body string, err error) {
	r, err := http.NewRequest("GET", url, nil)
	if err != nil {
		return 0, "", err
	}
	r.Header.Set("Cookie", "id="+value)
	resp, err := client.Do(r)
	if err != nil {
		return 0, "", err
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if want := "id=" + value + "; "; err == nil && resp.StatusCode == 200 && !strings.HasPrefix(resp.Header.Get("Set-Cookie"), want) {
		return resp.StatusCode, "", fmt.Errorf("Set-Cookie is %q, want %q", resp.Header.Get("Set-Cookie"), want)
	}
	return resp.StatusCode, string(text), err
}

// goAway is a client that hangs up before the response.
func (n *tally) goAway(ctx context.Context, t *testing.T, url string) {
	for pause(ctx, 100*time.Millisecond) {
		conn, err := net.Dial("tcp", strings.TrimPrefix(url, "http://"))
		if err != nil {
			t.Error(err)
			return
		}
		fmt.Fprintf(conn, "GET /f0?slow HTTP/1.1\r\nHost: localhost\r\nCookie: id=gone\r\n\r\n")
		pause(ctx, 10*time.Millisecond)
		conn.Close()
		n.aborted.Add(1)
	}
}

// kill kills a sandbox at random.
func (n *tally) kill(ctx context.Context, t *testing.T, crumb int) {
	for pause(ctx, 300*time.Millisecond) {
		sandboxes := bootstraps(t, crumb)
		if len(sandboxes) == 0 {
			continue
		}
		if syscall.Kill(sandboxes[rand.IntN(len(sandboxes))], syscall.SIGKILL) == nil {
			n.kills.Add(1)
		}
	}
}

// bootstraps returns the sandboxes among crumb's processes, without compilers.
func bootstraps(t *testing.T, crumb int) []int {
	t.Helper()
	out, err := exec.Command("ps", "-A", "-o", "pid=,ppid=,comm=").Output()
	if err != nil {
		t.Error("ps: ", err)
	}
	var pids []int
	for line := range strings.Lines(string(out)) {
		f := strings.Fields(line)
		if len(f) >= 3 && f[1] == strconv.Itoa(crumb) && f[2] == "bootstrap" {
			pid, _ := strconv.Atoi(f[0])
			pids = append(pids, pid)
		}
	}
	return pids
}

// save changes a function.
func (n *tally) save(ctx context.Context, t *testing.T, dir string) {
	for i := 1; pause(ctx, 3*time.Second); i++ {
		testenv.Write(t, dir, fmt.Sprintf("f%d/main.go", i%functions), fmt.Sprintf(echo, i))
		n.saves.Add(1)
	}
}

func pause(ctx context.Context, d time.Duration) bool {
	select {
	case <-ctx.Done():
		return false
	case <-time.After(d):
		return true
	}
}

// memory returns the resident memory of a process in bytes, according to ps.
func memory(t *testing.T, pid int) int64 {
	t.Helper()
	out, err := exec.Command("ps", "-o", "rss=", "-p", strconv.Itoa(pid)).Output()
	if err != nil {
		t.Fatal("ps: ", err)
	}
	line, _ := bufio.NewReader(strings.NewReader(string(out))).ReadString('\n')
	kb, err := strconv.ParseInt(strings.TrimSpace(line), 10, 64)
	if err != nil {
		t.Fatal("ps: ", err)
	}
	return kb << 10
}

// openFiles counts the open files of a process if there is /proc, else it returns
// 0.
func openFiles(pid int) int {
	files, _ := os.ReadDir("/proc/" + strconv.Itoa(pid) + "/fd")
	return len(files)
}
