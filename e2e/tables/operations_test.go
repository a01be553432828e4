package tables_test

import (
	"fmt"
	"maps"
	"reflect"
	"regexp"
	"slices"

	"github.com/crumb-go/crumb/internal/app"
)

// request returns a random operation and its parameters.
func (g *generator) request() (operation string, body object) {
	g.names, g.values = object{}, object{}
	t := tables[0]
	if g.chance(15) {
		t = tables[1]
	}
	body = object{"TableName": t.Name}
	defer func() {
		if len(g.names) > 0 && operation != "BatchGetItem" {
			body["ExpressionAttributeNames"] = g.names
		}
		if len(g.values) > 0 {
			body["ExpressionAttributeValues"] = g.values
		}
	}()
	switch n := g.IntN(108); {
	case n >= 100:
		defer func() { g.names, g.values = object{}, object{} }() // those of its last operation
		return "TransactWriteItems", object{"TransactItems": g.transaction()}
	case n < 22:
		body["Item"] = g.item(t)
		g.conditions(body, "NONE", "ALL_OLD")
		return "PutItem", body
	case n < 58:
		body["Key"], body["UpdateExpression"] = g.key(t), g.update()
		g.conditions(body, "NONE", "ALL_OLD", "ALL_NEW", "UPDATED_OLD", "UPDATED_NEW")
		return "UpdateItem", body
	case n < 63:
		body["Key"] = g.key(t)
		g.conditions(body, "NONE", "ALL_OLD")
		return "DeleteItem", body
	case n < 72:
		body["Key"] = g.key(t)
		if g.chance(70) {
			body["ProjectionExpression"] = g.projection()
		}
		return "GetItem", body
	case n < 86:
		g.list(body, t)
		g.keyCondition(body, t)
		return "Query", body
	case n < 92:
		g.list(body, t)
		return "Scan", body
	case n < 96:
		return "BatchWriteItem", object{"RequestItems": object{t.Name: g.writes(t)}}
	}
	var keys []object
	for range 1 + g.IntN(4) {
		if key := g.key(t); !slices.ContainsFunc(keys, func(k object) bool { return reflect.DeepEqual(k, key) }) || g.chance(10) {
			keys = append(keys, key)
		}
	}
	wanted := object{"Keys": keys}
	if g.chance(50) {
		wanted["ProjectionExpression"] = g.projection()
	}
	if len(g.names) > 0 {
		wanted["ExpressionAttributeNames"] = g.names
	}
	return "BatchGetItem", object{"RequestItems": object{t.Name: wanted}}
}

// ofKey matches updates of a key, which damage MiniStack's table in a transaction.
var ofKey = regexp.MustCompile(`(^|[ ,#])[kn]($|[ ,])`)

// transaction returns TransactItems.
func (g *generator) transaction() (items []object) {
	for range 1 + g.IntN(3) {
		g.names, g.values = object{}, object{}
		t := tables[g.IntN(2)]
		body, kind := object{"TableName": t.Name, "Key": g.key(t)}, g.one("Put", "Put", "Update", "Update", "Delete", "ConditionCheck")
		switch kind {
		case "Put":
			delete(body, "Key")
			body["Item"] = g.item(t)
		case "Update":
			update := g.update()
			for ; ofKey.MatchString(update); update = g.update() {
				g.names, g.values = object{}, object{}
			}
			body["UpdateExpression"] = update
		}
		if g.chance(30) || kind == "ConditionCheck" {
			body["ConditionExpression"] = g.condition(0)
			if g.chance(40) {
				body["ReturnValuesOnConditionCheckFailure"] = "ALL_OLD"
			}
		}
		if len(g.names) > 0 {
			body["ExpressionAttributeNames"] = g.names
		}
		if len(g.values) > 0 {
			body["ExpressionAttributeValues"] = g.values
		}
		items = append(items, object{kind: body})
	}
	return items
}

func (g *generator) conditions(body object, returned ...string) {
	if g.chance(40) {
		body["ConditionExpression"] = g.condition(0)
		if g.chance(40) {
			body["ReturnValuesOnConditionCheckFailure"] = "ALL_OLD"
		}
	}
	if g.chance(60) {
		body["ReturnValues"] = g.one(returned...)
	}
}

func (g *generator) writes(t app.Table) (writes []object) {
	var seen []object
	for range 1 + g.IntN(4) {
		key := g.key(t)
		if slices.ContainsFunc(seen, func(k object) bool { return reflect.DeepEqual(k, key) }) && g.chance(90) {
			continue
		}
		seen = append(seen, key)
		if g.chance(30) {
			writes = append(writes, object{"DeleteRequest": object{"Key": key}})
			continue
		}
		it := g.item(t)
		maps.Copy(it, key)
		writes = append(writes, object{"PutRequest": object{"Item": it}})
	}
	return writes
}

// list adds what Query and Scan have in common.
func (g *generator) list(body object, t app.Table) {
	if len(t.Indexes) > 0 && g.chance(60) {
		body["IndexName"] = t.Indexes[g.IntN(len(t.Indexes))].Name
	}
	if g.chance(35) {
		body["FilterExpression"] = g.condition(1)
	}
	switch {
	case g.chance(25):
		body["ProjectionExpression"] = g.projection()
	case g.chance(25):
		body["Select"] = g.one("COUNT", "COUNT", "ALL_ATTRIBUTES", "ALL_PROJECTED_ATTRIBUTES", "SPECIFIC_ATTRIBUTES")
	}
	if g.chance(40) {
		body["Limit"] = 1 + g.IntN(4)
	}
	if g.chance(10) {
		body["ConsistentRead"] = true
	}
}

func (g *generator) keyCondition(body object, t app.Table) {
	keys := t.Keys
	for _, index := range t.Indexes {
		if index.Name == body["IndexName"] {
			keys = index.Keys
		}
	}
	value := func(name string) string {
		switch {
		case g.chance(2):
			return g.placeholder(g.any(2))
		case t.Types[name] == "B":
			return g.placeholder(object{"B": g.one("AA==", "AQ==", "AgM=")})
		case t.Types[name] == "N":
			return g.placeholder(object{"N": g.one("1", "2", "30", "-1.5")})
		}
		return g.placeholder(object{"S": g.one("p", "q", "u", "v")})
	}
	text := fmt.Sprintf("%s = %s", g.name(keys[0]), value(keys[0]))
	if len(keys) == 2 && g.chance(60) {
		kind := t.Types[keys[1]]
		name := func() string { return g.name(keys[1]) }
		bound := func(v string) string { return g.placeholder(object{kind: v}) }
		switch g.IntN(5) {
		case 0:
			text += fmt.Sprintf(" AND %s BETWEEN %s AND %s", name(), bound("1"), bound("3"))
		case 1:
			if kind == "N" && g.chance(90) {
				break
			}
			text += fmt.Sprintf(" AND begins_with(%s, %s)", name(), bound("1"))
		default:
			text += fmt.Sprintf(" AND %s %s %s", name(), g.one("=", "<", "<=", ">", ">="), value(keys[1]))
		}
	}
	body["KeyConditionExpression"] = text
	if g.chance(40) {
		body["ScanIndexForward"] = g.chance(40)
	}
}
