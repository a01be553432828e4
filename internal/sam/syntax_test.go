package sam_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/crumb-go/crumb/internal/sam"
)

func TestSyntax(t *testing.T) {
	const want = "map[A:1 B:two C:true]\nrest ServerlessRestApi Prod\n  GET /a F 1.0\n"
	for _, row := range []struct{ name, template string }{
		{"yaml", `
AWSTemplateFormatVersion: '2010-09-09'
Transform: AWS::Serverless-2016-10-31
Resources:
  F:
    Type: AWS::Serverless::Function
    Properties:
      CodeUri: code
      Runtime: provided.al2023
      Handler: bootstrap
      Environment:
        Variables:
          A: 1
          B: !Sub "two"
          C: yes
      Events:
        A: {Type: Api, Properties: {Path: /a, Method: get}}
`},
		{"json", "{\n\t\"Transform\": \"AWS::Serverless-2016-10-31\",\n\t\"Resources\": {\"F\": {\"Type\": \"AWS::Serverless::Function\",\n" +
			"\t\t\"Properties\": {\"CodeUri\": \"code\", \"Runtime\": \"provided.al2023\", \"Handler\": \"bootstrap\",\n" +
			"\t\t\"Environment\": {\"Variables\": {\"A\": 1, \"B\": {\"Fn::Sub\": \"\\u0074wo\"}, \"C\": true}},\n" +
			"\t\t\"Events\": {\"A\": {\"Type\": \"Api\", \"Properties\": {\"Path\": \"\\/a\", \"Method\": \"get\"}}, \"N\": null}}}}}"},
		{"json-bom", "\ufeff{\"Transform\": [\"AWS::Serverless-2016-10-31\"], \"Resources\": {\"F\": {\"Type\": \"AWS::Serverless::Function\"," +
			"\"Properties\": {\"CodeUri\": \"code\", \"Runtime\": \"provided.al2023\", \"Handler\": \"bootstrap\"," +
			"\"Environment\": {\"Variables\": {\"A\": 1, \"B\": \"two\", \"C\": true}}," +
			"\"Events\": {\"A\": {\"Type\": \"Api\", \"Properties\": {\"Path\": \"/a\", \"Method\": \"get\"}}}}}}}"},
		{"flow-yaml", `{Transform: AWS::Serverless-2016-10-31, Resources: {F: {Type: AWS::Serverless::Function, Properties: {
  CodeUri: code, Runtime: provided.al2023, Handler: bootstrap, Environment: {Variables: {A: 1, B: two, C: on}},
  Events: {A: {Type: Api, Properties: {Path: /a, Method: get}}}}}}}`},
		{"aliases", `
Transform: AWS::Serverless-2016-10-31
Mappings: {Shared: {Names: {B: &two two}}}
Globals:
  Function: &function
    CodeUri: &dir code
    Runtime: provided.al2023
Resources:
  F:
    Type: AWS::Serverless::Function
    Properties:
      CodeUri: *dir
      Handler: bootstrap
      Environment: {Variables: {A: 1, B: *two, C: True}}
      Events:
        A: {Type: Api, Properties: {Path: /a, Method: get}}
`},
		{"merge-keys", `
Transform: AWS::Serverless-2016-10-31
Metadata:
  First: &first {CodeUri: code, Runtime: provided.al2023}
  Second: &second {Handler: bootstrap, Runtime: nodejs22.x}
  Variables: &variables {A: 3, B: two, C: true}
Resources:
  F:
    Type: AWS::Serverless::Function
    Properties:
      <<: [*first, *second]
      Environment:
        Variables: {<<: *variables, A: 1}
      Events:
        A: {Type: Api, Properties: {Path: /a, Method: get}}
`},
		{"crlf", strings.ReplaceAll(`Transform: AWS::Serverless-2016-10-31
Resources:
  F:
    Type: AWS::Serverless::Function
    Properties: {CodeUri: code, Runtime: provided.al2023, Handler: bootstrap, Environment: {Variables: {A: 1, B: two, C: true}},
      Events: {A: {Type: Api, Properties: {Path: /a, Method: get}}}}
`, "\n", "\r\n")},
	} {
		t.Run(row.name, func(t *testing.T) {
			got, err := sam.Read(project(t, row.template), sam.Options{})
			if err != nil {
				t.Fatal(err)
			}
			if got := fmt.Sprintln(got.Functions[0].Env) + routes(got); got != want {
				t.Errorf("Read:\n%swant:\n%s", got, want)
			}
			if len(got.Findings) > 0 {
				t.Errorf("notes %v, want none", got.Findings)
			}
		})
	}
}

// TestTexts holds keys and values that a reader of YAML or JSON might take for
// something else.
func TestTexts(t *testing.T) {
	const yaml = routed + "Metadata: {M: &m {A: merged}}\nResources: {F: {Type: AWS::Serverless::Function, Properties: {Environment: {Variables: %s}}}}\n"
	const json = `{"Transform": "AWS::Serverless-2016-10-31", "Resources": {"F": {"Type": "AWS::Serverless::Function", "Properties": {
"CodeUri": "code", "Runtime": "provided.al2023", "Handler": "bootstrap", "Environment": {"Variables": %s}}}}}`
	for _, row := range []struct{ name, template, variables, want string }{
		{"merge-key", yaml, `{<<: *m}`, `map["A":"merged"]`},
		{"quoted-merge-key", yaml, `{"<<": x, B: y}`, `map["<<":"x" "B":"y"]`},
		{"surrogate-pair", json, `{"A": "\ud83c\udf6a"}`, `map["A":"🍪"]`},
		{"tabs", json, "{\t\"A\":\t\"a\\tb\"}", `map["A":"a\tb"]`},
		{"json-texts", json, `{"A": "yes", "B": "0777", "C": "<<", "<<": "1"}`, `map["<<":"1" "A":"yes" "B":"0777" "C":"<<"]`},
		{"json-numbers", json, `{"A": 1.10, "B": 1e3, "C": 12345678901234567890}`, `map["A":"1.10" "B":"1e3" "C":"12345678901234567890"]`},
	} {
		t.Run(row.name, func(t *testing.T) {
			got, err := sam.Read(project(t, fmt.Sprintf(row.template, row.variables)), sam.Options{})
			if err != nil {
				t.Fatal(err)
			}
			if env := fmt.Sprintf("%q", got.Functions[0].Env); env != row.want {
				t.Errorf("Env = %s, want %s", env, row.want)
			}
		})
	}
}

func TestJSONLines(t *testing.T) {
	_, err := sam.Read(project(t, "{\"Transform\": \"AWS::Serverless-2016-10-31\",\n\n\"Resources\": {\n\"A\": {},\n\"B\":\n{}}}"), sam.Options{})
	if text := fmt.Sprint(err); !strings.Contains(text, "yaml:4: the resource A") || !strings.Contains(text, "yaml:5: the resource B") {
		t.Errorf("Read: %v, want lines 4 and 5", err)
	}
}

// TestHostile holds templates that a careless reader would take for ever over,
// or die of. Each must be refused, with a reason.
func TestHostile(t *testing.T) {
	bomb := "M0: &m0 [x, x, x, x, x, x, x, x, x, x]\n"
	maps := "D0: &d0 {k: v}\n"
	subs := "x"
	conditions := ""
	for i := range 60 {
		bomb += fmt.Sprintf("M%d: &m%d [*m%d, *m%d, *m%d, *m%d]\n", i+1, i+1, i, i, i, i)
		maps += fmt.Sprintf("D%d: &d%d {a: *d%d, b: *d%d}\n", i+1, i+1, i, i)
		if i < 40 {
			subs = fmt.Sprintf(`!Sub ["${a}${a}", {a: %s}]`, subs)
		}
		conditions += fmt.Sprintf("  C%d: !And [!Condition C%d, !Not [!Condition C%d]]\n", i, i+1, i+1)
	}
	wide := "W: &w {"
	for i := range 2000 {
		wide += fmt.Sprintf("k%d: v, ", i)
	}
	wide += "}\n"
	for i := range 1000 {
		wide += fmt.Sprintf("W%d: {<<: *w}\n", i)
	}
	function := func(environment string) string {
		return spent(valued + "x\n          Y: " + environment + "\n")
	}
	for _, row := range []struct{ name, template, want string }{
		{"alias-bomb", bomb + function(`!Join ["", *m60]`), "take more work"},
		{"map-bomb", maps + function(`!Select [0, [*d60]]`), "take more work"},
		{"sub-bomb", function(subs), "take more work"},
		{"globals-bomb", spent(maps + "Globals: {Function: {Tags: *d60, CodeUri: code, Runtime: provided.al2023, Handler: b}}\n" +
			routed[:strings.Index(routed, "Globals")] + "Resources: {F: {Type: AWS::Serverless::Function, Properties: {Tags: *d60}}}\n"), "take more work"},
		{"definition-bomb", spent(maps + routed + "Resources: {A: {Type: AWS::Serverless::HttpApi, Properties: {DefinitionBody: {paths: {/a: {get: {x-amazon-apigateway-integration: {uri: *d60}}}}}}}}\n"), "take more work"},
		{"merge-bomb", wide + routed, "merge keys (<<) bring more than"},
		{"deep-yaml", "a: " + strings.Repeat("[", 5000) + strings.Repeat("]", 5000), "nested deeper than"},
		{"deeper-yaml", strings.Repeat("[", 500_000), "exceeded max depth"},
		{"deep-tags", "a: " + strings.Repeat("\n  !Not [", 300) + strings.Repeat("]", 300), "nested deeper than"},
		{"deep-json", `{"a":` + strings.Repeat("[", 5000) + strings.Repeat("]", 5000) + "}", "nested deeper than"},
		{"allowed-values", "Parameters: {P: {Type: CommaDelimitedList, Default: \"" + strings.Repeat("x,", 2_000) + "\", AllowedValues: [" +
			strings.Repeat("y,", 2_000) + "x]}}\n" + routed, "take more work"},
		{"condition-chain", routed + "Conditions:\n" + conditions + "Resources: {A: {Type: x, Condition: C0}}\n", "there is no condition C60"},
		{"names-in-a-ring", routed + `Resources:
  A: {Type: AWS::S3::Bucket, Properties: {BucketName: !Sub "${B}${B}"}}
  B: {Type: AWS::S3::Bucket, Properties: {BucketName: !Sub "${A}${A}"}}
  F: {Type: AWS::Serverless::Function, Condition: Nope, Properties: {Handler: !Ref A}}
`, "there is no condition Nope"},
	} {
		t.Run(row.name, func(t *testing.T) {
			_, err := sam.Read(project(t, row.template), sam.Options{})
			if err == nil || !strings.Contains(err.Error(), row.want) {
				t.Errorf("Read: %v, want %q", err, row.want)
			}
		})
	}
}
