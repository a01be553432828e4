package sam_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/crumb-go/crumb/internal/sam"
)

// spent is a template whose parameters use up all but about a twentieth of the
// work that one template may cause, so that the limit is reached soon.
func spent(template string) string {
	var list, parameters strings.Builder
	for i := range 2000 {
		fmt.Fprintf(&list, "i%d, ", i)
		if i < 250 {
			fmt.Fprintf(&parameters, "  Spend%d: {Type: String, Default: i0, AllowedValues: *list}\n", i)
		}
	}
	if !strings.Contains(template, "Parameters:\n") {
		template = strings.TrimSuffix(template, "\n") + "\nParameters:\n"
	}
	return "L: &list [" + list.String() + "]\n" + strings.Replace(template, "Parameters:\n", "Parameters:\n"+parameters.String(), 1)
}

// TestWorkIsBounded holds that everything that can blow up a small template
// counts as work.
func TestWorkIsBounded(t *testing.T) {
	big := "T: &t " + strings.Repeat("x", 1<<16) + "\n" // as much as 1,024 values
	repeat := func(item string) string { return strings.TrimSuffix(strings.Repeat(item+", ", 40), ", ") }
	wide := "M: &map {"
	for i := range 2000 {
		wide += fmt.Sprintf("k%d: v, ", i)
	}
	wide += "}\n"
	shared := func(global, resource string) string {
		template := wide + strings.Replace(routed, "CodeUri", global+", CodeUri", 1) + "Resources:\n"
		for i := range 20 {
			template += fmt.Sprintf("  F%d: {Type: AWS::Serverless::Function, %s}\n", i, resource)
		}
		return template
	}
	patterns := big + routed + "Resources: {A: {Type: AWS::SNS::Topic}}\nParameters:\n"
	for i := range 40 {
		patterns += fmt.Sprintf("  P%d: {Type: String, AllowedPattern: x*, Default: *t}\n", i)
	}
	for _, row := range []struct{ name, template string }{
		{"texts", big + valued + "!Select [0, [" + repeat("*t") + "]]"},
		{"sub", big + valued + `!Sub ["` + strings.Repeat("${a}", 40) + `", {a: *t}]`},
		{"join", big + valued + "!Join [*t, [" + repeat("a") + "]]"},
		{"split", big + valued + "!Select [0, !Split [x, *t]]"},
		{"json", valued + strings.Repeat("!ToJsonString [", 22) + strings.Repeat("]", 22)}, // quotes in quotes in quotes
		{"loop", big + "Transform: [AWS::LanguageExtensions, AWS::Serverless-2016-10-31]\n" +
			"Resources: {Fn::ForEach::X: [N, *list, {\"F${N}\": {Type: *t}}]}\n"},
		{"patterns", patterns},
		{"global-maps", shared("Tags: *map", "Properties: {Tags: {a: b}}")},
		{"own-maps", shared("Tags: {a: b}", "Properties: {Tags: *map}")},
		{"global-lists", shared("Layers: *list", "Properties: {Layers: [a]}")},
		{"own-lists", shared("Layers: [a]", "Properties: {Layers: *list}")},
		{"ignored-globals", shared("Layers: [a]", "IgnoreGlobals: *list")},
	} {
		t.Run(row.name, func(t *testing.T) {
			_, err := sam.Read(project(t, spent(row.template+"\n")), sam.Options{})
			if err == nil || !strings.Contains(err.Error(), "template too expensive to evaluate") {
				t.Errorf("Read: %.200v, want an end to the work", err)
			}
		})
	}
}

// TestHostile holds templates that would keep a careless reader busy for ever.
// Each must be rejected, with a reason.
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
	function := func(environment string) string {
		return spent(valued + "x\n          Y: " + environment + "\n")
	}
	for _, row := range []struct{ name, template, want string }{
		{"alias-bomb", bomb + function(`!Join ["", *m60]`), "too expensive"},
		{"map-bomb", maps + function(`!Select [0, [*d60]]`), "too expensive"},
		{"sub-bomb", function(subs), "too expensive"},
		{"globals-bomb", spent(maps + "Globals: {Function: {Tags: *d60, CodeUri: code, Runtime: provided.al2023, Handler: b}}\n" +
			routed[:strings.Index(routed, "Globals")] + "Resources: {F: {Type: AWS::Serverless::Function, Properties: {Tags: *d60}}}\n"), "too expensive"},
		{"definition-bomb", spent(maps + routed + "Resources: {A: {Type: AWS::Serverless::HttpApi, Properties: {DefinitionBody: {paths: {/a: {get: {x-amazon-apigateway-integration: {uri: *d60}}}}}}}}\n"), "too expensive"},
		{"allowed-values", "Parameters: {P: {Type: CommaDelimitedList, Default: \"" + strings.Repeat("x,", 2_000) + "\", AllowedValues: [" +
			strings.Repeat("y,", 2_000) + "x]}}\n" + routed, "too expensive"},
		{"condition-chain", routed + "Conditions:\n" + conditions + "Resources: {A: {Type: x, Condition: C0}}\n", "no such condition: C60"},
		{"names-in-a-ring", routed + `Resources:
  A: {Type: AWS::S3::Bucket, Properties: {BucketName: !Sub "${B}${B}"}}
  B: {Type: AWS::S3::Bucket, Properties: {BucketName: !Sub "${A}${A}"}}
  F: {Type: AWS::Serverless::Function, Condition: Nope, Properties: {Handler: !Ref A}}
`, "no such condition: Nope"},
	} {
		t.Run(row.name, func(t *testing.T) {
			_, err := refusals(project(t, row.template), sam.Options{})
			if err == nil || !strings.Contains(err.Error(), row.want) {
				t.Errorf("Read: %v, want %q", err, row.want)
			}
		})
	}
}
