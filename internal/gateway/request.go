package gateway

import (
	"cmp"
	"net"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/crumb-go/crumb/internal/app"
	"github.com/crumb-go/crumb/internal/uuid"
	"github.com/crumb-go/crumb/shared/frontdoor"
)

// A request is an HTTP request with all that its event says beside it.
type request struct {
	*http.Request
	entrance
	door   frontdoor.Door
	api    *app.API
	route  *route
	params []param
	path   string // as in the request line: encoded, nothing cleaned
	query  string // as in the request line, without the "?"
	body   []byte

	now       time.Time
	requestID string
	extended  string // the second id of API Gateway
	traceID   string
	domain    string
	sourceIP  string
}

// newRequest fills what does not depend on the route.
//
// API Gateway repeats in requestContext.domainName the name that the client
// called, be it execute-api or a custom domain, so here it is the local Host,
// port included: what compares an Origin with it or builds a link from it
// works as deployed. A Function URL has one name only and keeps it.
func newRequest(r *http.Request, api *app.API, door frontdoor.Door, e entrance) *request {
	q := &request{Request: r, entrance: e, api: api, door: door, now: time.Now()}
	q.path, q.query = target(r)
	q.requestID = uuid.New()
	q.extended = newExtendedID()
	q.traceID = traceID(r.Header.Get("X-Amzn-Trace-Id"), q.now)
	q.domain = e.name
	if r.Host != "" && door != frontdoor.URL {
		q.domain = r.Host
	}
	q.sourceIP, _, _ = net.SplitHostPort(r.RemoteAddr)
	if q.sourceIP == "" {
		q.sourceIP = cmp.Or(r.RemoteAddr, "203.0.113.7") // RFC 5737: for documentation
	}
	return q
}

// An entrance is what a deployed API would be known by: its id, its host name
// and its stage.
type entrance struct{ apiID, name, stage string }

// newEntrance takes the stage of an API of the door's own kind; behind another
// door it is the one that most APIs there have.
func newEntrance(api *app.API, door frontdoor.Door) entrance {
	length, suffix, stage := 10, ".execute-api."+app.DefaultRegion+".amazonaws.com", defaultStage
	switch door {
	case frontdoor.REST:
		if stage = api.Stage; stage == "" || stage == defaultStage {
			stage = "prod"
		}
	case frontdoor.HTTP, frontdoor.HTTP1:
		if api.Kind == app.HTTP {
			stage = cmp.Or(api.Stage, defaultStage)
		}
	case frontdoor.URL:
		length, suffix = 32, ".lambda-url."+app.DefaultRegion+".on.aws"
	case frontdoor.ALB, frontdoor.ALBMulti:
		suffix = "." + app.DefaultRegion + ".elb.amazonaws.com"
	case frontdoor.Lattice:
		suffix = ".7d67968.vpc-lattice-svcs." + app.DefaultRegion + ".on.aws"
	}
	id := stableID(api.ID, length)
	return entrance{id, id + suffix, stage}
}

// defaultStage is the stage without a name, which stands in no path.
const defaultStage = "$default"

// stagePrefix is what stands before each path of a stage with a name.
func (e entrance) stagePrefix() string {
	if e.stage == defaultStage {
		return ""
	}
	return "/" + e.stage
}

// host is the Host header that the function sees.
func (q *request) host() string { return cmp.Or(q.Host, q.domain) }

func (q *request) domainPrefix() string {
	prefix, _, _ := strings.Cut(q.domain, ".")
	return prefix
}

// forwarded is X-Forwarded-Proto and X-Forwarded-Port: the truth about a local
// request, https and 443 for one that was never sent.
func (q *request) forwarded() (proto, port string) {
	proto, port = "http", "80"
	if q.TLS != nil || q.Host == "" {
		proto, port = "https", "443"
	}
	if _, p, err := net.SplitHostPort(q.Host); err == nil && p != "" {
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

// headers lists the client's headers by name, in lower case as every HTTP/2
// client sends them, without those that end at the door or are the door's own.
func (q *request) headers() []header {
	names := make([]string, 0, len(q.Header))
	for name, values := range q.Header {
		if len(values) > 0 && !notPassed[name] {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	list := make([]header, len(names), len(names)+ownHeaders)
	for i, name := range names {
		list[i] = header{strings.ToLower(name), q.Header[name]}
	}
	return list
}

// ownHeaders is how many headers a door adds at most.
const ownHeaders = 8

// notPassed are the headers that a door writes anew, and those that end at the
// first server (RFC 9110 section 7.6.1).
var notPassed = map[string]bool{
	"Host": true, "Content-Length": true, "X-Amzn-Trace-Id": true,
	"X-Forwarded-For": true, "X-Forwarded-Proto": true, "X-Forwarded-Port": true,

	"Connection": true, "Keep-Alive": true, "Proxy-Connection": true, "Te": true,
	"Trailer": true, "Transfer-Encoding": true, "Upgrade": true,
}

// forwardedFor is X-Forwarded-For with the client's address at its end.
func (q *request) forwardedFor() string {
	return strings.Join(append(slices.Clip(q.Header["X-Forwarded-For"]), q.sourceIP), ", ")
}

// last is what a single-value map keeps of several lines.
func last(values []string) string { return values[len(values)-1] }
