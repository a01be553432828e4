// Command items keeps items in a table, if it has one.
package main

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"os"

	"github.com/aws/aws-lambda-go/lambda"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// request is what the events of a REST API and an HTTP API have in common.
type request struct {
	PathParameters map[string]string `json:"pathParameters"`
	Body           string            `json:"body"`
	Version        string            `json:"version"`
	RequestContext struct {
		Authorizer map[string]any `json:"authorizer"`
	} `json:"requestContext"`
}

type response struct {
	StatusCode int    `json:"statusCode"`
	Body       string `json:"body"`
}

func handle(ctx context.Context, r request) (response, error) {
	table := os.Getenv("TABLE")
	if table == "" {
		return response{http.StatusOK, fmt.Sprintf("items of %s, id %q, by %v\n", os.Getenv("STAGE"), r.PathParameters["id"], r.RequestContext.Authorizer["principalId"])}, nil
	}
	settings, err := config.LoadDefaultConfig(ctx)
	if err != nil {
		return response{}, err
	}
	client := dynamodb.NewFromConfig(settings)
	if r.Body != "" {
		var item map[string]string
		if err := json.Unmarshal([]byte(r.Body), &item); err != nil {
			return response{StatusCode: http.StatusBadRequest}, nil
		}
		_, err := client.PutItem(ctx, &dynamodb.PutItemInput{TableName: &table, Item: map[string]types.AttributeValue{
			"id": &types.AttributeValueMemberS{Value: item["id"]}, "by": &types.AttributeValueMemberS{Value: fmt.Sprint(r.RequestContext.Authorizer["principalId"])},
		}})
		return response{StatusCode: http.StatusCreated}, err
	}
	found, err := client.Scan(ctx, &dynamodb.ScanInput{TableName: &table})
	if err != nil {
		return response{}, err
	}
	id, text := r.PathParameters["id"], ""
	for _, item := range found.Items {
		if own := item["id"].(*types.AttributeValueMemberS).Value; id == "" || id == own {
			text += fmt.Sprintf("%s by %s, payload %s\n", own, item["by"].(*types.AttributeValueMemberS).Value, r.Version)
		}
	}
	return response{http.StatusOK, text}, nil
}

func main() { lambda.Start(handle) }
