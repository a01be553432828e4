package dynamo

import (
	"cmp"
	"slices"
	"strings"
)

// query returns items of one partition.
func (r *request) query() (any, error) {
	v := &r.view
	partition, sort, err := r.keyConditions()
	if err != nil {
		return nil, err
	}
	for _, p := range r.filter.paths() {
		if slices.Contains(v.keys, p[0].name) {
			return nil, invalid("Filter Expression can only contain non-primary key attributes: Primary key attribute: %s", p[0].name)
		}
	}
	name := v.keys[0]
	if r.ExclusiveStartKey != nil && !equal(r.ExclusiveStartKey[name], partition) {
		return nil, invalid("The provided starting key is outside query boundaries based on provided conditions")
	}
	from, _ := slices.BinarySearchFunc(v.items, item{name: partition}, func(a, b item) int { return compareKeys(a, b, v.keys) })
	v.items = v.items[from:]
	if to := slices.IndexFunc(v.items, func(it item) bool { return !equal(it[name], partition) }); to >= 0 {
		v.items = v.items[:to]
	}
	return r.page(func(it item) bool { return sort == nil || sort.holds(it) })
}

// page returns those items of a view that are within the request's keys and meet its
// filter, at most Limit or 1 MB before the filter.
func (r *request) page(within func(item) bool) (*response, error) {
	v := r.view
	whole, err := r.checkSelect()
	start, sign := r.ExclusiveStartKey, 1
	for _, name := range v.all {
		if k := start[name]; err == nil && start != nil && (len(start) != len(v.all) || !r.table.fits(name, k) || k.text == "") {
			err = invalid("The provided starting key is invalid: %s", invalidKey)
		}
	}
	if err != nil {
		return nil, err
	}
	if r.ScanIndexForward != nil && !*r.ScanIndexForward {
		sign = -1
	}
	items, size, count, scanned := []item{}, 0, 0, 0
	response := &response{Count: &count, ScannedCount: &scanned}
	for i, it := range v.items {
		if sign < 0 {
			it = v.items[len(v.items)-1-i]
		}
		if !within(it) || start != nil && v.compare(it, start)*sign <= 0 {
			continue
		}
		projected := it
		if v.projected != nil {
			projected = it.only(v.projected)
		}
		scanned++
		size += projected.size()
		if r.filter == nil || r.filter.holds(projected) {
			if count++; whole {
				projected = it
			}
			items = append(items, projected.project(r.paths))
		}
		if size > maxPage || r.Limit != nil && scanned == *r.Limit {
			response.LastEvaluatedKey = it.only(v.all)
			break
		}
	}
	if r.Select != "COUNT" {
		response.Items = items
	}
	response.ConsumedCapacity = r.consumed(r.reading(size))
	return response, nil
}

// checkSelect checks what the request selects. It reports whether a local index reads
// whole items from its table.
func (r *request) checkSelect() (whole bool, err error) {
	v := r.view
	const wrong = "One or more parameter values were invalid: "
	unprojected := func(paths []path) string {
		for _, p := range paths {
			if v.projected != nil && !slices.Contains(v.projected, p[0].name) {
				return p[0].name
			}
		}
		return ""
	}
	filtered, shown := unprojected(r.filter.paths()), unprojected(r.paths)
	switch {
	case v.global && r.ConsistentRead:
		err = invalid("Consistent reads are not supported on global secondary indexes")
	case r.Select == "ALL_PROJECTED_ATTRIBUTES" && r.IndexName == nil:
		err = invalid(wrong + "ALL_PROJECTED_ATTRIBUTES can be used only when Querying using an IndexName")
	case r.Select == "SPECIFIC_ATTRIBUTES" && r.paths == nil:
		err = invalid(wrong + "Must specify the AttributesToGet or ProjectionExpression when choosing to get SPECIFIC_ATTRIBUTES")
	case r.Select == "COUNT" && r.paths != nil:
		err = invalid("Cannot specify the ProjectionExpression when choosing to get only the Count")
	case strings.HasPrefix(r.Select, "ALL_") && r.paths != nil:
		err = invalid("Cannot specify the ProjectionExpression when choosing to get %s", r.Select)
	case filtered != "":
		err = invalid("crumb does not support a FilterExpression with %s, which the index %s does not project%s", filtered, *r.IndexName, elsewhere)
	case v.global && r.Select == "ALL_ATTRIBUTES" && v.projected != nil:
		err = invalid(wrong+"Select type ALL_ATTRIBUTES is not supported for global secondary index %s because its projection type is not ALL", *r.IndexName)
	case v.global && shown != "":
		err = invalid(wrong+"Global secondary index %s does not project [%s]", *r.IndexName, shown)
	}
	return r.Select == "ALL_ATTRIBUTES" || shown != "", err
}

// paths returns all paths in a condition; of nil none.
func (n *node) paths() (all []path) {
	if n == nil {
		return nil
	}
	if n.op == "path" {
		return []path{n.path}
	}
	for _, arg := range n.args {
		all = append(all, arg.paths()...)
	}
	return all
}

// conjuncts returns the conditions that AND joins.
func (n *node) conjuncts() []*node {
	switch {
	case n == nil:
		return nil
	case n.op == "AND":
		return append(n.args[0].conjuncts(), n.args[1].conjuncts()...)
	}
	return []*node{n}
}

// A keyCondition is one of KeyConditions, which are older than expressions. A widely
// used package, guregu/dynamo, still sends them.
type keyCondition struct {
	ComparisonOperator string
	AttributeValueList []value
}

func (c keyCondition) node(name string) *node {
	op := map[string]string{"EQ": "=", "LT": "<", "LE": "<=", "GT": ">", "GE": ">=", "BEGINS_WITH": "begins_with", "BETWEEN": "BETWEEN"}[c.ComparisonOperator]
	n := &node{op: cmp.Or(op, c.ComparisonOperator), args: []*node{{op: "path", path: path{{name: name}}}}}
	for _, v := range c.AttributeValueList {
		n.args = append(n.args, &node{op: "value", value: v})
	}
	return n
}

// keyConditions returns a Query's partition, and its condition on the sort key or nil.
func (r *request) keyConditions() (partition value, sort *node, err error) {
	conditions, found := r.keys, map[string]*node{}
	for name, c := range r.KeyConditions {
		conditions = append(conditions, c.node(name))
	}
	if len(conditions) == 0 || r.keys != nil && r.KeyConditions != nil {
		return partition, nil, invalid("Either the KeyConditions or KeyConditionExpression parameter must be specified in the request.")
	}
	for _, n := range conditions {
		p, operands := n.args[0].path, map[string]int{"BETWEEN": 3}[n.op]
		switch {
		case !slices.Contains([]string{"=", "<", "<=", ">", ">=", "BETWEEN", "begins_with"}, n.op):
			err = invalid("Invalid operator used in KeyConditionExpression: %s", n.op)
		case len(n.args) != max(operands, 2):
			err = invalid("One or more parameter values were invalid: Invalid number of argument(s) for the %s ComparisonOperator", n.op)
		case p == nil || slices.ContainsFunc(n.args[1:], func(arg *node) bool { return arg.op != "value" }):
			err = invalid("Invalid KeyConditionExpression: an operand of a key condition is an attribute, and the others are values")
		case len(p) > 1:
			err = invalid("KeyConditionExpressions cannot have conditions on nested attributes")
		case found[p[0].name] != nil:
			err = invalid("KeyConditionExpressions must only contain one condition per key")
		}
		if err != nil {
			return partition, nil, err
		}
		found[p[0].name] = n
	}
	for i, name := range r.view.keys {
		n := found[name]
		switch {
		case n == nil && (i == 0 || len(found) > 1):
			return partition, nil, invalid("Query condition missed key schema element: %s", name)
		case n == nil:
			continue
		case i == 0 && n.op != "=":
			return partition, nil, invalid("Query key condition not supported")
		}
		for _, arg := range n.args[1:] {
			if !r.table.fits(name, arg.value) {
				return partition, nil, invalid("One or more parameter values were invalid: Condition parameter type does not match schema type")
			}
		}
		if i > 0 {
			sort = n
			continue
		}
		partition = n.args[1].value
		if err := r.table.checkValues(item{name: partition}, r.view.keys[:1], ""); err != nil {
			return partition, nil, err
		}
	}
	if len(found) > len(r.view.keys) {
		return partition, nil, invalid("Query key condition not supported")
	}
	return partition, sort, nil
}
