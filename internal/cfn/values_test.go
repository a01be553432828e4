package cfn_test

import (
	"cmp"
	"errors"
	"strings"
	"testing"

	"github.com/crumb-go/crumb/internal/app"
	"github.com/crumb-go/crumb/internal/cfn"
)

// names says what Ref returns in these tests.
var names = map[string]cfn.Name{
	"AWS::DynamoDB::Table": {Property: "TableName", Logical: true},
	"AWS::S3::Bucket":      {Property: "BucketName"},
}

// read prepares a template.
func read(t *testing.T, template string, o cfn.Options) *cfn.Template {
	t.Helper()
	root, err := cfn.Parse([]byte(template))
	if err != nil {
		t.Fatal(err)
	}
	o.Region, o.AccountID, o.StackName = cmp.Or(o.Region, "us-east-1"), "123456789012", "local"
	return cfn.New("template.yaml", root, o)
}

// resolve resolves the section X of a template, and returns it with its
// findings.
func resolve(t *testing.T, template string, o cfn.Options) (value *cfn.Value, findings string, err error) {
	t.Helper()
	o.Names = names
	read := read(t, template, o)
	before := len(read.Findings)
	value = read.Resolve("X", read.Section("X"))
	return value, texts(read.Findings[before:]), refusals(read)
}

// refusals returns what AWS would refuse, and why nothing can be made of a template.
func refusals(read *cfn.Template) error {
	errs := []error{read.Err()}
	for _, f := range read.Findings {
		if f.Severity == app.Refused {
			errs = append(errs, &cfn.Error{File: "template.yaml", Line: f.Line, Text: f.Text})
		}
	}
	return errors.Join(errs...)
}

func texts(findings []app.Finding) string {
	var texts []string
	for _, f := range findings {
		texts = append(texts, f.Text)
	}
	return strings.Join(texts, "\n")
}

// valued is a template that ends with the value under test.
const valued = `Transform: [AWS::LanguageExtensions]
Parameters:
  Stage: {Type: String, Default: prod}
  Hosts: {Type: CommaDelimitedList, Default: "a.example, b.example"}
  Count: {Type: Number, Default: 3}
  Missing: {Type: String}
  Secret: {Type: String, NoEcho: true, Default: hunter2}
  Hunter: {Type: CommaDelimitedList, NoEcho: true, Default: "hunter,fisher"}
  Ssm: {Type: "AWS::SSM::Parameter::Value<String>", Default: /app/key}
Mappings:
  Sizes:
    prod: {Memory: 512, Zones: [x, y]}
    test: {Memory: 128}
Conditions:
  IsProd: !Equals [!Ref Stage, prod]
  IsTest: !Not [!Condition IsProd]
  Both: !And [!Condition IsProd, !Condition IsTest]
  Either: !Or [!Condition IsProd, !Condition IsTest]
  OtherLists: !Equals [!Ref Hosts, [a.example, c.example]]
  SameLists: !Equals [!Ref Hosts, !Split [",", "a.example,b.example"]]
Resources:
  Named: {Type: "AWS::DynamoDB::Table", Properties: {TableName: !Sub "${Stage}-items"}}
  SelfNamed: {Type: "AWS::S3::Bucket", Properties: {BucketName: !Sub "${SelfNamed}-x"}}
  Table: {Type: "AWS::S3::Bucket"}
X: `

func TestValues(t *testing.T) {
	for _, row := range []struct {
		name, value, want string
		note              string // a part of the only finding; "" for none
	}{
		{"text", `plain`, "plain", ""},
		{"number", `42`, "42", ""},
		{"yaml-boolean", `yes`, "true", ""},
		{"yaml-boolean-off", `Off`, "false", ""},
		{"quoted-boolean", `"yes"`, "yes", ""},
		{"no-boolean", `y`, "y", ""},
		{"octal", `0777`, "511", ""},
		{"hexadecimal", `0x1F`, "31", ""},
		{"underscores", `1_000`, "1000", ""},
		{"not-octal", `012345678901`, "012345678901", ""},
		{"decimal", `1.10`, "1.1", ""},
		{"decimal-without-zero", `-.5`, "-0.5", ""},
		{"whole-decimal", `2.0`, "2.0", ""},
		{"version", `1.10.0`, "1.10.0", ""},
		{"tagged-text", `!!str 010`, "010", ""},
		{"null", `~`, "", ""},
		{"date", `2010-09-09`, "2010-09-09", ""},
		{"folded", ">-\n            a\n            b", "a b", ""},

		{"ref-parameter", `!Ref Stage`, "prod", ""},
		{"ref-long", `{Ref: Stage}`, "prod", ""},
		{"ref-no-echo", `!Ref Secret`, "hunter2", ""},
		{"ref-ssm", `!Ref Ssm`, "/app/key", "the parameter Ssm is read from Systems Manager"},
		{"ref-missing", `!Ref Missing`, "Missing", ""},
		{"ref-resource", `!Ref Table`, "Table", `X: Ref Table is known only once it is deployed; using placeholder "Table"`},
		{"ref-named-resource", `!Ref Named`, "prod-items", ""},
		{"ref-self-named-resource", `!Ref SelfNamed`, "SelfNamed-x", "Ref SelfNamed is known only once"},
		{"ref-nothing", `!Ref Nowhere`, "Nowhere", "Ref Nowhere: no such parameter or resource"},
		{"ref-of-a-part", `!Ref Table.Alias`, "Table.Alias", "Ref Table.Alias is known only once it is deployed"},
		{"region", `!Ref AWS::Region`, "us-east-1", ""},
		{"account", `!Ref "AWS::AccountId"`, "123456789012", ""},
		{"stack-id", `!Select [5, !Split [":", !Ref "AWS::StackId"]]`, "stack/local/51af3dc0-da77-11e4-872e-1234567db123", ""},
		{"url-suffix", `!Sub "x.${AWS::URLSuffix}"`, "x.amazonaws.com", ""},
		{"notification-arns", `!Join ["-", [a, !Join ["", !Ref "AWS::NotificationARNs"]]]`, "a-", ""},

		{"sub", `!Sub "${Stage}-${AWS::Region}"`, "prod-us-east-1", ""},
		{"sub-own-names", `!Sub ["${Stage}/${Own}", {Own: !Ref Count, Stage: mine}]`, "mine/3", ""},
		{"sub-literal", `!Sub "${!Stage} ${Stage}"`, "${Stage} prod", ""},
		{"sub-unclosed", `!Sub "${Stage} ${Sta"`, "prod ${Sta", ""},
		{"sub-dollar", `!Sub "$Stage $ {Stage}"`, "$Stage $ {Stage}", ""},
		{"sub-attribute", `!Sub "arn ${Table.Arn}"`, "arn Table.Arn", `GetAtt Table.Arn is known only once it is deployed; using placeholder "Table.Arn"`},
		{"sub-list", `!Sub "${Hosts}"`, "a.example,b.example", ""},
		{"sub-long", `{"Fn::Sub": "${Stage}"}`, "prod", ""},

		{"getatt", `!GetAtt Table.StreamArn`, "Table.StreamArn", "GetAtt Table.StreamArn"},
		{"getatt-nested", `!GetAtt Nested.Outputs.Url`, "Nested.Outputs.Url", "GetAtt Nested.Outputs.Url"},
		{"getatt-list", `{"Fn::GetAtt": [Table, Arn]}`, "Table.Arn", "GetAtt Table.Arn"},

		{"join", `!Join ["-", [a, !Ref Stage, 3]]`, "a-prod-3", ""},
		{"join-list-parameter", `!Join ["|", !Ref Hosts]`, "a.example|b.example", ""},
		{"join-no-value", `!Join [",", [a, !Ref "AWS::NoValue", b]]`, "a,b", ""},
		{"join-placeholder", `!Join ["/", [a, !Ref Table]]`, "a/Table", "Ref Table"},
		{"split-select", `!Select [1, !Split ["-", "a-b-c"]]`, "b", ""},
		{"select-list-parameter", `!Select ["0", !Ref Hosts]`, "a.example", ""},
		{"select-azs", `!Select [0, !GetAZs ""]`, "GetAZs", "Fn::GetAZs is not resolved locally"},
		{"select-index-placeholder", `!Select [!Ref Table, [a, b]]`, "Table", "Ref Table is known only once"},
		{"select-of-a-placeholder", `!Select [3, !Ref Table]`, "Table", "Ref Table is known only once"},
		{"find-in-map", `!FindInMap [Sizes, !Ref Stage, Memory]`, "512", ""},
		{"find-in-map-list", `!Select [1, !FindInMap [Sizes, prod, Zones]]`, "y", ""},
		{"find-in-map-default", `!FindInMap [Sizes, prod, Disk, {DefaultValue: none}]`, "none", ""},
		{"find-in-map-placeholder", `!FindInMap [Sizes, !Ref Missing, Memory]`, "Memory", "Fn::FindInMap has no entry for a placeholder"},
		{"length", `!Length [a, !Ref Stage]`, "2", ""},
		{"length-parameter", `{"Fn::Length": !Ref Hosts}`, "2", ""},
		{"length-placeholder", `{"Fn::Length": !Split [",", !Ref Table]}`, "Length", "Fn::Length is not resolved locally"},
		{"to-json-string", `!ToJsonString {b: !Ref Stage, a: {c: [x, "", ~]}}`, `{"b":"prod","a":{"c":["x",""]}}`, ""},
		{"to-json-string-of-a-list", `!ToJsonString [!Ref Hosts, a]`, `[["a.example","b.example"],"a"]`, ""},
		{"to-json-string-of-a-call", `{"Fn::ToJsonString": !FindInMap [Sizes, prod, Zones]}`, `["x","y"]`, ""},
		{"to-json-string-types", `!ToJsonString {n: 42, d: 1.50, b: yes, o: 0777, "t": "42", f: "yes", e: 1e3, z: ~, r: !Ref Count, l: !Length [a]}`,
			`{"n":42,"d":1.5,"b":true,"o":511,"t":"42","f":"yes","e":"1e3","z":null,"r":"3","l":1}`, ""},
		{"to-json-string-escapes", `!ToJsonString {"a\"b": "<é&\n>"}`, `{"a\"b":"<é&\n>"}`, ""},
		{"to-json-string-no-value", `!ToJsonString {a: !Ref "AWS::NoValue", b: [!Ref "AWS::NoValue", c]}`, `{"b":["c"]}`, ""},
		{"to-json-string-twice", `!ToJsonString {a: !ToJsonString [1]}`, `{"a":"[1]"}`, ""},
		{"to-json-string-empty", `!ToJsonString {}`, `{}`, ""},
		{"to-json-string-placeholder", `!ToJsonString {a: !GetAtt Table.Arn}`, `{"a":"Table.Arn"}`, "GetAtt Table.Arn is known only once it is deployed"},
		{"to-json-string-of-a-placeholder", `{"Fn::ToJsonString": !GetAtt Table.Arn}`, "Table.Arn", "GetAtt Table.Arn"},
		{"base64", `!Base64 hi`, "aGk=", ""},
		{"base64-sub", "\n            Fn::Base64: !Sub ${Stage}", "cHJvZA==", ""},

		{"if-true", `!If [IsProd, a, b]`, "a", ""},
		{"if-false", `!If [IsTest, a, !Ref Stage]`, "prod", ""},
		{"if-not-taken", `!If [IsProd, a, !Ref Table]`, "a", ""},
		{"and", `!If [Both, a, b]`, "b", ""},
		{"or", `!If [Either, a, b]`, "a", ""},
		{"and-of-ten", `!And [true, true, true, true, true, true, true, true, true, true]`, "true", ""},
		{"and-of-ten-but-one", `!And [true, true, true, true, true, true, true, true, true, false]`, "false", ""},
		{"or-of-ten", `!Or [false, false, false, false, false, false, false, false, false, true]`, "true", ""},
		{"unequal-lists", `!If [OtherLists, a, b]`, "b", ""},
		{"nested-list", `!Join ["", !Split ["b", !Select [0, [abc, !Ref "AWS::NoValue"]]]]`, "ac", ""},
		{"equal-lists", `!If [SameLists, a, b]`, "a", ""},

		{"import-value", `!ImportValue shared-Url`, "shared-Url", "Fn::ImportValue is not resolved locally"},
		{"import-value-no-echo", `{"Fn::ImportValue": !Sub "${Secret}-Url"}`, "hunter2-Url", `using placeholder "(NoEcho)-Url"`},
		{"import-value-sub", `{"Fn::ImportValue": !Sub "${Stage}-Url"}`, "prod-Url", "Fn::ImportValue"},
		{"cidr", `!Join [",", !Cidr ["10.0.0.0/16", 1, 8]]`, "Cidr", "Fn::Cidr"},
		{"transform", `{"Fn::Transform": {Name: "AWS::Include"}}`, "Transform", "Fn::Transform"},
		{"unknown-tag", `!Frobnicate x`, "x", "Fn::Frobnicate"},
		{"select-split-placeholder", `!Select [3, !Split ["/", !GetAtt Table.Arn]]`, "Select", "Fn::Select has no item 3 of a placeholder"},
	} {
		t.Run(row.name, func(t *testing.T) {
			got, findings, err := resolve(t, valued+row.value+"\n", cfn.Options{})
			if err != nil {
				t.Fatal(err)
			}
			if got.Text != row.want {
				t.Errorf("%s is %q, want %q", row.value, got.Text, row.want)
			}
			if !strings.Contains(findings, row.note) || row.note == "" && findings != "" {
				t.Errorf("%s: findings %q, want %q", row.value, findings, row.note)
			}
		})
	}
}

// TestQuiet holds that a value resolved with an empty where causes no findings,
// except those about conditions.
func TestQuiet(t *testing.T) {
	for _, row := range []struct{ name, value, want string }{
		{"placeholder", `!Ref Table`, ""},
		{"no-transform", `!If [IsProd, !ImportValue a, b]`, ""},
		{"condition", `!If [Unknown, a, b]`, "condition Unknown: Ref Table is known only once it is deployed; using placeholder \"Table\""},
	} {
		t.Run(row.name, func(t *testing.T) {
			template := read(t, strings.Replace(valued, "Conditions:\n", "Conditions:\n  Unknown: !Equals [!Ref Table, b]\n", 1)+row.value, cfn.Options{Names: names})
			before := len(template.Findings)
			template.Resolve("", template.Section("X"))
			if got := texts(template.Findings[before:]); got != row.want {
				t.Errorf("findings %q, want %q", got, row.want)
			}
		})
	}
}

func TestValueErrors(t *testing.T) {
	for _, row := range []struct{ name, value, want string }{
		{"no-echo-list", `!FindInMap [!Select [1, !Ref Hunter], prod, Memory]`, "the map (NoEcho) has no such entry"},
		{"no-echo", `!FindInMap [!Ref Secret, prod, Memory]`, "the map (NoEcho) has no such entry"},
		{"no-condition", `!If [Nope, a, b]`, "no such condition: Nope"},
		{"no-map", `!FindInMap [Nope, prod, Memory]`, "the map Nope has no such entry"},
		{"no-item", `!Select [7, !Ref Hosts]`, "Fn::Select: no such item in its list"},
		{"index", `!Select [first, !Ref Hosts]`, "Fn::Select: no such item in its list"},
		{"if-arguments", `!If [IsProd, a]`, "Fn::If takes a list of 3 arguments"},
		{"if-text", `!If IsProd`, "Fn::If takes a list of 3 arguments"},
		{"join-arguments", `!Join [a]`, "Fn::Join takes a list of 2 arguments"},
		{"sub-arguments", `!Sub [a]`, "Fn::Sub takes a list of 2 arguments"},
		{"split-arguments", `!Split [","]`, "Fn::Split takes a list of 2 arguments"},
		{"split-nothing", `!Select [0, !Split ["", abc]]`, "Fn::Split needs a delimiter"},
		{"select-arguments", `!Select [1]`, "Fn::Select takes a list of 2 arguments"},
		{"map-arguments", `!FindInMap [Sizes]`, "Fn::FindInMap takes a list of 3 arguments"},
		{"if-more", `!If [IsProd, a, b, c]`, "Fn::If takes a list of 3 arguments"},
		{"join-more", `!Join [",", [a], b]`, "Fn::Join takes a list of 2 arguments"},
		{"sub-more", `!Sub [a, {}, b]`, "Fn::Sub takes a list of 2 arguments"},
		{"split-more", `!Split [",", a, b]`, "Fn::Split takes a list of 2 arguments"},
		{"select-more", `!Select [0, [a], b]`, "Fn::Select takes a list of 2 arguments"},
		{"map-more", `!FindInMap [Sizes, prod, Memory, {DefaultValue: a}, b]`, "Fn::FindInMap takes a list of 3 arguments"},
		{"and-more", `!And [a, a, a, a, a, a, a, a, a, a, a]`, "Fn::And takes a list of 2 arguments"},
		{"or", `!Or [true]`, "Fn::Or takes a list of 2 arguments"},
		{"or-more", `!Or [a, a, a, a, a, a, a, a, a, a, a]`, "Fn::Or takes a list of 2 arguments"},
		{"equals", `!Equals [a]`, "Fn::Equals takes a list of 2 arguments"},
		{"equals-more", `!Equals [a, a, a]`, "Fn::Equals takes a list of 2 arguments"},
		{"not", `!Not []`, "Fn::Not takes a list of 1 arguments"},
		{"not-more", `!Not [true, true]`, "Fn::Not takes a list of 1 arguments"},
		{"getatt", `!GetAtt Table`, "Fn::GetAtt requires the name of a resource and of an attribute"},
		{"and", `!If [IsProd, !And [true], b]`, "Fn::And takes a list of 2 arguments"},
	} {
		t.Run(row.name, func(t *testing.T) {
			_, _, err := resolve(t, valued+row.value+"\n", cfn.Options{})
			if err == nil || !strings.Contains(err.Error(), row.want) || !strings.Contains(err.Error(), "template.yaml:") {
				t.Errorf("%s gives %v, want %q with its line", row.value, err, row.want)
			}
		})
	}
}
