package failures

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/crumb-go/crumb/internal/dynamo"
	"github.com/crumb-go/crumb/shared/keyring"
)

// environments are variables of functions.
type environments struct {
	visits   map[string]string // with a published ring
	sessions map[string]string // with a table
	lost     map[string]string // with a table that fails
	aws      string            // URL of Secrets Manager
}

func newEnvironments(t *testing.T) environments {
	t.Helper()
	tables, err := dynamo.Start(context.Background(),
		dynamo.Table{Name: "sessions", Keys: []string{"user_handle", "token_hash"}}, dynamo.Table{Name: "guesses", Keys: []string{"guess_key"}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = tables.Close() })
	var local map[string]map[string]string
	if err := json.Unmarshal([]byte(read(t, "events/env.json")), &local); err != nil {
		t.Fatal(err)
	}
	aws := startAWS(t)
	sessions := map[string]string{"SESSION_TABLE": "sessions", "GUESS_TABLE": "guesses", "AWS_ENDPOINT_URL_DYNAMODB": tables.URL, "DEMO_USERS": "true"}
	return environments{
		visits:   with(local["VisitsFunction"], "CRUMB_LOCAL", "true"),
		sessions: sessions,
		lost:     with(sessions, "AWS_ENDPOINT_URL_DYNAMODB", aws+"/down"),
		aws:      aws,
	}
}

// secret is the environment of a function that reads a secret in a state.
func (e environments) secret(state string) map[string]string {
	return map[string]string{"CRUMB_KEYS_SECRET": "ring", "AWS_ENDPOINT_URL_SECRETS_MANAGER": e.aws + "/" + state}
}

func with(env map[string]string, name, value string) map[string]string {
	env = maps.Clone(env)
	env[name] = value
	return env
}

func without(env map[string]string, name string) map[string]string {
	env = maps.Clone(env)
	delete(env, name)
	return env
}

// step is an event of Secrets Manager.
func step(name string) string {
	return fmt.Sprintf(`{"Step":%q,"SecretId":"ring","ClientRequestToken":"new"}`, name)
}

// startAWS returns the URL of a service whose path selects its state: "/down" and
// "/denied" fail. As Secrets Manager it has a ring at "/lost", once, a secret
// without a value at "/empty", and at "/rotated" one whose version "new" is
// current.
func startAWS(t *testing.T) string {
	var read atomic.Bool
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		fail := func(status int, kind string) {
			w.WriteHeader(status)
			fmt.Fprintf(w, `{"__type":%q,"message":"of the fake"}`, kind)
		}
		describe := strings.HasSuffix(r.Header.Get("X-Amz-Target"), ".DescribeSecret")
		switch state := strings.Trim(r.URL.Path, "/"); {
		case state == "down":
			fail(http.StatusInternalServerError, "InternalServerError")
		case state == "lost" && !read.Swap(true):
			ring := keyring.Format([]keyring.Key{keyring.NewKey("", time.Now().Add(-time.Hour))})
			fmt.Fprintf(w, `{"SecretString":%q}`, ring)
		case state == "empty" && describe:
			fmt.Fprint(w, `{"VersionIdsToStages":{}}`)
		case state == "empty":
			fail(http.StatusBadRequest, "ResourceNotFoundException")
		case state == "rotated":
			fmt.Fprint(w, `{"VersionIdsToStages":{"new":["AWSCURRENT"]}}`)
		default:
			fail(http.StatusBadRequest, "AccessDeniedException")
		}
	}))
	t.Cleanup(server.Close)
	return server.URL
}
