package failures

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"github.com/crumb-go/crumb/internal/dynamo"
	"github.com/crumb-go/crumb/shared/keyring"
	"github.com/crumb-go/crumb/shared/session"
	"github.com/crumb-go/crumb/shared/session/dynamostore"
	"github.com/crumb-go/crumb/shared/session/sessiontest"
)

// environments are variables of functions.
type environments struct {
	visits   map[string]string // with a published ring
	sessions map[string]string // with a table
	lost     map[string]string // with a table that fails
	readOnly map[string]string // with a table that rejects updates
	aws      string            // URL of Secrets Manager
}

func newEnvironments(t *testing.T) environments {
	t.Helper()
	tables, err := dynamo.Start(context.Background(),
		dynamo.Table{Name: "sessions", Keys: []string{"user_handle", "token_hash"}}, dynamo.Table{Name: "guesses", Keys: []string{"guess_key"}},
		dynamo.Table{Name: "signed-in", Keys: []string{"user_handle", "token_hash"}}, dynamo.Table{Name: "other-data", Keys: []string{"user_handle", "token_hash"}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = tables.Close() })
	var local map[string]map[string]string
	if err := json.Unmarshal([]byte(read(t, "events/env.json")), &local); err != nil {
		t.Fatal(err)
	}
	signIn(t, tables.URL, "signed-in", `{"name":"Ana"}`)
	signIn(t, tables.URL, "other-data", `["Ana"]`)
	aws := startAWS(t, tables.URL)
	sessions := map[string]string{"SESSION_TABLE": "sessions", "GUESS_TABLE": "guesses", "AWS_ENDPOINT_URL_DYNAMODB": tables.URL, "DEMO_USERS": "true"}
	return environments{
		visits:   with(local["VisitsFunction"], "CRUMB_LOCAL", "true"),
		sessions: sessions,
		lost:     with(sessions, "AWS_ENDPOINT_URL_DYNAMODB", aws+"/down"),
		readOnly: with(with(sessions, "AWS_ENDPOINT_URL_DYNAMODB", aws+"/read-only"), "SESSION_TABLE", "signed-in"),
		aws:      aws,
	}
}

// signIn writes the session of the events to a table. It has not been used for 20 minutes.
func signIn(t *testing.T, url, table, data string) {
	t.Helper()
	id, err := base64.RawURLEncoding.DecodeString(sessiontest.SignedInCookie)
	if err != nil {
		t.Fatal(err)
	}
	key := session.Key{User: session.Handle(id[:16]), ID: sha256.Sum256(id[16:])}
	client := dynamodb.New(dynamodb.Options{BaseEndpoint: &url, Region: "eu-west-1", Credentials: credentials.NewStaticCredentialsProvider("AKID", "SECRET", "")})
	now := time.Now()
	rec := session.Record{Data: []byte(data), Version: "1", Expires: now.Add(10 * time.Minute), Ends: now.Add(time.Hour)}
	if err := dynamostore.New(client, table).Create(t.Context(), key, rec); err != nil {
		t.Fatal(err)
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
// "/denied" fail, and "/read-only" has the tables of a URL, but rejects updates. As
// Secrets Manager it has a ring at "/lost", once, a secret without a value at "/empty",
// and at "/rotated" one whose version "new" is current.
func startAWS(t *testing.T, tables string) string {
	var read atomic.Bool
	at, err := url.Parse(tables)
	if err != nil {
		t.Fatal(err)
	}
	toTables := &httputil.ReverseProxy{Rewrite: func(r *httputil.ProxyRequest) { r.Out.URL, r.Out.Host = at, "" }}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		fail := func(status int, kind string) {
			w.WriteHeader(status)
			fmt.Fprintf(w, `{"__type":%q,"message":"of the fake"}`, kind)
		}
		describe := strings.HasSuffix(r.Header.Get("X-Amz-Target"), ".DescribeSecret")
		update := strings.HasSuffix(r.Header.Get("X-Amz-Target"), ".UpdateItem")
		switch state := strings.Trim(r.URL.Path, "/"); {
		case state == "read-only" && !update:
			toTables.ServeHTTP(w, r)
		case state == "down", state == "read-only":
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
