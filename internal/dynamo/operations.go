package dynamo

import (
	"encoding/json"
	"io"
	"maps"
	"slices"
	"strings"
)

// A request has the parameters of all supported operations. Others in a request's
// JSON are rejected.
type request struct {
	TableName                           string
	Key, Item, ExclusiveStartKey        item
	ConsistentRead                      bool
	Limit                               *int
	ConditionExpression                 string
	UpdateExpression                    string
	KeyConditionExpression              string
	ProjectionExpression                string
	ExpressionAttributeValues           item
	ReturnValues                        string
	ReturnValuesOnConditionCheckFailure string

	table *table
}

type response struct {
	Item             item   `json:",omitempty"`
	Attributes       item   `json:",omitempty"`
	Items            []item `json:",omitzero"`
	Count            *int   `json:",omitempty"`
	ScannedCount     *int   `json:",omitempty"`
	LastEvaluatedKey item   `json:",omitempty"`
}

type operation struct {
	takes   []string // parameters beside TableName
	returns []string // ReturnValues beside NONE
	run     func(*request) (*response, error)
}

var operations = map[string]operation{
	"GetItem":    {[]string{"Key", "ConsistentRead"}, nil, (*request).get},
	"PutItem":    {[]string{"Item", "ConditionExpression", "ExpressionAttributeValues", "ReturnValues", "ReturnValuesOnConditionCheckFailure"}, nil, (*request).put},
	"UpdateItem": {[]string{"Key", "UpdateExpression", "ConditionExpression", "ExpressionAttributeValues", "ReturnValues", "ReturnValuesOnConditionCheckFailure"}, []string{"UPDATED_NEW"}, (*request).update},
	"DeleteItem": {[]string{"Key", "ConditionExpression", "ExpressionAttributeValues", "ReturnValues", "ReturnValuesOnConditionCheckFailure"}, []string{"ALL_OLD"}, (*request).delete},
	"Query":      {[]string{"KeyConditionExpression", "ProjectionExpression", "ExpressionAttributeValues", "ConsistentRead", "ExclusiveStartKey", "Limit"}, nil, (*request).query},
}

// handle returns the response to one request; its error is an *apiError.
func (s *Server) handle(body io.Reader, target string) (any, error) {
	const elsewhere = "; to use another DynamoDB, set AWS_ENDPOINT_URL_DYNAMODB with --env-vars"
	name, ok := strings.CutPrefix(target, "DynamoDB_20120810.")
	op, known := operations[name]
	if !ok || !known {
		return nil, &apiError{kind: "UnknownOperationException", message: "crumb does not support DynamoDB's " + name + elsewhere}
	}
	text, err := io.ReadAll(body)
	if err != nil {
		return nil, invalid("%s: the request exceeds %d bytes", name, maxBody)
	}
	var r request
	if err := parse(text, &r, op.takes); err != nil {
		return nil, invalid("%s: crumb does not support this: %v%s", name, err, elsewhere)
	}
	if r.ReturnValues != "" && r.ReturnValues != "NONE" && !slices.Contains(op.returns, r.ReturnValues) {
		return nil, invalid("%s: crumb does not support ReturnValues %s%s", name, r.ReturnValues, elsewhere)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if r.table = s.tables[r.TableName]; r.table == nil {
		return nil, &apiError{kind: "ResourceNotFoundException", message: "Requested resource not found: the template has no table " + r.TableName}
	}
	return op.run(&r)
}

// parse reads a request. It rejects parameters other than TableName and takes.
func parse(text []byte, r *request, takes []string) error {
	var given map[string]json.RawMessage
	if err := json.Unmarshal(text, &given); err != nil {
		return err
	}
	for _, name := range slices.Sorted(maps.Keys(given)) {
		if name != "TableName" && !slices.Contains(takes, name) {
			return invalid("parameter %s", name)
		}
	}
	return json.Unmarshal(text, r)
}

func (r *request) get() (*response, error) {
	p, s, err := r.table.key(r.Key)
	if err != nil {
		return nil, err
	}
	return &response{Item: r.table.partitions[p][s]}, nil
}

func (r *request) put() (*response, error) {
	own := r.Item.project(strings.Join(r.table.Keys, ","))
	_, err := r.write(own, func(item) (item, error) { return r.Item, nil })
	return &response{}, err
}

func (r *request) update() (*response, error) {
	var changed item
	_, err := r.write(r.Key, func(old item) (item, error) {
		next := maps.Clone(old)
		if next == nil {
			next = maps.Clone(r.Key)
		}
		var err error
		changed, err = apply(r.UpdateExpression, next, r.ExpressionAttributeValues, r.table.Keys)
		return next, err
	})
	if r.ReturnValues != "UPDATED_NEW" {
		changed = nil
	}
	return &response{Attributes: changed}, err
}

func (r *request) delete() (*response, error) {
	old, err := r.write(r.Key, func(item) (item, error) { return nil, nil })
	if r.ReturnValues != "ALL_OLD" {
		old = nil
	}
	return &response{Attributes: old}, err
}

// write replaces the item under key by the result of change, if the request's
// condition holds, and returns the old one. A missing item is nil.
func (r *request) write(key item, change func(item) (item, error)) (old item, err error) {
	p, s, err := r.table.key(key)
	if err != nil {
		return nil, err
	}
	old = r.table.partitions[p][s]
	if r.ConditionExpression != "" {
		ok, err := holds(r.ConditionExpression, old, r.ExpressionAttributeValues)
		if err != nil {
			return nil, err
		}
		if !ok {
			failed := &apiError{kind: "ConditionalCheckFailedException", message: "The conditional request failed"}
			if r.ReturnValuesOnConditionCheckFailure == "ALL_OLD" {
				failed.item = old
			}
			return nil, failed
		}
	}
	next, err := change(old)
	if err != nil {
		return nil, err
	}
	if next.size() > maxItem {
		return nil, invalid("Item size has exceeded the maximum allowed size")
	}
	r.table.set(p, s, next)
	return old, nil
}

func (r *request) query() (*response, error) {
	t := r.table
	name, value, ok := strings.Cut(r.KeyConditionExpression, " = ")
	v, known := r.ExpressionAttributeValues[value]
	if !ok || !known || name != t.Keys[0] {
		return nil, invalid("crumb does not support the KeyConditionExpression %q: only %s = :value", r.KeyConditionExpression, t.Keys[0])
	}
	if r.Limit != nil && *r.Limit < 1 {
		return nil, invalid("Limit is %d, want at least 1", *r.Limit)
	}
	after := ""
	if r.ExclusiveStartKey != nil {
		var err error
		if _, after, err = t.key(r.ExclusiveStartKey); err != nil {
			return nil, err
		}
	}
	found := &response{Items: []item{}}
	size := 0
	partition := t.partitions[v.text()]
	for _, sortKey := range slices.Sorted(maps.Keys(partition)) {
		if r.ExclusiveStartKey != nil && sortKey <= after {
			continue
		}
		it := partition[sortKey]
		found.Items = append(found.Items, it.project(r.ProjectionExpression))
		if size += it.size(); size > maxPage || r.Limit != nil && len(found.Items) == *r.Limit {
			found.LastEvaluatedKey = it.project(strings.Join(t.Keys, ", "))
			break
		}
	}
	n := len(found.Items)
	found.Count, found.ScannedCount = &n, &n
	return found, nil
}
