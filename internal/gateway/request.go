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
	"unicode/utf8"

	"github.com/crumb-go/crumb/internal/sam"
	"github.com/crumb-go/crumb/shared/frontdoor"
)

// A request is an HTTP request with all that its event says beside it.
type request struct {
	*http.Request
	entrance
	door   frontdoor.Door
	api    *sam.API
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
func newRequest(r *http.Request, api *sam.API, door frontdoor.Door, e entrance) *request {
	q := &request{Request: r, entrance: e, api: api, door: door, now: time.Now()}
	q.path, q.query = target(r)
	q.requestID = newUUID()
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

// An entrance is what AWS would call an API.
type entrance struct{ apiID, name string }

func newEntrance(api *sam.API, door frontdoor.Door) entrance {
	length, suffix := 10, ".execute-api."+region+".amazonaws.com"
	switch door {
	case frontdoor.URL:
		length, suffix = 32, ".lambda-url."+region+".on.aws"
	case frontdoor.ALB, frontdoor.ALBMulti:
		suffix = "." + region + ".elb.amazonaws.com"
	case frontdoor.Lattice:
		suffix = ".7d67968.vpc-lattice-svcs." + region + ".on.aws"
	}
	id := stableID(api.ID, length)
	return entrance{id, id + suffix}
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

// A pair is a query parameter, still encoded.
type pair struct{ key, value string }

// pairs splits a query at "&" only: no door knows ";".
func pairs(query string) []pair {
	var list []pair
	for part := range strings.SplitSeq(query, "&") {
		if part == "" {
			continue
		}
		key, value, _ := strings.Cut(part, "=")
		list = append(list, pair{key, value})
	}
	return list
}

// grouped lists each key once, in order of appearance, with all its values.
func grouped(list []pair, decode bool) []header {
	var groups []header
	at := make(map[string]int, len(list))
	for _, p := range list {
		if decode {
			p.key, p.value = unescape(p.key, true), unescape(p.value, true)
		}
		i, ok := at[p.key]
		if !ok {
			i = len(groups)
			at[p.key] = i
			groups = append(groups, header{name: p.key})
		}
		groups[i].values = append(groups[i].values, p.value)
	}
	return groups
}

// decodePath undoes the percent-encoding of a path.
func decodePath(s string) string { return unescape(s, false) }

// unescape undoes percent-encoding and, in queries, "+" for a space. Broken
// escapes stay as they are.
func unescape(s string, plus bool) string {
	if !strings.Contains(s, "%") && !(plus && strings.Contains(s, "+")) {
		return s
	}
	b := make([]byte, 0, len(s))
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case c == '+' && plus:
			b = append(b, ' ')
		case c == '%' && i+2 < len(s) && isHex(s[i+1]) && isHex(s[i+2]):
			b = append(b, unhex(s[i+1])<<4|unhex(s[i+2]))
			i += 2
		default:
			b = append(b, c)
		}
	}
	return string(b)
}

func isHex(c byte) bool {
	return '0' <= c && c <= '9' || 'a' <= c && c <= 'f' || 'A' <= c && c <= 'F'
}

func unhex(c byte) byte {
	if c <= '9' {
		return c - '0'
	}
	return c&^0x20 - 'A' + 10
}

// encodeBody says how a door writes a body into JSON: as text or in base64.
func (q *request) encodeBody() (body string, isBase64 bool) {
	if q.binary() {
		return base64.StdEncoding.EncodeToString(q.body), true
	}
	return string(q.body), false
}

// binary tells whether the body travels in base64.
//
// A REST API asks its binaryMediaTypes. The others take for text what is
// text/* or JSON, JavaScript or XML by its plain name, so form posts are
// base64 there; an ALB also encodes whatever has a Content-Encoding ("Using
// AWS Lambda with an Application Load Balancer"). Text of theirs that is not
// UTF-8 is not documented; base64 keeps it whole.
func (q *request) binary() bool {
	if len(q.body) == 0 {
		return false
	}
	media := mediaType(q.Header.Get("Content-Type"))
	if q.door == frontdoor.REST {
		return matchesMedia(q.api.BinaryMediaTypes, cmp.Or(media, "application/json"))
	}
	if (q.door == frontdoor.ALB || q.door == frontdoor.ALBMulti) && q.Header.Get("Content-Encoding") != "" {
		return true
	}
	switch media {
	case "application/json", "application/javascript", "application/xml":
	default:
		if !strings.HasPrefix(media, "text/") {
			return true
		}
	}
	return !utf8.Valid(q.body)
}

// mediaType is a Content-Type without its parameters, in lower case.
func mediaType(value string) string {
	media, _, _ := strings.Cut(value, ";")
	return strings.ToLower(strings.TrimSpace(media))
}

// matchesMedia tells whether one of types is the media type, "*/*" or "image/*".
func matchesMedia(types []string, media string) bool {
	kind, _, _ := strings.Cut(media, "/")
	return slices.ContainsFunc(types, func(t string) bool {
		t = strings.ToLower(t)
		return t == media || t == "*/*" || t == kind+"/*"
	})
}

const (
	region    = "us-east-1"
	accountID = "123456789012"
)

// stableID is an identifier as AWS makes them, always the same for a name.
func stableID(name string, length int) string {
	sum := sha256.Sum256([]byte(name))
	return strings.ToLower(base32.StdEncoding.EncodeToString(sum[:]))[:length]
}

// The ids of a request are random; nothing secret rests on them.

// newUUID is a UUID of version 4 (RFC 9562 section 5.4).
func newUUID() string {
	raw := randomBytes()
	raw[6] = raw[6]&0x0f | 0x40
	raw[8] = raw[8]&0x3f | 0x80
	text := make([]byte, 0, 36)
	for i, b := range raw {
		if i == 4 || i == 6 || i == 8 || i == 10 {
			text = append(text, '-')
		}
		text = append(text, hexDigits[b>>4], hexDigits[b&0xf])
	}
	return string(text)
}

// newExtendedID is an id of API Gateway: 15 characters and "=".
func newExtendedID() string {
	raw := randomBytes()
	return base64.StdEncoding.EncodeToString(raw[:11])
}

// traceID is the X-Amzn-Trace-Id of the request. One that the client sent is
// kept behind a Self field of its own ("Request tracing for your Application
// Load Balancer").
func traceID(sent string, now time.Time) string {
	raw := randomBytes()
	id := "1-" + strconv.FormatInt(now.Unix(), 16) + "-" + hex.EncodeToString(raw[:12])
	if !strings.Contains(sent, "Root=") {
		return "Root=" + id
	}
	return "Self=" + id + ";" + sent
}

func randomBytes() (b [16]byte) {
	binary.NativeEndian.PutUint64(b[:], rand.Uint64())
	binary.NativeEndian.PutUint64(b[8:], rand.Uint64())
	return b
}
