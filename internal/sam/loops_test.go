package sam_test

import (
	"strings"
	"testing"

	"github.com/crumb-go/crumb/internal/sam"
)

// looped is what begins every template of these tests.
const looped = `Transform: [AWS::LanguageExtensions, AWS::Serverless-2016-10-31]
Globals: {Function: {CodeUri: code, Runtime: provided.al2023, Handler: bootstrap}}
Parameters: {Paths: {Type: CommaDelimitedList, Default: "a,b"}, Unset: {Type: CommaDelimitedList}}
`

func TestForEach(t *testing.T) {
	for _, row := range []struct{ name, resources, want, note string }{
		{"resources", `
Resources:
  Fn::ForEach::Functions:
    - Name
    - [list, put]
    - ${Name}Function:
        Type: AWS::Serverless::Function
        Properties:
          Events: {A: {Type: Api, Properties: {Path: !Sub "/${Name}/{id}", Method: GET}}}
`, `
rest ServerlessRestApi Prod
  GET /list/{id} listFunction 1.0
  GET /put/{id} putFunction 1.0
`, ""},
		{"parameter-and-ref", `
Resources:
  Fn::ForEach::Functions:
    - Path
    - !Ref Paths
    - F${Path}:
        Type: AWS::Serverless::Function
        Properties: {Events: {A: {Type: Api, Properties: {Path: !Join ["", [/, !Ref Path]], Method: GET}}}}
`, `
rest ServerlessRestApi Prod
  GET /a Fa 1.0
  GET /b Fb 1.0
`, ""},
		{"events", `
Resources:
  F:
    Type: AWS::Serverless::Function
    Properties:
      Events:
        Fn::ForEach::Events:
          - Method
          - [GET, PUT]
          - On${Method}: {Type: HttpApi, Properties: {Path: /a, Method: "${Method}"}}
`, `
http ServerlessHttpApi $default
  GET /a F 2.0
  PUT /a F 2.0
`, ""},
		{"nested", `
Resources:
  Fn::ForEach::Outer:
    - A
    - [x, "y-1"]
    - Fn::ForEach::Inner:
        - B
        - ["1", "2"]
        - F&{A}${B}:
            Type: AWS::Serverless::Function
            Properties: {Events: {E: {Type: Api, Properties: {Path: "/${A}/${B}", Method: GET}}}}
`, `
rest ServerlessRestApi Prod
  GET /x/1 Fx1 1.0
  GET /x/2 Fx2 1.0
  GET /y-1/1 Fy11 1.0
  GET /y-1/2 Fy12 1.0
`, ""},
		{"unknown", `
Resources:
  Topic: {Type: AWS::SNS::Topic}
  Fn::ForEach::Functions: [Name, !Ref Unset, {"F${Name}": {Type: AWS::SNS::Topic}}]
`, "\n\n", "Fn::ForEach::Functions is left out: it takes a name, a list that is known before deployment, and a map"},
		{"unknown-list", `
Resources:
  Topic: {Type: AWS::SNS::Topic}
  Fn::ForEach::Functions: [Name, !Split [",", !GetAtt Topic.TopicName], {"F${Name}": {Type: AWS::Serverless::Function}}]
`, "\n\n", "Fn::ForEach::Functions is left out: it takes a name, a list that is known before deployment, and a map"},
		{"nameless", `
Resources:
  Topic: {Type: AWS::SNS::Topic}
  Fn::ForEach::Functions: ["", [a], {F: {Type: AWS::Serverless::Function}}]
`, "\n\n", "Fn::ForEach::Functions is left out"},
		{"no-map", `
Resources:
  Topic: {Type: AWS::SNS::Topic}
  Fn::ForEach::Functions: [Name, [a], [b]]
`, "\n\n", "Fn::ForEach::Functions is left out"},
	} {
		t.Run(row.name, func(t *testing.T) {
			got, err := sam.Read(project(t, looped+row.resources), sam.Options{})
			if err != nil {
				t.Fatal(err)
			}
			if routes := "\n" + routes(got); routes != row.want {
				t.Errorf("routes:%swant:%s", routes, row.want)
			}
			if notes := notesFrom(got, 4); !strings.Contains(notes, row.note) || row.note == "" && notes != "" {
				t.Errorf("notes %q, want %q", notes, row.note)
			}
		})
	}
}

// TestForEachInValues holds what a loop makes of keys and values, wherever it
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
			got, err := sam.Read(project(t, looped+"Resources: {F: {Type: AWS::Serverless::Function, Properties: {Environment: {Variables: {X: !ToJsonString "+row.value+"}}}}}\n"), sam.Options{Overrides: map[string]string{"Unset": "x"}})
			if err != nil {
				t.Fatal(err)
			}
			if x := got.Functions[0].Env["X"]; x != row.want {
				t.Errorf("X = %s, want %s", x, row.want)
			}
		})
	}
}

func TestForEachErrors(t *testing.T) {
	for _, row := range []struct{ name, resources, want string }{
		{"arguments", "Resources: {Fn::ForEach::X: [a, [b]]}\n", "template.yaml:4: Fn::ForEach::X takes a list of 3 arguments"},
		{"more-arguments", "Resources: {Fn::ForEach::X: [a, [b], {}, c]}\n", "template.yaml:4: Fn::ForEach::X takes a list of 3 arguments"},
		{"same-key", "Resources: {Fn::ForEach::X: [a, [b, c], {F: {Type: AWS::SNS::Topic}}]}\n", `the key "F" is there twice once Fn::ForEach is written out`},
		{"bomb", "Resources: {" + strings.Repeat("Fn::ForEach::X: [a, ["+strings.Repeat("x, ", 60)+"x], {", 8) + strings.Repeat("}]", 8) + "}\n", "take more work"},
	} {
		t.Run(row.name, func(t *testing.T) {
			if _, err := sam.Read(project(t, looped+row.resources), sam.Options{}); err == nil || !strings.Contains(err.Error(), row.want) {
				t.Errorf("Read: %v, want %q", err, row.want)
			}
		})
	}
}
