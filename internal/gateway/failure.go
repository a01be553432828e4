package gateway

import (
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/crumb-go/crumb/internal/sandbox"
	"github.com/crumb-go/crumb/shared/frontdoor"
)

// A problem is why a door answers by itself.
type problem string

const (
	noRoute          problem = "no-route"
	unauthorized     problem = "unauthorized" // an authorizer that looks for a token
	forbidden        problem = "forbidden"    // an authorizer that looks for a signature
	requestTooLarge  problem = "request-too-large"
	headersTooLarge  problem = "headers-too-large"
	functionFailed   problem = "function-failed" // an error, an exit, a timeout, a malformed answer
	badConfiguration problem = "bad-configuration"
	limitPassed      problem = "limit-passed" // the gateway's own time limit
)

// A failure is the answer to a problem.
type failure struct {
	status    int
	body      string
	errorType string // x-amzn-ErrorType
}

// failures are the answers of each door. Those of API Gateway are in "Gateway
// response types for API Gateway"; the bodies are as clients see them.
var failures = map[frontdoor.Door]map[problem]failure{
	frontdoor.REST:     restFailures,
	frontdoor.HTTP:     httpFailures,
	frontdoor.HTTP1:    httpFailures,
	frontdoor.URL:      urlFailures,
	frontdoor.ALB:      albFailures,
	frontdoor.ALBMulti: albFailures,
}

var restFailures = map[problem]failure{
	noRoute:          {403, `{"message":"Missing Authentication Token"}`, "MissingAuthenticationTokenException"},
	unauthorized:     {401, `{"message":"Unauthorized"}`, "UnauthorizedException"},
	forbidden:        {403, `{"message":"Missing Authentication Token"}`, "MissingAuthenticationTokenException"},
	requestTooLarge:  {413, `{"message":"Request Too Long"}`, "RequestTooLargeException"},
	headersTooLarge:  {431, `{"message":"Request Header Fields Too Large"}`, ""},
	functionFailed:   {502, `{"message": "Internal server error"}`, "InternalServerErrorException"},
	badConfiguration: {500, `{"message": "Internal server error"}`, "InternalServerErrorException"},
	limitPassed:      {504, `{"message":"Endpoint request timed out"}`, "InternalServerErrorException"},
}

var httpFailures = map[problem]failure{
	noRoute:          {404, `{"message":"Not Found"}`, ""},
	unauthorized:     {401, `{"message":"Unauthorized"}`, ""},
	forbidden:        {403, `{"message":"Forbidden"}`, ""},
	requestTooLarge:  {413, `{"message":"Request Entity Too Large"}`, ""},
	headersTooLarge:  {431, `{"message":"Request Header Fields Too Large"}`, ""},
	functionFailed:   {500, `{"message":"Internal Server Error"}`, ""},
	badConfiguration: {500, `{"message":"Internal Server Error"}`, ""},
	limitPassed:      {503, `{"message":"Service Unavailable"}`, ""},
}

var urlFailures = map[problem]failure{
	noRoute:          {404, `{"Message":null}`, ""},
	unauthorized:     {403, `{"Message":"Forbidden"}`, "AccessDeniedException"},
	forbidden:        {403, `{"Message":"Forbidden"}`, "AccessDeniedException"},
	requestTooLarge:  {413, `{"message":"Request Entity Too Large"}`, ""},
	headersTooLarge:  {431, `{"message":"Request Header Fields Too Large"}`, ""},
	functionFailed:   {502, `Internal Server Error`, ""},
	badConfiguration: {502, `Internal Server Error`, ""},
}

var albFailures = map[problem]failure{
	noRoute:          albFailure(404),
	unauthorized:     albFailure(401),
	forbidden:        albFailure(403),
	requestTooLarge:  albFailure(413),
	headersTooLarge:  albFailure(400),
	functionFailed:   albFailure(502),
	badConfiguration: albFailure(502),
}

func albFailure(status int) failure {
	title := fmt.Sprintf("%d %s", status, http.StatusText(status))
	return failure{status: status, body: "<html>\r\n<head><title>" + title + "</title></head>\r\n<body>\r\n<center><h1>" + title + "</h1></center>\r\n</body>\r\n</html>\r\n"}
}

// timeLimits are the integration timeouts ("Quotas for configuring and running
// a REST API in API Gateway", and the same for HTTP APIs). A Function URL and
// a load balancer wait for the function's own timeout.
var timeLimits = map[frontdoor.Door]time.Duration{
	frontdoor.REST:  29 * time.Second,
	frontdoor.HTTP:  30 * time.Second,
	frontdoor.HTTP1: 30 * time.Second,
}

// fail answers p; the reason goes to the log only.
func (x *exchange) fail(p problem, reason error) {
	f := failures[x.door][p]
	x.gateway.Log.Warn(reason.Error(), "method", x.Method, "path", x.path, "status", f.status)
	h := x.w.Header()
	x.addIDs(h)
	h.Set("Content-Type", "application/json")
	if x.door == frontdoor.ALB || x.door == frontdoor.ALBMulti {
		h.Set("Content-Type", "text/html")
	}
	if f.errorType != "" {
		h.Set("X-Amzn-Errortype", f.errorType)
	}
	x.write(f.status, []byte(f.body))
}

// failInvoke answers an event that a function did not.
func (x *exchange) failInvoke(err error) {
	var build *sandbox.BuildError
	switch {
	case x.Context().Err() != nil: // nobody is left to answer
	case errors.Is(err, errLimit):
		x.fail(limitPassed, fmt.Errorf("%s: %w of %v", x.route.Function.ID, err, timeLimits[x.door]))
	case errors.As(err, &build):
		x.addIDs(x.w.Header())
		writePage(x.w, failures[x.door][functionFailed].status, "crumb: "+build.Function+" does not compile\n\n"+build.Output)
	default:
		x.fail(functionFailed, fmt.Errorf("%s: %w", x.route.Function.ID, err))
	}
}
