package cfn_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/crumb-go/crumb/internal/cfn"
)

// show resolves all of a template and shows it as JSON.
func show(t *testing.T, template string) string {
	t.Helper()
	root, err := cfn.Parse([]byte(template))
	if err != nil {
		t.Fatal(err)
	}
	all := cfn.NewMap(1, cfn.Field{Key: "Fn::ToJsonString", Value: root})
	return cfn.New("template.yaml", root, cfn.Options{Region: "us-east-1"}).Resolve("", all).Text
}

func TestSyntax(t *testing.T) {
	const want = `{"A":1,"B":"two","C":true,"D":{"E":["/a",{"a":null}],"F":"us-east-1"}}`
	for _, row := range []struct{ name, template string }{
		{"yaml", "A: 1\nB: 'two'\nC: yes\nD:\n  E:\n  - /a\n  - {a: ~}\n  F: !Ref AWS::Region\n"},
		{"json", "{\n\t\"A\": 1,\n\t\"B\": \"\\u0074wo\", \"C\": true,\n\t\"D\": {\"E\": [\"\\/a\", {\"a\": null}], \"F\": {\"Ref\": \"AWS::Region\"}}}"},
		{"json-bom", "\ufeff{\"A\": 1, \"B\": \"two\", \"C\": true, \"D\": {\"E\": [\"/a\", {\"a\": null}], \"F\": {\"Ref\": \"AWS::Region\"}}}\n"},
		{"flow-yaml", "{A: 1, B: two, C: on, D: {E: [/a, {a: }],\n  F: {Fn::Sub: '${AWS::Region}'}}}"},
		{"aliases", "A: &a 1\nB: two\nC: True\nD: {E: [&path /a, {a: null}], F: !Sub '${AWS::Region}'}\n"},
		{"merge-keys", "A: 1\n<<: [{B: two, A: x}, {B: three, C: true, D: {E: [/a, {a: ~}], <<: {F: !Ref AWS::Region, E: x}}}]\n"},
		{"crlf", "A: 1\r\nB: two\r\nC: true\r\nD: {E: [/a, {a: ~}], F: !Ref AWS::Region}\r\n"},
	} {
		t.Run(row.name, func(t *testing.T) {
			if got := show(t, row.template); got != want {
				t.Errorf("the template is %s, want %s", got, want)
			}
		})
	}
}

// TestTexts holds keys and values that a reader of YAML or JSON might
// misinterpret.
func TestTexts(t *testing.T) {
	for _, row := range []struct{ name, template, want string }{
		{"merge-key", `{<<: {A: merged}}`, `{"A":"merged"}`},
		{"quoted-merge-key", `{"<<": x, B: y}`, `{"<<":"x","B":"y"}`},
		{"alias-key", "A: &k x\nB: {*k : y}\n", `{"A":"x","B":{"x":"y"}}`},
		{"surrogate-pair", `{"A": "\ud83c\udf6a"}`, `{"A":"🍪"}`},
		{"half-a-pair", `{"A": "\ud83c"}`, `{"A":"�"}`},
		{"not-utf-8", "{\"A\": \"\xff\"}", `{"A":"�"}`},
		{"tabs", "{\t\"A\":\t\"a\\tb\"}", `{"A":"a\tb"}`},
		{"json-texts", `{"A": "yes", "B": "0777", "C": "<<", "<<": "1"}`, `{"A":"yes","B":"0777","C":"<<","<<":"1"}`},
		{"json-numbers", `{"A": 1.10, "B": 1e3, "C": 12345678901234567890}`, `{"A":1.10,"B":1e3,"C":12345678901234567890}`},
	} {
		t.Run(row.name, func(t *testing.T) {
			if got := show(t, row.template); got != row.want {
				t.Errorf("%s is %s, want %s", row.template, got, row.want)
			}
		})
	}
}

func TestLines(t *testing.T) {
	for _, row := range []struct{ name, template string }{
		{"json", "{\"T\": 1,\n\n\"R\": {\n\"A\": {},\n\"B\":\n{}}}"},
		{"yaml", "T: 1\n\nR:\n  A: {}\n  B:\n    {}\n"},
	} {
		t.Run(row.name, func(t *testing.T) {
			root, err := cfn.Parse([]byte(row.template))
			if err != nil {
				t.Fatal(err)
			}
			got := ""
			for _, f := range root.Get("R").Fields {
				got += fmt.Sprint(f.Key, f.Line, f.Value.Line, " ")
			}
			if want := "A4 4 B5 6 "; got != want {
				t.Errorf("keys and values are on lines %q, want %q", got, want)
			}
		})
	}
}

func TestParseErrors(t *testing.T) {
	wide := "W: &w {"
	for i := range 2000 {
		wide += fmt.Sprintf("k%d: v, ", i)
	}
	wide += "}\n"
	for i := range 1000 {
		wide += fmt.Sprintf("W%d: {<<: *w}\n", i)
	}
	for _, row := range []struct{ name, template, want string }{
		{"empty", "", "f: the file is empty"},
		{"comment", "# nothing\n", "f: the file is empty"},
		{"not-yaml", "Resources:\n  F: {Type: [\n", "f:3: "},
		{"tab", "Resources:\n\tF: 1\n", "f:2: "},
		{"indented-less", "A:\n  B: 1\n C: 2\n", "f:3: did not find expected key (indentation or a missing colon, here or in the line above)"},
		{"two-colons", "A:\n  B: x: 2\n", "f:2: mapping values are not allowed in this context (indentation or a missing colon, here or in the line above)"},
		{"no-colon", "A: 1\nB\n", "f:3: could not find expected ':' (indentation or a missing colon, here or in the line above)"},
		{"no-dash", "A:\n  - a\n  B: 1\n", "f:3: did not find expected '-' indicator (indentation or a missing colon, here or in the line above)"},
		{"two-documents", "a: 1\n---\nb: 1\n", "f: the file contains more than one YAML document"},
		{"braces", "E: {Path: /{id}, Method: get}\n", "in a map within braces, a path such as '/{id}' needs quotes"},
		{"map-key", "? {a: b}\n: c\n", "f:1: a key must be a string"},
		{"merge-text", "A:\n  <<: text\n", "f:2: a merge key (<<) requires a map"},
		{"own-alias", "A: &a\n  - *a\n", "f:2: the alias *a contains itself"},
		{"merge-bomb", wide, "merge keys (<<) add more than"},
		{"deep-yaml", "a: " + strings.Repeat("[", 5000) + strings.Repeat("]", 5000), "nested deeper than"},
		{"deeper-yaml", strings.Repeat("[", 500_000), "exceeded max depth"},
		{"deep-tags", "a: " + strings.Repeat("\n  !Not [", 300) + strings.Repeat("]", 300), "nested deeper than"},
		{"deep-json", `{"a":` + strings.Repeat("[", 5000) + strings.Repeat("]", 5000) + "}", "nested deeper than"},
	} {
		t.Run(row.name, func(t *testing.T) {
			root, err := cfn.Parse([]byte(row.template))
			if err == nil {
				t.Fatalf("Parse = %v, want an error", root)
			}
			if got := cfn.Located("f", err).Error(); !strings.Contains(got, row.want) {
				t.Errorf("Parse: %s, want %s", got, row.want)
			}
		})
	}
}

// TestRepeatedKeys holds that of a key that is there twice the last counts, and that a
// note says so.
func TestRepeatedKeys(t *testing.T) {
	for _, row := range []struct{ name, template, want string }{
		{"yaml", "X:\n  a: {k: 1}\n  b: {k: 2}\n  a: {k: 3}\n", `4: duplicate key "a" (first on line 2); the last one counts`},
		{"boolean", "X: {b: {k: 2}, yes: {k: 1}, true: {k: 3}}\n", `1: duplicate key "true" (first on line 1); the last one counts`},
		{"json", "{\n \"X\": {\"a\": 1,\n  \"b\": {\"k\": 2}, \"a\": {\"k\": 3}}\n}", `3: duplicate key "a" (first on line 2); the last one counts`},
	} {
		t.Run(row.name, func(t *testing.T) {
			template := read(t, row.template, cfn.Options{})
			if len(template.Findings) != 1 || fmt.Sprintf("%d: %s", template.Findings[0].Line, template.Findings[0].Text) != row.want {
				t.Errorf("findings %v, want %s", template.Findings, row.want)
			}
			var got []string
			for _, f := range template.Section("X").Fields {
				got = append(got, f.Value.Get("k").Str())
			}
			if slices.Sort(got); !slices.Equal(got, []string{"2", "3"}) {
				t.Errorf("the fields have %v", got)
			}
		})
	}
}

// TestJSONErrors holds that mistakes in JSON-only files have their line.
func TestJSONErrors(t *testing.T) {
	for _, row := range []struct{ name, text, want string }{
		{"not-json", "{\"A\":\n yes}", "f:2: invalid character 'y'"},
		{"no-comma", "{\"A\": 1\n\"B\": 2}", "f:2: invalid character '\"' after object value"},
		{"comma-at-the-end", "[1,\n]", "f:1: invalid character ','"},
		{"no-end", "[1,\n2", "f:2: the JSON is not complete"},
		{"key", "{1: 2}", "f:1: "},
		{"nothing", "", "f: there is no JSON"},
		{"more", "{}\n{}", "f:2: unexpected text after the end of the JSON value"},
		{"twice", "{\"A\": 1,\n\"A\": 2}", `f:2: duplicate key "A" (first on line 1)`},
	} {
		t.Run(row.name, func(t *testing.T) {
			root, err := cfn.ParseJSON([]byte(row.text))
			if err == nil {
				t.Fatalf("ParseJSON = %v, want an error", root)
			}
			if got := cfn.Located("f", err).Error(); !strings.HasPrefix(got, row.want) {
				t.Errorf("ParseJSON: %s, want %s", got, row.want)
			}
		})
	}
}
