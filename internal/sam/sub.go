package sam

import "strings"

// sub evaluates Fn::Sub: ${Name}, ${Resource.Attribute}, ${!Literal}, and
// names of its own in the second form.
func (r *reader) sub(arg *node, line int) *node {
	text, own := arg, (*node)(nil)
	if arg.kind == list {
		args := r.args("Fn::Sub", arg, line, 2, 2)
		if args == nil {
			return &node{line: line}
		}
		text, own = args[0], args[1]
	}
	result := &node{kind: scalar, line: line}
	var b strings.Builder
	rest := text.text
	for {
		before, after, found := strings.Cut(rest, "${")
		name, tail, closed := strings.Cut(after, "}")
		if !found || !closed {
			b.WriteString(rest)
			break
		}
		b.WriteString(before)
		rest = tail
		if literal, ok := strings.CutPrefix(name, "!"); ok {
			b.WriteString("${" + literal + "}")
			continue
		}
		v := r.subName(strings.TrimSpace(name), own, line)
		text := v.flat()
		if !r.spend(1 + len(text)/64) {
			break
		}
		b.WriteString(text)
		result.standIn = result.standIn || v.standIn
	}
	result.text = b.String()
	return result
}

func (r *reader) subName(name string, own *node, line int) *node {
	if v := own.get(name); v != nil {
		return r.eval(v)
	}
	if strings.Contains(name, ".") {
		return r.getAtt(&node{kind: scalar, text: name}, line)
	}
	return r.ref(name, line)
}
