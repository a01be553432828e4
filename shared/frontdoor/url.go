package frontdoor

import (
	"maps"
	"net/http"
	"net/url"
	"strings"
)

// url builds the URL from its parts. Parsing a concatenation would decode twice
// what some doors have decoded, fail at "%" and lose the query after "#".
func (e *event) url(m *matcher) *url.URL {
	path, encoded := e.eventPath(), true
	switch e.door {
	case HTTP:
		// API Gateway decodes the path; an emulator of Function URLs without
		// their domain shows itself by giving it in both forms.
		decoded, err := url.PathUnescape(path)
		encoded = err == nil && path != e.fullPath && decoded == e.fullPath
	case HTTP1:
		// Here it decodes only that of the request context, as recorded in 2025
		// (aws-lambda-dotnet). An emulator that decodes both makes them equal.
		encoded = path != e.fullPath
	}
	path = path[len(e.stageIn(path)):]
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

// eventPath is the path that the event has for the handler.
func (e *event) eventPath() string {
	switch e.door {
	case HTTP, URL:
		return e.rawPath
	case Lattice: // has the query behind it
		path, _, _ := strings.Cut(e.path, "?")
		return path
	}
	return e.path
}

func (e *event) queryString(m *matcher) string {
	switch e.door {
	case HTTP, URL:
		return strings.TrimPrefix(e.rawQuery, "?")
	case Lattice:
		if _, query, _ := strings.Cut(e.path, "?"); query != "" {
			return query
		}
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

// stageIn is the stage at the start of a path of the event, "/dev", or "". HTTP APIs
// put a stage that has a name before each path.
func (e *event) stageIn(path string) string {
	if e.door != HTTP && e.door != HTTP1 || e.stage == "" || e.stage == "$default" {
		return ""
	}
	rest, ok := strings.CutPrefix(path, "/"+e.stage)
	if !ok || rest != "" && rest[0] != '/' {
		return ""
	}
	return path[:len(path)-len(rest)]
}

// prefix is what stands before the handler's path in the client's: the stage of
// an API that is called without a custom domain.
func (e *event) prefix() string {
	path := e.eventPath()
	prefix, ok := strings.CutSuffix(e.fullPath, path)
	if decoded, err := url.PathUnescape(path); !ok && err == nil {
		prefix, ok = strings.CutSuffix(e.fullPath, decoded)
	}
	if !ok && path != "/" { // "/" may be missing from "/prod/"
		prefix = ""
	}
	prefix = strings.TrimRight(prefix, "/") // a REST API drops slashes behind the stage from path
	if e.ownDomain() {
		return prefix
	}
	return prefix + e.stageIn(path)
}

// PrefixLocations returns a handler that is h, with Event.Prefix before each
// Location in its responses that is a path. With it redirects lead to h behind an
// API whose stage is in the client's URLs, too: behind the stage prod a browser
// would take "/login" for a stage of that name, and so h's own redirects as well as
// those of routers, such as from /cart to /cart/, become "/prod/login". Locations
// that are relative or have a host stay as they are, and all do where the client's
// URLs have no stage, as under "crumb start". h must not write the prefix itself.
func PrefixLocations(h http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if i, ok := r.Context().Value(invocationKey{}).(*invocation); ok {
			i.prefixLocations = true
		}
		h.ServeHTTP(w, r)
	})
}

// prefixLocation does what PrefixLocations says.
func (w *writer) prefixLocation() {
	e, location := w.invocation.event, w.fixed.Get("Location")
	staged := e.domain == "" || strings.Contains(e.domain, executeAPI)
	if w.invocation.prefixLocations && staged && strings.HasPrefix(location, "/") && !strings.HasPrefix(location, "//") {
		w.fixed.Set("Location", e.prefix()+location)
	}
}

// ownDomain reports whether the client called the API by a custom domain. That
// leads to one stage, so that only the event's path has the stage, not the client's
// (github.com/CodeGenieApp/serverless-express/issues/465). A domain of "crumb
// start" has a port.
func (e *event) ownDomain() bool {
	return e.domain != "" && !strings.Contains(e.domain, executeAPI) && !strings.Contains(e.domain, ":")
}

// executeAPI is in each domain that AWS gives an API.
const executeAPI = ".execute-api."
