// Package failures runs the functions as Lambda does, makes them fail in every
// possible way, and checks their logs with the filter and the query for failures
// in docs/deploying.md. This file and query.go have the two languages, as far as
// that document and the templates use them.
package failures

import (
	"encoding/json"
	"fmt"
	"regexp"
	"strconv"
	"strings"
)

// A Pattern is a filter pattern for lines of JSON (CloudWatch Logs User Guide,
// "Using filter patterns to match terms in JSON log events"): comparisons by =,
// !=, <, <=, > and >= of selectors such as $.a.b with words, quoted strings,
// where * matches anything, or numbers; IS NULL, IS TRUE, IS FALSE, NOT EXISTS;
// &&, || and parentheses.
type Pattern struct{ match func(line any) bool }

// ParsePattern reads a pattern, which is in braces.
func ParsePattern(text string) (Pattern, error) {
	inner, ok := strings.CutPrefix(strings.TrimSpace(text), "{")
	inner, closed := strings.CutSuffix(inner, "}")
	if !ok || !closed {
		return Pattern{}, fmt.Errorf("failures: the pattern %s is not in braces", text)
	}
	tokens, err := scan(inner)
	if err != nil {
		return Pattern{}, err
	}
	p := parser{tokens: tokens}
	match := p.either(p.comparison)
	if p.err == nil && len(p.tokens) > 0 {
		p.fail()
	}
	return Pattern{match}, p.err
}

// Match reports whether a line is JSON that the pattern finds.
func (p Pattern) Match(line string) bool {
	var v any
	return json.Unmarshal([]byte(line), &v) == nil && p.match(v)
}

var token = regexp.MustCompile(`^\s*("(?:[^"\\]|\\.)*"|&&|\|\||[!<>]=|[=<>()|,]|[^\s"'=<>!()|&,]+)`)

func scan(text string) ([]string, error) {
	var tokens []string
	for strings.TrimSpace(text) != "" {
		at := token.FindStringSubmatch(text)
		if at == nil {
			return nil, fmt.Errorf("failures: what is %q?", text)
		}
		tokens = append(tokens, at[1])
		text = text[len(at[0]):]
	}
	return tokens, nil
}

// parser reads tokens. After a mistake err has the first.
type parser struct {
	tokens []string
	err    error
}

func (p *parser) fail() {
	if p.err == nil {
		p.err = fmt.Errorf("failures: not understood from here: %q", p.tokens)
	}
}

// take consumes the next token if it is one of those given, or any if none are
// given.
func (p *parser) take(wanted ...string) string {
	if len(p.tokens) == 0 {
		if len(wanted) == 0 {
			p.fail()
		}
		return ""
	}
	next := p.tokens[0]
	for _, w := range wanted {
		if strings.EqualFold(next, w) {
			p.tokens = p.tokens[1:]
			return w
		}
	}
	if len(wanted) > 0 {
		return ""
	}
	p.tokens = p.tokens[1:]
	return next
}

func (p *parser) must(wanted string) {
	if p.take(wanted) == "" {
		p.fail()
	}
}

type condition func(line any) bool

// either reads comparisons joined by "or", each possibly several joined by "and",
// and parentheses.
func (p *parser) either(comparison func() condition) condition {
	return p.joined(func() condition {
		return p.joined(func() condition {
			if p.take("(") == "" {
				return comparison()
			}
			c := p.either(comparison)
			p.must(")")
			return c
		}, true, "&&", "and")
	}, false, "||", "or")
}

// joined reads operands and their operator: all must hold, or one.
func (p *parser) joined(operand func() condition, all bool, by ...string) condition {
	operands := []condition{operand()}
	for p.take(by...) != "" {
		operands = append(operands, operand())
	}
	return func(line any) bool {
		for _, o := range operands {
			if o(line) != all {
				return !all
			}
		}
		return all
	}
}

func (p *parser) comparison() condition {
	selector, ok := strings.CutPrefix(p.take(), "$.")
	if !ok {
		p.fail()
	}
	value := func(line any) (any, bool) { return lookUp(line, selector) }
	switch operator := p.take("=", "!=", "<", "<=", ">", ">=", "IS", "NOT"); operator {
	case "IS":
		want, known := map[string]any{"NULL": nil, "TRUE": true, "FALSE": false}[p.take("NULL", "TRUE", "FALSE")]
		if !known {
			p.fail()
		}
		return func(line any) bool { v, found := value(line); return found && v == want }
	case "NOT":
		p.must("EXISTS")
		return func(line any) bool { _, found := value(line); return !found }
	case "=", "!=":
		want := wildcard(p.take())
		return func(line any) bool {
			v, found := value(line)
			return found && want.MatchString(plain(v)) == (operator == "=")
		}
	case "":
		p.fail()
		return nil
	default:
		want, err := strconv.ParseFloat(p.take(), 64)
		if err != nil {
			p.fail()
		}
		return func(line any) bool {
			v, _ := value(line)
			n, ok := v.(float64)
			return ok && map[string]bool{"<": n < want, "<=": n <= want, ">": n > want, ">=": n >= want}[operator]
		}
	}
}

// wildcard returns a regular expression for a term, in quotes or not.
func wildcard(term string) *regexp.Regexp {
	return regexp.MustCompile(`\A(?s:` + strings.ReplaceAll(regexp.QuoteMeta(unquote(term)), `\*`, `.*`) + `)\z`)
}

func unquote(term string) string {
	if text, err := strconv.Unquote(term); err == nil {
		return text
	}
	return term
}

// lookUp returns the value at a path of members, "a.b".
func lookUp(v any, path string) (any, bool) {
	for name := range strings.SplitSeq(path, ".") {
		members, _ := v.(map[string]any)
		member, ok := members[name]
		if !ok {
			return nil, false
		}
		v = member
	}
	return v, true
}

// plain returns a value as the text that terms are compared with.
func plain(v any) string {
	if text, ok := v.(string); ok {
		return text
	}
	b, _ := json.Marshal(v) // what was JSON before
	return string(b)
}
