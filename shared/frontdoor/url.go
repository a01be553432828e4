package frontdoor

import (
	"maps"
	"net/url"
	"strings"
)

// url builds the URL from its parts. Parsing a concatenation would decode twice
// what some doors have decoded, fail at "%" and lose the query after "#".
func (e *event) url(m *matcher) *url.URL {
	path, encoded := e.path, true
	switch e.door {
	case HTTP:
		// API Gateway decodes the path; an emulator of Function URLs without
		// their domain shows itself by giving it in both forms.
		decoded, err := url.PathUnescape(e.rawPath)
		path, encoded = e.rawPath, err == nil && e.rawPath != e.fullPath && decoded == e.fullPath
	case URL:
		path = e.rawPath
	case HTTP1:
		encoded = false
	}
	if !strings.HasPrefix(path, "/") {
		path = "/" + path
	}
	u := &url.URL{Path: path}
	if encoded {
		if decoded, err := url.PathUnescape(path); err == nil {
			u.Path = decoded
			if u.EscapedPath() != path {
				u.RawPath = path
			}
		}
	}
	u.RawQuery = e.queryString(m)
	return u
}

func (e *event) queryString(m *matcher) string {
	switch e.door {
	case HTTP, URL:
		return strings.TrimPrefix(e.rawQuery, "?")
	case REST, HTTP1:
		values := url.Values{}
		for _, f := range fieldsOf(m, e.query) {
			values.Set(f.name, f.value)
		}
		multi := url.Values{}
		for _, f := range fieldsOf(m, e.multiQuery) {
			multi.Add(f.name, f.value)
		}
		maps.Copy(values, multi)
		return values.Encode()
	}
	// A load balancer does not decode; whether VPC Lattice does is not documented.
	object := e.multiQuery
	if object == "" {
		object = e.query
	}
	var b strings.Builder
	for _, f := range fieldsOf(m, object) {
		if b.Len() > 0 {
			b.WriteByte('&')
		}
		writeEncoded(&b, f.name)
		b.WriteByte('=')
		writeEncoded(&b, f.value)
	}
	return b.String()
}

// writeEncoded writes text that is already encoded, and encodes what cannot be.
func writeEncoded(b *strings.Builder, s string) {
	for i := range len(s) {
		c := s[i]
		escaped := c == '%' && len(s) > i+2 && isHex(s[i+1]) && isHex(s[i+2])
		if c <= ' ' || c >= 0x7f || strings.IndexByte(`"#&<>;`, c) >= 0 || c == '%' && !escaped {
			const hex = "0123456789ABCDEF"
			b.Write([]byte{'%', hex[c>>4], hex[c&15]})
			continue
		}
		b.WriteByte(c)
	}
}

func isHex(c byte) bool {
	return '0' <= c && c <= '9' || 'a' <= c|0x20 && c|0x20 <= 'f'
}

// prefix is what stands before the handler's path in the client's: the stage of
// a REST API that is called without a domain of its own.
func (e *event) prefix() string {
	path := e.path
	if e.door == HTTP || e.door == URL {
		path = e.rawPath
	}
	prefix, ok := strings.CutSuffix(e.fullPath, path)
	if !ok && path != "/" { // "/" may be missing from "/prod/"
		return ""
	}
	return prefix
}
