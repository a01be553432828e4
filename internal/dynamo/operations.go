package dynamo

import (
	"encoding/json"
	"fmt"
	"io"
	"iter"
	"maps"
	"net/http"
	"slices"
	"strings"
)

// A request has the parameters of all supported operations. Others in a request's
// JSON are rejected.
type request struct {
	TableName, IndexName                                           *string
	Key, Item, ExclusiveStartKey                                   item
	ConsistentRead                                                 bool
	ScanIndexForward                                               *bool
	Limit                                                          *int
	ConditionExpression, FilterExpression                          *string
	KeyConditionExpression, ProjectionExpression, UpdateExpression *string
	ExpressionAttributeNames                                       map[string]string
	ExpressionAttributeValues                                      item
	Select                                                         string
	ReturnValues, ReturnValuesOnConditionCheckFailure              string
	ReturnConsumedCapacity                                         string
	RequestItems                                                   map[string]json.RawMessage
	KeyConditions                                                  map[string]keyCondition
	AttributesToGet                                                []string
	TransactItems                                                  []json.RawMessage
	ClientRequestToken                                             string
	ReturnItemCollectionMetrics                                    string

	operation string
	server    *Server
	table     *table
	view      view // of Query and Scan

	condition, filter *node // the expressions, nil for those that it does not have
	keys              []*node
	actions           []action
	paths             []path
}

type response struct {
	Item             item   `json:",omitzero"`
	Attributes       item   `json:",omitempty"`
	Items            []item `json:",omitzero"`
	Count            *int   `json:",omitempty"`
	ScannedCount     *int   `json:",omitempty"`
	LastEvaluatedKey item   `json:",omitempty"`
	ConsumedCapacity object `json:",omitempty"`
}

type operation struct {
	takes string // parameters
	run   func(*request) (any, error)
}

const (
	expressions = " ExpressionAttributeNames ExpressionAttributeValues ReturnConsumedCapacity"
	writes      = expressions + " ConditionExpression ReturnValues ReturnValuesOnConditionCheckFailure ReturnItemCollectionMetrics"
	reads       = " ConsistentRead ProjectionExpression AttributesToGet"
	lists       = expressions + reads + " IndexName Select Limit ExclusiveStartKey FilterExpression"
)

var operations = map[string]operation{
	"GetItem":        {"TableName Key ExpressionAttributeNames ReturnConsumedCapacity" + reads, (*request).getItem},
	"PutItem":        {"TableName Item" + writes, (*request).putItem},
	"UpdateItem":     {"TableName Key UpdateExpression" + writes, (*request).updateItem},
	"DeleteItem":     {"TableName Key" + writes, (*request).deleteItem},
	"Query":          {"TableName KeyConditionExpression KeyConditions ScanIndexForward" + lists, (*request).query},
	"Scan":           {"TableName" + lists, func(r *request) (any, error) { return r.page(func(item) bool { return true }) }},
	"BatchGetItem":   {"RequestItems", (*request).batchGet},
	"BatchWriteItem": {"RequestItems", (*request).batchWrite},

	"TransactWriteItems": {"TransactItems ClientRequestToken ReturnConsumedCapacity ReturnItemCollectionMetrics", (*request).transactWrite},
	"TransactGetItems":   {"TransactItems ReturnConsumedCapacity", (*request).transactGet},
}

// elsewhere is the way out, of which an operation or parameter reminds that is not
// supported.
const elsewhere = "; to use another DynamoDB, such as an emulator, set AWS_ENDPOINT_URL_DYNAMODB with --env-vars"

// handle returns the response to one request; its error is an *apiError.
func (s *Server) handle(body io.Reader, header http.Header) (any, error) {
	name, ok := strings.CutPrefix(header.Get("X-Amz-Target"), "DynamoDB_20120810.")
	op, known := operations[name]
	onTable, isOnTable := tableOperations[name]
	if !ok || !known && !isOnTable {
		return nil, &apiError{kind: "UnknownOperationException", message: "crumb does not support DynamoDB's " + name + elsewhere}
	}
	text, err := io.ReadAll(body)
	if err != nil {
		return nil, invalid("%s: the request exceeds %d bytes", name, maxBody)
	}
	if isOnTable {
		d := definition{region: signedFor(header)}
		if err := decode(text, &d, onTable.takes); err != nil {
			return nil, err
		}
		s.mu.Lock()
		defer s.mu.Unlock()
		return onTable.run(s, d)
	}
	r := request{operation: name, server: s}
	if err = decode(text, &r, op.takes); err == nil {
		err = r.check()
	}
	if err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if r.TableName != nil {
		r.table, err = s.named(*r.TableName)
	}
	switch takes := strings.Fields(op.takes); {
	case err != nil:
	case slices.Contains(takes, "Key"):
		err = r.table.checkKey(r.Key)
	case slices.Contains(takes, "IndexName"):
		r.view, err = r.table.view(r.IndexName)
	}
	if err != nil {
		return nil, err
	}
	return op.run(&r)
}

// named returns the table of a name or an ARN.
func (s *Server) named(name string) (*table, error) {
	if t := s.find(name); t != nil {
		return t, nil
	}
	if s.Missing != nil && !s.missed[name] {
		s.missed[name] = true
		s.Missing(name)
	}
	return nil, &apiError{kind: "ResourceNotFoundException", message: "Requested resource not found: neither the template, CreateTable nor crumb run --table has the table " + name}
}

// find returns nil for no table.
func (s *Server) find(name string) *table {
	if _, after, isARN := strings.Cut(name, ":table/"); isARN {
		name = after
	}
	return s.tables[name]
}

// decode reads JSON, and rejects members other than takes.
func decode(text []byte, into any, takes string) error {
	var given map[string]json.RawMessage
	if err := json.Unmarshal(text, &given); err != nil {
		return malformed("%v", err)
	}
	for _, name := range slices.Sorted(maps.Keys(given)) {
		if !slices.Contains(strings.Fields(takes), name) {
			return invalid("crumb does not support the parameter %s%s", name, elsewhere)
		}
	}
	return unmarshal(text, into)
}

// unmarshal returns an *apiError.
func unmarshal(text []byte, into any) error {
	err := json.Unmarshal(text, into)
	if _, ours := err.(*apiError); err != nil && !ours {
		return malformed("%v", err)
	}
	return err
}

// check checks what does not depend on the table, and reads the expressions.
func (r *request) check() error {
	if r.TableName != nil && !strings.Contains(*r.TableName, ":table/") {
		if must := nameConstraint(*r.TableName, 1); must != "" {
			return invalid("1 validation error detected: Value '%s' at 'tableName' failed to satisfy constraint: Member must %s", *r.TableName, must)
		}
	}
	var wrong []string
	for _, p := range []struct{ name, value, allowed string }{
		{"returnConsumedCapacity", r.ReturnConsumedCapacity, "INDEXES, TOTAL, NONE"},
		{"returnItemCollectionMetrics", r.ReturnItemCollectionMetrics, "SIZE, NONE"},
		{"returnValues", r.ReturnValues, "ALL_NEW, UPDATED_OLD, ALL_OLD, NONE, UPDATED_NEW"},
		{"returnValuesOnConditionCheckFailure", r.ReturnValuesOnConditionCheckFailure, "ALL_OLD, NONE"},
		{"select", r.Select, "SPECIFIC_ATTRIBUTES, COUNT, ALL_ATTRIBUTES, ALL_PROJECTED_ATTRIBUTES"},
	} {
		if p.value != "" && !slices.Contains(strings.Split(p.allowed, ", "), p.value) {
			wrong = append(wrong, fmt.Sprintf("Value '%s' at '%s' failed to satisfy constraint: Member must satisfy enum value set: [%s]", p.value, p.name, p.allowed))
		}
	}
	if r.Limit != nil && *r.Limit < 1 {
		at := fmt.Sprintf("Value '%d' at 'limit'", *r.Limit)
		if r.operation == "Query" {
			at = "Value at 'Limit'" // in DynamoDB's words
		}
		wrong = append(wrong, at+" failed to satisfy constraint: Member must have value greater than or equal to 1")
	}
	switch {
	case r.TableName == nil && r.RequestItems == nil && !strings.HasPrefix(r.operation, "Transact"):
		return invalid("1 validation error detected: Value null at 'tableName' failed to satisfy constraint: Member must not be null")
	case wrong != nil:
		return invalid("%d validation error%s detected: %s", len(wrong), map[bool]string{true: "s"}[len(wrong) > 1], strings.Join(wrong, "; "))
	case r.ReturnConsumedCapacity == "INDEXES":
		return invalid("crumb does not support ReturnConsumedCapacity INDEXES, only TOTAL%s", elsewhere)
	case r.ReturnItemCollectionMetrics == "SIZE":
		return invalid("crumb does not support ReturnItemCollectionMetrics SIZE%s", elsewhere)
	case r.operation != "UpdateItem" && !slices.Contains([]string{"", "NONE", "ALL_OLD"}, r.ReturnValues):
		return invalid("Return values set to invalid value")
	}
	return r.parse()
}

// parse reads the expressions, which must use all names and values.
func (r *request) parse() (err error) {
	s := &scope{r.ExpressionAttributeNames, r.ExpressionAttributeValues, map[string]bool{}}
	read := func(text *string, read func(string) error) {
		if text != nil && err == nil {
			err = read(*text)
		}
	}
	condition := func(kind string, text *string) (n *node) {
		read(text, func(text string) (err error) { n, err = s.condition(kind, text); return err })
		return n
	}
	r.filter = condition("FilterExpression", r.FilterExpression)
	read(r.UpdateExpression, func(text string) (err error) { r.actions, err = s.update(text); return err })
	r.condition = condition("ConditionExpression", r.ConditionExpression)
	r.keys = condition("KeyConditionExpression", r.KeyConditionExpression).conjuncts()
	read(r.ProjectionExpression, func(text string) (err error) { r.paths, err = s.projection(text); return err })
	if r.AttributesToGet != nil && err == nil {
		err = r.attributesToGet()
	}
	switch {
	case err != nil:
		return err
	case s.names != nil && len(s.names) == 0:
		return invalid("ExpressionAttributeNames must not be empty")
	case s.values != nil && len(s.values) == 0:
		return invalid("ExpressionAttributeValues must not be empty")
	}
	if err := s.unused("Names", maps.Keys(s.names)); err != nil {
		return err
	}
	return s.unused("Values", maps.Keys(s.values))
}

// attributesToGet reads what is older than ProjectionExpression, and goes with no
// expression.
func (r *request) attributesToGet() error {
	var given []string
	for i, text := range []*string{r.ProjectionExpression, r.FilterExpression, r.KeyConditionExpression} {
		if text != nil {
			given = append(given, []string{"ProjectionExpression", "FilterExpression", "KeyConditionExpression"}[i])
		}
	}
	if given != nil {
		return invalid("Can not use both expression and non-expression parameters in the same request: Non-expression parameters: {AttributesToGet} Expression parameters: {%s}", strings.Join(given, ", "))
	}
	if len(r.AttributesToGet) == 0 {
		return invalid("1 validation error detected: Value '[]' at 'attributesToGet' failed to satisfy constraint: Member must have length greater than or equal to 1")
	}
	for i, name := range r.AttributesToGet {
		if slices.Contains(r.AttributesToGet[:i], name) {
			return invalid(values+"Duplicate value in AttributesToGet: %s", name)
		}
		r.paths = append(r.paths, path{{name: name}})
	}
	return nil
}

func (s *scope) unused(kind string, given iter.Seq[string]) error {
	unused := slices.DeleteFunc(slices.Sorted(given), func(name string) bool { return s.used[name] })
	if len(unused) == 0 {
		return nil
	}
	return invalid("Value provided in ExpressionAttribute%s unused in expressions: keys: {%s}", kind, strings.Join(unused, ", "))
}
