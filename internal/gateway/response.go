package gateway

import (
	"bytes"
	"cmp"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"

	"github.com/crumb-go/crumb/shared/rawjson"
)

// A response is what a door makes of a function's.
type response struct {
	status int
	lines  []line
	body   []byte
}

// A line is one header line of a response.
type line struct{ name, value string }

// A functionResponse is the JSON object that a function returned. What it means
// depends on the door.
type functionResponse struct {
	status   string // unread
	headers  []line // of headers, in their order
	multi    []line // of multiValueHeaders
	body     string
	isBase64 bool

	cookies                string // unread, since only payload 2.0 has it; "" for none
	headersText, multiText string // the members' JSON, "" where there is none
	unknown                string // a member that payload 1.0 does not have
	mistake                error  // of the first member that has one
}

// decodeResponse reads what a function returned to a door; mistakes in members are
// for validate. It is an error if that is not a JSON object with a statusCode, which
// payload 2.0 takes all the same.
func decodeResponse(d *door, payload []byte, status string) (*functionResponse, error) {
	object := strings.TrimLeft(string(payload), " \t\r\n")
	if !strings.HasPrefix(object, "{") || !json.Valid(payload) {
		return nil, errors.New("not a JSON object")
	}
	r := &functionResponse{}
	for name, value := range rawjson.Members(object) {
		err := r.decode(d, name, value)
		if err == nil && d.typed {
			err = checkTypes(name, value)
		}
		if err != nil && r.mistake == nil {
			r.mistake = fmt.Errorf("%s: %w", name, err)
		}
	}
	if r.status = cmp.Or(r.status, status); r.status == "" {
		return nil, errors.New("no statusCode")
	}
	return r, nil
}

func (r *functionResponse) decode(d *door, name, value string) (err error) {
	switch name {
	case "statusCode":
		r.status = value
	case "headers":
		r.headersText = value
		r.headers, err = parseHeaders(value, parseText)
	case "multiValueHeaders":
		r.multiText = value
		r.multi, err = parseHeaders(value, parseList)
	case "body":
		switch {
		case value == "null":
		case value[0] == '"':
			r.body = rawjson.Unquote(value)
		case d.anyBody:
			r.body = string(rewrittenBody([]byte(value)))
		default:
			return errors.New("not a string")
		}
	case "isBase64Encoded":
		if json.Unmarshal([]byte(value), &r.isBase64) != nil {
			return errors.New("not a boolean")
		}
	case "cookies":
		r.cookies, r.unknown = value, name
	default:
		r.unknown = name
	}
	return err
}

// validate returns the status, which is a number or a text that is one, and what
// makes the response malformed behind every door.
func (r *functionResponse) validate() (status int, err error) {
	status, err = strconv.Atoi(strings.Trim(r.status, `"`))
	if err != nil || status < 200 || status > 599 {
		return 0, errors.New("statusCode: not the status of a final HTTP response")
	}
	return status, r.mistake
}

// readResponse makes the door's response of what the function returned ("Output
// format of a Lambda function for proxy integration", "Lambda function response for
// format 2.0", "Use Lambda functions as targets of an Application Load Balancer").
func (x *exchange) readResponse(payload []byte) (*response, error) {
	d := x.door
	r, err := decodeResponse(d, payload, d.status)
	if err != nil {
		if d.bareBody == nil {
			return nil, err
		}
		return &response{http.StatusOK, withContentType(nil, "application/json"), d.bareBody(payload)}, nil
	}
	x.returned = r
	status, err := r.validate()
	if err != nil {
		return nil, err
	}
	if d.strict && r.unknown != "" {
		return nil, fmt.Errorf("a REST API's response must not contain %.40q (put cookies in multiValueHeaders)", r.unknown)
	}
	lines, err := d.lines(x, r)
	if err == nil && d.cookies {
		lines, err = r.withCookies(lines)
	}
	if err != nil {
		return nil, err
	}
	if !d.cookies {
		x.warnUnreadCookies(r)
	}
	if d.contentType != "" {
		lines = withContentType(lines, d.contentType)
	}
	body := []byte(r.body)
	switch {
	case !r.isBase64 || r.body == "":
	case d.decodes != nil && !d.decodes(x):
		x.gateway.log.Warn("a REST API sends base64 as text, because BinaryMediaTypes does not list the first type of the request's Accept; list it, or */*",
			"accept", x.req.Header.Get("Accept"), "path", x.path)
	default:
		if body, err = base64.StdEncoding.DecodeString(r.body); err != nil {
			return nil, &gatewayError{d.badBase64, errors.New("isBase64Encoded is true, but body is not base64")}
		}
	}
	return &response{status, lines, body}, nil
}

// warnUnreadCookies logs the member cookies of a response behind a door that does
// not read it.
func (x *exchange) warnUnreadCookies(r *functionResponse) {
	cookies, err := parseList(r.cookies)
	if err != nil {
		x.gateway.log.Warn("the member cookies is ignored: this service does not read it", "function", x.route.Function.ID, "path", x.path)
	}
	for _, c := range cookies {
		x.warnLost(line{"Set-Cookie", c}, "this service does not read the member cookies")
	}
}

// withCookies puts the member cookies before lines, as an HTTP API did in 2026
// (ministackorg/ministack#758, run on AWS).
func (r *functionResponse) withCookies(lines []line) ([]line, error) {
	cookies, err := parseList(r.cookies)
	if err != nil {
		return nil, fmt.Errorf("cookies: %w", err)
	}
	all := make([]line, 0, len(cookies)+len(lines))
	for _, c := range cookies {
		all = append(all, line{"Set-Cookie", c})
	}
	return append(all, lines...), nil
}

// decodesREST tells whether the client accepts what the API has among its
// binaryMediaTypes.
func decodesREST(x *exchange) bool {
	accept, _, _ := strings.Cut(x.req.Header.Get("Accept"), ",")
	return matchesMedia(x.api.BinaryMediaTypes, mediaType(accept))
}

// unquotedBody is what an HTTP API makes of a payload without a status: its body,
// where a string loses its quotes. It need not even be JSON (aws-lambda-dotnet's
// Lambda Test Tool, which compares with the live service).
func unquotedBody(payload []byte) []byte {
	if text := bytes.TrimSpace(payload); len(text) > 0 && text[0] == '"' && json.Valid(text) {
		return []byte(rawjson.Unquote(string(text)))
	}
	return payload
}

// rewrittenBody is the same behind a Function URL, which writes other JSON again,
// without spaces (localstack recorded it on 2025-11-24; the page "Invoking Lambda
// function URLs" shows quotes).
func rewrittenBody(payload []byte) []byte {
	var b bytes.Buffer
	if text := bytes.TrimSpace(payload); len(text) > 0 && text[0] == '"' || json.Compact(&b, text) != nil {
		return unquotedBody(payload)
	}
	return b.Bytes()
}

// checkTypes rejects what only a load balancer does: null, a status in quotes, and
// headers that are not strings. People have met each between 2018 and 2025 (such as
// aws-lambda-go#438, aws-lambda-dotnet#507, powertools-lambda-python#4671,
// lambda-api#117, apig-wsgi#52) but null and a number for a header, which are derived.
func checkTypes(name, value string) error {
	headers := name == "headers" || name == "multiValueHeaders"
	switch {
	case name == "statusCode" && value[0] == '"':
		return errors.New("a string, and a load balancer takes a number")
	case name == "body", name == "statusDescription", headers && value != "null": // which is for takeMember
		return checkStrings(value)
	}
	return nil
}

// checkStrings rejects all but strings, also in objects and arrays.
func checkStrings(value string) error {
	switch value[0] {
	case '"':
		return nil
	case '{':
		for name, v := range rawjson.Members(value) {
			if err := checkStrings(v); err != nil {
				return fmt.Errorf("%.40q: %w", name, err)
			}
		}
		return nil
	case '[':
		for v := range rawjson.Elements(value) {
			if err := checkStrings(v); err != nil {
				return err
			}
		}
		return nil
	}
	return errors.New("not a string, which a load balancer wants")
}

// parseHeaders reads an object, or null, whose values are read by values.
func parseHeaders(object string, values func(string) ([]string, error)) ([]line, error) {
	switch {
	case object == "null":
		return nil, nil
	case object[0] != '{':
		return nil, errors.New("not an object")
	}
	var lines []line
	for name, value := range rawjson.Members(object) {
		texts, err := values(value)
		if err != nil {
			return nil, fmt.Errorf("%.40q: %w", name, err)
		}
		for _, text := range texts {
			lines = append(lines, line{name, text})
		}
	}
	return lines, nil
}

// parseText reads one text, or null.
func parseText(value string) ([]string, error) {
	if value == "null" {
		return nil, nil
	}
	text, err := scalar(value)
	return []string{text}, err
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
