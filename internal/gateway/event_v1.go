package gateway

import (
	"cmp"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/crumb-go/crumb/internal/app"
	"github.com/crumb-go/crumb/internal/spelling"
)

// v1 is what REST APIs and HTTP APIs do differently in payload 1.0.
type v1 struct {
	version             string // "" for no such member
	path, resource      string
	fullPath, requestID string // of requestContext
	headers             []header
	params              []param
	decoded             bool // path parameters are

	// Of requestContext, as aws-lambda-dotnet (2025-04-14) and localstack (2024-07-22)
	// recorded them; cognitoAmr: spring-cloud-function (2023-07-11).
	deploymentID, resourceID string // "" for no deploymentId
	noAgent                  string // JSON of userAgent where the client sent none
	amr                      bool   // identity has a cognitoAmr
}

// writeREST writes payload 1.0 as a REST API does ("Set up Lambda proxy
// integrations in API Gateway"): the path as the client sent it, in the request
// context with each slash at its start (recorded by localstack, 2024-08-02), and the
// door's headers in title case, as is Authorization however the client spells it.
func writeREST(q *request, w *jsonWriter) {
	e := v1{
		path: q.path, resource: q.route.Path, fullPath: q.endpoint.stagePrefix() + q.slashes + q.path,
		requestID: q.requestID, headers: q.titleCaseHeaders("Authorization", "User-Agent"), params: q.params,
		deploymentID: stableID(q.endpoint.apiID, 6), resourceID: q.route.resourceID, noAgent: "null",
	}
	if e.resource == defaultRoute { // which a REST API does not have
		e.resource = "/{proxy+}"
		if rest := strings.Trim(q.path, "/"); rest != "" {
			e.params = []param{{"proxy", rest}}
		}
	}
	q.writeV1(w, e)
}

// writeHTTP1 writes payload 1.0 as an HTTP API does ("Create AWS Lambda proxy
// integrations for HTTP APIs"): with a version, both paths behind a named stage, that
// of the request context decoded, and the door's headers in title case, as is
// Content-Type (recorded by aws-lambda-dotnet, 2025-04-14).
func writeHTTP1(q *request, w *jsonWriter) {
	length := header{"Content-Length", []string{strconv.Itoa(len(q.body))}}
	q.writeV1(w, v1{
		version: "1.0", path: q.endpoint.stagePrefix() + q.path, resource: q.route.Path,
		fullPath:  q.endpoint.stagePrefix() + q.slashes + decodePath(q.path),
		requestID: q.extended, headers: append(q.titleCaseHeaders("Content-Type", "User-Agent"), length), params: q.params, decoded: true,
		resourceID: q.routeKey(), noAgent: `""`, amr: true,
	})
}

func (q *request) writeV1(w *jsonWriter, e v1) {
	if e.version != "" {
		w.text("version", e.version)
	}
	w.text("resource", e.resource)
	w.octets("path", e.path)
	w.text("httpMethod", q.req.Method)
	w.writeMap("headers", e.headers, last)
	w.writeMultiMap("multiValueHeaders", e.headers)
	if query := grouped(q.query, true); len(query) > 0 {
		w.writeMap("queryStringParameters", query, last)
		w.writeMultiMap("multiValueQueryStringParameters", query)
	} else {
		w.null("queryStringParameters")
		w.null("multiValueQueryStringParameters")
	}
	if len(e.params) > 0 {
		w.writePathParameters(e.params, e.decoded)
	} else {
		w.null("pathParameters")
	}
	if len(q.api.StageVariables) > 0 {
		w.writeStageVariables(q.api.StageVariables)
	} else {
		w.null("stageVariables")
	}
	q.writeV1Context(w, e)
	q.writeBody(w, "null")
}

// titleCaseHeaders adds the headers of payload 1.0, which are in title case, as are
// some of the client's. Its others have the client's spelling where it is known.
func (q *request) titleCaseHeaders(clients ...string) []header {
	list, spelled := q.passedHeaders(), spelling.Of(q.req, notPassed)
	for i, h := range list {
		name := http.CanonicalHeaderKey(h.name)
		if !slices.Contains(clients, name) {
			name = cmp.Or(spelled[name], h.name)
		}
		list[i].name = name
	}
	proto, port := q.forwarded()
	return append(list,
		header{"Host", []string{q.host()}},
		header{"X-Amzn-Trace-Id", []string{q.traceID}},
		header{"X-Forwarded-For", []string{q.forwardedFor()}},
		header{"X-Forwarded-Port", []string{port}},
		header{"X-Forwarded-Proto", []string{proto}})
}

func (q *request) writeV1Context(w *jsonWriter, e v1) {
	w.object("requestContext")
	w.text("accountId", app.DefaultAccountID)
	w.text("apiId", q.endpoint.apiID)
	if e.deploymentID != "" {
		w.text("deploymentId", e.deploymentID)
	}
	w.text("domainName", q.domain)
	w.text("domainPrefix", q.domainPrefix())
	w.text("extendedRequestId", q.extended)
	w.text("httpMethod", q.req.Method)
	w.object("identity")
	for _, key := range identityKeys {
		switch agent := q.req.Header["User-Agent"]; {
		case key == "cognitoAmr" && !e.amr:
		case key == "sourceIp":
			w.text(key, q.sourceIP)
		case key == "userAgent" && len(agent) > 0:
			w.octets(key, last(agent))
		case key == "userAgent":
			w.raw(key, e.noAgent)
		default:
			w.null(key)
		}
	}
	w.close('}')
	w.octets("path", e.fullPath)
	w.text("protocol", cmp.Or(q.req.Proto, "HTTP/1.1"))
	w.text("requestId", e.requestID)
	w.text("requestTime", q.now.UTC().Format(requestTime))
	w.int("requestTimeEpoch", q.now.UnixMilli())
	w.text("resourceId", e.resourceID)
	w.text("resourcePath", e.resource)
	w.text("stage", q.endpoint.stage)
	w.close('}')
}

// identityKeys are the members of requestContext.identity; without an
// authorizer all but two are null.
var identityKeys = [...]string{
	"accessKey", "accountId", "caller", "cognitoAmr", "cognitoAuthenticationProvider", "cognitoAuthenticationType",
	"cognitoIdentityId", "cognitoIdentityPoolId", "principalOrgId", "sourceIp", "user", "userAgent", "userArn",
}
