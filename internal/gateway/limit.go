package gateway

import (
	"fmt"
	"io"
	"time"

	"github.com/crumb-go/crumb/shared/frontdoor"
)

// timeLimits are the integration timeouts ("Quotas for configuring and running
// a REST API in API Gateway", and the same for HTTP APIs). A Function URL and
// a load balancer wait for the function's own timeout.
var timeLimits = map[frontdoor.Door]time.Duration{
	frontdoor.REST:  29 * time.Second,
	frontdoor.HTTP:  30 * time.Second,
	frontdoor.HTTP1: 30 * time.Second,
}

// Sizes in bytes, from the quota pages of API Gateway and Lambda, and from
// "Troubleshoot your Application Load Balancers".
const (
	apiGatewayHeaders = 10240
	apiGatewayURL     = 10240 // a regional REST API
	apiGatewayBody    = 10 << 20
	lambdaPayload     = 6<<20 + 100 // 6 MB, and what Lambda really lets through
	albLine           = 16 << 10    // the request line, or one header
	albHead           = 64 << 10
	albBody           = 1 << 20 // a body, or the JSON of an answer
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
	limit := apiGatewayHeaders
	switch x.door {
	case frontdoor.REST:
		if n := len(x.path) + len(x.query); n > apiGatewayURL {
			return urlTooLong, fmt.Errorf("URL of %d bytes, limit %d", n, apiGatewayURL)
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
		return albBody
	case frontdoor.URL:
		return lambdaPayload
	}
	return apiGatewayBody
}

func answerLimit(door frontdoor.Door) int {
	switch door {
	case frontdoor.ALB, frontdoor.ALBMulti:
		return albBody
	}
	return lambdaPayload
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

// errAuthorizer says what guards a route.
func errAuthorizer(guard string) error {
	return fmt.Errorf("%s guards the route and crumb runs no authorizers: --insecure-skip-authorizers opens it", guard)
}

// authorize refuses what an authorizer guards.
func (x *exchange) authorize() problem {
	switch guard := x.route.Authorizer; {
	case guard == "" || x.gateway.InsecureSkipAuthorizers:
		return ""
	case guard == "AWS_IAM":
		return forbidden
	}
	return unauthorized
}
