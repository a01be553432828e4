package lambda_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/crumb-go/crumb/internal/gobuild"
	"github.com/crumb-go/crumb/internal/lambda"
)

// bootstrap is testdata/function, compiled once.
var bootstrap string

func TestMain(m *testing.M) {
	flag.Parse()
	if set := flag.Lookup("test.parallel"); set.Value.String() == set.DefValue {
		set.Value.Set("16") // most of these tests wait for a timeout
	}
	os.Exit(func() int {
		if bootstrap = os.Getenv("CRUMB_TEST_CRASH"); bootstrap != "" { // see TestCrash
			return m.Run()
		}
		cache, err := os.MkdirTemp("", "crumb-sandbox-")
		if err != nil {
			panic(err)
		}
		defer os.RemoveAll(cache)
		b := gobuild.New(cache)
		defer b.Close()
		dir, err := filepath.Abs("testdata/function")
		if err != nil {
			panic(err)
		}
		if bootstrap, err = b.Build(context.Background(), gobuild.Source{Dir: dir}); err != nil {
			fmt.Fprintln(os.Stderr, err)
			return 1
		}
		return m.Run()
	}())
}

func prebuilt(context.Context) (string, error) { return bootstrap, nil }

// logs is a log that may be read while it is written.
type logs struct {
	mu      sync.Mutex
	b       bytes.Buffer
	changed chan struct{} // closed by the next Write
}

func (l *logs) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.changed != nil {
		close(l.changed)
		l.changed = nil
	}
	return l.b.Write(p)
}

func (l *logs) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

// wait returns the first group of pattern once the log matches it for the nth
// time.
func (l *logs) wait(t testing.TB, n int, pattern string) string {
	t.Helper()
	re := regexp.MustCompile("(?m)" + pattern)
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	for {
		l.mu.Lock()
		found := re.FindAllStringSubmatch(l.b.String(), n)
		if l.changed == nil {
			l.changed = make(chan struct{})
		}
		changed := l.changed
		l.mu.Unlock()
		if len(found) == n {
			return found[n-1][min(1, len(found[n-1])-1)]
		}
		select {
		case <-changed:
		case <-ctx.Done():
			t.Fatalf("%d of %d times %s in the log:\n%s", len(found), n, pattern, l)
		}
	}
}

// A gate is a server that functions call and that responds when the test says.
type gate struct {
	url     string
	arrived chan struct{}
	left    chan struct{} // for a caller that ended without a response
	open    chan int      // the status of one response each
}

func newGate(t testing.TB) *gate {
	g := &gate{arrived: make(chan struct{}, 100), left: make(chan struct{}, 100), open: make(chan int, 100)}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		g.arrived <- struct{}{}
		select {
		case status := <-g.open:
			w.WriteHeader(status)
		case <-r.Context().Done():
			g.left <- struct{}{}
		}
	}))
	t.Cleanup(server.Close)
	g.url = server.URL
	return g
}

func (g *gate) event() string { return `{"Do":"call","Text":"` + g.url + `"}` }

// start makes a pool of one function and closes it after the test.
func start(t testing.TB, f lambda.Function, config lambda.Config) (*lambda.Pool, *logs) {
	t.Helper()
	if f.Name == "" {
		f.Name = "F"
	}
	if f.Build == nil {
		f.Build = prebuilt
	}
	if f.Timeout == 0 {
		f.Timeout = time.Minute
	}
	config.Functions = append(config.Functions, f)
	var l logs
	if config.Logs == nil {
		config.Logs = &l
	}
	p, err := lambda.New(config)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { p.Close() })
	return p, &l
}

type response struct {
	PID   int
	Text  string
	Env   []string
	Dir   string
	ID    string
	ARN   string
	Trace string
	Left  time.Duration
}

// do sends an event and reads the response.
func do(p *lambda.Pool, event string) (response, error) {
	var a response
	body, err := raw(p, event)
	if err != nil {
		return a, err
	}
	return a, json.Unmarshal(body, &a)
}

func raw(p *lambda.Pool, event string) ([]byte, error) {
	got, err := p.Invoke(context.Background(), "F", lambda.Invocation{Payload: []byte(event)})
	if err != nil {
		return nil, err
	}
	defer got.Body.Close()
	return io.ReadAll(got.Body)
}

func must(t testing.TB, p *lambda.Pool, event string) response {
	t.Helper()
	a, err := do(p, event)
	if err != nil {
		t.Fatalf("Invoke(%s): %v", event, err)
	}
	return a
}

// invoke sends an event in the background.
func invoke(p *lambda.Pool, event string) <-chan result {
	done := make(chan result, 1)
	go func() {
		a, err := do(p, event)
		done <- result{a, err}
	}()
	return done
}

type result struct {
	response response
	err      error
}

// endOnWindows matches lines that may come before a function's last ones there:
// what a pipe holds cannot be read without waiting.
func endOnWindows() string {
	if runtime.GOOS == "windows" {
		return `(END .*\nREPORT .*\n)?`
	}
	return ""
}

func TestInvoke(t *testing.T) {
	p, logs := start(t, lambda.Function{}, lambda.Config{MaxSandboxes: 1})
	first := must(t, p, `{"Text":"hello"}`)
	if first.Text != "hello" {
		t.Errorf("response %q, want hello", first.Text)
	}
	if second := must(t, p, `{"Do":"log","Text":"again"}`); second.PID != first.PID {
		t.Errorf("a second event went to process %d, want the warm %d", second.PID, first.PID)
	}
	if err := p.Close(); err != nil {
		t.Fatal(err)
	}
	want := regexp.MustCompile(`^START RequestId: (\S{36}) Version: \$LATEST
END RequestId: \S{36}
REPORT RequestId: \S{36}\tDuration: \d+\.\d\d ms\tBilled Duration: \d+ ms\tMemory Size: 128 MB\t(Max Memory Used: \d+ MB\t)?Init Duration: \d+\.\d\d ms\t
START RequestId: \S{36} Version: \$LATEST
` + endOnWindows() + `\d{4}/\d\d/\d\d \d\d:\d\d:\d\d again
`)
	if got := logs.String(); !want.MatchString(got) {
		t.Errorf("logs:\n%s\nwant match for\n%s", got, want)
	}
}

func TestRecords(t *testing.T) {
	t.Parallel()
	const begin = `{"time":"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z","type":"platform.`
	const started = begin + `start","record":{"requestId":"ID","functionArn":"arn:aws:lambda:us-east-1:123456789012:function:F","version":"\$LATEST"}}` + "\n"
	const reported = begin + `report","record":{"requestId":"ID","metrics":{"durationMs":[\d.]+,"billedDurationMs":\d+,"memorySizeMB":128(,"maxMemoryUsedMB":\d+)?,"initDurationMs":[\d.]+},"status":"success"}}` + "\n"
	mine := ".* mine\n"
	if runtime.GOOS == "windows" { // see endOnWindows
		mine = "(" + mine + ")?"
	}
	for name, row := range map[string]struct {
		format  string // LogFormat, and SystemLogLevel after a slash
		records bool
		init    string
		event   string
		limit   time.Duration // 0: a minute
		want    string
	}{
		"success":      {"JSON", true, "", `{"Do":"log","Text":"mine"}`, 0, started + mine + reported},
		"exit":         {"JSON", true, "", `{"Do":"exit","N":3}`, 0, started + strings.Replace(reported, `"success"`, `"error","errorType":"Runtime.ExitError"`, 1)},
		"init":         {"JSON", true, "crash", `{}`, 0, "cannot start\n" + begin + `initReport","record":{"initializationType":"on-demand","phase":"init","status":"error","errorType":"Runtime.ExitError","metrics":{"durationMs":[\d.]+}}}` + "\n"},
		"warn":         {"JSON/WARN", true, "", `{"Do":"log","Text":"mine"}`, 0, `^\S+ \S+ mine\n$`},
		"warn-exit":    {"JSON/WARN", true, "", `{"Do":"exit","N":3}`, 0, "^" + strings.Replace(reported, `"success"`, `"error","errorType":"Runtime.ExitError"`, 1)},
		"info":         {"JSON/INFO", true, "", `{}`, 0, started + reported},
		"timeout":      {"JSON", true, "", `{"Do":"hang"}`, time.Second, started + strings.Replace(reported, `"success"`, `"timeout"`, 1)},
		"text":         {"Text", true, "", `{}`, 0, `START RequestId: ID Version: \$LATEST\n(?s).*`},
		"not-asked":    {"JSON", false, "", `{}`, 0, `START RequestId: ID Version: \$LATEST\n(?s).*`},
		"text-default": {"", true, "", `{}`, 0, `START RequestId: ID Version: \$LATEST\n(?s).*`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			format, level, _ := strings.Cut(row.format, "/")
			f := lambda.Function{Env: map[string]string{"INIT": row.init}, Timeout: row.limit, LogLevel: level}
			if format != "" {
				f.Env["AWS_LAMBDA_LOG_FORMAT"] = format
			}
			p, logs := start(t, f, lambda.Config{Records: row.records})
			do(p, row.event)
			p.Close()
			if want := strings.ReplaceAll(row.want, "ID", `[-0-9a-f]{36}`); !matches(want, logs.String()) {
				t.Errorf("log:\n%s\nwant a match for\n%s", logs, want)
			}
		})
	}
}

func TestFunctionErrors(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		event         string
		errorType     string
		message       string
		timeout, dies bool
		log           string
	}{
		"handler-error": {event: `{"Do":"error","Text":"no luck"}`, errorType: "errorString", message: "no luck"},
		"panic":         {event: `{"Do":"panic","Text":"oh"}`, errorType: "string", message: "oh", dies: true},
		"exit-3":        {event: `{"Do":"exit","N":3}`, errorType: "Runtime.ExitError", message: "RequestId: ID Error: Runtime exited with error: exit status 3", dies: true, log: "RequestId: ID Error: Runtime exited with error: exit status 3\nRuntime.ExitError\n"},
		"exit-0":        {event: `{"Do":"exit"}`, errorType: "Runtime.ExitError", message: "RequestId: ID Error: Runtime exited without providing a reason", dies: true},
		"timeout":       {event: `{"Do":"hang"}`, errorType: "Sandbox.Timedout", message: "RequestId: ID Error: Task timed out after 2.00 seconds", timeout: true, dies: true, log: " ID Task timed out after 2.00 seconds\n"},
		"too-large":     {event: `{"Do":"size","N":6291557}`, errorType: "Function.ResponseSizeTooLarge", message: "Response payload size exceeded maximum allowed payload size (6291556 bytes).", dies: true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := lambda.Function{}
			if test.timeout {
				f.Timeout = 2 * time.Second // for the other events, too
			}
			p, logs := start(t, f, lambda.Config{MaxSandboxes: 1})
			first := must(t, p, `{}`)
			_, err := do(p, test.event)
			var got *lambda.FunctionError
			if !errors.As(err, &got) {
				t.Fatalf("error %v, want a *FunctionError", err)
			}
			if want := strings.ReplaceAll(test.message, "ID", got.RequestID); got.Type != test.errorType || got.Message != want || got.Timeout != test.timeout {
				t.Errorf("error %q %q, timeout %t; want %q %q, %t", got.Type, got.Message, got.Timeout, test.errorType, want, test.timeout)
			}
			var payload struct{ ErrorType, ErrorMessage string }
			if err := json.Unmarshal(got.Payload, &payload); err != nil || payload.ErrorType != got.Type || payload.ErrorMessage != got.Message {
				t.Errorf("payload %s, want the type and message of %v", got.Payload, got)
			}
			if next := must(t, p, `{}`); (next.PID != first.PID) != test.dies {
				t.Errorf("process %d after %d, want a new one: %t", next.PID, first.PID, test.dies)
			}
			p.Close()
			p.Close()
			if want := strings.ReplaceAll(test.log, "ID", got.RequestID); !strings.Contains(logs.String(), want) {
				t.Errorf("logs:\n%s\nwant %q among them", logs, want)
			}
		})
	}
}

func TestClose(t *testing.T) {
	p, _ := start(t, lambda.Function{}, lambda.Config{})
	must(t, p, `{}`)
	if err := p.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := do(p, `{}`); !errors.Is(err, lambda.ErrClosed) {
		t.Errorf("Invoke after Close: %v, want ErrClosed", err)
	}
}

func matches(pattern, text string) bool { return regexp.MustCompile(pattern).MatchString(text) }

func decode(t testing.TB, got *lambda.Response) response {
	t.Helper()
	defer got.Body.Close()
	var a response
	if err := json.NewDecoder(got.Body).Decode(&a); err != nil {
		t.Fatal(err)
	}
	return a
}
