package gateway

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/crumb-go/crumb/internal/lambda"
	"github.com/crumb-go/crumb/shared/frontdoor"
	"github.com/crumb-go/crumb/shared/rawjson"
	"github.com/crumb-go/crumb/shared/wire"
)

// A reply is what a door makes of a function's answer.
type reply struct {
	status int
	lines  []line
	body   []byte
}

// A line is one header line of a reply.
type line struct{ name, value string }

// errBase64 is a body that says it is base64 and is not.
var errBase64 = errors.New("isBase64Encoded is true, but body is not base64")

// answer writes a whole answer as the door does.
func (x *exchange) answer(ctx context.Context, a *lambda.Response) {
	payload, err := io.ReadAll(a.Body)
	if err == nil && len(payload) > answerLimit(x.door) {
		err = fmt.Errorf("answer of %d bytes, limit %d", len(payload), answerLimit(x.door))
	}
	if err != nil {
		x.failInvoke(orLimit(ctx, err))
		return
	}
	if a.ContentType == wire.StreamType {
		x.gateway.Log.Warn(x.noStream(), "function", x.route.Function.ID, "path", x.path)
	}
	re, err := x.interpret(payload)
	if err != nil {
		p := functionFailed
		if x.door == frontdoor.REST && errors.Is(err, errBase64) {
			p = badConfiguration
		}
		x.fail(p, fmt.Errorf("%s: malformed answer: %w", x.route.Function.ID, err))
		return
	}
	x.send(re)
}

// interpret reads the answer in the form of x.door.
func (x *exchange) interpret(payload []byte) (*reply, error) {
	a, err := parseAnswer(payload)
	x.answered = a
	switch {
	case x.door == frontdoor.HTTP || x.door == frontdoor.URL:
		return x.interpretV2(payload, a, err)
	case err != nil:
		return nil, err
	case x.door == frontdoor.ALB || x.door == frontdoor.ALBMulti:
		return x.interpretALB(a)
	}
	return x.interpretV1(a)
}

// An answer is the JSON object that a function returned.
type answer struct {
	status   int
	headers  []line // of headers, in their order
	multi    []line // of multiValueHeaders
	body     string
	isBase64 bool

	cookies              string // JSON, since only payload 2.0 has it; "" for none
	hasHeaders, hasMulti bool   // there and not null
	unknown              string // a member that payload 1.0 does not have
}

var (
	errNotObject = errors.New("not a JSON object")
	errNoStatus  = errors.New("no statusCode")
)

// parseAnswer reads what the answers of all doors have in common. It returns
// errNotObject or errNoStatus for what payload 2.0 takes all the same.
func parseAnswer(payload []byte) (*answer, error) {
	object := strings.TrimLeft(string(payload), " \t\r\n")
	if !strings.HasPrefix(object, "{") || !json.Valid(payload) {
		return nil, errNotObject
	}
	a := &answer{}
	var status string
	var mistake error // of the first member that has one
	for name, value := range rawjson.Members(object) {
		var err error
		switch name {
		case "statusCode":
			status = value
		case "headers":
			a.hasHeaders = value != "null"
			a.headers, err = parseHeaders(value)
		case "multiValueHeaders":
			a.hasMulti = value != "null"
			a.multi, err = parseMultiHeaders(value)
		case "body":
			if value != "null" {
				if value[0] != '"' {
					err = errors.New("not a string")
					break
				}
				a.body = rawjson.Unquote(value)
			}
		case "isBase64Encoded":
			if json.Unmarshal([]byte(value), &a.isBase64) != nil {
				err = errors.New("not a boolean")
			}
		case "cookies":
			a.cookies, a.unknown = value, name
		default:
			a.unknown = name
		}
		if err != nil && mistake == nil {
			mistake = fmt.Errorf("%s: %w", name, err)
		}
	}
	if status == "" {
		return nil, errNoStatus
	}
	var err error
	if a.status, err = parseStatus(status); err == nil {
		err = mistake
	}
	return a, err
}

// parseStatus takes a number, or a text that is one.
func parseStatus(value string) (int, error) {
	status, err := strconv.Atoi(strings.Trim(value, `"`))
	if err != nil || status < 200 || status > 599 {
		return 0, errors.New("statusCode: not the status of a final HTTP response")
	}
	return status, nil
}

// parseHeaders reads an object of texts, or null.
func parseHeaders(value string) ([]line, error) {
	switch {
	case value == "null":
		return nil, nil
	case value[0] != '{':
		return nil, errors.New("not an object")
	}
	var lines []line
	for name, v := range rawjson.Members(value) {
		if v == "null" {
			continue
		}
		text, err := scalar(v)
		if err != nil {
			return nil, fmt.Errorf("%.40q: %w", name, err)
		}
		lines = append(lines, line{name, text})
	}
	return lines, nil
}

// parseMultiHeaders reads an object of arrays of texts, or null.
func parseMultiHeaders(value string) ([]line, error) {
	switch {
	case value == "null":
		return nil, nil
	case value[0] != '{':
		return nil, errors.New("not an object")
	}
	var lines []line
	for name, array := range rawjson.Members(value) {
		values, err := parseList(array)
		if err != nil {
			return nil, fmt.Errorf("%.40q: %w", name, err)
		}
		for _, v := range values {
			lines = append(lines, line{name, v})
		}
	}
	return lines, nil
}

// parseList reads an array of texts; null and absence are empty.
func parseList(value string) ([]string, error) {
	switch {
	case value == "" || value == "null":
		return nil, nil
	case value[0] != '[':
		return nil, errors.New("not an array")
	}
	var list []string
	for v := range rawjson.Elements(value) {
		if v == "null" {
			continue
		}
		text, err := scalar(v)
		if err != nil {
			return nil, err
		}
		list = append(list, text)
	}
	return list, nil
}

// scalar is the text of a header value, which may be a number or a boolean.
func scalar(value string) (string, error) {
	switch value[0] {
	case '"':
		return rawjson.Unquote(value), nil
	case '{', '[':
		return "", errors.New("a value is not a string")
	}
	return value, nil
}

// decodeBody is the body's bytes, decoded if the function says that they are
// encoded and the door acts on it.
func (a *answer) decodeBody(decode bool) ([]byte, error) {
	if !a.isBase64 || !decode {
		return []byte(a.body), nil
	}
	body, err := base64.StdEncoding.DecodeString(a.body)
	if err != nil {
		return nil, errBase64
	}
	return body, nil
}

// contains tells whether lines has a header, in any spelling.
func contains(lines []line, name string) bool {
	for _, l := range lines {
		if strings.EqualFold(l.name, name) {
			return true
		}
	}
	return false
}

func isSetCookie(name string) bool { return strings.EqualFold(name, "Set-Cookie") }
