package gateway

import (
	"cmp"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/crumb-go/crumb/internal/app"
	"github.com/crumb-go/crumb/internal/router"
	"github.com/crumb-go/crumb/internal/spelling"
)

// v1 is what REST APIs and HTTP APIs do differently in payload 1.0.
type v1 struct {
	version             string // "" for no such member
	path, resource      string
	fullPath, requestID string // of requestContext
	headers             []header
	params              []router.Param
	decoded             bool // path parameters are

	// Of requestContext, as aws-lambda-dotnet (2025-04-14) and localstack (2024-07-22)
	// recorded them; cognitoAmr: spring-cloud-function (2023-07-11).
	deploymentID, resourceID string // "" for no deploymentId
	noAgent                  string // JSON of userAgent where the client sent none
	amr                      bool   // identity has a cognitoAmr

	// Of an authorizer's event.
	empty  bool // maps without a member are empty, not null
	single bool // there are no maps with several values
}

// writeREST writes payload 1.0 as a REST API does ("Set up Lambda proxy
// integrations in API Gateway"): the path as the client sent it, in the request
// context with each slash at its start (recorded by localstack, 2024-08-02), and the
// door's headers in title case, as is Authorization however the client spells it.
func writeREST(q *request, w *jsonWriter) {
	q.writeV1(w, q.restV1())
	q.writeBody(w, "null")
}

func (q *request) restV1() v1 {
	e := v1{
		path: q.path, resource: q.route.Path, fullPath: q.endpoint.stagePrefix() + q.slashes + q.path,
		requestID: q.requestID, headers: q.titleCaseHeaders("Authorization", "User-Agent"), params: q.params,
		deploymentID: stableID(q.endpoint.apiID, 6), resourceID: stableID(q.route.Path, 6), noAgent: "null",
	}
	if e.resource == router.Default { // which a REST API does not have
		e.resource = "/{proxy+}"
		if rest := strings.Trim(q.path, "/"); rest != "" {
			e.params = []router.Param{{Name: "proxy", Value: rest}}
		}
	}
	return e
}

// writeHTTP1 writes payload 1.0 as an HTTP API does ("Create AWS Lambda proxy
// integrations for HTTP APIs"): with a version, both paths behind a named stage, that
// of the request context decoded, and the door's headers in title case, as is
// Content-Type (recorded by aws-lambda-dotnet, 2025-04-14).
func writeHTTP1(q *request, w *jsonWriter) {
	q.writeV1(w, q.httpV1())
	q.writeBody(w, "null")
}

func (q *request) httpV1() v1 {
	length := header{"Content-Length", []string{strconv.FormatInt(q.bodyLength(), 10)}}
	return v1{
		version: "1.0", path: q.endpoint.stagePrefix() + q.path, resource: q.route.Path,
		fullPath:  q.endpoint.stagePrefix() + q.slashes + decodePath(q.path),
		requestID: q.extended, headers: append(q.titleCaseHeaders("Content-Type", "User-Agent"), length), params: q.params, decoded: true,
		resourceID: q.routeKey(), noAgent: `""`, amr: true,
	}
}

// writeV1 writes all members but the body.
func (q *request) writeV1(w *jsonWriter, e v1) {
	if e.version != "" {
		w.text("version", e.version)
	}
	w.text("resource", e.resource)
	w.octets("path", e.path)
	w.text("httpMethod", q.req.Method)
	w.writeMap("headers", e.headers, last)
	if !e.single {
		w.writeMultiMap("multiValueHeaders", e.headers)
	}
	if query := grouped(q.query, true); len(query) > 0 || e.empty {
		w.writeMap("queryStringParameters", query, last)
		if !e.single {
			w.writeMultiMap("multiValueQueryStringParameters", query)
		}
	} else {
		w.null("queryStringParameters")
		w.null("multiValueQueryStringParameters")
	}
	if len(e.params) > 0 || e.empty {
		w.writePathParameters(e.params, e.decoded)
	} else {
		w.null("pathParameters")
	}
	if len(q.api.StageVariables) > 0 || e.empty {
		w.writeStageVariables(q.api.StageVariables)
	} else {
		w.null("stageVariables")
	}
	q.writeV1Context(w, e)
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
	if q.authorizer != "" {
		w.raw("authorizer", q.authorizer)
	}
	if e.deploymentID != "" {
		w.text("deploymentId", e.deploymentID)
	}
	w.text("domainName", q.domain)
	w.text("domainPrefix", q.domainPrefix())
	w.text("extendedRequestId", q.extended)
	w.text("httpMethod", q.req.Method)
	w.object("identity")
	if q.key != "" {
		w.octets("apiKey", q.key)
	}
	if q.keyID != "" {
		w.text("apiKeyId", q.keyID)
	}
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
