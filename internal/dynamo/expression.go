package dynamo

import (
	"math/big"
	"regexp"
	"slices"
	"strings"
)

var (
	existence  = regexp.MustCompile(`^attribute_(not_)?exists\((\w+)\)$`)
	comparison = regexp.MustCompile(`^(\w+) ([=<>]) (:\w+)$`)
	clause     = regexp.MustCompile(`\b(SET|ADD)\s`)
	assignment = regexp.MustCompile(`^(\w+) = (:\w+)$`)
	addition   = regexp.MustCompile(`^(\w+) (:\w+)$`)
)

// holds reports whether a ConditionExpression holds for an item, which is nil if it
// does not exist.
func holds(expression string, it, values item) (bool, error) {
	all := true
	for part := range strings.SplitSeq(expression, " AND ") {
		part = strings.TrimSpace(part)
		if m := existence.FindStringSubmatch(part); m != nil {
			_, exists := it[m[2]]
			all = all && exists == (m[1] == "")
			continue
		}
		m := comparison.FindStringSubmatch(part)
		if m == nil {
			return false, invalid("crumb does not support the ConditionExpression %q: not %q", expression, part)
		}
		want, ok := values[m[3]]
		if !ok {
			return false, invalid("ConditionExpression %q: no value for %s", expression, m[3])
		}
		order, comparable := it[m[1]].compare(want)
		all = all && comparable && order == map[string]int{"<": -1, "=": 0, ">": 1}[m[2]]
	}
	return all, nil
}

// apply changes an item by an UpdateExpression and returns the changes.
func apply(expression string, it, values item, keys []string) (item, error) {
	changed := item{}
	starts := clause.FindAllStringSubmatchIndex(expression, -1)
	if len(starts) == 0 || strings.TrimSpace(expression[:starts[0][0]]) != "" {
		return nil, invalid("crumb does not support the UpdateExpression %q: only SET and ADD", expression)
	}
	for i, at := range starts {
		end := len(expression)
		if i+1 < len(starts) {
			end = starts[i+1][0]
		}
		word := expression[at[2]:at[3]]
		for part := range strings.SplitSeq(expression[at[1]:end], ",") {
			name, v, err := change(word, strings.TrimSpace(part), it, values)
			if err != nil {
				return nil, err
			}
			if slices.Contains(keys, name) {
				return nil, invalid("Cannot update attribute %s. This attribute is part of the key", name)
			}
			it[name], changed[name] = v, v
		}
	}
	return changed, nil
}

// change returns the attribute that one part of a clause changes, and its new
// value.
func change(word, part string, it, values item) (name string, v value, err error) {
	form := map[string]*regexp.Regexp{"SET": assignment, "ADD": addition}[word]
	m := form.FindStringSubmatch(part)
	if m == nil {
		return "", v, invalid("crumb does not support %s %s in an UpdateExpression", word, part)
	}
	v, ok := values[m[2]]
	if !ok {
		return "", v, invalid("UpdateExpression: no value for %s", m[2])
	}
	if word == "SET" {
		return m[1], v, nil
	}
	sum := v.number()
	if old, exists := it[m[1]]; exists && sum != nil {
		if old.number() == nil {
			sum = nil
		} else {
			sum = new(big.Rat).Add(sum, old.number())
		}
	}
	if sum == nil || !sum.IsInt() {
		return "", v, invalid("crumb supports ADD for whole numbers only")
	}
	text := sum.RatString()
	return m[1], value{N: &text}, nil
}
