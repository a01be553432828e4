package gateway

import (
	"cmp"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"slices"

	"github.com/crumb-go/crumb/internal/gobuild"
	"github.com/crumb-go/crumb/internal/lambda"
)

// A problem is a reason for which a door responds by itself.
type problem int

const (
	functionFailed   problem = iota // an error, an exit, a timeout, a malformed response
	badConfiguration                // base64 that a REST API cannot decode
	limitPassed                     // the gateway's own time limit
	noRoute
	unauthorized    // an authorizer that looks for a token
	unsigned        // an authorizer that looks for a signature
	keyless         // no API key
	expired         // a token
	forbidden       // nothing allows the request
	denied          // a statement of a policy denies it
	longARN         // the method's, of a REST API
	notAuthorized   // the authorizer failed, or its response is malformed
	badRequest      // a body that breaks off
	urlTooLong      // a path and a query
	headersTooLarge // or a request line
	requestTooLarge // a body, for the door
	eventTooLarge   // for Lambda
	problems        // how many there are
)

// An errorResponse is the response to a problem.
type errorResponse struct {
	status    int
	body      string // JSON, HTML or text
	errorType string // x-amzn-ErrorType
}

// An errorTable has a door's responses to problems; one that does not occur behind the
// door has that of functionFailed. Those of API Gateway are
// in "Gateway response types for API Gateway", the statuses of a load balancer in
// "Troubleshoot your Application Load Balancers"; the bodies are as clients have
// reported them. No page says what happens over 10,240 bytes of headers; people
// have met 431 and Netty's words.
type errorTable [problems]errorResponse

var restErrors = errorTable{
	noRoute:          {403, `{"message":"Missing Authentication Token"}`, "MissingAuthenticationTokenException"},
	unauthorized:     {401, `{"message":"Unauthorized"}`, "UnauthorizedException"},
	unsigned:         {403, `{"message":"Missing Authentication Token"}`, "MissingAuthenticationTokenException"},
	keyless:          {403, `{"message":"Forbidden"}`, "ForbiddenException"},
	expired:          {401, `{"message":"The incoming token has expired"}`, "UnauthorizedException"},
	forbidden:        {403, `{"Message":"User is not authorized to access this resource"}`, "AccessDeniedException"},
	denied:           {403, `{"Message":"User is not authorized to access this resource with an explicit deny in an identity-based policy"}`, "AccessDeniedException"},
	longARN:          {414, `{"message":"Request URI too long"}`, ""},
	notAuthorized:    {500, `{"message":null}`, "AuthorizerConfigurationException"},
	badRequest:       {400, `{"message": "Bad Request"}`, "BadRequestException"},
	urlTooLong:       {414, `HTTP line is larger than 10240 bytes.`, ""},
	headersTooLarge:  {431, `HTTP header is larger than 10240 bytes.`, ""},
	requestTooLarge:  {413, `HTTP content length exceeded 10485760 bytes.`, ""},
	eventTooLarge:    {413, `{"message": "Request Too Long"}`, "BadRequestException"},
	functionFailed:   {502, `{"message": "Internal server error"}`, "InternalServerErrorException"},
	badConfiguration: {500, `{"message": "Internal server error"}`, "InternalServerErrorException"},
	limitPassed:      {504, `{"message":"Endpoint request timed out"}`, "InternalServerErrorException"},
}

var httpErrors = errorTable{
	noRoute:         {404, `{"message":"Not Found"}`, ""},
	unauthorized:    {401, `{"message":"Unauthorized"}`, ""},
	unsigned:        {403, `{"message":"Forbidden"}`, ""},
	keyless:         {403, `{"message":"Forbidden"}`, ""},
	forbidden:       {403, `{"message":"Forbidden"}`, ""},
	denied:          {403, `{"message":"Forbidden"}`, ""},
	notAuthorized:   {500, `{"message":"Internal Server Error"}`, ""},
	badRequest:      {400, `{"message":"Bad Request"}`, ""},
	headersTooLarge: {431, `{"message":"Request Header Fields Too Large"}`, ""}, // with the request line
	requestTooLarge: {413, `{"message":"Request Entity Too Large"}`, ""},
	eventTooLarge:   {413, `{"message":"Request Entity Too Large"}`, ""},
	functionFailed:  {500, `{"message":"Internal Server Error"}`, ""},
	limitPassed:     {503, `{"message":"Service Unavailable"}`, ""},
}

// The text for unsigned was recorded by localstack on 2025-11-24. No page has a limit of
// Function URLs for a head, or one for the time beside the function's own.
var urlErrors = errorTable{
	noRoute:         {404, `{"Message":null}`, ""},
	unauthorized:    {403, `{"Message":"Forbidden"}`, "AccessDeniedException"},
	unsigned:        {403, `{"Message":"Forbidden. For troubleshooting Function URL authorization issues, see: https://docs.aws.amazon.com/lambda/latest/dg/urls-auth.html"}`, "AccessDeniedException"},
	keyless:         {403, `{"Message":"Forbidden"}`, "AccessDeniedException"},
	badRequest:      {400, `{"Message":"Bad Request"}`, ""},
	requestTooLarge: {413, `{"Message":"Request Entity Too Large"}`, ""},
	eventTooLarge:   {413, `{"Message":"Request Entity Too Large"}`, ""},
	functionFailed:  {502, `Internal Server Error`, ""},
}

var albErrors = errorTable{
	noRoute:         albError(404),
	unauthorized:    albError(401),
	unsigned:        albError(403),
	keyless:         albError(403),
	badRequest:      albError(400),
	headersTooLarge: albError(400),
	requestTooLarge: albError(413),
	eventTooLarge:   albError(413),
	functionFailed:  albError(502),
}

func albError(status int) errorResponse {
	title := fmt.Sprintf("%d %s", status, http.StatusText(status))
	return errorResponse{status: status, body: "<html>\r\n<head><title>" + title + "</title></head>\r\n<body>\r\n<center><h1>" + title + "</h1></center>\r\n</body>\r\n</html>\r\n"}
}

// contentType is that of the body, which starts as its kind does.
func (e errorResponse) contentType() string {
	switch e.body[0] {
	case '{':
		return "application/json"
	case '<':
		return "text/html"
	}
	return plainText
}

// A gatewayError is an error with the problem that it is to the client. Any other
// error is a failed function's.
type gatewayError struct {
	problem problem
	cause   error
}

func (e *gatewayError) Error() string { return e.cause.Error() }
func (e *gatewayError) Unwrap() error { return e.cause }

// errorFor is a gatewayError with a message.
func errorFor(p problem, format string, args ...any) error {
	return &gatewayError{p, fmt.Errorf(format, args...)}
}

// A notRunError says why a function is not run here.
type notRunError string

func (e notRunError) Error() string { return string(e) }

// sendError responds to a request that the function has not: the client gets the
// door's words for the problem, the reason goes to the log only. What the function
// said about an error is in its own log.
func (x *exchange) sendError(err error) {
	var own *gatewayError
	var notRun notRunError
	var build *gobuild.Error
	var failed *lambda.FunctionError
	switch {
	case errors.As(err, &own):
		x.sendProblem(own.problem, slog.LevelWarn, own.cause.Error())
	case errors.Is(err, errTimeLimit):
		x.sendProblem(limitPassed, slog.LevelWarn, fmt.Sprintf("%s: %v: %v", x.running, err, x.timeLimit()))
	case errors.As(err, &notRun):
		x.sendPage(string(notRun))
	case errors.As(err, &build):
		x.sendPage("build of " + build.Function + " failed\n\n" + build.Output)
	case errors.As(err, &failed):
		x.sendProblem(functionFailed, slog.LevelWarn, x.running+": "+failed.Type)
	case x.clientLeft(err):
		x.sendProblem(functionFailed, slog.LevelInfo, fmt.Sprintf("%s: %v", x.running, errClientLeft))
	default:
		x.sendProblem(functionFailed, slog.LevelWarn, fmt.Sprintf("%s: %v", x.running, err))
	}
}

// errClientLeft does not mean that anything failed: browsers that follow another link
// leave requests behind.
var errClientLeft = errors.New("the client went away")

// clientLeft reports whether err, if it is not a limit, comes from a client that does
// not wait for the response.
func (x *exchange) clientLeft(err error) bool {
	return errors.Is(err, errClientLeft) || x.req.Context().Err() != nil
}

// askedByBrowsers is what browsers and their tools ask for by themselves, which
// need not worry a developer whose pages do not mention it.
var askedByBrowsers = []string{
	"/favicon.ico", "/apple-touch-icon.png", "/apple-touch-icon-precomposed.png",
	"/.well-known/appspecific/com.chrome.devtools.json",
}

func (x *exchange) sendProblem(p problem, level slog.Level, reason string) {
	e := cmp.Or(x.door.errors[p], x.door.errors[functionFailed])
	h := x.w.Header()
	x.addIDs()
	h.Set("Content-Type", e.contentType())
	if e.errorType != "" {
		h.Set("X-Amzn-Errortype", e.errorType)
	}
	status, body := x.custom(p, e)
	x.reason = reason
	if p == noRoute && slices.Contains(askedByBrowsers, x.path) {
		level = slog.LevelDebug
	}
	x.gateway.log.Log(x.req.Context(), level, reason, "method", x.req.Method, "path", x.path, "status", status)
	x.write(status, []byte(body))
}

// sendPage responds for a function that cannot be run here, with the status of one
// that failed and words for the developer.
func (x *exchange) sendPage(text string) {
	status := x.door.errors[functionFailed].status
	x.addIDs()
	x.reason = text
	x.report(status)
	writePage(x.w, status, "crumb: "+text)
}

// writePage writes a response of crumb's own, in plain text so that nothing in it
// can be markup.
func writePage(w http.ResponseWriter, status int, text string) {
	h := w.Header()
	h.Set("Content-Type", "text/plain; charset=utf-8")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	fmt.Fprintln(w, text)
}
