package gateway

import (
	"cmp"
	"maps"
	"slices"

	"github.com/crumb-go/crumb/internal/app"
	"github.com/crumb-go/crumb/shared/frontdoor"
)

// writeV1 writes payload 1.0, as a REST API and an HTTP API send it ("Set up
// Lambda proxy integrations in API Gateway", "Create AWS Lambda proxy
// integrations for HTTP APIs"). They differ in the version member, in the case
// of headers and in the path, which an HTTP API decodes and starts with a
// named stage.
func (q *request) writeV1(w *jsonWriter) {
	rest := q.door == frontdoor.REST
	path, resource := q.path, q.route.Path
	if !rest {
		path = q.stagePrefix() + decodePath(path)
	} else if resource == defaultRoute {
		resource = "/{proxy+}" // a REST API has no $default
	}
	w.open('{')
	if !rest {
		w.text("version", "1.0")
	}
	w.text("resource", resource)
	w.key("path")
	w.octets(path)
	w.text("httpMethod", q.Method)
	headers := q.v1Headers(rest)
	w.writeMap("headers", headers, last)
	w.writeMultiMap("multiValueHeaders", headers)
	if query := grouped(pairs(q.query), true); len(query) > 0 {
		w.writeMap("queryStringParameters", query, last)
		w.writeMultiMap("multiValueQueryStringParameters", query)
	} else {
		w.null("queryStringParameters")
		w.null("multiValueQueryStringParameters")
	}
	if params := q.v1Params(rest); len(params) > 0 {
		w.writePathParameters(params, !rest)
	} else {
		w.null("pathParameters")
	}
	if len(q.api.StageVariables) > 0 {
		w.writeStageVariables(q.api.StageVariables)
	} else {
		w.null("stageVariables")
	}
	q.writeV1Context(w, rest, path, resource)
	if len(q.body) == 0 {
		w.null("body")
		w.bool("isBase64Encoded", false)
	} else {
		body, isBase64 := q.encodeBody()
		w.text("body", body)
		w.bool("isBase64Encoded", isBase64)
	}
	w.close('}')
}

// v1Headers adds the door's own headers. A REST API sends them, and the
// User-Agent, in title case, and no Content-Length; an HTTP API sends all in
// lower case.
func (q *request) v1Headers(rest bool) []header {
	list := q.headers()
	if !rest {
		return q.addLowerCase(list)
	}
	for i := range list {
		if list[i].name == "user-agent" {
			list[i].name = "User-Agent"
		}
	}
	proto, port := q.forwarded()
	return append(list,
		header{"Host", []string{q.host()}},
		header{"X-Amzn-Trace-Id", []string{q.traceID}},
		header{"X-Forwarded-For", []string{q.forwardedFor()}},
		header{"X-Forwarded-Port", []string{port}},
		header{"X-Forwarded-Proto", []string{proto}})
}

func (q *request) v1Params(rest bool) []param {
	if rest && q.route.Path == defaultRoute && len(q.path) > 1 {
		return []param{{"proxy", q.path[1:]}}
	}
	return q.params
}

func (q *request) writeV1Context(w *jsonWriter, rest bool, path, resource string) {
	fullPath, requestID := q.stagePrefix()+path, q.requestID
	if !rest {
		fullPath, requestID = path, q.extended
	}
	w.key("requestContext")
	w.open('{')
	w.text("accountId", app.DefaultAccountID)
	w.text("apiId", q.apiID)
	w.text("domainName", q.domain)
	w.text("domainPrefix", q.domainPrefix())
	w.text("extendedRequestId", q.extended)
	w.text("httpMethod", q.Method)
	w.key("identity")
	w.open('{')
	for _, key := range identityKeys {
		switch agent := q.Header["User-Agent"]; {
		case key == "sourceIp":
			w.text(key, q.sourceIP)
		case key == "userAgent" && len(agent) > 0:
			w.key(key)
			w.octets(last(agent))
		default:
			w.null(key)
		}
	}
	w.close('}')
	w.key("path")
	w.octets(fullPath)
	w.text("protocol", cmp.Or(q.Proto, "HTTP/1.1"))
	w.text("requestId", requestID)
	w.text("requestTime", q.now.UTC().Format(requestTime))
	w.int("requestTimeEpoch", q.now.UnixMilli())
	w.text("resourceId", q.route.resourceID)
	w.text("resourcePath", resource)
	w.text("stage", q.stage)
	w.close('}')
}

// identityKeys are the members of requestContext.identity; without an
// authorizer all but two are null.
var identityKeys = [...]string{
	"accessKey", "accountId", "caller", "cognitoAuthenticationProvider", "cognitoAuthenticationType",
	"cognitoIdentityId", "cognitoIdentityPoolId", "principalOrgId", "sourceIp", "user", "userAgent", "userArn",
}

func sortedKeys(m map[string]string) []string { return slices.Sorted(maps.Keys(m)) }
