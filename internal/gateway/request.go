package gateway

import (
	"cmp"
	"crypto/sha256"
	"encoding/base32"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"math/rand/v2"
	"net"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/crumb-go/crumb/internal/app"
	"github.com/crumb-go/crumb/internal/lambda"
	"github.com/crumb-go/crumb/internal/router"
)

// A request is an HTTP request with all that its event says beside it.
type request struct {
	req      *http.Request
	endpoint endpoint
	door     *door
	api      *app.API
	route    *app.Route
	params   []router.Param
	slashes  string // at the start of the request line, before path
	path     string // as in the request line: encoded, nothing cleaned
	query    string // as in the request line, without the "?"
	body     []byte

	now       time.Time
	requestID string
	extended  string // the second id of API Gateway
	traceID   string
	domain    string
	sourceIP  string

	// Of the caller, as far as its guard says.
	authorizer string // JSON of requestContext.authorizer; "" for none
	key, keyID string // of requestContext.identity; "" for none
}

// newRequest fills what does not depend on the route.
//
// API Gateway repeats in requestContext.domainName the name that the client
// called, be it execute-api or a custom domain, so here it is the local Host,
// port included: what compares an Origin with it or builds a link from it
// works as deployed. A Function URL has one name only and keeps it.
func newRequest(r *http.Request, api *app.API, d *door, e endpoint) *request {
	q := &request{req: r, endpoint: e, api: api, door: d, now: time.Now()}
	q.path, q.query = target(r)
	if path := "/" + strings.TrimLeft(q.path, "/"); d.oneSlash && strings.HasSuffix(q.path, path) {
		q.slashes, q.path = strings.TrimSuffix(q.path, path), path
	}
	q.requestID = lambda.NewRequestID()
	extended := randomBytes()
	q.extended = base64.URLEncoding.EncodeToString(extended[:11]) // 15 characters and "="
	q.traceID = newTraceID(r.Header.Get("X-Amzn-Trace-Id"), q.now)
	q.domain = e.name
	if r.Host != "" && !d.ownName {
		q.domain = r.Host
	}
	q.sourceIP, _, _ = net.SplitHostPort(r.RemoteAddr)
	if q.sourceIP == "" {
		q.sourceIP = cmp.Or(r.RemoteAddr, "203.0.113.7") // RFC 5737: for documentation
	}
	return q
}

// An endpoint is what a deployed API would be known by: its id, its host name
// and its stage.
type endpoint struct{ apiID, name, stage string }

func newEndpoint(api *app.API, d *door) endpoint {
	e := endpoint{apiID: stableID(api.ID, d.idLength), stage: defaultStage}
	e.name = e.apiID + d.hostSuffix
	if d.stage != nil {
		e.stage = d.stage(api)
	}
	return e
}

// defaultStage is the stage without a name, which stands in no path.
const defaultStage = "$default"

// restStage is the stage behind the door of REST APIs, which all have a name.
func restStage(api *app.API) string {
	if api.Stage == "" || api.Stage == defaultStage {
		return "prod"
	}
	return api.Stage
}

// httpStage is the stage behind the doors of HTTP APIs. Most there have the one
// without a name, so an API of another kind gets it.
func httpStage(api *app.API) string {
	if api.Kind != app.HTTP {
		return defaultStage
	}
	return cmp.Or(api.Stage, defaultStage)
}

// stagePrefix is what stands before each path of a stage with a name.
func (e endpoint) stagePrefix() string {
	if e.stage == defaultStage {
		return ""
	}
	return "/" + e.stage
}

// host is the Host header that the function sees.
func (q *request) host() string { return cmp.Or(q.req.Host, q.domain) }

func (q *request) domainPrefix() string {
	prefix, _, _ := strings.Cut(q.domain, ".")
	return prefix
}

// forwarded is X-Forwarded-Proto and X-Forwarded-Port: the truth about a local
// request, https and 443 for one that was never sent.
func (q *request) forwarded() (proto, port string) {
	proto, port = "http", "80"
	if q.req.TLS != nil || q.req.Host == "" {
		proto, port = "https", "443"
	}
	if _, p, err := net.SplitHostPort(q.req.Host); err == nil && p != "" {
		port = p
	}
	return proto, port
}

// target splits the request line. A proxy's absolute form (RFC 9112 section
// 3.2.2) and a request that was built, not received, are read from r.URL.
func target(r *http.Request) (path, query string) {
	uri := r.RequestURI
	if !strings.HasPrefix(uri, "/") {
		uri = r.URL.RequestURI()
	}
	path, query, _ = strings.Cut(uri, "?")
	return path, query
}

// A header is a name, in the case of the event, and its values in order.
type header struct {
	name   string
	values []string
}

// passedHeaders lists the client's headers by name, in lower case as most doors have
// them, without those that end at the door or are the door's own.
func (q *request) passedHeaders() []header {
	names := make([]string, 0, len(q.req.Header))
	for name, values := range q.req.Header {
		if len(values) > 0 && !notPassed[name] && !q.door.drops[name] {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	list := make([]header, len(names), len(names)+ownHeaders)
	for i, name := range names {
		list[i] = header{strings.ToLower(name), q.req.Header[name]}
	}
	return list
}

// ownHeaders is how many headers a door adds at most.
const ownHeaders = 8

// notPassed are the headers that a door replaces, and those that end at the first
// server (RFC 9110 section 7.6.1).
var notPassed = map[string]bool{
	"Host": true, "Content-Length": true, "X-Amzn-Trace-Id": true,
	"X-Forwarded-For": true, "X-Forwarded-Proto": true, "X-Forwarded-Port": true,

	"Connection": true, "Keep-Alive": true, "Proxy-Connection": true, "Te": true,
	"Trailer": true, "Transfer-Encoding": true, "Upgrade": true,
}

// droppedByREST are the headers that a REST API keeps from functions beside these, as
// localstack recorded it (test_apigateway_header_remapping_aws, 2024-12-11).
var droppedByREST = map[string]bool{
	"Content-Md5": true, "Expect": true, "Max-Forwards": true, "Proxy-Authenticate": true, "Server": true, "Www-Authenticate": true,
}

// droppedByURL are those that a Function URL writes itself.
var droppedByURL = map[string]bool{"X-Amzn-Tls-Cipher-Suite": true, "X-Amzn-Tls-Version": true}

// bodyLength is that of the body, as the client says until it is read.
func (q *request) bodyLength() int64 {
	if q.body == nil {
		return max(q.req.ContentLength, 0)
	}
	return int64(len(q.body))
}

// forwardedFor is X-Forwarded-For with the client's address at its end.
func (q *request) forwardedFor() string {
	return strings.Join(append(slices.Clip(q.req.Header["X-Forwarded-For"]), q.sourceIP), ", ")
}

// stableID is an identifier as AWS makes them, always the same for a name.
func stableID(name string, length int) string {
	sum := sha256.Sum256([]byte(name))
	return strings.ToLower(base32.StdEncoding.EncodeToString(sum[:]))[:length]
}

// newTraceID is the X-Amzn-Trace-Id of the request. One that the client sent is
// kept behind a field Self ("Request tracing for your Application Load Balancer").
func newTraceID(sent string, now time.Time) string {
	raw := randomBytes()
	id := "1-" + strconv.FormatInt(now.Unix(), 16) + "-" + hex.EncodeToString(raw[:12])
	if !strings.Contains(sent, "Root=") {
		return "Root=" + id
	}
	return "Self=" + id + ";" + sent
}

// randomBytes are for the ids of a request. Nothing secret rests on them.
func randomBytes() (b [16]byte) {
	binary.NativeEndian.PutUint64(b[:], rand.Uint64())
	binary.NativeEndian.PutUint64(b[8:], rand.Uint64())
	return b
}
