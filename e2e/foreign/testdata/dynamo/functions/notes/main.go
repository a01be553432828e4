package main

import (
	"context"
	"log"
	"os"
	"time"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-lambda-go/lambda"
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

type app struct {
	table  string
	client *dynamodb.Client
}

func main() {
	cfg, err := config.LoadDefaultConfig(context.Background(), config.WithRetryMaxAttempts(1))
	if err != nil {
		log.Fatal(err)
	}
	a := app{os.Getenv("TABLE_NAME"), dynamodb.NewFromConfig(cfg, func(o *dynamodb.Options) {
		if endpoint := os.Getenv("DYNAMODB_ENDPOINT"); endpoint != "" {
			o.BaseEndpoint = aws.String(endpoint)
		}
	})}
	lambda.Start(a.get)
}

func (a app) get(ctx context.Context, e events.APIGatewayV2HTTPRequest) (events.APIGatewayV2HTTPResponse, error) {
	ctx, cancel := context.WithTimeout(ctx, 3*time.Second)
	defer cancel()
	out, err := a.client.GetItem(ctx, &dynamodb.GetItemInput{
		TableName: aws.String(a.table),
		Key:       map[string]types.AttributeValue{"id": &types.AttributeValueMemberS{Value: e.PathParameters["id"]}},
	})
	if err != nil {
		log.Print(err)
		return events.APIGatewayV2HTTPResponse{StatusCode: 503, Body: `{"error":"no table ` + a.table + `"}`}, nil
	}
	text, ok := out.Item["text"].(*types.AttributeValueMemberS)
	if !ok {
		return events.APIGatewayV2HTTPResponse{StatusCode: 404, Body: `{"error":"no such note"}`}, nil
	}
	return events.APIGatewayV2HTTPResponse{StatusCode: 200, Body: text.Value}, nil
}
