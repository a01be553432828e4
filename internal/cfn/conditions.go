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

// logic evaluates a function that conditions are composed of: holds says whether it is
// true of its arguments.
func (r resolution) logic(name string, arg *Value, line, least, most int, holds func([]*Value) bool) *Value {
	var values []*Value
	unknown := false
	for _, a := range r.args(name, arg, line, least, most) {
		v := r.value(a)
		values, unknown = append(values, v), unknown || v.Placeholder
	}
	return truth(len(values) > 0 && holds(values), line, unknown || len(values) == 0)
}

func equal(a, b *Value) bool {
	return a.Kind == b.Kind && a.Text == b.Text && slices.EqualFunc(a.Items, b.Items, equal)
}

func isTrue(v *Value) bool  { return v.Text == "true" }
func isFalse(v *Value) bool { return !isTrue(v) }

func truth(v bool, line int, unknown bool) *Value {
	return &Value{Kind: Scalar, Line: line, Text: strconv.FormatBool(v), Placeholder: unknown}
}
