// A function that calls AWS by aws-sdk-go v1.44.1, which reads no AWS_ENDPOINT_URL. With
// OWN_TRANSPORT its HTTP client asks for no proxy, and says where it would have connected.
package main

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"os"
	"time"

	"github.com/aws/aws-lambda-go/lambda"
	"github.com/aws/aws-sdk-go/aws"
	"github.com/aws/aws-sdk-go/aws/request"
	"github.com/aws/aws-sdk-go/aws/session"
	"github.com/aws/aws-sdk-go/service/dynamodb"
	functions "github.com/aws/aws-sdk-go/service/lambda"
	"github.com/aws/aws-sdk-go/service/s3"
	"github.com/aws/aws-sdk-go/service/sts"
)

type result struct {
	Value, Error string
	Attempts     int
}

func handle(ctx context.Context, event struct{ Call, Name string }) (result, error) {
	config := aws.NewConfig()
	if os.Getenv("OWN_TRANSPORT") != "" {
		config.HTTPClient = &http.Client{Transport: &http.Transport{
			DialContext: func(_ context.Context, _, address string) (net.Conn, error) {
				return nil, errors.New("dialed " + address)
			},
		}}
	}
	s, err := session.NewSession(config)
	if err != nil {
		return result{}, err
	}
	var r result
	s.Handlers.Send.PushFront(func(*request.Request) { r.Attempts++ })
	ctx, cancel := context.WithTimeout(ctx, 8*time.Second)
	defer cancel()
	if r.Value, err = call(ctx, s, event.Call, &event.Name); err != nil {
		r.Error = err.Error()
	}
	return r, nil
}

func call(ctx context.Context, s *session.Session, call string, name *string) (string, error) {
	switch call {
	case "dynamodb":
		key := map[string]*dynamodb.AttributeValue{"id": {S: aws.String("v1")}}
		db := dynamodb.New(s)
		if _, err := db.PutItemWithContext(ctx, &dynamodb.PutItemInput{TableName: name, Item: key}); err != nil {
			return "", err
		}
		out, err := db.GetItemWithContext(ctx, &dynamodb.GetItemInput{TableName: name, Key: key})
		if err != nil {
			return "", err
		}
		return aws.StringValue(out.Item["id"].S), nil
	case "s3":
		store := s3.New(s)
		if _, err := store.PutObjectWithContext(ctx, &s3.PutObjectInput{Bucket: name, Key: aws.String("a b/c"), Body: bytes.NewReader([]byte("content"))}); err != nil {
			return "", err
		}
		out, err := store.GetObjectWithContext(ctx, &s3.GetObjectInput{Bucket: name, Key: aws.String("a b/c")})
		if err != nil {
			return "", err
		}
		body, err := io.ReadAll(out.Body)
		return string(body), err
	case "sts":
		out, err := sts.New(s).GetCallerIdentityWithContext(ctx, &sts.GetCallerIdentityInput{})
		if err != nil {
			return "", err
		}
		return *out.Account, nil
	case "lambda":
		out, err := functions.New(s).InvokeWithContext(ctx, &functions.InvokeInput{FunctionName: name, Payload: []byte(`{"Call":"nothing"}`)})
		if err != nil {
			return "", err
		}
		return string(out.Payload), nil
	}
	return "called", nil
}

func main() { lambda.Start(handle) }
