package dynamo

import (
	"bytes"
	"encoding/json"
	"math/big"
	"strings"
)

// Limits of DynamoDB ("Quotas in Amazon DynamoDB"), in bytes.
const (
	maxItem = 400 << 10
	maxPage = 1 << 20
)

type table struct {
	Table
	partitions map[string]map[string]item // by the texts of partition key and sort key
}

// key returns the texts of a key, which must have all of its attributes and no other.
func (t *table) key(k item) (partition, sortKey string, err error) {
	var texts [2]string
	for i, name := range t.Keys {
		v, ok := k[name]
		if !ok || len(v.text()) < 2 {
			return "", "", invalid("The provided key element does not match the schema: %s is missing or empty", name)
		}
		texts[i] = v.text()
	}
	if len(k) != len(t.Keys) {
		return "", "", invalid("The provided key element does not match the schema: it has %d attributes, not %d", len(k), len(t.Keys))
	}
	return texts[0], texts[1], nil
}

// set stores an item; nil removes it.
func (t *table) set(partition, sortKey string, it item) {
	if it == nil {
		delete(t.partitions[partition], sortKey)
		return
	}
	if t.partitions[partition] == nil {
		t.partitions[partition] = map[string]item{}
	}
	t.partitions[partition][sortKey] = it
}

// An item never changes once it is stored: responses are written without the
// lock.
type item map[string]value

// size is the size that DynamoDB counts: names and values. A number of n significant
// digits, without leading and trailing zeros, has about n/2 + 1 bytes ("DynamoDB item
// sizes and formats"); one more is counted here, for a sign or an odd digit.
func (it item) size() (n int) {
	for name, v := range it {
		n += len(name)
		if v.N != nil {
			n += len(strings.Trim(*v.N, "-0"))/2 + 2
		} else {
			n += len(v.text()) - 1
		}
	}
	return n
}

// project returns the attributes in a ProjectionExpression, or all for "".
func (it item) project(expression string) item {
	if expression == "" {
		return it
	}
	some := item{}
	for name := range strings.SplitSeq(expression, ",") {
		if v, ok := it[strings.TrimSpace(name)]; ok {
			some[strings.TrimSpace(name)] = v
		}
	}
	return some
}

// A value is a text, a number or bytes.
type value struct {
	S *string `json:",omitempty"`
	N *string `json:",omitempty"`
	B *[]byte `json:",omitempty"`
}

func (v *value) UnmarshalJSON(text []byte) error {
	type plain value
	d := json.NewDecoder(bytes.NewReader(text))
	d.DisallowUnknownFields()
	if err := d.Decode((*plain)(v)); err != nil {
		return invalid("attribute value is not of type S, N or B: %v", err)
	}
	if v.S == nil && v.N == nil && v.B == nil {
		return invalid("attribute value without a type")
	}
	if v.N != nil && v.number() == nil {
		return invalid("The parameter cannot be converted to a numeric value")
	}
	return nil
}

// text is the type and the content: equal for equal values, and sorted like a sort
// key for texts and bytes.
func (v value) text() string {
	switch {
	case v.S != nil:
		return "S" + *v.S
	case v.N != nil:
		return "N" + v.number().RatString()
	case v.B != nil:
		return "B" + string(*v.B)
	}
	return ""
}

func (v value) number() *big.Rat {
	if v.N == nil || len(*v.N) > 40 || strings.ContainsAny(*v.N, "/eExXpP_") { // a huge exponent would need all memory
		return nil
	}
	n, _ := new(big.Rat).SetString(*v.N) // nil if it is not one
	return n
}

// compare returns -1, 0 or 1; ok is false if the types differ.
func (v value) compare(other value) (order int, ok bool) {
	a, b := v.text(), other.text()
	if a == "" || b == "" || a[0] != b[0] {
		return 0, false
	}
	if v.N != nil {
		return v.number().Cmp(other.number()), true
	}
	return strings.Compare(a, b), true
}
