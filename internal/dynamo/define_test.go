package dynamo_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/crumb-go/crumb/internal/dynamo"
)

// TestCreateTable makes a table as programs do at their start, by the SDK and its waiter.
func TestCreateTable(t *testing.T) {
	s, _ := start(t)
	c := dynamodb.New(dynamodb.Options{Region: "eu-west-1", BaseEndpoint: &s.URL, Credentials: credentials.NewStaticCredentialsProvider("local", "local", "local")})
	name := aws.String("orders")
	_, err := c.CreateTable(t.Context(), &dynamodb.CreateTableInput{
		TableName:            name,
		BillingMode:          types.BillingModePayPerRequest,
		AttributeDefinitions: []types.AttributeDefinition{{AttributeName: aws.String("p"), AttributeType: "S"}, {AttributeName: aws.String("s"), AttributeType: "N"}},
		KeySchema:            []types.KeySchemaElement{{AttributeName: aws.String("p"), KeyType: "HASH"}, {AttributeName: aws.String("s"), KeyType: "RANGE"}},
		GlobalSecondaryIndexes: []types.GlobalSecondaryIndex{{
			IndexName: aws.String("by-s"), KeySchema: []types.KeySchemaElement{{AttributeName: aws.String("s"), KeyType: "HASH"}},
			Projection: &types.Projection{ProjectionType: "INCLUDE", NonKeyAttributes: []string{"v"}},
		}},
		Tags: []types.Tag{{Key: aws.String("a"), Value: aws.String("b")}},
	})
	if err != nil {
		t.Fatal(err)
	}
	d, err := dynamodb.NewTableExistsWaiter(c).WaitForOutput(t.Context(), &dynamodb.DescribeTableInput{TableName: name}, time.Minute)
	if err != nil {
		t.Fatal(err)
	}
	good(t, s, "PutItem", `{"TableName":"orders","Item":{"p":{"S":"p"},"s":{"N":"1"},"v":{"S":"v"},"w":{"S":"w"}}}`)
	if d, err = c.DescribeTable(t.Context(), &dynamodb.DescribeTableInput{TableName: d.Table.TableArn}); err != nil {
		t.Fatal(err)
	}
	if index := d.Table.GlobalSecondaryIndexes[0]; *d.Table.TableArn != "arn:aws:dynamodb:eu-west-1:123456789012:table/orders" || *d.Table.ItemCount != 1 || *d.Table.TableSizeBytes != 9 ||
		len(d.Table.AttributeDefinitions) != 2 || d.Table.BillingModeSummary.BillingMode != "PAY_PER_REQUEST" || index.IndexStatus != "ACTIVE" || index.Projection.NonKeyAttributes[0] != "v" {
		t.Errorf("DescribeTable = %+v", d.Table)
	}
	if got := good(t, s, "Scan", `{"TableName":"orders","IndexName":"by-s"}`); !strings.Contains(got, `"Items":[{"p":{"S":"p"},"s":{"N":"1"},"v":{"S":"v"}}]`) {
		t.Errorf("Scan of the index = %s", got)
	}
	s.SetTables(dynamo.Table{Name: "more", Keys: []string{"id"}}) // a saved template
	for body, want := range map[string]string{
		`{}`: `{"TableNames":["more","orders"]}`, `{"Limit":1}`: `{"LastEvaluatedTableName":"more","TableNames":["more"]}`, `{"ExclusiveStartTableName":"more"}`: `{"TableNames":["orders"]}`,
	} {
		if got := good(t, s, "ListTables", body); got != want {
			t.Errorf("ListTables %s = %s, want %s", body, got, want)
		}
	}
	if _, err := c.DeleteTable(t.Context(), &dynamodb.DeleteTableInput{TableName: name}); err != nil {
		t.Fatal(err)
	}
	if err := dynamodb.NewTableNotExistsWaiter(c).Wait(context.WithoutCancel(t.Context()), &dynamodb.DescribeTableInput{TableName: name}, time.Minute); err != nil {
		t.Error(err)
	}
}

func TestTimeToLive(t *testing.T) {
	s, _ := start(t, dynamo.Table{Name: "T", Keys: []string{"id"}, TTL: "expires"})
	const on, off = `{"TableName":"T","TimeToLiveSpecification":{"Enabled":true,"AttributeName":"at"}}`, `{"TableName":"T","TimeToLiveSpecification":{"Enabled":false,"AttributeName":"at"}}`
	for _, step := range []struct{ operation, body, want string }{
		{"DescribeTimeToLive", `{"TableName":"T"}`, `{"TimeToLiveDescription":{"AttributeName":"expires","TimeToLiveStatus":"ENABLED"}}`},
		{"UpdateTimeToLive", on, "TimeToLive is already enabled"},
		{"UpdateTimeToLive", off, `{"TimeToLiveSpecification":{"AttributeName":"at","Enabled":false}}`},
		{"UpdateTimeToLive", off, "TimeToLive is already disabled"},
		{"DescribeTimeToLive", `{"TableName":"T"}`, `{"TimeToLiveDescription":{"TimeToLiveStatus":"DISABLED"}}`},
		{"UpdateTimeToLive", on, `{"TimeToLiveSpecification":{"AttributeName":"at","Enabled":true}}`},
		{"UpdateTimeToLive", `{"TableName":"T"}`, "Value null at 'timeToLiveSpecification'"},
		{"UpdateTimeToLive", `{"TableName":"T","TimeToLiveSpecification":{"Enabled":true,"AttributeName":""}}`, "Member must have length greater than or equal to 1"},
		{"DescribeTimeToLive", `{"TableName":"U"}`, "Requested resource not found: Table: U not found"},
	} {
		if _, got := call(t, s.URL, step.operation, step.body); !strings.Contains(got, step.want) {
			t.Errorf("%s %s = %s, want %s", step.operation, step.body, got, step.want)
		}
	}
}

// Definitions that CreateTable rejects, with DynamoDB's words.
func TestDefinitions(t *testing.T) {
	s, _ := start(t, dynamo.Table{Name: "Made", Keys: []string{"p"}})
	const name, p, on = `"TableName":"New"`, `"AttributeDefinitions":[{"AttributeName":"p","AttributeType":"S"}],"KeySchema":[{"AttributeName":"p","KeyType":"HASH"}]`, `"BillingMode":"PAY_PER_REQUEST"`
	const three = `"AttributeDefinitions":[{"AttributeName":"p","AttributeType":"S"},{"AttributeName":"s","AttributeType":"S"},{"AttributeName":"x","AttributeType":"S"}]`
	const ps = three + `,"KeySchema":[{"AttributeName":"p","KeyType":"HASH"},{"AttributeName":"s","KeyType":"RANGE"}]`
	local := func(keys, projection string) string {
		return ps + `,"LocalSecondaryIndexes":[{"IndexName":"own","KeySchema":[` + keys + `],"Projection":` + projection + `}]`
	}
	const byX = `{"AttributeName":"p","KeyType":"HASH"},{"AttributeName":"x","KeyType":"RANGE"}`
	const wrong = "One or more parameter values were invalid: "
	for _, row := range []struct{ name, body, want string }{
		{"no-name", p + "," + on, "The parameter 'TableName' is required but was not present in the request"},
		{"short-name", `"TableName":"ab",` + p + "," + on, "1 validation error detected: Value 'ab' at 'tableName' failed to satisfy constraint: Member must have length greater than or equal to 3"},
		{"long-name", `"TableName":"` + strings.Repeat("a", 256) + `",` + p + "," + on, "Member must have length less than or equal to 255"},
		{"odd-name", `"TableName":"a b c",` + p + "," + on, "Member must satisfy regular expression pattern: [a-zA-Z0-9_.-]+"},
		{"exists", `"TableName":"Made",` + p + "," + on, "ResourceInUseException\",\"message\":\"Table already exists: Made"},
		{"two-errors", name + `,"AttributeDefinitions":[{"AttributeName":"p","AttributeType":"X"}],"KeySchema":[{"AttributeName":"p","KeyType":"Y"}],` + on, "2 validation errors detected: Value 'X' at 'attributeDefinitions.1.member.attributeType' failed to satisfy constraint: Member must satisfy enum value set: [B, N, S]; Value 'Y' at 'keySchema.1.member.keyType'"},
		{"no-schema", name + `,"AttributeDefinitions":[],"KeySchema":[],` + on, "Value '[]' at 'keySchema' failed to satisfy constraint: Member must have length greater than or equal to 1"},
		{"three-keys", name + "," + three + `,"KeySchema":[` + byX + `,{"AttributeName":"s","KeyType":"RANGE"}],` + on, "Value '[KeySchemaElement(attributeName=p, keyType=HASH), KeySchemaElement(attributeName=x, keyType=RANGE), KeySchemaElement(attributeName=s, keyType=RANGE)]' at 'keySchema'"},
		{"billing", name + "," + p + `,"BillingMode":"FREE"`, "Value 'FREE' at 'billingMode'"},
		{"no-capacity", name + "," + p, wrong + "ReadCapacityUnits and WriteCapacityUnits must both be specified when BillingMode is PROVISIONED"},
		{"capacity", name + "," + p + "," + on + `,"ProvisionedThroughput":{"ReadCapacityUnits":1,"WriteCapacityUnits":1}`, wrong + "Neither ReadCapacityUnits nor WriteCapacityUnits"},
		{"range-first", name + "," + three + `,"KeySchema":[{"AttributeName":"p","KeyType":"RANGE"}],` + on, "Invalid KeySchema: The first KeySchemaElement is not a HASH key type"},
		{"two-hashes", name + "," + three + `,"KeySchema":[{"AttributeName":"p","KeyType":"HASH"},{"AttributeName":"s","KeyType":"HASH"}],` + on, "Invalid KeySchema: The second KeySchemaElement is not a RANGE key type"},
		{"undefined", name + `,"AttributeDefinitions":[],"KeySchema":[{"AttributeName":"p","KeyType":"HASH"}],` + on, "Invalid KeySchema: Some index key attribute have no definition"},
		{"twice", name + "," + three + `,"KeySchema":[{"AttributeName":"p","KeyType":"HASH"},{"AttributeName":"p","KeyType":"RANGE"}],` + on, "Some index key attribute have no definition"},
		{"unused", name + "," + ps + "," + on, wrong + "Number of attributes in KeySchema does not exactly match"},
		{"unused-with-index", name + "," + local(`{"AttributeName":"p","KeyType":"HASH"},{"AttributeName":"s","KeyType":"RANGE"}`, `{"ProjectionType":"ALL"}`) + "," + on, wrong + "Some AttributeDefinitions are not used. AttributeDefinitions: [p, s, x]"},
		{"undefined-in-index", name + "," + local(`{"AttributeName":"p","KeyType":"HASH"},{"AttributeName":"z","KeyType":"RANGE"}`, `{"ProjectionType":"ALL"}`) + "," + on, "not defined in AttributeDefinitions. Keys: [p, z], AttributeDefinitions: [p, s, x]"},
		{"no-range", name + "," + local(`{"AttributeName":"p","KeyType":"HASH"}`, `{"ProjectionType":"ALL"}`) + "," + on, "Index KeySchema does not have a range key for index: own"},
		{"another-hash", name + "," + local(`{"AttributeName":"x","KeyType":"HASH"},{"AttributeName":"s","KeyType":"RANGE"}`, `{"ProjectionType":"ALL"}`) + "," + on, "index hash key: x, table hash key: p"},
		{"no-range-in-table", name + "," + three + `,"KeySchema":[{"AttributeName":"p","KeyType":"HASH"}],"LocalSecondaryIndexes":[{"IndexName":"own","KeySchema":[` + byX + `],"Projection":{"ProjectionType":"ALL"}}],` + on, "Table KeySchema does not have a range key"},
		{"projection", name + "," + local(byX, `{}`) + "," + on, "Unknown ProjectionType: null"},
		{"include", name + "," + local(byX, `{"ProjectionType":"INCLUDE"}`) + "," + on, "ProjectionType is INCLUDE, but NonKeyAttributes is not specified"},
		{"all", name + "," + local(byX, `{"ProjectionType":"ALL","NonKeyAttributes":["a"]}`) + "," + on, "ProjectionType is ALL, but NonKeyAttributes is specified"},
		{"index-twice", name + "," + ps + `,"GlobalSecondaryIndexes":[` + strings.TrimSuffix(strings.Repeat(`{"IndexName":"one","KeySchema":[{"AttributeName":"x","KeyType":"HASH"}],"Projection":{"ProjectionType":"ALL"}},`, 2), ",") + `],` + on, "Duplicate index name: one"},
		{"stream", name + "," + p + "," + on + `,"StreamSpecification":{"StreamEnabled":true}`, "crumb does not support the parameter StreamSpecification; to use another"},
		{"policy", name + "," + p + "," + on + `,"ResourcePolicy":"{}"`, "crumb does not support the parameter ResourcePolicy"},
	} {
		t.Run(row.name, func(t *testing.T) {
			if status, got := call(t, s.URL, "CreateTable", "{"+row.body+"}"); status != 400 || !strings.Contains(got, row.want) {
				t.Errorf("CreateTable = %d %s, want %s", status, got, row.want)
			}
		})
	}
	for operation, body := range map[string]string{"DeleteTable": `{"TableName":"New"}`, "DescribeTable": `{}`, "ListTables": `{"Limit":101}`, "UpdateTable": `{"TableName":"Made"}`} {
		if status, text := call(t, s.URL, operation, body); status != 400 {
			t.Errorf("%s %s = %d %s", operation, body, status, text)
		}
	}
	good(t, s, "CreateTable", "{"+name+","+p+","+on+`,"DeletionProtectionEnabled":true}`)
	if status, text := call(t, s.URL, "DeleteTable", `{"TableName":"New"}`); status != 400 || !strings.Contains(text, "protected against deletion") {
		t.Errorf("DeleteTable of a protected table = %d %s", status, text)
	}
}
