package dynamo

import (
	"fmt"
	"slices"
	"strings"
)

// functions have the number of operands of each function.
var functions = map[string]int{
	"attribute_exists": 1, "attribute_not_exists": 1, "size": 1, "attribute_type": 2, "begins_with": 2, "contains": 2,
	"if_not_exists": 2, "list_append": 2,
}

// isCondition reports whether a node is true or false, not an attribute's value.
func (n *node) isCondition() bool {
	switch n.op {
	case "path", "value", "size", "if_not_exists", "list_append", "+", "-":
		return false
	}
	return true
}

// function reads the operands of a function.
func (p *parser) function(name string, inner func() *node) *node {
	arity, known := functions[name]
	updates := name == "if_not_exists" || name == "list_append"
	switch {
	case !known:
		return p.fail("Invalid function name; function: %s", name)
	case updates != (p.kind == "UpdateExpression"):
		kind := map[bool]string{true: "a condition", false: "an update"}[updates]
		return p.fail("The function is not allowed in %s expression; function: %s", kind, name)
	}
	n := &node{op: name}
	p.expect("(")
	p.all(func() { n.args = append(n.args, p.operand(inner)) })
	p.expect(")")
	if len(n.args) != arity {
		return p.fail("Incorrect number of operands for operator or function; operator or function: %s, number of operands: %d", name, len(n.args))
	}
	if slices.Contains([]string{"attribute_exists", "attribute_not_exists", "if_not_exists"}, name) && n.args[0].op != "path" {
		return p.fail("Operator or function requires a document path; operator or function: %s", name)
	}
	return p.checked(n)
}

// types are those that values may have as operands. Attributes of other types just
// do not meet a condition.
var types = map[string]string{
	"<": "S N B", "<=": "S N B", ">": "S N B", ">=": "S N B", "BETWEEN": "S N B", "begins_with": "S B",
	"attribute_type": "S", "size": "S B L M SS NS BS", "list_append": "L", "+": "N", "-": "N",
}

// checked rejects operands that DynamoDB rejects before it looks at an item.
func (p *parser) checked(n *node) *node {
	if p.err != nil {
		return n
	}
	for _, arg := range n.args {
		if arg.isCondition() {
			return p.fail("The function is not allowed to be used this way in an expression; function: %s", arg.op)
		}
		wrong := arg.op == "value" && !strings.Contains(" "+types[n.op]+" ", " "+arg.value.kind+" ")
		if types[n.op] != "" && wrong && (n.op != "attribute_type" || arg == n.args[1]) {
			return p.fail("Incorrect operand type for operator or function; operator or function: %s, operand type: %s", n.op, arg.value.kind)
		}
	}
	first, last := n.args[0], n.args[len(n.args)-1]
	switch n.op {
	case "attribute_type":
		const valid = "B,NULL,SS,BOOL,L,BS,N,NS,S,M"
		if last.op == "value" && !slices.Contains(strings.Split(valid, ","), last.value.text) {
			return p.fail("Invalid attribute type name found; type: %s, valid types: {%s}", last.value.text, valid)
		}
	case "BETWEEN":
		low, high := n.args[1].value, last.value
		bounds := fmt.Sprintf("lower bound operand: AttributeValue: {%s:%s}, upper bound operand: AttributeValue: {%s:%s}", low.kind, low.text, high.kind, high.text)
		switch {
		case !low.exists() || !high.exists(): // attributes
		case low.kind != high.kind:
			return p.fail("The BETWEEN operator requires same data type for lower and upper bounds; %s", bounds)
		case compare(low, high) > 0:
			return p.fail("The BETWEEN operator requires upper bound to be greater than or equal to lower bound; %s", bounds)
		}
	case "=", "<>", "<", "<=", ">", ">=", "begins_with", "contains":
		if first.op == "path" && slices.Equal(first.path, last.path) {
			return p.fail("The first operand must be distinct from the remaining operands for this operator or function; operator: %s, first operand: %v", n.op, first.path)
		}
	}
	return n
}
