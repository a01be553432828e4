package sam_test

import (
	"strings"
	"testing"

	"github.com/crumb-go/crumb/internal/sam"
)

// looped begins every template of these tests.
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
`, "\n\n", "Fn::ForEach::Functions is ignored: it needs a name, a list that is known before deployment, and a map"},
		{"unknown-list", `
Resources:
  Topic: {Type: AWS::SNS::Topic}
  Fn::ForEach::Functions: [Name, !Split [",", !GetAtt Topic.TopicName], {"F${Name}": {Type: AWS::Serverless::Function}}]
`, "\n\n", "Fn::ForEach::Functions is ignored: it needs a name, a list that is known before deployment, and a map"},
		{"nameless", `
Resources:
  Topic: {Type: AWS::SNS::Topic}
  Fn::ForEach::Functions: ["", [a], {F: {Type: AWS::Serverless::Function}}]
`, "\n\n", "Fn::ForEach::Functions is ignored"},
		{"no-map", `
Resources:
  Topic: {Type: AWS::SNS::Topic}
  Fn::ForEach::Functions: [Name, [a], [b]]
`, "\n\n", "Fn::ForEach::Functions is ignored"},
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
