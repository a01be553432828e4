package gateway

import (
	"fmt"
	"slices"
	"strings"

	"github.com/crumb-go/crumb/shared/cookie"
)

// Payload 1.0 merges both members of headers. aws-lambda-dotnet recorded the orders
// on 2025-04-14, which for Set-Cookie say whose cookie wins.

func mergedLines(x *exchange, r *functionResponse) ([]line, error) {
	return append(slices.Clone(r.multi), x.singleOf(r)...), nil
}

func mergedLinesHTTP(x *exchange, r *functionResponse) ([]line, error) {
	return append(x.singleOf(r), r.multi...), nil
}

// singleOf is what headers adds to multiValueHeaders: of several spellings the first,
// and no pair that is there already.
func (x *exchange) singleOf(r *functionResponse) []line {
	var lines []line
	for i, h := range r.headers {
		switch same := func(l line) bool { return l.value == h.value && strings.EqualFold(l.name, h.name) }; {
		case slices.ContainsFunc(r.multi, same) || slices.ContainsFunc(lines, same): // once is enough
		case contains(r.headers[:i], h.name):
			x.warnLost(h, "payload 1.0 takes the first spelling of a name in headers")
		default:
			lines = append(lines, h)
		}
	}
	return lines
}

// singleLines takes headers alone, as payload 2.0 has no multiValueHeaders.
func singleLines(x *exchange, r *functionResponse) ([]line, error) {
	for _, h := range r.multi {
		x.warnLost(h, "payload 2.0 has no multiValueHeaders; return it in cookies")
	}
	return slices.Clip(r.headers), nil
}

// splitLines does so too, and splits a Set-Cookie at each comma, as an HTTP API does.
func splitLines(x *exchange, r *functionResponse) ([]line, error) {
	headers, _ := singleLines(x, r)
	var lines []line
	for _, h := range headers {
		if !isSetCookie(h.name) || !strings.Contains(h.value, ",") {
			lines = append(lines, h)
			continue
		}
		x.warnLost(h, "an HTTP API splits it at each comma; return it in cookies")
		for part := range strings.SplitSeq(h.value, ",") {
			lines = append(lines, line{h.name, strings.TrimSpace(part)})
		}
	}
	return lines, nil
}

// A load balancer takes the member of headers that its event had, and no other.

func albLines(x *exchange, r *functionResponse) ([]line, error) {
	return x.takeMember(r.headers, r.headersText, "headers", r.multi, r.multiText, "multiValueHeaders")
}

// albMultiLines reverses the values of each name, as people saw it in 2022 and 2023
// (dougmoscrop/serverless-http#244, pull request 50 of AWS's user guide). It is not
// documented, and nothing newer is recorded.
func albMultiLines(x *exchange, r *functionResponse) ([]line, error) {
	lines := slices.Clone(r.multi)
	slices.Reverse(lines)
	return x.takeMember(lines, r.multiText, "multiValueHeaders", r.headers, r.headersText, "headers")
}

// takeMember takes lines from a member with this JSON text. It may be absent where the
// other one is, too (aws-lambda-go#438, 2022-04-07).
func (x *exchange) takeMember(lines []line, text, member string, ignored []line, otherText, other string) ([]line, error) {
	if text == "null" || text == "" && otherText != "" && otherText != "null" {
		return nil, fmt.Errorf("the load balancer sent %s; the response must include it (may be {})", member)
	}
	for _, h := range ignored {
		x.warnLost(h, "the load balancer sent "+member+" and does not read "+other)
	}
	return lines, nil
}

// warnLost logs a header line that the door drops or breaks, if it sets a
// cookie. Only the cookie's name is shown.
func (x *exchange) warnLost(h line, why string) {
	if !isSetCookie(h.name) {
		return
	}
	x.gateway.log.Warn("a Set-Cookie is lost: "+why, "cookie", cookie.LineName(h.value), "function", x.route.Function.ID, "path", x.path)
}

func withContentType(lines []line, value string) []line {
	if contains(lines, "Content-Type") {
		return lines
	}
	return append(lines, line{"Content-Type", value})
}

// contains tells whether lines has a header, in any spelling.
func contains(lines []line, name string) bool {
	return slices.ContainsFunc(lines, func(l line) bool { return strings.EqualFold(l.name, name) })
}

func isSetCookie(name string) bool { return strings.EqualFold(name, "Set-Cookie") }
