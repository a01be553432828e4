package frontdoor

import (
	"encoding/base64"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/crumb-go/crumb/shared/rawjson"
)

// response is an HTTP response before it takes a door's shape.
type response struct {
	status int
	header http.Header // canonical names, Set-Cookie among them
	body   []byte
}

// internalError is the response where the handler's cannot be sent.
func (e *event) internalError() response {
	r := response{
		status: http.StatusInternalServerError,
		header: http.Header{"Content-Type": {"text/plain; charset=utf-8"}, "X-Content-Type-Options": {"nosniff"}},
	}
	if e.requestMethod() != http.MethodHead {
		r.body = []byte("Internal Server Error\n")
	}
	return r
}

// encode appends the response in the shape that the door reads. A cookies member
// for API Gateway's REST APIs, multiValueHeaders for HTTP APIs or one of the two
// for the wrong mode of a load balancer would lose cookies or be a 502.
func (r response) encode(door Door) []byte {
	b := make([]byte, 0, 512+len(r.body)+len(r.body)/2)
	b = r.head(b, door)
	b = append(b, `,"body":`...)
	text := utf8.Valid(r.body)
	if text {
		b = rawjson.AppendString(b, r.body)
	} else {
		b = append(b, '"')
		b = base64.StdEncoding.AppendEncode(b, r.body)
		b = append(b, '"')
	}
	b = append(b, `,"isBase64Encoded":`...)
	b = strconv.AppendBool(b, !text)
	return append(b, '}')
}

// head appends the response's JSON up to and without the body.
func (r response) head(b []byte, door Door) []byte {
	b = append(b, `{"statusCode":`...)
	b = strconv.AppendInt(b, int64(r.status), 10)
	switch door {
	case REST, HTTP1:
		return r.appendMulti(b)
	case ALBMulti:
		return r.appendMulti(r.appendDescription(b))
	case ALB, Lattice:
		return r.appendSingle(r.appendDescription(b), true)
	}
	b = r.appendSingle(b, false)
	if cookies := r.header[setCookie]; len(cookies) > 0 {
		b = append(b, `,"cookies":`...)
		b = appendStrings(b, cookies)
	}
	return b
}

// appendDescription appends what load balancers want beside the status.
func (r response) appendDescription(b []byte) []byte {
	b = append(b, `,"statusDescription":"`...)
	b = strconv.AppendInt(b, int64(r.status), 10)
	b = append(b, ' ')
	b = append(b, http.StatusText(r.status)...)
	return append(b, '"')
}

func (r response) appendMulti(b []byte) []byte {
	b = append(b, `,"multiValueHeaders":{`...)
	for _, name := range sortedNames(r.header) {
		if values := r.header[name]; len(values) > 0 {
			b = appendName(b, name)
			b = appendStrings(b, values)
		}
	}
	return append(b, '}')
}

// appendSingle appends the headers with one value each, cookies only where the
// door has no better place for them.
func (r response) appendSingle(b []byte, cookies bool) []byte {
	b = append(b, `,"headers":{`...)
	for _, name := range sortedNames(r.header) {
		switch values := r.header[name]; {
		case name != setCookie && len(values) > 0:
			b = appendName(b, name)
			b = rawjson.AppendString(b, strings.Join(values, ", "))
		case cookies:
			for i, line := range values {
				b = appendName(b, spelling(i))
				b = rawjson.AppendString(b, line)
			}
		}
	}
	return append(b, '}')
}

// appendName appends a member's name, and the comma before it unless it is the
// object's first.
func appendName(b []byte, name string) []byte {
	if b[len(b)-1] != '{' {
		b = append(b, ',')
	}
	return append(rawjson.AppendString(b, name), ':')
}

func appendStrings(b []byte, values []string) []byte {
	b = append(b, '[')
	for i, v := range values {
		if i > 0 {
			b = append(b, ',')
		}
		b = rawjson.AppendString(b, v)
	}
	return append(b, ']')
}

func sortedNames(h http.Header) []string {
	names := slices.AppendSeq(make([]string, 0, len(h)), maps.Keys(h))
	slices.Sort(names)
	return names
}
