package authorizer

import (
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/crumb-go/crumb/internal/app"
	"github.com/crumb-go/crumb/shared/rawjson"
)

// A response is what a Lambda authorizer returned. It does not change.
type response struct {
	arn       string // of the request that it was made for
	simple    bool   // isAuthorized decides, not the policy
	allowed   bool   // isAuthorized
	policy    policy
	principal string   // JSON of principalId
	context   []member // in order
	key       string   // usageIdentifierKey
}

// A member is one of a JSON object: its name, and its value's text.
type member struct{ name, value string }

// read reads the response of d's function. Names have AWS's case, and no other.
func (rn *Runner) read(payload []byte, d *app.Authorizer) (*response, error) {
	members, err := objectOf(string(payload))
	if err != nil {
		return nil, err
	}
	out := &response{simple: d.Simple && d.Payload == "2.0"}
	if out.context, err = rn.readContext(members["context"]); err != nil {
		return nil, err
	}
	if out.simple {
		switch members["isAuthorized"] {
		case "true", "false":
			out.allowed = members["isAuthorized"] == "true"
			return out, nil
		}
		return nil, errors.New("isAuthorized is not true or false")
	}
	if out.principal = members["principalId"]; !strings.HasPrefix(out.principal, `"`) {
		return nil, errors.New("principalId is not a string")
	}
	if key := members["usageIdentifierKey"]; strings.HasPrefix(key, `"`) {
		out.key = rawjson.Unquote(key)
	}
	out.policy, err = readPolicy(members["policyDocument"])
	return out, err
}

// objectOf returns the members of a JSON object. One that is there twice is an error: two
// readers could read two values.
func objectOf(text string) (map[string]string, error) {
	text = strings.TrimSpace(text)
	if !strings.HasPrefix(text, "{") || !json.Valid([]byte(text)) {
		return nil, errors.New("not a JSON object")
	}
	members := map[string]string{}
	for name, value := range rawjson.Members(text) {
		if _, twice := members[name]; twice {
			return nil, fmt.Errorf("the member %q is there twice", name)
		}
		members[name] = value
	}
	return members, nil
}

// readContext reads the member context. A REST API makes texts of numbers and booleans,
// and fails on objects and arrays ("Output from an API Gateway Lambda authorizer"); an
// HTTP API keeps the types.
func (rn *Runner) readContext(text string) ([]member, error) {
	if text == "" || text == "null" {
		return nil, nil
	}
	if text[0] != '{' {
		return nil, errors.New("context is not an object")
	}
	var list []member
	for name, value := range rawjson.Members(text) {
		if rn.isREST() {
			switch value[0] {
			case '{', '[':
				return nil, fmt.Errorf("context.%s is an object or an array, which a REST API does not take", name)
			case '"', 'n':
			default:
				value = strconv.Quote(value)
			}
		}
		list = append(list, member{name, value})
	}
	return list, nil
}

// allows tells whether the response allows a method of the API, or denies it, and why
// not.
func (out *response) allows(r *Request) (allowed, denied bool, why string) {
	if out.simple {
		return out.allowed, false, "isAuthorized is false"
	}
	return out.policy.allows(r)
}

// context is the JSON of requestContext.authorizer.
func (rn *Runner) context(r *Request, out *response, took time.Duration) string {
	if r.Payload == "2.0" && !rn.isREST() {
		if out.context == nil {
			return `{"lambda":null}`
		}
		return `{"lambda":` + objectText(out.context) + `}`
	}
	list := make([]member, 0, len(out.context)+2)
	for _, m := range out.context {
		if m.name != "principalId" && m.name != "integrationLatency" {
			list = append(list, m)
		}
	}
	if out.principal != "" {
		list = append(list, member{"principalId", out.principal})
	}
	if rn.isREST() {
		list = append(list, member{"integrationLatency", strconv.FormatInt(took.Milliseconds(), 10)})
	}
	return objectText(list)
}

// claimsContext is the same of a token's claims.
func claimsContext(r *Request, c *Claims) string {
	list := []member{{"claims", c.Object}}
	if r.Guard.Auth == app.Cognito {
		return objectText(list)
	}
	scopes := "null"
	if c.Scopes != nil {
		text, _ := json.Marshal(c.Scopes) // never fails for strings
		scopes = string(text)
	}
	list = append(list, member{"scopes", scopes})
	if r.Payload == "2.0" {
		return `{"jwt":` + objectText(list) + `}`
	}
	return objectText(list)
}

func objectText(list []member) string {
	b := []byte{'{'}
	for i, m := range list {
		if i > 0 {
			b = append(b, ',')
		}
		b = append(rawjson.AppendString(b, m.name), ':')
		b = append(b, m.value...)
	}
	return string(append(b, '}'))
}
