package gateway

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/crumb-go/crumb/internal/sandbox"
	"github.com/crumb-go/crumb/shared/frontdoor"
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
func (x *exchange) answer(a *sandbox.Answer) {
	payload, err := io.ReadAll(a.Body)
	if err == nil && len(payload) > answerLimit(x.door) {
		err = fmt.Errorf("answer of %d bytes, limit %d", len(payload), answerLimit(x.door))
	}
	if err != nil {
		x.fail(functionFailed, fmt.Errorf("%s: %w", x.route.Function.ID, err))
		return
	}
	if a.ContentType == httpStream {
		x.gateway.Log.Warn("the function streams, but this door does not", "function", x.route.Function.ID, "path", x.path)
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
	switch x.door {
	case frontdoor.HTTP, frontdoor.URL:
		return x.interpretV2(payload, a, err)
	case frontdoor.ALB, frontdoor.ALBMulti:
		if err != nil {
			return nil, err
		}
		return x.interpretALB(a)
	}
	if err != nil {
		return nil, err
	}
	return x.interpretV1(a)
}

// An answer is the JSON object that a function returned.
type answer struct {
	members  map[string]json.RawMessage
	status   int
	headers  []line // of headers, in their order
	multi    []line // of multiValueHeaders
	body     string
	isBase64 bool
}

var (
	errNotObject = errors.New("not a JSON object")
	errNoStatus  = errors.New("no statusCode")
)

// parseAnswer reads what the answers of all doors have in common. It returns
// errNotObject or errNoStatus for what payload 2.0 takes all the same.
func parseAnswer(payload []byte) (*answer, error) {
	a := &answer{}
	if err := json.Unmarshal(payload, &a.members); err != nil || a.members == nil {
		return nil, errNotObject
	}
	raw, ok := a.members["statusCode"]
	if !ok {
		return nil, errNoStatus
	}
	var err error
	if a.status, err = parseStatus(raw); err != nil {
		return nil, err
	}
	if a.headers, err = parseHeaders(a.members["headers"]); err != nil {
		return nil, fmt.Errorf("headers: %w", err)
	}
	if a.multi, err = parseMultiHeaders(a.members["multiValueHeaders"]); err != nil {
		return nil, fmt.Errorf("multiValueHeaders: %w", err)
	}
	if json.Unmarshal(orNull(a.members["body"]), &a.body) != nil {
		return nil, errors.New("body: not a string")
	}
	if json.Unmarshal(orNull(a.members["isBase64Encoded"]), &a.isBase64) != nil {
		return nil, errors.New("isBase64Encoded: not a boolean")
	}
	return a, nil
}

// has tells whether a member is there and not null.
func (a *answer) has(name string) bool { return !isNull(a.members[name]) }

func isNull(raw json.RawMessage) bool { return raw == nil || string(raw) == "null" }

// orNull makes an absent member one that leaves its Go variable as it is.
func orNull(raw json.RawMessage) json.RawMessage {
	if raw == nil {
		return json.RawMessage("null")
	}
	return raw
}

// parseStatus takes a number, or a text that is one.
func parseStatus(raw json.RawMessage) (int, error) {
	status, err := strconv.Atoi(strings.Trim(string(raw), `"`))
	if err != nil || status < 200 || status > 599 {
		return 0, errors.New("statusCode: not the status of a final HTTP response")
	}
	return status, nil
}

func parseHeaders(raw json.RawMessage) ([]line, error) {
	var lines []line
	err := eachMember(raw, func(name string, value json.RawMessage) error {
		if isNull(value) {
			return nil
		}
		text, err := scalar(value)
		lines = append(lines, line{name, text})
		return err
	})
	return lines, err
}

func parseMultiHeaders(raw json.RawMessage) ([]line, error) {
	var lines []line
	err := eachMember(raw, func(name string, value json.RawMessage) error {
		values, err := parseList(value)
		for _, v := range values {
			lines = append(lines, line{name, v})
		}
		return err
	})
	return lines, err
}

// parseList reads an array of texts.
func parseList(raw json.RawMessage) ([]string, error) {
	var list []json.RawMessage
	if json.Unmarshal(orNull(raw), &list) != nil {
		return nil, errors.New("not an array")
	}
	texts := make([]string, 0, len(list))
	for _, value := range list {
		if isNull(value) {
			continue
		}
		text, err := scalar(value)
		if err != nil {
			return nil, err
		}
		texts = append(texts, text)
	}
	return texts, nil
}

// scalar is the text of a header value, which may be a number or a boolean.
func scalar(raw json.RawMessage) (string, error) {
	switch raw[0] {
	case '"':
		var text string
		err := json.Unmarshal(raw, &text)
		return text, err
	case '{', '[':
		return "", errors.New("a value is not a string")
	}
	return string(raw), nil
}

// eachMember visits the members of a JSON object in their order. Null and
// absence have none.
func eachMember(raw json.RawMessage, visit func(name string, value json.RawMessage) error) error {
	if isNull(raw) {
		return nil
	}
	dec := json.NewDecoder(bytes.NewReader(raw))
	if t, err := dec.Token(); err != nil || t != json.Delim('{') {
		return errors.New("not an object")
	}
	for dec.More() {
		name, err := dec.Token()
		if err != nil {
			return err
		}
		var value json.RawMessage
		if err := dec.Decode(&value); err != nil {
			return err
		}
		if err := visit(name.(string), value); err != nil {
			return fmt.Errorf("%.40q: %w", name, err)
		}
	}
	return nil
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
