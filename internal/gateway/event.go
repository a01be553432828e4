package gateway

import (
	"fmt"
	"io"
	"maps"
	"net/http"
	"slices"
	"strings"

	"github.com/crumb-go/crumb/internal/app"
	"github.com/crumb-go/crumb/shared/frontdoor"
)

// Event is the event that a door makes of r, complete as AWS sends it. The
// route is api's; without an api, or where it has no such route, it is one
// that has r's path as its own. A request without Host or RemoteAddr gets a
// realistic name and address. Event reads r.Body.
func Event(door frontdoor.Door, r *http.Request, api *app.API) ([]byte, error) {
	if writers[door] == nil {
		return nil, fmt.Errorf("gateway: no door %q; there are %v", string(door), slices.Sorted(maps.Keys(writers)))
	}
	if api == nil {
		api = &app.API{ID: "Api"}
	}
	q := newRequest(r, api, door, newEntrance(api, door))
	q.route, q.params = newRouter(api.Routes, door == frontdoor.REST).match(r.Method, q.path)
	if q.route == nil {
		q.route = newRoute(&app.Route{Method: "ANY", Path: q.path})
	}
	if r.Body != nil {
		var err error
		if q.body, err = io.ReadAll(r.Body); err != nil {
			return nil, fmt.Errorf("gateway: read body: %w", err)
		}
	}
	return q.event(), nil
}

// writers write the event of each door.
var writers = map[frontdoor.Door]func(*request, *jsonWriter){
	frontdoor.REST:     (*request).writeV1,
	frontdoor.HTTP1:    (*request).writeV1,
	frontdoor.HTTP:     (*request).writeV2,
	frontdoor.URL:      (*request).writeV2,
	frontdoor.ALB:      (*request).writeALB,
	frontdoor.ALBMulti: (*request).writeALB,
	frontdoor.Lattice:  (*request).writeLattice,
}

// event is the event of q.door.
func (q *request) event() []byte {
	w := &jsonWriter{b: make([]byte, 0, 4096+len(q.body)*4/3)}
	writers[q.door](q, w)
	return w.b
}

// requestTime is the form of time in API Gateway's events.
const requestTime = "02/Jan/2006:15:04:05 -0700"

// writeMap writes an object with one text for each name.
func (w *jsonWriter) writeMap(key string, list []header, one func([]string) string) {
	w.key(key)
	w.open('{')
	for _, h := range list {
		w.key(h.name)
		w.octets(one(h.values))
	}
	w.close('}')
}

// writeMultiMap writes an object with an array for each name.
func (w *jsonWriter) writeMultiMap(key string, list []header) {
	w.key(key)
	w.open('{')
	for _, h := range list {
		w.key(h.name)
		w.open('[')
		for _, v := range h.values {
			w.octets(v)
		}
		w.close(']')
	}
	w.close('}')
}

func (w *jsonWriter) writeStageVariables(vars map[string]string) {
	list := make([]header, 0, len(vars))
	for _, name := range sortedKeys(vars) {
		list = append(list, header{name, []string{vars[name]}})
	}
	w.writeMap("stageVariables", list, last)
}

func (w *jsonWriter) writePathParameters(params []param, decode bool) {
	w.key("pathParameters")
	w.open('{')
	for _, p := range params {
		w.key(p.name)
		if decode {
			p.value = decodePath(p.value)
		}
		w.octets(p.value)
	}
	w.close('}')
}

func comma(values []string) string { return strings.Join(values, ",") }
