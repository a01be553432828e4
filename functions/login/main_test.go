package main

import (
	"io"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/crumb-go/crumb/internal/dynamo"
	"github.com/crumb-go/crumb/shared/session/dynamostore"
)

// TestMain runs the function instead of the tests for TestFunction.
func TestMain(m *testing.M) {
	if os.Getenv("AWS_LAMBDA_RUNTIME_API") != "" {
		main()
		return
	}
	m.Run()
}

// The function as Lambda runs it, configured by its environment. A proxy changes Host and sends
// the client's address: one client has used up its guesses.
func TestFunction(t *testing.T) {
	db, err := dynamo.Start(t.Context(),
		dynamo.Table{Name: "Sessions", Keys: []string{"user_handle", "token_hash"}}, dynamo.Table{Name: "Guesses", Keys: []string{"guess_key"}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	for name, value := range map[string]string{
		"AWS_ENDPOINT_URL_DYNAMODB": db.URL, "AWS_REGION": "eu-west-1", "AWS_ACCESS_KEY_ID": "local", "AWS_SECRET_ACCESS_KEY": "local",
		"SESSION_TABLE": "Sessions", "GUESS_TABLE": "Guesses", "PUBLIC_ORIGIN": "https://app.example", "CLIENT_ADDRESS_HEADER": "Client-Ip",
		"DEMO_USERS": "true",
	} {
		t.Setenv(name, value)
	}
	event, err := os.ReadFile("../../events/login/post.http.json")
	if err != nil {
		t.Fatal(err)
	}
	const guesser, user = "192.0.2.1", "192.0.2.2"
	from := func(address string) string {
		return strings.NewReplacer(`"sec-fetch-site": "same-origin"`, `"client-ip": "`+address+`"`,
			`"origin": "https://a1b2c3d4e5.execute-api.eu-west-1.amazonaws.com"`, `"origin": "https://app.example"`).Replace(string(event))
	}
	events, responses := []string{from(guesser), from(user)}, []string(nil)
	lambda := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !strings.HasSuffix(r.URL.Path, "/next") {
			body, _ := io.ReadAll(r.Body)
			responses = append(responses, string(body))
			w.WriteHeader(http.StatusAccepted)
			return
		}
		n := len(responses)
		if n == len(events) {
			w.WriteHeader(http.StatusGone) // on which aws-lambda-go ends the process
			return
		}
		if n == 0 {
			tooMany := newAttempt("name", netip.MustParsePrefix(guesser+"/32"))
			for range maxOfNameAndAddress {
				if _, err := tooMany.count(t.Context(), guessTable{dynamostore.LambdaClient(), "Guesses"}); err != nil {
					t.Error(err)
				}
			}
		}
		w.Header().Set("Lambda-Runtime-Aws-Request-Id", "1")
		w.Header().Set("Lambda-Runtime-Deadline-Ms", "32503680000000")
		_, _ = io.WriteString(w, events[n])
	}))
	defer lambda.Close()
	function := exec.Command(os.Args[0])
	function.Env = append(os.Environ(), "AWS_LAMBDA_RUNTIME_API="+strings.TrimPrefix(lambda.URL, "http://"))
	log, err := function.CombinedOutput()
	for i, want := range []string{`{"statusCode":429,`, `{"statusCode":303,`} {
		if i >= len(responses) || !strings.HasPrefix(responses[i], want) || strings.Contains(responses[i], "__Host-") != (i == 1) {
			t.Errorf("%d responses, %.200q, want the one number %d to begin with %s\n%v\n%s", len(responses), responses, i+1, want, err, log)
		}
	}
}
