package main

import (
	"encoding/base64"
	"strings"
	"testing"
)

const token = "secretSECRETsecret1234"

func TestInvoke(t *testing.T) {
	raw := base64.RawURLEncoding.EncodeToString([]byte(`{"statusCode":"odd"}`))
	tests := []struct {
		name, token, event, want string // part of the response
	}{
		{"event", token, `{"headers":{"x-echo-token":"` + token + `"}}`, `"body":"{\"headers\":`},
		{"other-case", token, `{"headers":{"X-Echo-TOKEN":"` + token + `"}}`, `"statusCode":200`},
		{"load-balancer", token, `{"multiValueHeaders":{"x-echo-token":["` + token + `"]},"requestContext":{"elb":{}}}`, `"multiValueHeaders":{"Cache-Control":["no-store"]`},
		{"head", token, `{"requestContext":{"http":{"method":"HEAD"}},"headers":{"x-echo-token":"` + token + `"}}`, `"X-Echo-Event":"eyJyZXF1ZXN0`},
		{"response", token, `{"headers":{"x-echo-token":"` + token + `","x-echo-response":"` + raw + `"}}`, `{"statusCode":"odd"}`},
		{"response-without-token", token, `{"headers":{"x-echo-response":"` + raw + `"}}`, `"statusCode":403`},
		{"wrong-token", token, `{"headers":{"x-echo-token":"x"}}`, `"statusCode":403`},
		{"no-token-there", "", `{"headers":{"x-echo-token":""}}`, `"statusCode":403`},
		{"failure-without-token", token, `{"headers":{"x-echo-fail":"exit"}}`, `"statusCode":403`},
		{"strangers-get-text", token, `{"body":"<script>"}`, `"Content-Type":"text/plain"`},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Setenv("CANARY", "from-the-environment")
			got, err := handler{test.token}.Invoke(t.Context(), []byte(test.event))
			if err != nil || !strings.Contains(string(got), test.want) || strings.Contains(string(got), "from-the-environment") {
				t.Errorf("Invoke(%s) = %s, %v, want %s", test.event, got, err, test.want)
			}
			if strings.Contains(test.want, "403") && strings.Contains(string(got), "script") {
				t.Errorf("a stranger's request is in the response: %s", got)
			}
		})
	}
}

func TestErrors(t *testing.T) {
	for _, event := range []string{"not JSON", `{"headers":{"x-echo-token":"` + token + `","x-echo-fail":"error"}}`, `{"headers":{"x-echo-token":"` + token + `","x-echo-response":"?"}}`} {
		if got, err := (handler{token}).Invoke(t.Context(), []byte(event)); err == nil || strings.Contains(err.Error(), token) {
			t.Errorf("Invoke(%s) = %s, %v, want an error without the token", event, got, err)
		}
	}
}
