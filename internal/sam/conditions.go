package sam

import (
	"slices"
	"strconv"
)

// condition evaluates a condition by name, once.
func (r *reader) condition(name string, line int) *node {
	v, known := r.decided[name]
	switch {
	case v != nil:
		return v
	case known:
		r.fail(line, "the condition %s refers to itself", name)
		return truth(false, line)
	}
	n := r.root.get("Conditions", name)
	if n == nil {
		r.fail(line, "there is no condition %s", name)
		return truth(false, line)
	}
	r.decided[name] = nil
	where, muted := r.where, r.muted
	r.where, r.muted = "condition "+name, 0 // once, hence aloud, whoever asks first
	v = r.eval(n)
	r.where, r.muted = where, muted
	r.decided[name] = v
	return v
}

// holds reports whether a resource's condition holds; without one it does.
func (r *reader) holds(resource *node) bool {
	n := resource.get("Condition")
	return n.isNull() || r.condition(n.text, n.line).text == "true"
}

// choose evaluates Fn::If, of which only the branch taken is resolved.
func (r *reader) choose(arg *node, line int) *node {
	args := r.args("Fn::If", arg, line, 3, 3)
	if args == nil {
		return &node{line: line}
	}
	if r.condition(args[0].text, line).text == "true" {
		return r.eval(args[1])
	}
	return r.eval(args[2])
}

// logic evaluates the functions of which conditions are made.
func (r *reader) logic(name string, arg *node, line int) *node {
	least, most := 2, 10
	switch name {
	case "Fn::Not":
		least, most = 1, 1
	case "Fn::Equals":
		most = 2
	}
	var values []*node
	for _, a := range r.args(name, arg, line, least, most) {
		values = append(values, r.eval(a))
	}
	if len(values) == 0 {
		return truth(false, line)
	}
	switch name {
	case "Fn::Equals":
		return truth(equal(values[0], values[1]), line)
	case "Fn::Not":
		return truth(values[0].text != "true", line)
	}
	isTrue := func(v *node) bool { return v.text == "true" }
	if name == "Fn::Or" {
		return truth(slices.ContainsFunc(values, isTrue), line)
	}
	return truth(!slices.ContainsFunc(values, func(v *node) bool { return !isTrue(v) }), line)
}

func equal(a, b *node) bool {
	if a.kind != b.kind || a.text != b.text || len(a.items) != len(b.items) {
		return false
	}
	for i := range a.items {
		if !equal(a.items[i], b.items[i]) {
			return false
		}
	}
	return true
}

func truth(v bool, line int) *node {
	return &node{kind: scalar, line: line, text: strconv.FormatBool(v)}
}
