package gateway

import (
	"cmp"
	"encoding/base64"
	"fmt"
	"io"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/crumb-go/crumb/internal/app"
	"github.com/crumb-go/crumb/internal/router"
	"github.com/crumb-go/crumb/shared/frontdoor"
	"github.com/crumb-go/crumb/shared/rawjson"
	"github.com/crumb-go/crumb/shared/wire"
)

// Event is the event that a door makes of r, complete as AWS sends it. The
// route is api's; without an api, or where it has no such route, it is one
// that has r's path for its path. A request without Host or RemoteAddr gets a
// realistic name and address. Event reads r.Body.
func Event(door frontdoor.Door, r *http.Request, api *app.API) ([]byte, error) {
	d := doors[door]
	if d == nil {
		return nil, fmt.Errorf("no door %q; there are %s", string(door), listDoors(false))
	}
	if api == nil {
		api = &app.API{ID: "Api"}
	}
	q := newRequest(r, api, d, newEndpoint(api, d))
	q.route, q.params = router.New(api.Routes, d.tree).Match(r.Method, q.path)
	if q.route == nil {
		q.route = &app.Route{Method: "ANY", Path: q.path}
	}
	if r.Body != nil {
		var err error
		if q.body, err = io.ReadAll(r.Body); err != nil {
			return nil, fmt.Errorf("gateway: read body: %w", err)
		}
	}
	return q.event(), nil
}

// event is the event of q.door.
func (q *request) event() []byte {
	w := &jsonWriter{append(make([]byte, 0, 4096+len(q.body)*4/3), '{')}
	q.door.writeEvent(q, w)
	w.close('}')
	return w.b
}

// requestTime is the form of time in API Gateway's events.
const requestTime = "02/Jan/2006:15:04:05 -0700"

// writeMap writes an object with one text for each name.
func (w *jsonWriter) writeMap(key string, list []header, one func([]string) string) {
	w.object(key)
	for _, h := range list {
		w.octets(h.name, one(h.values))
	}
	w.close('}')
}

// writeMultiMap writes an object with an array for each name.
func (w *jsonWriter) writeMultiMap(key string, list []header) {
	w.object(key)
	for _, h := range list {
		w.array(h.name)
		for _, v := range h.values {
			w.value(wire.ToUTF8(v))
		}
		w.close(']')
	}
	w.close('}')
}

func (w *jsonWriter) writeStageVariables(vars map[string]string) {
	w.object("stageVariables")
	for _, name := range slices.Sorted(maps.Keys(vars)) {
		w.octets(name, vars[name])
	}
	w.close('}')
}

func (w *jsonWriter) writePathParameters(params []router.Param, decode bool) {
	w.object("pathParameters")
	for _, p := range params {
		if decode {
			p.Value = decodePath(p.Value)
		}
		w.octets(p.Name, p.Value)
	}
	w.close('}')
}

// last is what a single-value map keeps of several lines.
func last(values []string) string { return values[len(values)-1] }

// comma is what it keeps in payload 2.0.
func comma(values []string) string { return strings.Join(values, ",") }

// writeBody writes the body as text or in base64, and the door's JSON for a request
// without one, "" for no member.
func (q *request) writeBody(w *jsonWriter, absent string) {
	encoded := len(q.body) > 0 && q.door.isBinary(q)
	switch {
	case encoded:
		w.text("body", base64.StdEncoding.EncodeToString(q.body))
	case len(q.body) > 0:
		w.text("body", string(q.body))
	case absent != "":
		w.raw("body", absent)
	}
	w.bool("isBase64Encoded", encoded)
}

// isBinary is the rule of most doors. What is text/*, or JSON, JavaScript or XML by
// its plain name, is text, so form posts are base64. Such text that is not UTF-8 is
// not documented; base64 keeps it whole.
func isBinary(q *request) bool {
	switch media := mediaType(q.req.Header.Get("Content-Type")); media {
	case "application/json", "application/javascript", "application/xml":
	default:
		if !strings.HasPrefix(media, "text/") {
			return true
		}
	}
	return !utf8.Valid(q.body)
}

// isBinaryALB also takes whatever has a Content-Encoding ("Using AWS Lambda with an
// Application Load Balancer").
func isBinaryALB(q *request) bool {
	return q.req.Header.Get("Content-Encoding") != "" || isBinary(q)
}

// isBinaryREST asks the API's binaryMediaTypes.
func isBinaryREST(q *request) bool {
	return matchesMedia(q.api.BinaryMediaTypes, cmp.Or(mediaType(q.req.Header.Get("Content-Type")), "application/json"))
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

// A jsonWriter appends members to a JSON object. Commas come by themselves: what
// follows anything but an opening bracket gets one.
type jsonWriter struct{ b []byte }

func (w *jsonWriter) comma() {
	if last := w.b[len(w.b)-1]; last != '{' && last != '[' {
		w.b = append(w.b, ',')
	}
}

// object and array start one; close ends it.
func (w *jsonWriter) object(key string)  { w.raw(key, "{") }
func (w *jsonWriter) array(key string)   { w.raw(key, "[") }
func (w *jsonWriter) close(bracket byte) { w.b = append(w.b, bracket) }

// key writes an object key. The keys crumb writes itself need no escapes, but
// header and parameter names may.
func (w *jsonWriter) key(name string) {
	w.comma()
	w.b = appendString(w.b, name)
	w.b = append(w.b, ':')
}

func (w *jsonWriter) value(s string)     { w.comma(); w.b = appendString(w.b, s) }
func (w *jsonWriter) text(key, s string) { w.key(key); w.b = appendString(w.b, s) }
func (w *jsonWriter) null(key string)    { w.raw(key, "null") }
func (w *jsonWriter) raw(key, s string)  { w.key(key); w.b = append(w.b, s...) }

func (w *jsonWriter) int(key string, n int64) { w.raw(key, strconv.FormatInt(n, 10)) }
func (w *jsonWriter) bool(key string, v bool) { w.raw(key, strconv.FormatBool(v)) }

// octets writes bytes of a header or a request line, as wire.ToUTF8 reads them.
func (w *jsonWriter) octets(key, s string) { w.text(key, wire.ToUTF8(s)) }

// appendString appends s as a JSON string. Each byte that is not UTF-8 becomes
// U+FFFD.
func appendString(b []byte, s string) []byte {
	if !utf8.ValidString(s) {
		s = string([]rune(s))
	}
	return rawjson.AppendString(b, s)
}
