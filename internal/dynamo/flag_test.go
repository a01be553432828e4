package dynamo_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/crumb-go/crumb/internal/dynamo"
)

func TestParseTables(t *testing.T) {
	for _, tc := range []struct{ texts, want string }{
		{"", "[]"},
		{"orders=id", "[{orders [id] map[id:S] [] }]"},
		{"orders/by-state=state,created:n orders=customer,created:N other=k:B",
			"[{orders [customer created] map[created:N customer:S state:S] [{by-state [state created] true ALL []}] } {other [k] map[k:B] [] }]"},
		{"orders=id orders=pk", "--table orders=pk: is there twice"},
		{"orders", "--table orders: is not like orders=id, orders=customer,created:N or orders/by-state=state"},
		{"orders/by-state=state", "--table orders/by-state=state: is an index of no other --table, such as orders=id"},
		{"orders=", "--table orders=: names no attribute for a key"},
		{"orders=a,b,c", "--table orders=a,b,c: has more than a partition key and a sort key"},
		{"orders=a orders/by-a=a:N", "--table orders/by-a=a:N: a has the types S and N"},
		{"orders=a:X", "--table orders: 1 validation error detected: Value 'X' at 'attributeDefinitions.1.member.attributeType' failed to satisfy constraint: Member must satisfy enum value set: [B, N, S]"},
		{"ab=a", "--table ab: 1 validation error detected: Value 'ab' at 'tableName' failed to satisfy constraint: Member must have length greater than or equal to 3"},
		{"orders=a orders/b=a", "--table orders: 1 validation error detected: Value 'b' at 'globalSecondaryIndexes.1.member.indexName' failed to satisfy constraint: Member must have length greater than or equal to 3"},
	} {
		tables, err := dynamo.ParseTables(strings.Fields(tc.texts))
		got := fmt.Sprint(tables)
		if err != nil {
			got = err.Error()
		}
		if got != tc.want {
			t.Errorf("%s: %s, want %s", tc.texts, got, tc.want)
		}
	}
}
