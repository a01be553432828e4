package cfn

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
)

// A Property is an unresolved value of the template, with its name for findings.
// Its methods resolve it, and record mistakes in it: Text, Boolean and Number for a
// scalar, Texts for a list, Open for a map whose parts are read one by one, Resolve
// for a whole value. Where a placeholder is good enough, use T.Resolve("", Value).
type Property struct {
	T     *Template
	Where string
	Value *Value // nil: absent
}

// Property returns the property with that value and that name.
func (t *Template) Property(where string, value *Value) Property { return Property{t, where, value} }

// At returns the property at a path of keys in p. Findings name it after the last
// of them.
func (p Property) At(path ...string) Property {
	return Property{p.T, p.Where + " " + path[len(path)-1], p.Value.Get(path...)}
}

// As returns p with another name for findings.
func (p Property) As(where string) Property { return Property{p.T, where, p.Value} }

// Open returns p resolved only if it is itself a call, so that its parts can be
// read one by one.
func (p Property) Open() Property { return Property{p.T, p.Where, p.T.Open(p.Where, p.Value)} }

func (p Property) IsNull() bool { return p.Value.IsNull() }

// Line returns p's line, or otherwise if p is absent.
func (p Property) Line(otherwise int) int {
	if p.IsNull() {
		return otherwise
	}
	return p.Value.Line
}

// Name returns the name of p alone.
func (p Property) Name() string { return p.Where[strings.LastIndexByte(p.Where, ' ')+1:] }

// Fields returns the fields of a map.
func (p Property) Fields() []Field {
	if p.Value == nil {
		return nil
	}
	return p.Value.Fields
}

// Resolve resolves p completely.
func (p Property) Resolve() *Value { return p.T.Resolve(p.Where, p.Value) }

// Refuse records a mistake in p, which must not be absent.
func (p Property) Refuse(format string, args ...any) {
	p.T.Refuse(p.Value.Line, "%s "+format, append([]any{p.Where}, args...)...)
}

// OnlyKeys reports the keys of p that are not known, and returns the line of the last,
// 0 if there is none.
func (p Property) OnlyKeys(report func(int, string, ...any), known ...string) (line int) {
	for _, f := range p.Fields() {
		if !slices.Contains(known, f.Key) {
			report(f.Line, "%s does not support %s; supported are %s", p.Where, f.Key, strings.Join(known, ", "))
			line = f.Line
		}
	}
	return line
}

// IsDynamic reports whether a text has a dynamic reference, to a secret for example.
func IsDynamic(text string) bool { return strings.Contains(text, "{{resolve:") }

// Text reads a string; byDefault if absent.
func (p Property) Text(byDefault string) string {
	v := p.Resolve()
	if v.Kind == List || v.Kind == Map {
		p.Refuse("must be a string, not %s", v.Kind)
	}
	return cmp.Or(v.Text, byDefault)
}

// Texts reads the strings of a list, or one string.
func (p Property) Texts() []string {
	v := p.Resolve()
	if v.Kind == Scalar {
		return []string{v.Text}
	}
	return v.Texts()
}

// Boolean reads a boolean; byDefault if absent, true if unknown, which closes what
// it guards. (For AllowCredentials it is the wider choice.)
func (p Property) Boolean(byDefault bool) bool {
	v := p.Resolve()
	if v.Kind == Null {
		return byDefault
	}
	b, ok := v.Bool()
	if !ok && !v.Placeholder {
		p.Refuse("must be true or false")
	}
	return b || !ok
}

// Number reads a whole number; byDefault if absent or unknown.
func (p Property) Number(byDefault, least, most int) int {
	v := p.Resolve()
	if v.Kind == Null || v.Placeholder {
		return byDefault
	}
	i, err := strconv.Atoi(v.Text)
	if err != nil || i < least || i > most {
		p.Refuse("must be a whole number from %d to %d", least, most)
		return byDefault
	}
	return i
}
