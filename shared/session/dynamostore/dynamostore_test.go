package dynamostore_test

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws/retry"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/crumb-go/crumb/shared/session"
	"github.com/crumb-go/crumb/shared/session/dynamostore"
)

// The contract of sessiontest is tested in internal/dynamo, with the endpoint of crumb start,
// and in e2e/sessions, with emulators. These tests are for what neither can show.

// A table responds like DynamoDB to any request: with a status and a body each.
type answer struct {
	status int
	body   string
}

func store(t *testing.T, answers ...answer) (*dynamostore.Store, *[]map[string]any) {
	t.Helper()
	var seen []map[string]any
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var in map[string]any
		if err := json.NewDecoder(r.Body).Decode(&in); err != nil {
			t.Error(err)
		}
		seen = append(seen, in)
		if len(seen) > len(answers) {
			t.Errorf("request %d: %v", len(seen), in)
			return
		}
		a := answers[len(seen)-1]
		w.Header().Set("Content-Type", "application/x-amz-json-1.0")
		w.WriteHeader(a.status)
		_, _ = io.WriteString(w, strings.ReplaceAll(a.body, "MY-VERSION", version(in)))
	}))
	t.Cleanup(server.Close)
	environment(t, server.URL)
	return dynamostore.New(dynamostore.LambdaClient(), "Sessions"), &seen
}

// version is the version that a request writes.
func version(in map[string]any) string {
	for _, from := range []struct{ in, name string }{{"Item", "session_version"}, {"ExpressionAttributeValues", ":new"}} {
		values, _ := in[from.in].(map[string]any)
		v, _ := values[from.name].(map[string]any)
		if s, ok := v["S"].(string); ok {
			return s
		}
	}
	return ""
}

func refusal(version string, expires time.Time) answer {
	item := ""
	if version != "" {
		item = `,"Item":{"session_data":{"S":"1"},"session_version":{"S":"` + version + `"},"expires_at":{"N":"` +
			strconv.FormatInt(expires.Unix(), 10) + `"},"ends_at":{"N":"4102444800"}}`
	}
	return answer{400, `{"__type":"com.amazonaws.dynamodb.v20120810#ConditionalCheckFailedException","message":"The conditional request failed"` + item + `}`}
}

var (
	lost  = answer{500, `{"__type":"InternalServerError"}`} // it may have been written
	later = time.Now().Add(time.Hour)
	rec   = session.Record{Data: []byte("1"), Version: "mine", Expires: later, Ends: later}
)

// A write that is repeated because its response was lost finds what it wrote.
func TestLostResponses(t *testing.T) {
	for _, tc := range []struct {
		name    string
		answers []answer
		do      func(*dynamostore.Store) error
		want    error
	}{
		{"create", []answer{lost, refusal("MY-VERSION", later)}, create, nil},
		{"replace", []answer{lost, refusal("MY-VERSION", later)}, replace, nil},
		{"replace-conflict", []answer{refusal("theirs", later)}, replace, session.ErrConflict},
		{"replace-ended", []answer{lost, refusal("", later)}, replace, session.ErrNone},
		{"replace-expired", []answer{refusal("old", time.Now())}, replace, session.ErrNone},
		{"touch", []answer{lost, refusal("old", later)}, touch, nil},
		{"touch-ended", []answer{lost, refusal("", later)}, touch, session.ErrNone},
		{"touch-expired", []answer{refusal("old", time.Now())}, touch, session.ErrNone},
		{"delete", []answer{lost, {200, `{}`}}, remove, session.ErrNone}, // neither wins, which is safe
	} {
		t.Run(tc.name, func(t *testing.T) {
			s, seen := store(t, tc.answers...)
			if err := tc.do(s); !errors.Is(err, tc.want) {
				t.Errorf("%v, want %v", err, tc.want)
			}
			if len(*seen) != len(tc.answers) {
				t.Errorf("%d requests, want %d", len(*seen), len(tc.answers))
			}
		})
	}

	// It may have been written before the others: ErrConflict would do it again.
	s, _ := store(t, lost, refusal("theirs", later))
	if err := replace(s); err == nil || errors.Is(err, session.ErrConflict) || errors.Is(err, session.ErrNone) ||
		!strings.HasPrefix(err.Error(), "dynamostore: replace session: response lost and item modified since, outcome unknown: ") || !errors.As(err, new(*types.ConditionalCheckFailedException)) {
		t.Errorf("after a lost response and the write of others: %v", err)
	}

	s, _ = store(t, refusal("theirs", later))
	if err := create(s); err == nil { // 256 random bits twice: never, and never silently
		t.Error("Create took over a record of another")
	}
}

// A client that does not say which attempt failed: it may be a later one.
func TestUnknownAttempts(t *testing.T) {
	environment(t, "http://dynamodb.example")
	options := dynamostore.LambdaClient().Options()
	refused := refusal("theirs", later)
	options.HTTPClient = doer(func(*http.Request) (*http.Response, error) {
		return &http.Response{StatusCode: refused.status, Body: io.NopCloser(strings.NewReader(refused.body))}, nil
	})
	s := dynamostore.New(dynamodb.New(options), "Sessions")
	if err := replace(s); err == nil || errors.Is(err, session.ErrConflict) || errors.Is(err, session.ErrNone) {
		t.Errorf("Replace: %v, want an error that says that others wrote", err)
	}
}

// The tenth attempt is not the first.
func TestTenAttempts(t *testing.T) {
	environment(t, "http://dynamodb.example")
	options := dynamostore.LambdaClient().Options()
	options.Retryer = retry.NewStandard(func(o *retry.StandardOptions) { o.MaxAttempts, o.MaxBackoff = 10, time.Nanosecond })
	attempts := 0
	options.HTTPClient = doer(func(r *http.Request) (*http.Response, error) {
		a := lost
		if attempts++; attempts == 10 {
			a = refusal("theirs", later)
		}
		return &http.Response{Request: r, StatusCode: a.status, Body: io.NopCloser(strings.NewReader(a.body))}, nil
	})
	err := replace(dynamostore.New(dynamodb.New(options), "Sessions"))
	if err == nil || errors.Is(err, session.ErrConflict) || errors.Is(err, session.ErrNone) || attempts != 10 {
		t.Errorf("Replace: %v after %d attempts, want an error that says that others wrote", err, attempts)
	}
}

type doer func(*http.Request) (*http.Response, error)

func (f doer) Do(r *http.Request) (*http.Response, error) { return f(r) }

// A record without a version does not count as written if it was not.
func TestCreateWithoutVersion(t *testing.T) {
	s, _ := store(t, lost, lost, lost)
	if err := s.Create(t.Context(), session.Key{}, session.Record{}); err == nil {
		t.Error("Create succeeded")
	}
}

func create(s *dynamostore.Store) error {
	return s.Create(context.Background(), session.Key{}, rec)
}

func replace(s *dynamostore.Store) error {
	return s.Replace(context.Background(), session.Key{}, rec, "old")
}

func touch(s *dynamostore.Store) error { return s.Touch(context.Background(), session.Key{}, later) }

func remove(s *dynamostore.Store) error {
	_, err := s.Delete(context.Background(), session.Key{})
	return err
}

func TestItemsThatAreNoSessions(t *testing.T) {
	for _, tc := range []struct{ name, bad, item string }{
		{"no-data", "session_data", `"session_version":{"S":"1"},"expires_at":{"N":"1"},"ends_at":{"N":"1"}`},
		{"bytes-as-data", "session_data", `"session_data":{"B":"czNjcmV0"},"session_version":{"S":"1"},"expires_at":{"N":"1"},"ends_at":{"N":"1"}`},
		{"number-version", "session_version", `"session_data":{"S":"1"},"session_version":{"N":"1"},"expires_at":{"N":"1"},"ends_at":{"N":"1"}`},
		{"fraction", "expires_at", `"session_data":{"S":"1"},"session_version":{"S":"1"},"expires_at":{"N":"1.5"},"ends_at":{"N":"1"}`},
		{"no-end", "ends_at", `"session_data":{"S":"1"},"session_version":{"S":"1"},"expires_at":{"N":"1"}`},
		{"no-expiry", "expires_at", `"session_data":{"S":"1"},"session_version":{"S":"1"},"ends_at":{"N":"1"}`},
		{"text-as-start", "started_at", `"session_data":{"S":"1"},"session_version":{"S":"1"},"expires_at":{"N":"1"},"ends_at":{"N":"1"},"started_at":{"S":"1"}`},
		{"bytes-as-mark", "session_mark", `"session_data":{"S":"1"},"session_version":{"S":"1"},"expires_at":{"N":"1"},"ends_at":{"N":"1"},"session_mark":{"B":"MQ=="}`},
		{"text-binding", "session_binding", `"session_data":{"S":"1"},"session_version":{"S":"1"},"expires_at":{"N":"1"},"ends_at":{"N":"1"},"session_binding":{"S":"1"}`},
	} {
		t.Run(tc.name, func(t *testing.T) {
			s, _ := store(t, answer{200, `{"Item":{` + tc.item + `}}`})
			got, err := s.Get(t.Context(), session.Key{})
			if want := "dynamostore: get: the item is not a session: " + tc.bad + " is missing or has another type"; err == nil || err.Error() != want {
				t.Errorf("Get = %v, %v, want %s", got, err, want)
			}
		})
	}
}

// Data too large for an item is not sent.
func TestTooMuchData(t *testing.T) {
	for _, tc := range []struct {
		name     string
		size     int
		want     error
		requests int
	}{
		{"largest", 400_000, nil, 2},
		{"one-byte-more", 400_001, session.ErrTooLarge, 0},
	} {
		t.Run(tc.name, func(t *testing.T) {
			s, seen := store(t, answer{200, `{}`}, answer{200, `{}`})
			large := session.Record{Data: make([]byte, tc.size), Version: "mine", Expires: later, Ends: later}
			for name, err := range map[string]error{
				"create": s.Create(t.Context(), session.Key{}, large), "replace": s.Replace(t.Context(), session.Key{}, large, "old"),
			} {
				want := "dynamostore: " + name + " session: session: too much data for the store: 400001 bytes of JSON, at most 400000"
				if !errors.Is(err, tc.want) || err != nil && err.Error() != want {
					t.Errorf("%s: %v, want %v", name, err, tc.want)
				}
			}
			if len(*seen) != tc.requests {
				t.Errorf("%d requests, want %d", len(*seen), tc.requests)
			}
		})
	}
}

// An error names the operation, not what is in a session.
func TestErrors(t *testing.T) {
	gone := answer{400, `{"__type":"com.amazonaws.dynamodb.v20120810#ResourceNotFoundException","message":"Requested resource not found"}`}
	secret := session.Record{Data: []byte("s3cret"), Version: "s3cret", Expires: later, Ends: later}
	for name, do := range map[string]func(*dynamostore.Store) error{
		"create session": func(s *dynamostore.Store) error { return s.Create(context.Background(), session.Key{}, secret) },
		"get session":    func(s *dynamostore.Store) error { _, err := s.Get(context.Background(), session.Key{}); return err },
		"replace session": func(s *dynamostore.Store) error {
			return s.Replace(context.Background(), session.Key{}, secret, "s3cret")
		},
		"touch session":  touch,
		"delete session": remove,
		"get mark":       func(s *dynamostore.Store) error { _, err := s.Mark(context.Background(), session.Handle{}); return err },
		"set mark": func(s *dynamostore.Store) error {
			return s.SetMark(context.Background(), session.Handle{}, "s3cret", later)
		},
		"list sessions": func(s *dynamostore.Store) error { _, err := s.List(context.Background(), session.Handle{}); return err },
	} {
		t.Run(strings.ReplaceAll(name, " ", "-"), func(t *testing.T) {
			s, _ := store(t, gone)
			err := do(s)
			if err == nil || !strings.HasPrefix(err.Error(), "dynamostore: "+name+": ") || !strings.Contains(err.Error(), "ResourceNotFoundException") || strings.Contains(err.Error(), "s3cret") {
				t.Errorf("%v", err)
			}
		})
	}
}
