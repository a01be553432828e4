package lambda_test

import (
	"bytes"
	"errors"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/crumb-go/crumb/internal/lambda"
)

// A slowWriter blocks until it is released.
type slowWriter struct {
	release chan struct{}
	logs
}

func (w *slowWriter) Write(p []byte) (int, error) {
	<-w.release
	return w.logs.Write(p)
}

func TestFlood(t *testing.T) {
	t.Parallel()
	w := &slowWriter{release: make(chan struct{})}
	p, _ := start(t, lambda.Function{Timeout: 2 * time.Second}, lambda.Config{Logs: w, MaxSandboxes: 1})
	// More than may be queued: the function waits for its log until it times out.
	var failed *lambda.FunctionError
	if _, err := do(p, `{"Do":"flood","Text":"`+strings.Repeat("x", 1000)+`","N":3000}`); !errors.As(err, &failed) || !failed.Timeout {
		t.Fatalf("a flood into a log that blocks: %v, want a timeout", err)
	}
	must(t, p, `{}`) // others do not wait
	close(w.release)
	if err := p.Update([]lambda.Function{{Name: "F", Build: prebuilt, Timeout: time.Minute}}); err != nil {
		t.Fatal(err)
	}
	must(t, p, `{"Do":"flood","Text":"y","N":100000}`)
	p.Close()
	if got := bytes.Count(w.b.Bytes(), []byte("\ny ")); got != 100000 {
		t.Errorf("%d lines of a flood in the log, want 100000", got)
	}
}

// A log that blocks for ever must not keep a pool from closing.
func TestCloseWithBlockedLog(t *testing.T) {
	t.Parallel()
	w := &slowWriter{release: make(chan struct{})}
	defer close(w.release)
	p, _ := start(t, lambda.Function{}, lambda.Config{Logs: w})
	flood := invoke(p, `{"Do":"flood","Text":"`+strings.Repeat("x", 1000)+`","N":3000}`)
	must(t, p, `{}`)
	p.Close()
	if r := <-flood; r.err == nil {
		t.Error("the flood ended, want it cut")
	}
}

func TestLines(t *testing.T) {
	p, logs := start(t, lambda.Function{}, lambda.Config{MaxSandboxes: 1})
	must(t, p, `{"Do":"print","Text":"no end"}`)
	must(t, p, `{"Do":"print","Text":"one\ntwo\nthr"}`)
	must(t, p, `{"Do":"long-line","N":600000}`)
	p.Close()
	for _, want := range []string{"\nno end\nEND ", "\none\ntwo\nthr\nEND "} {
		if runtime.GOOS == "windows" { // see endOnWindows
			want = strings.TrimSuffix(want, "END ")
		}
		if !strings.Contains(logs.String(), want) {
			t.Errorf("log:\n%.500s\nwant %q in it", logs, want)
		}
	}
	longest, all := 0, 0
	for line := range strings.Lines(logs.String()) {
		if strings.HasPrefix(line, "x") {
			longest = max(longest, len(line))
			all += len(line) - 1
		}
	}
	if longest < 256<<10 || longest > 300<<10 {
		t.Errorf("the longest line has %d bytes, want about 256 KiB", longest)
	}
	if all != 600000 {
		t.Errorf("%d bytes of the long line, want 600000", all)
	}
}

// TestLogged holds what the Invoke API returns of an event's log: its lines from START
// to REPORT, without those of other events, and no more than 4 KB.
func TestLogged(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("lines of a function may come after its REPORT line")
	}
	p, _ := start(t, lambda.Function{}, lambda.Config{MaxSandboxes: 1})
	broken, _ := start(t, lambda.Function{Env: map[string]string{"INIT": "crash"}}, lambda.Config{})
	const id, report = "START RequestId: ([-0-9a-f]{36}) Version: \\$LATEST\n", "END RequestId: [-0-9a-f]{36}\nREPORT RequestId: .*\n"
	for _, row := range []struct {
		name, event, want string
		pool              *lambda.Pool
	}{
		{"lines", `{"Do":"print","Text":"one\ntwo"}`, id + "one\ntwo\n" + report, p},
		{"next-event", `{}`, id + report, p},
		{"long", `{"Do":"flood","Text":"line","N":2000}`, "(?s).*\nline 1999\n" + report, p},
		{"error", `{"Do":"error","Text":"no"}`, id + ".*errorString.*\n" + report + "$", p},
		{"exit", `{"Do":"exit","N":3}`, id + report + "RequestId: .* exit status 3\nRuntime.ExitError\n", p},
		{"after-exit", `{}`, id + report, p},
		{"no-start", `{}`, "cannot start\nINIT_REPORT (?s).*Runtime.ExitError\n", broken},
		{"no-start-2", `{}`, "cannot start\nINIT_REPORT ", broken},
		{"no-start-3", `{}`, "cannot start\nINIT_REPORT ", broken},
		{"not-tried", `{}`, "^$", broken},
	} {
		t.Run(row.name, func(t *testing.T) {
			logged := make(chan []byte, 2)
			response, err := row.pool.Invoke(t.Context(), "F", lambda.Invocation{Payload: []byte(row.event), Logged: func(tail []byte) { logged <- tail }})
			if err == nil {
				response.Body.Close()
			}
			got := string(<-logged)
			if !matches("^(?:"+row.want+")", got) || len(got) > 4<<10 || row.name == "long" && len(got) < 4<<10 {
				t.Errorf("the log is %q, want a match for %q", got, row.want)
			}
		})
	}
}
