package sam_test

import (
	"fmt"
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
      AttributeDefinitions:
        - {AttributeName: user, AttributeType: S}
        - {AttributeName: token, AttributeType: B}
        - {AttributeName: at, AttributeType: N}
      GlobalSecondaryIndexes:
        - IndexName: by-time
          KeySchema: [{AttributeName: at, KeyType: HASH}, {AttributeName: user, KeyType: RANGE}]
          Projection: {ProjectionType: INCLUDE, NonKeyAttributes: [name, age]}
      TimeToLiveSpecification: {Enabled: true, AttributeName: expires}
      LocalSecondaryIndexes:
        - IndexName: own
          KeySchema: [{AttributeName: user, KeyType: HASH}, {AttributeName: at, KeyType: RANGE}]
          Projection: {ProjectionType: ALL}
  Named:
    Type: AWS::DynamoDB::Table
    Properties: {TableName: !Sub "${AWS::Region}-orders", KeySchema: [{AttributeName: n, KeyType: HASH}]}
  Simple: {Type: "AWS::Serverless::SimpleTable"}
  SimpleKey: {Type: "AWS::Serverless::SimpleTable", Properties: {PrimaryKey: {Name: k, Type: Number}}}
  Global:
    Type: AWS::DynamoDB::GlobalTable
    Properties:
      KeySchema: [{AttributeName: pk, KeyType: HASH}]
      AttributeDefinitions: [{AttributeName: pk, AttributeType: S}]
      BillingMode: PAY_PER_REQUEST
      Replicas: [{Region: !Ref AWS::Region}]
  F:
    Type: AWS::Serverless::Function
    Properties: {Runtime: provided.al2023, Handler: bootstrap, CodeUri: ., Environment: {Variables: {AA: !Ref Sessions, BB: !Ref Named, CC: !Ref Simple, DD: !Ref Global}}}
`
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	template, err := sam.Read(file, sam.Options{EnvVars: map[string]map[string]string{"F": {"AWS_ENDPOINT_URL_DYNAMODB": "http://own"}}})
	if err != nil {
		t.Fatal(err)
	}
	want := []app.Table{
		{Name: "Sessions", Keys: []string{"user", "token"}, Types: map[string]string{"user": "S", "token": "B", "at": "N"}, Indexes: []app.Index{
			{Name: "by-time", Keys: []string{"at", "user"}, Global: true, Projection: "INCLUDE", Attributes: []string{"name", "age"}},
			{Name: "own", Keys: []string{"user", "at"}, Projection: "ALL"},
		}, TTL: "expires"},
		{Name: "us-east-1-orders", Keys: []string{"n"}, Types: map[string]string{}},
		{Name: "Simple", Keys: []string{"id"}, Types: map[string]string{"id": "S"}},
		{Name: "SimpleKey", Keys: []string{"k"}, Types: map[string]string{"k": "N"}},
		{Name: "Global", Keys: []string{"pk"}, Types: map[string]string{"pk": "S"}},
	}
	if !reflect.DeepEqual(template.Tables, want) {
		t.Errorf("Tables = %v, want %v", template.Tables, want)
	}
	env := map[string]string{"AA": "Sessions", "BB": "us-east-1-orders", "CC": "Simple", "DD": "Global", "AWS_ENDPOINT_URL_DYNAMODB": "http://own"}
	if got := template.Functions[0].Env; !reflect.DeepEqual(got, env) {
		t.Errorf("Env = %v, want %v", got, env)
	}
	for _, note := range template.Findings {
		t.Errorf("note: %s", note.Text)
	}
}

// CloudFormation refuses an index without a name, key or projection. The others work.
func TestIndexes(t *testing.T) {
	file := filepath.Join(t.TempDir(), "template.yaml")
	text := `Transform: AWS::Serverless-2016-10-31
Resources:
  Orders:
    Type: AWS::DynamoDB::Table
    Properties:
      KeySchema: [{AttributeName: id, KeyType: HASH}]
      GlobalSecondaryIndexes:
        - IndexName: without-projection
          KeySchema: [{AttributeName: a, KeyType: HASH}]
        - IndexName: without-key
          Projection: {ProjectionType: ALL}
        - IndexName: good
          KeySchema: [{AttributeName: a, KeyType: HASH}]
          Projection: {ProjectionType: KEYS_ONLY}
`
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	template, err := sam.Read(file, sam.Options{})
	if err != nil {
		t.Fatal(err)
	}
	want := []app.Index{{Name: "good", Keys: []string{"a"}, Global: true, Projection: "KEYS_ONLY"}}
	if got := template.Tables[0].Indexes; !reflect.DeepEqual(got, want) {
		t.Errorf("Indexes = %v, want %v", got, want)
	}
	var lines []int
	for _, f := range template.Findings {
		if f.Severity == app.Refused {
			lines = append(lines, f.Line)
		}
	}
	if !reflect.DeepEqual(lines, []int{8, 10}) {
		t.Errorf("refused lines %v, want 8 and 10: %v", lines, template.Findings)
	}
}

// The properties of a resource that is made are read, with those for which it has to wait.
func TestResources(t *testing.T) {
	a, err := sam.Read(project(t, `Transform: AWS::Serverless-2016-10-31
Resources:
  Queue: {Type: AWS::SQS::Queue, Properties: {QueueName: !Sub "${AWS::Region}-q", DelaySeconds: 5, KmsMasterKeyId: !ImportValue key}}
  Topic: {Type: AWS::SNS::Topic, Properties: {TopicName: t}}
`), sam.Options{Make: []string{"AWS::SQS::Queue"}})
	if err != nil {
		t.Fatal(err)
	}
	const want = "[{ID:Queue Type:AWS::SQS::Queue Line:3 Properties:map[DelaySeconds:5 KmsMasterKeyId:key QueueName:us-east-1-q] Waits:[KmsMasterKeyId]} " +
		"{ID:Topic Type:AWS::SNS::Topic Line:4 Properties:map[] Waits:[]}]"
	if got := fmt.Sprintf("%+v", a.Resources); got != want {
		t.Errorf("%s, want %s", got, want)
	}
}
