package gateway

import (
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"slices"

	"github.com/crumb-go/crumb/internal/gobuild"
	"github.com/crumb-go/crumb/internal/lambda"
	"github.com/crumb-go/crumb/shared/frontdoor"
)

// A problem is why a door answers by itself.
type problem string

const (
	noRoute          problem = "no-route"
	unauthorized     problem = "unauthorized" // an authorizer that looks for a token
	forbidden        problem = "forbidden"    // an authorizer that looks for a signature
	keyless          problem = "keyless"      // no API key
	badRequest       problem = "bad-request"
	urlTooLong       problem = "url-too-long"
	headersTooLarge  problem = "headers-too-large"
	requestTooLarge  problem = "request-too-large" // for the door
	eventTooLarge    problem = "event-too-large"   // for Lambda
	functionFailed   problem = "function-failed"   // an error, an exit, a timeout, a malformed answer
	badConfiguration problem = "bad-configuration"
	limitPassed      problem = "limit-passed" // the gateway's own time limit
)

// A failure is the answer to a problem.
type failure struct {
	status    int
	body      string // JSON, HTML or text
	errorType string // x-amzn-ErrorType
}

// failures are the answers of each door. Those of API Gateway are in "Gateway
// response types for API Gateway"; the bodies are as clients have reported
// them. No page says what happens over 10,240 bytes of headers; people have
// met 431 and Netty's words.
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
	keyless:          {403, `{"message":"Forbidden"}`, "ForbiddenException"},
	badRequest:       {400, `{"message": "Bad Request"}`, "BadRequestException"},
	urlTooLong:       {414, `HTTP line is larger than 10240 bytes.`, ""},
	headersTooLarge:  {431, `HTTP header is larger than 10240 bytes.`, ""},
	requestTooLarge:  {413, `HTTP content length exceeded 10485760 bytes.`, ""},
	eventTooLarge:    {413, `{"message": "Request Too Long"}`, "BadRequestException"},
	functionFailed:   {502, `{"message": "Internal server error"}`, "InternalServerErrorException"},
	badConfiguration: {500, `{"message": "Internal server error"}`, "InternalServerErrorException"},
	limitPassed:      {504, `{"message":"Endpoint request timed out"}`, "InternalServerErrorException"},
}

var httpFailures = map[problem]failure{
	noRoute:          {404, `{"message":"Not Found"}`, ""},
	unauthorized:     {401, `{"message":"Unauthorized"}`, ""},
	forbidden:        {403, `{"message":"Forbidden"}`, ""},
	keyless:          {403, `{"message":"Forbidden"}`, ""},
	badRequest:       {400, `{"message":"Bad Request"}`, ""},
	headersTooLarge:  {431, `{"message":"Request Header Fields Too Large"}`, ""},
	requestTooLarge:  {413, `{"message":"Request Entity Too Large"}`, ""},
	eventTooLarge:    {413, `{"message":"Request Entity Too Large"}`, ""},
	functionFailed:   {500, `{"message":"Internal Server Error"}`, ""},
	badConfiguration: {500, `{"message":"Internal Server Error"}`, ""},
	limitPassed:      {503, `{"message":"Service Unavailable"}`, ""},
}

var urlFailures = map[problem]failure{
	noRoute:          {404, `{"Message":null}`, ""},
	unauthorized:     {403, `{"Message":"Forbidden"}`, "AccessDeniedException"},
	forbidden:        {403, `{"Message":"Forbidden"}`, "AccessDeniedException"},
	keyless:          {403, `{"Message":"Forbidden"}`, "AccessDeniedException"},
	badRequest:       {400, `{"Message":"Bad Request"}`, ""},
	requestTooLarge:  {413, `{"Message":"Request Entity Too Large"}`, ""},
	eventTooLarge:    {413, `{"Message":"Request Entity Too Large"}`, ""},
	functionFailed:   {502, `Internal Server Error`, ""},
	badConfiguration: {502, `Internal Server Error`, ""},
}

var albFailures = map[problem]failure{
	noRoute:          albFailure(404),
	unauthorized:     albFailure(401),
	forbidden:        albFailure(403),
	keyless:          albFailure(403),
	badRequest:       albFailure(400),
	headersTooLarge:  albFailure(400),
	requestTooLarge:  albFailure(413),
	eventTooLarge:    albFailure(413),
	functionFailed:   albFailure(502),
	badConfiguration: albFailure(502),
}

func albFailure(status int) failure {
	title := fmt.Sprintf("%d %s", status, http.StatusText(status))
	return failure{status: status, body: "<html>\r\n<head><title>" + title + "</title></head>\r\n<body>\r\n<center><h1>" + title + "</h1></center>\r\n</body>\r\n</html>\r\n"}
}

// contentType is that of the body, which starts as its kind does.
func (f failure) contentType() string {
	switch f.body[0] {
	case '{':
		return "application/json"
	case '<':
		return "text/html"
	}
	return "text/plain; charset=utf-8"
}

// askedByBrowsers is what browsers and their tools ask for by themselves: no
// reason to worry a developer whose pages do not mention it.
var askedByBrowsers = []string{
	"/favicon.ico", "/apple-touch-icon.png", "/apple-touch-icon-precomposed.png",
	"/.well-known/appspecific/com.chrome.devtools.json",
}

// fail answers p; the reason goes to the log only.
func (x *exchange) fail(p problem, reason error) {
	f := failures[x.door][p]
	x.problem = reason.Error()
	level := slog.LevelWarn
	if p == noRoute && slices.Contains(askedByBrowsers, x.path) {
		level = slog.LevelDebug
	}
	x.gateway.Log.Log(x.Context(), level, x.problem, "method", x.Method, "path", x.path, "status", f.status)
	h := x.w.Header()
	x.addIDs(h)
	h.Set("Content-Type", f.contentType())
	if f.errorType != "" {
		h.Set("X-Amzn-Errortype", f.errorType)
	}
	x.write(f.status, []byte(f.body))
}

// failInvoke answers an event that a function did not. What the function said
// about its error is in its own log.
func (x *exchange) failInvoke(err error) {
	var build *gobuild.Error
	var failed *lambda.FunctionError
	switch {
	case errors.Is(err, errLimit):
		x.fail(limitPassed, fmt.Errorf("%s: %w: %v", x.route.Function.ID, err, x.timeLimit()))
	case errors.As(err, &build):
		x.refuse("build of " + build.Function + " failed\n\n" + build.Output)
	case errors.As(err, &failed):
		x.fail(functionFailed, fmt.Errorf("%s: %s", x.route.Function.ID, failed.Type))
	default:
		x.fail(functionFailed, fmt.Errorf("%s: %w", x.route.Function.ID, err))
	}
}

// refuse answers for a function that cannot be run here, with the status of
// one that failed and words for the developer.
func (x *exchange) refuse(text string) {
	x.addIDs(x.w.Header())
	x.problem = text
	x.report(failures[x.door][functionFailed].status)
	writePage(x.w, failures[x.door][functionFailed].status, "crumb: "+text)
}
