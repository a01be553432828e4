package resources_test

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/crumb-go/crumb/internal/app"
	"github.com/crumb-go/crumb/internal/resources"
)

// An emulator keeps the requests that it gets, and responds by operation.
type emulator struct {
	requests  []string
	responses map[string]string // an operation's body; one that begins with a status is an error
}

func (e *emulator) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	_, operation, _ := strings.Cut(r.Header.Get("X-Amz-Target"), ".")
	if r.Method == "PUT" {
		operation = "CreateBucket " + r.URL.Path
	} else if operation == "" {
		operation, _, _ = strings.Cut(strings.TrimPrefix(string(body), "Action="), "&")
	}
	if !strings.Contains(r.Header.Get("Authorization"), "Credential=local/") {
		operation = "unsigned " + operation
	}
	e.requests = append(e.requests, operation+" "+string(body))
	response := e.responses[strings.Fields(operation)[0]]
	if text, failed := strings.CutPrefix(response, "400 "); failed {
		w.WriteHeader(400)
		response = text
	} else if response == "" {
		response = "{}"
	}
	_, _ = io.WriteString(w, response)
}

func newMaker(t *testing.T, e *emulator, region string) *resources.Maker {
	t.Helper()
	if e.responses == nil {
		e.responses = map[string]string{}
	}
	if e.responses["GetCallerIdentity"] == "" {
		e.responses["GetCallerIdentity"] = "<R><GetCallerIdentityResult><Account>000000000000</Account></GetCallerIdentityResult></R>"
	}
	server := httptest.NewServer(e)
	t.Cleanup(server.Close)
	m, err := resources.New(t.Context(), server.URL, region)
	if err != nil {
		t.Fatal(err)
	}
	e.requests = nil
	return m
}

type object = map[string]any

func TestMake(t *testing.T) {
	for _, row := range []struct {
		name, kind string
		properties object
		responses  map[string]string
		requests   []string
		known      map[string]string
	}{
		{
			"table", "AWS::DynamoDB::Table",
			object{
				"TableName": "orders", "KeySchema": []any{object{"AttributeName": "id", "KeyType": "HASH"}}, "ProvisionedThroughput": object{"ReadCapacityUnits": "1", "WriteCapacityUnits": "2"},
				"StreamSpecification": object{"StreamViewType": "KEYS_ONLY"}, "TimeToLiveSpecification": object{"AttributeName": "at", "Enabled": "true"}, "SSESpecification": object{},
			},
			map[string]string{"CreateTable": `{"TableDescription":{"TableArn":"arn:t","LatestStreamArn":"arn:s"}}`},
			[]string{
				`CreateTable {"KeySchema":[{"AttributeName":"id","KeyType":"HASH"}],"ProvisionedThroughput":{"ReadCapacityUnits":1,"WriteCapacityUnits":2},"StreamSpecification":{"StreamEnabled":true,"StreamViewType":"KEYS_ONLY"},"TableName":"orders"}`,
				`UpdateTimeToLive {"TableName":"orders","TimeToLiveSpecification":{"AttributeName":"at","Enabled":true}}`,
			},
			map[string]string{"": "orders", "Arn": "arn:t", "StreamArn": "arn:s"},
		},
		{
			"table-exists", "AWS::DynamoDB::Table", object{"TimeToLiveSpecification": object{"AttributeName": "at", "Enabled": "true"}},
			map[string]string{"CreateTable": `400 {"__type":"com.amazonaws.dynamodb.v20120810#ResourceInUseException"}`, "DescribeTable": `{"Table":{"TableArn":"arn:t"}}`},
			[]string{`CreateTable {"BillingMode":"PAY_PER_REQUEST","TableName":"One"}`, `DescribeTable {"TableName":"One"}`},
			map[string]string{"": "One", "Arn": "arn:t"},
		},
		{
			"simple-table", "AWS::Serverless::SimpleTable", object{"PrimaryKey": object{"Name": "n", "Type": "Number"}},
			map[string]string{"CreateTable": `{"TableDescription":{"TableArn":"arn:t"}}`},
			[]string{`CreateTable {"AttributeDefinitions":[{"AttributeName":"n","AttributeType":"N"}],"BillingMode":"PAY_PER_REQUEST","KeySchema":[{"AttributeName":"n","KeyType":"HASH"}],"TableName":"One"}`},
			map[string]string{"": "One", "Arn": "arn:t"},
		},
		{
			"bucket", "AWS::S3::Bucket", object{},
			map[string]string{"CreateBucket": `400 <Error><Code>BucketAlreadyOwnedByYou</Code></Error>`},
			[]string{`CreateBucket /local-one <CreateBucketConfiguration xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><LocationConstraint>eu-west-1</LocationConstraint></CreateBucketConfiguration>`},
			map[string]string{"": "local-one", "Arn": "arn:aws:s3:::local-one", "DomainName": "local-one.s3.amazonaws.com", "RegionalDomainName": "local-one.s3.eu-west-1.amazonaws.com"},
		},
		{
			"queue", "AWS::SQS::Queue", object{"FifoQueue": "true", "DelaySeconds": "5", "RedrivePolicy": object{"maxReceiveCount": "3"}},
			map[string]string{"CreateQueue": `400 {"__type":"com.amazonaws.sqs#QueueNameExists"}`, "GetQueueUrl": `{"QueueUrl":"http://q"}`},
			[]string{`CreateQueue {"Attributes":{"DelaySeconds":"5","FifoQueue":"true","RedrivePolicy":"{\"maxReceiveCount\":\"3\"}"},"QueueName":"local-One.fifo"}`, `GetQueueUrl {"QueueName":"local-One.fifo"}`},
			map[string]string{"": "http://q", "QueueUrl": "http://q", "QueueName": "local-One.fifo", "Arn": "arn:aws:sqs:eu-west-1:000000000000:local-One.fifo"},
		},
		{
			"topic", "AWS::SNS::Topic", object{"TopicName": "news", "DisplayName": "News", "FifoTopic": "false"},
			map[string]string{"CreateTopic": `<R><CreateTopicResult><TopicArn>arn:n</TopicArn></CreateTopicResult></R>`},
			[]string{"CreateTopic Action=CreateTopic&Attributes.entry.1.key=DisplayName&Attributes.entry.1.value=News&Name=news&Version=2010-03-31"},
			map[string]string{"": "arn:n", "TopicArn": "arn:n", "TopicName": "news"},
		},
		{
			"parameter", "AWS::SSM::Parameter", object{"Type": "StringList", "Value": "a,b"},
			map[string]string{"PutParameter": `400 {"__type":"ParameterAlreadyExists"}`},
			[]string{`PutParameter {"Name":"local-One","Type":"StringList","Value":"a,b"}`},
			map[string]string{"": "local-One", "Type": "StringList", "Value": "a,b"},
		},
		{
			"secret", "AWS::SecretsManager::Secret", object{"Name": "s", "SecretString": "x"},
			map[string]string{"CreateSecret": `400 {"__type":"ResourceExistsException"}`, "DescribeSecret": `{"ARN":"arn:s"}`},
			[]string{`CreateSecret {"Name":"s","SecretString":"x"}`, `DescribeSecret {"SecretId":"s"}`},
			map[string]string{"": "arn:s", "Id": "arn:s"},
		},
	} {
		t.Run(row.name, func(t *testing.T) {
			e := &emulator{responses: row.responses}
			m := newMaker(t, e, "eu-west-1")
			all := []app.Resource{{ID: "One", Type: row.kind, Properties: row.properties}}
			for _, want := range []int{1, 0} { // it is made once
				if n, err := m.Make(t.Context(), all, false); n != want || err != nil {
					t.Errorf("Make = %d, %v, want %d", n, err, want)
				}
			}
			if !slices.Equal(e.requests, row.requests) {
				t.Errorf("requests %q, want %q", e.requests, row.requests)
			}
			if got := m.Known()["One"]; !reflect.DeepEqual(got, row.known) {
				t.Errorf("known %q, want %q", got, row.known)
			}
		})
	}
}

// Resources that wait for what is not made are made last.
func TestWaits(t *testing.T) {
	e := &emulator{}
	m := newMaker(t, e, "us-east-1")
	all := []app.Resource{
		{ID: "P", Type: "AWS::SSM::Parameter", Line: 3, Properties: object{"Type": "String", "Value": "v", "Description": "Key.Arn"}, Waits: []string{"Description"}},
		{ID: "Q", Type: "AWS::SQS::Queue", Line: 4, Properties: object{"RedrivePolicy": object{"deadLetterTargetArn": "Key.Arn"}}, Waits: []string{"RedrivePolicy"}},
		{ID: "B", Type: "AWS::S3::Bucket", Line: 5, Properties: object{"BucketName": "own", "Tags": []any{}}},
		{ID: "K", Type: "AWS::KMS::Key", Line: 7},
		{ID: "R", Type: "AWS::IAM::Role", Line: 9},
	}
	for _, step := range []struct {
		n       int
		waiting bool
	}{{1, false}, {2, true}} {
		if n, err := m.Make(t.Context(), all, step.waiting); n != step.n || err != nil {
			t.Errorf("Make = %d, %v, want %d", n, err, step.n)
		}
	}
	if want := []string{"CreateBucket /own ", `PutParameter {"Description":"Key.Arn","Name":"local-P","Type":"String","Value":"v"}`, `CreateQueue {"Attributes":{},"QueueName":"local-Q"}`}; !slices.Equal(e.requests, want) {
		t.Errorf("requests %q, want %q", e.requests, want)
	}
	all = append(all, app.Resource{ID: "L", Type: "AWS::S3::Bucket", Line: 11, Properties: object{"BucketName": []any{"a"}}})
	want := []app.Finding{
		{Severity: app.NotEmulated, Line: 3, Text: "P: at --aws-endpoint its Description holds a placeholder"},
		{Severity: app.NotEmulated, Line: 4, Text: "Q: at --aws-endpoint it has no RedrivePolicy, which crumb does not pass on"},
		{Severity: app.NotEmulated, Line: 5, Text: "B: at --aws-endpoint it has no Tags, which crumb does not pass on"},
		{Severity: app.NotEmulated, Line: 7, Text: "K: AWS::KMS::Key is not made at --aws-endpoint"},
		{Severity: app.Refused, Line: 11, Text: "L: BucketName must be a string"},
	}
	if got := resources.Findings(all); !slices.Equal(got, want) {
		t.Errorf("Findings = %v, want %v", got, want)
	}
}

func TestGenerated(t *testing.T) {
	for _, row := range []struct {
		name string
		rule object
		want string // a pattern
	}{
		{"default", object{}, `^[!-~]{32}$`},
		{"letters", object{"ExcludePunctuation": "true", "ExcludeNumbers": "true", "ExcludeUppercase": "true", "ExcludeCharacters": "abc", "PasswordLength": "64"}, `^[d-z]{64}$`},
		{"blanks", object{"IncludeSpace": "true", "PasswordLength": "4096"}, ` `},
		{"template", object{"SecretStringTemplate": `{"user":"ada"}`, "GenerateStringKey": "password", "ExcludePunctuation": "true"}, `^\{"password":"[0-9A-Za-z]{32}","user":"ada"\}$`},
	} {
		t.Run(row.name, func(t *testing.T) {
			e := &emulator{}
			m := newMaker(t, e, "us-east-1")
			if _, err := m.Make(t.Context(), []app.Resource{{ID: "S", Type: "AWS::SecretsManager::Secret", Properties: object{"GenerateSecretString": row.rule}}}, false); err != nil {
				t.Fatal(err)
			}
			var in struct{ SecretString string }
			_, body, _ := strings.Cut(e.requests[0], " ")
			if err := json.Unmarshal([]byte(body), &in); err != nil || !regexp.MustCompile(row.want).MatchString(in.SecretString) {
				t.Errorf("SecretString is %q, want %s", in.SecretString, row.want)
			}
		})
	}
}

func TestErrors(t *testing.T) {
	const xml = "400 <ErrorResponse><Error><Code>Invalid</Code><Message>no</Message></Error></ErrorResponse>"
	secret := func(rule object) app.Resource {
		return app.Resource{ID: "One", Type: "AWS::SecretsManager::Secret", Properties: object{"GenerateSecretString": rule}}
	}
	for _, row := range []struct {
		name     string
		resource app.Resource
		response string
		want     string
	}{
		{"json", app.Resource{ID: "One", Type: "AWS::SSM::Parameter"}, `400 {"__type":"Bad","message":"no"}`, "One (AWS::SSM::Parameter): PutParameter: Bad: no"},
		{"xml", app.Resource{ID: "One", Type: "AWS::SNS::Topic"}, xml, "One (AWS::SNS::Topic): CreateTopic: Invalid: no"},
		{"text", app.Resource{ID: "One", Type: "AWS::SQS::Queue"}, "400 ?", "One (AWS::SQS::Queue): CreateQueue: 400 Bad Request"},
		{"no-characters", secret(object{"ExcludeLowercase": "true", "ExcludeUppercase": "true", "ExcludeNumbers": "true", "ExcludePunctuation": "true"}), "", "GenerateSecretString excludes every character"},
		{"length", secret(object{"PasswordLength": "many"}), "", "PasswordLength is not from 1 to 4096"},
		{"template", secret(object{"GenerateStringKey": "k", "SecretStringTemplate": "["}), "", "SecretStringTemplate: "},
	} {
		t.Run(row.name, func(t *testing.T) {
			e := &emulator{responses: map[string]string{"PutParameter": row.response, "CreateTopic": row.response, "CreateQueue": row.response}}
			if _, err := newMaker(t, e, "us-east-1").Make(t.Context(), []app.Resource{row.resource}, false); err == nil || !strings.Contains(err.Error(), row.want) {
				t.Errorf("Make = %v, want %s", err, row.want)
			}
		})
	}
	if m := newMaker(t, &emulator{responses: map[string]string{"GetCallerIdentity": xml}}, "us-east-1"); m.Account != app.DefaultAccountID {
		t.Errorf("without STS the account is %s", m.Account)
	}
	if _, err := resources.New(t.Context(), "http://127.0.0.1:1", "us-east-1"); err == nil || !strings.Contains(err.Error(), "is the emulator running?") {
		t.Errorf("New without an emulator = %v", err)
	}
}

// A redirect could take a secret off this machine.
func TestNoRedirect(t *testing.T) {
	elsewhere := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { t.Error("the redirect is followed") }))
	defer elsewhere.Close()
	server := httptest.NewServer(http.RedirectHandler(elsewhere.URL, http.StatusTemporaryRedirect))
	defer server.Close()
	m, err := resources.New(t.Context(), server.URL, "us-east-1")
	if err != nil {
		t.Fatal(err)
	}
	_, err = m.Make(t.Context(), []app.Resource{{ID: "S", Type: "AWS::SecretsManager::Secret", Properties: map[string]any{"SecretString": "x"}}}, false)
	if want := "S (AWS::SecretsManager::Secret): CreateSecret: 307 Temporary Redirect"; err == nil || err.Error() != want {
		t.Errorf("%v, want %s", err, want)
	}
}
