// Package dynamostore keeps sessions in an Amazon DynamoDB table. It is a package
// of its own, so that only programs that use it link the AWS SDK.
//
// # Table
//
//	user_handle      B  partition key
//	token_hash       B  sort key, the SHA-256 of the token
//	session_data     S  JSON
//	session_version  S  differs after every write of session_data
//	expires_at       N  Unix seconds; the table's TTL attribute
//	ends_at          N  Unix seconds
//
// TTL removes items within days, not at once (DynamoDB Developer Guide, "Using
// time to live"), so expires_at is compared on every read and in every condition.
// Reads are strongly consistent: what has ended is gone for the next request.
//
// # Failures
//
// Requests are repeated as the SDK's client is configured, three attempts unless
// told otherwise, and end with their context. An answer that was lost does no
// harm: a repeated write recognizes its own version in the table. Where another
// client has written in between it cannot, and then an error says so, as doing the
// change again might do it twice. Errors wrap those of the SDK.
//
// # Permissions
//
// Start needs dynamodb:PutItem and DeleteItem; Get needs GetItem and UpdateItem,
// as does Update; Renew and End need DeleteItem (Renew also PutItem); EndAll needs
// GetItem, Query and DeleteItem.
package dynamostore

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	smithyhttp "github.com/aws/smithy-go/transport/http"

	"github.com/crumb-go/crumb/shared/session"
)

// Names of the table's attributes. None is a reserved word of DynamoDB.
const (
	UserHandle = "user_handle"
	TokenHash  = "token_hash"
	ExpiresAt  = "expires_at"

	data    = "session_data"
	version = "session_version"
	endsAt  = "ends_at"
)

// Store is a session.Store. New makes one.
type Store struct {
	client *dynamodb.Client
	table  *string
}

var _ session.Store = (*Store)(nil)

// New returns a store that uses a table through a client, which is best made
// once, before the first request, so that connections are used again.
func New(client *dynamodb.Client, table string) *Store {
	return &Store{client, &table}
}

type item = map[string]types.AttributeValue

func itemKey(k session.Key) item {
	return item{
		UserHandle: &types.AttributeValueMemberB{Value: k.User[:]},
		TokenHash:  &types.AttributeValueMemberB{Value: k.ID[:]},
	}
}

func text(s string) types.AttributeValue { return &types.AttributeValueMemberS{Value: s} }

func seconds(t time.Time) types.AttributeValue {
	return &types.AttributeValueMemberN{Value: strconv.FormatInt(t.Unix(), 10)}
}

// Create implements session.Store.
func (s *Store) Create(ctx context.Context, k session.Key, rec session.Record) error {
	all := itemKey(k)
	all[data] = text(string(rec.Data))
	all[version] = text(rec.Version)
	all[ExpiresAt] = seconds(rec.Expires)
	all[endsAt] = seconds(rec.Ends)
	_, err := s.client.PutItem(ctx, &dynamodb.PutItemInput{
		TableName:                           s.table,
		Item:                                all,
		ConditionExpression:                 aws.String("attribute_not_exists(" + TokenHash + ")"),
		ReturnValuesOnConditionCheckFailure: types.ReturnValuesOnConditionCheckFailureAllOld,
	})
	if was, failed := refused(err); failed && was.Version == rec.Version {
		return nil // written by an earlier attempt, whose answer was lost
	}
	return wrap("create", err)
}

// Get implements session.Store.
func (s *Store) Get(ctx context.Context, k session.Key) (session.Record, error) {
	out, err := s.client.GetItem(ctx, &dynamodb.GetItemInput{
		TableName:      s.table,
		Key:            itemKey(k),
		ConsistentRead: aws.Bool(true),
	})
	if err != nil {
		return session.Record{}, wrap("get", err)
	}
	return read("get", out.Item)
}

// Replace implements session.Store.
func (s *Store) Replace(ctx context.Context, k session.Key, rec session.Record, old string) error {
	_, err := s.client.UpdateItem(ctx, &dynamodb.UpdateItemInput{
		TableName:           s.table,
		Key:                 itemKey(k),
		UpdateExpression:    aws.String("SET " + data + " = :data, " + version + " = :new, " + ExpiresAt + " = :expires"),
		ConditionExpression: aws.String(version + " = :old AND " + ExpiresAt + " > :now"),
		ExpressionAttributeValues: item{
			":data":    text(string(rec.Data)),
			":new":     text(rec.Version),
			":old":     text(old),
			":expires": seconds(rec.Expires),
			":now":     seconds(time.Now()),
		},
		ReturnValuesOnConditionCheckFailure: types.ReturnValuesOnConditionCheckFailureAllOld,
	})
	was, failed := refused(err)
	switch {
	case !failed:
		return wrap("replace", err)
	case was.Version == rec.Version: // written by an earlier attempt, whose answer was lost
		return nil
	case was.Version == old || was.Version == "": // so it has expired, or is not there
		return session.ErrNone
	case repeated(err):
		return fmt.Errorf("dynamostore: replace session: an answer was lost, and others wrote since: %w", err)
	}
	return session.ErrConflict
}

// Touch implements session.Store.
func (s *Store) Touch(ctx context.Context, k session.Key, expires time.Time) error {
	now := time.Now()
	_, err := s.client.UpdateItem(ctx, &dynamodb.UpdateItemInput{
		TableName:                           s.table,
		Key:                                 itemKey(k),
		UpdateExpression:                    aws.String("SET " + ExpiresAt + " = :expires"),
		ConditionExpression:                 aws.String(ExpiresAt + " > :now AND " + ExpiresAt + " < :expires"),
		ExpressionAttributeValues:           item{":expires": seconds(expires), ":now": seconds(now)},
		ReturnValuesOnConditionCheckFailure: types.ReturnValuesOnConditionCheckFailureAllOld,
	})
	was, failed := refused(err)
	switch {
	case !failed:
		return wrap("touch", err)
	case was.Expires.After(now): // even later than expires
		return nil
	}
	return session.ErrNone
}

// Delete implements session.Store.
func (s *Store) Delete(ctx context.Context, k session.Key) (session.Record, error) {
	out, err := s.client.DeleteItem(ctx, &dynamodb.DeleteItemInput{
		TableName:    s.table,
		Key:          itemKey(k),
		ReturnValues: types.ReturnValueAllOld,
	})
	if err != nil {
		return session.Record{}, wrap("delete", err)
	}
	return read("delete", out.Attributes)
}

// DeleteUser implements session.Store. It deletes one item after the other: a
// user's sessions are few, and a role that may use BatchWriteItem may also put.
func (s *Store) DeleteUser(ctx context.Context, user session.Handle) error {
	pages := dynamodb.NewQueryPaginator(s.client, &dynamodb.QueryInput{
		TableName:                 s.table,
		ConsistentRead:            aws.Bool(true),
		KeyConditionExpression:    aws.String(UserHandle + " = :user"),
		ProjectionExpression:      aws.String(UserHandle + ", " + TokenHash),
		ExpressionAttributeValues: item{":user": &types.AttributeValueMemberB{Value: user[:]}},
	})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return wrap("find the user's", err)
		}
		for _, key := range page.Items {
			if _, err := s.client.DeleteItem(ctx, &dynamodb.DeleteItemInput{TableName: s.table, Key: key}); err != nil {
				return wrap("delete", err)
			}
		}
	}
	return nil
}

// refused returns the item that did not meet a write's condition, a zero Record
// when there was none.
func refused(err error) (was session.Record, failed bool) {
	e := (*types.ConditionalCheckFailedException)(nil)
	if !errors.As(err, &e) {
		return was, false
	}
	was, _ = read("", e.Item)
	return was, true
}

// repeated reports whether the request that was refused may not be the first: then
// an earlier one, whose answer was lost, may have been carried out. The SDK counts
// them in a header of each.
func repeated(err error) bool {
	e := (*smithyhttp.ResponseError)(nil)
	if !errors.As(err, &e) || e.Response == nil || e.Response.Request == nil {
		return true
	}
	return !strings.HasPrefix(e.Response.Request.Header.Get("Amz-Sdk-Request"), "attempt=1;")
}

// read returns what an item holds, ErrNone for no item.
func read(operation string, from item) (session.Record, error) {
	if len(from) == 0 {
		return session.Record{}, session.ErrNone
	}
	d, _ := from[data].(*types.AttributeValueMemberS)
	v, _ := from[version].(*types.AttributeValueMemberS)
	expires, ok := unixTime(from[ExpiresAt])
	ends, ok2 := unixTime(from[endsAt])
	if d == nil || v == nil || !ok || !ok2 {
		return session.Record{}, fmt.Errorf("dynamostore: %s: the item is no session: an attribute is missing or of another type", operation)
	}
	return session.Record{Data: []byte(d.Value), Version: v.Value, Expires: expires, Ends: ends}, nil
}

func unixTime(v types.AttributeValue) (time.Time, bool) {
	n, ok := v.(*types.AttributeValueMemberN)
	if !ok {
		return time.Time{}, false
	}
	s, err := strconv.ParseInt(n.Value, 10, 64)
	return time.Unix(s, 0), err == nil
}

func wrap(operation string, err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("dynamostore: %s session: %w", operation, err)
}
