package dynamo_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/crumb-go/crumb/internal/app"
	"github.com/crumb-go/crumb/internal/dynamo"
)

// Requests that are wrong, or not supported. They change nothing.
func TestRejections(t *testing.T) {
	s, _ := start(t, dynamo.Table{Name: "T", Keys: []string{"id"}, Types: map[string]string{"id": "S"}}, dynamo.Table{Name: "Q", Keys: []string{"p", "s"}})
	const a, put = `"TableName":"T","Key":{"id":{"S":"a"}}`, `{"TableName":"T","Item":{"id":{"S":"a"},"x":%s}}`
	const invalid = "One or more parameter values were invalid: "
	item := func(v string) string { return fmt.Sprintf(put, v) }
	for _, tc := range []struct{ name, operation, body, want string }{
		{"operation", "ExecuteTransaction", `{}`, "UnknownOperationException: crumb does not support DynamoDB's ExecuteTransaction"},
		{"how-to-leave", "ExecuteStatement", `{}`, "; to use another DynamoDB, such as an emulator, set AWS_ENDPOINT_URL_DYNAMODB with --env-vars"},
		{"no-json", "GetItem", `{`, "SerializationException: unexpected end"},
		{"wrong-json", "GetItem", `{"TableName":5}`, "SerializationException: "},
		{"no-table", "GetItem", `{"TableName":"U","Key":{"id":{"S":"a"}}}`, "ResourceNotFoundException: Requested resource not found: neither the template, CreateTable nor crumb run --table has the table U"},
		{"empty-name", "GetItem", `{"TableName":"","ReturnConsumedCapacity":"X"}`, "1 validation error detected: Value '' at 'tableName' failed to satisfy constraint: Member must have length greater than or equal to 1"},
		{"odd-name", "GetItem", `{"TableName":"a b"}`, "Value 'a b' at 'tableName' failed to satisfy constraint: Member must satisfy regular expression pattern: [a-zA-Z0-9_.-]+"},
		{"no-name", "GetItem", `{"Key":{"id":{"S":"a"}}}`, "ValidationException: 1 validation error detected: Value null at 'tableName' failed to satisfy constraint: Member must not be null"},
		{"old-parameter", "PutItem", `{"TableName":"T","Item":{"id":{"S":"a"}},"Expected":{}}`, "crumb does not support the parameter Expected; to use another"},
		{"old-and-new", "Scan", `{"TableName":"T","AttributesToGet":["x"],"ProjectionExpression":"x","FilterExpression":"attribute_exists(x)"}`, "Can not use both expression and non-expression parameters in the same request: Non-expression parameters: {AttributesToGet} Expression parameters: {ProjectionExpression, FilterExpression}"},
		{"no-attributes", "GetItem", `{` + a + `,"AttributesToGet":[]}`, "Value '[]' at 'attributesToGet' failed to satisfy constraint: Member must have length greater than or equal to 1"},
		{"equal-attributes", "GetItem", `{` + a + `,"AttributesToGet":["x","y","x"]}`, invalid + "Duplicate value in AttributesToGet: x"},
		{"unknown-parameter", "GetItem", `{` + a + `,"Zap":1}`, "crumb does not support the parameter Zap"},
		{"not-for-this", "GetItem", `{` + a + `,"FilterExpression":"x"}`, "crumb does not support the parameter FilterExpression"},
		{"no-type", "PutItem", item(`{}`), "Supplied AttributeValue is empty, must contain exactly one of the supported datatypes"},
		{"unknown-type", "PutItem", item(`{"X":"x"}`), "Supplied AttributeValue is empty"},
		{"two-types", "PutItem", item(`{"S":"a","N":"1"}`), "Supplied AttributeValue has more than one datatypes set"},
		{"no-object", "PutItem", item(`"x"`), "SerializationException: an attribute value is not an object"},
		{"number-in-a-list", "PutItem", item(`{"L":[{"N":"one"}]}`), "The parameter cannot be converted to a numeric value: one"},
		{"number-as-a-number", "PutItem", item(`{"N":1}`), "SerializationException: 1 is not of the type N"},
		{"no-base64", "PutItem", item(`{"B":"?"}`), "SerializationException: "},
		{"false-null", "PutItem", item(`{"NULL":false}`), invalid + "Null attribute value types must have the value of true"},
		{"empty-texts", "PutItem", item(`{"SS":[]}`), invalid + "An string set  may not be empty"},
		{"empty-numbers", "PutItem", item(`{"NS":[]}`), invalid + "An number set  may not be empty"},
		{"empty-bytes", "PutItem", item(`{"M":{"x":{"BS":[]}}}`), invalid + "Binary sets should not be empty"},
		{"equal-texts", "PutItem", item(`{"SS":["b","a","b"]}`), invalid + "Input collection [b, a, b] contains duplicates."},
		{"equal-numbers", "PutItem", item(`{"NS":["1","1.0"]}`), "Input collection contains duplicates"},
		{"equal-bytes", "PutItem", item(`{"BS":["AA==","AA=="]}`), "Input collection [AA==, AA==] contains duplicates."},
		{"no-key", "PutItem", `{"TableName":"T","Item":{"n":{"N":"1"}}}`, invalid + "Missing the key id in the item"},
		{"key-of-another-type", "PutItem", `{"TableName":"T","Item":{"id":{"N":"1"}}}`, invalid + "Type mismatch for key id expected: S actual: N"},
		{"key-that-is-a-list", "PutItem", `{"TableName":"Q","Item":{"p":{"L":[]},"s":{"S":"s"}}}`, "Type mismatch for key p expected: S, N or B actual: L"},
		{"empty-key", "PutItem", `{"TableName":"T","Item":{"id":{"S":""}}}`, "The AttributeValue for a key attribute cannot contain an empty string value. Key: id"},
		{"long-key", "PutItem", `{"TableName":"Q","Item":{"p":{"S":"` + strings.Repeat("x", 2049) + `"},"s":{"S":"s"}}}`, "Size of hashkey has exceeded the maximum size limit of2048 bytes"},
		{"long-sort-key", "PutItem", `{"TableName":"Q","Item":{"p":{"S":"p"},"s":{"S":"` + strings.Repeat("x", 1025) + `"}}}`, "exceeded the size limit of 1024 bytes"},
		{"get-empty-key", "GetItem", `{"TableName":"T","Key":{"id":{"S":""}}}`, "cannot contain an empty string value. Key: id"},
		{"get-another-type", "GetItem", `{"TableName":"T","Key":{"id":{"N":"1"}}}`, "The provided key element does not match the schema"},
		{"more-key", "GetItem", `{"TableName":"T","Key":{"id":{"S":"a"},"b":{"S":"b"}}}`, "The provided key element does not match the schema"},
		{"half-a-key", "GetItem", `{"TableName":"Q","Key":{"p":{"S":"a"}}}`, "The provided key element does not match the schema"},
		{"return-values", "DeleteItem", `{` + a + `,"ReturnValues":"UPDATED_OLD"}`, "Return values set to invalid value"},
		{"wrong-enums", "DeleteItem", `{` + a + `,"ReturnValues":"X","ReturnConsumedCapacity":"Y"}`, "2 validation errors detected: Value 'Y' at 'returnConsumedCapacity' failed to satisfy constraint: Member must satisfy enum value set: [INDEXES, TOTAL, NONE]; Value 'X' at 'returnValues'"},
		{"capacity-of-indexes", "GetItem", `{` + a + `,"ReturnConsumedCapacity":"INDEXES"}`, "crumb does not support ReturnConsumedCapacity INDEXES, only TOTAL; to use another"},
		{"segments", "Scan", `{"TableName":"T","Segment":0,"TotalSegments":2}`, "crumb does not support the parameter Segment"},
		{"unused-value", "DeleteItem", `{` + a + `,"ConditionExpression":"attribute_exists(id)","ExpressionAttributeValues":{":b":{"S":"a"},":a":{"S":"a"}}}`, "Value provided in ExpressionAttributeValues unused in expressions: keys: {:a, :b}"},
		{"unused-name", "DeleteItem", `{` + a + `,"ConditionExpression":"attribute_exists(id)","ExpressionAttributeNames":{"#a":"a"}}`, "Value provided in ExpressionAttributeNames unused in expressions: keys: {#a}"},
		{"values-without-an-expression", "PutItem", `{"TableName":"T","Item":{"id":{"S":"a"}},"ExpressionAttributeValues":{":a":{"S":"a"}}}`, "Value provided in ExpressionAttributeValues unused in expressions: keys: {:a}"},
		{"names-without-an-expression", "GetItem", `{` + a + `,"ExpressionAttributeNames":{"#a":"a"}}`, "Value provided in ExpressionAttributeNames unused in expressions: keys: {#a}"},
		{"no-values", "DeleteItem", `{` + a + `,"ConditionExpression":"attribute_exists(id)","ExpressionAttributeValues":{}}`, "ExpressionAttributeValues must not be empty"},
		{"no-names", "DeleteItem", `{` + a + `,"ConditionExpression":"attribute_exists(id)","ExpressionAttributeNames":{}}`, "ExpressionAttributeNames must not be empty"},
		{"value-without-colon", "DeleteItem", `{` + a + `,"ConditionExpression":"id = :a","ExpressionAttributeValues":{"a":{"S":"a"}}}`, "An expression attribute value used in expression is not defined; attribute value: :a"},
		{"name-without-hash", "DeleteItem", `{` + a + `,"ConditionExpression":"attribute_exists(id)","ExpressionAttributeNames":{"a":"a"}}`, "Value provided in ExpressionAttributeNames unused in expressions: keys: {a}"},
		{"too-large", "PutItem", item(`{"S":"` + strings.Repeat("x", 400<<10) + `"}`), "Item size has exceeded the maximum allowed size"},
		{"batch-of-nothing", "BatchWriteItem", `{"RequestItems":{}}`, "The requestItems parameter is required for BatchWriteItem"},
		{"batch-of-too-many", "BatchWriteItem", `{"RequestItems":{"T":[` + repeat(26, `{"PutRequest":{"Item":{"id":{"S":"%d"}}}}`) + `]}}`, "Member must have length less than or equal to 25"},
		{"batch-twice", "BatchWriteItem", `{"RequestItems":{"T":[{"PutRequest":{"Item":{"id":{"S":"a"}}}},{"DeleteRequest":{"Key":{"id":{"S":"a"}}}}]}}`, "Provided list of item keys contains duplicates"},
		{"batch-half-wrong", "BatchWriteItem", `{"RequestItems":{"T":[{"PutRequest":{"Item":{"id":{"S":"a"}}}},{"PutRequest":{"Item":{"id":{"N":"1"}}}}]}}`, "Type mismatch for key id"},
		{"batch-half-missing", "BatchWriteItem", `{"RequestItems":{"T":[{"PutRequest":{"Item":{"id":{"S":"a"}}}}],"U":[{"DeleteRequest":{"Key":{"id":{"S":"a"}}}}]}}`, "ResourceNotFoundException"},
		{"batch-of-conditions", "BatchWriteItem", `{"RequestItems":{"T":[{"PutRequest":{"Item":{"id":{"S":"a"}},"ConditionExpression":"x"}}]}}`, "crumb does not support the parameter ConditionExpression"},
		{"batch-of-neither", "BatchWriteItem", `{"RequestItems":{"T":[{}]}}`, "ValidationException"},
		{"capacity-of-a-batch", "BatchGetItem", `{"RequestItems":{},"ReturnConsumedCapacity":"TOTAL"}`, "crumb does not support the parameter ReturnConsumedCapacity"},
		{"get-nothing", "BatchGetItem", `{"RequestItems":{}}`, "The requestItems parameter is required for BatchGetItem"},
		{"get-no-keys", "BatchGetItem", `{"RequestItems":{"T":{"Keys":[]}}}`, "Member must have length greater than or equal to 1"},
		{"get-too-many", "BatchGetItem", `{"RequestItems":{"T":{"Keys":[` + repeat(101, `{"id":{"S":"%d"}}`) + `]}}}`, "Value at 'RequestItems.T.member.Keys' failed to satisfy constraint: Member must have length less than or equal to 100"},
		{"get-too-many-of-both", "BatchGetItem", `{"RequestItems":{"T":{"Keys":[` + repeat(51, `{"id":{"S":"%d"}}`) + `]},"Q":{"Keys":[` + repeat(50, `{"p":{"S":"%d"},"s":{"S":""}}`) + `]}}}`, "Too many items requested for the BatchGetItem call"},
		{"get-twice", "BatchGetItem", `{"RequestItems":{"Q":{"Keys":[{"p":{"N":"1"},"s":{"N":"2"}},{"p":{"N":"1.0"},"s":{"N":"2"}}]}}}`, "Provided list of item keys contains duplicates"},
		{"get-by-old-parameter", "BatchGetItem", `{"RequestItems":{"T":{"Keys":[{"id":{"S":"a"}}],"AttributesToGet":["x"]}}}`, "crumb does not support the parameter AttributesToGet"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			status, body := call(t, s.URL, tc.operation, tc.body)
			text := strings.NewReplacer(`{"__type":"com.amazonaws.dynamodb.v20120810#`, "", `","message":"`, ": ").Replace(body)
			if status != 400 || !strings.Contains(text, tc.want) {
				t.Errorf("%d %s, want 400 with %s", status, text, tc.want)
			}
		})
	}
	for _, table := range []string{"T", "Q"} {
		if body := good(t, s, "Scan", `{"TableName":"`+table+`"}`); body != `{"Items":[],"Count":0,"ScannedCount":0}` {
			t.Errorf("something was stored: %s", body)
		}
	}
}

// repeat returns n JSON values, each with its number.
func repeat(n int, format string) string {
	all := make([]string, n)
	for i := range all {
		all[i] = fmt.Sprintf(format, i)
	}
	return strings.Join(all, ",")
}

// The responses of single items, each after the calls before.
func TestResponses(t *testing.T) {
	s, _ := start(t, simple)
	const (
		a    = `"TableName":"T","Key":{"id":{"S":"a"}}`
		none = `"ConditionExpression":"attribute_not_exists(id)"`
		two  = `"ExpressionAttributeValues":{":n":{"N":"2"}}`
	)
	for _, tc := range []struct{ name, operation, body, want string }{
		{"get-nothing", "GetItem", `{` + a + `}`, `{}`},
		{"get-consistently", "GetItem", `{` + a + `,"ConsistentRead":true,"ReturnConsumedCapacity":"TOTAL"}`, `{"ConsumedCapacity":{"TableName":"T","CapacityUnits":1}}`},
		{"delete-nothing", "DeleteItem", `{` + a + `,"ReturnValues":"ALL_OLD"}`, `{}`},
		{"remove-from-nothing", "UpdateItem", `{` + a + `,"UpdateExpression":"REMOVE m.x","ReturnValues":"ALL_NEW"}`, `{}`},
		{"set-and-remove-from-nothing", "UpdateItem", `{"TableName":"T","Key":{"id":{"S":"z"}},"UpdateExpression":"REMOVE m.x, l[0] SET k = :z","ExpressionAttributeValues":{":z":{"S":"z"}},"ReturnValues":"ALL_NEW"}`, `{"Attributes":{"id":{"S":"z"},"k":{"S":"z"}}}`},
		{"delete-that", "DeleteItem", `{"TableName":"T","Key":{"id":{"S":"z"}}}`, `{}`},
		{"makes-no-item", "GetItem", `{` + a + `}`, `{}`},
		{"update-makes-the-item", "UpdateItem", `{` + a + `,"UpdateExpression":"SET s = :x","ExpressionAttributeValues":{":x":{"S":"1"}}}`, `{}`},
		{"get-it", "GetItem", `{` + a + `}`, `{"Item":{"id":{"S":"a"},"s":{"S":"1"}}}`},
		{"by-arn", "GetItem", `{"TableName":"arn:aws:dynamodb:us-east-1:123456789012:table/T","Key":{"id":{"S":"a"}}}`, `{"Item":{"id":{"S":"a"},"s":{"S":"1"}}}`},
		{"update-returns-none", "UpdateItem", `{` + a + `,"UpdateExpression":"ADD n :n",` + two + `,"ReturnValues":"NONE"}`, `{}`},
		{"updated-new", "UpdateItem", `{` + a + `,"UpdateExpression":"  ADD n :n, m :n SET t = s  ",` + two + `,"ReturnValues":"UPDATED_NEW"}`, `{"Attributes":{"m":{"N":"2"},"n":{"N":"4"},"t":{"S":"1"}}}`},
		{"updated-old", "UpdateItem", `{` + a + `,"UpdateExpression":"ADD n :n SET k = :n REMOVE t",` + two + `,"ReturnValues":"UPDATED_OLD"}`, `{"Attributes":{"n":{"N":"4"},"t":{"S":"1"}}}`},
		{"all-new", "UpdateItem", `{` + a + `,"UpdateExpression":"REMOVE k","ReturnValues":"ALL_NEW"}`, `{"Attributes":{"id":{"S":"a"},"m":{"N":"2"},"n":{"N":"6"},"s":{"S":"1"}}}`},
		{"all-old", "UpdateItem", `{` + a + `,"UpdateExpression":"SET n = :n",` + two + `,"ReturnValues":"ALL_OLD"}`, `{"Attributes":{"id":{"S":"a"},"m":{"N":"2"},"n":{"N":"6"},"s":{"S":"1"}}}`},
		{"nothing-updated-new", "UpdateItem", `{` + a + `,"UpdateExpression":"REMOVE m","ReturnValues":"UPDATED_NEW"}`, `{}`},
		{"half-of-an-update", "UpdateItem", `{` + a + `,"UpdateExpression":"SET s = :n, n = s + :n",` + two + `}`, `An operand in the update expression has an incorrect data type`},
		{"put-fails", "PutItem", `{"TableName":"T","Item":{"id":{"S":"a"}},` + none + `}`, `The conditional request failed"}`},
		{"put-fails-with-old", "PutItem", `{"TableName":"T","Item":{"id":{"S":"a"}},` + none + `,"ReturnValuesOnConditionCheckFailure":"ALL_OLD"}`,
			`The conditional request failed","Item":{"id":{"S":"a"},"n":{"N":"2"},"s":{"S":"1"}}}`},
		{"update-fails", "UpdateItem", `{` + a + `,"UpdateExpression":"SET n = :n",` + two + `,` + none + `}`, `The conditional request failed"}`},
		{"delete-fails", "DeleteItem", `{` + a + `,` + none + `}`, `The conditional request failed"}`},
		{"nothing-changed", "GetItem", `{` + a + `}`, `{"Item":{"id":{"S":"a"},"n":{"N":"2"},"s":{"S":"1"}}}`},
		{"put-replaces", "PutItem", `{"TableName":"T","Item":{"id":{"S":"a"},"b":{"B":"AAE="}},"ReturnValues":"ALL_OLD"}`, `{"Attributes":{"id":{"S":"a"},"n":{"N":"2"},"s":{"S":"1"}}}`},
		{"get-bytes", "GetItem", `{` + a + `}`, `{"Item":{"b":{"B":"AAE="},"id":{"S":"a"}}}`},
		{"delete-returns-none", "DeleteItem", `{` + a + `}`, `{}`},
		{"get-nothing-again", "GetItem", `{` + a + `}`, `{}`},
		{"put-where-none-is", "PutItem", `{"TableName":"T","Item":{"id":{"S":"a"}},` + none + `}`, `{}`},
		{"delete-returns-old", "DeleteItem", `{` + a + `,"ReturnValues":"ALL_OLD","ReturnConsumedCapacity":"TOTAL"}`, `{"Attributes":{"id":{"S":"a"}},"ConsumedCapacity":{"TableName":"T","CapacityUnits":1}}`},
		{"update-without-expression", "UpdateItem", `{` + a + `,"ReturnValues":"ALL_NEW"}`, `{"Attributes":{"id":{"S":"a"}}}`},
		{"batch-write", "BatchWriteItem", `{"RequestItems":{"T":[{"DeleteRequest":{"Key":{"id":{"S":"a"}}}},{"PutRequest":{"Item":{"id":{"S":"b"},"x":{"S":"x"}}}}]}}`,
			`{"UnprocessedItems":{}}`},
		{"batch-get", "BatchGetItem", `{"RequestItems":{"T":{"Keys":[{"id":{"S":"a"}},{"id":{"S":"b"}}],"ProjectionExpression":"#x","ExpressionAttributeNames":{"#x":"x"}}}}`,
			`{"Responses":{"T":[{"x":{"S":"x"}}]},"UnprocessedKeys":{}}`},
	} {
		t.Run(tc.name, func(t *testing.T) {
			status, text := call(t, s.URL, tc.operation, tc.body)
			wantError := !strings.HasPrefix(tc.want, "{")
			if text = strings.TrimSpace(text); (status == 400) != wantError || !wantError && (status != 200 || !same(t, text, tc.want)) || wantError && !strings.Contains(text, tc.want) {
				t.Errorf("%d %s, want %s", status, text, tc.want)
			}
		})
	}
}

// Every type comes back as it was, numbers and sets in one form.
func TestTypes(t *testing.T) {
	s, _ := start(t, simple)
	good(t, s, "PutItem", `{"TableName":"T","Item":`+everything+`}`)
	want := strings.NewReplacer(`"2.0"`, `"2"`, `"5.0"`, `"5"`).Replace(everything)
	if got := good(t, s, "Scan", `{"TableName":"T"}`); !same(t, got, `{"Items":[`+want+`],"Count":1,"ScannedCount":1}`) {
		t.Errorf("%s, want %s", got, want)
	}
	good(t, s, "PutItem", `{"TableName":"T","Item":{"id":{"S":"<&>"},"e":{"S":""},"eb":{"B":""},"el":{"L":[]},"em":{"M":{}},"ss":{"SS":["","b","a"]},"ns":{"NS":["10","9","-1"]}}}`)
	if got, want := good(t, s, "GetItem", `{"TableName":"T","Key":{"id":{"S":"<&>"}}}`),
		`{"Item":{"e":{"S":""},"eb":{"B":""},"el":{"L":[]},"em":{"M":{}},"id":{"S":"<&>"},"ns":{"NS":["-1","9","10"]},"ss":{"SS":["","a","b"]}}}`; !same(t, got, want) {
		t.Errorf("%s, want %s", got, want)
	}
}

// A BatchGetItem has at most 16 MB.
func TestLargeBatch(t *testing.T) {
	s, _ := start(t, simple)
	for i := range 45 {
		good(t, s, "PutItem", fmt.Sprintf(`{"TableName":"T","Item":{"id":{"S":"%d"},"x":{"S":"%s"}}}`, i, strings.Repeat("x", 390<<10)))
	}
	text := good(t, s, "BatchGetItem", `{"RequestItems":{"T":{"Keys":[`+repeat(45, `{"id":{"S":"%d"}}`)+`]}}}`)
	if found, left := strings.Count(text, `"x":`), strings.Count(text[strings.Index(text, "UnprocessedKeys"):], `"id"`); found != 42 || left != 3 {
		t.Errorf("%d items and %d unprocessed keys, want 42 and 3", found, left)
	}
}

func TestOperations(t *testing.T) {
	if got := strings.Join(dynamo.Operations(), ", "); got != app.TableOperations {
		t.Errorf("app.TableOperations are %s, want %s", app.TableOperations, got)
	}
}
