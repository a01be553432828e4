package dynamo

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"time"
)

// Limits of transactions.
const (
	maxTransaction      = 100
	maxTransactionBytes = 4 << 20
	tokenLife           = 10 * time.Minute
)

// In a transaction these are the members of a TransactItem.
var (
	transactWrites = map[string]operation{
		"ConditionCheck": {"TableName Key" + inTransaction, (*request).checkCondition},
		"Put":            {"TableName Item" + inTransaction, (*request).putItem},
		"Update":         {"TableName Key UpdateExpression" + inTransaction, (*request).updateItem},
		"Delete":         {"TableName Key" + inTransaction, (*request).deleteItem},
	}
	transactGets = map[string]operation{
		"Get": {"TableName Key ProjectionExpression ExpressionAttributeNames", (*request).getItem},
	}
)

const inTransaction = " ConditionExpression ExpressionAttributeNames ExpressionAttributeValues ReturnValuesOnConditionCheckFailure"

// A part is one operation of a transaction.
type part struct {
	request
	kind   string
	run    func(*request) (any, error)
	misfit error // why its item or key has not what the table's keys and indexes need
}

// A reason says why an operation cancels its transaction; the Code of others is None.
type reason struct {
	Code    string
	Message string `json:",omitempty"`
	Item    item   `json:",omitempty"`
}

func (r *request) checkCondition() (any, error) {
	return r.write(r.Key, func(old item) (item, error) { return old, nil })
}

// transactWrite does all of its operations or none.
func (r *request) transactWrite() (any, error) {
	sent := sortedJSON(r.TransactItems)
	if done, ok := r.server.transactions[r.ClientRequestToken]; ok && r.ClientRequestToken != "" && time.Since(done.at) < tokenLife {
		if done.sent != sent {
			return nil, &apiError{kind: "IdempotentParameterMismatchException", message: "Request token already in use for another request with a different payload"}
		}
		return object{}, nil
	}
	parts, err := r.parts(transactWrites, "TransactWriteRequest should contain Delete or Put or Update or ConditionCheck")
	if err != nil {
		return nil, err
	}
	var before []item // of what was run
	size, units := 0, map[string]float64{}
	_, err = run(parts, func(p *part) (any, error) {
		old := p.table.get(p.Key)
		before = append(before, old)
		response, err := p.run(&p.request)
		bytes := max(old.size(), p.table.get(p.Key).size())
		size += bytes
		units[p.table.Name] += 2 * float64(max(1, (bytes+1023)/1024))
		return response, err
	})
	if err == nil && size > maxTransactionBytes {
		err = invalid("Transaction request exceeds the 4MB transaction size limit")
	}
	if err != nil {
		for i, old := range before { // different items
			parts[i].table.set(parts[i].Key, old)
		}
		return nil, err
	}
	if r.ClientRequestToken != "" {
		maps.DeleteFunc(r.server.transactions, func(_ string, t transaction) bool { return time.Since(t.at) >= tokenLife })
		r.server.transactions[r.ClientRequestToken] = transaction{sent, time.Now()}
	}
	return r.consumedBy(object{}, units), nil
}

func (r *request) transactGet() (any, error) {
	parts, err := r.parts(transactGets, "TransactGetItem should contain Get")
	if err != nil {
		return nil, err
	}
	units := map[string]float64{}
	responses, err := run(parts, func(p *part) (any, error) {
		units[p.table.Name] += 2 * float64(max(1, (p.table.get(p.Key).size()+4095)/4096))
		return p.run(&p.request)
	})
	return r.consumedBy(object{"Responses": responses}, units), err
}

// consumedBy adds what a transaction consumes in each table, if the request asks for it.
func (r *request) consumedBy(response object, units map[string]float64) object {
	if r.ReturnConsumedCapacity == "TOTAL" {
		var all []object
		for _, name := range slices.Sorted(maps.Keys(units)) {
			all = append(all, object{"TableName": name, "CapacityUnits": units[name]})
		}
		response["ConsumedCapacity"] = all
	}
	return response
}

// A transaction is one that was done, for its ClientRequestToken.
type transaction struct {
	sent string // TransactItems
	at   time.Time
}

// sortedJSON is the same for texts that differ in the order of members only.
func sortedJSON(texts []json.RawMessage) string {
	var all []any
	for _, text := range texts {
		var v any
		_ = json.Unmarshal(text, &v) // it is valid: the request was read
		all = append(all, v)
	}
	sorted, _ := json.Marshal(all)
	return string(sorted)
}

// parts reads the operations, which must be of different items.
func (r *request) parts(kinds map[string]operation, wrong string) (parts []*part, err error) {
	const limit = "1 validation error detected: Value '[%s]' at 'transactItems' failed to satisfy constraint: Member must have length "
	switch n := len(r.TransactItems); {
	case r.TransactItems == nil:
		return nil, invalid("1 validation error detected: Value null at 'transactItems' failed to satisfy constraint: Member must not be null")
	case n == 0:
		return nil, invalid(limit+"greater than or equal to 1", "")
	case n > maxTransaction:
		return nil, invalid(limit+"less than or equal to %d", "...", maxTransaction)
	}
	for i, text := range r.TransactItems {
		var given map[string]json.RawMessage
		if err := decode(text, &given, strings.Join(slices.Collect(maps.Keys(kinds)), " ")); err != nil {
			return nil, err
		}
		if len(given) != 1 {
			return nil, invalid("%s", wrong)
		}
		for kind, text := range given {
			p := &part{request: request{server: r.server}, kind: kind, run: kinds[kind].run}
			if err = decode(text, &p.request, kinds[kind].takes); err == nil {
				err = p.complete(i)
			}
			if err != nil {
				return nil, err
			}
			parts = append(parts, p)
		}
	}
	for i, p := range parts {
		for _, other := range parts[:i] {
			if p.table == other.table && p.table.checkKey(p.Key) == nil && p.table.checkKey(other.Key) == nil && compareKeys(p.Key, other.Key, p.table.Keys) == 0 {
				return nil, invalid("Transaction request cannot include multiple operations on one item")
			}
		}
	}
	return parts, nil
}

// complete checks what does not depend on items, for the operation at an index, and finds its
// table and key.
func (p *part) complete(at int) (err error) {
	for _, must := range []struct {
		kind, name string
		value      *string
	}{
		{p.kind, "tableName", p.TableName},
		{"ConditionCheck", "conditionExpression", p.ConditionExpression},
		{"Update", "updateExpression", p.UpdateExpression},
	} {
		if p.kind == must.kind && must.value == nil {
			return invalid("1 validation error detected: Value null at 'transactItems.%d.member.%s.%s' failed to satisfy constraint: Member must not be null",
				at+1, strings.ToLower(p.kind[:1])+p.kind[1:], must.name)
		}
	}
	if err := p.check(); err != nil {
		return err
	}
	if p.table, err = p.server.named(*p.TableName); err != nil {
		return err
	}
	if p.kind == "Put" {
		p.Key, p.misfit, err = p.Item.only(p.table.Keys), p.table.misfit(p.Item), p.table.checkItem(p.Item, tooLarge)
	} else if err = p.table.checkKey(p.Key); err != nil && err.Error() == invalidKey {
		p.misfit = err
	}
	if p.misfit != nil {
		return nil
	}
	return err
}

// run does the operations, if all have their table's key. Its error has a reason for each
// of them if one fails.
func run(parts []*part, do func(*part) (any, error)) (responses []any, err error) {
	misfits := slices.ContainsFunc(parts, func(p *part) bool { return p.misfit != nil })
	var reasons []reason
	var codes []string
	failed := misfits
	for _, p := range parts {
		var response any
		err := p.misfit
		if !misfits {
			response, err = do(p)
		}
		why := reason{Code: "None"}
		if e, ok := err.(*apiError); ok {
			failed, why = true, reason{"ValidationError", e.message, nil}
			if e.kind == "ConditionalCheckFailedException" {
				why = reason{"ConditionalCheckFailed", e.message, e.item}
			}
		}
		responses, reasons, codes = append(responses, response), append(reasons, why), append(codes, why.Code)
	}
	if failed {
		return nil, &apiError{kind: "TransactionCanceledException", reasons: reasons,
			message: "Transaction cancelled, please refer cancellation reasons for specific reasons [" + strings.Join(codes, ", ") + "]"}
	}
	return responses, nil
}
