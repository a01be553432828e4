package frontdoor

import (
	"context"
	"crypto/tls"
	"encoding/base64"
	"io"
	"maps"
	"net"
	"net/http"
	"net/netip"
	"net/textproto"
	"slices"
	"strings"

	"github.com/crumb-go/crumb/shared/rawjson"
)

// request builds the request that net/http's server would have given the
// handler, had the client come to it directly.
func (e *event) request(ctx context.Context) (*http.Request, error) {
	m := matcher{}
	header := e.header(&m)
	r := &http.Request{
		Method:     e.requestMethod(),
		Proto:      "HTTP/1.1",
		ProtoMajor: 1,
		ProtoMinor: 1,
		Header:     header,
		Host:       e.host(header),
		RemoteAddr: e.remoteAddr(header),
		Body:       http.NoBody,
	}
	delete(header, "Host") // as net/http does
	delete(header, "Transfer-Encoding")
	r.URL = e.url(&m)
	r.RequestURI = r.URL.RequestURI()
	if e.https(header) {
		r.TLS = &tls.ConnectionState{HandshakeComplete: true}
	}
	body := e.body
	if e.base64 == "true" {
		b, err := base64.StdEncoding.DecodeString(body)
		if err != nil {
			return nil, rejectEvent("its body is not the base64 that it claims to be")
		}
		body = string(b)
	}
	if body != "" {
		r.Body, r.ContentLength = io.NopCloser(strings.NewReader(body)), int64(len(body))
	}
	return r.WithContext(ctx), m.err
}

func (e *event) requestMethod() string {
	switch e.door {
	case HTTP, URL:
		return e.methodV2
	case Lattice:
		return e.method
	}
	return e.httpMethod
}

// header returns the request's headers: names canonical, values never split,
// and one Cookie line at most.
func (e *event) header(m *matcher) http.Header {
	h := headerOf(m, e.multiValue)
	if names := namesOf(e.multiValue); len(h) < len(names) || !slices.Equal(names, namesOf(e.headers)) {
		// The single map holds only the last value of each name, so it counts
		// only for names that the other lacks. Usually there are none: both
		// maps have the same names, and each of them became a header. Fewer
		// headers than names means that one was null or an empty list, or that
		// two spellings are one header.
		single := headerOf(m, e.headers)
		maps.Copy(single, h)
		h = single
	}
	// A Function URL has the cookies twice, an HTTP API only in the array.
	var cookies []string
	if e.cookies != "" {
		cookies = m.strings("cookies", e.cookies)
	}
	line := strings.Join(cookies, "; ")
	if line == "" {
		line = strings.Join(h["Cookie"], "; ") // RFC 9113 section 8.2.3
	}
	delete(h, "Cookie")
	if line != "" {
		h["Cookie"] = []string{line}
	}
	return h
}

// forgeable begins the names of the headers that aws-lambda-go-api-proxy would
// believe. Only clients send them.
const forgeable = "X-Golambdaproxy-"

// headerOf reads an object of headers, whose values are strings or arrays of
// them. Spellings of one name are merged in the order of their bytes, so that
// the result does not depend on the order of JSON members.
func headerOf(m *matcher, object string) http.Header {
	fields := fieldsOf(m, object)
	h := make(http.Header, len(fields))
	values := make([]string, len(fields)) // one allocation for all
	for i, f := range fields {
		name := textproto.CanonicalMIMEHeaderKey(f.name)
		if strings.HasPrefix(name, forgeable) {
			continue
		}
		if h[name] != nil {
			h[name] = append(h[name], f.value)
			continue
		}
		values[i] = f.value
		h[name] = values[i : i+1 : i+1]
	}
	return h
}

// namesOf lists the names of an object's members, "" being one without any.
func namesOf(object string) []string {
	if object == "" {
		return nil
	}
	names := make([]string, 0, 32)
	for name := range rawjson.Members(object) {
		names = append(names, name)
	}
	return names
}

type field struct{ name, value string }

// fieldsOf lists the values in an object of strings or arrays of strings,
// sorted by name.
func fieldsOf(m *matcher, object string) []field {
	if object == "" {
		return nil
	}
	fields := make([]field, 0, 32)
	for name, value := range rawjson.Members(object) {
		f := field{name: name}
		switch value[0] {
		case 'n': // null
		case '[':
			for _, f.value = range m.strings(name, value) {
				fields = append(fields, f)
			}
		default:
			m.string(&f.value, name, value)
			fields = append(fields, f)
		}
	}
	slices.SortStableFunc(fields, func(a, b field) int { return strings.Compare(a.name, b.name) })
	return fields
}

func (e *event) host(h http.Header) string {
	if host := h.Get("Host"); host != "" {
		return host
	}
	return e.domain
}

// https reports whether the client used it: as the door says, else as the door's
// service is used.
func (e *event) https(h http.Header) bool {
	switch proto := lastOf(h["X-Forwarded-Proto"]); {
	case proto == "http", proto == "https":
		return proto == "https"
	case e.door == Lattice: // tells the port alone
		return lastOf(h["X-Forwarded-Port"]) == "443"
	}
	return e.door != ALB && e.door != ALBMulti
}

// remoteAddr is the client's address as host:port, as in net/http. Most doors
// do not tell the port, which is 0 then.
func (e *event) remoteAddr(h http.Header) string {
	ip := e.sourceIP
	if ip == "" {
		ip = lastOf(h["X-Forwarded-For"]) // earlier entries are the client's word
		if _, err := netip.ParseAddrPort(ip); err == nil {
			return ip
		}
	}
	return net.JoinHostPort(strings.Trim(ip, "[]"), "0")
}

// lastOf is the last entry of a comma-separated list, the one that the nearest
// proxy has added.
func lastOf(lines []string) string {
	if len(lines) == 0 {
		return ""
	}
	line := lines[len(lines)-1]
	return strings.TrimSpace(line[strings.LastIndexByte(line, ',')+1:])
}
