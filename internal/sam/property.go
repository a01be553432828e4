package sam

import (
	"cmp"
	"strconv"

	"github.com/crumb-go/crumb/internal/cfn"
)

// A property is a value of the template, as it is written there, and what
// findings call it. Its methods resolve it, and record what is wrong with it.
type property struct {
	t     *cfn.Template
	where string
	value *cfn.Value // nil: it is not there
}

// at returns the property at a path of keys in p, called by the last of them.
func (p property) at(path ...string) property {
	return property{p.t, p.where + " " + path[len(path)-1], p.value.Get(path...)}
}

// as returns p called otherwise.
func (p property) as(where string) property { return property{p.t, where, p.value} }

// open returns p resolved if it is itself a call, for its parts to be read one by
// one.
func (p property) open() property { return property{p.t, p.where, p.t.Open(p.where, p.value)} }

func (p property) isNull() bool { return p.value.IsNull() }

// line is p's line, or else that of what p would be in.
func (p property) line(otherwise int) int {
	if p.isNull() {
		return otherwise
	}
	return p.value.Line
}

// fields are those of a map.
func (p property) fields() []cfn.Field {
	if p.value == nil {
		return nil
	}
	return p.value.Fields
}

// resolve resolves p wholly.
func (p property) resolve() *cfn.Value { return p.t.Resolve(p.where, p.value) }

// fail records a mistake in p, which is there.
func (p property) fail(format string, args ...any) {
	p.t.Fail(p.value.Line, "%s "+format, append([]any{p.where}, args...)...)
}

// text reads a text; absent is byDefault.
func (p property) text(byDefault string) string {
	v := p.resolve()
	if v.Kind == cfn.List || v.Kind == cfn.Map {
		p.fail("must be a text, not %s", v.Kind)
	}
	return cmp.Or(v.Text, byDefault)
}

// texts reads the texts of a list, or one text.
func (p property) texts() []string {
	v := p.resolve()
	if v.Kind == cfn.Scalar {
		return []string{v.Text}
	}
	return v.Texts()
}

// boolean reads a boolean. Absent is byDefault, and unknown is true: that is the
// careful choice wherever it is asked.
func (p property) boolean(byDefault bool) bool {
	v := p.resolve()
	if v.Kind == cfn.Null {
		return byDefault
	}
	b, ok := v.Bool()
	if !ok && !v.StandIn {
		p.fail("must be true or false")
	}
	return b || !ok
}

// number reads a whole number; absent or unknown is byDefault.
func (p property) number(byDefault, least, most int) int {
	v := p.resolve()
	if v.Kind == cfn.Null || v.StandIn {
		return byDefault
	}
	i, err := strconv.Atoi(v.Text)
	if err != nil || i < least || i > most {
		p.fail("must be a whole number from %d to %d", least, most)
		return byDefault
	}
	return i
}
