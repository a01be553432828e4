package gateway

import (
	"fmt"
	"io"
	"time"

	"github.com/crumb-go/crumb/shared/frontdoor"
	"github.com/crumb-go/crumb/shared/wire"
)

// timeLimit is how long x may take, 0 for as long as the function's own timeout
// lets it. For a stream that is until its end: a REST API lets its integration
// timeout be set to up to 15 minutes there, and it is 29 seconds by default
// all the same ("Stream the integration response for your proxy integrations in
// API Gateway").
func (x *exchange) timeLimit() time.Duration {
	limit := timeLimits[x.door]
	switch {
	case x.gateway.NoTimeLimit:
		return 0
	case limit > 0 && x.route.Timeout > 0:
		return x.route.Timeout
	}
	return limit
}

// idleLimit is how long a stream may pause, 0 for as long as it wants ("Stream the
// integration response for your proxy integrations in API Gateway"; of Function
// URLs no page says such a thing).
func (x *exchange) idleLimit() time.Duration {
	switch {
	case x.gateway.NoTimeLimit || x.door != frontdoor.REST:
		return 0
	case x.api.Edge:
		return 30 * time.Second
	}
	return 5 * time.Minute
}

// timeLimits are the integration timeouts of routes that set none ("Quotas for configuring and running
// a REST API in API Gateway", and the same for HTTP APIs). A Function URL and
// a load balancer wait for the function's own timeout.
var timeLimits = map[frontdoor.Door]time.Duration{
	frontdoor.REST:  wire.RESTTimeout,
	frontdoor.HTTP:  wire.HTTPTimeout,
	frontdoor.HTTP1: wire.HTTPTimeout,
}

// Sizes in bytes, from "Troubleshoot your Application Load Balancers".
const (
	albLine = 16 << 10 // the request line, or one header
	albHead = 64 << 10
)

// checkHead holds the request line and the headers against the door's limits.
func (x *exchange) checkHead() (problem, error) {
	total, longest := len(x.Host), 0
	for name, values := range x.Header {
		for _, v := range values {
			total += len(v)
			longest = max(longest, len(name)+len(": ")+len(v))
		}
	}
	line := len(x.Method) + len(x.path) + len(x.query) + len(" ? HTTP/1.1")
	limit := wire.MaxHeaders
	switch x.door {
	case frontdoor.REST:
		if n := len(x.path) + len(x.query); n > wire.MaxURL {
			return urlTooLong, fmt.Errorf("URL of %d bytes, limit %d", n, wire.MaxURL)
		}
	case frontdoor.HTTP, frontdoor.HTTP1:
		total += line
	case frontdoor.ALB, frontdoor.ALBMulti:
		if n := max(line, longest); n > albLine {
			return headersTooLarge, fmt.Errorf("request line or header of %d bytes, limit %d", n, albLine)
		}
		limit = albHead
	default:
		return "", nil
	}
	if total > limit {
		return headersTooLarge, fmt.Errorf("%d bytes of request headers, limit %d; how large are the cookies?", total, limit)
	}
	return "", nil
}

func bodyLimit(door frontdoor.Door) int64 {
	switch door {
	case frontdoor.ALB, frontdoor.ALBMulti:
		return wire.MaxALBBody
	case frontdoor.URL:
		return wire.MaxPayload
	}
	return wire.MaxAPIBody
}

func answerLimit(door frontdoor.Door) int {
	switch door {
	case frontdoor.ALB, frontdoor.ALBMulti:
		return wire.MaxALBBody
	}
	return wire.MaxPayload
}

// readBody reads the request body.
func (x *exchange) readBody() (problem, error) {
	if x.ContentLength == 0 {
		return "", nil
	}
	limit := bodyLimit(x.door)
	body, err := io.ReadAll(io.LimitReader(x.Body, limit+1))
	if err != nil {
		return badRequest, fmt.Errorf("read request body: %w", err)
	}
	if int64(len(body)) > limit {
		return requestTooLarge, fmt.Errorf("request body over %d bytes", limit)
	}
	x.body = body
	return "", nil
}

// authorize answers what guard, which crumb does not run, would have to let
// through; false when there is none.
func (x *exchange) authorize(guard string) (refused bool) {
	if guard == "" || x.gateway.InsecureSkipAuthorizers {
		return false
	}
	refusal := unauthorized
	switch guard {
	case "AWS_IAM":
		refusal = forbidden
	case "ApiKeyRequired":
		refusal = keyless
	}
	x.fail(refusal, fmt.Errorf("%s guards the route and crumb runs no authorizers: --insecure-skip-authorizers opens it", guard))
	return true
}
