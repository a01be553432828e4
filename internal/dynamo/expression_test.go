package dynamo_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/crumb-go/crumb/internal/dynamo"
)

// everything is an item with an attribute of each type.
const everything = `{"id":{"S":"a"},"n":{"N":"5"},"s":{"S":"maß"},"b":{"B":"AAEC"},"t":{"BOOL":true},"z":{"NULL":true},"l":{"L":[{"N":"1"},{"S":"x"},{"M":{"y":{"N":"2"}}}]},` +
	`"m":{"M":{"x":{"N":"7"},"size":{"S":"q"},"l":{"L":[{"S":"in"}]}}},"ss":{"SS":["a","b"]},"ns":{"NS":["1","2.0"]},"bs":{"BS":["AAE="]},"o":{"N":"5.0"}}`

var parameters = []string{
	`":4":{"N":"4"}`, `":5":{"N":"5.0"}`, `":10":{"N":"10"}`, `":2":{"N":"2"}`, `":3":{"N":"3"}`, `":S":{"S":"5"}`, `":ma":{"S":"ma"}`, `":mass":{"S":"maß"}`, `":a":{"S":"a"}`, `":x":{"S":"x"}`,
	`":B":{"B":"AAEC"}`, `":C":{"B":"AAE="}`, `":true":{"BOOL":true}`, `":null":{"NULL":true}`, `":ss":{"SS":["b","a"]}`, `":list":{"L":[{"N":"1"}]}`, `":type":{"S":"NS"}`, `":wrong":{"S":"X"}`, `":map":{"M":{"y":{"N":"2.0"}}}`, `":str":{"S":"S"}`,
	`":empty":{"L":[]}`, `":q":{"S":"q"}`, `":c":{"SS":["c","a"]}`, `":one":{"NS":["1.0"]}`, `":both":{"NS":["2","1"]}`, `":frac":{"N":"0.25"}`,
}

// attributeNames returns the parameter for the placeholders that an expression uses.
func attributeNames(expression string) string {
	var some []string
	for name, attribute := range map[string]string{"#n": "n", "#size": "size", "#dot": "a.b", "#missing": "missing"} {
		if strings.Contains(expression, name) {
			some = append(some, fmt.Sprintf("%q:%q", name, attribute))
		}
	}
	if some == nil {
		return ""
	}
	return `,"ExpressionAttributeNames":{` + strings.Join(some, ",") + `}`
}

// Conditions on an item, and on one that does not exist.
func TestConditions(t *testing.T) {
	s, _ := start(t, simple)
	const yes, no, failed = "true", "false", "The conditional request failed"
	for condition, want := range map[string][2]string{ // of the item, of none; or the error of both
		"attribute_exists(n)":                  {yes, no},
		"attribute_not_exists(n)":              {no, yes},
		"attribute_exists(m.x)":                {yes, no},
		"attribute_exists(m.y)":                {no, no},
		"attribute_exists(l[2].y)":             {yes, no},
		"attribute_exists(l[3])":               {no, no},
		"attribute_exists(s.x)":                {no, no},
		"#n = :5":                              {yes, no},
		":5 = n":                               {yes, no},
		"n = o":                                {yes, no},
		"n = :4":                               {no, no},
		"n = :S":                               {no, no},
		"n <> :4":                              {yes, yes},
		"n <> :5":                              {no, yes},
		"n <> :S":                              {yes, yes},
		"nix <> noo":                           {yes, yes},
		"nix = noo":                            {no, no},
		"n < :10":                              {yes, no},
		"n < :5":                               {no, no},
		"n <= :5":                              {yes, no},
		"n >= :5":                              {yes, no},
		"n > :10":                              {no, no},
		"n < :S":                               {no, no},
		"NOT n > :10":                          {yes, yes},
		"s >= :ma":                             {yes, no},
		"b > :C":                               {yes, no},
		"b = :B":                               {yes, no},
		"t = :true":                            {yes, no},
		"z = :null":                            {yes, no},
		"ss = :ss":                             {yes, no},
		"ns = :both":                           {yes, no},
		"l[2] = :map":                          {yes, no},
		"m.#size = :q":                         {yes, no},
		"n BETWEEN :4 AND :5":                  {yes, no},
		"n between :5 and :10":                 {yes, no},
		":4 BETWEEN :2 AND n":                  {yes, no},
		"n NOT BETWEEN :4 AND :5":              {`Syntax error; token: "NOT", near: "n NOT BETWEEN"`},
		"n BETWEEN :5 AND :5":                  {yes, no},
		"n IN (:4, :S, :5)":                    {yes, no},
		"n IN (:4)":                            {no, no},
		"begins_with(s, :ma)":                  {yes, no},
		"begins_with(s, :x)":                   {no, no},
		"begins_with(b, :C)":                   {yes, no},
		"begins_with(n, :S)":                   {no, no},
		"begins_with(:mass, s)":                {yes, no},
		"contains(s, :a)":                      {yes, no},
		"contains(ss, :a)":                     {yes, no},
		"contains(ns, :2)":                     {yes, no},
		"contains(ns, :3)":                     {no, no},
		"contains(bs, :C)":                     {yes, no},
		"contains(b, :C)":                      {yes, no},
		"contains(l, :x)":                      {yes, no},
		"contains(l, :map)":                    {yes, no},
		"contains(n, :5)":                      {no, no},
		"attribute_type(ns, :type)":            {yes, no},
		"attribute_type(s, :type)":             {no, no},
		"size(s) = :3":                         {yes, no},
		"size(b) = :3":                         {yes, no},
		"size(l) = :3":                         {yes, no},
		"size(m) = :3":                         {yes, no},
		"size(ss) = :2":                        {yes, no},
		"size(n) >= :2":                        {no, no},
		"size(s) IN (:2, :3)":                  {yes, no},
		":2 < size(s)":                         {yes, no},
		"n = :5 AND s = :mass":                 {yes, no},
		"n = :4 OR s = :mass AND n = :5":       {yes, no},
		"(n = :5 OR n = :4) AND n = :4":        {no, no},
		"n = :5 OR n = :4 AND n = :4":          {yes, no},
		"NOT n = :4 AND n = :5":                {yes, no},
		"NOT (n = :4 AND n = :5)":              {yes, yes},
		"NOT NOT n = :5":                       {yes, no},
		"(n) = (:5)":                           {yes, no},
		"\n n\t= :5  AND(attribute_exists(s))": {yes, no},
		"":                                     {"The expression can not be empty;"},
		"n":                                    {`Syntax error; token: "<EOF>", near: "n"`},
		"n = ":                                 {`Syntax error; token: "<EOF>", near: "="`},
		"n = :5 n":                             {`Syntax error; token: "n", near: ":5 n"`},
		"n AND n = :5":                         {`Syntax error; token: "AND", near: "n AND n"`},
		"n = :5 AND":                           {`Syntax error; token: "<EOF>", near: "AND"`},
		"n == :5":                              {`Syntax error; token: "=", near: "== :5"`},
		"n ! :5":                               {`Syntax error; token: "!", near: "n ! :5"`},
		"l[x] = :5":                            {`Syntax error; token: "x", near: "[x]"`},
		"l[0 = :5":                             {`Syntax error; token: "=", near: "0 = :5"`},
		"_n = :5":                              {`Syntax error; token: "_", near: "_n"`},
		"5n = :5":                              {`Syntax error; token: "5", near: "5n"`},
		"# = :5":                               {`Syntax error; token: "#", near: "# ="`},
		"n = :":                                {`Syntax error; token: ":", near: "= :"`},
		"n IN ()":                              {`Syntax error; token: ")", near: "()"`},
		"((n = :5))":                           {"The expression has redundant parentheses;"},
		"status = :5":                          {"Attribute name is a reserved keyword; reserved keyword: status"},
		"m.size = :q":                          {"Attribute name is a reserved keyword; reserved keyword: size"},
		"n = :v":                               {"An expression attribute value used in expression is not defined; attribute value: :v"},
		"#v = :5":                              {"An expression attribute name used in the document path is not defined; attribute name: #v"},
		"n < :true":                            {"Incorrect operand type for operator or function; operator or function: <, operand type: BOOL"},
		"n BETWEEN :5 AND :list":               {"operator or function: BETWEEN, operand type: L"},
		"n BETWEEN :5 AND :4":                  {"The BETWEEN operator requires upper bound to be greater than or equal to lower bound; lower bound operand: AttributeValue: {N:5}, upper bound operand: AttributeValue: {N:4}"},
		"n BETWEEN :5 AND :S":                  {"The BETWEEN operator requires same data type for lower and upper bounds"},
		"begins_with(n, :5)":                   {"operator or function: begins_with, operand type: N"},
		"attribute_type(n, :wrong)":            {"Invalid attribute type name found; type: X, valid types: {B,NULL,SS,BOOL,L,BS,N,NS,S,M}"},
		"size(:5) = :5":                        {"operator or function: size, operand type: N"},
		"size(s)":                              {"The function is not allowed to be used this way in an expression; function: size"},
		"attribute_exists(n) = :5":             {`Syntax error; token: "=", near: ") = :5"`},
		"n = attribute_exists(s)":              {"The function is not allowed to be used this way in an expression; function: attribute_exists"},
		"contains(attribute_exists(n), :5)":    {"The function is not allowed to be used this way in an expression; function: attribute_exists"},
		"attribute_exists(:5)":                 {"Operator or function requires a document path; operator or function: attribute_exists"},
		"attribute_exists(n, s)":               {"Incorrect number of operands for operator or function; operator or function: attribute_exists, number of operands: 2"},
		"if_not_exists(n, :5) = :5":            {"The function is not allowed in a condition expression; function: if_not_exists"},
		"exists(n)":                            {"Invalid function name; function: exists"},
		"ATTRIBUTE_EXISTS(n)":                  {"Invalid function name; function: ATTRIBUTE_EXISTS"},
		"n = n":                                {"The first operand must be distinct from the remaining operands for this operator or function; operator: =, first operand: [n]"},
		"n IN (" + strings.Repeat(":5,", 100) + ":5)":     {"The IN operator is provided with too many operands; number of operands: 101"},
		"n = :5 OR s = :mass" + strings.Repeat(" ", 4096): {"Expression size has exceeded the maximum allowed size; expression size: 4115"},
	} {
		for i, id := range []string{"a", "b"} {
			good(t, s, "PutItem", `{"TableName":"T","Item":`+everything+`}`)
			status, text := call(t, s.URL, "DeleteItem", fmt.Sprintf(`{"TableName":"T","Key":{"id":{"S":%q}},"ConditionExpression":%q%s%s}`,
				id, condition, attributeNames(condition), attributeValues(condition+" ", exact(condition)...)))
			want, got := want[i], yes
			switch {
			case status != 200 && strings.Contains(text, failed):
				got = no
			case status != 200:
				got = unquote(text)
			}
			if want == "" || want == yes || want == no {
				if want != "" && got != want {
					t.Errorf("%s of %s: %s, want %s", condition, id, got, want)
				}
			} else if !strings.Contains(got, `"Invalid ConditionExpression: `) || !strings.Contains(got, want) {
				t.Errorf("%s of %s: %s, want %s", condition, id, got, want)
			}
		}
	}
}

// exact returns those of parameters whose names are words of an expression.
func exact(expression string) (some []string) {
	for _, p := range parameters {
		name := p[1 : 1+strings.IndexByte(p[1:], '"')]
		for rest := expression; ; {
			_, after, found := strings.Cut(rest, name)
			if !found {
				break
			}
			if after == "" || !strings.ContainsAny(after[:1], "abcdefghijklmnopqrstuvwxyz0123456789") {
				some = append(some, p)
				break
			}
			rest = after
		}
	}
	return some
}

// What an UpdateExpression makes of the item, or its error.
func TestUpdates(t *testing.T) {
	s, _ := start(t, simple)
	const part = "One or more parameter values were invalid: Cannot update attribute id. This attribute is part of the key"
	const path = "The document path provided in the update expression is invalid for update"
	const operand = "An operand in the update expression has an incorrect data type"
	for _, tc := range [][3]string{ // the update, the attributes to show, the item or error
		{"SET n = :4, s = n", "n, s", `"n":{"N":"4"},"s":{"N":"5"}`},
		{"set n = n + :5", "n", `"n":{"N":"10"}`},
		{"SET n = n - :frac", "n", `"n":{"N":"4.75"}`},
		{"SET n = :5 - o", "n", `"n":{"N":"0"}`},
		{"SET n = (n + :5)", "n", `"n":{"N":"10"}`},
		{"SET n = if_not_exists(n, :4)", "n", `"n":{"N":"5"}`},
		{"SET fresh = if_not_exists(fresh, :4) + :5", "fresh", `"fresh":{"N":"9"}`},
		{"SET fresh = if_not_exists(fresh, if_not_exists(m.x, :4))", "fresh", `"fresh":{"N":"7"}`},
		{"SET l = list_append(l, :list)", "l[2], l[3]", `"l":{"L":[{"M":{"y":{"N":"2"}}},{"N":"1"}]}`},
		{"SET l = list_append(:list, if_not_exists(fresh, :empty))", "l", `"l":{"L":[{"N":"1"}]}`},
		{"SET fresh = list_append(:empty, :empty)", "fresh", `"fresh":{"L":[]}`},
		{"SET l[1] = :4", "l", `"l":{"L":[{"N":"1"},{"N":"4"},{"M":{"y":{"N":"2"}}}]}`},
		{"SET l[9] = :4, l[7] = :5", "l[3], l[4]", `"l":{"L":[{"N":"5"},{"N":"4"}]}`},
		{"SET l[2].y = :4", "l[2]", `"l":{"L":[{"M":{"y":{"N":"4"}}}]}`},
		{"SET m.y = :4 REMOVE m.x", "m.x, m.y", `"m":{"M":{"y":{"N":"4"}}}`},
		{"SET #dot = :4", "#dot", `"a.b":{"N":"4"}`},
		{"REMOVE l[0], l[1]", "l", `"l":{"L":[{"M":{"y":{"N":"2"}}}]}`},
		{"REMOVE l[0] SET l[9] = :4", "l", `"l":{"L":[{"S":"x"},{"M":{"y":{"N":"2"}}},{"N":"4"}]}`},
		{"REMOVE l[9], m.y, fresh", "n", `"n":{"N":"5"}`},
		{"REMOVE m.l[0]", "m.l", `"m":{"M":{"l":{"L":[]}}}`},
		{"ADD n :frac, fresh :4", "n, fresh", `"fresh":{"N":"4"},"n":{"N":"5.25"}`},
		{"ADD m.x :5, m.y :4", "m.x, m.y", `"m":{"M":{"x":{"N":"12"},"y":{"N":"4"}}}`},
		{"ADD ss :c, fresh :one", "ss, fresh", `"fresh":{"NS":["1"]},"ss":{"SS":["a","b","c"]}`},
		{"DELETE ss :c, ns :both, fresh :c", "ss, ns, fresh", `"ss":{"SS":["b"]}`},
		{"REMOVE s ADD n :5 SET b = :B DELETE ns :one", "s, n, ns", `"n":{"N":"10"},"ns":{"NS":["2"]}`},
		{"SET id = :4", "", part},
		{"REMOVE id.x", "", part},
		{"SET n = n + s", "", operand},
		{"SET n = s - :4", "", operand},
		{"SET n = list_append(l, n)", "", operand},
		{"ADD s :4", "", operand},
		{"ADD ss :4", "", operand},
		{"DELETE ss :one", "", operand},
		{"SET n = fresh", "", "The provided expression refers to an attribute that does not exist in the item"},
		{"SET n = fresh + :4", "", "The provided expression refers to an attribute that does not exist in the item"},
		{"SET fresh.x = :4", "", path},
		{"SET s.x = :4", "", path},
		{"SET m[0] = :4", "", path},
		{"SET l.x = :4", "", path},
		{"SET l[9].x = :4", "", path},
		{"REMOVE fresh.x", "", path},
		{"SET n = :4 REMOVE n", "", "Invalid UpdateExpression: Two document paths overlap with each other; must remove or rewrite one of these paths; path one: [n], path two: [n]"},
		{"SET m = :map, m.y = :4", "", "path one: [m], path two: [m, y]"},
		{"SET l[1] = :4 REMOVE l[1].x", "", "path one: [l, [1]], path two: [l, [1], x]"},
		{"SET m[1] = :4 REMOVE m.x", "", "Two document paths conflict with each other; must remove or rewrite one of these paths; path one: [m, [1]], path two: [m, x]"},
		{"SET n = :4 SET o = :5", "", `The "SET" section can only be used once in an update expression;`},
		{"SET n = :4 + :5 + :4", "", `Syntax error; token: "+", near: ":5 + :4"`},
		{"SET n", "", `Syntax error; token: "<EOF>", near: "n"`},
		{"n = :4", "", `Syntax error; token: "n", near: "n ="`},
		{"SET n = :4,", "", `Syntax error; token: "<EOF>", near: ","`},
		{"ADD n n", "", `Syntax error; token: "n", near: "n n"`},
		{"SET n = attribute_exists(s)", "", "The function is not allowed in an update expression; function: attribute_exists"},
		{"SET n = :4 + :true", "", "Incorrect operand type for operator or function; operator or function: +, operand type: BOOL"},
		{"SET n = list_append(l, :4)", "", "operator or function: list_append, operand type: N"},
		{"ADD n :str", "", "Incorrect operand type for operator or function; operator: ADD, operand type: S"},
		{"DELETE ss :4", "", "Incorrect operand type for operator or function; operator: DELETE, operand type: N"},
		{"SET n = if_not_exists(:4, :5)", "", "Operator or function requires a document path; operator or function: if_not_exists"},
		{"", "", "Invalid UpdateExpression: The expression can not be empty;"},
	} {
		good(t, s, "PutItem", `{"TableName":"T","Item":`+everything+`}`)
		before := good(t, s, "GetItem", `{"TableName":"T","Key":{"id":{"S":"a"}}}`)
		status, text := call(t, s.URL, "UpdateItem", fmt.Sprintf(`{"TableName":"T","Key":{"id":{"S":"a"}},"UpdateExpression":%q%s%s}`,
			tc[0], attributeNames(tc[0]), attributeValues(tc[0], exact(tc[0])...)))
		if tc[1] == "" {
			if status != 400 || !strings.Contains(unquote(text), tc[2]) {
				t.Errorf("%s: %d %s, want %s", tc[0], status, text, tc[2])
			}
			if after := good(t, s, "GetItem", `{"TableName":"T","Key":{"id":{"S":"a"}}}`); after != before {
				t.Errorf("%s fails and changes the item to %s", tc[0], after)
			}
			continue
		}
		if status != 200 {
			t.Errorf("%s: %s", tc[0], text)
			continue
		}
		got := good(t, s, "GetItem", fmt.Sprintf(`{"TableName":"T","Key":{"id":{"S":"a"}},"ProjectionExpression":%q%s}`, tc[1], attributeNames(tc[1])))
		if want := `{"Item":{` + tc[2] + `}}`; got != want {
			t.Errorf("%s: %s, want %s", tc[0], got, want)
		}
	}
	// Limits.
	half := `{"TableName":"T","Key":{"id":{"S":"a"}},"UpdateExpression":"SET %s = :v","ExpressionAttributeValues":{":v":{"S":"` + strings.Repeat("x", 205_000) + `"}}}`
	good(t, s, "UpdateItem", fmt.Sprintf(half, "x"))
	if status, text := call(t, s.URL, "UpdateItem", fmt.Sprintf(half, "y")); status != 400 || !strings.Contains(text, "Item size to update has exceeded the maximum allowed size") {
		t.Errorf("an item of more than 400 KB: %d %s", status, text)
	}
	nested := func(n int) string {
		return `{"TableName":"T","Item":{"id":{"S":"a"},"l":` + strings.Repeat(`{"L":[`, n-1) + `{"S":""}` + strings.Repeat(`]}`, n-1) + `}}`
	}
	good(t, s, "PutItem", nested(32))
	if status, text := call(t, s.URL, "PutItem", nested(33)); status != 400 || !strings.Contains(text, "Nesting Levels have exceeded supported limits") {
		t.Errorf("33 levels: %d %s", status, text)
	}
}

func TestProjections(t *testing.T) {
	s, _ := start(t, simple)
	good(t, s, "PutItem", `{"TableName":"T","Item":`+everything+`}`)
	for projection, want := range map[string]string{
		"id":                 `{"Item":{"id":{"S":"a"}}}`,
		"fresh, s.x, l.x":    `{"Item":{}}`,
		"l[2], l[0]":         `{"Item":{"l":{"L":[{"N":"1"},{"M":{"y":{"N":"2"}}}]}}}`,
		"l[1], l[2].y, l[7]": `{"Item":{"l":{"L":[{"S":"x"},{"M":{"y":{"N":"2"}}}]}}}`,
		"m.x, m.#size":       `{"Item":{"m":{"M":{"size":{"S":"q"},"x":{"N":"7"}}}}}`,
		"n,id":               `{"Item":{"id":{"S":"a"},"n":{"N":"5"}}}`,
		"n, n":               "Invalid ProjectionExpression: Two document paths overlap with each other",
		"m, m.x":             "path one: [m], path two: [m, x]",
		"n,":                 `Invalid ProjectionExpression: Syntax error; token: "<EOF>", near: ","`,
		"n s":                `Syntax error; token: "s", near: "n s"`,
		"name":               "reserved keyword: name",
		" ":                  "Invalid ProjectionExpression: The expression can not be empty;",
	} {
		_, text := call(t, s.URL, "GetItem", fmt.Sprintf(`{"TableName":"T","Key":{"id":{"S":"a"}},"ProjectionExpression":%q%s}`, projection, attributeNames(projection)))
		if text = strings.TrimSpace(unquote(text)); text != want && (strings.HasPrefix(want, "{") || !strings.Contains(text, want)) {
			t.Errorf("%s: %s, want %s", projection, text, want)
		}
	}
	if got := good(t, s, "GetItem", `{"TableName":"T","Key":{"id":{"S":"b"}},"ProjectionExpression":"id"}`); got != "{}" {
		t.Errorf("of no item: %s", got)
	}
	// AttributesToGet has names, not paths. They may be reserved words.
	for operation, want := range map[string]string{"GetItem": `"Item":{"n":{"N":"5"}}`, "Scan": `"Items":[{"n":{"N":"5"}}]`} {
		request := `{"TableName":"T","AttributesToGet":["n","m.x","name"]`
		if operation == "GetItem" {
			request += `,"Key":{"id":{"S":"a"}}`
		}
		if got := good(t, s, operation, request+"}"); !strings.Contains(got, want) {
			t.Errorf("AttributesToGet of %s: %s, want %s", operation, got, want)
		}
	}
}

// Any text is an expression or an error, which changes nothing.
func FuzzExpressions(f *testing.F) {
	for _, seed := range []string{"n = :5 AND NOT (size(s) > :2 OR n IN (:5, :2))", "SET l[9] = list_append(l, l), n = n - :5 REMOVE m.x", "l[1].x, #n", "((", "n BETWEEN", "\xff = :5"} {
		f.Add(seed)
	}
	s, err := dynamo.Start(f.Context(), simple)
	if err != nil {
		f.Fatal(err)
	}
	f.Cleanup(func() { s.Close() })
	do := func(t *testing.T, operation, body string) (int, string) {
		r := httptest.NewRequest("POST", s.URL, strings.NewReader(body))
		r.Header.Set("X-Amz-Target", "DynamoDB_20120810."+operation)
		response, err := s.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		text, err := io.ReadAll(response.Body)
		if err != nil {
			t.Fatal(err)
		}
		return response.StatusCode, string(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		quoted, err := json.Marshal(text)
		if err != nil {
			t.Fatal(err)
		}
		do(t, "PutItem", `{"TableName":"T","Item":`+everything+`}`)
		const get = `{"TableName":"T","Key":{"id":{"S":"a"}}}`
		_, before := do(t, "GetItem", get)
		names := `,"ExpressionAttributeNames":{"#n":"n"}`
		for _, body := range []string{`"ProjectionExpression":%s`, `"UpdateExpression":%s`, `"ConditionExpression":%s`} {
			operation := "UpdateItem"
			if strings.HasPrefix(body, `"Proj`) {
				operation = "GetItem"
			}
			for _, more := range []string{"", attributeNames(text), attributeValues(text, exact(text)...), names + attributeValues(text, exact(text)...)} {
				status, response := do(t, operation, `{"TableName":"T","Key":{"id":{"S":"a"}},`+fmt.Sprintf(body, quoted)+more+`}`)
				if status != 200 && status != 400 || !json.Valid([]byte(response)) {
					t.Errorf("%s: %d %s", text, status, response)
				}
				if _, after := do(t, "GetItem", get); status == 400 && after != before {
					t.Errorf("%s fails and changes the item to %s", text, after)
				} else {
					before = after
				}
			}
		}
	})
}
