package dynamo_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/crumb-go/crumb/internal/app"
	"github.com/crumb-go/crumb/internal/dynamo"
)

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
}

// The key conditions and what is wrong with them.
func TestKeyConditions(t *testing.T) {
	s, _ := start(t, dynamo.Table{Name: "Q", Keys: []string{"p", "s"}, Types: map[string]string{"p": "S", "s": "N"}})
	for _, n := range []string{"-1", "2", "10", "1.5"} {
		good(t, s, "PutItem", fmt.Sprintf(`{"TableName":"Q","Item":{"p":{"S":"a"},"s":{"N":%q}}}`, n))
	}
	const empty = "One or more parameter values are not valid. The AttributeValue for a key attribute cannot contain an empty string value. Key: p"
	for condition, want := range map[string]string{
		"p = :a":                         "-1 1.5 2 10",
		"(p = :a) AND (s > :2)":          "10",
		"s >= :2 and p = :a":             "2 10",
		":2 <= s AND p = :a":             "an operand of a key condition",
		"p = :a AND s BETWEEN :m AND :2": "-1 1.5 2",
		"p = :a AND s < :m":              "",
		"p = :b":                         "",
		"s = :2":                         "Query condition missed key schema element: p",
		"p = :a AND x = :b":              "Query condition missed key schema element: s",
		"p > :a":                         "Query key condition not supported",
		"p = :a AND s <> :2":             "Invalid operator used in KeyConditionExpression: <>",
		"p = :a OR p = :b":               "Invalid operator used in KeyConditionExpression: OR",
		"p = :a AND begins_with(s, :2)":  "Incorrect operand type for operator or function; operator or function: begins_with, operand type: N",
		"p = :a AND p = :b":              "must only contain one condition per key",
		"p.x = :a":                       "cannot have conditions on nested attributes",
		"p = :2":                         "Condition parameter type does not match schema type",
		"p = :e":                         empty,
		"p = :a AND s = :2 AND s = :m":   "must only contain one condition per key",
		"p = s":                          "an operand of a key condition",
		"size(p) = :2":                   "an operand of a key condition",
		"p":                              `Syntax error; token: "<EOF>", near: "p"`,
		"p = :a AND (s = :2":             `Syntax error; token: "<EOF>", near: ":2"`,
		"((p = :a))":                     "The expression has redundant parentheses",
	} {
		body := fmt.Sprintf(`{"TableName":"Q","KeyConditionExpression":%q%s}`, condition,
			attributeValues(condition, `":a":{"S":"a"}`, `":b":{"S":"b"}`, `":2":{"N":"2"}`, `":m":{"N":"-1.0"}`, `":e":{"S":""}`))
		status, text := call(t, s.URL, "Query", body)
		if status == 200 {
			text = values(t, text, "s")
		}
		if text != want && (status == 200 || !strings.Contains(unquote(text), want)) {
			t.Errorf("%s: %d %q, want %q", condition, status, text, want)
		}
	}
	for name, tc := range map[string][2]string{
		"nothing":        {``, "Either the KeyConditions or KeyConditionExpression parameter must be specified"},
		"no-value":       {`,"KeyConditionExpression":"p = :a"`, "attribute value: :a"},
		"limit-of-0":     {`,"KeyConditionExpression":"p = :a","ExpressionAttributeValues":{":a":{"S":"a"}},"Limit":0`, "greater than or equal to 1"},
		"half-a-key":     {`,"KeyConditionExpression":"p = :a","ExpressionAttributeValues":{":a":{"S":"a"}},"ExclusiveStartKey":{"p":{"S":"a"}}`, "The provided starting key is invalid"},
		"wrong-type":     {`,"KeyConditionExpression":"p = :a","ExpressionAttributeValues":{":a":{"S":"a"}},"ExclusiveStartKey":{"p":{"S":"a"},"s":{"S":"1"}}`, "The provided starting key is invalid"},
		"another-p":      {`,"KeyConditionExpression":"p = :a","ExpressionAttributeValues":{":a":{"S":"a"}},"ExclusiveStartKey":{"p":{"S":"b"},"s":{"N":"1"}}`, "outside query boundaries"},
		"filter-by-key":  {`,"KeyConditionExpression":"p = :a","ExpressionAttributeValues":{":a":{"S":"a"}},"FilterExpression":"attribute_exists(s)"`, "Primary key attribute: s"},
		"no-index":       {`,"KeyConditionExpression":"p = :a","ExpressionAttributeValues":{":a":{"S":"a"}},"IndexName":"i"`, "The table does not have the specified index: i"},
		"all-projected":  {`,"KeyConditionExpression":"p = :a","ExpressionAttributeValues":{":a":{"S":"a"}},"Select":"ALL_PROJECTED_ATTRIBUTES"`, "only when Querying using an IndexName"},
		"specific":       {`,"KeyConditionExpression":"p = :a","ExpressionAttributeValues":{":a":{"S":"a"}},"Select":"SPECIFIC_ATTRIBUTES"`, "Must specify the AttributesToGet or ProjectionExpression"},
		"count-of-some":  {`,"KeyConditionExpression":"p = :a","ExpressionAttributeValues":{":a":{"S":"a"}},"Select":"COUNT","ProjectionExpression":"x"`, "choosing to get only the Count"},
		"no-selection":   {`,"KeyConditionExpression":"p = :a","ExpressionAttributeValues":{":a":{"S":"a"}},"Select":"SOME"`, "at 'select' failed to satisfy constraint"},
		"old-parameters": {`,"QueryFilter":{}`, "crumb does not support the parameter QueryFilter; to use another DynamoDB"},
		"no-conditions":  {`,"KeyConditions":{}`, "Either the KeyConditions or KeyConditionExpression parameter must be specified"},
		"both":           {`,"KeyConditionExpression":"p = :a","ExpressionAttributeValues":{":a":{"S":"a"}},"KeyConditions":{"p":{"ComparisonOperator":"EQ","AttributeValueList":[{"S":"a"}]}}`, "Either the KeyConditions or"},
		"no-operand":     {`,"KeyConditions":{"p":{"ComparisonOperator":"EQ"}}`, "Invalid number of argument(s) for the = ComparisonOperator"},
		"one-bound":      {`,"KeyConditions":{"p":{"ComparisonOperator":"BETWEEN","AttributeValueList":[{"S":"a"}]}}`, "Invalid number of argument(s)"},
		"operator":       {`,"KeyConditions":{"p":{"ComparisonOperator":"NE","AttributeValueList":[{"S":"a"}]}}`, "Invalid operator used in KeyConditionExpression: NE"},
	} {
		if status, text := call(t, s.URL, "Query", `{"TableName":"Q"`+tc[0]+`}`); status != 400 || !strings.Contains(text, tc[1]) {
			t.Errorf("%s: %d %s, want %s", name, status, text, tc[1])
		}
	}
}

// The key conditions that guregu/dynamo sends.
func TestOldKeyConditions(t *testing.T) {
	s, _ := start(t, dynamo.Table{Name: "Q", Keys: []string{"p", "s"}, Types: map[string]string{"p": "S", "s": "S"}})
	for _, sort := range []string{"a", "ab", "b", "c"} {
		good(t, s, "PutItem", fmt.Sprintf(`{"TableName":"Q","Item":{"p":{"S":"p"},"s":{"S":%q}}}`, sort))
	}
	for condition, want := range map[string]string{
		``:                                                      "a ab b c",
		`"EQ","AttributeValueList":[{"S":"b"}]`:                 "b",
		`"LT","AttributeValueList":[{"S":"b"}]`:                 "a ab",
		`"LE","AttributeValueList":[{"S":"b"}]`:                 "a ab b",
		`"GT","AttributeValueList":[{"S":"b"}]`:                 "c",
		`"GE","AttributeValueList":[{"S":"b"}]`:                 "b c",
		`"BEGINS_WITH","AttributeValueList":[{"S":"a"}]`:        "a ab",
		`"BETWEEN","AttributeValueList":[{"S":"ab"},{"S":"b"}]`: "ab b",
	} {
		if condition != "" {
			condition = `,"s":{"ComparisonOperator":` + condition + `}`
		}
		text := good(t, s, "Query", `{"TableName":"Q","KeyConditions":{"p":{"ComparisonOperator":"EQ","AttributeValueList":[{"S":"p"}]}`+condition+`}}`)
		if got := values(t, text, "s"); got != want {
			t.Errorf("%s: %s, want %s", condition, got, want)
		}
	}
}

// attributeValues returns the parameter with those members that an expression uses.
func attributeValues(expression string, members ...string) string {
	var some []string
	for _, m := range members {
		name, _, _ := strings.Cut(strings.TrimPrefix(m, `"`), `"`)
		if strings.Contains(expression, name) {
			some = append(some, m)
		}
	}
	if some == nil {
		return ""
	}
	return `,"ExpressionAttributeValues":{` + strings.Join(some, ",") + `}`
}

func unquote(text string) string { return strings.ReplaceAll(text, `\"`, `"`) }

// values returns the texts of an attribute in the items of a response.
func values(t *testing.T, response, name string) string {
	t.Helper()
	var got struct {
		Items            []map[string]map[string]any
		LastEvaluatedKey map[string]any
	}
	if err := json.Unmarshal([]byte(response), &got); err != nil {
		t.Fatal(err)
	}
	var texts []string
	for _, it := range got.Items {
		for _, v := range it[name] {
			texts = append(texts, fmt.Sprint(v))
		}
		if it[name] == nil {
			texts = append(texts, "-")
		}
	}
	if got.LastEvaluatedKey != nil {
		texts = append(texts, fmt.Sprintf("| %v", got.LastEvaluatedKey))
	}
	return strings.Join(texts, " ")
}

var indexed = dynamo.Table{
	Name: "I", Keys: []string{"p", "s"}, Types: map[string]string{"p": "S", "s": "S", "team": "S", "at": "N"},
	Indexes: []app.Index{
		{Name: "by-team", Keys: []string{"team", "at"}, Global: true, Projection: "INCLUDE", Attributes: []string{"x"}},
		{Name: "keys", Keys: []string{"at"}, Global: true, Projection: "KEYS_ONLY"},
		{Name: "own", Keys: []string{"p", "at"}, Projection: "KEYS_ONLY"},
	},
}

// Queries of indexes: what they have, in which order, and page by page.
func TestIndexes(t *testing.T) {
	s, _ := start(t, indexed)
	for i, it := range []string{
		`"team":{"S":"t"},"at":{"N":"10"}`, `"team":{"S":"t"},"at":{"N":"9"}`, `"team":{"S":"t"},"at":{"N":"10"}`, `"team":{"S":"t"}`, `"at":{"N":"11"}`, `"team":{"S":"u"},"at":{"N":"10"}`,
	} {
		good(t, s, "PutItem", fmt.Sprintf(`{"TableName":"I","Item":{"p":{"S":"p"},"s":{"S":"%d"},"x":{"S":"x"},"y":{"S":"y"},%s}}`, i, it))
	}
	const team = `"KeyConditionExpression":"team = :t","ExpressionAttributeValues":{":t":{"S":"t"}},"IndexName":"by-team"`
	const own = `"KeyConditionExpression":"p = :p","ExpressionAttributeValues":{":p":{"S":"p"}},"IndexName":"own"`
	for _, tc := range []struct{ name, body, attribute, want string }{
		{"only-items-with-all-keys", team, "s", "1 0 2"},
		{"backward", team + `,"ScanIndexForward":false`, "s", "2 0 1"},
		{"projected", team, "x", "x x x"},
		{"not-projected", team, "y", "- - -"},
		{"page", team + `,"Limit":2`, "s", "1 0 | map[at:map[N:10] p:map[S:p] s:map[S:0] team:map[S:t]]"},
		{"next-page", team + `,"ExclusiveStartKey":{"team":{"S":"t"},"at":{"N":"10"},"p":{"S":"p"},"s":{"S":"0"}}`, "s", "2"},
		{"page-before", team + `,"ScanIndexForward":false,"ExclusiveStartKey":{"team":{"S":"t"},"at":{"N":"10"},"p":{"S":"p"},"s":{"S":"0"}}`, "s", "1"},
		{"local", own, "s", "1 0 2 5 4"},
		{"local-has-keys", own, "x", "- - - - -"},
		{"local-reads-from-the-table", own + `,"ProjectionExpression":"x"`, "x", "x x x x x"},
		{"local-reads-all", own + `,"Select":"ALL_ATTRIBUTES"`, "y", "y y y y y"},
		{"local-consistently", own + `,"ConsistentRead":true`, "s", "1 0 2 5 4"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			if got := values(t, good(t, s, "Query", `{"TableName":"I",`+tc.body+`}`), tc.attribute); got != tc.want {
				t.Errorf("%s, want %s", got, tc.want)
			}
		})
	}
	for _, tc := range []struct{ name, operation, body, want string }{
		{"global-consistently", "Query", team + `,"ConsistentRead":true`, "Consistent reads are not supported on global secondary indexes"},
		{"global-reads-all", "Query", team + `,"Select":"ALL_ATTRIBUTES"`, "because its projection type is not ALL"},
		{"global-reads-another", "Query", team + `,"ProjectionExpression":"y"`, "Global secondary index by-team does not project [y]"},
		{"filter-by-another", "Scan", `"IndexName":"keys","FilterExpression":"attribute_exists(x)"`, "crumb does not support a FilterExpression with x, which the index keys does not project"},
		{"index-key-of-another-type", "PutItem", `"Item":{"p":{"S":"p"},"s":{"S":"1"},"team":{"N":"1"}}`, "Type mismatch for Index Key team Expected: S Actual: N IndexName: by-team"},
		{"empty-index-key", "PutItem", `"Item":{"p":{"S":"p"},"s":{"S":"1"},"team":{"S":""}}`, "IndexName: by-team, IndexKey: team"},
		{"update-to-another-type", "UpdateItem", `"Key":{"p":{"S":"p"},"s":{"S":"1"}},"UpdateExpression":"SET #at = p","ExpressionAttributeNames":{"#at":"at"}`, "Type mismatch for Index Key at Expected: N Actual: S"},
		{"collection-metrics", "DeleteItem", `"Key":{"p":{"S":"p"},"s":{"S":"9"}},"ReturnItemCollectionMetrics":"SIZE"`, "crumb does not support ReturnItemCollectionMetrics SIZE; to use another"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			if status, text := call(t, s.URL, tc.operation, `{"TableName":"I",`+tc.body+`}`); status != 400 || !strings.Contains(text, tc.want) {
				t.Errorf("%d %s, want %s", status, text, tc.want)
			}
		})
	}
}

// Scan sees each item once, in pages too.
func TestScan(t *testing.T) {
	s, _ := start(t, indexed)
	for i := range 40 {
		good(t, s, "PutItem", fmt.Sprintf(`{"TableName":"I","Item":{"p":{"S":"%d"},"s":{"S":"%d"},"at":{"N":"%d"}}}`, i%13, i, i%7))
	}
	for _, more := range []string{``, `,"Limit":1`, `,"Limit":7`, `,"IndexName":"keys","Limit":3`} {
		seen := map[string]bool{}
		for after := ""; ; {
			var page struct {
				Items            []map[string]map[string]string
				LastEvaluatedKey json.RawMessage
			}
			if err := json.Unmarshal([]byte(good(t, s, "Scan", `{"TableName":"I"`+more+after+`}`)), &page); err != nil {
				t.Fatal(err)
			}
			for _, it := range page.Items {
				if seen[it["s"]["S"]] {
					t.Errorf("%s: %s twice", more, it["s"]["S"])
				}
				seen[it["s"]["S"]] = true
			}
			if after = fmt.Sprintf(`,"ExclusiveStartKey":%s`, page.LastEvaluatedKey); page.LastEvaluatedKey == nil {
				break
			}
		}
		if len(seen) != 40 {
			t.Errorf("%s: %d items, want 40", more, len(seen))
		}
	}
	const filter = `{"TableName":"I","FilterExpression":"#at = :n","ExpressionAttributeNames":{"#at":"at"},"ExpressionAttributeValues":{":n":{"N":"3.0"}},"Select":"COUNT","ReturnConsumedCapacity":"TOTAL"}`
	if got, want := good(t, s, "Scan", filter), `{"Count":6,"ScannedCount":40,"ConsumedCapacity":{"CapacityUnits":0.5,"TableName":"I"}}`; got != want {
		t.Errorf("%s, want %s", got, want)
	}
}
