package dynamo

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// values begins the errors of values that are wrong only together.
const values = "One or more parameter values were invalid: "

// check rejects a definition that CreateTable rejects.
func (d *definition) check() error {
	if d.TableName == nil {
		return invalid("The parameter 'TableName' is required but was not present in the request")
	}
	var wrong []string
	constraint := func(value, at, format string, args ...any) {
		wrong = append(wrong, fmt.Sprintf("Value '%s' at '%s' failed to satisfy constraint: Member must ", value, at)+fmt.Sprintf(format, args...))
	}
	enum := func(value, at, allowed string) {
		if !slices.Contains(strings.Split(allowed, ", "), value) {
			constraint(value, at, "satisfy enum value set: [%s]", allowed)
		}
	}
	if must := nameConstraint(*d.TableName, 3); must != "" {
		constraint(*d.TableName, "tableName", "%s", must)
	}
	enum(cmp.Or(d.BillingMode, "PROVISIONED"), "billingMode", "PROVISIONED, PAY_PER_REQUEST")
	for i, a := range d.AttributeDefinitions {
		enum(a.AttributeType, fmt.Sprintf("attributeDefinitions.%d.member.attributeType", i+1), "B, N, S")
	}
	d.eachSchema(func(_ *index, at string, schema []keyPart) error {
		switch n := len(schema); {
		case n == 0:
			constraint("[]", at, "have length greater than or equal to 1")
		case n > 2:
			var parts []string
			for _, p := range schema {
				parts = append(parts, fmt.Sprintf("KeySchemaElement(attributeName=%s, keyType=%s)", p.AttributeName, p.KeyType))
			}
			constraint("["+strings.Join(parts, ", ")+"]", at, "have length less than or equal to 2")
		}
		for i, p := range schema {
			enum(p.KeyType, fmt.Sprintf("%s.%d.member.keyType", at, i+1), "HASH, RANGE")
		}
		return nil
	})
	provisioned := d.BillingMode != "PAY_PER_REQUEST"
	switch {
	case wrong != nil:
		return invalid("%d validation error%s detected: %s", len(wrong), map[bool]string{true: "s"}[len(wrong) > 1], strings.Join(wrong, "; "))
	case provisioned && d.ProvisionedThroughput == nil:
		return invalid(values + "ReadCapacityUnits and WriteCapacityUnits must both be specified when BillingMode is PROVISIONED")
	case !provisioned && d.ProvisionedThroughput != nil:
		return invalid(values + "Neither ReadCapacityUnits nor WriteCapacityUnits can be specified when BillingMode is PAY_PER_REQUEST")
	case d.StreamSpecification.StreamEnabled:
		return invalid("crumb does not support the parameter StreamSpecification%s", elsewhere)
	case len(d.LocalSecondaryIndexes) > 5:
		return invalid(values + "Number of LocalSecondaryIndexes exceeds per-table limit of 5")
	case len(d.GlobalSecondaryIndexes) > 20:
		return invalid(values + "Number of GlobalSecondaryIndexes exceeds per-table limit of 20")
	}
	return d.checkKeys()
}

// eachSchema calls f with each key schema and its name in errors, until f fails. The
// table's has no index.
func (d *definition) eachSchema(f func(i *index, at string, schema []keyPart) error) error {
	err := f(nil, "keySchema", d.KeySchema)
	for n, i := range slices.Concat(d.LocalSecondaryIndexes, d.GlobalSecondaryIndexes) {
		at := fmt.Sprintf("localSecondaryIndexes.%d.member.keySchema", n+1)
		if n -= len(d.LocalSecondaryIndexes); n >= 0 {
			at = fmt.Sprintf("globalSecondaryIndexes.%d.member.keySchema", n+1)
		}
		if err == nil {
			err = f(&i, at, i.KeySchema)
		}
	}
	return err
}

// checkKeys rejects what does not fit together.
func (d *definition) checkKeys() error {
	var defined, used, indexes []string
	for _, a := range d.AttributeDefinitions {
		defined = append(defined, a.AttributeName)
	}
	if err := d.eachSchema(func(i *index, at string, schema []keyPart) error {
		names := namesOf(schema)
		undefined := slices.ContainsFunc(names, func(name string) bool { return !slices.Contains(defined, name) })
		switch {
		case schema[0].KeyType != "HASH":
			return invalid("Invalid KeySchema: The first KeySchemaElement is not a HASH key type")
		case undefined && i == nil, len(names) == 2 && names[0] == names[1]:
			return invalid("Invalid KeySchema: Some index key attribute have no definition")
		case len(schema) == 2 && schema[1].KeyType != "RANGE":
			return invalid("Invalid KeySchema: The second KeySchemaElement is not a RANGE key type")
		case undefined:
			return invalid(values+"Some index key attributes are not defined in AttributeDefinitions. Keys: [%s], AttributeDefinitions: [%s]", strings.Join(names, ", "), strings.Join(defined, ", "))
		}
		used = append(used, names...)
		if i == nil {
			return nil
		}
		table := namesOf(d.KeySchema)
		switch p := i.Projection; {
		case slices.Contains(indexes, i.IndexName):
			return invalid(values+"Duplicate index name: %s", i.IndexName)
		case len(i.IndexName) < 3 || !tableName.MatchString(i.IndexName):
			return invalid("1 validation error detected: Value '%s' at '%s' failed to satisfy constraint: Member must have length greater than or equal to 3", i.IndexName, strings.Replace(at, "keySchema", "indexName", 1))
		case p.ProjectionType != "ALL" && p.ProjectionType != "KEYS_ONLY" && p.ProjectionType != "INCLUDE":
			return invalid(values+"Unknown ProjectionType: %s", cmp.Or(p.ProjectionType, "null"))
		case p.ProjectionType == "INCLUDE" && len(p.NonKeyAttributes) == 0:
			return invalid(values + "ProjectionType is INCLUDE, but NonKeyAttributes is not specified")
		case p.ProjectionType != "INCLUDE" && len(p.NonKeyAttributes) > 0:
			return invalid(values+"ProjectionType is %s, but NonKeyAttributes is specified", p.ProjectionType)
		case strings.HasPrefix(at, "global"):
		case len(table) == 1:
			return invalid(values + "Table KeySchema does not have a range key, which is required when specifying a LocalSecondaryIndex")
		case len(names) == 1:
			return invalid(values+"Index KeySchema does not have a range key for index: %s", i.IndexName)
		case names[0] != table[0]:
			return invalid(values+"Index KeySchema does not have the same leading hash key as table KeySchema for index: %s. index hash key: %s, table hash key: %s", i.IndexName, names[0], table[0])
		}
		indexes = append(indexes, i.IndexName)
		return nil
	}); err != nil {
		return err
	}
	if unused := slices.ContainsFunc(defined, func(name string) bool { return !slices.Contains(used, name) }); unused && len(indexes) == 0 {
		return invalid(values + "Number of attributes in KeySchema does not exactly match number of attributes defined in AttributeDefinitions")
	} else if unused {
		return invalid(values+"Some AttributeDefinitions are not used. AttributeDefinitions: [%s], keys used: [%s]", strings.Join(defined, ", "), strings.Join(used, ", "))
	}
	return nil
}
