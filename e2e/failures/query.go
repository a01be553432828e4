package failures

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
)

// A Query is one of CloudWatch Logs Insights: commands joined by |, of which
// "filter", with = and !=, joined by and/or, and "stats count() by" are understood.
type Query struct {
	filters []condition
	by      []string
}

// ParseQuery reads a query that has at least one filter and ends with stats.
func ParseQuery(text string) (Query, error) {
	var q Query
	tokens, err := scan(text)
	if err != nil {
		return q, err
	}
	p := parser{tokens: tokens}
	for p.take("filter") != "" {
		q.filters = append(q.filters, p.either(p.field))
		p.must("|")
	}
	p.must("stats")
	p.must("count")
	p.must("(")
	p.take("*")
	p.must(")")
	p.must("by")
	q.by = append(q.by, p.take())
	for p.take(",") != "" {
		q.by = append(q.by, p.take())
	}
	if len(p.tokens) > 0 || len(q.filters) == 0 {
		p.fail()
	}
	return q, p.err
}

func (p *parser) field() condition {
	name := p.take()
	operator := p.take("=", "!=")
	if operator == "" {
		p.fail()
	}
	want := unquote(p.take())
	return func(line any) bool {
		v, found := lookUp(line, name)
		return found && (plain(v) == want) == (operator == "=")
	}
}

// Count returns how many lines the query finds, by group. A line without one of
// the group's fields is an error: it would be counted without saying anything.
func (q Query) Count(lines []string) (map[string]int, error) {
	groups := map[string]int{}
	var errs []error
next:
	for _, line := range lines {
		var v any
		if json.Unmarshal([]byte(line), &v) != nil {
			continue // has no fields
		}
		for _, f := range q.filters {
			if !f(v) {
				continue next
			}
		}
		var group []string
		for _, name := range q.by {
			value, found := lookUp(v, name)
			if !found || plain(value) == "" {
				errs = append(errs, fmt.Errorf("failures: no %s in %s", name, line))
			}
			group = append(group, plain(value))
		}
		groups[strings.Join(group, " ")]++
	}
	return groups, errors.Join(errs...)
}
