package dynamo

import (
	"cmp"
	"encoding/json"
	"maps"
	"reflect"
	"slices"
	"strconv"
	"strings"
)

// An item never changes once it is stored: responses are written without the
// lock.
type item map[string]value

// A value is an attribute's value. Its fields are in one form only, so that
// reflect.DeepEqual compares values. The zero value is that of a missing attribute.
type value struct {
	kind string  // "S", "N", "B", "BOOL", "NULL", "L", "M", "SS", "NS" or "BS"
	text string  // of S; N, see canonical; the bytes of B; "true" or "false" of BOOL and NULL
	list []value // of L; of a set, its members, sorted, as values of S, N or B
	item item    // of M
}

func (v value) exists() bool { return v.kind != "" }

func equal(a, b value) bool { return reflect.DeepEqual(a, b) }

// compare orders texts, numbers and bytes, and all others by type only.
func compare(a, b value) int {
	if a.kind == "N" && b.kind == "N" {
		return decimal(a.text).Cmp(decimal(b.text))
	}
	return cmp.Or(strings.Compare(a.kind, b.kind), strings.Compare(a.text, b.text))
}

// newSet returns the zero value for no members.
func newSet(kind string, members []value) value {
	if len(members) == 0 {
		return value{}
	}
	slices.SortFunc(members, compare)
	return value{kind: kind, list: members}
}

func bare(kind, text string) value { return value{kind: kind, text: text} }

// UnmarshalJSON reads {"S": "text"} and the like.
func (v *value) UnmarshalJSON(text []byte) error {
	var typed map[string]json.RawMessage
	if json.Unmarshal(text, &typed) != nil {
		return malformed("an attribute value is not an object: %.40s", text)
	}
	maps.DeleteFunc(typed, func(_ string, content json.RawMessage) bool { return string(content) == "null" })
	if len(typed) > 1 {
		return invalid("Supplied AttributeValue has more than one datatypes set, must contain exactly one of the supported datatypes")
	}
	for kind, content := range typed {
		var err error
		if *v, err = readValue(kind, content); err != nil {
			return err
		}
	}
	if !v.exists() {
		return invalid("Supplied AttributeValue is empty, must contain exactly one of the supported datatypes")
	}
	return nil
}

// readValue returns the zero value for an unknown type.
func readValue(kind string, content json.RawMessage) (v value, err error) {
	v.kind = kind
	var bytes []byte
	var truth bool
	switch kind {
	case "S":
		err = json.Unmarshal(content, &v.text)
	case "N":
		if err = json.Unmarshal(content, &v.text); err == nil {
			v.text, err = canonical(v.text)
		}
	case "B":
		err = json.Unmarshal(content, &bytes)
		v.text = string(bytes)
	case "BOOL", "NULL":
		err = json.Unmarshal(content, &truth)
		v.text = strconv.FormatBool(truth)
		if err == nil && kind == "NULL" && !truth {
			err = invalid("One or more parameter values were invalid: Null attribute value types must have the value of true")
		}
	case "L":
		v.list = []value{}
		err = json.Unmarshal(content, &v.list)
	case "M":
		v.item = item{}
		err = json.Unmarshal(content, &v.item)
	case "SS", "NS", "BS":
		var members []json.RawMessage
		if err = json.Unmarshal(content, &members); err == nil {
			v, err = readSet(kind, members)
		}
	default:
		return value{}, nil
	}
	if _, ours := err.(*apiError); err != nil && !ours {
		err = malformed("%.40s is not of the type %s", content, kind)
	}
	return v, err
}

func readSet(kind string, members []json.RawMessage) (set value, err error) {
	var list []value
	var texts []string // as they are written
	for _, m := range members {
		v, err := readValue(kind[:1], m)
		if err != nil {
			return set, err
		}
		list, texts = append(list, v), append(texts, strings.Trim(string(m), `"`))
	}
	set = newSet(kind, list)
	distinct := len(slices.CompactFunc(slices.Clone(set.list), equal)) == len(list)
	const prefix = "One or more parameter values were invalid: "
	switch {
	case len(list) == 0:
		return set, invalid(prefix+"%s", map[string]string{
			"SS": "An string set  may not be empty", "NS": "An number set  may not be empty", "BS": "Binary sets should not be empty",
		}[kind])
	case !distinct && kind == "NS":
		return set, invalid("Input collection contains duplicates")
	case !distinct:
		return set, invalid(prefix+"Input collection [%s] contains duplicates.", strings.Join(texts, ", "))
	}
	return set, nil
}

// MarshalJSON writes what UnmarshalJSON reads.
func (v value) MarshalJSON() ([]byte, error) {
	return json.Marshal(map[string]any{v.kind: v.content()})
}

func (v value) content() any {
	switch v.kind {
	case "B":
		return []byte(v.text)
	case "BOOL", "NULL":
		return v.text == "true"
	case "L":
		return v.list
	case "M":
		return v.item
	case "SS", "NS", "BS":
		members := make([]any, len(v.list))
		for i, m := range v.list {
			members[i] = m.content()
		}
		return members
	}
	return v.text
}

// size is the size in bytes that DynamoDB counts ("DynamoDB item sizes and formats").
func (v value) size() int {
	switch v.kind {
	case "S", "B":
		return len(v.text)
	case "N":
		digits := len(strings.Trim(strings.ReplaceAll(v.text, ".", ""), "-0"))
		sign := strings.Count(v.text, "-")
		return (digits+1)/2 + 1 + sign
	case "BOOL", "NULL":
		return 1
	case "M":
		return 3 + len(v.item) + v.item.size()
	}
	n := 0
	for _, m := range v.list {
		n += m.size()
	}
	if v.kind == "L" {
		n += 3 + len(v.list)
	}
	return n
}

func (it item) size() (n int) {
	for name, v := range it {
		n += len(name) + v.size()
	}
	return n
}

// depth is 1 for a text, 2 for a list of texts.
func (v value) depth() int {
	deepest := 0
	for _, m := range slices.AppendSeq(slices.Clone(v.list), maps.Values(v.item)) {
		deepest = max(deepest, m.depth())
	}
	return deepest + 1
}
