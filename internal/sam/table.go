package sam

import (
	"cmp"

	"github.com/crumb-go/crumb/internal/app"
	"github.com/crumb-go/crumb/internal/cfn"
)

// table reads the name and the key of an AWS::DynamoDB::Table or an
// AWS::Serverless::SimpleTable.
func (r *reading) table(f cfn.Field) {
	p := f.Value.Get("Properties")
	t := app.Table{Name: cmp.Or(r.Resolve("", p.Get("TableName")).Text, f.Key)}
	schema := r.Resolve("", p.Get("KeySchema"))
	for _, want := range []string{"HASH", "RANGE"} {
		for _, key := range schema.Items {
			if key.Get("KeyType").Str() == want {
				t.Keys = append(t.Keys, key.Get("AttributeName").Str())
			}
		}
	}
	if t.Keys == nil { // a SimpleTable
		t.Keys = []string{cmp.Or(r.Resolve("", p.Get("PrimaryKey", "Name")).Text, "id")}
	}
	r.app.Tables = append(r.app.Tables, t)
}
