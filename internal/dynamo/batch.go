package dynamo

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"
)

// Limits of batches.
const (
	maxGets       = 100
	maxWrites     = 25
	maxBatchBytes = 16 << 20
)

type object = map[string]any

// keysOf is what a BatchGetItem reads from one table.
type keysOf struct {
	Keys                     []item
	ConsistentRead           bool              `json:",omitempty"`
	ProjectionExpression     *string           `json:",omitempty"`
	ExpressionAttributeNames map[string]string `json:",omitempty"`
}

func (r *request) batchGet() (any, error) {
	total := 0
	wanted := map[string]keysOf{}
	for name, text := range r.RequestItems {
		var keys keysOf
		if err := decode(text, &keys, "Keys ConsistentRead ProjectionExpression ExpressionAttributeNames"); err != nil {
			return nil, err
		}
		const wrong = "1 validation error detected: Value at 'RequestItems.%s.member.Keys' failed to satisfy constraint: Member must have length "
		switch n := len(keys.Keys); {
		case n > maxGets:
			return nil, invalid(wrong+"less than or equal to %d", name, maxGets)
		case n == 0:
			return nil, invalid(wrong+"greater than or equal to 1", name)
		}
		total += len(keys.Keys)
		wanted[name] = keys
	}
	switch {
	case total > maxGets:
		return nil, invalid("Too many items requested for the BatchGetItem call")
	case total == 0:
		return nil, invalid("The requestItems parameter is required for BatchGetItem")
	}
	responses, left, size := map[string][]item{}, map[string]keysOf{}, 0
	for _, name := range slices.Sorted(maps.Keys(wanted)) {
		keys := wanted[name]
		get := request{ProjectionExpression: keys.ProjectionExpression, ExpressionAttributeNames: keys.ExpressionAttributeNames}
		err := get.parse()
		if err == nil {
			get.table, err = r.server.named(name)
		}
		if err == nil {
			err = get.table.checkKeys(keys.Keys)
		}
		if err != nil {
			return nil, err
		}
		responses[name] = []item{}
		for i, key := range keys.Keys {
			it := get.table.get(key)
			if size += it.size(); size > maxBatchBytes {
				keys.Keys = keys.Keys[i:]
				left[name] = keys
				break
			}
			if it != nil {
				responses[name] = append(responses[name], it.project(get.paths))
			}
		}
	}
	return object{"Responses": responses, "UnprocessedKeys": left}, nil
}

// checkKeys checks keys, which must differ.
func (t *table) checkKeys(keys []item) error {
	for i, key := range keys {
		if err := t.checkKey(key); err != nil {
			return err
		}
		if slices.ContainsFunc(keys[:i], func(other item) bool { return compareKeys(key, other, t.Keys) == 0 }) {
			return invalid("Provided list of item keys contains duplicates")
		}
	}
	return nil
}

// A change is an item to put, or the key of one to delete.
type change struct{ Item, Key item }

func (c *change) UnmarshalJSON(text []byte) error {
	var w struct{ PutRequest, DeleteRequest json.RawMessage }
	err := decode(text, &w, "PutRequest DeleteRequest")
	switch {
	case err != nil:
		return err
	case (w.PutRequest == nil) == (w.DeleteRequest == nil):
		return invalid("Supplied WriteRequest must contain exactly one of PutRequest and DeleteRequest")
	case w.PutRequest != nil:
		return decode(w.PutRequest, &struct{ Item *item }{&c.Item}, "Item")
	}
	return decode(w.DeleteRequest, &struct{ Key *item }{&c.Key}, "Key")
}

func (r *request) batchWrite() (any, error) {
	total := 0
	wanted := map[string][]change{}
	names := slices.Sorted(maps.Keys(r.RequestItems))
	for _, name := range names {
		var changes []change
		if err := unmarshal(r.RequestItems[name], &changes); err != nil {
			return nil, err
		}
		total += len(changes)
		wanted[name] = changes
	}
	switch {
	case total > maxWrites:
		return nil, invalid("1 validation error detected: Value '{%s=[%d requests]}' at 'requestItems' failed to satisfy constraint: Map value must satisfy constraint: [Member must have length less than or equal to %d, Member must have length greater than or equal to 1]",
			strings.Join(names, ", "), total, maxWrites)
	case total == 0:
		return nil, invalid("The requestItems parameter is required for BatchWriteItem")
	}
	for _, name := range names { // all are checked before the first is written
		t, err := r.server.named(name)
		if err != nil {
			return nil, err
		}
		keys := make([]item, len(wanted[name]))
		for i, c := range wanted[name] {
			if keys[i] = c.Key; c.Item != nil {
				if err := t.checkItem(c.Item, tooLarge); err != nil {
					return nil, err
				}
				keys[i] = c.Item.only(t.Keys)
			}
			wanted[name][i].Key = keys[i]
		}
		if err := t.checkKeys(keys); err != nil {
			return nil, err
		}
	}
	for _, name := range names {
		t, _ := r.server.named(name)
		for _, c := range wanted[name] {
			t.set(c.Key, c.Item)
		}
	}
	return object{"UnprocessedItems": object{}}, nil
}
