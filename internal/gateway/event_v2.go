package gateway

import (
	"cmp"
	"strconv"
	"strings"

	"github.com/crumb-go/crumb/internal/app"
	"github.com/crumb-go/crumb/shared/frontdoor"
	"github.com/crumb-go/crumb/shared/wire"
)

// writeV2 writes payload 2.0, as an HTTP API and a Function URL send it
// ("Create AWS Lambda proxy integrations for HTTP APIs", "Invoking Lambda
// function URLs"). An HTTP API takes the cookie header away and decodes
// rawPath; a Function URL does neither.
func (q *request) writeV2(w *jsonWriter) {
	path := q.stagePrefix() + decodePath(q.path)
	rawPath, routeKey := path, q.routeKey()
	if q.door == frontdoor.URL {
		rawPath, routeKey = q.path, defaultRoute
	}
	w.open('{')
	w.text("version", "2.0")
	w.text("routeKey", routeKey)
	w.key("rawPath")
	w.octets(rawPath)
	w.key("rawQueryString")
	w.octets(q.query)
	if cookies := splitCookies(q.Header["Cookie"]); len(cookies) > 0 {
		w.key("cookies")
		w.open('[')
		for _, c := range cookies {
			w.value(c)
		}
		w.close(']')
	}
	w.writeMap("headers", q.v2Headers(), comma)
	if query := grouped(pairs(q.query), true); len(query) > 0 {
		w.writeMap("queryStringParameters", query, comma)
	}
	q.writeV2Context(w, path, routeKey)
	if len(q.params) > 0 && q.door == frontdoor.HTTP {
		w.writePathParameters(q.params, true)
	}
	if len(q.api.StageVariables) > 0 && q.door == frontdoor.HTTP {
		w.writeStageVariables(q.api.StageVariables)
	}
	if len(q.body) == 0 {
		w.bool("isBase64Encoded", false)
	} else {
		body, isBase64 := q.encodeBody()
		w.text("body", body)
		w.bool("isBase64Encoded", isBase64)
	}
	w.close('}')
}

// routeKey is "GET /users/{id}" or "$default".
func (q *request) routeKey() string {
	if q.route.Path == defaultRoute {
		return defaultRoute
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

func (q *request) v2Headers() []header {
	list := q.headers()
	kept := list[:0]
	for _, h := range list {
		if h.name == "cookie" {
			if q.door == frontdoor.HTTP {
				continue
			}
			h.values = []string{strings.Join(h.values, "; ")}
		}
		kept = append(kept, h)
	}
	return q.addLowerCase(kept)
}

// addLowerCase adds the headers that all doors but REST APIs write in lower
// case. Only API Gateway counts an absent body.
func (q *request) addLowerCase(list []header) []header {
	proto, port := q.forwarded()
	apiGateway := q.door == frontdoor.HTTP || q.door == frontdoor.HTTP1
	if len(q.body) > 0 || apiGateway {
		list = append(list, header{"content-length", []string{strconv.Itoa(len(q.body))}})
	}
	list = append(list, header{"host", []string{q.host()}})
	if q.door == frontdoor.URL && q.TLS != nil {
		list = append(list,
			header{"x-amzn-tls-cipher-suite", []string{tlsCipherSuite}},
			header{"x-amzn-tls-version", []string{tlsVersion}})
	}
	return append(list,
		header{"x-amzn-trace-id", []string{q.traceID}},
		header{"x-forwarded-for", []string{q.forwardedFor()}},
		header{"x-forwarded-port", []string{port}},
		header{"x-forwarded-proto", []string{proto}})
}

const (
	tlsCipherSuite = "TLS_AES_128_GCM_SHA256"
	tlsVersion     = "TLSv1.3"
)

func (q *request) writeV2Context(w *jsonWriter, path, routeKey string) {
	account, requestID := app.DefaultAccountID, q.extended
	if q.door == frontdoor.URL {
		account, requestID = "anonymous", q.requestID
	}
	w.key("requestContext")
	w.open('{')
	w.text("accountId", account)
	w.text("apiId", q.apiID)
	w.text("domainName", q.domain)
	w.text("domainPrefix", q.domainPrefix())
	w.key("http")
	w.open('{')
	w.text("method", q.Method)
	w.key("path")
	w.octets(path)
	w.text("protocol", cmp.Or(q.Proto, "HTTP/1.1"))
	w.text("sourceIp", q.sourceIP)
	w.key("userAgent")
	w.octets(q.UserAgent())
	w.close('}')
	w.text("requestId", requestID)
	w.text("routeKey", routeKey)
	w.text("stage", q.stage)
	w.text("time", q.now.UTC().Format(requestTime))
	w.int("timeEpoch", q.now.UnixMilli())
	w.close('}')
}
