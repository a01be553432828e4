package gateway

import (
	"errors"
	"fmt"
	"io"

	"github.com/crumb-go/crumb/shared/frontdoor"
)

const (
	apiGatewayBody = 10 << 20 // bytes: "Payload size" of REST and HTTP APIs
	lambdaBody     = 6 << 20  // bytes: "Invocation payload" of Lambda, both ways
	albBody        = 1 << 20  // bytes: a load balancer's request body and answer
)

func bodyLimit(door frontdoor.Door) int64 {
	switch door {
	case frontdoor.ALB, frontdoor.ALBMulti:
		return albBody
	case frontdoor.URL:
		return lambdaBody
	}
	return apiGatewayBody
}

// readBody reads the request body.
func (x *exchange) readBody() (problem, error) {
	limit := bodyLimit(x.door)
	body, err := io.ReadAll(io.LimitReader(x.Body, limit+1))
	if err != nil {
		return requestTooLarge, fmt.Errorf("read request body: %w", err)
	}
	if int64(len(body)) > limit {
		return requestTooLarge, fmt.Errorf("request body over %d bytes", limit)
	}
	x.body = body
	return "", nil
}

var errAuthorizer = errors.New("crumb runs no authorizers: --insecure-skip-authorizers opens the route")

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
