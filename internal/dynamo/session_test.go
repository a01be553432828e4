package dynamo_test

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/smithy-go/logging"

	"github.com/crumb-go/crumb/internal/dynamo"
	"github.com/crumb-go/crumb/internal/dynamo/dynamotest"
	"github.com/crumb-go/crumb/shared/session"
	"github.com/crumb-go/crumb/shared/session/dynamostore"
	"github.com/crumb-go/crumb/shared/session/sessiontest"
)

var sessions = dynamo.Table{Name: "Sessions", Keys: []string{"user_handle", "token_hash"}}

func start(t testing.TB, tables ...dynamo.Table) (*dynamo.Server, *dynamodb.Client) {
	t.Helper()
	s, err := dynamo.Start(t.Context(), tables...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s, dynamodb.New(dynamodb.Options{
		Region:       "us-east-1",
		BaseEndpoint: &s.URL,
		HTTPClient:   dynamotest.Whole{Client: http.DefaultClient},
		Logger: logging.LoggerFunc(func(_ logging.Classification, format string, args ...any) {
			if line := fmt.Sprintf(format, args...); strings.Contains(line, "checksum") { // as without X-Amz-Crc32
				t.Error("the SDK logs:", line)
			}
		}),
		Credentials: aws.CredentialsProviderFunc(func(ctx context.Context) (aws.Credentials, error) {
			return aws.Credentials{AccessKeyID: "local", SecretAccessKey: "local"}, nil
		}),
	})
}

func TestSessionStore(t *testing.T) {
	_, client := start(t, sessions)
	sessiontest.TestStore(t, dynamostore.New(client, sessions.Name))
}

// The requests to the table in many orders, a Query as one request for each item.
// There are tens of thousands, so they use neither a connection nor a signature.
func TestSignOut(t *testing.T) {
	server, client := start(t, sessions)
	client = dynamodb.New(client.Options(), func(o *dynamodb.Options) {
		o.HTTPClient, o.Credentials = server, aws.AnonymousCredentials{}
	})
	sessiontest.TestSignOut(t, 2, func(w sessiontest.Wire) session.Store {
		return dynamostore.New(dynamotest.Wired(client, w), sessions.Name)
	})
}
