// Package dynamotest lets tests decide the fate of each request to DynamoDB.
package dynamotest

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/smithy-go/middleware"

	"github.com/crumb-go/crumb/shared/session/sessiontest"
)

// Wired returns a copy of client that sends each request through w and does not
// retry. A Query is one request for each item, and one more.
func Wired(client *dynamodb.Client, w sessiontest.Wire) *dynamodb.Client {
	return dynamodb.New(client.Options(), func(o *dynamodb.Options) {
		o.Retryer = aws.NopRetryer{}
		o.HTTPClient = Whole{o.HTTPClient}
		o.APIOptions = append(slices.Clone(o.APIOptions), func(stack *middleware.Stack) error {
			if err := stack.Initialize.Add(middleware.InitializeMiddlewareFunc("OneItemAPage", oneItemAPage), middleware.Before); err != nil {
				return err
			}
			return stack.Deserialize.Add(through(w), middleware.Before)
		})
	})
}

func oneItemAPage(ctx context.Context, in middleware.InitializeInput, next middleware.InitializeHandler) (middleware.InitializeOutput, middleware.Metadata, error) {
	if query, ok := in.Parameters.(*dynamodb.QueryInput); ok {
		query.Limit = aws.Int32(1)
	}
	return next.HandleInitialize(ctx, in)
}

func through(w sessiontest.Wire) middleware.DeserializeMiddleware {
	return middleware.DeserializeMiddlewareFunc("Wire",
		func(ctx context.Context, in middleware.DeserializeInput, next middleware.DeserializeHandler) (out middleware.DeserializeOutput, meta middleware.Metadata, err error) {
			err = w(ctx, func() (err error) {
				out, meta, err = next.HandleDeserialize(ctx, in)
				return err
			})
			return out, meta, err
		})
}

// Whole reads a response completely before it returns it. smithy-go closes a
// request's body as soon as a response begins, and its WriteTo then returns io.EOF. If
// net/http has not yet noted that the body was sent, it closes the connection, and the
// rest of a quick server's response is lost. Normally the SDK then retries.
type Whole struct{ Client dynamodb.HTTPClient }

func (w Whole) Do(r *http.Request) (*http.Response, error) {
	response, err := w.Client.Do(r)
	if err != nil {
		return response, err
	}
	body, err := io.ReadAll(response.Body)
	_ = response.Body.Close()
	response.Body = io.NopCloser(bytes.NewReader(body))
	return response, err
}
