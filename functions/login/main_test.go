package main

import (
	"net/netip"
	"strings"
	"testing"

	"github.com/crumb-go/crumb/functions/internal/lambdatest"
	"github.com/crumb-go/crumb/shared/session/dynamostore"
)

func TestMain(m *testing.M) { lambdatest.Main(m, main) }

// The function as Lambda runs it, configured by its environment. A proxy changes Host and sends
// the client's address: one client has used up its guesses.
func TestFunction(t *testing.T) {
	lambdatest.Tables(t)
	for name, value := range map[string]string{"PUBLIC_ORIGIN": "https://app.example", "CLIENT_ADDRESS_HEADER": "Client-Ip", "DEMO_USERS": "true"} {
		t.Setenv(name, value)
	}
	event := lambdatest.Event(t, "../../events/login/post.http.json")
	const guesser, user = "192.0.2.1", "192.0.2.2"
	from := func(address string) string {
		return strings.NewReplacer(`"sec-fetch-site": "same-origin"`, `"client-ip": "`+address+`"`,
			`"origin": "https://a1b2c3d4e5.execute-api.eu-west-1.amazonaws.com"`, `"origin": "https://app.example"`).Replace(event)
	}
	tooMany := newAttempt("name", netip.MustParsePrefix(guesser+"/32"))
	for range maxOfNameAndAddress {
		if _, err := tooMany.count(t.Context(), guessTable{dynamostore.LambdaClient(), "Guesses"}); err != nil {
			t.Fatal(err)
		}
	}
	responses, log := lambdatest.Invoke(t, from(guesser), from(user))
	for i, want := range []string{`{"statusCode":429,`, `{"statusCode":303,`} {
		if !strings.HasPrefix(responses[i], want) || strings.Contains(responses[i], "__Host-") != (i == 1) {
			t.Errorf("%.200q, want number %d to begin with %s\n%s", responses, i+1, want, log)
		}
	}
}
