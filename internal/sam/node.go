package sam

import "strings"

// A node is one value of the template. Short tags are in their long form:
// !Ref A is the object {Ref: A}. A node is never changed once made, since an
// alias makes one node stand in several places.
type node struct {
	kind    kind
	line    int
	text    string // of a scalar, as YAML 1.1 reads it
	bare    bool   // a number or a boolean, not a text
	standIn bool   // holds a stand-in for a value that only a deployed stack has
	items   []*node
	fields  []field
	index   map[string]*node
}

type kind uint8

const (
	null kind = iota // also AWS::NoValue
	scalar
	list
	object
)

func (k kind) String() string {
	return [...]string{"nothing", "a text", "a list", "a map"}[k]
}

type field struct {
	key   string
	line  int
	value *node
}

func newObject(line int, fields ...field) *node {
	n := &node{kind: object, line: line, index: make(map[string]*node, len(fields))}
	for _, f := range fields {
		n.put(f)
	}
	return n
}

// put adds a field to an object that is still being made.
func (n *node) put(f field) {
	n.fields = append(n.fields, f)
	n.index[f.key] = f.value
}

// get returns a field's value, nil when n is not an object or has no such
// field.
func (n *node) get(path ...string) *node {
	for _, key := range path {
		if n == nil || n.kind != object {
			return nil
		}
		n = n.index[key]
	}
	return n
}

// isNull reports whether nothing is there: no field, or a null one.
func (n *node) isNull() bool { return n == nil || n.kind == null }

// str returns a scalar's text, "" for anything else.
func (n *node) str() string {
	if n == nil {
		return ""
	}
	return n.text
}

// flat returns the text that a scalar, or a list with commas, is within another
// text.
func (n *node) flat() string {
	if n.kind != list {
		return n.text
	}
	var parts []string
	for _, item := range n.items {
		parts = append(parts, item.text)
	}
	return strings.Join(parts, ",")
}

// intrinsic returns the function and argument of an object that calls one:
// {Ref: x}, {Condition: x} or {Fn::Name: x}.
func (n *node) intrinsic() (name string, arg *node, ok bool) {
	if n == nil || n.kind != object || len(n.fields) != 1 {
		return "", nil, false
	}
	f := n.fields[0]
	ok = f.key == "Ref" || f.key == "Condition" || strings.HasPrefix(f.key, "Fn::")
	return f.key, f.value, ok
}
