package dynamostore

import (
	"crypto/sha256"
	"fmt"
	"strconv"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/crumb-go/crumb/shared/session"
)

// Names of the table's attributes. None is a reserved word in DynamoDB.
const (
	userHandle = "user_handle"
	tokenHash  = "token_hash"
	expiresAt  = "expires_at"

	data      = "session_data"
	version   = "session_version"
	binding   = "session_binding"
	mark      = "session_mark"
	startedAt = "started_at"
	endsAt    = "ends_at"
)

type item = map[string]types.AttributeValue

func itemKey(k session.Key) item {
	return item{userHandle: bytes(k.User[:]), tokenHash: bytes(k.ID[:])}
}

func markKey(user session.Handle) item {
	return item{userHandle: bytes(user[:]), tokenHash: bytes([]byte("mark"))}
}

func bytes(b []byte) types.AttributeValue { return &types.AttributeValueMemberB{Value: b} }

func text(s string) types.AttributeValue { return &types.AttributeValueMemberS{Value: s} }

func number(n int64) types.AttributeValue {
	return &types.AttributeValueMemberN{Value: strconv.FormatInt(n, 10)}
}

func seconds(t time.Time) types.AttributeValue { return number(t.Unix()) }

// write returns a session's item, without attributes for what the record does not have.
func write(k session.Key, rec session.Record) item {
	it := itemKey(k)
	it[data] = text(string(rec.Data))
	it[version] = text(rec.Version)
	it[expiresAt] = seconds(rec.Expires)
	it[endsAt] = seconds(rec.Ends)
	if !rec.Started.IsZero() {
		it[startedAt] = number(rec.Started.UnixNano())
	}
	if rec.Mark != "" {
		it[mark] = text(rec.Mark)
	}
	if len(rec.Binding) > 0 {
		it[binding] = bytes(rec.Binding)
	}
	return it
}

// read returns the record in an item, ErrNone if there is no item. Its other error is for Get.
func read(from item) (session.Record, error) {
	if len(from) == 0 {
		return session.Record{}, session.ErrNone
	}
	f := fields{from: from}
	rec := session.Record{
		Data:    []byte(f.text(data)),
		Version: f.text(version),
		Started: f.started(),
		Expires: time.Unix(f.number(expiresAt), 0),
		Ends:    time.Unix(f.number(endsAt), 0),
	}
	if f.has(mark) {
		rec.Mark = f.text(mark)
	}
	if f.has(binding) {
		rec.Binding = f.bytes(binding)
	}
	if f.bad != "" {
		return session.Record{}, fmt.Errorf("dynamostore: get: the item is not a session: %s is missing or has another type", f.bad)
	}
	return rec, nil
}

// listed returns what List returns for an item, even an invalid one, so that it can be
// deleted. It is not ok for a mark, which is not a session.
func listed(user session.Handle, from item) (l session.Listed, ok bool) {
	f := fields{from: from}
	hash := f.bytes(tokenHash)
	if len(hash) != len(l.Key.ID) {
		return l, false
	}
	return session.Listed{
		Key:     session.Key{User: user, ID: [sha256.Size]byte(hash)},
		Mark:    f.text(mark),
		Started: f.started(),
		Expires: time.Unix(f.number(expiresAt), 0),
		Ends:    time.Unix(f.number(endsAt), 0),
	}, true
}

// fields reads attributes. bad is one that is missing or has another type; it reads as the
// zero value.
type fields struct {
	from item
	bad  string
}

func (f *fields) has(name string) bool { _, ok := f.from[name]; return ok }

// started is the zero time if the item does not have it: earlier versions did not write it.
func (f *fields) started() time.Time {
	if !f.has(startedAt) {
		return time.Time{}
	}
	return time.Unix(0, f.number(startedAt))
}

func (f *fields) text(name string) string {
	v, ok := f.from[name].(*types.AttributeValueMemberS)
	if !ok {
		f.bad = name
		return ""
	}
	return v.Value
}

func (f *fields) bytes(name string) []byte {
	v, ok := f.from[name].(*types.AttributeValueMemberB)
	if !ok {
		f.bad = name
		return nil
	}
	return v.Value
}

func (f *fields) number(name string) int64 {
	if v, ok := f.from[name].(*types.AttributeValueMemberN); ok {
		if n, err := strconv.ParseInt(v.Value, 10, 64); err == nil {
			return n
		}
	}
	f.bad = name
	return 0
}
