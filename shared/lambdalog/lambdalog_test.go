package lambdalog_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log"
	"log/slog"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/lambda"
	"github.com/aws/aws-lambda-go/lambdacontext"

	"github.com/crumb-go/crumb/shared/lambdalog"
)

func decode(t *testing.T, line string) map[string]any {
	t.Helper()
	var members map[string]any
	if err := json.Unmarshal([]byte(line), &members); err != nil {
		t.Errorf("%q: %v", line, err)
	}
	return members
}

func TestNew(t *testing.T) {
	ctx := lambdacontext.NewContext(context.Background(), &lambdacontext.LambdaContext{AwsRequestID: "8476a536"})
	for _, tc := range []struct {
		name string
		log  func(*slog.Logger)
		want string // without the timestamp
	}{
		{"without-a-request", func(l *slog.Logger) { l.Error("oven", "error", errors.New("cold")) }, `{"level":"ERROR","message":"oven","error":"cold"}`},
		{"of-a-request", func(l *slog.Logger) { l.WarnContext(ctx, "oven") }, `{"level":"WARN","message":"oven","requestId":"8476a536"}`},
		{"with", func(l *slog.Logger) { l.With("a", 1).InfoContext(ctx, "oven") }, `{"level":"INFO","message":"oven","a":1,"requestId":"8476a536"}`},
		{"group", func(l *slog.Logger) { l.WithGroup("g").Info("oven", "msg", 1) }, `{"level":"INFO","message":"oven","g":{"msg":1}}`},
	} {
		t.Run(tc.name, func(t *testing.T) {
			var b bytes.Buffer
			tc.log(lambdalog.New(&b, ""))
			before, rest, _ := strings.Cut(b.String(), `","`)
			if got := `{"` + strings.TrimSpace(rest); got != tc.want {
				t.Errorf("line = %s, want %s behind the timestamp", &b, tc.want)
			}
			// Lambda treats a line as one without a level if its timestamp is not RFC 3339.
			stamp, found := strings.CutPrefix(before, `{"timestamp":"`)
			if at, err := time.Parse(time.RFC3339, stamp); err != nil || !found || time.Since(at) > time.Minute {
				t.Errorf("line = %s, want it to begin with the time", &b)
			}
		})
	}
}

func TestLevels(t *testing.T) {
	for level, want := range map[string]string{
		"": "INFO WARN ERROR", "INFO": "INFO WARN ERROR", "DEBUG": "DEBUG INFO WARN ERROR", "WARN": "WARN ERROR", "ERROR": "ERROR",
		"TRACE": "INFO WARN ERROR", "FATAL": "INFO WARN ERROR",
	} {
		var b bytes.Buffer
		l := lambdalog.New(&b, level)
		l.Debug("x")
		l.Info("x")
		l.Warn("x")
		l.Error("x")
		var got []string
		for line := range strings.Lines(b.String()) {
			got = append(got, decode(t, line)["level"].(string))
		}
		if strings.Join(got, " ") != want {
			t.Errorf("level %q: lines %q, want %q", level, got, want)
		}
	}
}

// An error or a panic is one line with level ERROR; success logs nothing.
func TestHandler(t *testing.T) {
	before := slog.Default()
	t.Cleanup(func() { slog.SetDefault(before) })
	ctx := lambdacontext.NewContext(context.Background(), &lambdacontext.LambdaContext{AwsRequestID: "8476a536"})
	for _, tc := range []struct {
		name     string
		function func(string) (string, error)
		response string
		err      string
		log      string // without the timestamp
	}{
		{"success", func(in string) (string, error) { return "hot " + in, nil }, `"hot bread"`, "<nil>", ""},
		{"error", func(string) (string, error) { return "", errors.New("cold") }, "", "cold",
			`"level":"ERROR","message":"the function failed","error":"cold","requestId":"8476a536"}`},
		{"panic", func(string) (string, error) { panic("secret") }, "", "panic of type string",
			`"level":"ERROR","message":"the function panicked","error":"panic of type string","stack":"goroutine `},
	} {
		t.Run(tc.name, func(t *testing.T) {
			var b bytes.Buffer
			slog.SetDefault(lambdalog.New(&b, ""))
			h := lambdalog.Handler{Handler: lambda.NewHandler(tc.function)}
			response, err := h.Invoke(ctx, []byte(`"bread"`))
			if string(response) != tc.response || fmt.Sprint(err) != tc.err {
				t.Errorf("Invoke = %s, %v, want %s, %s", response, err, tc.response, tc.err)
			}
			_, line, _ := strings.Cut(b.String(), `,`)
			if !strings.HasPrefix(line, tc.log) || (line == "") != (tc.log == "") || strings.Contains(line, "secret") {
				t.Errorf("log = %s, want %s", &b, tc.log)
			}
			for line := range strings.Lines(b.String()) {
				if decode(t, line)["requestId"] != "8476a536" {
					t.Errorf("log = %s, want the requestId", line)
				}
			}
		})
	}
}

func TestMain(m *testing.M) {
	start, ok := map[string]func() error{
		"serves": func() error { slog.Debug("serving"); log.Print("printed"); return nil },
		"fails":  func() error { return errors.New("no keys") },
		"panics": func() error { panic(errors.New("no origin")) },
	}[os.Getenv("LAMBDALOG_TEST")]
	if ok {
		lambdalog.Main(start)
		return
	}
	os.Exit(m.Run())
}

// Whatever happens at the start, the process writes only JSON lines, and a failure has
// level ERROR.
func TestMainLogs(t *testing.T) {
	for _, tc := range []struct {
		name   string
		failed bool
		want   []string // parts of the lines
	}{
		{"serves", false, []string{`"level":"DEBUG","message":"serving"}`, `"level":"INFO","message":"printed"}`}},
		{"fails", true, []string{`"level":"ERROR","message":"the function did not start","error":"no keys"}`}},
		{"panics", true, []string{`"level":"ERROR","message":"the function did not start","error":"panic: no origin\ngoroutine 1 [running]:`}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			cmd := exec.CommandContext(t.Context(), os.Args[0])
			cmd.Env = append(os.Environ(), "LAMBDALOG_TEST="+tc.name, "AWS_LAMBDA_LOG_LEVEL=DEBUG")
			var out, stderr bytes.Buffer
			cmd.Stdout, cmd.Stderr = &out, &stderr
			if err := cmd.Run(); (err != nil) != tc.failed || tc.failed && cmd.ProcessState.ExitCode() != 1 {
				t.Errorf("process: %v, want it to fail: %v", err, tc.failed)
			}
			lines := strings.Split(strings.TrimSpace(stderr.String()), "\n")
			if len(lines) != len(tc.want) || out.Len() > 0 {
				t.Fatalf("stdout %q, stderr %q, want %d lines of stderr", &out, &stderr, len(tc.want))
			}
			for i, line := range lines {
				if decode(t, line)["timestamp"] == nil || !strings.Contains(line, tc.want[i]) {
					t.Errorf("line %s, want %s", line, tc.want[i])
				}
			}
		})
	}
}
