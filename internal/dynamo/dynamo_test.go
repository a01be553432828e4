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

	"github.com/crumb-go/crumb/internal/app"
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

// Missing hears of each table once that items are requested of, not of one that a program
// is about to make.
func TestMissing(t *testing.T) {
	s, _ := start(t)
	var missing []string
	s.Missing = func(table string) { missing = append(missing, table) }
	for _, name := range []string{"one", "two", "one"} {
		for _, operation := range []string{"DescribeTable", "Scan"} {
			if status, body := call(t, s.URL, operation, `{"TableName":"`+name+`"}`); status != 400 || !strings.Contains(body, "ResourceNotFoundException") {
				t.Errorf("%s of %s: %d %s", operation, name, status, body)
			}
		}
	}
	if !slices.Equal(missing, []string{"one", "two"}) {
		t.Errorf("missing %q", missing)
	}
}

func TestSecretPath(t *testing.T) {
	s, _ := start(t, simple)
	root := s.URL[:strings.LastIndex(s.URL, "/")]
	for _, url := range []string{root, root + "/x", s.URL + "/x", strings.Replace(s.URL, "127.0.0.1", "localhost", 1)} {
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
	typed := simple
	typed.Types, typed.Indexes = map[string]string{"x": "S"}, []app.Index{{Name: "x", Keys: []string{"x"}, Global: true, Projection: "ALL"}}
	s.SetTables(typed)
	if count(simple) != 1 {
		t.Error("with another index the item is gone")
	}
	for id, x := range map[string]string{"b": `{"N":"1"}`, "c": `{"S":"1"}`} {
		s.SetTables(simple) // without the type of x
		good(t, s, "PutItem", `{"TableName":"T","Item":{"id":{"S":"`+id+`"},"x":`+x+`}}`)
	}
	s.SetTables(typed)
	if got := values(t, good(t, s, "Scan", `{"TableName":"T","IndexName":"x"}`), "id"); got != "c" {
		t.Errorf("the index has %s, want c, whose x is a text", got)
	}
	typed.Types = map[string]string{"id": "N"}
	s.SetTables(typed)
	s.SetTables(simple)
	if count(simple) != 0 {
		t.Error("a table whose key has another type has the item")
	}
	s.SetTables(other)
	if count(other) != 0 {
		t.Error("a table with another key has the item")
	}
}

// Half a request does not keep a connection for ever.
func TestTimeLimits(t *testing.T) {
	s, _ := start(t, simple)
	if header, idle := s.Limits(); header <= 0 || idle <= 0 {
		t.Errorf("no limits: %v for a header, %v between requests", header, idle)
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
