package main

import (
	"context"
	"crypto/sha256"
	"fmt"
	"strconv"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// guessTable keeps counts in a DynamoDB table:
//
//	guess_key    B  partition key
//	guess_count  N
//	expires_at   N  Unix seconds; the table's TTL attribute
//
// It needs dynamodb:UpdateItem. A request whose response was lost is repeated, and may count
// twice.
type guessTable struct {
	client *dynamodb.Client
	name   string
}

func (t guessTable) add(ctx context.Context, key [sha256.Size]byte, n int, end time.Time) (int, error) {
	out, err := t.client.UpdateItem(ctx, &dynamodb.UpdateItemInput{
		TableName:        &t.name,
		Key:              map[string]types.AttributeValue{"guess_key": &types.AttributeValueMemberB{Value: key[:]}},
		UpdateExpression: aws.String("ADD guess_count :n SET expires_at = :end"),
		ExpressionAttributeValues: map[string]types.AttributeValue{
			":n":   &types.AttributeValueMemberN{Value: strconv.Itoa(n)},
			":end": &types.AttributeValueMemberN{Value: strconv.FormatInt(end.Unix(), 10)},
		},
		ReturnValues: types.ReturnValueUpdatedNew,
	})
	if err != nil {
		return 0, fmt.Errorf("count guesses: %w", err)
	}
	count, ok := out.Attributes["guess_count"].(*types.AttributeValueMemberN)
	if !ok {
		return 0, fmt.Errorf("count guesses: no count in the response")
	}
	return strconv.Atoi(count.Value)
}
