package sam

import (
	"cmp"

	"github.com/crumb-go/crumb/internal/app"
	"github.com/crumb-go/crumb/internal/cfn"
)

// table reads the keys and indexes of an AWS::DynamoDB::Table or
// GlobalTable, whose replicas are in other regions, or of an AWS::Serverless::SimpleTable.
func (r *reading) table(f cfn.Field) {
	p := f.Value.Get("Properties")
	t := app.Table{Name: cmp.Or(r.Resolve("", p.Get("TableName")).Text, f.Key), Types: map[string]string{}}
	t.Keys = keys(r.Resolve("", p.Get("KeySchema")))
	for _, a := range r.Resolve("", p.Get("AttributeDefinitions")).Items {
		if kind := a.Get("AttributeType").Str(); kind == "S" || kind == "N" || kind == "B" {
			t.Types[a.Get("AttributeName").Str()] = kind
		}
	}
	if t.Keys == nil { // a SimpleTable
		name := cmp.Or(r.Resolve("", p.Get("PrimaryKey", "Name")).Text, "id")
		kind := cmp.Or(r.Resolve("", p.Get("PrimaryKey", "Type")).Text, "String")
		t.Keys, t.Types[name] = []string{name}, map[string]string{"String": "S", "Number": "N", "Binary": "B"}[kind]
	}
	if ttl := r.Resolve("", p.Get("TimeToLiveSpecification")); ttl.Get("Enabled").Str() == "true" {
		t.TTL = ttl.Get("AttributeName").Str()
	}
	for _, kind := range []string{"GlobalSecondaryIndexes", "LocalSecondaryIndexes"} {
		for _, index := range r.Resolve("", p.Get(kind)).Items {
			i := app.Index{
				Name:       index.Get("IndexName").Str(),
				Keys:       keys(index.Get("KeySchema")),
				Global:     kind == "GlobalSecondaryIndexes",
				Projection: index.Get("Projection", "ProjectionType").Str(),
			}
			if some := index.Get("Projection", "NonKeyAttributes"); some != nil {
				i.Attributes = some.Texts()
			}
			if i.Name == "" || i.Keys == nil || i.Projection == "" {
				r.Refuse(index.Line, "%s needs an IndexName, a KeySchema with a HASH key and a ProjectionType", kind)
				continue
			}
			t.Indexes = append(t.Indexes, i)
		}
	}
	r.app.Tables = append(r.app.Tables, t)
}

// keys returns the attributes of a KeySchema, the partition key first.
func keys(schema *cfn.Value) (names []string) {
	if schema == nil {
		return nil
	}
	for _, want := range []string{"HASH", "RANGE"} {
		for _, key := range schema.Items {
			if key.Get("KeyType").Str() == want {
				names = append(names, key.Get("AttributeName").Str())
			}
		}
	}
	return names
}
