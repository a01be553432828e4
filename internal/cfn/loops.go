package cfn

import (
	"regexp"
	"strings"
)

const forEach = "Fn::ForEach::"

// loops expands each Fn::ForEach of a template, as the transform
// AWS::LanguageExtensions does before all others.
type loops struct {
	*Template
	done map[*Value]*Value
}

// unroll returns v with its loops expanded.
func (l *loops) unroll(v *Value) *Value {
	if v == nil || v.Kind != List && v.Kind != Map || !l.Spend(1) {
		return v
	}
	if done := l.done[v]; done != nil {
		return done
	}
	result, changed := &Value{Kind: v.Kind, Line: v.Line, index: map[string]*Value{}}, false
	for _, item := range v.Items {
		unrolled := l.unroll(item)
		changed = changed || unrolled != item
		result.Items = append(result.Items, unrolled)
	}
	for _, f := range v.Fields {
		if strings.HasPrefix(f.Key, forEach) {
			changed = true
			l.loop(result, f)
			continue
		}
		unrolled := l.unroll(f.Value)
		changed = changed || unrolled != f.Value
		l.put(result, Field{f.Key, f.Line, unrolled})
	}
	if !changed {
		result = v
	}
	l.done[v] = result
	return result
}

// loop adds to a map the fields that one Fn::ForEach expands to: those of its
// third argument, once for each item of the second, which has the name of the
// first.
func (l *loops) loop(into *Value, f Field) {
	r := resolution{l.Template, f.Key}
	args := r.args(f.Key, f.Value, f.Line, 3, 3)
	if args == nil {
		return
	}
	items := r.value(args[1])
	if items.Kind != List || items.Placeholder || args[0].Text == "" || args[2].Kind != Map {
		l.Note(f.Line, "%s is ignored: it needs a name, a list that is known before deployment, and a map", f.Key)
		return
	}
	for _, item := range items.Items {
		name, value := args[0].Text, item.Text
		texts := strings.NewReplacer("${"+name+"}", value, "&{"+name+"}", notAlphanumeric.ReplaceAllString(value, ""))
		for _, body := range l.bind(args[2], binding{name, value, texts}).Fields {
			if strings.HasPrefix(body.Key, forEach) {
				l.loop(into, body)
				continue
			}
			l.put(into, Field{body.Key, body.Line, l.unroll(body.Value)})
		}
	}
}

func (l *loops) put(into *Value, f Field) {
	if into.Get(f.Key) != nil {
		l.Refuse(f.Line, "duplicate key %q after Fn::ForEach is expanded", f.Key)
		return
	}
	into.put(f)
}

var notAlphanumeric = regexp.MustCompile(`[^0-9a-zA-Z]`)

// A binding is the name of a loop variable and its value for one item.
type binding struct {
	name, value string
	texts       *strings.Replacer // ${name} and, reduced to what a logical id may contain, &{name}
}

// bind returns v with the name of b replaced by its value.
func (l *loops) bind(v *Value, b binding) *Value {
	if v == nil || !l.Spend(1+len(v.Text)/64) {
		return &Value{}
	}
	if call, arg, ok := v.call(); ok && call == "Ref" && arg.Text == b.name {
		return newText(v.Line, b.value)
	}
	bound := &Value{Kind: v.Kind, Line: v.Line, Text: b.texts.Replace(v.Text), Bare: v.Bare, Placeholder: v.Placeholder}
	for _, item := range v.Items {
		bound.Items = append(bound.Items, l.bind(item, b))
	}
	if v.Kind == Map {
		bound.index = make(map[string]*Value, len(v.Fields))
	}
	for _, f := range v.Fields {
		l.put(bound, Field{b.texts.Replace(f.Key), f.Line, l.bind(f.Value, b)})
	}
	return bound
}
