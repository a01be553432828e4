package dynamo_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"reflect"
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
		{"number", `,"n":{"N":"123.4"}`, 1 + 2 + 1},
		{"odd-number", `,"n":{"N":"00123.40"}`, 1 + 2 + 1},
		{"number-of-zeros", `,"n":{"N":"-10000"}`, 1 + 1 + 1 + 1},
		{"truth", `,"t":{"BOOL":true},"z":{"NULL":true}`, 4},
		{"list", `,"l":{"L":[{"S":"ab"},{"L":[]}]}`, 1 + 3 + (1 + 2) + (1 + 3)},
		{"map", `,"m":{"M":{"x":{"S":"ab"}}}`, 1 + 3 + (1 + 1 + 2)},
		{"set", `,"ss":{"SS":["ab","c"]}`, 2 + 3},
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
	nines := strings.Repeat("9", 38)
	for number, want := range map[string]string{
		"0": "0", "-0": "0", "0.000": "0", "0e999999999999": "0", "00042": "42", "+5": "5", "-5": "-5", "0.250": "0.25", ".5": "0.5", "5.": "5",
		"1e2": "100", "1.5E-2": "0.015", "100": "100", nines: nines, "1" + strings.Repeat("0", 50): "1" + strings.Repeat("0", 50),
		"9." + nines[1:] + "E125": nines + strings.Repeat("0", 125-37), "1E-130": "0." + strings.Repeat("0", 129) + "1",
		"9" + nines:              "more than 38 significant digits",
		"1E126":                  "Number overflow",
		"-1E126":                 "Number overflow",
		"1E-131":                 "Number underflow",
		"1e99999999999999999999": "Number overflow", "1e-99999999999999999999": "Number underflow", "1e999999999": "Number overflow",
		"": "numeric value", "1/3": "numeric value", "1_0": "numeric value", "0x1": "numeric value", "1p2": "numeric value", "five": "numeric value",
		"NaN": "numeric value", "Infinity": "numeric value", "1e": "numeric value", " 1": "numeric value", ".": "numeric value",
	} {
		status, text := call(t, s.URL, "PutItem", fmt.Sprintf(`{"TableName":"T","Item":{"id":{"S":"a"},"n":{"N":%q}}}`, number))
		if status == 200 {
			text = good(t, s, "GetItem", `{"TableName":"T","Key":{"id":{"S":"a"}},"ProjectionExpression":"n"}`)
			want = `"N":"` + want + `"`
		}
		if !strings.Contains(text, want) {
			t.Errorf("%q: %d %s, want %s", number, status, text, want)
		}
	}
	good(t, s, "PutItem", `{"TableName":"T","Item":{"id":{"N":"1.50"}}}`)
	if got := good(t, s, "GetItem", `{"TableName":"T","Key":{"id":{"N":"15e-1"}}}`); got != `{"Item":{"id":{"N":"1.5"}}}` {
		t.Errorf("the key 15e-1 finds %s", got)
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

	largest := get + strings.Repeat(" ", 16<<20-len(get))
	good(t, s, "GetItem", largest)
	if status, text := call(t, s.URL, "GetItem", largest+" "); status != 400 || !strings.Contains(text, "exceeds 16777216 bytes") {
		t.Errorf("a body over 16 MiB: %d %s", status, text)
	}

	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := http.Post(s.URL, "", strings.NewReader(get)); err == nil {
		t.Error("a closed server responds")
	}
}

// same compares JSON, whatever the order of its members.
func same(t *testing.T, a, b string) bool {
	t.Helper()
	var x, y any
	if err := errors.Join(json.Unmarshal([]byte(a), &x), json.Unmarshal([]byte(b), &y)); err != nil {
		t.Fatal(err)
	}
	return reflect.DeepEqual(x, y)
}
