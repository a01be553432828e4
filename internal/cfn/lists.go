package cfn

import (
	"strconv"
	"strings"
)

func (r resolution) join(args []*Value, line int) *Value {
	items := r.value(args[1])
	if items.Kind != List {
		return items // a placeholder, or null
	}
	result := newText(line, "")
	var parts []string
	size := 0
	for _, item := range items.Items {
		text := item.flat()
		parts = append(parts, text)
		size += len(text) + len(args[0].Text)
		result.Placeholder = result.Placeholder || item.Placeholder
	}
	if r.Spend(size / 64) {
		result.Text = strings.Join(parts, args[0].Text)
	}
	return result
}

func (r resolution) split(args []*Value, line int) *Value {
	text, separator := r.value(args[1]), args[0].Text
	result := &Value{Kind: List, Line: line, Placeholder: text.Placeholder}
	if separator == "" || !r.Spend(len(text.Text)) {
		r.Refuse(line, "Fn::Split needs a delimiter")
		return result
	}
	for part := range strings.SplitSeq(text.Text, separator) {
		result.Items = append(result.Items, &Value{Kind: Scalar, Line: line, Text: part, Placeholder: text.Placeholder})
	}
	return result
}

func (r resolution) selectItem(args []*Value, line int) *Value {
	index, items := r.value(args[0]), r.value(args[1])
	i, err := strconv.Atoi(index.Text)
	switch {
	case err == nil && i >= 0 && i < len(items.Items):
		return items.Items[i]
	case index.Placeholder:
		return index
	case items.Placeholder && items.Kind == Scalar:
		return items
	case items.Placeholder:
		return r.placeholder(line, "Select", "Fn::Select has no item %d of a placeholder", i)
	}
	r.Refuse(line, "Fn::Select: no such item in its list")
	return &Value{Line: line}
}

func (r resolution) findInMap(args []*Value, line int) *Value {
	found, placeholder := r.Section("Mappings"), false
	var keys []string
	for _, a := range args[:3] {
		key := r.value(a)
		keys = append(keys, key.Text)
		found = found.Get(key.Text)
		placeholder = placeholder || key.Placeholder
	}
	switch {
	case found != nil:
		return r.value(found)
	case len(args) == 4 && args[3].Get("DefaultValue") != nil:
		return r.value(args[3].Get("DefaultValue"))
	case placeholder:
		return r.placeholder(line, keys[2], "Fn::FindInMap has no entry for a placeholder")
	}
	r.Refuse(line, "Fn::FindInMap: the map %s has no such entry", keys[0])
	return &Value{Line: line}
}

// toJSON evaluates Fn::ToJsonString.
func (r resolution) toJSON(arg *Value, line int) *Value {
	const name = "Fn::ToJsonString"
	r.needsExtensions(name, line)
	v := r.value(arg)
	switch {
	case v.Kind == Scalar && v.Placeholder:
		return v
	case v.Kind != List && v.Kind != Map:
		r.Refuse(line, "%s requires a map or a list, not %s", name, v.Kind)
		return &Value{Line: line}
	}
	text := writeJSON(v)
	if !r.Spend(len(text) / 64) {
		text = ""
	}
	return &Value{Kind: Scalar, Line: line, Text: text, Placeholder: v.HoldsPlaceholder()}
}
