package awssecret_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"

	"github.com/crumb-go/crumb/shared/keyring/awssecret"
)

// manager responds like Secrets Manager: a status and a body for each operation.
func manager(t *testing.T, answers map[string]string) *[]string {
	t.Helper()
	var calls []string
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		operation := strings.TrimPrefix(r.Header.Get("X-Amz-Target"), "secretsmanager.")
		var in struct{ SecretId, VersionStage, VersionId string }
		if err := json.NewDecoder(r.Body).Decode(&in); err != nil || in.SecretId != "the-ring" || in.VersionId != "" || (in.VersionStage != "AWSCURRENT") == (operation == "GetSecretValue") {
			t.Errorf("%s asks for %+v (%v), want the current version of the-ring", operation, in, err)
		}
		if auth := r.Header.Get("Authorization"); !strings.Contains(auth, "Credential=AKID/") || !strings.Contains(auth, "/eu-west-1/secretsmanager/") {
			t.Errorf("Authorization = %q", auth)
		}
		if got := r.Header.Get("X-Amz-Security-Token"); got != "TOKEN" {
			t.Errorf("X-Amz-Security-Token = %q", got)
		}
		calls = append(calls, operation)
		answer, ok := answers[operation]
		if !ok {
			t.Errorf("%s was called", operation)
		}
		w.Header().Set("Content-Type", "application/x-amz-json-1.1")
		if strings.Contains(answer, "__type") {
			w.WriteHeader(http.StatusBadRequest)
		}
		_, _ = io.WriteString(w, answer)
	}))
	t.Cleanup(server.Close)
	t.Setenv("AWS_ENDPOINT_URL", server.URL)
	t.Setenv("AWS_REGION", "eu-west-1")
	t.Setenv("AWS_ACCESS_KEY_ID", "AKID")
	t.Setenv("AWS_SECRET_ACCESS_KEY", "SECRET")
	t.Setenv("AWS_SESSION_TOKEN", "TOKEN")
	return &calls
}

func TestRead(t *testing.T) {
	const (
		noValue  = `{"__type":"ResourceNotFoundException","message":"can't find the specified secret value for staging label: AWSCURRENT"}`
		noSecret = `{"__type":"ResourceNotFoundException","message":"can't find the specified secret."}`
		denied   = `{"__type":"AccessDeniedException","message":"not authorized"}`
	)
	for _, tc := range []struct {
		name     string
		get      string
		describe string
		want     string
		err      string
		calls    string
	}{
		{"value", `{"SecretString":"text"}`, "", "text", "", "GetSecretValue"},
		{"empty-text", `{"SecretString":""}`, "", "", "", "GetSecretValue"},
		{"binary", `{"SecretBinary":"AAAA"}`, "", "", "awssecret: the secret is binary, but a ring is text", "GetSecretValue"},
		{"no-version", noValue, `{"VersionIdsToStages":{}}`, "", "", "GetSecretValue DescribeSecret"},
		{"only-pending", noValue, `{"VersionIdsToStages":{"v1":["AWSPENDING"]}}`, "", "", "GetSecretValue DescribeSecret"},
		{"current-meanwhile", noValue, `{"VersionIdsToStages":{"v1":["AWSPENDING"],"v2":["X","AWSCURRENT"]}}`, "", "ResourceNotFoundException", "GetSecretValue DescribeSecret"},
		{"no-such-secret", noSecret, noSecret, "", "ResourceNotFoundException", "GetSecretValue DescribeSecret"},
		{"describing-is-denied", noValue, denied, "", "ResourceNotFoundException", "GetSecretValue DescribeSecret"},
		{"denied", denied, "", "", "AccessDeniedException", "GetSecretValue"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			answers := map[string]string{"GetSecretValue": tc.get}
			if tc.describe != "" {
				answers["DescribeSecret"] = tc.describe
			}
			calls := manager(t, answers)
			got, err := awssecret.New()(context.Background(), "the-ring")
			if got != tc.want || !strings.Contains(fmt.Sprint(err), tc.err) || (err == nil) != (tc.err == "") {
				t.Errorf("read = %q, %v, want %q, %q", got, err, tc.want, tc.err)
			}
			if strings.HasSuffix(tc.err, "Exception") && !strings.HasPrefix(err.Error(), "awssecret: operation error Secrets Manager: GetSecretValue, ") {
				t.Errorf("error %q lacks the prefix", err)
			}
			if got := strings.Join(*calls, " "); got != tc.calls {
				t.Errorf("calls = %q, want %q", got, tc.calls)
			}
		})
	}
}

func TestOwnEndpointWins(t *testing.T) {
	calls := manager(t, map[string]string{"GetSecretValue": `{"SecretString":"text"}`})
	t.Setenv("AWS_ENDPOINT_URL_SECRETS_MANAGER", os.Getenv("AWS_ENDPOINT_URL"))
	t.Setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:1")
	if _, err := awssecret.New()(context.Background(), "the-ring"); err != nil || len(*calls) != 1 {
		t.Errorf("read: %v, calls %q", err, *calls)
	}
}

func TestWithoutCredentials(t *testing.T) {
	manager(t, nil)
	t.Setenv("AWS_SECRET_ACCESS_KEY", "")
	if _, err := awssecret.New()(context.Background(), "the-ring"); err == nil || !strings.Contains(err.Error(), "AWS_SECRET_ACCESS_KEY is not set") {
		t.Errorf("read = %v", err)
	}
}
