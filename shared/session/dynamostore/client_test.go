package dynamostore_test

import (
	"context"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"github.com/crumb-go/crumb/shared/session"
	"github.com/crumb-go/crumb/shared/session/dynamostore"
)

func environment(t *testing.T, endpoint string) {
	t.Setenv("AWS_ENDPOINT_URL_DYNAMODB", endpoint)
	t.Setenv("AWS_REGION", "eu-west-1")
	t.Setenv("AWS_ACCESS_KEY_ID", "AKID")
	t.Setenv("AWS_SECRET_ACCESS_KEY", "SECRET")
}

// If a table never responds, the store returns an error in time for a response.
func TestLambdaClientGivesUp(t *testing.T) {
	environment(t, "http://dynamodb.example")
	const second = time.Second
	for _, tc := range []struct {
		name        string
		deadline    time.Duration // the function's; 0: none
		least, most time.Duration // differ by the two random pauses
		attempts    int
	}{
		{"no-deadline", 0, 6 * second, 6400 * time.Millisecond, 3},
		{"login", 10 * second, 6 * second, 6400 * time.Millisecond, 3},
		{"just-enough", 7400 * time.Millisecond, 6 * second, 6400 * time.Millisecond, 3},
		{"five-seconds", 5 * second, 4 * second, 4 * second, 2},
		{"three-seconds", 3 * second, 2 * second, 2 * second, 1},
		{"one-second", second, second / 2, second / 2, 1},
	} {
		t.Run(tc.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				ctx := t.Context()
				if tc.deadline > 0 {
					var cancel context.CancelFunc
					ctx, cancel = context.WithTimeout(ctx, tc.deadline)
					defer cancel()
				}
				silent := &silence{}
				begin := time.Now()
				_, err := dynamostore.New(silent.client(), "Sessions").Get(ctx, session.Key{})
				if took := time.Since(begin); err == nil || took < tc.least || took > tc.most || silent.dialed != tc.attempts {
					t.Errorf("%v after %v and %d attempts, want an error after %v to %v and %d", err, took, silent.dialed, tc.least, tc.most, tc.attempts)
				}
			})
		})
	}
}

// A silence accepts connections and requests, and never responds.
type silence struct{ dialed int }

// client is LambdaClient with connections in memory, for synctest.
func (s *silence) client() *dynamodb.Client {
	options := dynamostore.LambdaClient().Options()
	options.HTTPClient = options.HTTPClient.(*awshttp.BuildableClient).WithTransportOptions(func(tr *http.Transport) {
		tr.DialContext = func(context.Context, string, string) (net.Conn, error) {
			s.dialed++
			client, server := net.Pipe()
			go func() { _, _ = io.Copy(io.Discard, server) }()
			return client, nil
		}
	})
	return dynamodb.New(options)
}

// A table that throttles does not make users wait longer than a silent one.
func TestLambdaClientPauses(t *testing.T) {
	environment(t, "http://dynamodb.example")
	synctest.Test(t, func(t *testing.T) {
		attempts := 0
		options := dynamostore.LambdaClient().Options()
		options.HTTPClient = doer(func(*http.Request) (*http.Response, error) {
			attempts++
			body := `{"__type":"com.amazonaws.dynamodb.v20120810#ProvisionedThroughputExceededException"}`
			return &http.Response{StatusCode: 400, Body: io.NopCloser(strings.NewReader(body))}, nil
		})
		s := dynamostore.New(dynamodb.New(options), "Sessions")
		const times = 20 // pauses are random
		begin := time.Now()
		for range times {
			if _, err := s.Get(t.Context(), session.Key{}); err == nil {
				t.Error("Get succeeded")
			}
		}
		if took, most := time.Since(begin), times*2*200*time.Millisecond; took > most || took < most/4 || attempts != times*3 {
			t.Errorf("%v and %d attempts, want about half of %v and %d", took, attempts, most, times*3)
		}
	})
}

func TestLambdaClientNeedsCredentials(t *testing.T) {
	s, _ := store(t)
	t.Setenv("AWS_SECRET_ACCESS_KEY", "")
	if _, err := s.Get(t.Context(), session.Key{}); err == nil || !strings.Contains(err.Error(), "AWS_SECRET_ACCESS_KEY") {
		t.Errorf("%v", err)
	}
}
