package cfn

import (
	"fmt"
	"slices"
	"strings"

	"github.com/crumb-go/crumb/internal/app"
)

// A Value is one value of a template. Short tags are in their long form: !Ref A
// is the map {Ref: A}. A Value never changes once made, since aliases put one
// into several places. The methods accept nil, an absent value.
type Value struct {
	Kind        Kind
	Line        int    // 1-based; 0: not from a line
	Text        string // of a Scalar, as YAML 1.1 reads it
	Bare        bool   // a number or a boolean, not a string
	Placeholder bool   // contains a placeholder for a value that only a deployed stack has
	Items       []*Value
	Fields      []Field

	index    map[string]*Value
	repeated []app.Finding // of a document's root: keys that are there twice
}

// A Kind says what a Value is.
type Kind uint8

// The kinds of values.
const (
	Null   Kind = iota // also AWS::NoValue
	Scalar             // Text
	List               // Items
	Map                // Fields
)

// String names the kind, for errors.
func (k Kind) String() string {
	return [...]string{"nothing", "a string", "a list", "a map"}[k]
}

// A Field is one field of a Map.
type Field struct {
	Key   string
	Line  int // of the key
	Value *Value
}

// NewMap returns a map. If several fields have the same key, Get finds the
// last.
func NewMap(line int, fields ...Field) *Value {
	v := &Value{Kind: Map, Line: line, index: make(map[string]*Value, len(fields))}
	for _, f := range fields {
		v.put(f)
	}
	return v
}

// newText returns a string.
func newText(line int, text string) *Value { return &Value{Kind: Scalar, Line: line, Text: text} }

// put adds a field to a map that is under construction.
func (v *Value) put(f Field) {
	v.Fields = append(v.Fields, f)
	v.index[f.Key] = f.Value
}

// A builder puts the fields of a map that is read from a file.
type builder struct {
	*Value
	at map[string]int // of keys in Fields
}

// add puts a field. Of a key that is there twice the last counts, as in sam; a
// finding says so.
func (b builder) add(f Field) []app.Finding {
	i, again := b.at[f.Key]
	if !again {
		b.at[f.Key] = len(b.Fields)
		b.put(f)
		return nil
	}
	first := b.Fields[i].Line
	b.Fields[i], b.index[f.Key] = f, f.Value
	return []app.Finding{{Line: f.Line, Text: fmt.Sprintf("duplicate key %q (first on line %d); the last one counts", f.Key, first)}}
}

// Get returns the value at a path of keys, nil when v is not a map or has no
// such field.
func (v *Value) Get(path ...string) *Value {
	for _, key := range path {
		if v == nil || v.Kind != Map {
			return nil
		}
		v = v.index[key]
	}
	return v
}

// IsNull reports whether v is absent or null.
func (v *Value) IsNull() bool { return v == nil || v.Kind == Null }

// Str returns a scalar's text, "" for anything else.
func (v *Value) Str() string {
	if v == nil {
		return ""
	}
	return v.Text
}

// Bool returns a boolean of YAML 1.1, which a template may also write as a
// string. For anything else ok is false.
func (v *Value) Bool() (value, ok bool) { return yamlBool(v.Str()) }

// Texts returns the strings of a list's items.
func (v *Value) Texts() []string {
	var texts []string
	for _, item := range v.Items {
		texts = append(texts, item.Text)
	}
	return texts
}

// Has reports whether a list has an item with that text.
func (v *Value) Has(text string) bool {
	return slices.ContainsFunc(v.Items, func(item *Value) bool { return item.Text == text })
}

// IsCall reports whether a value calls an intrinsic function.
func (v *Value) IsCall() bool {
	_, _, ok := v.call()
	return ok
}

// Ref returns the name in {Ref: name}, "" for anything else.
func (v *Value) Ref() string {
	if name, arg, _ := v.call(); name == "Ref" {
		return arg.Text
	}
	return ""
}

// MixesCalls reports whether a map has an intrinsic function among its keys, as
// one that includes another map does.
func (v *Value) MixesCalls() bool {
	return slices.ContainsFunc(v.Fields, func(f Field) bool { return strings.HasPrefix(f.Key, "Fn::") })
}

// call returns the function and the argument of a map that calls one: {Ref: x},
// {Condition: x} or {Fn::Name: x}.
func (v *Value) call() (name string, arg *Value, ok bool) {
	if v == nil || v.Kind != Map || len(v.Fields) != 1 {
		return "", nil, false
	}
	f := v.Fields[0]
	ok = f.Key == "Ref" || f.Key == "Condition" || strings.HasPrefix(f.Key, "Fn::")
	return f.Key, f.Value, ok
}

// flat returns a scalar, or a list joined with commas, as part of another text.
func (v *Value) flat() string {
	if v.Kind != List {
		return v.Text
	}
	return strings.Join(v.Texts(), ",")
}

// Plain returns a resolved value as texts, []any and map[string]any.
func (v *Value) Plain() any {
	switch v.Kind {
	case List:
		list := []any{}
		for _, item := range v.Items {
			list = append(list, item.Plain())
		}
		return list
	case Map:
		m := map[string]any{}
		for _, f := range v.Fields {
			m[f.Key] = f.Value.Plain()
		}
		return m
	}
	return v.Text
}

// HoldsPlaceholder reports whether v or a value in it is a placeholder.
func (v *Value) HoldsPlaceholder() bool {
	return v.Placeholder || slices.ContainsFunc(v.Items, (*Value).HoldsPlaceholder) ||
		slices.ContainsFunc(v.Fields, func(f Field) bool { return f.Value.HoldsPlaceholder() })
}
