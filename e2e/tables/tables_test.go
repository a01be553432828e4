// Package tables_test compares crumb's DynamoDB tables with another emulator, by
// random operations. Where they differ AWS's documentation decides.
package tables_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"maps"
	"math/rand/v2"
	"net/http"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/crumb-go/crumb/e2e/testenv"
	"github.com/crumb-go/crumb/internal/app"
	"github.com/crumb-go/crumb/internal/dynamo"
)

var (
	operations = flag.Int("operations", 5000, "number of random operations")
	seed       = flag.Uint64("seed", 1, "seed of the random operations")
)

// .ci/night does many more operations:
//
//	go test ./e2e/tables -operations 95000 -seed 2
func TestRandomOperations(t *testing.T) {
	testenv.Long(t, "random operations")
	server, err := dynamo.Start(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { server.Close() })
	ours, theirs := endpoint{t, server.URL}, endpoint{t, testenv.MiniStack(t, "../sessions/requirements.txt")}
	for _, table := range tables {
		ours.create(table)
		theirs.create(table)
	}
	for _, step := range descriptions {
		a, b := ours.call(step.operation, step.body), theirs.call(step.operation, step.body)
		for _, d := range []object{a.body, b.body} {
			comparable(d)
		}
		if a.kind != b.kind || !reflect.DeepEqual(a.body, b.body) {
			t.Errorf("%s %v\nours:   %v\ntheirs: %v", step.operation, step.body, a, b)
		}
	}
	g := &generator{Rand: rand.New(rand.NewPCG(*seed, 0))}
	done, rejected, judged := 0, 0, map[string]int{}
	for done < *operations && !t.Failed() {
		operation, body := g.request()
		done++
		a, b := ours.result(operation, body), theirs.result(operation, body)
		if operation == "TransactWriteItems" { // which returns nothing of what it wrote
			a.body["Sorted"], b.body["Sorted"] = ours.result("Scan", object{"TableName": "Sorted"}).body, theirs.result("Scan", object{"TableName": "Sorted"}).body
		}
		if a.kind != "" {
			rejected++
		}
		if a.equals(b) {
			continue
		}
		ruling := judge(body, a, b)
		if ruling == "" {
			text, _ := json.Marshal(body)
			t.Errorf("operation %d: %s %s\nours:   %v\ntheirs: %v", done, operation, text, a, b)
		}
		judged[ruling]++
		for _, table := range tables {
			theirs.copy(table, ours)
		}
	}
	t.Logf("%d operations, %d of them rejected", done, rejected)
	for _, r := range rulings {
		t.Logf("%5d  %s %s", judged[r.name], r.name, r.page)
	}
}

// An endpoint is one of the two emulators.
type endpoint struct {
	t   *testing.T
	url string
}

// A result is what matters of a response. All pages of a Query or Scan are one.
type result struct {
	kind, message string // of an error
	body          object
	pages         []int // items evaluated in each page of a Query of a table
}

func (r result) String() string {
	text, _ := json.Marshal(r.body)
	return fmt.Sprintf("%s %s %s %v", r.kind, r.message, text, r.pages)
}

func (r result) equals(other result) bool {
	return r.kind == other.kind && reflect.DeepEqual(r.body, other.body) && slices.Equal(r.pages, other.pages)
}

func (e endpoint) result(operation string, body object) result {
	e.t.Helper()
	if operation != "Query" && operation != "Scan" {
		return e.call(operation, body)
	}
	request := maps.Clone(body)
	whole := result{body: object{}}
	var items []any
	count := 0.0
	for page := 0; ; page++ {
		r := e.call(operation, request)
		if r.kind != "" {
			return r
		}
		found, _ := r.body["Items"].([]any)
		items = append(items, found...)
		count += r.body["Count"].(float64)
		if operation == "Query" && body["IndexName"] == nil {
			whole.pages = append(whole.pages, int(r.body["ScannedCount"].(float64)))
		}
		if request["ExclusiveStartKey"] = r.body["LastEvaluatedKey"]; r.body["LastEvaluatedKey"] == nil {
			break
		}
		if page > 200 {
			e.t.Fatalf("%s %v does not end", operation, body)
		}
	}
	if operation == "Scan" || body["IndexName"] != nil { // in any order
		sortTexts(items)
	}
	whole.body["Items"], whole.body["Count"] = items, count
	return whole
}

// call sends a request, and sorts what has no order in the response.
func (e endpoint) call(operation string, body object) result {
	e.t.Helper()
	text, err := json.Marshal(body)
	if err != nil {
		e.t.Fatal(err)
	}
	r, err := http.NewRequestWithContext(e.t.Context(), "POST", e.url, bytes.NewReader(text))
	if err != nil {
		e.t.Fatal(err)
	}
	r.Header.Set("X-Amz-Target", "DynamoDB_20120810."+operation)
	r.Header.Set("Content-Type", "application/x-amz-json-1.0")
	r.Header.Set("Authorization", "AWS4-HMAC-SHA256 Credential=local/20260101/us-east-1/dynamodb/aws4_request, SignedHeaders=host, Signature=0")
	response, err := http.DefaultClient.Do(r)
	if err != nil {
		e.t.Fatal(err)
	}
	defer response.Body.Close()
	answer, err := io.ReadAll(response.Body)
	if err != nil {
		e.t.Fatal(err)
	}
	var found result
	if err := json.Unmarshal(answer, &found.body); err != nil {
		e.t.Fatalf("%s %s: %d %s", operation, text, response.StatusCode, answer)
	}
	if kind, ok := found.body["__type"].(string); ok {
		_, after, _ := strings.Cut(kind, "#")
		message, _ := found.body["message"].(string)
		if message == "" {
			message, _ = found.body["Message"].(string)
		}
		reasons, _ := found.body["CancellationReasons"].([]any)
		found = result{kind: after, message: message, body: object{"Item": found.body["Item"]}}
		for _, r := range reasons {
			found.message += fmt.Sprint(r.(object)["Message"])
			delete(r.(object), "Message")
		}
		found.body["CancellationReasons"] = reasons
		if after == "" {
			found.kind = kind
		}
	}
	if attributes, ok := found.body["Attributes"].(object); ok && len(attributes) == 0 {
		delete(found.body, "Attributes") // the SDK makes no difference
	}
	normalize(found.body)
	return found
}

// normalize sorts sets, and the items of a BatchGetItem.
func normalize(v any) {
	switch v := v.(type) {
	case object:
		for name, member := range v {
			normalize(member)
			if list, ok := member.([]any); ok && len(name) == 2 && name[1] == 'S' {
				sortTexts(list)
			}
			if responses, ok := member.(object); ok && name == "Responses" {
				for _, items := range responses {
					sortTexts(items.([]any))
				}
			}
		}
	case []any:
		for _, member := range v {
			normalize(member)
		}
	}
}

func sortTexts(list []any) {
	slices.SortFunc(list, func(a, b any) int { return strings.Compare(fmt.Sprint(a), fmt.Sprint(b)) })
}

func (e endpoint) create(t app.Table) {
	schema := func(keys []string) (s []object) {
		for i, name := range keys {
			s = append(s, object{"AttributeName": name, "KeyType": []string{"HASH", "RANGE"}[i]})
		}
		return s
	}
	body := object{"TableName": t.Name, "KeySchema": schema(t.Keys), "BillingMode": "PAY_PER_REQUEST"}
	var definitions []object
	for name, kind := range t.Types {
		definitions = append(definitions, object{"AttributeName": name, "AttributeType": kind})
	}
	body["AttributeDefinitions"] = definitions
	for _, index := range t.Indexes {
		projection := object{"ProjectionType": index.Projection}
		if index.Attributes != nil {
			projection["NonKeyAttributes"] = index.Attributes
		}
		kind := "LocalSecondaryIndexes"
		if index.Global {
			kind = "GlobalSecondaryIndexes"
		}
		list, _ := body[kind].([]object)
		body[kind] = append(list, object{"IndexName": index.Name, "KeySchema": schema(index.Keys), "Projection": projection})
	}
	if r := e.call("CreateTable", body); r.kind != "" {
		e.t.Fatal(r)
	}
}

// copy makes a table equal to another endpoint's.
func (e endpoint) copy(t app.Table, from endpoint) {
	scan := object{"TableName": t.Name}
	mine, _ := e.result("Scan", scan).body["Items"].([]any)
	wanted, _ := from.result("Scan", scan).body["Items"].([]any)
	key := func(it any) object {
		k := object{}
		for _, name := range t.Keys {
			k[name] = it.(object)[name]
		}
		return k
	}
	for _, it := range mine {
		if !slices.ContainsFunc(wanted, func(w any) bool { return reflect.DeepEqual(w, it) }) {
			e.call("DeleteItem", object{"TableName": t.Name, "Key": key(it)})
		}
	}
	for _, it := range wanted {
		if !slices.ContainsFunc(mine, func(m any) bool { return reflect.DeepEqual(m, it) }) {
			if r := e.call("PutItem", object{"TableName": t.Name, "Item": it}); r.kind != "" {
				e.t.Logf("%v cannot be copied: %v", it, r)
			}
		}
	}
}
