package frontdoor_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"

	"github.com/crumb-go/crumb/shared/frontdoor"
)

// TestStart runs itself as a function and is its Lambda: one event, and then an
// error, on which aws-lambda-go ends the process.
func TestStart(t *testing.T) {
	if os.Getenv("AWS_LAMBDA_RUNTIME_API") != "" {
		frontdoor.Start(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			http.SetCookie(w, &http.Cookie{Name: "a", Value: "1"})
			_, _ = io.WriteString(w, r.Header.Get("Cookie"))
		}))
	}
	var next sync.Once
	var answers []string
	api := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch {
		case strings.HasSuffix(r.URL.Path, "/response"):
			body, _ := io.ReadAll(r.Body)
			answers = append(answers, string(body))
			w.WriteHeader(http.StatusAccepted)
		default:
			status := http.StatusGone
			next.Do(func() { status = http.StatusOK })
			w.Header().Set("Lambda-Runtime-Aws-Request-Id", lambdaID)
			w.Header().Set("Lambda-Runtime-Deadline-Ms", "32503680000000")
			w.WriteHeader(status)
			_, _ = w.Write(doorEvents(t)[frontdoor.HTTP])
		}
	}))
	defer api.Close()
	cmd := exec.Command(os.Args[0], "-test.run=^TestStart$")
	cmd.Env = append(os.Environ(), "AWS_LAMBDA_RUNTIME_API="+strings.TrimPrefix(api.URL, "http://"))
	out, err := cmd.CombinedOutput()
	if err == nil {
		t.Errorf("the function ended without an error: %s", out)
	}
	const want = `{"statusCode":200,"headers":{"Content-Type":"text/plain; charset=utf-8"},"cookies":["a=1"],` +
		`"body":"theme=dark; username=Ana; cart=1,2,3; sid=3f9a0c5d7b","isBase64Encoded":false}`
	if len(answers) != 1 || answers[0] != want {
		t.Errorf("answers = %q, want %s; the function said %s", answers, want, out)
	}
}
