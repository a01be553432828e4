package dynamo

import (
	"cmp"
	"crypto/rand"
	"fmt"
	"maps"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/crumb-go/crumb/internal/app"
)

// A definition has the parameters of the operations on tables.
type definition struct {
	TableName                                     *string
	AttributeDefinitions                          []attributeType
	KeySchema                                     []keyPart
	GlobalSecondaryIndexes, LocalSecondaryIndexes []index
	BillingMode                                   string
	ProvisionedThroughput                         *throughput
	DeletionProtectionEnabled                     bool
	StreamSpecification                           struct{ StreamEnabled bool }
	TimeToLiveSpecification                       *timeToLive
	Limit                                         *int
	ExclusiveStartTableName                       string

	region string // in which the request is signed
}

type attributeType struct{ AttributeName, AttributeType string }

type keyPart struct{ AttributeName, KeyType string }

type throughput struct{ ReadCapacityUnits, WriteCapacityUnits int64 }

type timeToLive struct {
	AttributeName string
	Enabled       bool
}

type index struct {
	IndexName  string
	KeySchema  []keyPart
	Projection struct {
		ProjectionType   string
		NonKeyAttributes []string
	}
	ProvisionedThroughput *throughput
}

type tableOperation struct {
	takes string // parameters
	run   func(*Server, definition) (any, error)
}

var tableOperations = map[string]tableOperation{
	// The last four have no effect.
	"CreateTable":        {"TableName AttributeDefinitions KeySchema GlobalSecondaryIndexes LocalSecondaryIndexes BillingMode ProvisionedThroughput DeletionProtectionEnabled StreamSpecification Tags SSESpecification TableClass OnDemandThroughput", (*Server).createTable},
	"DescribeTable":      {"TableName", ofTable(func(t *table, d definition) any { return object{"Table": t.description(d.region, "ACTIVE")} })},
	"DeleteTable":        {"TableName", (*Server).deleteTable},
	"ListTables":         {"Limit ExclusiveStartTableName", (*Server).listTables},
	"DescribeTimeToLive": {"TableName", ofTable(func(t *table, _ definition) any { return object{"TimeToLiveDescription": t.timeToLive()} })},
	"UpdateTimeToLive":   {"TableName TimeToLiveSpecification", (*Server).updateTimeToLive},
}

// ofTable is an operation that describes a table.
func ofTable(describe func(*table, definition) any) func(*Server, definition) (any, error) {
	return func(s *Server, d definition) (any, error) {
		t, err := s.defined(d)
		if err != nil {
			return nil, err
		}
		return describe(t, d), nil
	}
}

// defined returns the table that a request names. Its error differs from that of
// requests for items.
func (s *Server) defined(d definition) (*table, error) {
	if d.TableName == nil {
		return nil, invalid("The parameter 'TableName' is required but was not present in the request")
	}
	if t := s.find(*d.TableName); t != nil {
		return t, nil
	}
	return nil, &apiError{kind: "ResourceNotFoundException", message: fmt.Sprintf("Requested resource not found: Table: %s not found", *d.TableName)}
}

func (s *Server) createTable(d definition) (any, error) {
	if err := d.check(); err != nil {
		return nil, err
	}
	if s.tables[*d.TableName] != nil {
		return nil, &apiError{kind: "ResourceInUseException", message: "Table already exists: " + *d.TableName}
	}
	t := d.table()
	t.created = true
	s.tables[t.Name] = t
	return object{"TableDescription": t.description(d.region, "CREATING")}, nil
}

// table makes the empty table that d defines.
func (d *definition) table() *table {
	t := newTable(Table{Name: *d.TableName, Keys: namesOf(d.KeySchema), Types: map[string]string{}})
	t.protected, t.capacity = d.DeletionProtectionEnabled, map[string]throughput{}
	for _, a := range d.AttributeDefinitions {
		t.Types[a.AttributeName] = a.AttributeType
	}
	add := func(i index, global bool) {
		t.Indexes = append(t.Indexes, app.Index{Name: i.IndexName, Keys: namesOf(i.KeySchema), Global: global, Projection: i.Projection.ProjectionType, Attributes: i.Projection.NonKeyAttributes})
		if i.ProvisionedThroughput != nil {
			t.capacity[i.IndexName] = *i.ProvisionedThroughput
		}
	}
	for _, i := range d.GlobalSecondaryIndexes {
		add(i, true)
	}
	for _, i := range d.LocalSecondaryIndexes {
		add(i, false)
	}
	if d.ProvisionedThroughput != nil {
		t.capacity[""] = *d.ProvisionedThroughput
	}
	return t
}

func (s *Server) deleteTable(d definition) (any, error) {
	t, err := s.defined(d)
	switch {
	case err != nil:
		return nil, err
	case t.protected:
		return nil, invalid("Resource cannot be deleted as it is currently protected against deletion. Disable deletion protection first.")
	}
	delete(s.tables, t.Name)
	return object{"TableDescription": t.description(d.region, "DELETING")}, nil
}

func (s *Server) listTables(d definition) (any, error) {
	limit := 100
	if d.Limit != nil {
		if limit = *d.Limit; limit < 1 {
			return nil, invalid("1 validation error detected: Value '%d' at 'limit' failed to satisfy constraint: Member must have value greater than or equal to 1", limit)
		} else if limit > 100 {
			return nil, invalid("1 validation error detected: Value '%d' at 'limit' failed to satisfy constraint: Member must have value less than or equal to 100", limit)
		}
	}
	names := slices.DeleteFunc(slices.Sorted(maps.Keys(s.tables)), func(name string) bool { return name <= d.ExclusiveStartTableName })
	if len(names) <= limit {
		return object{"TableNames": append([]string{}, names...)}, nil
	}
	return object{"TableNames": names[:limit], "LastEvaluatedTableName": names[limit-1]}, nil
}

func (s *Server) updateTimeToLive(d definition) (any, error) {
	spec := d.TimeToLiveSpecification
	t, err := s.defined(d)
	switch {
	case spec == nil:
		return nil, invalid("1 validation error detected: Value null at 'timeToLiveSpecification' failed to satisfy constraint: Member must not be null")
	case spec.AttributeName == "":
		return nil, invalid("1 validation error detected: Value '' at 'timeToLiveSpecification.attributeName' failed to satisfy constraint: Member must have length greater than or equal to 1")
	case err != nil:
		return nil, err
	case spec.Enabled && t.TTL != "":
		return nil, invalid("TimeToLive is already enabled")
	case !spec.Enabled && t.TTL == "":
		return nil, invalid("TimeToLive is already disabled")
	}
	t.TTL = ""
	if spec.Enabled {
		t.TTL = spec.AttributeName
	}
	return object{"TimeToLiveSpecification": spec}, nil
}

func (t *table) timeToLive() any {
	if t.TTL == "" {
		return object{"TimeToLiveStatus": "DISABLED"}
	}
	return object{"TimeToLiveStatus": "ENABLED", "AttributeName": t.TTL}
}

// description is a TableDescription. Without a capacity, as a table of the template
// is, it is on demand.
func (t *table) description(region, status string) object {
	size := 0
	for _, it := range t.items {
		size += it.size()
	}
	arn := "arn:aws:dynamodb:" + region + ":" + app.DefaultAccountID + ":table/" + t.Name
	attributes, capacity := []attributeType{}, func(name string) object {
		return object{"ReadCapacityUnits": t.capacity[name].ReadCapacityUnits, "WriteCapacityUnits": t.capacity[name].WriteCapacityUnits, "NumberOfDecreasesToday": 0}
	}
	used := slices.Clone(t.Keys)
	d := object{
		"TableName": t.Name, "TableArn": arn, "TableId": t.id, "TableStatus": status, "CreationDateTime": float64(t.made.UnixMilli()) / 1000,
		"KeySchema": keySchema(t.Keys), "ItemCount": len(t.items), "TableSizeBytes": size,
		"ProvisionedThroughput": capacity(""), "DeletionProtectionEnabled": t.protected,
	}
	if _, provisioned := t.capacity[""]; !provisioned {
		d["BillingModeSummary"] = object{"BillingMode": "PAY_PER_REQUEST", "LastUpdateToPayPerRequestDateTime": d["CreationDateTime"]}
	}
	for _, i := range t.Indexes {
		used = append(used, i.Keys...)
		v, _ := t.view(&i.Name)
		projection := object{"ProjectionType": i.Projection}
		if i.Projection == "INCLUDE" {
			projection["NonKeyAttributes"] = i.Attributes
		}
		described := object{"IndexName": i.Name, "IndexArn": arn + "/index/" + i.Name, "KeySchema": keySchema(i.Keys), "Projection": projection, "ItemCount": len(v.items), "IndexSizeBytes": 0}
		kind := "LocalSecondaryIndexes"
		if i.Global {
			kind, described["IndexStatus"], described["ProvisionedThroughput"] = "GlobalSecondaryIndexes", status, capacity(i.Name)
		}
		list, _ := d[kind].([]object)
		d[kind] = append(list, described)
	}
	slices.Sort(used)
	for _, name := range slices.Compact(used) {
		attributes = append(attributes, attributeType{name, cmp.Or(t.Types[name], "S")})
	}
	d["AttributeDefinitions"] = attributes
	return d
}

func keySchema(names []string) (parts []keyPart) {
	for i, name := range names {
		parts = append(parts, keyPart{name, []string{"HASH", "RANGE"}[i]})
	}
	return parts
}

func namesOf(parts []keyPart) (names []string) {
	for _, p := range parts {
		names = append(names, p.AttributeName)
	}
	return names
}

// newTable makes an empty table.
func newTable(t Table) *table {
	return &table{Table: t, made: time.Now(), id: strings.ToLower(rand.Text())}
}

// signedFor returns the region for which a request is signed.
func signedFor(header http.Header) string {
	if parts := strings.Split(header.Get("Authorization"), "/"); len(parts) > 2 {
		return parts[2]
	}
	return app.DefaultRegion
}

var tableName = regexp.MustCompile(`^[a-zA-Z0-9_.-]+$`)

// nameConstraint returns what a table's name must do and does not; "" for a valid one.
func nameConstraint(name string, least int) string {
	switch {
	case !tableName.MatchString(name) && name != "":
		return "satisfy regular expression pattern: [a-zA-Z0-9_.-]+"
	case len(name) < least:
		return fmt.Sprintf("have length greater than or equal to %d", least)
	case len(name) > 255:
		return "have length less than or equal to 255"
	}
	return ""
}

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
