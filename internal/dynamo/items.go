package dynamo

import "slices"

func (r *request) getItem() (any, error) {
	it := r.table.get(r.Key)
	return &response{Item: it.project(r.paths), ConsumedCapacity: r.consumed(r.reading(it.size()))}, nil
}

func (r *request) putItem() (any, error) {
	if err := r.table.checkItem(r.Item, tooLarge); err != nil {
		return nil, err
	}
	return r.write(r.Item.only(r.table.Keys), func(item) (item, error) { return r.Item, nil })
}

func (r *request) updateItem() (any, error) {
	for _, a := range r.actions {
		if name := a.path[0].name; slices.Contains(r.table.Keys, name) {
			return nil, invalid("One or more parameter values were invalid: Cannot update attribute %s. This attribute is part of the key", name)
		}
	}
	return r.write(r.Key, func(old item) (item, error) {
		next, err := apply(r.actions, old, r.Key)
		if err != nil || next == nil {
			return nil, err
		}
		return next, r.table.checkItem(next, "Item size to update has exceeded the maximum allowed size")
	})
}

func (r *request) deleteItem() (any, error) {
	return r.write(r.Key, func(item) (item, error) { return nil, nil })
}

const tooLarge = "Item size has exceeded the maximum allowed size"

// write replaces the item under key by the result of change, if the request's
// condition holds. A missing item is nil.
func (r *request) write(key item, change func(item) (item, error)) (*response, error) {
	old := r.table.get(key)
	if r.condition != nil && !r.condition.holds(old) {
		failed := &apiError{kind: "ConditionalCheckFailedException", message: "The conditional request failed"}
		if r.ReturnValuesOnConditionCheckFailure == "ALL_OLD" {
			failed.item = old
		}
		return nil, failed
	}
	next, err := change(old)
	if err != nil {
		return nil, err
	}
	r.table.set(key, next)
	response := &response{ConsumedCapacity: r.consumed(float64(max(1, (max(old.size(), next.size())+1023)/1024)))}
	switch r.ReturnValues {
	case "ALL_OLD":
		response.Attributes = old
	case "ALL_NEW":
		response.Attributes = next
	case "UPDATED_OLD":
		response.Attributes = old.project(pathsOf(r.actions))
	case "UPDATED_NEW":
		response.Attributes = next.project(pathsOf(r.actions))
	}
	return response, nil
}

// consumed is the capacity that a request would consume ("Capacity unit consumption"),
// but without what writes to indexes take. It is nil if the request does not ask for it.
func (r *request) consumed(units float64) object {
	if r.ReturnConsumedCapacity != "TOTAL" {
		return nil
	}
	return object{"TableName": r.table.Name, "CapacityUnits": units}
}

// reading is the capacity to read so many bytes: half if not consistently.
func (r *request) reading(bytes int) float64 {
	units := float64(max(1, (bytes+4095)/4096))
	if !r.ConsistentRead {
		units /= 2
	}
	return units
}
