package sam

import "strings"

const (
	forEach    = "Fn::ForEach::"
	extensions = "AWS::LanguageExtensions"
)

// unroll writes out each Fn::ForEach in n, as the transform
// AWS::LanguageExtensions does before SAM's.
func (r *reader) unroll(n *node) *node {
	if n == nil || n.kind != list && n.kind != object || !r.spend(1) {
		return n
	}
	if done := r.unrolled[n]; done != nil {
		return done
	}
	result, changed := &node{kind: n.kind, line: n.line, index: map[string]*node{}}, false
	for _, item := range n.items {
		unrolled := r.unroll(item)
		changed = changed || unrolled != item
		result.items = append(result.items, unrolled)
	}
	for _, f := range n.fields {
		if strings.HasPrefix(f.key, forEach) {
			changed = true
			r.loop(result, f)
			continue
		}
		unrolled := r.unroll(f.value)
		changed = changed || unrolled != f.value
		r.putOnce(result, field{f.key, f.line, unrolled})
	}
	if !changed {
		result = n
	}
	r.unrolled[n] = result
	return result
}

// loop puts into an object the fields that one Fn::ForEach stands for: those of
// its third argument for each item of the second, under the name of the first.
func (r *reader) loop(into *node, f field) {
	args := r.args(f.key, f.value, f.line, 3, 3)
	if args == nil {
		return
	}
	items := r.value(f.key, args[1])
	if items.kind != list || items.standIn || args[0].text == "" || args[2].kind != object {
		r.note(f.line, "%s is left out: it takes a name, a list that is known before deployment, and a map", f.key)
		return
	}
	for _, item := range items.items {
		b := newBinding(args[0].text, item.text)
		for _, body := range r.bind(args[2], b).fields {
			if strings.HasPrefix(body.key, forEach) {
				r.loop(into, body)
				continue
			}
			r.putOnce(into, field{body.key, body.line, r.unroll(body.value)})
		}
	}
}

func (r *reader) putOnce(into *node, f field) {
	if into.get(f.key) != nil {
		r.fail(f.line, "the key %q is there twice once Fn::ForEach is written out", f.key)
		return
	}
	into.put(f)
}

// A binding is the name of a loop and its value for one item.
type binding struct {
	name, value string
	texts       *strings.Replacer // ${name} and, without what a logical id cannot have, &{name}
}

func newBinding(name, value string) binding {
	return binding{name, value, strings.NewReplacer("${"+name+"}", value, "&{"+name+"}", alphanumeric(value))}
}

// bind returns n with the value of b in the place of its name.
func (r *reader) bind(n *node, b binding) *node {
	if n == nil || !r.spend(1+len(n.text)/64) {
		return &node{}
	}
	if call, arg, ok := n.intrinsic(); ok && call == "Ref" && arg.text == b.name {
		return &node{kind: scalar, line: n.line, text: b.value}
	}
	bound := &node{kind: n.kind, line: n.line, text: b.texts.Replace(n.text), bare: n.bare, standIn: n.standIn}
	for _, item := range n.items {
		bound.items = append(bound.items, r.bind(item, b))
	}
	if n.kind == object {
		bound.index = make(map[string]*node, len(n.fields))
	}
	for _, f := range n.fields {
		r.putOnce(bound, field{b.texts.Replace(f.key), f.line, r.bind(f.value, b)})
	}
	return bound
}

func alphanumeric(s string) string {
	return strings.Map(func(c rune) rune {
		if '0' <= c && c <= '9' || 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' {
			return c
		}
		return -1
	}, s)
}
