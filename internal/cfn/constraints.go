package cfn

import (
	"regexp"
	"strconv"
	"unicode/utf8"
)

// constraints are those of a parameter ("Parameters section of a CloudFormation
// template").
type constraints struct {
	*Template
	parameter Field
	kind      string
}

// check checks one value against the constraints. It reports
// ConstraintDescription, if there is one, and never the value.
func (c *constraints) check(text string) {
	why := ""
	if c.kind == "Number" || c.kind == "List<Number>" {
		why = c.outOfRange(text)
	} else {
		why = c.unfit(text)
	}
	p := c.parameter.Value
	if allowed := p.Get("AllowedValues"); why == "" && allowed != nil && c.Spend(len(allowed.Items)) && !allowed.Has(text) {
		why = "is not one of its AllowedValues"
	}
	if why == "" {
		return
	}
	if d := p.Get("ConstraintDescription").Str(); d != "" {
		why += ": " + d
	}
	c.Refuse(c.parameter.Line, "the value of the parameter %s %s", c.parameter.Key, why)
}

// outOfRange says what is wrong with a number, "" if nothing is.
func (c *constraints) outOfRange(text string) string {
	value, err := strconv.ParseFloat(text, 64)
	if err != nil {
		return "is not a number"
	}
	if least, ok := c.limit("MinValue"); ok && value < least {
		return "is less than its MinValue"
	}
	if most, ok := c.limit("MaxValue"); ok && value > most {
		return "is more than its MaxValue"
	}
	return ""
}

// unfit says what is wrong with a string, "" if nothing is. A pattern must
// match all of it. A pattern that Go does not support is not checked.
func (c *constraints) unfit(text string) string {
	if pattern := c.parameter.Value.Get("AllowedPattern"); !pattern.IsNull() {
		fits, err := regexp.Compile(`^(?:` + pattern.Text + `)$`)
		if err != nil {
			c.Note(pattern.Line, "the AllowedPattern is not checked: %v", err)
		} else if c.Spend(len(text)/64) && !fits.MatchString(text) {
			return "does not match its AllowedPattern"
		}
	}
	length := float64(utf8.RuneCountInString(text))
	if least, ok := c.limit("MinLength"); ok && length < least {
		return "is shorter than its MinLength"
	}
	if most, ok := c.limit("MaxLength"); ok && length > most {
		return "is longer than its MaxLength"
	}
	return ""
}

// limit reads a number that a value is compared with.
func (c *constraints) limit(name string) (limit float64, ok bool) {
	v := c.parameter.Value.Get(name)
	if v.IsNull() {
		return 0, false
	}
	limit, err := strconv.ParseFloat(v.Text, 64)
	if err != nil {
		c.Refuse(v.Line, "%s must be a number", name)
	}
	return limit, err == nil
}
