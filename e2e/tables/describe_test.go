package tables_test

import (
	"maps"
	"slices"
	"strings"
)

// simple is the definition of a table that is made and deleted.
var simple = object{
	"TableName": "Simple", "BillingMode": "PAY_PER_REQUEST",
	"AttributeDefinitions": []object{{"AttributeName": "id", "AttributeType": "S"}}, "KeySchema": []object{{"AttributeName": "id", "KeyType": "HASH"}},
}

func ttl(table string, enabled bool) object {
	return object{"TableName": table, "TimeToLiveSpecification": object{"Enabled": enabled, "AttributeName": "at"}}
}

// descriptions are requests about tables, in order.
var descriptions = []struct {
	operation string
	body      object
}{
	{"DescribeTable", object{"TableName": tables[0].Name}},
	{"DescribeTable", object{"TableName": tables[1].Name}},
	{"DescribeTable", object{"TableName": "Missing"}},
	{"ListTables", object{}},
	{"ListTables", object{"Limit": 1}},
	{"ListTables", object{"ExclusiveStartTableName": "O"}},
	{"CreateTable", simple},
	{"CreateTable", simple},
	{"ListTables", object{}},
	{"DescribeTimeToLive", object{"TableName": "Simple"}},
	{"UpdateTimeToLive", ttl("Simple", true)},
	{"DescribeTimeToLive", object{"TableName": "Simple"}},
	{"UpdateTimeToLive", ttl("Missing", true)},
	{"DeleteTable", object{"TableName": "Simple"}},
	{"DeleteTable", object{"TableName": "Simple"}},
	{"DescribeTable", object{"TableName": "Simple"}},
	{"ListTables", object{}},
}

// comparable removes from a response what differs for good reasons: times, ids, the
// account, the order of definitions and states on the way to another.
func comparable(body object) {
	for _, name := range []string{"Table", "TableDescription"} {
		t, ok := body[name].(object)
		if !ok {
			continue
		}
		keep := strings.Fields("AttributeDefinitions TableName KeySchema ItemCount TableSizeBytes LocalSecondaryIndexes GlobalSecondaryIndexes")
		if name == "Table" {
			keep = append(keep, "TableStatus")
		}
		maps.DeleteFunc(t, func(name string, _ any) bool { return !slices.Contains(keep, name) })
		sortTexts(t["AttributeDefinitions"].([]any))
		for _, kind := range []string{"LocalSecondaryIndexes", "GlobalSecondaryIndexes"} {
			indexes, _ := t[kind].([]any)
			if len(indexes) == 0 {
				delete(t, kind)
			}
			for _, i := range indexes {
				maps.DeleteFunc(i.(object), func(name string, _ any) bool {
					return !slices.Contains([]string{"IndexName", "KeySchema", "Projection"}, name)
				})
			}
		}
	}
}
