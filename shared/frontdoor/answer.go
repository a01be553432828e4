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

// answer is an HTTP response before it takes a door's shape.
type answer struct {
	status int
	header http.Header // canonical names, Set-Cookie among them
	body   []byte
}

// internalError is the answer where the handler's cannot be sent.
func (e *event) internalError() answer {
	a := answer{
		status: http.StatusInternalServerError,
		header: http.Header{"Content-Type": {"text/plain; charset=utf-8"}, "X-Content-Type-Options": {"nosniff"}},
	}
	if e.requestMethod() != http.MethodHead {
		a.body = []byte("Internal Server Error\n")
	}
	return a
}

// encode appends the answer in the shape that the door reads. A cookies member
// for API Gateway's REST APIs, multiValueHeaders for HTTP APIs or one of the two
// for the wrong mode of a load balancer would lose cookies or be a 502.
func (a answer) encode(door Door) []byte {
	b := make([]byte, 0, 512+len(a.body)+len(a.body)/2)
	b = a.head(b, door)
	b = append(b, `,"body":`...)
	text := utf8.Valid(a.body)
	if text {
		b = rawjson.AppendString(b, a.body)
	} else {
		b = append(b, '"')
		b = base64.StdEncoding.AppendEncode(b, a.body)
		b = append(b, '"')
	}
	b = append(b, `,"isBase64Encoded":`...)
	b = strconv.AppendBool(b, !text)
	return append(b, '}')
}

// head appends the answer's JSON up to and without the body.
func (a answer) head(b []byte, door Door) []byte {
	b = append(b, `{"statusCode":`...)
	b = strconv.AppendInt(b, int64(a.status), 10)
	switch door {
	case REST, HTTP1:
		return a.appendMulti(b)
	case ALBMulti:
		return a.appendMulti(a.appendDescription(b))
	case ALB, Lattice:
		return a.appendSingle(a.appendDescription(b), true)
	}
	b = a.appendSingle(b, false)
	if cookies := a.header[setCookie]; len(cookies) > 0 {
		b = append(b, `,"cookies":`...)
		b = appendStrings(b, cookies)
	}
	return b
}

// appendDescription appends what load balancers want beside the status.
func (a answer) appendDescription(b []byte) []byte {
	b = append(b, `,"statusDescription":"`...)
	b = strconv.AppendInt(b, int64(a.status), 10)
	b = append(b, ' ')
	b = append(b, http.StatusText(a.status)...)
	return append(b, '"')
}

func (a answer) appendMulti(b []byte) []byte {
	b = append(b, `,"multiValueHeaders":{`...)
	for _, name := range sortedNames(a.header) {
		if values := a.header[name]; len(values) > 0 {
			b = appendName(b, name)
			b = appendStrings(b, values)
		}
	}
	return append(b, '}')
}

// appendSingle appends the headers with one value each, cookies only where the
// door has no better place for them.
func (a answer) appendSingle(b []byte, cookies bool) []byte {
	b = append(b, `,"headers":{`...)
	for _, name := range sortedNames(a.header) {
		switch values := a.header[name]; {
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
