package sam_test

import (
	"os"
	"path/filepath"
	"reflect"
	"testing"

	"github.com/crumb-go/crumb/internal/app"
	"github.com/crumb-go/crumb/internal/sam"
)

func TestTables(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "template.yaml")
	text := `Transform: AWS::Serverless-2016-10-31
Resources:
  Sessions:
    Type: AWS::DynamoDB::Table
    Properties:
      KeySchema:
        - {AttributeName: token, KeyType: RANGE}
        - {AttributeName: user, KeyType: HASH}
  Named:
    Type: AWS::DynamoDB::Table
    Properties: {TableName: !Sub "${AWS::Region}-orders", KeySchema: [{AttributeName: n, KeyType: HASH}]}
  Simple: {Type: "AWS::Serverless::SimpleTable"}
  SimpleKey: {Type: "AWS::Serverless::SimpleTable", Properties: {PrimaryKey: {Name: k, Type: String}}}
  F:
    Type: AWS::Serverless::Function
    Properties: {Runtime: provided.al2023, Handler: bootstrap, CodeUri: ., Environment: {Variables: {AA: !Ref Sessions, BB: !Ref Named, CC: !Ref Simple}}}
`
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	template, err := sam.Read(file, sam.Options{EnvVars: map[string]map[string]string{"F": {"AWS_ENDPOINT_URL_DYNAMODB": "http://own"}}})
	if err != nil {
		t.Fatal(err)
	}
	want := []app.Table{
		{Name: "Sessions", Keys: []string{"user", "token"}},
		{Name: "us-east-1-orders", Keys: []string{"n"}},
		{Name: "Simple", Keys: []string{"id"}},
		{Name: "SimpleKey", Keys: []string{"k"}},
	}
	if !reflect.DeepEqual(template.Tables, want) {
		t.Errorf("Tables = %v, want %v", template.Tables, want)
	}
	env := map[string]string{"AA": "Sessions", "BB": "us-east-1-orders", "CC": "Simple", "AWS_ENDPOINT_URL_DYNAMODB": "http://own"}
	if got := template.Functions[0].Env; !reflect.DeepEqual(got, env) {
		t.Errorf("Env = %v, want %v", got, env)
	}
	for _, note := range template.Findings {
		t.Errorf("note: %s", note.Text)
	}
}
