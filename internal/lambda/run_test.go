package lambda_test

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/crumb-go/crumb/internal/lambda"
)

// A process gets the function's environment and its own variables, and nothing of
// this program's environment.
func TestEnvironment(t *testing.T) {
	t.Setenv("OF_THE_HOST", "secret")
	dir := t.TempDir()
	own := copyBootstrap(t, filepath.Join(dir, filepath.Base(bootstrap)))
	p, _ := start(t, lambda.Function{
		Called:  "orders-dev",
		Timeout: 20 * time.Second,
		Build:   func(context.Context) (string, error) { return own, nil },
		Env:     map[string]string{"TABLE": "t=1", "LAMBDA_TASK_ROOT": "/"},
	}, lambda.Config{Region: "eu-west-1"})
	got := must(t, p, `{"Do":"env"}`)

	env := map[string]string{}
	for _, line := range got.Env {
		name, value, _ := strings.Cut(line, "=")
		env[name] = value
	}
	for name, pattern := range map[string]string{
		"AWS_LAMBDA_RUNTIME_API":     `127\.0\.0\.1:\d+/[0-9a-f]{32}`,
		"AWS_LAMBDA_LOG_STREAM_NAME": `\d{4}/\d\d/\d\d/\[\$LATEST\][0-9a-f]{32}`,
		"_X_AMZN_TRACE_ID":           `Root=1-[0-9a-f]{8}-[0-9a-f]{24};Parent=[0-9a-f]{16};Sampled=0`, // aws-lambda-go sets it
	} {
		if !matches(pattern, env[name]) {
			t.Errorf("%s=%q, want a match for %s", name, env[name], pattern)
		}
		delete(env, name)
	}
	maps.DeleteFunc(env, func(name, _ string) bool { // os/exec sets these, the second on Windows
		return name == "PWD" || strings.EqualFold(name, "SYSTEMROOT")
	})
	if want := map[string]string{"LAMBDA_TASK_ROOT": dir, "TABLE": "t=1"}; !maps.Equal(env, want) {
		t.Errorf("the environment is %q, want %q", env, want)
	}
	if got.Dir != dir || got.ARN != "arn:aws:lambda:eu-west-1:123456789012:function:orders-dev" {
		t.Errorf("working directory %q and ARN %q, want %q and orders-dev's in eu-west-1", got.Dir, got.ARN, dir)
	}
	if got.Left > 20*time.Second || got.Left < 10*time.Second {
		t.Errorf("%v left, want a little less than the Timeout of 20s", got.Left)
	}
}

// A working directory that the Function names is the task root too.
func TestDir(t *testing.T) {
	dir := t.TempDir()
	p, _ := start(t, lambda.Function{Dir: dir}, lambda.Config{})
	got := must(t, p, `{"Do":"env"}`)
	if got.Dir != dir || !slices.Contains(got.Env, "LAMBDA_TASK_ROOT="+dir) {
		t.Errorf("working directory %q, environment %q, want %s", got.Dir, got.Env, dir)
	}
}

func TestTraceID(t *testing.T) {
	p, _ := start(t, lambda.Function{}, lambda.Config{})
	for name, test := range map[string]struct{ given, want string }{
		"none":           {"", `^Root=1-\w+-\w+;Parent=\w+;Sampled=0$`},
		"given":          {"Root=1-5759e988-bd862e3fe1be46a994272793", `^Root=1-5759e988-bd862e3fe1be46a994272793$`},
		"a-second-field": {"Root=1\r\nX: y", `^Root=1-\w+-\w+;Parent=\w+;Sampled=0$`},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := p.Invoke(t.Context(), "F", lambda.Invocation{Payload: []byte(`{}`), TraceID: test.given})
			if err != nil {
				t.Fatal(err)
			}
			if a := decode(t, got); !matches(test.want, a.Trace) || a.ID != got.RequestID {
				t.Errorf("trace %q of request %q, want %s of %q", a.Trace, a.ID, test.want, got.RequestID)
			}
		})
	}
}

func TestRequestID(t *testing.T) {
	p, logs := start(t, lambda.Function{}, lambda.Config{})
	const id = "8476a536-e9f4-11e8-9739-2dfe598c3fcd"
	got, err := p.Invoke(t.Context(), "F", lambda.Invocation{Payload: []byte(`{}`), RequestID: id})
	if err != nil {
		t.Fatal(err)
	}
	if a := decode(t, got); a.ID != id || got.RequestID != id {
		t.Errorf("the function has the id %q and the response %q, want %s", a.ID, got.RequestID, id)
	}
	p.Close()
	if !strings.Contains(logs.String(), "END RequestId: "+id) {
		t.Errorf("log %s, want the end of %s", logs, id)
	}
}

func TestOneEventAtATime(t *testing.T) {
	g := newGate(t)
	p, _ := start(t, lambda.Function{}, lambda.Config{MaxSandboxes: 2})
	var running []<-chan result
	for range 3 {
		running = append(running, invoke(p, g.event()))
	}
	<-g.arrived
	<-g.arrived // the third waits
	for range 3 {
		g.open <- 200
	}
	processes := map[int]bool{}
	for _, done := range running {
		r := <-done
		if r.err != nil {
			t.Fatal(r.err)
		}
		processes[r.response.PID] = true
	}
	if len(processes) != 2 {
		t.Errorf("%d processes for 3 events at a time, want MaxSandboxes, 2", len(processes))
	}
}

func TestQueueEndsWithContext(t *testing.T) {
	g := newGate(t)
	p, _ := start(t, lambda.Function{}, lambda.Config{MaxSandboxes: 1})
	first := invoke(p, g.event())
	<-g.arrived
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := p.Invoke(ctx, "F", lambda.Invocation{Payload: []byte(`{"Do":"exit","N":1}`)}); !errors.Is(err, context.Canceled) {
		t.Errorf("Invoke with a cancelled context: %v", err)
	}
	g.open <- 200
	if r := <-first; r.err != nil {
		t.Errorf("the event before it: %v", r.err)
	}
	must(t, p, `{}`) // the cancelled one, which would have ended the process, never ran
}

func TestClientGoesAway(t *testing.T) {
	g := newGate(t)
	p, logs := start(t, lambda.Function{}, lambda.Config{MaxSandboxes: 1})
	warm := must(t, p, `{}`)
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() {
		_, err := p.Invoke(ctx, "F", lambda.Invocation{Payload: []byte(g.event())})
		done <- err
	}()
	<-g.arrived
	cancel()
	if err := <-done; !errors.Is(err, context.Canceled) {
		t.Errorf("Invoke: %v, want context.Canceled", err)
	}
	g.open <- 200
	logs.wait(t, 2, `^REPORT .*\t$`)
	if next := must(t, p, `{}`); next.PID != warm.PID {
		t.Errorf("process %d after %d, want the same: the function runs to its end", next.PID, warm.PID)
	}
}

func TestNothingIsLost(t *testing.T) {
	p, logs := start(t, lambda.Function{}, lambda.Config{})
	const clients, events = 32, 20
	var all sync.WaitGroup
	for client := range clients {
		all.Go(func() {
			for i := range events {
				want := fmt.Sprintf("client %d event %d", client, i)
				if a, err := do(p, fmt.Sprintf(`{"Do":"log","Text":%q}`, want)); err != nil || a.Text != want {
					t.Errorf("response %q, error %v; want %q", a.Text, err, want)
				}
			}
		})
	}
	all.Wait()
	p.Close()
	for _, line := range []string{"START RequestId: ", "\nEND RequestId: ", "\nREPORT RequestId: ", " client "} {
		if got := strings.Count(logs.String(), line); got != clients*events {
			t.Errorf("%d lines with %q, want %d", got, line, clients*events)
		}
	}
	whole := regexp.MustCompile(`^(START RequestId: \S{36} Version: \$LATEST|END RequestId: \S{36}|REPORT RequestId: \S{36}\t.* (MB|ms)\t|\S+ \S+ client \d+ event \d+)\n$`)
	for line := range strings.Lines(logs.String()) {
		if !whole.MatchString(line) {
			t.Fatalf("a broken line: %q", line)
		}
	}
}

// needSIGTERM skips where a process cannot be asked to end.
func needSIGTERM(t *testing.T) {
	t.Helper()
	if runtime.GOOS == "windows" {
		t.Skip("Windows does not have SIGTERM")
	}
}

func TestIdle(t *testing.T) {
	needSIGTERM(t)
	p, logs := start(t, lambda.Function{Env: map[string]string{"EXTENSION": "polite"}}, lambda.Config{IdleTimeout: 20 * time.Millisecond})
	first := must(t, p, `{}`)
	logs.wait(t, 1, `^SIGTERM seen$`)
	if next := must(t, p, `{}`); next.PID == first.PID {
		t.Errorf("process %d again, want a new one", next.PID)
	}
}

func TestDeafToSIGTERM(t *testing.T) {
	needSIGTERM(t)
	t.Parallel()
	p, logs := start(t, lambda.Function{Env: map[string]string{"EXTENSION": "deaf"}}, lambda.Config{})
	must(t, p, `{}`)
	p.Close()
	if !strings.Contains(logs.String(), "SIGTERM ignored\n") {
		t.Errorf("log:\n%s\nwant SIGTERM ignored", logs)
	}
}

func TestInitFailures(t *testing.T) {
	t.Parallel()
	noProgram := filepath.Join(t.TempDir(), "text")
	if err := os.WriteFile(noProgram, []byte("text"), 0o600); err != nil {
		t.Fatal(err)
	}
	notExecutable := "fork/exec " + noProgram + ": permission denied"
	if runtime.GOOS == "windows" {
		notExecutable = fmt.Sprintf("exec: %q: executable file not found in %%PATH%%", noProgram)
	}
	for name, test := range map[string]struct {
		init      string
		limit     time.Duration
		bootstrap string
		errorType string
		message   string
		log       string
	}{
		"crash":      {init: "crash", errorType: "Runtime.ExitError", message: "RequestId: ID Error: Runtime exited with error: exit status 7", log: `(?s)^cannot start\nINIT_REPORT Init Duration: \d+\.\d\d ms\tPhase: init\tStatus: error\tError Type: Runtime.ExitError\nRequestId: ID Error: Runtime exited with error: exit status 7\nRuntime.ExitError\n.*`},
		"timeout":    {init: "raw", limit: 300 * time.Millisecond, errorType: "Sandbox.Timedout", message: "RequestId: ID Error: Task timed out after 0.30 seconds", log: `(?s)INIT_REPORT Init Duration: \d{3,}\.\d\d ms\tPhase: init\tStatus: timeout\n.*\ncrumb: F never asked for an event: does its main call lambda.Start\?\n$`},
		"returns":    {init: "return", errorType: "Runtime.ExitError", message: "RequestId: ID Error: Runtime exited without providing a reason", log: `\nRuntime.ExitError\ncrumb: F never asked for an event: does its main call lambda.Start\?\n$`},
		"no-file":    {bootstrap: "gone", errorType: "Runtime.InvalidEntrypoint", message: "RequestId: ID Error: Couldn't find valid bootstrap(s): [gone]", log: "^$"},
		"no-program": {bootstrap: noProgram, errorType: "Runtime.InvalidEntrypoint", message: "RequestId: ID Error: " + notExecutable, log: "Runtime.InvalidEntrypoint\n$"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := lambda.Function{Env: map[string]string{"INIT": test.init}}
			if test.bootstrap != "" {
				f.Build = func(context.Context) (string, error) { return test.bootstrap, nil }
			}
			p, logs := start(t, f, lambda.Config{InitLimit: test.limit})
			_, err := do(p, `{}`)
			var got *lambda.FunctionError
			if !errors.As(err, &got) {
				t.Fatalf("error %v, want a *FunctionError", err)
			}
			if want := strings.ReplaceAll(test.message, "ID", got.RequestID); got.Type != test.errorType || got.Message != want || got.Timeout {
				t.Errorf("%+v, want %q %q and no Timeout", got, test.errorType, want)
			}
			p.Close()
			if want := strings.ReplaceAll(test.log, "ID ", got.RequestID+" "); !matches(want, logs.String()) {
				t.Errorf("log:\n%s\nwant %s", logs, want)
			}
		})
	}
}

func TestCrashLoop(t *testing.T) {
	p, logs := start(t, lambda.Function{Env: map[string]string{"INIT": "crash"}}, lambda.Config{})
	for range 3 {
		if _, err := do(p, `{}`); err == nil {
			t.Fatal("a function that cannot start responded")
		}
	}
	logs.wait(t, 1, `^crumb: F failed to start 3 times in a row; the next try is in 100ms$`)
	if err := p.Update([]lambda.Function{{Name: "F", Build: prebuilt}}); err != nil {
		t.Fatal(err)
	}
	must(t, p, `{}`) // a change is tried without delay
}

func TestNew(t *testing.T) {
	for name, test := range map[string]struct {
		config lambda.Config
		want   string
	}{
		"no-name":           {lambda.Config{Functions: []lambda.Function{{Build: prebuilt}}}, `lambda: invalid function name ""`},
		"name-with-newline": {lambda.Config{Functions: []lambda.Function{{Name: "a\nb", Build: prebuilt}}}, `lambda: invalid function name "a\nb"`},
		"no-build":          {lambda.Config{Functions: []lambda.Function{{Name: "F"}}}, `lambda: function "F" has no Build`},
		"twice":             {lambda.Config{Functions: []lambda.Function{{Name: "F", Build: prebuilt}, {Name: "F", Build: prebuilt}}}, `lambda: two functions are named "F"`},
		"negative-timeout":  {lambda.Config{Functions: []lambda.Function{{Name: "F", Build: prebuilt, Timeout: -1}}}, `lambda: function "F": Timeout -1ns and MemoryMB 0 must not be negative`},
		"negative-limit":    {lambda.Config{MaxSandboxes: -1}, `lambda: MaxSandboxes -1, IdleTimeout 5m0s and InitLimit 10s must not be negative`},
	} {
		t.Run(name, func(t *testing.T) {
			p, err := lambda.New(test.config)
			if err == nil {
				p.Close()
				t.Fatal("New accepted it")
			}
			if err.Error() != test.want {
				t.Errorf("error %q, want %q", err, test.want)
			}
		})
	}
}

func TestCloseEndsEvents(t *testing.T) {
	g := newGate(t)
	p, _ := start(t, lambda.Function{}, lambda.Config{MaxSandboxes: 1})
	running := invoke(p, g.event())
	<-g.arrived
	waiting := invoke(p, `{}`)
	p.Close()
	for name, done := range map[string]<-chan result{"running": running, "waiting": waiting} {
		if r := <-done; !errors.Is(r.err, lambda.ErrClosed) {
			t.Errorf("the %s event: %v, want ErrClosed", name, r.err)
		}
	}
}
