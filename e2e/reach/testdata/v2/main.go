// A function that calls AWS by the modules of aws-sdk-go-v2 in go.mod. This file is the
// same in both folders.
package main

import (
	"bytes"
	"context"
	"io"
	"time"

	"github.com/aws/aws-lambda-go/lambda"
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	functions "github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/aws/smithy-go/middleware"
)

type result struct {
	Value, Error string
	Attempts     int
}

func handle(ctx context.Context, event struct{ Call, Name string }) (result, error) {
	c, err := config.LoadDefaultConfig(ctx)
	if err != nil {
		return result{}, err
	}
	var r result
	c.APIOptions = append(c.APIOptions, func(stack *middleware.Stack) error {
		return stack.Finalize.Insert(middleware.FinalizeMiddlewareFunc("Count", func(ctx context.Context, in middleware.FinalizeInput, next middleware.FinalizeHandler) (middleware.FinalizeOutput, middleware.Metadata, error) {
			r.Attempts++
			return next.HandleFinalize(ctx, in)
		}), "Retry", middleware.After)
	})
	ctx, cancel := context.WithTimeout(ctx, 8*time.Second)
	defer cancel()
	if r.Value, err = call(ctx, c, event.Call, &event.Name); err != nil {
		r.Error = err.Error()
	}
	return r, nil
}

func call(ctx context.Context, c aws.Config, call string, name *string) (string, error) {
	switch call {
	case "dynamodb":
		key := map[string]types.AttributeValue{"id": &types.AttributeValueMemberS{Value: "v2"}}
		db := dynamodb.NewFromConfig(c)
		if _, err := db.PutItem(ctx, &dynamodb.PutItemInput{TableName: name, Item: key}); err != nil {
			return "", err
		}
		out, err := db.GetItem(ctx, &dynamodb.GetItemInput{TableName: name, Key: key})
		if err != nil {
			return "", err
		}
		return out.Item["id"].(*types.AttributeValueMemberS).Value, nil
	case "s3":
		store := s3.NewFromConfig(c)
		if _, err := store.PutObject(ctx, &s3.PutObjectInput{Bucket: name, Key: aws.String("a b/c"), Body: bytes.NewReader([]byte("content"))}); err != nil {
			return "", err
		}
		out, err := store.GetObject(ctx, &s3.GetObjectInput{Bucket: name, Key: aws.String("a b/c")})
		if err != nil {
			return "", err
		}
		body, err := io.ReadAll(out.Body)
		return string(body), err
	case "sts":
		out, err := sts.NewFromConfig(c).GetCallerIdentity(ctx, &sts.GetCallerIdentityInput{})
		if err != nil {
			return "", err
		}
		return *out.Account, nil
	case "lambda":
		out, err := functions.NewFromConfig(c).Invoke(ctx, &functions.InvokeInput{FunctionName: name, Payload: []byte(`{"Call":"nothing"}`)})
		if err != nil {
			return "", err
		}
		return string(out.Payload), nil
	}
	return "called", nil
}

func main() { lambda.Start(handle) }
