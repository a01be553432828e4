package tables_test

import (
	"encoding/base64"
	"fmt"
	"math/rand/v2"
	"strings"

	"github.com/crumb-go/crumb/internal/app"
)

// tables are what the operations are done to. The attributes k, n, by and g are in
// keys, all others may have any type.
var tables = []app.Table{
	{Name: "Sorted", Keys: []string{"k", "n"}, Types: map[string]string{"k": "S", "n": "N", "team": "S", "g": "N"}, Indexes: []app.Index{
		{Name: "all", Keys: []string{"team"}, Global: true, Projection: "ALL"},
		{Name: "some", Keys: []string{"team", "g"}, Global: true, Projection: "INCLUDE", Attributes: []string{"a", "m"}},
		{Name: "keys", Keys: []string{"g"}, Global: true, Projection: "KEYS_ONLY"},
		{Name: "local", Keys: []string{"k", "g"}, Projection: "ALL"},
		{Name: "local-some", Keys: []string{"k", "team"}, Projection: "INCLUDE", Attributes: []string{"a", "m"}},
	}},
	{Name: "Bytes", Keys: []string{"k"}, Types: map[string]string{"k": "B"}},
}

type object = map[string]any

// A generator makes one request: its names and values collect what the expressions
// use.
type generator struct {
	*rand.Rand
	names, values object
	taken         map[string]bool // attributes that the expression's paths have used
}

func (g *generator) one(of ...string) string { return of[g.IntN(len(of))] }

func (g *generator) chance(percent int) bool { return g.IntN(100) < percent }

// usual are the types that attributes mostly have.
var usual = map[string]string{
	"a": "N", "c": "N", "s": "S", "b": "B", "l": "L", "m": "M", "ss": "SS", "ns": "NS", "bs": "BS", "status": "BOOL", "z": "NULL", "k": "S", "n": "N", "team": "S", "g": "N",
}

var attributes = []string{"a", "c", "s", "b", "l", "m", "ss", "ns", "bs", "status", "z"}

func (g *generator) number() string {
	return g.one("0", "1", "2", "3", "-1", "-2.50", "10", "1.5", "1e2", "0.1", "-0", "12345678901234567890123456789012345678",
		"0.00000000000000000000000000000000000001", "1E125", "1E-130", "9.9999999999999999999999999999999999999E+125",
		g.one("0", "1E126", "123456789012345678901234567890123456789", "x"))
}

func (g *generator) small() string { return g.one("1", "2", "3", "4.5", "10", "-7") }

func (g *generator) text() string { return g.one("", "a", "b", "ab", "abc", "é", "z", "A") }

func (g *generator) bytes() string { return base64.StdEncoding.EncodeToString([]byte(g.text())) }

// value returns an attribute value of a type.
func (g *generator) value(kind string, depth int) object {
	set := func(member func() string) []string {
		seen := map[string]bool{}
		members := []string{}
		n := 1 + g.IntN(3)
		if g.chance(3) {
			n = 0 // an error
		}
		for range n {
			if m := member(); !seen[m] || g.chance(2) {
				seen[m] = true
				members = append(members, m)
			}
		}
		return members
	}
	switch kind {
	case "S":
		return object{"S": g.text()}
	case "N":
		if g.chance(80) {
			return object{"N": g.small()}
		}
		return object{"N": g.number()}
	case "B":
		return object{"B": g.bytes()}
	case "BOOL":
		return object{"BOOL": g.chance(50)}
	case "NULL":
		return object{"NULL": !g.chance(1)}
	case "SS":
		return object{"SS": set(g.text)}
	case "NS":
		return object{"NS": set(g.small)}
	case "BS":
		return object{"BS": set(g.bytes)}
	case "L":
		list := []object{}
		for range g.IntN(4) {
			list = append(list, g.any(depth+1))
		}
		return object{"L": list}
	}
	m := object{}
	for _, name := range []string{"x", "y", "l", "m"} {
		if g.chance(50) {
			m[name] = g.any(depth + 1)
		}
	}
	return object{"M": m}
}

func (g *generator) any(depth int) object {
	kinds := []string{"S", "N", "N", "B", "BOOL", "NULL", "SS", "NS", "BS", "L", "M"}
	if depth > 2 {
		kinds = kinds[:6]
	}
	return g.value(g.one(kinds...), depth)
}

// typical returns a value of an attribute's usual type, mostly.
func (g *generator) typical(name string) object {
	if name == "c" { // the other emulator calculates with 28 digits, and DynamoDB with 38
		return object{"N": g.small()}
	}
	if g.chance(12) {
		return g.any(0)
	}
	return g.value(usual[name], 0)
}

func (g *generator) key(t app.Table) object {
	key := object{"k": object{"S": g.one("p", "q", "r")}, "n": object{"N": g.one("1", "2", "3", "10", "-1.5")}}
	if t.Name == "Bytes" {
		key = object{"k": object{"B": g.one("AA==", "AQ==", "AgM=", "/w==")}}
	}
	if g.chance(1) {
		key["k"] = g.any(1)
	}
	return key
}

func (g *generator) item(t app.Table) object {
	it := g.key(t)
	for _, name := range attributes {
		if g.chance(35) {
			it[name] = g.typical(name)
		}
	}
	if g.chance(60) {
		it["team"] = object{"S": g.one("u", "v")}
	}
	if g.chance(60) {
		it["g"] = object{"N": g.one("1", "2", "30")}
	}
	if g.chance(2) {
		it["team"] = g.any(1)
	}
	return it
}

// name returns an attribute's name for an expression, mostly as a placeholder.
func (g *generator) name(name string) string {
	if name != "status" && g.chance(60) || g.chance(1) {
		return name
	}
	g.names["#"+name] = name
	return "#" + name
}

func (g *generator) path() (path, name string) {
	name = g.one(attributes...)
	for tries := 0; g.taken[name] && tries < 5; tries++ { // so that paths rarely overlap
		name = g.one(attributes...)
	}
	if g.chance(10) {
		name = g.one("team", "g", "n", "nowhere")
	}
	path = g.name(name)
	if name == "l" && g.chance(60) || g.chance(3) {
		path += fmt.Sprintf("[%d]", g.IntN(4))
	}
	for range 2 {
		if name == "m" && g.chance(60) || g.chance(3) {
			path += "." + g.name(g.one("x", "y", "l", "m"))
		}
	}
	return path, name
}

func (g *generator) placeholder(v object) string {
	name := fmt.Sprintf(":v%d", len(g.values))
	g.values[name] = v
	return name
}

func (g *generator) condition(depth int) string {
	if depth < 3 && g.chance(35) {
		a, b := g.condition(depth+1), g.condition(depth+1)
		switch g.IntN(4) {
		case 0:
			return a + " AND " + b
		case 1:
			return a + " OR " + b
		case 2:
			return "NOT " + a
		}
		return "(" + a + " or " + b + ")"
	}
	path, name := g.path()
	v := func() string { return g.placeholder(g.typical(name)) }
	switch g.IntN(9) {
	case 0:
		return "attribute_exists(" + path + ")"
	case 1:
		return "attribute_not_exists (" + path + ")"
	case 2:
		return "attribute_type(" + path + ", " + g.placeholder(object{"S": g.one("S", "N", "B", "BOOL", "NULL", "L", "M", "SS", "NS", "BS", "X")}) + ")"
	case 3:
		return "begins_with(" + path + ", " + g.placeholder(g.value(g.one("S", "S", "S", "B", "N"), 0)) + ")"
	case 4:
		return "contains(" + path + ", " + g.placeholder(g.value(g.one("S", "N", "B", "S", "BOOL"), 2)) + ")"
	case 5:
		return "size(" + path + ") " + g.one("=", "<", ">=", "<>") + " " + g.placeholder(object{"N": g.one("0", "1", "2", "3")})
	case 6:
		return path + " BETWEEN " + v() + " AND " + v()
	case 7:
		return path + " IN (" + v() + ", " + v() + ")"
	}
	other := v()
	if g.chance(10) {
		delete(g.values, other)
		other, _ = g.path()
	}
	return path + " " + g.one("=", "<>", "<", "<=", ">", ">=") + " " + other
}

// apart is path, for paths that must not overlap.
func (g *generator) apart() (path, name string) {
	path, name = g.path()
	g.taken[name] = true
	return path, name
}

func (g *generator) update() string {
	var sections []string
	g.taken = map[string]bool{}
	defer func() { g.taken = nil }()
	for _, verb := range []string{"SET", "REMOVE", "ADD", "DELETE"} {
		var actions []string
		if g.chance(45) {
			continue
		}
		for range 1 + g.IntN(2) {
			switch verb {
			case "SET":
				path, name := g.apart()
				actions = append(actions, path+" = "+g.operand(name, path))
			case "REMOVE":
				path, _ := g.apart()
				actions = append(actions, path)
			case "ADD":
				kind := g.one("N", "N", "NS", "SS", "BS")
				v := g.value(kind, 0)
				if kind == "N" {
					v = object{"N": g.small()}
				}
				actions = append(actions, g.set(kind)+" "+g.placeholder(v))
			case "DELETE":
				kind := g.one("NS", "SS", "BS")
				actions = append(actions, g.set(kind)+" "+g.placeholder(g.value(kind, 0)))
			}
		}
		sections = append(sections, verb+" "+strings.Join(actions, ", "))
	}
	// Of a missing item DynamoDB makes none if all is removed, and the other emulator one.
	if !strings.Contains(strings.Join(sections, ""), "SET ") && !strings.Contains(strings.Join(sections, ""), "ADD ") {
		sections = append(sections, "SET c = "+g.operand("c", "c"))
	}
	return strings.Join(sections, " ")
}

// set returns an attribute for ADD and DELETE, which mostly has that type.
func (g *generator) set(kind string) string {
	if g.chance(10) {
		path, _ := g.path()
		return path
	}
	name := map[string]string{"N": "c", "NS": "ns", "SS": "ss", "BS": "bs"}[kind]
	if g.taken[name] && g.chance(90) {
		name += "2"
	}
	g.taken[name] = true
	return name
}

// operand returns the right side of SET.
func (g *generator) operand(name, path string) string {
	switch g.IntN(6) {
	case 0:
		return "if_not_exists(" + path + ", " + g.placeholder(g.typical(name)) + ")"
	case 1:
		c := g.one("c", "c", "c", "s")
		if g.chance(50) {
			c = "if_not_exists(c, " + g.placeholder(object{"N": "1"}) + ")"
		}
		return c + " " + g.one("+", "-") + " " + g.placeholder(object{"N": g.small()})
	case 2:
		return "list_append(l, " + g.placeholder(g.value("L", 1)) + ")"
	case 3:
		return g.one("a", "s", "b", "l", "m")
	}
	return g.placeholder(g.typical(name))
}

func (g *generator) projection() string {
	g.taken = map[string]bool{}
	defer func() { g.taken = nil }()
	var paths []string
	for range 1 + g.IntN(3) {
		path, _ := g.apart()
		paths = append(paths, path)
	}
	return strings.Join(paths, ", ")
}
