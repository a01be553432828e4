package sam_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/crumb-go/crumb/internal/sam"
)

// spent is a template with parameters that leave about a twentieth of the work
// that one template may cause, so that its end comes soon.
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

// TestWorkIsBounded holds that whatever makes much of a small template counts
// as work.
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
			if err == nil || !strings.Contains(err.Error(), "its values take more work than any real template needs") {
				t.Errorf("Read: %.200v, want an end to the work", err)
			}
		})
	}
}
