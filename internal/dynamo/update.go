package dynamo

import (
	"maps"
	"slices"
	"strings"
)

// An action is one part of an UpdateExpression.
type action struct {
	verb string // "SET", "REMOVE", "ADD" or "DELETE"
	path path
	node *node // nil for REMOVE
}

// update reads an UpdateExpression.
func (s *scope) update(text string) (actions []action, err error) {
	p := s.parser("UpdateExpression", text)
	seen := map[string]bool{}
	for p.peek() != end {
		verb := p.accept("SET", "REMOVE", "ADD", "DELETE")
		if verb == "" {
			p.syntax()
		}
		if seen[verb] {
			p.fail("The \"%s\" section can only be used once in an update expression;", verb)
		}
		seen[verb] = true
		p.all(func() {
			a := action{verb: verb, path: p.path()}
			switch verb {
			case "SET":
				p.expect("=")
				a.node = p.sum()
			case "ADD", "DELETE":
				if !strings.HasPrefix(p.peek(), ":") {
					p.syntax()
				}
				a.node = p.operand(p.sum)
				kind := a.node.value.kind
				if isSet := len(kind) == 2; p.err == nil && !isSet && (verb == "DELETE" || kind != "N") {
					p.fail("Incorrect operand type for operator or function; operator: %s, operand type: %s", verb, kind)
				}
			}
			actions = append(actions, a)
		})
	}
	if p.err == nil {
		p.apart(pathsOf(actions))
	}
	return actions, p.err
}

func pathsOf(actions []action) []path {
	paths := make([]path, len(actions))
	for i, a := range actions {
		paths[i] = a.path
	}
	return paths
}

// sum reads an operand, or two with + or - between them.
func (p *parser) sum() *node {
	left := p.operand(p.sum)
	op := p.accept("+", "-")
	if op == "" {
		return left
	}
	return p.checked(&node{op: op, args: []*node{left, p.operand(p.sum)}})
}

var errOperand = invalid("An operand in the update expression has an incorrect data type")

// result returns the value of an operand of SET.
func (n *node) result(it item) (v value, err error) {
	switch n.op {
	case "value":
		return n.value, nil
	case "path":
		if v = n.path.in(it); !v.exists() {
			err = invalid("The provided expression refers to an attribute that does not exist in the item")
		}
		return v, err
	case "if_not_exists":
		if v = n.args[0].path.in(it); v.exists() {
			return v, nil
		}
		return n.args[1].result(it)
	}
	a, err := n.args[0].result(it)
	if err != nil {
		return v, err
	}
	b, err := n.args[1].result(it)
	switch {
	case err != nil:
		return v, err
	case a.kind != types[n.op] || b.kind != types[n.op]:
		return v, errOperand
	case n.op == "list_append":
		return value{kind: "L", list: append(slices.Clone(a.list), b.list...)}, nil
	}
	return add(a, b, n.op)
}

// apply returns the item after an update of old, or of none, which begins as its key
// unless the update only removes. Every operand is read from the item before.
func apply(actions []action, old, key item) (item, error) {
	exists := old != nil
	if !exists {
		removes := func(a action) bool { return a.verb == "REMOVE" || a.verb == "DELETE" }
		if len(actions) > 0 && len(keep(actions, removes)) == len(actions) {
			return nil, nil
		}
		old = key
	}
	type change struct {
		path  path
		value value
	}
	var sets, removals []change
	for _, a := range actions {
		v, err := a.result(old)
		switch {
		case err != nil:
			return nil, err
		case v.exists():
			sets = append(sets, change{a.path, v})
		case exists: // otherwise there is nothing to remove, and no path is wrong
			removals = append(removals, change{path: a.path})
		}
	}
	// New elements of a list are appended in the order of their indexes, and removals
	// do not move elements that are still to be removed.
	byIndex := func(a, b change) int {
		return slices.CompareFunc(a.path, b.path, func(s, t step) int { return s.index - t.index })
	}
	slices.SortStableFunc(sets, byIndex)
	slices.SortStableFunc(removals, byIndex)
	slices.Reverse(removals)
	next := value{kind: "M", item: old}
	for _, c := range slices.Concat(sets, removals) {
		var err error
		if next, err = next.with(c.path, c.value); err != nil {
			return nil, err
		}
	}
	return next.item, nil
}

// result returns the new value at the action's path, or the zero value to remove it.
func (a action) result(old item) (v value, err error) {
	if a.verb == "REMOVE" {
		return v, nil
	}
	if v, err = a.node.result(old); err != nil || a.verb == "SET" {
		return v, err
	}
	before := a.path.in(old)
	switch {
	case !before.exists() && a.verb == "ADD":
		return v, nil
	case !before.exists():
		return value{}, nil
	case before.kind != v.kind:
		return value{}, errOperand
	case v.kind == "N":
		return add(before, v, "+")
	case a.verb == "ADD":
		added := keep(v.list, func(m value) bool { return !before.contains(m) })
		return newSet(v.kind, append(slices.Clone(before.list), added...)), nil
	}
	return newSet(v.kind, keep(before.list, func(m value) bool { return !v.contains(m) })), nil
}

func keep[T any](list []T, wanted func(T) bool) (kept []T) {
	for _, v := range list {
		if wanted(v) {
			kept = append(kept, v)
		}
	}
	return kept
}

// with returns v with another value at a path, or with none.
func (v value) with(p path, new value) (value, error) {
	if len(p) == 0 {
		return new, nil
	}
	child := p[0].in(v)
	isName := p[0].name != ""
	if isName && v.kind != "M" || !isName && v.kind != "L" || len(p) > 1 && !child.exists() {
		return value{}, invalid("The document path provided in the update expression is invalid for update")
	}
	child, err := child.with(p[1:], new)
	if err != nil {
		return value{}, err
	}
	if isName {
		v.item = maps.Clone(v.item)
		if v.item[p[0].name] = child; !child.exists() {
			delete(v.item, p[0].name)
		}
		return v, nil
	}
	switch i := p[0].index; {
	case i < len(v.list) && child.exists():
		v.list = slices.Clone(v.list)
		v.list[i] = child
	case i < len(v.list):
		v.list = slices.Delete(slices.Clone(v.list), i, i+1)
	case child.exists():
		v.list = append(slices.Clone(v.list), child)
	}
	return v, nil
}
