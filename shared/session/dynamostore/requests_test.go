package dynamostore_test

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"reflect"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/crumb-go/crumb/shared/session"
	"github.com/crumb-go/crumb/shared/session/dynamostore"
)

// The items of a session and of a mark.
var (
	aKey  = session.Key{User: session.Handle([]byte("an example user.")), ID: [32]byte([]byte("an example of a hash, 32 bytes.."))}
	aTime = time.Unix(4102444800, 0)
	full  = session.Record{
		Data: []byte(`{"n":1}`), Version: "v1", Expires: aTime, Ends: aTime.Add(time.Hour),
		Started: time.Unix(1767225600, 123456789), Mark: "m1", Binding: []byte{0},
	}
	plain = session.Record{Data: []byte(`1`), Version: "v1", Expires: aTime, Ends: aTime.Add(time.Hour)}

	key = `"user_handle":{"B":"` + base64.StdEncoding.EncodeToString(aKey.User[:]) +
		`"},"token_hash":{"B":"` + base64.StdEncoding.EncodeToString(aKey.ID[:]) + `"}`
	markKey    = `"user_handle":{"B":"` + base64.StdEncoding.EncodeToString(aKey.User[:]) + `"},"token_hash":{"B":"bWFyaw=="}`
	plainAttrs = `"session_data":{"S":"1"},"session_version":{"S":"v1"},"expires_at":{"N":"4102444800"},"ends_at":{"N":"4102448400"}`
	fullAttrs  = `"session_data":{"S":"{\"n\":1}"},"session_version":{"S":"v1"},"expires_at":{"N":"4102444800"},"ends_at":{"N":"4102448400"},` +
		`"started_at":{"N":"1767225600123456789"},"session_mark":{"S":"m1"},"session_binding":{"B":"AA=="}`
)

// Each operation is one request, and understands the response.
func TestRequests(t *testing.T) {
	ctx := context.Background()
	type result = func(s *dynamostore.Store) (any, error)
	gets := func(s *dynamostore.Store) (any, error) { return s.Get(ctx, aKey) }
	deletes := func(s *dynamostore.Store) (any, error) { return s.Delete(ctx, aKey) }
	marks := func(s *dynamostore.Store) (any, error) { return s.Mark(ctx, aKey.User) }
	lists := func(s *dynamostore.Store) (any, error) { return s.List(ctx, aKey.User) }
	for _, tc := range []struct {
		name     string
		do       result
		request  string
		response string
		want     any
		err      error
	}{
		{"create", func(s *dynamostore.Store) (any, error) { return nil, s.Create(ctx, aKey, full) },
			`{"TableName":"Sessions","Item":{` + key + `,` + fullAttrs + `},"ConditionExpression":"attribute_not_exists(token_hash)","ReturnValuesOnConditionCheckFailure":"ALL_OLD"}`,
			`{}`, nil, nil},
		{"create-plain", func(s *dynamostore.Store) (any, error) { return nil, s.Create(ctx, aKey, plain) },
			`{"TableName":"Sessions","Item":{` + key + `,` + plainAttrs + `},"ConditionExpression":"attribute_not_exists(token_hash)","ReturnValuesOnConditionCheckFailure":"ALL_OLD"}`,
			`{}`, nil, nil},
		{"get", gets, `{"TableName":"Sessions","Key":{` + key + `},"ConsistentRead":true}`, `{"Item":{` + key + `,` + fullAttrs + `}}`, full, nil},
		{"get-plain", gets, `{"TableName":"Sessions","Key":{` + key + `},"ConsistentRead":true}`, `{"Item":{` + key + `,` + plainAttrs + `}}`, plain, nil},
		{"get-none", gets, `{"TableName":"Sessions","Key":{` + key + `},"ConsistentRead":true}`, `{}`, session.Record{}, session.ErrNone},
		{"replace", func(s *dynamostore.Store) (any, error) { return nil, s.Replace(ctx, aKey, full, "v0") },
			`{"TableName":"Sessions","Key":{` + key + `},
			"UpdateExpression":"SET session_data = :data, session_version = :new, expires_at = :expires, session_binding = :binding",
			"ConditionExpression":"session_version = :old AND expires_at > :now",
			"ExpressionAttributeValues":{":data":{"S":"{\"n\":1}"},":new":{"S":"v1"},":old":{"S":"v0"},":expires":{"N":"4102444800"},":now":{"N":"NOW"},":binding":{"B":"AA=="}},
			"ReturnValuesOnConditionCheckFailure":"ALL_OLD"}`,
			`{}`, nil, nil},
		{"replace-plain", func(s *dynamostore.Store) (any, error) { return nil, s.Replace(ctx, aKey, plain, "v0") },
			`{"TableName":"Sessions","Key":{` + key + `},
			"UpdateExpression":"SET session_data = :data, session_version = :new, expires_at = :expires",
			"ConditionExpression":"session_version = :old AND expires_at > :now",
			"ExpressionAttributeValues":{":data":{"S":"1"},":new":{"S":"v1"},":old":{"S":"v0"},":expires":{"N":"4102444800"},":now":{"N":"NOW"}},
			"ReturnValuesOnConditionCheckFailure":"ALL_OLD"}`,
			`{}`, nil, nil},
		{"touch", func(s *dynamostore.Store) (any, error) { return nil, s.Touch(ctx, aKey, aTime) },
			`{"TableName":"Sessions","Key":{` + key + `},
			"UpdateExpression":"SET expires_at = :expires",
			"ConditionExpression":"expires_at > :now AND expires_at < :expires",
			"ExpressionAttributeValues":{":expires":{"N":"4102444800"},":now":{"N":"NOW"}},
			"ReturnValuesOnConditionCheckFailure":"ALL_OLD"}`,
			`{}`, nil, nil},
		{"delete", deletes, `{"TableName":"Sessions","Key":{` + key + `},"ReturnValues":"ALL_OLD"}`, `{"Attributes":{` + key + `,` + fullAttrs + `}}`, full, nil},
		{"delete-none", deletes, `{"TableName":"Sessions","Key":{` + key + `},"ReturnValues":"ALL_OLD"}`, `{}`, session.Record{}, session.ErrNone},
		{"delete-no-session", deletes, `{"TableName":"Sessions","Key":{` + key + `},"ReturnValues":"ALL_OLD"}`, `{"Attributes":{` + key + `}}`, session.Record{}, session.ErrNone},
		{"mark", marks, `{"TableName":"Sessions","Key":{` + markKey + `},"ConsistentRead":true}`,
			`{"Item":{` + markKey + `,"session_mark":{"S":"m1"},"expires_at":{"N":"4102444800"}}}`, "m1", nil},
		{"mark-none", marks, `{"TableName":"Sessions","Key":{` + markKey + `},"ConsistentRead":true}`, `{}`, "", nil},
		{"set-mark", func(s *dynamostore.Store) (any, error) { return nil, s.SetMark(ctx, aKey.User, "m1", aTime) },
			`{"TableName":"Sessions","Key":{` + markKey + `},
			"UpdateExpression":"SET session_mark = :mark, expires_at = :expires",
			"ExpressionAttributeValues":{":mark":{"S":"m1"},":expires":{"N":"4102444800"}}}`,
			`{}`, nil, nil},
		{"list-none", lists, listRequest(""), `{"Items":[],"Count":0}`, []session.Listed(nil), nil},
	} {
		t.Run(tc.name, func(t *testing.T) {
			s, seen := store(t, answer{200, tc.response})
			got, err := tc.do(s)
			if !errors.Is(err, tc.err) || !reflect.DeepEqual(got, tc.want) {
				t.Errorf("%v, %v, want %v, %v", got, err, tc.want, tc.err)
			}
			requested(t, *seen, tc.request)
		})
	}
}

// A list has all pages, with invalid items and without marks.
func TestListRequests(t *testing.T) {
	other := session.Key{User: aKey.User, ID: [32]byte([]byte("another example of a hash, 32 b."))}
	otherKey := `"token_hash":{"B":"` + base64.StdEncoding.EncodeToString(other.ID[:]) + `"}`
	s, seen := store(t,
		answer{200, `{"Items":[{"token_hash":{"B":"bWFyaw=="},"session_mark":{"S":"m2"},"expires_at":{"N":"4102444800"}},
			{` + key + `,` + fullAttrs + `}],"Count":2,"LastEvaluatedKey":{` + key + `}}`},
		answer{200, `{"Items":[{` + otherKey + `,"expires_at":{"S":"never"}},{"token_hash":{"S":"not bytes"}}],"Count":2}`})
	got, err := s.List(t.Context(), aKey.User)
	want := []session.Listed{
		{Key: aKey, Mark: "m1", Started: full.Started, Expires: full.Expires, Ends: full.Ends},
		{Key: other, Expires: time.Unix(0, 0), Ends: time.Unix(0, 0)},
	}
	if err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("List = %v, %v, want %v", got, err, want)
	}
	requested(t, *seen, listRequest(""), listRequest(`,"ExclusiveStartKey":{`+key+`}`))

	s, _ = store(t, answer{200, `{"Items":[{` + key + `}],"Count":1,"LastEvaluatedKey":{` + key + `}}`}, lost, lost, lost)
	if got, err := s.List(t.Context(), aKey.User); err == nil {
		t.Errorf("List = %v, though its second page failed", got)
	}
}

func listRequest(more string) string {
	return `{"TableName":"Sessions","ConsistentRead":true,"KeyConditionExpression":"user_handle = :user",
		"ProjectionExpression":"token_hash, session_mark, started_at, expires_at, ends_at",
		"ExpressionAttributeValues":{":user":{"B":"` + base64.StdEncoding.EncodeToString(aKey.User[:]) + `"}}` + more + `}`
}

// requested compares requests with their JSON, in which NOW is the time.
func requested(t *testing.T, seen []map[string]any, want ...string) {
	t.Helper()
	if len(seen) != len(want) {
		t.Fatalf("%d requests, want %d", len(seen), len(want))
	}
	for i := range want {
		var in map[string]any
		now := strconv.FormatInt(time.Now().Unix(), 10)
		if values, ok := seen[i]["ExpressionAttributeValues"].(map[string]any); ok {
			if n, ok := values[":now"].(map[string]any); ok {
				now = n["N"].(string)
			}
		}
		if err := json.Unmarshal([]byte(strings.ReplaceAll(want[i], "NOW", now)), &in); err != nil {
			t.Fatal(err)
		}
		if !reflect.DeepEqual(seen[i], in) {
			t.Errorf("request %d is\n%v\nwant\n%v", i, seen[i], in)
		}
		if s, err := strconv.ParseInt(now, 10, 64); err != nil || time.Since(time.Unix(s, 0)).Abs() > 10*time.Second {
			t.Errorf("request %d says that it is %s", i, now)
		}
	}
}

// A mark that cannot be read is an error: without it, ended sessions could be renewed.
func TestMarksThatAreNone(t *testing.T) {
	for name, item := range map[string]string{"absent": `"expires_at":{"N":"1"}`, "bytes": `"session_mark":{"B":"AAAA"}`, "empty": `"session_mark":{"S":""}`} {
		t.Run(name, func(t *testing.T) {
			s, _ := store(t, answer{200, `{"Item":{` + item + `}}`})
			if got, err := s.Mark(t.Context(), aKey.User); got != "" || err == nil || err.Error() != "dynamostore: get mark: the item has no mark" {
				t.Errorf("Mark = %q, %v, want an error", got, err)
			}
		})
	}
}
