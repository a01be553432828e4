package sam

import (
	"cmp"
	"strconv"
	"strings"

	"github.com/crumb-go/crumb/internal/cfn"
)

// A property is an unresolved value of the template, with its name for findings.
// Its methods resolve it, and record mistakes in it: text, boolean and number for a
// scalar, texts for a list, open for a map whose parts are read one by one, resolve
// for a whole value. Where a placeholder is good enough, use t.Resolve("", value).
type property struct {
	t     *cfn.Template
	where string
	value *cfn.Value // nil: absent
}

// at returns the property at a path of keys in p. Findings name it after the last
// of them.
func (p property) at(path ...string) property {
	return property{p.t, p.where + " " + path[len(path)-1], p.value.Get(path...)}
}

// as returns p with another name for findings.
func (p property) as(where string) property { return property{p.t, where, p.value} }

// open returns p resolved only if it is itself a call, so that its parts can be
// read one by one.
func (p property) open() property { return property{p.t, p.where, p.t.Open(p.where, p.value)} }

func (p property) isNull() bool { return p.value.IsNull() }

// line returns p's line, or otherwise if p is absent.
func (p property) line(otherwise int) int {
	if p.isNull() {
		return otherwise
	}
	return p.value.Line
}

// name returns the name of p alone.
func (p property) name() string { return p.where[strings.LastIndexByte(p.where, ' ')+1:] }

// fields returns the fields of a map.
func (p property) fields() []cfn.Field {
	if p.value == nil {
		return nil
	}
	return p.value.Fields
}

// resolve resolves p completely.
func (p property) resolve() *cfn.Value { return p.t.Resolve(p.where, p.value) }

// refuse records a mistake in p, which must not be absent.
func (p property) refuse(format string, args ...any) {
	p.t.Refuse(p.value.Line, "%s "+format, append([]any{p.where}, args...)...)
}

// text reads a string; byDefault if absent.
func (p property) text(byDefault string) string {
	v := p.resolve()
	if v.Kind == cfn.List || v.Kind == cfn.Map {
		p.refuse("must be a string, not %s", v.Kind)
	}
	return cmp.Or(v.Text, byDefault)
}

// texts reads the strings of a list, or one string.
func (p property) texts() []string {
	v := p.resolve()
	if v.Kind == cfn.Scalar {
		return []string{v.Text}
	}
	return v.Texts()
}

// boolean reads a boolean; byDefault if absent, true if unknown, which closes what
// it guards. (For AllowCredentials it is the wider choice.)
func (p property) boolean(byDefault bool) bool {
	v := p.resolve()
	if v.Kind == cfn.Null {
		return byDefault
	}
	b, ok := v.Bool()
	if !ok && !v.Placeholder {
		p.refuse("must be true or false")
	}
	return b || !ok
}

// number reads a whole number; byDefault if absent or unknown.
func (p property) number(byDefault, least, most int) int {
	v := p.resolve()
	if v.Kind == cfn.Null || v.Placeholder {
		return byDefault
	}
	i, err := strconv.Atoi(v.Text)
	if err != nil || i < least || i > most {
		p.refuse("must be a whole number from %d to %d", least, most)
		return byDefault
	}
	return i
}
