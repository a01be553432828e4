package dynamo

import (
	"cmp"
	"hash/crc32"
	"slices"
	"time"

	"github.com/crumb-go/crumb/internal/app"
)

// Limits of DynamoDB ("Quotas in Amazon DynamoDB"), in bytes and levels.
const (
	maxItem      = 400 << 10
	maxPage      = 1 << 20
	maxPartition = 2048 // of a partition key's value
	maxSort      = 1024 // of a sort key's value
	maxDepth     = 32
)

// A table has its items in the order of compareKeys.
type table struct {
	Table
	items []item

	made      time.Time
	id        string
	created   bool                  // by CreateTable
	protected bool                  // from DeleteTable
	capacity  map[string]throughput // provisioned for its indexes by name, and for itself as ""
}

func (t *table) sameKey(other Table) bool {
	return slices.Equal(t.Keys, other.Keys) && !slices.ContainsFunc(t.Keys, func(name string) bool { return t.Types[name] != other.Types[name] })
}

// compareKeys orders items by partition, each sorted by sort key. As in DynamoDB,
// partitions are in an order that no program can rely on, that of a hash.
func compareKeys(a, b item, keys []string) int {
	p := keys[0]
	order := cmp.Or(cmp.Compare(partition(a[p]), partition(b[p])), compare(a[p], b[p]))
	for _, sortKey := range keys[1:] {
		order = cmp.Or(order, compare(a[sortKey], b[sortKey]))
	}
	return order
}

func partition(v value) uint32 { return crc32.ChecksumIEEE([]byte(v.text)) }

// find returns where the item of a key is or would be.
func (t *table) find(key item) (i int, found bool) {
	return slices.BinarySearchFunc(t.items, key, func(a, b item) int { return compareKeys(a, b, t.Keys) })
}

// get returns nil for no item.
func (t *table) get(key item) item {
	if i, found := t.find(key); found {
		return t.items[i]
	}
	return nil
}

// set stores the item of a key; nil removes it.
func (t *table) set(key, it item) {
	i, found := t.find(key)
	if found {
		t.items = slices.Delete(t.items, i, i+1)
	}
	if it != nil {
		t.items = slices.Insert(t.items, i, it)
	}
}

func (it item) only(names []string) item {
	some := item{}
	for _, name := range names {
		if v, ok := it[name]; ok {
			some[name] = v
		}
	}
	return some
}

const invalidKey = "The provided key element does not match the schema"

// checkKey checks that an item is the key of another, and no more.
func (t *table) checkKey(key item) error {
	for _, name := range t.Keys {
		if v := key[name]; len(key) != len(t.Keys) || !t.fits(name, v) {
			return invalid(invalidKey)
		}
	}
	return t.checkValues(key, t.Keys, "")
}

// fits reports whether a key's attribute has the type of the template.
func (t *table) fits(name string, v value) bool {
	return cmp.Or(t.Types[name], v.kind) == v.kind && ordered(v, v)
}

// checkValues checks the sizes of a key's attributes.
func (t *table) checkValues(it item, keys []string, index string) error {
	for i, name := range keys {
		v, ok := it[name]
		limited := ok && v.kind != "N"
		what := map[string]string{"S": "string", "B": "binary"}[v.kind]
		switch {
		case limited && v.text == "" && index != "":
			return invalid("One or more parameter values are not valid. A value specified for a secondary index key is not supported. The AttributeValue for a key attribute cannot contain an empty %s value. IndexName: %s, IndexKey: %s", what, index, name)
		case limited && v.text == "":
			return invalid("One or more parameter values are not valid. The AttributeValue for a key attribute cannot contain an empty %s value. Key: %s", what, name)
		case limited && i == 0 && len(v.text) > maxPartition:
			return invalid("One or more parameter values were invalid: Size of hashkey has exceeded the maximum size limit of%d bytes", maxPartition)
		case limited && i == 1 && len(v.text) > maxSort:
			return invalid("One or more parameter values were invalid: Aggregated size of all range keys has exceeded the size limit of %d bytes", maxSort)
		}
	}
	return nil
}

// checkItem checks an item that will be stored.
func (t *table) checkItem(it item, tooLarge string) error {
	err := t.misfit(it)
	if err != nil {
		return err
	}
	err = t.checkValues(it, t.Keys, "")
	for _, index := range t.Indexes {
		err = cmp.Or(err, t.checkValues(it, index.Keys, index.Name))
	}
	switch {
	case err != nil:
		return err
	case value{kind: "M", item: it}.depth() > maxDepth+1:
		return invalid("Nesting Levels have exceeded supported limits")
	case it.size() > maxItem:
		return invalid("%s", tooLarge)
	}
	return nil
}

// misfit rejects an item without a key, or with one of a wrong type.
func (t *table) misfit(it item) error {
	for _, name := range t.Keys {
		if v, ok := it[name]; !ok {
			return invalid(values+"Missing the key %s in the item", name)
		} else if !t.fits(name, v) {
			return invalid(values+"Type mismatch for key %s expected: %s actual: %s", name, cmp.Or(t.Types[name], "S, N or B"), v.kind)
		}
	}
	for _, index := range t.Indexes {
		for _, name := range index.Keys {
			if v, ok := it[name]; ok && !t.fits(name, v) {
				return invalid(values+"Type mismatch for Index Key %s Expected: %s Actual: %s IndexName: %s", name, cmp.Or(t.Types[name], "S, N or B"), v.kind, index.Name)
			}
		}
	}
	return nil
}

// A view is what a Query or Scan reads: a table, or an index.
type view struct {
	keys      []string // of the table or the index
	all       []string // those and the table's
	items     []item   // with all of their attributes
	projected []string // the attributes that an index has; nil for all
	global    bool
}

// view returns the index of a name, and the table for nil.
func (t *table) view(name *string) (view, error) {
	if name == nil {
		return view{keys: t.Keys, all: t.Keys, items: t.items}, nil
	}
	i := slices.IndexFunc(t.Indexes, func(index app.Index) bool { return index.Name == *name })
	if i < 0 {
		return view{}, invalid("The table does not have the specified index: %s", *name)
	}
	index := t.Indexes[i]
	v := view{keys: index.Keys, all: slices.Clone(index.Keys), global: index.Global}
	for _, name := range t.Keys {
		if !slices.Contains(v.all, name) {
			v.all = append(v.all, name)
		}
	}
	if index.Projection != "ALL" {
		v.projected = append(slices.Clone(v.all), index.Attributes...)
	}
	v.items = keep(t.items, func(it item) bool {
		return !slices.ContainsFunc(index.Keys, func(name string) bool { return !t.fits(name, it[name]) })
	})
	slices.SortFunc(v.items, v.compare)
	return v, nil
}

// compare orders items of an index with equal keys by those of the table.
func (v view) compare(a, b item) int {
	order := compareKeys(a, b, v.keys)
	for _, name := range v.all[len(v.keys):] {
		order = cmp.Or(order, compare(a[name], b[name]))
	}
	return order
}
