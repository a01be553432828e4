package gateway

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/crumb-go/crumb/shared/frontdoor"
)

// restMembers are the only ones that a REST API accepts.
var restMembers = []string{"statusCode", "headers", "multiValueHeaders", "body", "isBase64Encoded"}

// interpretV1 reads payload 1.0 ("Output format of a Lambda function for proxy
// integration"). A REST API refuses members it does not know, cookies above
// all, and decodes base64 only for an Accept in its binaryMediaTypes; an HTTP
// API ignores and decodes.
func (x *exchange) interpretV1(a *answer) (*reply, error) {
	rest := x.door == frontdoor.REST
	contentType, decode := "text/plain; charset=utf-8", true
	if rest {
		for name := range a.members {
			if !slices.Contains(restMembers, name) {
				return nil, fmt.Errorf("malformed answer: a REST API takes no member %q; cookies go into multiValueHeaders[\"Set-Cookie\"]", name)
			}
		}
		contentType = "application/json"
		accept, _, _ := strings.Cut(x.Header.Get("Accept"), ",")
		decode = matchesMedia(x.api.BinaryMediaTypes, mediaType(accept))
	}
	re := &reply{status: a.status, lines: slices.Clone(a.multi)}
	for i, h := range a.headers {
		if contains(a.multi, h.name) || contains(a.headers[:i], h.name) {
			x.warnLost(h, "payload 1.0 takes multiValueHeaders before headers, and of several spellings the first")
			continue
		}
		re.lines = append(re.lines, h)
	}
	if !contains(re.lines, "Content-Type") {
		re.lines = append(re.lines, line{"Content-Type", contentType})
	}
	var err error
	re.body, err = a.decodeBody(decode)
	return re, err
}

// interpretV2 reads payload 2.0 from valid JSON. Without a statusCode the
// whole answer is the body, a string without its quotes.
func (x *exchange) interpretV2(payload []byte) (*reply, error) {
	var probe struct {
		StatusCode json.RawMessage   `json:"statusCode"`
		Cookies    []json.RawMessage `json:"cookies"`
	}
	var text string
	if json.Unmarshal(payload, &text) == nil && string(payload) != "null" {
		return inferred([]byte(text)), nil
	}
	if err := json.Unmarshal(payload, &probe); probe.StatusCode == nil {
		_ = err // whatever is no object with a statusCode is a body
		return inferred(payload), nil
	} else if err != nil {
		return nil, errors.New("malformed answer: cookies: not an array")
	}
	a, err := parseAnswer(payload)
	if err != nil {
		return nil, err
	}
	re := &reply{status: a.status}
	for _, h := range a.headers {
		if isSetCookie(h.name) && x.door == frontdoor.HTTP && strings.Contains(h.value, ",") {
			x.warnLost(h, "an HTTP API splits headers[\"set-cookie\"] at each comma; return cookies")
			for part := range strings.SplitSeq(h.value, ",") {
				re.lines = append(re.lines, line{h.name, strings.TrimSpace(part)})
			}
			continue
		}
		re.lines = append(re.lines, h)
	}
	for _, raw := range probe.Cookies {
		c, ok, err := scalar(raw)
		if err != nil {
			return nil, fmt.Errorf("malformed answer: cookies: %w", err)
		}
		if ok {
			re.lines = append(re.lines, line{"Set-Cookie", c})
		}
	}
	for _, h := range a.multi {
		x.warnLost(h, "payload 2.0 has no multiValueHeaders; return cookies")
	}
	if !contains(re.lines, "Content-Type") {
		contentType := "text/plain; charset=utf-8"
		if x.door == frontdoor.URL {
			contentType = "application/json"
		}
		re.lines = append(re.lines, line{"Content-Type", contentType})
	}
	re.body, err = a.decodeBody(true)
	return re, err
}

// interpretALB reads an answer to a load balancer, which takes the header
// member that its event had and no other.
func (x *exchange) interpretALB(a *answer) (*reply, error) {
	multi := x.door == frontdoor.ALBMulti
	lines, other := a.headers, a.multi
	if multi {
		lines, other = a.multi, a.headers
	}
	switch {
	case multi && !a.hasMulti:
		return nil, errors.New("malformed answer: a load balancer with multi-value headers needs multiValueHeaders, if only {}")
	case !multi && !a.hasHeaders:
		return nil, errors.New("malformed answer: a load balancer without multi-value headers needs headers, if only {}")
	}
	for _, h := range other {
		if !contains(lines, h.name) {
			x.warnLost(h, "a load balancer reads only the member that its event had")
		}
	}
	body, err := a.decodeBody(true)
	if err != nil {
		return nil, err
	}
	return &reply{status: a.status, lines: lines, body: body}, nil
}

// warnLost logs a header that the door drops or cuts, if it is a cookie.
func (x *exchange) warnLost(h line, why string) {
	if !isSetCookie(h.name) {
		return
	}
	name, _, _ := strings.Cut(h.value, "=")
	x.gateway.Log.Warn("the browser does not get this Set-Cookie: "+why, "cookie", strings.TrimSpace(name), "function", x.route.Function.ID, "path", x.path)
}
