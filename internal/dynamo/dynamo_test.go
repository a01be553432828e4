package dynamo_test

import (
	"context"
	"fmt"
	"hash/crc32"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/crumb-go/crumb/internal/dynamo"
)

var simple = dynamo.Table{Name: "T", Keys: []string{"id"}}

// call sends a request without the SDK and returns status and body.
func call(t *testing.T, url, operation, body string) (int, string) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), "POST", url, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("X-Amz-Target", "DynamoDB_20120810."+operation)
	response, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	if got, want := response.Header.Get("X-Amz-Crc32"), fmt.Sprint(crc32.ChecksumIEEE(text)); got != want && response.StatusCode != 404 {
		t.Errorf("%s: X-Amz-Crc32 is %q, want %s", operation, got, want)
	}
	return response.StatusCode, string(text)
}

func TestReset(t *testing.T) {
	s, _ := start(t, simple)
	get := func() string {
		_, body := call(t, s.URL, "GetItem", `{"TableName":"T","Key":{"id":{"S":"a"}}}`)
		return body
	}
	empty := get()
	if status, body := call(t, s.URL, "PutItem", `{"TableName":"T","Item":{"id":{"S":"a"}}}`); status != http.StatusOK || get() == empty {
		t.Fatalf("PutItem = %d %s", status, body)
	}
	s.Reset()
	if got := get(); got != empty {
		t.Errorf("after Reset: %s, want %s", got, empty)
	}
}

// Unsupported requests are rejected by name, and change nothing.
func TestRejections(t *testing.T) {
	s, _ := start(t, simple)
	const a = `"TableName":"T","Key":{"id":{"S":"a"}}`
	for _, tc := range []struct{ name, operation, body, want string }{
		{"scan", "Scan", `{"TableName":"T"}`, "UnknownOperationException: crumb does not support DynamoDB's Scan"},
		{"how-to-leave", "Scan", `{"TableName":"T"}`, "--env-vars"},
		{"no-json", "GetItem", `{`, "unexpected end"},
		{"no-table", "GetItem", `{"TableName":"U","Key":{"id":{"S":"a"}}}`, "ResourceNotFoundException: Requested resource not found: the template has no table U"},
		{"parameter", "GetItem", `{` + a + `,"ProjectionExpression":"x"}`, "parameter ProjectionExpression"},
		{"unknown-parameter", "GetItem", `{` + a + `,"Zap":1}`, "parameter Zap"},
		{"type", "PutItem", `{"TableName":"T","Item":{"id":{"S":"a"},"m":{"M":{}}}}`, `unknown field \"M\"`},
		{"no-type", "PutItem", `{"TableName":"T","Item":{"id":{"S":"a"},"m":{}}}`, "without a type"},
		{"no-number", "PutItem", `{"TableName":"T","Item":{"id":{"S":"a"},"n":{"N":"one"}}}`, "numeric value"},
		{"huge-exponent", "PutItem", `{"TableName":"T","Item":{"id":{"S":"a"},"n":{"N":"1e999999999"}}}`, "numeric value"},
		{"no-key", "PutItem", `{"TableName":"T","Item":{"n":{"N":"1"}}}`, "id is missing"},
		{"empty-key", "GetItem", `{"TableName":"T","Key":{"id":{"S":""}}}`, "id is missing or empty"},
		{"more-key", "GetItem", `{"TableName":"T","Key":{"id":{"S":"a"},"b":{"S":"b"}}}`, "2 attributes, not 1"},
		{"return-values", "DeleteItem", `{` + a + `,"ReturnValues":"UPDATED_OLD"}`, "ReturnValues UPDATED_OLD"},
		{"condition", "DeleteItem", `{` + a + `,"ConditionExpression":"size(id) > :n"}`, `not \"size(id) \u003e :n\"`},
		{"or", "DeleteItem", `{` + a + `,"ConditionExpression":"id = :a OR id = :a","ExpressionAttributeValues":{":a":{"S":"a"}}}`, "crumb does not support the ConditionExpression"},
		{"condition-value", "DeleteItem", `{` + a + `,"ConditionExpression":"id = :a"}`, "no value for :a"},
		{"remove", "UpdateItem", `{` + a + `,"UpdateExpression":"REMOVE x"}`, "only SET and ADD"},
		{"function", "UpdateItem", `{` + a + `,"UpdateExpression":"SET x = if_not_exists(x, :v)"}`, "crumb does not support SET x = if_not_exists(x"},
		{"update-value", "UpdateItem", `{` + a + `,"UpdateExpression":"SET x = :v"}`, "no value for :v"},
		{"update-key", "UpdateItem", `{` + a + `,"UpdateExpression":"SET id = :v","ExpressionAttributeValues":{":v":{"S":"b"}}}`, "part of the key"},
		{"add-fraction", "UpdateItem", `{` + a + `,"UpdateExpression":"ADD n :v","ExpressionAttributeValues":{":v":{"N":"0.5"}}}`, "whole numbers only"},
		{"add-text", "UpdateItem", `{` + a + `,"UpdateExpression":"ADD n :v","ExpressionAttributeValues":{":v":{"S":"x"}}}`, "whole numbers only"},
		{"query", "Query", `{"TableName":"T","KeyConditionExpression":"begins_with(id, :a)","ExpressionAttributeValues":{":a":{"S":"a"}}}`, "only id = :value"},
		{"query-limit", "Query", `{"TableName":"T","Limit":0,"KeyConditionExpression":"id = :a","ExpressionAttributeValues":{":a":{"S":"a"}}}`, "Limit is 0"},
		{"too-large", "PutItem", `{"TableName":"T","Item":{"id":{"S":"a"},"s":{"S":"` + strings.Repeat("x", 400<<10) + `"}}}`, "Item size has exceeded"},
		{"body-too-large", "PutItem", `{"TableName":"T","Item":{"id":{"S":"` + strings.Repeat("x", 1<<20) + `"}}}`, "exceeds 1048576 bytes"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			status, body := call(t, s.URL, tc.operation, tc.body)
			text := strings.NewReplacer(`{"__type":"com.amazonaws.dynamodb.v20120810#`, "", `","message":"`, ": ").Replace(body)
			if status != 400 || !strings.Contains(text, tc.want) {
				t.Errorf("%d %s, want 400 with %s", status, text, tc.want)
			}
		})
	}
	if _, body := call(t, s.URL, "GetItem", `{`+a+`}`); body != "{}\n" {
		t.Errorf("something was stored: %s", body)
	}
}

func TestSecretPath(t *testing.T) {
	s, _ := start(t, simple)
	root := s.URL[:strings.LastIndex(s.URL, "/")]
	for _, url := range []string{root, root + "/x", s.URL + "/x"} {
		if status, text := call(t, url, "PutItem", `{"TableName":"T","Item":{"id":{"S":"a"}}}`); status != 404 || text != "404 page not found\n" {
			t.Errorf("%s: %d %q, want 404", url, status, text)
		}
	}
	if got := good(t, s, "GetItem", `{"TableName":"T","Key":{"id":{"S":"a"}}}`); got != "{}" {
		t.Errorf("something was stored: %s", got)
	}
}

func TestTablesKeepTheirItems(t *testing.T) {
	s, client := start(t, simple)
	key := map[string]types.AttributeValue{"id": &types.AttributeValueMemberS{Value: "a"}}
	if _, err := client.PutItem(t.Context(), &dynamodb.PutItemInput{TableName: &simple.Name, Item: key}); err != nil {
		t.Fatal(err)
	}
	count := func(table dynamo.Table) int {
		t.Helper()
		out, err := client.GetItem(t.Context(), &dynamodb.GetItemInput{TableName: &table.Name, Key: map[string]types.AttributeValue{table.Keys[0]: key["id"]}})
		if err != nil {
			t.Fatal(err)
		}
		return len(out.Item)
	}
	other := dynamo.Table{Name: "T", Keys: []string{"other"}}
	s.SetTables(dynamo.Table{Name: "U", Keys: []string{"id"}}, simple)
	if count(simple) != 1 {
		t.Error("the item is gone")
	}
	s.SetTables(other)
	if count(other) != 0 {
		t.Error("a table with another key has the item")
	}
}

// A page of a Query ends at Limit, whether or not items are left.
func TestLimit(t *testing.T) {
	table := dynamo.Table{Name: "T", Keys: []string{"id", "n"}}
	_, client := start(t, table)
	text := func(s string) types.AttributeValue { return &types.AttributeValueMemberS{Value: s} }
	for _, n := range []string{"1", "2", "3", "4"} {
		item := map[string]types.AttributeValue{"id": text("a"), "n": text(n)}
		if _, err := client.PutItem(t.Context(), &dynamodb.PutItemInput{TableName: &table.Name, Item: item}); err != nil {
			t.Fatal(err)
		}
	}
	for limit, want := range map[int32][]int{1: {1, 1, 1, 1, 0}, 2: {2, 2, 0}, 3: {3, 1}, 5: {4}} {
		pages := dynamodb.NewQueryPaginator(client, &dynamodb.QueryInput{
			TableName:                 &table.Name,
			Limit:                     &limit,
			KeyConditionExpression:    aws.String("id = :id"),
			ExpressionAttributeValues: map[string]types.AttributeValue{":id": text("a")},
		})
		var got []int
		for pages.HasMorePages() {
			page, err := pages.NextPage(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			got = append(got, len(page.Items))
		}
		if !slices.Equal(got, want) {
			t.Errorf("Limit %d: pages of %v items, want %v", limit, got, want)
		}
	}
}

// A counter is atomic.
func TestAdd(t *testing.T) {
	_, client := start(t, simple)
	add := func(n string) string {
		out, err := client.UpdateItem(context.Background(), &dynamodb.UpdateItemInput{
			TableName:        &simple.Name,
			Key:              map[string]types.AttributeValue{"id": &types.AttributeValueMemberS{Value: "a"}},
			UpdateExpression: aws.String("ADD n :n SET x = :x, y = :x"),
			ExpressionAttributeValues: map[string]types.AttributeValue{
				":n": &types.AttributeValueMemberN{Value: n}, ":x": &types.AttributeValueMemberS{Value: "SET"},
			},
			ReturnValues: types.ReturnValueUpdatedNew,
		})
		if err != nil {
			t.Error(err)
			return ""
		}
		if len(out.Attributes) != 3 {
			t.Errorf("UPDATED_NEW has %d attributes, want 3", len(out.Attributes))
		}
		return out.Attributes["n"].(*types.AttributeValueMemberN).Value
	}
	if got := add("5"); got != "5" {
		t.Errorf("ADD 5 to nothing = %s", got)
	}
	done := make(chan string)
	for range 32 {
		go func() { done <- add("1") }()
	}
	for range 32 {
		<-done
	}
	if got := add("-7"); got != "30" {
		t.Errorf("5 + 32 - 7 = %s", got)
	}
}
