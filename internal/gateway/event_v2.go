package gateway

import (
	"cmp"
	"slices"
	"strconv"
	"strings"

	"github.com/crumb-go/crumb/internal/app"
	"github.com/crumb-go/crumb/internal/router"
	"github.com/crumb-go/crumb/shared/wire"
)

// v2 is what HTTP APIs and Function URLs do differently in payload 2.0.
type v2 struct {
	rawPath, routeKey  string
	account, requestID string // of requestContext
	headers            []header
	routed             bool // there are path parameters and stage variables
}

// writeHTTP writes payload 2.0 as an HTTP API does ("Create AWS Lambda proxy
// integrations for HTTP APIs"): rawPath is decoded, and the cookie header is taken
// away. That what follows %3F is lost is weak evidence: middleapi/standard-server#93
// quotes captures that are not public.
func writeHTTP(q *request, w *jsonWriter) {
	q.writeHTTPHead(w)
	q.writeBody(w, "")
}

func (q *request) writeHTTPHead(w *jsonWriter) {
	path, _, _ := strings.Cut(q.decodedPath(), "?")
	headers := slices.DeleteFunc(q.passedHeaders(), func(h header) bool { return h.name == "cookie" })
	q.writeV2(w, path, v2{
		rawPath: path, routeKey: q.routeKey(), account: app.DefaultAccountID, requestID: q.extended,
		headers: q.lowerCaseHeaders(headers, true), routed: true,
	})
}

// writeURL writes payload 2.0 as a Function URL does ("Invoking Lambda function
// URLs"), which leaves the path and the cookie header as they are.
func writeURL(q *request, w *jsonWriter) {
	headers := q.passedHeaders()
	for i, h := range headers {
		if h.name == "cookie" {
			headers[i].values = []string{strings.Join(h.values, "; ")}
		}
	}
	q.writeV2(w, q.decodedPath(), v2{
		rawPath: q.path, routeKey: router.Default, account: "anonymous", requestID: q.requestID,
		headers: q.lowerCaseHeaders(headers, false,
			header{"x-amzn-tls-cipher-suite", []string{tlsCipherSuite}},
			header{"x-amzn-tls-version", []string{tlsVersion}}),
	})
	q.writeBody(w, "")
}

// writeV2 writes all members but the body.
func (q *request) writeV2(w *jsonWriter, path string, e v2) {
	w.text("version", "2.0")
	w.text("routeKey", e.routeKey)
	w.octets("rawPath", e.rawPath)
	w.octets("rawQueryString", q.query)
	if cookies := splitCookies(q.req.Header["Cookie"]); len(cookies) > 0 {
		w.array("cookies")
		for _, c := range cookies {
			w.value(c)
		}
		w.close(']')
	}
	w.writeMap("headers", e.headers, comma)
	if query := grouped(q.query, true); len(query) > 0 {
		w.writeMap("queryStringParameters", query, comma)
	}
	q.writeV2Context(w, path, e)
	if e.routed && len(q.params) > 0 {
		w.writePathParameters(q.params, true)
	}
	if e.routed && len(q.api.StageVariables) > 0 {
		w.writeStageVariables(q.api.StageVariables)
	}
}

// decodedPath is the path of requestContext.http.
func (q *request) decodedPath() string { return q.endpoint.stagePrefix() + decodePath(q.path) }

// routeKey is "GET /users/{id}" or "$default".
func (q *request) routeKey() string {
	if q.route.Path == router.Default {
		return router.Default
	}
	return q.route.Method + " " + q.route.Path
}

// splitCookies splits Cookie lines as AWS does, at "; " and nowhere else, and
// keeps everything between: duplicates, quotes, empty names.
func splitCookies(lines []string) []string {
	var list []string
	for _, line := range lines {
		if line != "" {
			list = append(list, strings.Split(wire.ToUTF8(line), "; ")...)
		}
	}
	return list
}

// lowerCaseHeaders adds to list the headers of all doors but those with payload 1.0,
// in lower case. An absent body is counted only if counted is set; more are the door's own.
func (q *request) lowerCaseHeaders(list []header, counted bool, more ...header) []header {
	proto, port := q.forwarded()
	if n := q.bodyLength(); n > 0 || counted {
		list = append(list, header{"content-length", []string{strconv.FormatInt(n, 10)}})
	}
	list = append(list, header{"host", []string{q.host()}})
	list = append(list, more...)
	return append(list,
		header{"x-amzn-trace-id", []string{q.traceID}},
		header{"x-forwarded-for", []string{q.forwardedFor()}},
		header{"x-forwarded-port", []string{port}},
		header{"x-forwarded-proto", []string{proto}})
}

// A Function URL is always called over TLS, and tells how (localstack, 2025-11-24).
const (
	tlsCipherSuite = "TLS_AES_128_GCM_SHA256"
	tlsVersion     = "TLSv1.3"
)

func (q *request) writeV2Context(w *jsonWriter, path string, e v2) {
	w.object("requestContext")
	w.text("accountId", e.account)
	w.text("apiId", q.endpoint.apiID)
	if q.authorizer != "" {
		w.raw("authorizer", q.authorizer)
	}
	w.text("domainName", q.domain)
	w.text("domainPrefix", q.domainPrefix())
	w.object("http")
	w.text("method", q.req.Method)
	w.octets("path", path)
	w.text("protocol", cmp.Or(q.req.Proto, "HTTP/1.1"))
	w.text("sourceIp", q.sourceIP)
	w.octets("userAgent", q.req.UserAgent())
	w.close('}')
	w.text("requestId", e.requestID)
	w.text("routeKey", e.routeKey)
	w.text("stage", q.endpoint.stage)
	w.text("time", q.now.UTC().Format(requestTime))
	w.int("timeEpoch", q.now.UnixMilli())
	w.close('}')
}
