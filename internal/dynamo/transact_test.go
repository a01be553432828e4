package dynamo_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/crumb-go/crumb/internal/app"
	"github.com/crumb-go/crumb/internal/dynamo"
)

// Transactions, each after those before; a wrong one changes nothing.
func TestTransactions(t *testing.T) {
	s, _ := start(t, simple, dynamo.Table{Name: "Q", Keys: []string{"p", "s"}, Types: map[string]string{"p": "S", "s": "N"}},
		dynamo.Table{Name: "I", Keys: []string{"k"}, Types: map[string]string{"k": "S", "i": "S"}, Indexes: []app.Index{{Name: "by-i", Keys: []string{"i"}, Global: true, Projection: "ALL"}}})
	const (
		cancelled = "Transaction cancelled, please refer cancellation reasons for specific reasons "
		b         = `"TableName":"T","Key":{"id":{"S":"b"}}`
		putA      = `{"Put":{"TableName":"T","Item":{"id":{"S":"a"},"n":{"N":"1"}}}}`
		putNew    = `{"Put":{"TableName":"T","Item":{"id":{"S":"a"}},"ConditionExpression":"attribute_not_exists(id)","ReturnValuesOnConditionCheckFailure":"ALL_OLD"}}`
		addOne    = `"ExpressionAttributeValues":{":1":{"N":"1"}}`
		all       = `{"Items":[{"id":{"S":"c"}},{"id":{"S":"a"},"n":{"N":"2"}}],"Count":2,"ScannedCount":2}`
	)
	for _, tc := range []struct{ name, items, want string }{
		{"put-and-check", putA + `,{"ConditionCheck":{` + b + `,"ConditionExpression":"attribute_not_exists(id)"}},{"Put":{"TableName":"Q","Item":{"p":{"S":"a"},"s":{"N":"1"}}}}`, `{}`},
		{"update-put-and-delete", `{"Update":{"TableName":"T","Key":{"id":{"S":"a"}},"UpdateExpression":"SET n = n + :1",` + addOne + `}},{"Put":{"TableName":"T","Item":{"id":{"S":"c"}}}},{"Delete":{"TableName":"Q","Key":{"p":{"S":"a"},"s":{"N":"1"}}}}`, `{}`},
		{"condition", `{"Put":{"TableName":"T","Item":{"id":{"S":"x"}}}},` + putNew + `,{"ConditionCheck":{` + b + `,"ConditionExpression":"attribute_exists(id)"}}`,
			cancelled + `[None, ConditionalCheckFailed, ConditionalCheckFailed]","CancellationReasons":[{"Code":"None"},{"Code":"ConditionalCheckFailed","Message":"The conditional request failed","Item":{"id":{"S":"a"},"n":{"N":"2"}}},{"Code":"ConditionalCheckFailed","Message":"The conditional request failed"}]`},
		{"update-fails", `{"Delete":{"TableName":"T","Key":{"id":{"S":"a"}}}},{"Update":{"TableName":"T","Key":{"id":{"S":"c"}},"UpdateExpression":"SET x = n + :1",` + addOne + `}}`,
			cancelled + `[None, ValidationError]","CancellationReasons":[{"Code":"None"},{"Code":"ValidationError","Message":"The provided expression refers to an attribute that does not exist in the item"}]`},
		{"keys-before-conditions", putNew + `,{"Delete":{"TableName":"Q","Key":{"p":{"S":"a"}}}},{"Put":{"TableName":"Q","Item":{"p":{"S":"a"},"s":{"S":"1"}}}}`,
			cancelled + `[None, ValidationError, ValidationError]","CancellationReasons":[{"Code":"None"},{"Code":"ValidationError","Message":"The provided key element does not match the schema"},{"Code":"ValidationError","Message":"One or more parameter values were invalid: Type mismatch for key s expected: N actual: S"}]`},
		{"one-item-twice", putA + `,{"Delete":{"TableName":"T","Key":{"id":{"S":"a"}}}}`, "ValidationException\",\"message\":\"Transaction request cannot include multiple operations on one item"},
		{"one-item-twice-of-which-one-does-not-fit", `{"Delete":{"TableName":"I","Key":{"k":{"S":"a"}}}},{"Put":{"TableName":"I","Item":{"k":{"S":"a"},"i":{"N":"1"}}}}`, "Transaction request cannot include multiple operations on one item"},
		{"index-key", `{"Put":{"TableName":"I","Item":{"k":{"S":"a"},"i":{"N":"1"}}}}`, cancelled + `[ValidationError]","CancellationReasons":[{"Code":"ValidationError","Message":"One or more parameter values were invalid: Type mismatch for Index Key i Expected: S Actual: N IndexName: by-i"}]`},
		{"empty-key", `{"Put":{"TableName":"T","Item":{"id":{"S":""}}}}`, "ValidationException\",\"message\":\"One or more parameter values are not valid. The AttributeValue for a key attribute cannot contain an empty string value. Key: id"},
		{"none", ``, "Value '[]' at 'transactItems' failed to satisfy constraint: Member must have length greater than or equal to 1"},
		{"too-many", repeat(101, `{"Put":{"TableName":"T","Item":{"id":{"S":"%d"}}}}`), "failed to satisfy constraint: Member must have length less than or equal to 100"},
		{"too-large", repeat(11, `{"Put":{"TableName":"T","Item":{"id":{"S":"%d"},"x":{"S":"`+strings.Repeat("x", 390_000)+`"}}}}`), "Transaction request exceeds the 4MB transaction size limit"},
		{"no-table", `{"Delete":{"TableName":"U","Key":{"id":{"S":"a"}}}}`, "ResourceNotFoundException"},
		{"no-table-name", `{"Delete":{"Key":{"id":{"S":"a"}}}}`, "Value null at 'transactItems.1.member.delete.tableName' failed to satisfy constraint: Member must not be null"},
		{"no-condition", putA + `,{"ConditionCheck":{` + b + `}}`, "Value null at 'transactItems.2.member.conditionCheck.conditionExpression'"},
		{"no-update", `{"Update":{` + b + `}}`, "Value null at 'transactItems.1.member.update.updateExpression'"},
		{"no-operation", `{}`, "TransactWriteRequest should contain Delete or Put or Update or ConditionCheck"},
		{"syntax", `{"Delete":{` + b + `,"ConditionExpression":"id"}}`, "ValidationException\",\"message\":\"Invalid ConditionExpression: "},
		{"parameter", `{"Delete":{` + b + `,"ReturnValues":"ALL_OLD"}}`, "crumb does not support the parameter ReturnValues"},
		{"unknown", `{"Get":{` + b + `}}`, "crumb does not support the parameter Get"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			status, text := call(t, s.URL, "TransactWriteItems", `{"TransactItems":[`+tc.items+`],"ReturnItemCollectionMetrics":"NONE"}`)
			if text = strings.TrimSpace(text); (status == 200) != (tc.want == "{}") || !strings.Contains(text, tc.want) {
				t.Errorf("%d %s, want %s", status, text, tc.want)
			}
			if scanned := good(t, s, "Scan", `{"TableName":"T"}`); tc.want != "{}" && !same(t, scanned, all) {
				t.Errorf("after it: %s", scanned)
			}
		})
	}

	if got, want := good(t, s, "TransactGetItems", `{"TransactItems":[{"Get":{`+b+`}},{"Get":{"TableName":"T","Key":{"id":{"S":"a"}},"ProjectionExpression":"n"}}],"ReturnConsumedCapacity":"TOTAL"}`),
		`{"Responses":[{},{"Item":{"n":{"N":"2"}}}],"ConsumedCapacity":[{"TableName":"T","CapacityUnits":4}]}`; !same(t, got, want) {
		t.Errorf("TransactGetItems: %s, want %s", got, want)
	}
	if status, text := call(t, s.URL, "TransactGetItems", `{"TransactItems":[{"Get":{"TableName":"T","Key":{"x":{"S":"a"}}}}]}`); status != 400 || !strings.Contains(text, cancelled+"[ValidationError]") {
		t.Errorf("TransactGetItems: %d %s", status, text)
	}
}

// A ClientRequestToken makes a transaction one that is done once.
func TestRequestToken(t *testing.T) {
	s, _ := start(t, simple)
	add := func(expression, values string) (int, string) {
		return call(t, s.URL, "TransactWriteItems", fmt.Sprintf(`{"ClientRequestToken":"t","ReturnConsumedCapacity":"TOTAL","TransactItems":[{"Update":{"TableName":"T","Key":{"id":{"S":"a"}},%s,"ExpressionAttributeValues":{%s}}}]}`, expression, values))
	}
	const sum = `"UpdateExpression":"ADD n :1, m :2"`
	for _, values := range []string{`":1":{"N":"1"},":2":{"N":"2"}`, `":2":{"N":"2"},":1":{"N":"1"}`} {
		if status, text := add(sum, values); status != 200 {
			t.Fatalf("%d %s", status, text)
		}
	}
	if status, text := add(sum, `":1":{"N":"1"},":2":{"N":"3"}`); status != 400 || !strings.Contains(text, "IdempotentParameterMismatchException") {
		t.Errorf("another transaction: %d %s", status, text)
	}
	if got, want := good(t, s, "Scan", `{"TableName":"T"}`), `{"Items":[{"id":{"S":"a"},"m":{"N":"2"},"n":{"N":"1"}}],"Count":1,"ScannedCount":1}`; !same(t, got, want) {
		t.Errorf("%s, want %s", got, want)
	}
}
