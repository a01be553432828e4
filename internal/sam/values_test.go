package sam_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/crumb-go/crumb/internal/app"
	"github.com/crumb-go/crumb/internal/sam"
)

// valued is a template whose only variable X is the value under test.
const valued = `Transform: [AWS::LanguageExtensions, AWS::Serverless-2016-10-31]
Parameters:
  Stage: {Type: String, Default: prod}
  Hosts: {Type: CommaDelimitedList, Default: "a.example, b.example"}
Conditions:
  IsProd: !Equals [!Ref Stage, prod]
Resources:
  Named: {Type: "AWS::DynamoDB::Table", Properties: {TableName: !Sub "${Stage}-items"}}
  Table: {Type: "AWS::DynamoDB::Table"}
  Bucket: {Type: "AWS::S3::Bucket"}
  F:
    Type: AWS::Serverless::Function
    Properties:
      CodeUri: code
      Runtime: provided.al2023
      Handler: bootstrap
      Environment:
        Variables:
          XX: `

// TestVariables holds how values appear in an environment.
func TestVariables(t *testing.T) {
	for _, row := range []struct{ name, value, want, note string }{
		{"parameter", `!Ref Stage`, "map[XX:prod]", ""},
		{"pseudo-parameters", `!Sub "${AWS::Region} ${AWS::AccountId} ${AWS::StackName}"`, "map[XX:us-east-1 123456789012 local]", ""},
		{"null", `~`, "map[XX:]", ""},
		{"no-value", `!If [IsProd, !Ref "AWS::NoValue", b]`, "map[]", ""},
		{"table", `!Ref Table`, "map[XX:Table]", ""},
		{"named-table", `!Ref Named`, "map[XX:prod-items]", ""},
		{"bucket", `!Ref Bucket`, "map[XX:Bucket]", `F XX: Ref Bucket is known only once it is deployed; using placeholder "Bucket"`},
		{"dynamic-reference", `"{{resolve:ssm:/app/key:1}}"`, "map[XX:{{resolve:ssm:/app/key:1}}]", "F XX: a dynamic reference is resolved only on deployment"},
		{"list", `!Ref Hosts`, "template.yaml:19: F XX must be a string, not a list", ""},
		{"map", `{a: b}`, "template.yaml:19: F XX must be a string, not a map", ""},
		{"mistake", `!Join [a]`, "template.yaml:19: Fn::Join takes a list of 2 arguments", ""},
	} {
		t.Run(row.name, func(t *testing.T) {
			template, err := refusals(project(t, valued+row.value+"\n"), sam.Options{})
			got := fmt.Sprint(err)
			if err == nil {
				got = fmt.Sprint(template.Functions[0].Env)
			} else {
				template = &app.App{}
			}
			if !strings.HasSuffix(got, row.want) {
				t.Errorf("XX: %s gives %s, want %s", row.value, got, row.want)
			}
			if notes := notesFrom(template, 0); !strings.Contains(notes, row.note) || row.note == "" && notes != "" {
				t.Errorf("XX: %s notes %q, want %q", row.value, notes, row.note)
			}
		})
	}
}

// notesFrom joins the notes on line first or later.
func notesFrom(t *app.App, first int) string {
	var texts []string
	for _, n := range t.Findings {
		if n.Line >= first {
			texts = append(texts, n.Text)
		}
	}
	return strings.Join(texts, "\n")
}
