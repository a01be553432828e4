package tables_test

import (
	"encoding/json"
	"regexp"
	"strings"
)

const (
	guide = "https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/"
	api   = "https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/"
)

// A ruling is a kind of difference in which AWS is on crumb's side.
type ruling struct {
	name string
	page string // that says so; "": the text of the error is DynamoDB's
	ours string // part of crumb's error, for those that the other does not notice

	// applies decides about the others. The request is JSON.
	applies func(request string, body object, ours, theirs result) bool
}

var rulings = []ruling{
	{name: "crumb refuses it by name", ours: "crumb does not support"},
	{name: "sets are never empty", page: guide + "HowItWorks.NamingRulesDataTypes.html", ours: "may not be empty"},
	{name: "binary sets are never empty", page: guide + "HowItWorks.NamingRulesDataTypes.html", ours: "should not be empty"},
	{name: "sets have no duplicates", page: guide + "HowItWorks.NamingRulesDataTypes.html", ours: "contains duplicates"},
	{name: "numbers have 38 digits", page: guide + "HowItWorks.NamingRulesDataTypes.html", ours: "more than 38 significant digits"},
	{name: "numbers are numbers", page: guide + "HowItWorks.NamingRulesDataTypes.html", ours: "cannot be converted to a numeric value"},
	{name: "numbers are in range", page: guide + "HowItWorks.NamingRulesDataTypes.html", ours: "with magnitude"},
	{name: "NULL is true", page: api + "API_AttributeValue.html", ours: "Null attribute value types"},
	{name: "BETWEEN, < and > take texts, numbers or bytes", page: api + "API_Condition.html", ours: "Incorrect operand type for operator or function"},
	{name: "attribute_type takes a type", page: guide + "Expressions.OperatorsAndFunctions.html", ours: "Invalid attribute type name"},
	{name: "bounds of BETWEEN are in order and of one type", ours: "The BETWEEN operator requires"},
	{name: "an attribute is not compared with itself", ours: "The first operand must be distinct"},
	{name: "reserved words need a placeholder", page: guide + "ReservedWords.html", ours: "Attribute name is a reserved keyword"},
	{name: "every name is used", ours: "Value provided in ExpressionAttributeNames unused"},
	{name: "two actions change two paths", ours: "Two document paths"},
	{name: "paths of an update lead into maps and lists", page: guide + "Expressions.UpdateExpressions.html", ours: "The document path provided in the update expression is invalid"},
	{name: "+, - and ADD take numbers, list_append takes lists", page: guide + "Expressions.UpdateExpressions.html", ours: "An operand in the update expression has an incorrect data type"},
	{name: "keys do not change", page: api + "API_UpdateItem.html", ours: "This attribute is part of the key"},
	{name: "a Query filters by other attributes than its keys", page: guide + "Query.FilterExpression.html", ours: "Filter Expression can only contain non-primary key attributes"},
	{name: "a global index has what it projects", page: guide + "GSI.html", ours: "does not project"},
	{name: "a global index has no ALL_ATTRIBUTES", page: guide + "GSI.html", ours: "because its projection type is not ALL"},
	{name: "a local index reads other attributes from its table", page: guide + "LSI.html",
		applies: func(_ string, body object, ours, theirs result) bool {
			return body["IndexName"] == "local-some" && ours.kind == "" && theirs.kind == ""
		}},
	{name: "begins_with takes any attribute, and bytes", page: api + "API_Condition.html",
		applies: func(_ string, _ object, ours, theirs result) bool {
			return ours.kind != "ValidationException" && strings.Contains(theirs.message, "begins_with, operand type: ")
		}},
	{name: "contains looks into bytes too", page: api + "API_Condition.html",
		applies: func(request string, _ object, ours, theirs result) bool {
			return strings.Contains(request, "contains(") && strings.Contains(request, `{"B":`)
		}},
	{name: "numbers, truth values and missing attributes have no size", page: guide + "Expressions.OperatorsAndFunctions.html",
		applies: func(request string, _ object, ours, theirs result) bool { return strings.Contains(request, "size(") }},
	{name: "a condition that fails comes before what an update would make", page: api + "API_UpdateItem.html",
		applies: func(_ string, _ object, ours, theirs result) bool {
			return strings.Contains(ours.message, "ConditionalCheckFailed") && strings.Contains(theirs.message, "Type mismatch for Index Key")
		}},
	{name: "numbers have neither exponents nor trailing zeros", page: guide + "HowItWorks.NamingRulesDataTypes.html",
		applies: func(_ string, _ object, ours, theirs result) bool {
			return ours.kind == "" && theirs.kind == "" && zeros.MatchString(theirs.String()) && !zeros.MatchString(ours.String())
		}},
	{name: "two missing attributes are not equal, but <>", // as one that is missing and a value
		applies: func(request string, _ object, ours, theirs result) bool { return twoPaths.MatchString(request) }},
	{name: "UPDATED_OLD and UPDATED_NEW have the elements that paths lead to", page: api + "API_UpdateItem.html",
		applies: func(request string, _ object, ours, theirs result) bool {
			return ours.kind == "" && theirs.kind == "" && strings.Contains(request, `"UPDATED_`) && element.MatchString(request)
		}},
}

var (
	twoPaths = regexp.MustCompile(`(=|<>) [#a-z]`)
	zeros    = regexp.MustCompile(`"N":"[-0-9]*(\.[0-9]*0"|[.0-9]*[eE])`)
	element  = regexp.MustCompile(`\[\d\]`)
)

// judge returns the name of the ruling about a difference, and "" if there is none.
func judge(body object, ours, theirs result) string {
	text, _ := json.Marshal(body)
	request := strings.NewReplacer(`\u003c`, "<", `\u003e`, ">").Replace(string(text))
	for _, r := range rulings {
		if r.ours != "" && strings.Contains(ours.message, r.ours) || r.applies != nil && r.applies(request, body, ours, theirs) {
			return r.name
		}
	}
	return ""
}
