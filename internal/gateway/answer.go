package gateway

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
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
var errBase64 = errors.New("malformed answer: isBase64Encoded is true, but body is not base64")

// answer writes the function's answer as the door does.
func (x *exchange) answer(a *sandbox.Answer) {
	payload, err := io.ReadAll(a.Body)
	if err != nil {
		x.fail(functionFailed, fmt.Errorf("%s: read answer: %w", x.route.Function.ID, err))
		return
	}
	re, err := x.interpret(payload)
	switch {
	case errors.Is(err, errBase64) && x.door == frontdoor.REST:
		x.fail(badConfiguration, fmt.Errorf("%s: %w", x.route.Function.ID, err))
		return
	case err != nil:
		x.fail(functionFailed, fmt.Errorf("%s: %w", x.route.Function.ID, err))
		return
	}
	x.send(re)
}

// interpret reads the answer in the form of x.door.
func (x *exchange) interpret(payload []byte) (*reply, error) {
	valid := json.Valid(payload)
	if x.door == frontdoor.HTTP || x.door == frontdoor.URL {
		if !valid {
			return inferred(payload), nil
		}
		return x.interpretV2(payload)
	}
	if !valid {
		return nil, errors.New("malformed answer: not JSON")
	}
	a, err := parseAnswer(payload)
	if err != nil {
		return nil, err
	}
	if x.door == frontdoor.ALB || x.door == frontdoor.ALBMulti {
		return x.interpretALB(a)
	}
	return x.interpretV1(a)
}

// An answer is a function's JSON answer, its members as they were written.
type answer struct {
	members           map[string]json.RawMessage
	status            int
	headers           []line // of headers
	multi             []line // of multiValueHeaders
	cookies           []string
	body              string
	isBase64          bool
	hasHeaders        bool // headers is there and not null
	hasMulti          bool
	statusDescription string
}

// parseAnswer reads valid JSON. What all doors call malformed is an error.
func parseAnswer(payload []byte) (*answer, error) {
	a := &answer{}
	if err := json.Unmarshal(payload, &a.members); err != nil || a.members == nil {
		return nil, errors.New("malformed answer: not a JSON object")
	}
	var err error
	if a.status, err = parseStatus(a.members["statusCode"]); err != nil {
		return nil, err
	}
	for _, member := range []struct {
		name string
		read func(json.RawMessage) error
	}{
		{"headers", a.readHeaders},
		{"multiValueHeaders", a.readMulti},
		{"body", a.readBody},
		{"isBase64Encoded", func(raw json.RawMessage) error { return json.Unmarshal(raw, &a.isBase64) }},
	} {
		raw := a.members[member.name]
		if raw == nil || string(raw) == "null" {
			continue
		}
		if err := member.read(raw); err != nil {
			return nil, fmt.Errorf("malformed answer: %s: %w", member.name, err)
		}
	}
	return a, nil
}

// parseStatus takes a number or a text that is one.
func parseStatus(raw json.RawMessage) (int, error) {
	if raw == nil {
		return 0, errors.New("malformed answer: no statusCode")
	}
	text := string(raw)
	if text[0] == '"' {
		_ = json.Unmarshal(raw, &text) // valid JSON, as the caller checked
	}
	status, err := strconv.Atoi(text)
	if err != nil || status < 200 || status > 599 {
		return 0, fmt.Errorf("malformed answer: statusCode is no HTTP status of a final response")
	}
	return status, nil
}

func (a *answer) readHeaders(raw json.RawMessage) error {
	a.hasHeaders = true
	return eachMember(raw, func(name string, value json.RawMessage) error {
		text, ok, err := scalar(value)
		if err != nil {
			return fmt.Errorf("%q: %w", name, err)
		}
		if ok {
			a.headers = append(a.headers, line{name, text})
		}
		return nil
	})
}

func (a *answer) readMulti(raw json.RawMessage) error {
	a.hasMulti = true
	return eachMember(raw, func(name string, value json.RawMessage) error {
		var list []json.RawMessage
		if err := json.Unmarshal(value, &list); err != nil {
			return fmt.Errorf("%q: not an array", name)
		}
		for _, v := range list {
			text, ok, err := scalar(v)
			if err != nil {
				return fmt.Errorf("%q: %w", name, err)
			}
			if ok {
				a.multi = append(a.multi, line{name, text})
			}
		}
		return nil
	})
}

func (a *answer) readBody(raw json.RawMessage) error {
	if raw[0] != '"' {
		return errors.New("not a string")
	}
	return json.Unmarshal(raw, &a.body)
}

// scalar is the text of a header value; false for null.
func scalar(raw json.RawMessage) (text string, ok bool, err error) {
	switch raw[0] {
	case '"':
		err = json.Unmarshal(raw, &text)
		return text, true, err
	case 'n':
		return "", false, nil
	case '{', '[':
		return "", false, errors.New("not a string")
	}
	return string(raw), true, nil
}

// eachMember visits the members of a JSON object in their order.
func eachMember(raw json.RawMessage, visit func(name string, value json.RawMessage) error) error {
	dec := json.NewDecoder(strings.NewReader(string(raw)))
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
			return err
		}
	}
	return nil
}

// decodeBody is the body's bytes, decoded if the function said so and the door
// does it.
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

// contains tells whether a name is among lines, without case.
func contains(lines []line, name string) bool {
	for _, l := range lines {
		if strings.EqualFold(l.name, name) {
			return true
		}
	}
	return false
}

func isSetCookie(name string) bool { return strings.EqualFold(name, "Set-Cookie") }

// inferred is a 2.0 answer without statusCode: all of it is the body.
func inferred(payload []byte) *reply {
	return &reply{status: http.StatusOK, lines: []line{{"Content-Type", "application/json"}}, body: payload}
}
