package cfn

import (
	"slices"
	"strconv"
)

// Holds reports whether the condition of a resource holds; without one it does.
func (t *Template) Holds(resource *Value) bool {
	c := resource.Get("Condition")
	return c.IsNull() || isTrue(t.condition(c.Text, c.Line))
}

// condition evaluates a condition by name, once, so its findings name the
// condition and not its first user.
func (t *Template) condition(name string, line int) *Value {
	v, known := t.conditions[name]
	switch {
	case v != nil:
		return v
	case known:
		t.Refuse(line, "the condition %s refers to itself", name)
		return truth(false, line, true)
	}
	written := t.root.Get("Conditions", name)
	if written == nil {
		t.Refuse(line, "no such condition: %s", name)
		return truth(false, line, true)
	}
	t.conditions[name] = nil
	t.In("", func() { v = t.Resolve("condition "+name, written) })
	t.conditions[name] = v
	return v
}

// choose evaluates Fn::If and resolves only the chosen branch. A list chosen by a
// condition that is not known is a placeholder.
func (r resolution) choose(args []*Value, line int) *Value {
	condition, branch := r.condition(args[0].Text, line), args[2]
	if isTrue(condition) {
		branch = args[1]
	}
	v := r.value(branch)
	if condition.Placeholder && v.Kind == List {
		v = &Value{Kind: List, Line: v.Line, Items: v.Items, Placeholder: true}
	}
	return v
}

// logic evaluates the functions that conditions are composed of.
func (r resolution) logic(name string, arg *Value, line int) *Value {
	least, most := 2, 10
	switch name {
	case "Fn::Not":
		least, most = 1, 1
	case "Fn::Equals":
		most = 2
	}
	var values []*Value
	unknown := false
	for _, a := range r.args(name, arg, line, least, most) {
		v := r.value(a)
		values, unknown = append(values, v), unknown || v.Placeholder
	}
	switch {
	case len(values) == 0:
		return truth(false, line, true)
	case name == "Fn::Equals":
		return truth(equal(values[0], values[1]), line, unknown)
	case name == "Fn::Not":
		return truth(!isTrue(values[0]), line, unknown)
	case name == "Fn::Or":
		return truth(slices.ContainsFunc(values, isTrue), line, unknown)
	}
	isFalse := func(v *Value) bool { return !isTrue(v) }
	return truth(!slices.ContainsFunc(values, isFalse), line, unknown)
}

func equal(a, b *Value) bool {
	return a.Kind == b.Kind && a.Text == b.Text && slices.EqualFunc(a.Items, b.Items, equal)
}

func isTrue(v *Value) bool { return v.Text == "true" }

func truth(v bool, line int, unknown bool) *Value {
	return &Value{Kind: Scalar, Line: line, Text: strconv.FormatBool(v), Placeholder: unknown}
}
