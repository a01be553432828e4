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
