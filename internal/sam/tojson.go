package sam

import (
	"bytes"
	"encoding/json"
)

// needsExtensions notes a function that only a transform brings, and without
// which the template is not deployed.
func (r *reader) needsExtensions(name string, line int) {
	if !r.transforms(extensions) {
		r.note(line, "%s needs the transform %s", name, extensions)
	}
}

// toJSON evaluates Fn::ToJsonString: the JSON of a map or list without spaces,
// its keys in their order.
func (r *reader) toJSON(arg *node, line int) *node {
	const name = "Fn::ToJsonString"
	r.needsExtensions(name, line)
	v := r.eval(arg)
	switch {
	case v.kind == scalar && v.standIn:
		return v
	case v.kind != list && v.kind != object:
		r.fail(line, "%s takes a map or a list, not %s", name, v.kind)
		return &node{line: line}
	}
	var b bytes.Buffer
	result := &node{kind: scalar, line: line, standIn: writeJSON(&b, v)}
	if r.spend(b.Len() / 64) {
		result.text = b.String()
	}
	return result
}

// writeJSON writes a value without calls and reports whether it holds a
// stand-in.
func writeJSON(b *bytes.Buffer, n *node) (standIn bool) {
	standIn = n.standIn
	switch n.kind {
	case null:
		b.WriteString("null")
	case scalar:
		if n.bare {
			b.WriteString(n.text)
		} else {
			writeText(b, n.text)
		}
	case list:
		b.WriteByte('[')
		for i, item := range n.items {
			if i > 0 {
				b.WriteByte(',')
			}
			standIn = writeJSON(b, item) || standIn
		}
		b.WriteByte(']')
	case object:
		b.WriteByte('{')
		for i, f := range n.fields {
			if i > 0 {
				b.WriteByte(',')
			}
			writeText(b, f.key)
			b.WriteByte(':')
			standIn = writeJSON(b, f.value) || standIn
		}
		b.WriteByte('}')
	}
	return standIn
}

func writeText(b *bytes.Buffer, text string) {
	e := json.NewEncoder(b)
	e.SetEscapeHTML(false)
	_ = e.Encode(text)      // a text cannot fail
	b.Truncate(b.Len() - 1) // the line's end
}
