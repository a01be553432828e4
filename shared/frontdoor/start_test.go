package frontdoor_test

import (
	"bytes"
	"io"
	"log"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"

	"github.com/crumb-go/crumb/shared/frontdoor"
)

func TestStart(t *testing.T) {
	responses, _ := runStart(t, "INFO", doorEvents(t)[frontdoor.HTTP])
	const want = `{"statusCode":200,"headers":{"Content-Type":"text/plain; charset=utf-8"},"cookies":["a=1"],` +
		`"body":"theme=dark; username=Ana; cart=1,2,3; sid=3f9a0c5d7b","isBase64Encoded":false}`
	if len(responses) != 1 || responses[0] != want {
		t.Errorf("responses = %q, want %s", responses, want)
	}
}

// What a function started by Start writes, by whichever means, are lines that a
// filter finds, of the level that Lambda was told and above.
func TestStartLogs(t *testing.T) {
	panics := bytes.ReplaceAll(doorEvents(t)[frontdoor.REST], []byte(`"/getcookie"`), []byte(`"/panic"`))
	tests := []struct {
		name, level string // AWS_LAMBDA_LOG_LEVEL
		want        []string
	}{
		{"none", "", []string{"INFO by log", "WARN by slog", "ERROR handler panicked"}},
		{"debug", "DEBUG", []string{"DEBUG by slog", "INFO by log", "WARN by slog", "ERROR handler panicked"}},
		{"warn", "WARN", []string{"WARN by slog", "ERROR handler panicked"}},
		{"error", "ERROR", []string{"ERROR handler panicked"}},
		{"unknown", "TRACE", []string{"INFO by log", "WARN by slog", "ERROR handler panicked"}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			_, stderr := runStart(t, test.level, panics)
			var got []string
			for line := range strings.Lines(stderr) {
				members := decoded[map[string]any](t, []byte(line))
				if members["timestamp"] == nil {
					t.Errorf("%s has no timestamp", line)
				}
				message, _ := members["message"].(string)
				if strings.HasPrefix(message, "failed to GET") {
					continue // aws-lambda-go's last word
				}
				if n := strings.Count(line, `"requestId":"`+lambdaID+`"`); n != 1 && !strings.Contains(line, "by log") {
					t.Errorf("%s has %d requestIds, want 1", line, n)
				}
				got = append(got, members["level"].(string)+" "+message)
			}
			if strings.Join(got, ", ") != strings.Join(test.want, ", ") {
				t.Errorf("log = %q, want %q", got, test.want)
			}
		})
	}
}

// TestStarted is the function that runStart runs.
func TestStarted(t *testing.T) {
	if os.Getenv("AWS_LAMBDA_RUNTIME_API") == "" {
		t.Skip("not a Lambda function")
	}
	frontdoor.Start(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/panic" {
			slog.DebugContext(r.Context(), "by slog")
			log.Print("by log")
			slog.With("a", 1).WithGroup("g").WarnContext(r.Context(), "by slog")
			panic("x")
		}
		http.SetCookie(w, &http.Cookie{Name: "a", Value: "1"})
		_, _ = io.WriteString(w, r.Header.Get("Cookie"))
	}))
}

// runStart runs this test program as a function and is its Lambda: one event,
// and then an error, on which aws-lambda-go ends the process.
func runStart(t *testing.T, level string, event []byte) (responses []string, stderr string) {
	t.Helper()
	var next sync.Once
	api := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch {
		case strings.HasSuffix(r.URL.Path, "/response"):
			body, _ := io.ReadAll(r.Body)
			responses = append(responses, string(body))
			w.WriteHeader(http.StatusAccepted)
		default:
			status := http.StatusGone
			next.Do(func() { status = http.StatusOK })
			w.Header().Set("Lambda-Runtime-Aws-Request-Id", lambdaID)
			w.Header().Set("Lambda-Runtime-Deadline-Ms", "32503680000000")
			w.WriteHeader(status)
			_, _ = w.Write(event)
		}
	}))
	defer api.Close()
	cmd := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestStarted$")
	cmd.Env = append(os.Environ(), "AWS_LAMBDA_RUNTIME_API="+strings.TrimPrefix(api.URL, "http://"), "AWS_LAMBDA_LOG_LEVEL="+level)
	var out bytes.Buffer
	cmd.Stderr = &out
	if err := cmd.Run(); err == nil {
		t.Errorf("the function ended without an error: %s", out.String())
	}
	return responses, out.String()
}
