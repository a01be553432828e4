package sam

import (
	"regexp"
	"slices"
	"strconv"
	"unicode/utf8"
)

// check holds one value against what the template allows ("Parameters section
// of a CloudFormation template"). What it reports is ConstraintDescription, if
// there is one, and never the value.
func (r *reader) check(f field, kind string, value *node) {
	why := ""
	if kind == "Number" || kind == "List<Number>" {
		why = r.outOfRange(f.value, value.text)
	} else {
		why = r.unfit(f.value, value.text)
	}
	if allowed := f.value.get("AllowedValues"); why == "" && allowed != nil && r.spend(len(allowed.items)) {
		same := func(n *node) bool { return n.text == value.text }
		if !slices.ContainsFunc(allowed.items, same) {
			why = "is none of its AllowedValues"
		}
	}
	if why == "" {
		return
	}
	if d := f.value.get("ConstraintDescription").str(); d != "" {
		why += ": " + d
	}
	r.fail(f.line, "the value of the parameter %s %s", f.key, why)
}

// outOfRange says what is wrong with a number, "" for nothing.
func (r *reader) outOfRange(p *node, text string) string {
	value, err := strconv.ParseFloat(text, 64)
	if err != nil {
		return "is not a number"
	}
	if least, ok := r.limit(p, "MinValue"); ok && value < least {
		return "is less than its MinValue"
	}
	if most, ok := r.limit(p, "MaxValue"); ok && value > most {
		return "is more than its MaxValue"
	}
	return ""
}

// unfit says what is wrong with a text, "" for nothing. A pattern must fit all
// of it; one in a dialect that Go does not have is not checked.
func (r *reader) unfit(p *node, text string) string {
	if pattern := p.get("AllowedPattern"); !pattern.isNull() {
		fits, err := regexp.Compile(`^(?:` + pattern.text + `)$`)
		if err != nil {
			r.note(pattern.line, "the AllowedPattern is not checked: %v", err)
		} else if r.spend(len(text)/64) && !fits.MatchString(text) {
			return "does not match its AllowedPattern"
		}
	}
	length := float64(utf8.RuneCountInString(text))
	if least, ok := r.limit(p, "MinLength"); ok && length < least {
		return "is shorter than its MinLength"
	}
	if most, ok := r.limit(p, "MaxLength"); ok && length > most {
		return "is longer than its MaxLength"
	}
	return ""
}

// limit reads a number that a value is held against.
func (r *reader) limit(p *node, name string) (limit float64, ok bool) {
	n := p.get(name)
	if n.isNull() {
		return 0, false
	}
	limit, err := strconv.ParseFloat(n.text, 64)
	if err != nil {
		r.fail(n.line, "%s must be a number", name)
	}
	return limit, err == nil
}
