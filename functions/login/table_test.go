package main

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/crumb-go/crumb/functions/internal/lambdatest"
	"github.com/crumb-go/crumb/shared/session/dynamostore"
)

func TestGuessTable(t *testing.T) {
	lambdatest.Tables(t)
	table := guessTable{dynamostore.LambdaClient(), "Guesses"}

	key, end := sha256.Sum256([]byte("a")), time.Unix(2_000_000_000, 0)
	for _, step := range []struct {
		key     [sha256.Size]byte
		n, want int
	}{
		{key, 1, 1}, {key, 1, 2}, {sha256.Sum256([]byte("b")), 1, 1}, {key, -1, 1}, {key, 1, 2},
	} {
		if sum, err := table.add(t.Context(), step.key, step.n, end); err != nil || sum != step.want {
			t.Errorf("add %d = %d, %v, want %d", step.n, sum, err, step.want)
		}
	}
	out, err := table.client.GetItem(t.Context(), &dynamodb.GetItemInput{
		TableName: aws.String("Guesses"),
		Key:       map[string]types.AttributeValue{"guess_key": &types.AttributeValueMemberB{Value: key[:]}},
	})
	if err != nil {
		t.Fatal(err)
	}
	if expires, _ := out.Item["expires_at"].(*types.AttributeValueMemberN); expires == nil || expires.Value != "2000000000" {
		t.Errorf("expires_at is %v, so the count stays for ever", out.Item["expires_at"])
	}

	// A response without a count is an error, not a low count.
	odd := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/x-amz-json-1.0")
		fmt.Fprint(w, `{"Attributes":{"guess_count":{"S":"1"}}}`)
	}))
	defer odd.Close()
	t.Setenv("AWS_ENDPOINT_URL_DYNAMODB", odd.URL)
	if sum, err := (guessTable{dynamostore.LambdaClient(), "Guesses"}).add(t.Context(), key, 1, end); err == nil || err.Error() != "count guesses: no count in the response" {
		t.Errorf("without a count: %d, %v", sum, err)
	}

	table.name = "Other"
	sum, err := table.add(t.Context(), key, 1, end)
	if !errors.As(err, new(*types.ResourceNotFoundException)) || !strings.HasPrefix(err.Error(), "count guesses: ") {
		t.Errorf("without a table: %d, %v", sum, err)
	}
}
