package gateway

import (
	"fmt"
	"io"
	"net/http"
	"strings"

	"github.com/crumb-go/crumb/internal/sam"
	"github.com/crumb-go/crumb/shared/frontdoor"
)

// Event is the event that a door makes of r, complete as AWS sends it. The
// route is api's; without an api, or where it has no such route, it is one
// that has r's path as its own. A request without Host or RemoteAddr gets a
// realistic name and address. Event reads r.Body.
func Event(door frontdoor.Door, r *http.Request, api *sam.API) ([]byte, error) {
	if api == nil {
		api = &sam.API{ID: "Api", Stage: defaultRoute}
		if door == frontdoor.REST {
			api.Stage = "prod"
		}
	}
	q := newRequest(r, api, door, newEntrance(api, door))
	q.route, q.params = newRouter(api.Routes, door == frontdoor.REST).match(r.Method, q.path)
	if q.route == nil {
		q.route = newRoute(&sam.Route{Method: "ANY", Path: q.path})
	}
	if r.Body != nil {
		var err error
		if q.body, err = io.ReadAll(r.Body); err != nil {
			return nil, fmt.Errorf("gateway: read body: %w", err)
		}
	}
	return q.event()
}

// event writes the event of q.door.
func (q *request) event() ([]byte, error) {
	w := &jsonWriter{b: make([]byte, 0, 4096+len(q.body)*4/3)}
	switch q.door {
	case frontdoor.REST, frontdoor.HTTP1:
		q.writeV1(w)
	case frontdoor.HTTP, frontdoor.URL:
		q.writeV2(w)
	case frontdoor.ALB, frontdoor.ALBMulti:
		q.writeALB(w)
	case frontdoor.Lattice:
		q.writeLattice(w)
	default:
		return nil, fmt.Errorf("gateway: no door %q", string(q.door))
	}
	return w.b, nil
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
