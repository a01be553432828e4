// Command use uses each resource of the template, and responds with what it found.
package main

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"os"
	"strings"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-lambda-go/lambda"
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	sqstypes "github.com/aws/aws-sdk-go-v2/service/sqs/types"
)

func main() { lambda.Start(handle) }

func handle(ctx context.Context, _ events.APIGatewayV2HTTPRequest) (events.APIGatewayV2HTTPResponse, error) {
	found := map[string]any{}
	c, err := config.LoadDefaultConfig(ctx)
	if err != nil {
		return events.APIGatewayV2HTTPResponse{}, err
	}
	env := func(name string) *string {
		found[name] = os.Getenv(name)
		return aws.String(os.Getenv(name))
	}
	keep := func(name string, value any, err error) {
		if err != nil {
			value = err.Error()
		}
		found["got "+name] = value
	}

	d := dynamodb.NewFromConfig(c)
	item := map[string]types.AttributeValue{"id": &types.AttributeValueMemberS{Value: "1"}, "owner": &types.AttributeValueMemberS{Value: "ada"}}
	_, err = d.PutItem(ctx, &dynamodb.PutItemInput{TableName: env("TABLE"), Item: item})
	keep("put", nil, err)
	list, err := d.Query(ctx, &dynamodb.QueryInput{
		TableName: env("TABLE"), IndexName: aws.String("by-owner"), KeyConditionExpression: aws.String("#o = :o"),
		ExpressionAttributeNames: map[string]string{"#o": "owner"}, ExpressionAttributeValues: map[string]types.AttributeValue{":o": item["owner"]},
	})
	keep("query", list != nil && list.Count == 1, err)
	ttl, err := d.DescribeTimeToLive(ctx, &dynamodb.DescribeTimeToLiveInput{TableName: env("TABLE")})
	keep("ttl", ttl != nil && aws.ToString(ttl.TimeToLiveDescription.AttributeName) == "expires", err)
	_, err = d.PutItem(ctx, &dynamodb.PutItemInput{TableName: env("SIMPLE"), Item: item})
	keep("simple", nil, err)

	objects := s3.NewFromConfig(c, func(o *s3.Options) { o.UsePathStyle = true })
	_, err = objects.PutObject(ctx, &s3.PutObjectInput{Bucket: env("BUCKET"), Key: aws.String("a"), Body: strings.NewReader("text")})
	keep("object", nil, err)

	q := sqs.NewFromConfig(c)
	_, err = q.SendMessage(ctx, &sqs.SendMessageInput{QueueUrl: env("QUEUE"), MessageBody: aws.String("work")})
	keep("send", nil, err)
	received, err := q.ReceiveMessage(ctx, &sqs.ReceiveMessageInput{QueueUrl: env("QUEUE"), WaitTimeSeconds: 5})
	keep("receive", received != nil && len(received.Messages) == 1, err)
	attributes, err := q.GetQueueAttributes(ctx, &sqs.GetQueueAttributesInput{QueueUrl: env("QUEUE"), AttributeNames: []sqstypes.QueueAttributeName{"All"}})
	if err == nil {
		keep("queue arn", attributes.Attributes["QueueArn"], nil)
		keep("timeout", attributes.Attributes["VisibilityTimeout"], nil)
		keep("redrive", attributes.Attributes["RedrivePolicy"], nil)
	}

	publish := url.Values{"Action": {"Publish"}, "Version": {"2010-03-31"}, "TopicArn": {*env("TOPIC")}, "Message": {"news"}}
	text, err := call(ctx, "sns", "", "application/x-www-form-urlencoded", publish.Encode())
	keep("publish", strings.Contains(text, "MessageId"), err)
	text, err = call(ctx, "ssm", "AmazonSSM.GetParameter", "application/x-amz-json-1.1", `{"Name":"`+*env("PARAMETER")+`"}`)
	keep("parameter", strings.Contains(text, `"hello from local-uploads"`), err)
	secret, err := secretsmanager.NewFromConfig(c).GetSecretValue(ctx, &secretsmanager.GetSecretValueInput{SecretId: env("SECRET")})
	if keep("secret", nil, err); err == nil {
		keep("secret", strings.HasPrefix(*secret.SecretString, `{"password":"`) && len(*secret.SecretString) > 40, nil)
	}
	for _, name := range []string{"TABLE_ARN", "BUCKET_ARN", "QUEUE_NAME", "QUEUE_ARN"} {
		env(name)
	}
	body, err := json.Marshal(found)
	return events.APIGatewayV2HTTPResponse{StatusCode: 200, Body: string(body)}, err
}

// call calls a service whose SDK takes long to compile.
func call(ctx context.Context, service, target, contentType, body string) (string, error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, os.Getenv("AWS_ENDPOINT_URL"), strings.NewReader(body))
	if err != nil {
		return "", err
	}
	r.Header.Set("Content-Type", contentType)
	r.Header.Set("X-Amz-Target", target)
	r.Header.Set("Authorization", "AWS4-HMAC-SHA256 Credential=local/20260101/us-east-1/"+service+"/aws4_request, SignedHeaders=host, Signature=0")
	response, err := http.DefaultClient.Do(r)
	if err != nil {
		return "", err
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	return string(text), err
}
