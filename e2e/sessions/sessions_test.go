// Package sessions_test holds sessions on DynamoDB to their promises, on the endpoint
// of crumb start and on two emulators of AWS: 64 clients at once, and the table's
// requests one at a time in many orders.
package sessions_test

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/crumb-go/crumb/e2e/testenv"
	"github.com/crumb-go/crumb/internal/dynamo"
	"github.com/crumb-go/crumb/internal/dynamo/dynamotest"
	"github.com/crumb-go/crumb/shared/cookie"
	"github.com/crumb-go/crumb/shared/session"
	"github.com/crumb-go/crumb/shared/session/dynamostore"
	"github.com/crumb-go/crumb/shared/session/sessiontest"
)

const (
	table   = "Sessions"
	clients = 64
)

func TestMoto(t *testing.T) {
	client := startMoto(t)
	testContract(t, dynamodb.New(client.Options(), func(o *dynamodb.Options) { o.HTTPClient = new(oneAtATime) }))
	testSignOut(t, client)
}

func TestMiniStack(t *testing.T) {
	client := connect(t, testenv.MiniStack(t, "requirements.txt"))
	createTable(t, client)
	testContract(t, client)
	testClients(t, client)
	testSignOut(t, client)
}

// internal/dynamo tests the same on crumb's endpoint, in many more orders.
func testSignOut(t *testing.T, client *dynamodb.Client) {
	t.Run("sign-out", func(t *testing.T) {
		sessiontest.TestSignOut(t, 1, func(w sessiontest.Wire) session.Store {
			return dynamostore.New(dynamotest.Wired(client, w), table)
		})
	})
}

// startMoto starts moto with the table, and returns a client of it.
func startMoto(t *testing.T) *dynamodb.Client {
	client := connect(t, testenv.Moto(t, "requirements.txt"))
	createTable(t, client)
	return client
}

func createTable(t *testing.T, client *dynamodb.Client) {
	t.Helper()
	attribute := func(name string, key types.KeyType) (types.AttributeDefinition, types.KeySchemaElement) {
		return types.AttributeDefinition{AttributeName: &name, AttributeType: types.ScalarAttributeTypeB}, types.KeySchemaElement{AttributeName: &name, KeyType: key}
	}
	user, hash := attribute("user_handle", types.KeyTypeHash)
	token, sort := attribute("token_hash", types.KeyTypeRange)
	if _, err := client.CreateTable(t.Context(), &dynamodb.CreateTableInput{
		TableName:            aws.String(table),
		BillingMode:          types.BillingModePayPerRequest,
		AttributeDefinitions: []types.AttributeDefinition{user, token},
		KeySchema:            []types.KeySchemaElement{hash, sort},
	}); err != nil {
		t.Fatal(err)
	}
}

// oneAtATime sends each request after the response to the previous one.
// DynamoDB's conditions are atomic, but moto reads and writes in two steps: of 32
// threads that conditionally change one item, two may succeed. Requests of
// different clients still arrive in any order.
type oneAtATime struct{ sync.Mutex }

func (o *oneAtATime) Do(r *http.Request) (*http.Response, error) {
	o.Lock()
	defer o.Unlock()
	return http.DefaultClient.Do(r)
}

func TestCrumb(t *testing.T) {
	client := connect(t, startTable(t))
	testContract(t, client)
	testClients(t, client)
}

// startTable starts crumb's endpoint with the table, and returns its URL.
func startTable(t *testing.T) string {
	s, err := dynamo.Start(t.Context(), dynamo.Table{Name: table, Keys: []string{"user_handle", "token_hash"}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s.URL
}

func connect(t *testing.T, url string) *dynamodb.Client {
	t.Setenv("AWS_ENDPOINT_URL_DYNAMODB", url)
	t.Setenv("AWS_REGION", "us-east-1")
	t.Setenv("AWS_ACCESS_KEY_ID", "local")
	t.Setenv("AWS_SECRET_ACCESS_KEY", "local")
	return dynamodb.New(dynamostore.LambdaClient().Options(), func(o *dynamodb.Options) {
		o.HTTPClient = dynamotest.Whole{Client: o.HTTPClient}
	})
}

func testContract(t *testing.T, client *dynamodb.Client) {
	t.Run("contract", func(t *testing.T) { sessiontest.TestStore(t, dynamostore.New(client, table)) })
}

func testClients(t *testing.T, client *dynamodb.Client) {
	m, err := session.New[visitor](dynamostore.New(client, table), session.Config{Cookie: cookie.Must(cookie.New("__Host-id", cookie.Attributes{Encoding: cookie.Base64}))})
	if err != nil {
		t.Fatal(err)
	}
	t.Run("one-session", func(t *testing.T) { testOneSession(t, m) })
	t.Run("many-sessions", func(t *testing.T) { testManySessions(t, m) })
	t.Run("logout-wins", func(t *testing.T) { testLogoutWins(t, m) })
	t.Run("one-renewal", func(t *testing.T) { testOneRenewal(t, m) })
}

type visitor struct{ Who, N int }

type manager = *session.Manager[visitor]

func start(t *testing.T, m manager, v visitor) *http.Request {
	t.Helper()
	w := httptest.NewRecorder()
	if err := m.Start(w, httptest.NewRequest("POST", "/login", nil), session.NewHandle(), v); err != nil {
		t.Fatal(err)
	}
	r := httptest.NewRequest("GET", "/", nil)
	sent, _, _ := strings.Cut(w.Header().Get("Set-Cookie"), ";")
	r.Header.Set("Cookie", sent)
	return r
}

// together runs f once in every client and logs how long all of them took.
func together(t *testing.T, f func(i int)) {
	begin := time.Now()
	var all sync.WaitGroup
	for i := range clients {
		all.Go(func() { f(i) })
	}
	all.Wait()
	t.Logf("%d clients: %v", clients, time.Since(begin).Round(time.Millisecond))
}

// No update is lost: each is either in the session or an ErrConflict.
func testOneSession(t *testing.T, m manager) {
	r := start(t, m, visitor{})
	var done, conflicts atomic.Int64
	together(t, func(int) {
		switch err := m.Update(r, func(v *visitor) error { v.N++; return nil }); {
		case err == nil:
			done.Add(1)
		case errors.Is(err, session.ErrConflict):
			conflicts.Add(1)
		default:
			t.Error(err)
		}
	})
	v, err := m.Get(r)
	if err != nil || int64(v.N) != done.Load() {
		t.Errorf("the session counts %d, %v, and %d updates were acknowledged", v.N, err, done.Load())
	}
	t.Logf("%d updates done, %d conflicts told", done.Load(), conflicts.Load())
}

// No client ever sees another's session.
func testManySessions(t *testing.T, m manager) {
	requests := make([]*http.Request, clients)
	for i := range requests {
		requests[i] = start(t, m, visitor{Who: i})
	}
	together(t, func(i int) {
		for range 5 {
			if err := m.Update(requests[i], func(v *visitor) error { v.N++; return nil }); err != nil {
				t.Error(err)
			}
			if v, err := m.Get(requests[i]); err != nil || v.Who != i {
				t.Errorf("%d sees %v, %v", i, v, err)
			}
		}
	})
	for i, r := range requests {
		if v, err := m.Get(r); err != nil || v != (visitor{i, 5}) {
			t.Errorf("%d ends with %v, %v", i, v, err)
		}
	}
}

// Requests in progress when the session ends do not bring it back.
func testLogoutWins(t *testing.T, m manager) {
	r := start(t, m, visitor{})
	together(t, func(i int) {
		if i == clients/2 {
			if err := m.EndAll(httptest.NewRecorder(), r); err != nil {
				t.Error(err)
			}
			return
		}
		err := m.Update(r, func(v *visitor) error { v.N++; return nil })
		if err != nil && !errors.Is(err, session.ErrNone) && !errors.Is(err, session.ErrConflict) {
			t.Error(err)
		}
	})
	if v, err := m.Get(r); !errors.Is(err, session.ErrNone) {
		t.Errorf("after the end: %v, %v", v, err)
	}
}

func testOneRenewal(t *testing.T, m manager) {
	r := start(t, m, visitor{})
	var won atomic.Int64
	together(t, func(int) {
		if err := m.Renew(httptest.NewRecorder(), r); err == nil {
			won.Add(1)
		} else if !errors.Is(err, session.ErrNone) {
			t.Error(err)
		}
	})
	if won.Load() != 1 {
		t.Errorf("%d renewals won, want one", won.Load())
	}
}
