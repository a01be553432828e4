// Package lambdatest runs the main of a function in the function's tests, as Lambda runs it.
package lambdatest

import (
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/crumb-go/crumb/internal/dynamo"
	"github.com/crumb-go/crumb/shared/session"
	"github.com/crumb-go/crumb/shared/session/dynamostore"
)

const api = "AWS_LAMBDA_RUNTIME_API"

// Main is for TestMain. It runs the tests, or in a process of Invoke the function.
func Main(m *testing.M, main func()) {
	if os.Getenv(api) != "" {
		main()
		return
	}
	m.Run()
}

// Invoke runs the function in another process, with the test's environment, until it has
// responded to each event. It returns the responses, in order, and what the function printed.
func Invoke(t *testing.T, events ...string) (responses []string, printed string) {
	t.Helper()
	lambda := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !strings.HasSuffix(r.URL.Path, "/next") {
			body, _ := io.ReadAll(r.Body)
			responses = append(responses, string(body))
			w.WriteHeader(http.StatusAccepted)
			return
		}
		if len(responses) == len(events) {
			w.WriteHeader(http.StatusGone) // on which aws-lambda-go ends the process
			return
		}
		w.Header().Set("Lambda-Runtime-Aws-Request-Id", "1")
		w.Header().Set("Lambda-Runtime-Deadline-Ms", "32503680000000")
		_, _ = io.WriteString(w, events[len(responses)])
	}))
	function := exec.CommandContext(t.Context(), os.Args[0])
	function.Env = append(os.Environ(), api+"="+strings.TrimPrefix(lambda.URL, "http://"))
	out, _ := function.CombinedOutput() // it always ends with an error
	lambda.Close()                      // all has been received
	if len(responses) != len(events) {
		t.Fatalf("%d responses to %d events: %.200q\n%s", len(responses), len(events), responses, out)
	}
	return responses, string(out)
}

// Event reads the event in a file.
func Event(t *testing.T, file string) string {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// Tables starts empty tables Sessions and Guesses, names them in the environment as template.yaml
// does, and returns the store of the former.
func Tables(t *testing.T) session.Store {
	t.Helper()
	db, err := dynamo.Start(t.Context(),
		dynamo.Table{Name: "Sessions", Keys: []string{"user_handle", "token_hash"}}, dynamo.Table{Name: "Guesses", Keys: []string{"guess_key"}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	for name, value := range map[string]string{
		"AWS_ENDPOINT_URL_DYNAMODB": db.URL, "AWS_REGION": "eu-west-1", "AWS_ACCESS_KEY_ID": "local", "AWS_SECRET_ACCESS_KEY": "local",
		"SESSION_TABLE": "Sessions", "GUESS_TABLE": "Guesses",
	} {
		t.Setenv(name, value)
	}
	return dynamostore.New(dynamostore.LambdaClient(), "Sessions")
}
