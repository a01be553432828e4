package dynamo_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/crumb-go/crumb/internal/dynamo"
)

// good is a call that must succeed. It returns the body.
func good(t *testing.T, s *dynamo.Server, operation, body string) string {
	t.Helper()
	status, text := call(t, s.URL, operation, body)
	if status != 200 {
		t.Fatalf("%s %.200s: %d %s", operation, body, status, text)
	}
	return strings.TrimSpace(text)
}

// A ConditionExpression on the item a, and on b, which does not exist.
func TestConditions(t *testing.T) {
	s, _ := start(t, simple)
	const values = `{":4":{"N":"4"},":5":{"N":"5.0"},":10":{"N":"10"},":minus":{"N":"-7"},":five":{"S":"5"},":l":{"S":"l"},":m":{"S":"m"},":n":{"S":"n"},` +
		`":0":{"B":"AAA="},":1":{"B":"AAE="},":2":{"B":"AAI="}}`
	for condition, want := range map[string][2]bool{ // a, b
		"attribute_exists(n)":                {true, false},
		"attribute_exists(z)":                {false, false},
		"attribute_not_exists(n)":            {false, true},
		"attribute_not_exists(z)":            {true, true},
		"n = :5":                             {true, false},
		"n = :4":                             {false, false},
		"n < :10":                            {true, false},
		"n < :5":                             {false, false},
		"n > :10":                            {false, false},
		"n > :5":                             {false, false},
		"n > :4":                             {true, false},
		"n > :minus":                         {true, false},
		"n < :minus":                         {false, false},
		"n = :five":                          {false, false},
		"n < :five":                          {false, false},
		"s = :m":                             {true, false},
		"s < :n":                             {true, false},
		"s < :m":                             {false, false},
		"s > :l":                             {true, false},
		"s > :10":                            {false, false},
		"b = :1":                             {true, false},
		"b < :2":                             {true, false},
		"b > :0":                             {true, false},
		"b = :m":                             {false, false},
		"z = :5":                             {false, false},
		"z < :5":                             {false, false},
		"z > :5":                             {false, false},
		"n = :5 AND s = :m":                  {true, false},
		"n = :4 AND s = :m":                  {false, false},
		"n = :5 AND s = :l":                  {false, false},
		"attribute_exists(n) AND n = :4":     {false, false},
		"n = :4 AND attribute_exists(n)":     {false, false},
		" n = :5  AND  attribute_exists(s) ": {true, false},
	} {
		for i, id := range []string{"a", "b"} {
			good(t, s, "PutItem", `{"TableName":"T","Item":{"id":{"S":"a"},"n":{"N":"5"},"s":{"S":"m"},"b":{"B":"AAE="}}}`)
			body := fmt.Sprintf(`{"TableName":"T","Key":{"id":{"S":%q}},"ConditionExpression":%q,"ExpressionAttributeValues":%s}`, id, condition, values)
			status, text := call(t, s.URL, "DeleteItem", body)
			if failed := strings.HasPrefix(text, `{"__type":"com.amazonaws.dynamodb.v20120810#ConditionalCheckFailedException","message":"The conditional request failed"}`); (status == 200) != want[i] || failed == want[i] {
				t.Errorf("%s of %s: %d %s, want true: %v", condition, id, status, text, want[i])
			}
		}
	}
}

// The other responses, each after the calls before.
func TestResponses(t *testing.T) {
	s, _ := start(t, simple)
	const (
		a    = `"TableName":"T","Key":{"id":{"S":"a"}}`
		x    = `"ExpressionAttributeValues":{":x":{"S":"1"},":n":{"N":"2"},":h":{"N":"0.5"}}`
		none = `"ConditionExpression":"attribute_not_exists(id)"`
	)
	for _, tc := range []struct{ name, operation, body, want string }{
		{"get-nothing", "GetItem", `{` + a + `}`, `{}`},
		{"get-consistently", "GetItem", `{` + a + `,"ConsistentRead":true}`, `{}`},
		{"delete-nothing", "DeleteItem", `{` + a + `,"ReturnValues":"ALL_OLD"}`, `{}`},
		{"update-makes-the-item", "UpdateItem", `{` + a + `,"UpdateExpression":"SET s = :x",` + x + `}`, `{}`},
		{"get-it", "GetItem", `{` + a + `}`, `{"Item":{"id":{"S":"a"},"s":{"S":"1"}}}`},
		{"update-returns-none", "UpdateItem", `{` + a + `,"UpdateExpression":"ADD n :n",` + x + `,"ReturnValues":"NONE"}`, `{}`},
		{"update-returns-new", "UpdateItem", `{` + a + `,"UpdateExpression":"  ADD n :n, m :n SET t = :x  ",` + x + `,"ReturnValues":"UPDATED_NEW"}`, `{"Attributes":{"m":{"N":"2"},"n":{"N":"4"},"t":{"S":"1"}}}`},
		{"get-all", "GetItem", `{` + a + `}`, `{"Item":{"id":{"S":"a"},"m":{"N":"2"},"n":{"N":"4"},"s":{"S":"1"},"t":{"S":"1"}}}`},
		{"half-of-an-update", "UpdateItem", `{` + a + `,"UpdateExpression":"SET s = :n ADD n :h",` + x + `}`, `crumb supports ADD for whole numbers only`},
		{"add-to-a-text", "UpdateItem", `{` + a + `,"UpdateExpression":"ADD s :n",` + x + `}`, `crumb supports ADD for whole numbers only`},
		{"text-before-a-clause", "UpdateItem", `{` + a + `,"UpdateExpression":"x SET s = :n",` + x + `}`, `only SET and ADD`},
		{"no-clause", "UpdateItem", `{` + a + `,"UpdateExpression":"s = :n",` + x + `}`, `only SET and ADD`},
		{"put-fails", "PutItem", `{"TableName":"T","Item":{"id":{"S":"a"}},` + none + `}`, `The conditional request failed"}`},
		{"put-fails-with-old", "PutItem", `{"TableName":"T","Item":{"id":{"S":"a"}},` + none + `,"ReturnValuesOnConditionCheckFailure":"ALL_OLD"}`,
			`The conditional request failed","Item":{"id":{"S":"a"},"m":{"N":"2"},"n":{"N":"4"},"s":{"S":"1"},"t":{"S":"1"}}}`},
		{"nothing-changed", "GetItem", `{` + a + `}`, `{"Item":{"id":{"S":"a"},"m":{"N":"2"},"n":{"N":"4"},"s":{"S":"1"},"t":{"S":"1"}}}`},
		{"put-replaces", "PutItem", `{"TableName":"T","Item":{"id":{"S":"a"},"b":{"B":"AAE="}},"ReturnValues":"NONE"}`, `{}`},
		{"get-bytes", "GetItem", `{` + a + `}`, `{"Item":{"b":{"B":"AAE="},"id":{"S":"a"}}}`},
		{"delete-returns-none", "DeleteItem", `{` + a + `}`, `{}`},
		{"get-nothing-again", "GetItem", `{` + a + `}`, `{}`},
		{"put-where-none-is", "PutItem", `{"TableName":"T","Item":{"id":{"S":"a"}},` + none + `}`, `{}`},
		{"delete-returns-old", "DeleteItem", `{` + a + `,"ReturnValues":"ALL_OLD"}`, `{"Attributes":{"id":{"S":"a"}}}`},
	} {
		t.Run(tc.name, func(t *testing.T) {
			status, text := call(t, s.URL, tc.operation, tc.body)
			wantError := !strings.HasPrefix(tc.want, "{")
			if text = strings.TrimSpace(text); (status == 400) != wantError || !wantError && (status != 200 || text != tc.want) || !strings.Contains(text, tc.want) {
				t.Errorf("%d %s, want %s", status, text, tc.want)
			}
		})
	}
}

// Query returns one partition, by sort key.
func TestQuery(t *testing.T) {
	s, _ := start(t, dynamo.Table{Name: "Q", Keys: []string{"p", "s"}})
	for _, key := range []string{"b2", "a3", "a1", "a2", "b1"} {
		good(t, s, "PutItem", fmt.Sprintf(`{"TableName":"Q","Item":{"p":{"S":%q},"s":{"S":%q},"v":{"S":%q},"w":{"S":"w"}}}`, key[:1], key[1:], key))
	}
	for _, tc := range []struct{ name, more, want string }{
		{"whole", ``, `a1 a2 a3`},
		{"consistent", `"ConsistentRead":true`, `a1 a2 a3`},
		{"limit", `"Limit":2`, `a1 a2 | map[p:map[S:a] s:map[S:2]]`},
		{"limit-of-all", `"Limit":3`, `a1 a2 a3 | map[p:map[S:a] s:map[S:3]]`},
		{"limit-of-more", `"Limit":4`, `a1 a2 a3`},
		{"after", `"ExclusiveStartKey":{"p":{"S":"a"},"s":{"S":"1"}}`, `a2 a3`},
		{"after-what-is-gone", `"ExclusiveStartKey":{"p":{"S":"a"},"s":{"S":"11"}}`, `a2 a3`},
		{"after-and-limit", `"ExclusiveStartKey":{"p":{"S":"a"},"s":{"S":"1"}},"Limit":1`, `a2 | map[p:map[S:a] s:map[S:2]]`},
		{"after-the-last", `"ExclusiveStartKey":{"p":{"S":"a"},"s":{"S":"3"}}`, ``},
	} {
		t.Run(tc.name, func(t *testing.T) {
			more := tc.more
			if more != "" {
				more = "," + more
			}
			var got struct {
				Items               []map[string]map[string]string
				Count, ScannedCount int
				LastEvaluatedKey    map[string]map[string]string
			}
			text := good(t, s, "Query", `{"TableName":"Q","KeyConditionExpression":"p = :p","ExpressionAttributeValues":{":p":{"S":"a"}}`+more+`}`)
			if err := json.Unmarshal([]byte(text), &got); err != nil {
				t.Fatal(err)
			}
			var items []string
			for _, it := range got.Items {
				if len(it) != 4 {
					t.Errorf("%v, want all attributes", it)
				}
				items = append(items, it["v"]["S"])
			}
			if got.Items == nil || got.Count != len(items) || got.ScannedCount != len(items) {
				t.Errorf("%s, want %d items", text, len(items))
			}
			found := strings.Join(items, " ")
			if got.LastEvaluatedKey != nil {
				found += fmt.Sprint(" | ", got.LastEvaluatedKey)
			}
			if found != tc.want {
				t.Errorf("%s, want %s", found, tc.want)
			}
		})
	}
	const from = `{"TableName":"Q","KeyConditionExpression":"p = :p","ExpressionAttributeValues":{":p":{"S":%q}},"ProjectionExpression":"v, s ,x"}`
	for partition, want := range map[string]string{
		"b": `{"Items":[{"s":{"S":"1"},"v":{"S":"b1"}},{"s":{"S":"2"},"v":{"S":"b2"}}],"Count":2,"ScannedCount":2}`,
		"c": `{"Items":[],"Count":0,"ScannedCount":0}`,
	} {
		if got := good(t, s, "Query", fmt.Sprintf(from, partition)); got != want {
			t.Errorf("partition %s: %s, want %s", partition, got, want)
		}
	}
	good(t, s, "DeleteItem", `{"TableName":"Q","Key":{"p":{"S":"b"},"s":{"S":"1"}}}`)
	if got, want := good(t, s, "Query", fmt.Sprintf(from, "b")), `{"Items":[{"s":{"S":"2"},"v":{"S":"b2"}}],"Count":1,"ScannedCount":1}`; got != want {
		t.Errorf("after a deletion: %s, want %s", got, want)
	}
	s.SetTables(simple, dynamo.Table{Name: "Q", Keys: []string{"p", "s"}})
	good(t, s, "PutItem", `{"TableName":"T","Item":{"id":{"S":"a"}}}`)
	const alone = `{"TableName":"T","KeyConditionExpression":"id = :p","ExpressionAttributeValues":{":p":{"S":"a"}}}`
	if got, want := good(t, s, "Query", alone), `{"Items":[{"id":{"S":"a"}}],"Count":1,"ScannedCount":1}`; got != want {
		t.Errorf("a table without sort key: %s, want %s", got, want)
	}
	for name, body := range map[string]string{
		"no-value":       `"KeyConditionExpression":"p = :q","ExpressionAttributeValues":{":p":{"S":"a"}}`,
		"no-comparison":  `"KeyConditionExpression":"p","ExpressionAttributeValues":{"":{"S":"a"}}`,
		"sort-key-alone": `"KeyConditionExpression":"s = :p","ExpressionAttributeValues":{":p":{"S":"a"}}`,
		"limit-of-0":     `"KeyConditionExpression":"p = :p","ExpressionAttributeValues":{":p":{"S":"a"}},"Limit":0`,
		"half-a-key":     `"KeyConditionExpression":"p = :p","ExpressionAttributeValues":{":p":{"S":"a"}},"ExclusiveStartKey":{"p":{"S":"a"}}`,
	} {
		if status, text := call(t, s.URL, "Query", `{"TableName":"Q",`+body+`}`); status != 400 || !strings.Contains(text, "ValidationException") {
			t.Errorf("%s: %d %s, want 400", name, status, text)
		}
	}
}

// sized is a PutItem whose item has n bytes, among them those of more.
func sized(n int, sortKey, more string, moreBytes int) string {
	const names = len("p") + len("s") + len("v") + len("p")
	return fmt.Sprintf(`{"TableName":"Q","Item":{"p":{"S":"p"},"s":{"S":%q},"v":{"S":%q}%s}}`, sortKey, strings.Repeat("v", n-names-len(sortKey)-moreBytes), more)
}

// Sizes as DynamoDB counts them ("DynamoDB item sizes and formats").
func TestSizes(t *testing.T) {
	s, _ := start(t, dynamo.Table{Name: "Q", Keys: []string{"p", "s"}})
	for _, tc := range []struct {
		name, more string
		bytes      int
	}{
		{"text", `,"é":{"S":"é"}`, 4},
		{"bytes", `,"b":{"B":"AAEC"}`, 4},
		{"no-bytes", `,"b":{"B":""}`, 1},
		{"number", `,"n":{"N":"1234"}`, 1 + 2 + 2},
		{"number-of-zeros", `,"n":{"N":"-10000"}`, 1 + 0 + 2},
	} {
		t.Run(tc.name, func(t *testing.T) {
			good(t, s, "PutItem", sized(400<<10, "1", tc.more, tc.bytes))
			if status, text := call(t, s.URL, "PutItem", sized(400<<10+1, "1", tc.more, tc.bytes)); status != 400 || !strings.Contains(text, "Item size has exceeded") {
				t.Errorf("one byte more: %d %s", status, text)
			}
		})
	}

	const query = `{"TableName":"Q","KeyConditionExpression":"p = :p","ExpressionAttributeValues":{":p":{"S":"p"}},"ProjectionExpression":"s"}`
	for i, n := range []int{1 << 18, 1 << 18, 1 << 18, 1 << 18} {
		good(t, s, "PutItem", sized(n, fmt.Sprint(i), "", 0))
	}
	if text := good(t, s, "Query", query); !strings.Contains(text, `"Count":4`) || strings.Contains(text, "LastEvaluatedKey") {
		t.Errorf("1 MB: %s, want one page", text)
	}
	good(t, s, "PutItem", sized(1<<18+1, "0", "", 0))
	good(t, s, "PutItem", sized(100, "4", "", 0))
	if text := good(t, s, "Query", query); !strings.Contains(text, `"Count":4`) || !strings.Contains(text, `"LastEvaluatedKey":{"p":{"S":"p"},"s":{"S":"3"}}`) {
		t.Errorf("over 1 MB: %s, want a page that ends behind 3", text)
	}
}

func TestNumbers(t *testing.T) {
	s, _ := start(t, simple)
	for number, want := range map[string]bool{
		"0": true, "-5": true, "0.25": true, strings.Repeat("9", 38): true, strings.Repeat("9", 40): true, strings.Repeat("9", 41): false,
		"": false, "1/3": false, "1_0": false, "0x1": false, "1e2": false, "1E2": false, "1p2": false, "1P2": false, "five": false,
	} {
		status, text := call(t, s.URL, "PutItem", fmt.Sprintf(`{"TableName":"T","Item":{"id":{"S":"a"},"n":{"N":%q}}}`, number))
		if (status == 200) != want {
			t.Errorf("%q: %d %s, want it accepted: %v", number, status, text, want)
		}
	}
	good(t, s, "PutItem", `{"TableName":"T","Item":{"id":{"N":"1.50"}}}`)
	if got := good(t, s, "GetItem", `{"TableName":"T","Key":{"id":{"N":"1.5"}}}`); got != `{"Item":{"id":{"N":"1.50"}}}` {
		t.Errorf("the key 1.5 finds %s", got)
	}
}

// The protocol around the operations.
func TestProtocol(t *testing.T) {
	s, _ := start(t, simple)
	get := `{"TableName":"T","Key":{"id":{"S":"a"}}}`
	r, err := http.NewRequestWithContext(t.Context(), "POST", s.URL+"/", strings.NewReader(get))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("X-Amz-Target", "DynamoDB_20120810.GetItem")
	response, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	response.Body.Close()
	if got := response.Header.Get("Content-Type"); response.StatusCode != 200 || got != "application/x-amz-json-1.0" {
		t.Errorf("with a slash: %d, Content-Type %q", response.StatusCode, got)
	}
	for _, target := range []string{"", "GetItem", "DynamoDBStreams_20120810.GetItem", "DynamoDB_20120810.", "DynamoDB_20120810.getItem"} {
		r, err := http.NewRequestWithContext(t.Context(), "POST", s.URL, strings.NewReader(get))
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("X-Amz-Target", target)
		response, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		response.Body.Close()
		if response.StatusCode != 400 {
			t.Errorf("target %q: %d, want 400", target, response.StatusCode)
		}
	}

	largest := get + strings.Repeat(" ", 1<<20-len(get))
	good(t, s, "GetItem", largest)
	if status, text := call(t, s.URL, "GetItem", largest+" "); status != 400 || !strings.Contains(text, "exceeds 1048576 bytes") {
		t.Errorf("a body over 1 MiB: %d %s", status, text)
	}

	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := http.Post(s.URL, "", strings.NewReader(get)); err == nil {
		t.Error("a closed server responds")
	}
}
