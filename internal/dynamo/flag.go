package dynamo

import (
	"errors"
	"fmt"
	"slices"
	"strings"
)

// ParseTables reads tables and their global indexes from texts such as orders=id,
// orders=customer,created:N and orders/by-state=state, in any order: the keys, the
// partition's first, each with its type N or B if it is not S. Indexes have all
// attributes of their table.
func ParseTables(texts []string) (tables []Table, err error) {
	var defined []*definition // in the order of the texts
	var errs []error
	for _, isIndex := range []bool{false, true} {
		for _, text := range texts {
			left, keys, ok := strings.Cut(text, "=")
			name, ix, slash := strings.Cut(left, "/")
			if slash != isIndex {
				continue
			}
			i := slices.IndexFunc(defined, func(d *definition) bool { return *d.TableName == name })
			switch {
			case !ok:
				err = errors.New("is not like orders=id, orders=customer,created:N or orders/by-state=state")
			case isIndex && i < 0:
				err = fmt.Errorf("is an index of no other --table, such as %s=id", name)
			case isIndex:
				var schema []keyPart
				schema, err = defined[i].keys(keys)
				added := index{IndexName: ix, KeySchema: schema}
				added.Projection.ProjectionType = "ALL"
				defined[i].GlobalSecondaryIndexes = append(defined[i].GlobalSecondaryIndexes, added)
			case i >= 0:
				err = errors.New("is there twice")
			default:
				d := &definition{TableName: &name, BillingMode: "PAY_PER_REQUEST"}
				d.KeySchema, err = d.keys(keys)
				defined = append(defined, d)
			}
			if err != nil {
				errs = append(errs, fmt.Errorf("--table %s: %w", text, err))
			}
		}
	}
	if errs != nil {
		return nil, errors.Join(errs...)
	}
	for _, d := range defined {
		if err := d.check(); err != nil {
			errs = append(errs, fmt.Errorf("--table %s: %w", *d.TableName, err))
		}
		tables = append(tables, d.table().Table)
	}
	return tables, errors.Join(errs...)
}

// keys reads a key schema, and defines its attributes.
func (d *definition) keys(text string) (schema []keyPart, err error) {
	for key := range strings.SplitSeq(text, ",") {
		a := attributeType{key, "S"}
		if name, kind, ok := strings.Cut(key, ":"); ok {
			a = attributeType{name, strings.ToUpper(kind)}
		}
		i := slices.IndexFunc(d.AttributeDefinitions, func(other attributeType) bool { return other.AttributeName == a.AttributeName })
		switch {
		case a.AttributeName == "":
			return nil, errors.New("names no attribute for a key")
		case len(schema) == 2:
			return nil, errors.New("has more than a partition key and a sort key")
		case i < 0:
			d.AttributeDefinitions = append(d.AttributeDefinitions, a)
		case d.AttributeDefinitions[i] != a:
			return nil, fmt.Errorf("%s has the types %s and %s", a.AttributeName, d.AttributeDefinitions[i].AttributeType, a.AttributeType)
		}
		schema = append(schema, keyPart{a.AttributeName, []string{"HASH", "RANGE"}[len(schema)]})
	}
	return schema, nil
}
