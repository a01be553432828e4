package cfn_test

import (
	"strings"
	"testing"

	"github.com/crumb-go/crumb/internal/cfn"
)

// looped begins every template of these tests.
const looped = `Transform: AWS::LanguageExtensions
Parameters: {Paths: {Type: CommaDelimitedList, Default: "a,b"}, Unset: {Type: CommaDelimitedList}}
`

// TestForEachInValues holds what a loop does to keys and values, wherever it
// is.
func TestForEachInValues(t *testing.T) {
	for _, row := range []struct{ name, value, want string }{
		{"map", `{Fn::ForEach::X: [N, [a, b], {"k${N}": "v${N}"}], c: d}`, `{"ka":"va","kb":"vb","c":"d"}`},
		{"in-a-list", `[x, {Fn::ForEach::X: [N, [a, b], {"${N}": !Ref N}]}]`, `["x",{"a":"a","b":"b"}]`},
		{"in-a-list-of-lists", `[[{Fn::ForEach::X: [N, [a], {"${N}": 1}]}], y]`, `[[{"a":1}],"y"]`},
		{"in-a-loop", `{Fn::ForEach::X: [N, [a, b], {"${N}": [{Fn::ForEach::Y: [M, [c, d], {"${N}${M}": 1}]}]}]}`, `{"a":[{"ac":1,"ad":1}],"b":[{"bc":1,"bd":1}]}`},
		{"parameter", `{Fn::ForEach::X: [N, !Ref Paths, {"${N}": 1}]}`, `{"a":1,"b":1}`},
		{"logical-id", `{Fn::ForEach::X: [N, ["a.z-A_Z/0:9@[` + "`" + `{é"], {"&{N}": "${N}"}]}`, `{"azAZ09":"a.z-A_Z/0:9@[` + "`" + `{é"}`},
		{"no-items", `{Fn::ForEach::X: [N, [], {"${N}": 1}], a: b}`, `{"a":"b"}`},
	} {
		t.Run(row.name, func(t *testing.T) {
			if got, _, err := resolve(t, looped+"X: !ToJsonString "+row.value+"\n", cfn.Options{}); err != nil || got.Text != row.want {
				t.Errorf("X = %s, %v, want %s", got.Text, err, row.want)
			}
		})
	}
}

func TestForEachErrors(t *testing.T) {
	for _, row := range []struct{ name, resources, want string }{
		{"arguments", "Resources: {Fn::ForEach::X: [a, [b]]}\n", "template.yaml:3: Fn::ForEach::X takes a list of 3 arguments"},
		{"more-arguments", "Resources: {Fn::ForEach::X: [a, [b], {}, c]}\n", "template.yaml:3: Fn::ForEach::X takes a list of 3 arguments"},
		{"same-key", "Resources: {Fn::ForEach::X: [a, [b, c], {F: {Type: AWS::SNS::Topic}}]}\n", `duplicate key "F" after Fn::ForEach is expanded`},
		{"bomb", "T: &t " + strings.Repeat("x", 1<<16) + "\nResources: {" + strings.Repeat("Fn::ForEach::X: [a, ["+strings.Repeat("x, ", 60)+"x], {", 8) + "Fn::ForEach::Y: [b, [], {k: *t}]" + strings.Repeat("}]", 8) + "}\n", "too expensive"},
	} {
		t.Run(row.name, func(t *testing.T) {
			if err := refusals(read(t, looped+row.resources, cfn.Options{})); err == nil || !strings.Contains(err.Error(), row.want) {
				t.Errorf("the error is %v, want %q", err, row.want)
			}
		})
	}
}
