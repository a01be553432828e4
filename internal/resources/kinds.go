package resources

import (
	"bytes"
	"cmp"
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"math/big"
	"net/http"
	"net/url"
	"strconv"
	"strings"
)

// str returns a scalar of a template.
func str(v any) string {
	text, _ := v.(string)
	return text
}

// typed returns v with the numbers and truth values that DynamoDB's requests have; a
// template may write them as texts.
func typed(v any) any {
	switch v := v.(type) {
	case []any:
		list := make([]any, len(v))
		for i := range v {
			list[i] = typed(v[i])
		}
		return list
	case object:
		m := object{}
		for name, member := range v {
			text := str(member)
			switch n, err := strconv.Atoi(text); {
			case strings.HasSuffix(name, "Units") && err == nil:
				m[name] = n
			case strings.HasSuffix(name, "Enabled"):
				m[name] = text == "true"
			default:
				m[name] = typed(member)
			}
		}
		return m
	}
	return v
}

func table(ctx context.Context, m *Maker, name string, properties object) (map[string]string, error) {
	ttl, _ := typed(properties["TimeToLiveSpecification"]).(object)
	in, _ := typed(properties).(object)
	delete(in, "TimeToLiveSpecification")
	in["TableName"] = name
	if in["ProvisionedThroughput"] == nil && in["BillingMode"] == nil {
		in["BillingMode"] = "PAY_PER_REQUEST" // what emulators ask for; capacity limits nothing there
	}
	stream, _ := in["StreamSpecification"].(object)
	if stream != nil {
		stream["StreamEnabled"] = true
	}
	type description struct{ TableArn, LatestStreamArn string }
	var made struct{ TableDescription, Table description }
	err := m.call(ctx, "dynamodb", "DynamoDB_20120810.CreateTable", in, &made)
	if is(err, "ResourceInUseException") {
		err = m.call(ctx, "dynamodb", "DynamoDB_20120810.DescribeTable", object{"TableName": name}, &made)
		made.TableDescription = made.Table
	} else if err == nil && ttl != nil && ttl["Enabled"] == true {
		err = m.call(ctx, "dynamodb", "DynamoDB_20120810.UpdateTimeToLive", object{"TableName": name, "TimeToLiveSpecification": ttl}, &struct{}{})
	}
	known := map[string]string{"": name, "Arn": made.TableDescription.TableArn}
	if stream != nil {
		known["StreamArn"] = made.TableDescription.LatestStreamArn
	}
	return known, err
}

func simpleTable(ctx context.Context, m *Maker, name string, properties object) (map[string]string, error) {
	primary, _ := properties["PrimaryKey"].(object)
	key, kind := cmp.Or(str(primary["Name"]), "id"), cmp.Or(str(primary["Type"]), "String")[:1]
	in := maps.Clone(properties)
	delete(in, "PrimaryKey")
	in["AttributeDefinitions"] = []any{object{"AttributeName": key, "AttributeType": kind}}
	in["KeySchema"] = []any{object{"AttributeName": key, "KeyType": "HASH"}}
	return table(ctx, m, name, in)
}

func bucket(ctx context.Context, m *Maker, name string, _ object) (map[string]string, error) {
	var body []byte
	if m.region != "us-east-1" {
		body = []byte(`<CreateBucketConfiguration xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><LocationConstraint>` + m.region + `</LocationConstraint></CreateBucketConfiguration>`)
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodPut, m.endpoint+"/"+url.PathEscape(name), bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	if _, err = m.send(r, "s3", "CreateBucket", body); is(err, "BucketAlreadyOwnedByYou", "BucketAlreadyExists") {
		err = nil
	}
	return map[string]string{
		"": name, "Arn": "arn:aws:s3:::" + name, "DomainName": name + ".s3.amazonaws.com", "RegionalDomainName": name + ".s3." + m.region + ".amazonaws.com",
	}, err
}

// attributes returns properties as SQS and SNS take them.
func attributes(properties object, name string) map[string]string {
	all := map[string]string{}
	for property, v := range properties {
		switch v := v.(type) {
		case string:
			all[property] = v
		case object: // RedrivePolicy
			text, _ := json.Marshal(v) // of texts
			all[property] = string(text)
		}
	}
	delete(all, name)
	for _, fifo := range []string{"FifoQueue", "FifoTopic"} {
		if all[fifo] != "true" {
			delete(all, fifo) // rejected unless it is true
		}
	}
	return all
}

func queue(ctx context.Context, m *Maker, name string, properties object) (map[string]string, error) {
	var made struct{ QueueUrl string }
	err := m.call(ctx, "sqs", "AmazonSQS.CreateQueue", object{"QueueName": name, "Attributes": attributes(properties, "QueueName")}, &made)
	if is(err, "QueueNameExists", "QueueAlreadyExists") { // with other attributes
		err = m.call(ctx, "sqs", "AmazonSQS.GetQueueUrl", object{"QueueName": name}, &made)
	}
	return map[string]string{"": made.QueueUrl, "QueueUrl": made.QueueUrl, "QueueName": name, "Arn": m.arn("sqs", name)}, err
}

func (m *Maker) arn(service, name string) string {
	return "arn:aws:" + service + ":" + m.region + ":" + m.Account + ":" + name
}

func topic(ctx context.Context, m *Maker, name string, properties object) (map[string]string, error) {
	parameters := map[string]string{"Action": "CreateTopic", "Version": "2010-03-31", "Name": name}
	n := 0
	for attribute, value := range attributes(properties, "TopicName") {
		n++
		parameters[fmt.Sprintf("Attributes.entry.%d.key", n)], parameters[fmt.Sprintf("Attributes.entry.%d.value", n)] = attribute, value
	}
	var made struct {
		ARN string `xml:"CreateTopicResult>TopicArn"`
	}
	err := m.query(ctx, "sns", parameters, &made)
	return map[string]string{"": made.ARN, "TopicArn": made.ARN, "TopicName": name}, err
}

func parameter(ctx context.Context, m *Maker, name string, properties object) (map[string]string, error) {
	in := maps.Clone(properties)
	in["Name"] = name
	err := m.call(ctx, "ssm", "AmazonSSM.PutParameter", in, &struct{}{})
	if is(err, "ParameterAlreadyExists") {
		err = nil
	}
	return map[string]string{"": name, "Type": str(properties["Type"]), "Value": str(properties["Value"])}, err
}

func secret(ctx context.Context, m *Maker, name string, properties object) (map[string]string, error) {
	in := object{"Name": name}
	for _, property := range []string{"Description", "SecretString"} {
		if text := str(properties[property]); text != "" {
			in[property] = text
		}
	}
	if generate, ok := properties["GenerateSecretString"].(object); ok {
		text, err := generated(generate)
		if err != nil {
			return nil, err
		}
		in["SecretString"] = text
	}
	var made struct{ ARN string }
	err := m.call(ctx, "secretsmanager", "secretsmanager.CreateSecret", in, &made)
	if is(err, "ResourceExistsException") {
		err = m.call(ctx, "secretsmanager", "secretsmanager.DescribeSecret", object{"SecretId": name}, &made)
	}
	return map[string]string{"": made.ARN, "Id": made.ARN}, err
}

// generated makes the value of a GenerateSecretString.
func generated(rule object) (string, error) {
	var characters string
	for _, class := range []struct{ unless, characters string }{
		{"ExcludeLowercase", "abcdefghijklmnopqrstuvwxyz"}, {"ExcludeUppercase", "ABCDEFGHIJKLMNOPQRSTUVWXYZ"}, {"ExcludeNumbers", "0123456789"},
		{"ExcludePunctuation", "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~"},
	} {
		if str(rule[class.unless]) != "true" {
			characters += class.characters
		}
	}
	if str(rule["IncludeSpace"]) == "true" {
		characters += " "
	}
	characters = strings.Map(func(c rune) rune {
		if strings.ContainsRune(str(rule["ExcludeCharacters"]), c) {
			return -1
		}
		return c
	}, characters)
	length := 32
	if text := str(rule["PasswordLength"]); text != "" {
		length, _ = strconv.Atoi(text)
	}
	if characters == "" || length < 1 || length > 4096 {
		return "", errors.New("GenerateSecretString excludes every character, or its PasswordLength is not from 1 to 4096")
	}
	password := make([]byte, length)
	for i := range password {
		n, err := rand.Int(rand.Reader, big.NewInt(int64(len(characters))))
		if err != nil {
			return "", err
		}
		password[i] = characters[n.Int64()]
	}
	key := str(rule["GenerateStringKey"])
	if key == "" {
		return string(password), nil
	}
	template := object{}
	if err := json.Unmarshal([]byte(str(rule["SecretStringTemplate"])), &template); err != nil {
		return "", fmt.Errorf("SecretStringTemplate: %w", err)
	}
	template[key] = string(password)
	text, err := json.Marshal(template)
	return string(text), err
}
