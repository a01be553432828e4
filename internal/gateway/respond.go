package gateway

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/crumb-go/crumb/internal/lambda"
	"github.com/crumb-go/crumb/shared/wire"
)

// respond writes a function's response that has come in one piece, as the door does.
func (x *exchange) respond(d *deadline, in *lambda.Response) {
	payload, err := io.ReadAll(in.Body)
	if most := x.door.maxResponse; err == nil && len(payload) > most {
		err = fmt.Errorf("response of %d bytes, limit %d", len(payload), most)
	}
	if err != nil {
		x.sendError(d.Cause(err))
		return
	}
	if in.ContentType == wire.StreamType {
		x.gateway.log.Warn(cmp.Or(x.door.noStream, "the function streams, but streaming is not supported here"), "function", x.route.Function.ID, "path", x.path)
	}
	out, err := x.readResponse(payload)
	if err != nil {
		x.sendError(x.malformed(err))
		return
	}
	x.send(out)
}

// malformed is the error for a response that the door cannot take. It keeps the
// problem that err is.
func (x *exchange) malformed(err error) error {
	p := functionFailed
	if own := (*gatewayError)(nil); errors.As(err, &own) {
		p = own.problem
	}
	return errorFor(p, "%s: malformed response: %w", x.route.Function.ID, err)
}

// send writes a response.
func (x *exchange) send(out *response) {
	h := x.w.Header()
	if hasBody(http.MethodGet, out.status) && (x.req.Method != http.MethodHead || len(out.body) > 0) {
		h.Set("Content-Length", strconv.Itoa(len(out.body)))
	}
	if x.sendHead(out) && hasBody(x.req.Method, out.status) {
		x.w.Write(out.body)
	}
}

// sendHead writes status and headers; false if it wrote an error instead.
func (x *exchange) sendHead(out *response) bool {
	h := x.w.Header()
	for _, l := range out.lines {
		if err := checkLine(l); err != nil {
			h.Del("Content-Length")
			x.sendError(x.malformed(err))
			return false
		}
	}
	x.addIDs()
	if x.door.addTrace != nil {
		x.door.addTrace(x.request, h)
	}
	written := h["Access-Control-Allow-Origin"] != nil
	for _, l := range out.lines {
		name, ok := x.responseName(l.name)
		if !ok {
			continue
		}
		if written && strings.EqualFold(name, "Access-Control-Allow-Origin") { // powertools-lambda-python#4163
			x.gateway.log.Warn("browsers refuse this response: Access-Control-Allow-Origin is in Cors of the Function URL, and the function writes it too", "function", x.route.Function.ID, "path", x.path)
		}
		x.addHeader(name, l.value)
	}
	x.report(out.status)
	if h["Content-Type"] == nil {
		h["Content-Type"] = nil // no guessing by net/http
	}
	x.w.WriteHeader(out.status)
	return true
}

// addHeader adds a header under its name. A REST API keeps the spelling over HTTP/1.1,
// an HTTP API does not (aws-lambda-dotnet, 2025-04-14). Of the two names that are read
// by their key the spelling is lost.
func (x *exchange) addHeader(name, value string) {
	key := http.CanonicalHeaderKey(name)
	if x.door.keepsNames && key != "Set-Cookie" && key != "Content-Type" {
		key = name
	}
	h := x.w.Header()
	h[key] = append(h[key], value)
}

// hasBody tells whether a response may have one (RFC 9110 section 6.4.1).
func hasBody(method string, status int) bool {
	return method != http.MethodHead && status != http.StatusNoContent && status != http.StatusNotModified
}

// responseName is the name under which a door sends a function's header; false
// if it does not. A REST API and a Function URL rename what they write
// themselves ("Amazon API Gateway important notes"); which names those are is
// from responses that people have published.
func (x *exchange) responseName(name string) (string, bool) {
	switch key := http.CanonicalHeaderKey(name); key {
	case "Connection", "Content-Length", "Date", "Server", "Www-Authenticate", "X-Amzn-Requestid", "X-Forwarded-For":
		if x.door.renames {
			return "X-Amzn-Remapped-" + key, true
		}
		return name, key != "Connection" && key != "Content-Length" && key != "Date"
	case "Keep-Alive", "Proxy-Connection", "Te", "Trailer", "Transfer-Encoding", "Upgrade":
		return "", false
	default:
		return name, !x.door.dropsCORS || x.api.CORS == nil || !strings.HasPrefix(key, "Access-Control-")
	}
}

// checkLine rejects what net/http would leave out or change in silence.
func checkLine(l line) error {
	if l.name == "" || strings.ContainsFunc(l.name, notToken) {
		return fmt.Errorf("%q is not a header name", l.name)
	}
	if i := strings.IndexAny(l.value, "\r\n\x00"); i >= 0 {
		return fmt.Errorf("header %q: control byte %#02x at offset %d of its value", l.name, l.value[i], i)
	}
	return nil
}

// notToken tells whether r cannot be in a header name (RFC 9110 section 5.6.2).
func notToken(r rune) bool {
	return r <= ' ' || r > '~' || strings.ContainsRune("\"(),/:;<=>?@[\\]{}", r)
}

// addIDs adds the headers by which the door names the request.
func (x *exchange) addIDs() {
	if add := x.door.addIDs; add != nil {
		add(x.request, x.w.Header())
	}
}

func addRESTIDs(q *request, h http.Header) {
	h["X-Amzn-Requestid"] = []string{q.requestID}
	h["X-Amz-Apigw-Id"] = []string{q.extended}
}

// addRESTTrace adds the trace of a function's response: the client's, or a new one as
// aws-lambda-dotnet recorded it on 2025-04-14. What a REST API answers by itself has
// none; that was not recorded for each 4xx. Of the client's, localstack recorded that
// it is whole, with its Parent behind its Root (2024-08-07).
func addRESTTrace(q *request, h http.Header) {
	trace := q.req.Header.Get("X-Amzn-Trace-Id")
	if !strings.Contains(trace, "Root=") {
		raw := randomBytes()
		trace = fmt.Sprintf("%s;Parent=%x;Sampled=0;Lineage=1:%x:0", q.traceID, raw[:8], raw[8:12])
	}
	h["X-Amzn-Trace-Id"] = []string{trace}
}

func addHTTPIDs(q *request, h http.Header) {
	h["Apigw-Requestid"] = []string{q.extended}
}

func addURLIDs(q *request, h http.Header) {
	h["X-Amzn-Requestid"] = []string{q.requestID}
	h["X-Amzn-Trace-Id"] = []string{q.traceID}
}

// write writes a response of the door's own; headers are set already.
func (x *exchange) write(status int, body []byte) {
	if status != http.StatusNoContent {
		x.w.Header().Set("Content-Length", strconv.Itoa(len(body)))
	}
	x.report(status)
	x.w.WriteHeader(status)
	if hasBody(x.req.Method, status) {
		x.w.Write(body)
	}
}

// warnLastCookie logs that a load balancer without multi-value headers loses cookies.
func warnLastCookie(x *exchange) {
	if lines := x.req.Header["Cookie"]; len(lines) > 1 {
		x.gateway.log.Warn("a load balancer without multi-value headers passes on the last Cookie line only", "lines", len(lines), "path", x.path)
	}
}

// warnDamagedBody logs that a REST API writes a binary body as text.
func warnDamagedBody(x *exchange) {
	if len(x.body) > 0 && !isBinaryREST(x.request) && !utf8.Valid(x.body) {
		x.gateway.log.Warn("a REST API damages a body that is not UTF-8, unless BinaryMediaTypes lists its type", "type", x.req.Header.Get("Content-Type"), "path", x.path)
	}
}
