// Package dynamostore keeps sessions in an Amazon DynamoDB table. It is a separate package
// so that only programs that use it link the AWS SDK.
//
// # Table
//
//	user_handle      B  partition key
//	token_hash       B  sort key, the SHA-256 of the token
//	session_data     S  JSON; empty: reserved for a session that is being renewed
//	session_version  S  changes with every write of data or binding
//	session_binding  B  what binds the session to a device; absent if nothing does
//	session_mark     S  the user's mark when the session was started; absent if none
//	started_at       N  Unix nanoseconds
//	expires_at       N  Unix seconds; the table's TTL attribute
//	ends_at          N  Unix seconds
//
// A user's mark is an item in the same partition whose sort key is "mark": four bytes,
// which cannot be a SHA-256. It has only session_mark and expires_at.
//
// TTL removes items within days, not at once (DynamoDB Developer Guide, "Using time to
// live"), so expires_at is checked on every read and in every condition. Reads are
// strongly consistent: a session that has ended is gone for the next request.
//
// # Failures
//
// Requests are repeated as the SDK's client is configured, and end with their context. A
// lost response does no harm: a repeated write recognizes its own version in the table.
// If another client has written in between it cannot, and returns an error, as repeating
// the change might apply it twice. Errors wrap those of the SDK.
//
// This package relies on DynamoDB not to execute a request seconds after the client gave
// up on it. Otherwise a repeated request could create a session again that has ended, or
// set a mark again that was replaced.
//
// # Permissions
//
// Each method of a session.Manager needs these actions on the table:
//
//	Start            GetItem, PutItem, Query, DeleteItem
//	Get, Update      GetItem, UpdateItem
//	Renew            GetItem, PutItem, UpdateItem, DeleteItem
//	End              DeleteItem
//	EndAll, EndUser  GetItem, UpdateItem, Query, DeleteItem
//
// EndAll and EndUser update only the mark, and Get only the time at which an unused session
// ends. Conditions on dynamodb:Attributes can enforce that, as template.yaml does for
// /logout, which then cannot make a session, and for /me.
package dynamostore

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	smithyhttp "github.com/aws/smithy-go/transport/http"

	"github.com/crumb-go/crumb/shared/session"
)

// Store is a session.Store. New makes one.
type Store struct {
	client *dynamodb.Client
	table  *string
}

var _ session.Store = (*Store)(nil)

// MaxData is how many bytes of JSON a session holds at most: with its keys, names
// and binding they fit into an item, which ends at 400 KB (DynamoDB Developer Guide,
// "Constraints"). Small sessions are cheaper: reads are charged by 4 KB, writes by
// 1 KB.
const MaxData = 400_000

// New returns a store that uses a table through a client. Make the client once, before the
// first request, so that connections are reused.
func New(client *dynamodb.Client, table string) *Store {
	return &Store{client, &table}
}

// Create implements session.Store.
func (s *Store) Create(ctx context.Context, k session.Key, rec session.Record) error {
	if err := checkSize(rec); err != nil {
		return wrap("create session", err)
	}
	_, err := s.client.PutItem(ctx, &dynamodb.PutItemInput{
		TableName:                           s.table,
		Item:                                write(k, rec),
		ConditionExpression:                 aws.String("attribute_not_exists(" + tokenHash + ")"),
		ReturnValuesOnConditionCheckFailure: types.ReturnValuesOnConditionCheckFailureAllOld,
	})
	if was, failed := conditionFailed(err); failed && was.Version == rec.Version {
		return nil // written by an earlier attempt, whose response was lost
	}
	return wrap("create session", err)
}

// Get implements session.Store.
func (s *Store) Get(ctx context.Context, k session.Key) (session.Record, error) {
	out, err := s.client.GetItem(ctx, &dynamodb.GetItemInput{
		TableName:      s.table,
		Key:            itemKey(k),
		ConsistentRead: aws.Bool(true),
	})
	if err != nil {
		return session.Record{}, wrap("get session", err)
	}
	return read(out.Item)
}

// Replace implements session.Store.
func (s *Store) Replace(ctx context.Context, k session.Key, rec session.Record, old string) error {
	if err := checkSize(rec); err != nil {
		return wrap("replace session", err)
	}
	set := "SET " + data + " = :data, " + version + " = :new, " + expiresAt + " = :expires"
	values := item{
		":data":    text(string(rec.Data)),
		":new":     text(rec.Version),
		":old":     text(old),
		":expires": seconds(rec.Expires),
		":now":     seconds(time.Now()),
	}
	if len(rec.Binding) > 0 {
		set += ", " + binding + " = :binding"
		values[":binding"] = bytes(rec.Binding)
	}
	_, err := s.client.UpdateItem(ctx, &dynamodb.UpdateItemInput{
		TableName:                           s.table,
		Key:                                 itemKey(k),
		UpdateExpression:                    &set,
		ConditionExpression:                 aws.String(version + " = :old AND " + expiresAt + " > :now"),
		ExpressionAttributeValues:           values,
		ReturnValuesOnConditionCheckFailure: types.ReturnValuesOnConditionCheckFailureAllOld,
	})
	was, failed := conditionFailed(err)
	switch {
	case !failed:
		return wrap("replace session", err)
	case was.Version == rec.Version: // written by an earlier attempt, whose response was lost
		return nil
	case was.Version == old || was.Version == "": // so it has expired, or does not exist
		return session.ErrNone
	case repeated(err):
		return fmt.Errorf("dynamostore: replace session: response lost and item modified since, outcome unknown: %w", err)
	}
	return session.ErrConflict
}

// Touch implements session.Store.
func (s *Store) Touch(ctx context.Context, k session.Key, expires time.Time) error {
	now := time.Now()
	_, err := s.client.UpdateItem(ctx, &dynamodb.UpdateItemInput{
		TableName:                           s.table,
		Key:                                 itemKey(k),
		UpdateExpression:                    aws.String("SET " + expiresAt + " = :expires"),
		ConditionExpression:                 aws.String(expiresAt + " > :now AND " + expiresAt + " < :expires"),
		ExpressionAttributeValues:           item{":expires": seconds(expires), ":now": seconds(now)},
		ReturnValuesOnConditionCheckFailure: types.ReturnValuesOnConditionCheckFailureAllOld,
	})
	was, failed := conditionFailed(err)
	switch {
	case !failed:
		return wrap("touch session", err)
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
		return session.Record{}, wrap("delete session", err)
	}
	rec, err := read(out.Attributes)
	if err != nil { // whatever it was, it is deleted, and was not a session
		return session.Record{}, session.ErrNone
	}
	return rec, nil
}

// List implements session.Store. It requests only what it returns, but DynamoDB reads, and
// charges for, whole items.
func (s *Store) List(ctx context.Context, user session.Handle) ([]session.Listed, error) {
	pages := dynamodb.NewQueryPaginator(s.client, &dynamodb.QueryInput{
		TableName:                 s.table,
		ConsistentRead:            aws.Bool(true),
		KeyConditionExpression:    aws.String(userHandle + " = :user"),
		ProjectionExpression:      aws.String(strings.Join([]string{tokenHash, mark, startedAt, expiresAt, endsAt}, ", ")),
		ExpressionAttributeValues: item{":user": bytes(user[:])},
	})
	var all []session.Listed
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, wrap("list sessions", err)
		}
		for _, it := range page.Items {
			if l, ok := listed(user, it); ok {
				all = append(all, l)
			}
		}
	}
	return all, nil
}

// Mark implements session.Store.
func (s *Store) Mark(ctx context.Context, user session.Handle) (string, error) {
	out, err := s.client.GetItem(ctx, &dynamodb.GetItemInput{
		TableName:      s.table,
		Key:            markKey(user),
		ConsistentRead: aws.Bool(true),
	})
	if err != nil {
		return "", wrap("get mark", err)
	}
	if len(out.Item) == 0 {
		return "", nil
	}
	f := fields{from: out.Item}
	m := f.text(mark)
	if m == "" { // returning no mark would bring sessions back
		return "", errors.New("dynamostore: get mark: the item has no mark")
	}
	return m, nil
}

// SetMark implements session.Store.
func (s *Store) SetMark(ctx context.Context, user session.Handle, m string, expires time.Time) error {
	_, err := s.client.UpdateItem(ctx, &dynamodb.UpdateItemInput{
		TableName:                 s.table,
		Key:                       markKey(user),
		UpdateExpression:          aws.String("SET " + mark + " = :mark, " + expiresAt + " = :expires"),
		ExpressionAttributeValues: item{":mark": text(m), ":expires": seconds(expires)},
	})
	return wrap("set mark", err)
}

// conditionFailed returns the item that did not meet a write's condition, or a zero Record
// if there was none.
func conditionFailed(err error) (was session.Record, failed bool) {
	e := (*types.ConditionalCheckFailedException)(nil)
	if !errors.As(err, &e) {
		return was, false
	}
	was, _ = read(e.Item)
	return was, true
}

// repeated reports whether the failed request may not be the first: then an earlier one,
// whose response was lost, may have been executed. The SDK counts requests in a header.
func repeated(err error) bool {
	e := (*smithyhttp.ResponseError)(nil)
	if !errors.As(err, &e) || e.Response.Request == nil { // as with some of the caller's clients
		return true
	}
	return !strings.HasPrefix(e.Response.Request.Header.Get("Amz-Sdk-Request"), "attempt=1;")
}

func checkSize(rec session.Record) error {
	if n := len(rec.Data); n > MaxData {
		return fmt.Errorf("%w: %d bytes of JSON, at most %d", session.ErrTooLarge, n, MaxData)
	}
	return nil
}

func wrap(operation string, err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("dynamostore: %s: %w", operation, err)
}
