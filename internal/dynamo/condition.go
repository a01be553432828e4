package dynamo

import (
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// holds reports whether a condition holds for an item, which is nil if it does not
// exist.
func (n *node) holds(it item) bool {
	switch n.op {
	case "AND":
		return n.args[0].holds(it) && n.args[1].holds(it)
	case "OR":
		return n.args[0].holds(it) || n.args[1].holds(it)
	case "NOT":
		return !n.args[0].holds(it)
	}
	args := make([]value, len(n.args))
	for i, arg := range n.args {
		args[i] = arg.of(it)
	}
	a, b := args[0], args[len(args)-1]
	switch n.op {
	case "attribute_exists":
		return a.exists()
	case "attribute_not_exists":
		return !a.exists()
	case "attribute_type":
		return a.kind == b.text
	case "begins_with":
		return ordered(a, b) && a.kind != "N" && strings.HasPrefix(a.text, b.text)
	case "contains":
		return a.contains(b)
	case "IN":
		return a.exists() && slices.ContainsFunc(args[1:], func(v value) bool { return equal(a, v) })
	case "BETWEEN":
		return ordered(args[1], a) && ordered(a, b) && compare(args[1], a) <= 0 && compare(a, b) <= 0
	case "=":
		return a.exists() && equal(a, b)
	case "<>": // true if there is no attribute
		return !a.exists() || !equal(a, b)
	}
	order := compare(a, b)
	return ordered(a, b) && (order < 0 && n.op[0] == '<' || order > 0 && n.op[0] == '>' || order == 0 && len(n.op) == 2)
}

// of returns the value of an operand of a condition.
func (n *node) of(it item) value {
	switch n.op {
	case "value":
		return n.value
	case "size":
		return n.args[0].of(it).length()
	}
	return n.path.in(it)
}

// in returns the value at a path, or the zero value.
func (p path) in(it item) value {
	v := value{kind: "M", item: it}
	for _, s := range p {
		v = s.in(v)
	}
	return v
}

func (s step) in(v value) value {
	switch {
	case s.name != "":
		return v.item[s.name]
	case v.kind == "L" && s.index < len(v.list):
		return v.list[s.index]
	}
	return value{}
}

// length is the result of size, or the zero value for numbers and truth values.
func (v value) length() value {
	n := len(v.list) + len(v.item)
	switch v.kind {
	case "S":
		n = utf8.RuneCountInString(v.text)
	case "B":
		n = len(v.text)
	case "", "N", "BOOL", "NULL":
		return value{}
	}
	return bare("N", strconv.Itoa(n))
}

func (v value) contains(part value) bool {
	switch v.kind {
	case "S", "B":
		return v.kind == part.kind && strings.Contains(v.text, part.text)
	case "L", "SS", "NS", "BS":
		return slices.ContainsFunc(v.list, func(m value) bool { return equal(m, part) })
	}
	return false
}

// ordered reports whether < and > apply: to texts, numbers or bytes of one type.
func ordered(a, b value) bool {
	return a.kind == b.kind && len(a.kind) == 1 && strings.Contains("SNB", a.kind)
}

// project returns the parts of an item that paths lead to, or all without paths. Of a
// list it returns the elements without gaps.
func (it item) project(paths []path) item {
	if paths == nil || it == nil {
		return it
	}
	if picked := pick(value{kind: "M", item: it}, paths); picked.exists() {
		return picked.item
	}
	return item{}
}

// pick returns the zero value if no path leads to anything.
func pick(v value, paths []path) value {
	var steps []step // in the order of a list
	rest := map[step][]path{}
	for _, p := range paths {
		if len(p) == 0 {
			return v
		}
		if _, seen := rest[p[0]]; !seen {
			steps = append(steps, p[0])
		}
		rest[p[0]] = append(rest[p[0]], p[1:])
	}
	slices.SortFunc(steps, func(a, b step) int { return a.index - b.index })
	some := value{kind: v.kind, item: item{}}
	for _, s := range steps {
		found := pick(s.in(v), rest[s])
		switch {
		case !found.exists():
		case s.name == "":
			some.list = append(some.list, found)
		default:
			some.item[s.name] = found
		}
	}
	if len(some.list)+len(some.item) == 0 {
		return value{}
	}
	return some
}
