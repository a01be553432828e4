package gateway

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/crumb-go/crumb/shared/cookie"
	"github.com/crumb-go/crumb/shared/frontdoor"
	"github.com/crumb-go/crumb/shared/rawjson"
)

// interpretV1 reads an answer to payload 1.0 ("Output format of a Lambda
// function for proxy integration"). A REST API refuses members it does not
// know, cookies above all, and decodes base64 only for an Accept that its
// binaryMediaTypes have; an HTTP API ignores the former and always decodes.
func (x *exchange) interpretV1(a *answer) (*reply, error) {
	contentType, decode := "text/plain; charset=utf-8", true
	if x.door == frontdoor.REST {
		if a.unknown != "" {
			return nil, fmt.Errorf("a REST API takes no member %.40q (cookies go into multiValueHeaders)", a.unknown)
		}
		accept, _, _ := strings.Cut(x.Header.Get("Accept"), ",")
		contentType, decode = "application/json", matchesMedia(x.api.BinaryMediaTypes, mediaType(accept))
	}
	body, err := a.decodeBody(decode)
	return &reply{a.status, withContentType(x.mergeV1(a), contentType), body}, err
}

// mergeV1 joins both header members: multiValueHeaders goes before headers,
// and of several spellings in headers the first wins.
func (x *exchange) mergeV1(a *answer) []line {
	lines := slices.Clone(a.multi)
	for i, h := range a.headers {
		switch same := func(l line) bool { return l.value == h.value && strings.EqualFold(l.name, h.name) }; {
		case slices.ContainsFunc(lines, same): // once is enough
		case contains(a.multi, h.name) || contains(a.headers[:i], h.name):
			x.warnLost(h, "in payload 1.0 multiValueHeaders goes before headers, and there the first spelling of a name")
		default:
			lines = append(lines, h)
		}
	}
	return lines
}

// interpretV2 reads an answer to payload 2.0, given what parseAnswer made of
// it. What has no statusCode is a body as a whole ("Lambda function response
// for format 2.0"); it need not even be JSON (aws-lambda-dotnet's Lambda Test
// Tool, which compares with the live service).
func (x *exchange) interpretV2(payload []byte, a *answer, err error) (*reply, error) {
	if errors.Is(err, errNotObject) || errors.Is(err, errNoStatus) {
		return x.inferred(payload), nil
	}
	if err != nil {
		return nil, err
	}
	cookies, err := parseList(a.cookies)
	if err != nil {
		return nil, fmt.Errorf("cookies: %w", err)
	}
	var lines []line
	for _, h := range a.headers {
		if isSetCookie(h.name) && x.door == frontdoor.HTTP && strings.Contains(h.value, ",") {
			x.warnLost(h, "an HTTP API splits it at each comma; return it in cookies")
			for part := range strings.SplitSeq(h.value, ",") {
				lines = append(lines, line{h.name, strings.TrimSpace(part)})
			}
			continue
		}
		lines = append(lines, h)
	}
	for _, c := range cookies {
		lines = append(lines, line{"Set-Cookie", c})
	}
	x.warnMulti(a)
	contentType := "text/plain; charset=utf-8"
	if x.door == frontdoor.URL {
		contentType = "application/json"
	}
	body, err := a.decodeBody(true)
	return &reply{a.status, withContentType(lines, contentType), body}, err
}

// inferred makes a response of a payload alone. Behind an HTTP API a string
// loses its quotes, behind a Function URL it keeps them ("Invoking Lambda
// function URLs" shows what the client sees).
func (x *exchange) inferred(payload []byte) *reply {
	if text := bytes.TrimSpace(payload); x.door == frontdoor.HTTP && isString(text) {
		payload = []byte(rawjson.Unquote(string(text)))
	}
	return &reply{http.StatusOK, withContentType(nil, "application/json"), payload}
}

// interpretALB reads an answer to a load balancer, which takes the header
// member that its event had and no other ("Use Lambda functions as targets of
// an Application Load Balancer").
func (x *exchange) interpretALB(a *answer) (*reply, error) {
	member, other := "headers", "multiValueHeaders"
	lines, unread, ok := a.headers, a.multi, a.hasHeaders
	if x.door == frontdoor.ALBMulti {
		member, other = other, member
		lines, unread, ok = unread, lines, a.hasMulti
	}
	if !ok {
		return nil, fmt.Errorf("the load balancer asked with %s and needs them in the answer, if only as {}", member)
	}
	for _, h := range unread {
		x.warnLost(h, "the load balancer asked with "+member+" and does not read "+other)
	}
	body, err := a.decodeBody(true)
	return &reply{a.status, lines, body}, err
}

func isString(value []byte) bool {
	return len(value) > 0 && value[0] == '"' && json.Valid(value)
}

func withContentType(lines []line, value string) []line {
	if contains(lines, "Content-Type") {
		return lines
	}
	return append(lines, line{"Content-Type", value})
}

// warnMulti logs cookies in a member that payload 2.0 does not have.
func (x *exchange) warnMulti(a *answer) {
	for _, h := range a.multi {
		x.warnLost(h, "payload 2.0 has no multiValueHeaders; return it in cookies")
	}
}

// warnLost logs a header line that the door drops or breaks, if it sets a
// cookie. Only the cookie's name is shown.
func (x *exchange) warnLost(h line, why string) {
	if !isSetCookie(h.name) {
		return
	}
	x.gateway.Log.Warn("a Set-Cookie is lost: "+why, "cookie", cookie.LineName(h.value), "function", x.route.Function.ID, "path", x.path)
}
