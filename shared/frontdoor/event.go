package frontdoor

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/crumb-go/crumb/shared/rawjson"
	"github.com/crumb-go/crumb/shared/wire"
)

// ErrRefused is matched by the error for an event that is not an HTTP request
// from one of this package's doors. The http.Handler has not run. A function
// that is sent other events too can give them to New's handler first and go on
// when it returns this.
var ErrRefused = errors.New("event refused")

// event is the union of the doors' events, read in one pass. A member that not
// every request needs stays JSON text, "" when absent or null.
type event struct {
	text string // the whole event
	door Door

	version             string
	httpMethod, method  string // payload 1.0 and ALB; Lattice
	path, rawPath       string
	rawQuery            string
	query, multiQuery   string // objects
	headers, multiValue string // objects: headers and multiValueHeaders
	cookies             string // array
	body, base64        string // base64 is a boolean
	stageVariables      string // object
	records             string // array
	methodArn, routeArn string // anything
	context             string // object: requestContext

	// Of the request context.
	elb, serviceArn, connectionID string // anything
	domain, stage, requestID      string
	identity, http                string // objects

	// Of the request context and of the objects identity and http in it.
	sourceIP string
	fullPath string // the path with what stands before it in public
	methodV2 string
}

// A member is where a value of the event goes, and with which byte its JSON has to
// begin; 0 is any.
type member struct {
	first byte
	of    func(*event) *string
}

var eventMembers = map[string]member{
	"version":                         {'"', func(e *event) *string { return &e.version }},
	"httpMethod":                      {'"', func(e *event) *string { return &e.httpMethod }},
	"method":                          {'"', func(e *event) *string { return &e.method }},
	"path":                            {'"', func(e *event) *string { return &e.path }},
	"rawPath":                         {'"', func(e *event) *string { return &e.rawPath }},
	"rawQueryString":                  {'"', func(e *event) *string { return &e.rawQuery }},
	"queryStringParameters":           {'{', func(e *event) *string { return &e.query }},
	"multiValueQueryStringParameters": {'{', func(e *event) *string { return &e.multiQuery }},
	"headers":                         {'{', func(e *event) *string { return &e.headers }},
	"multiValueHeaders":               {'{', func(e *event) *string { return &e.multiValue }},
	"cookies":                         {'[', func(e *event) *string { return &e.cookies }},
	"body":                            {'"', func(e *event) *string { return &e.body }},
	"isBase64Encoded":                 {0, func(e *event) *string { return &e.base64 }},
	"stageVariables":                  {'{', func(e *event) *string { return &e.stageVariables }},
	"Records":                         {'[', func(e *event) *string { return &e.records }},
	"methodArn":                       {0, func(e *event) *string { return &e.methodArn }},
	"routeArn":                        {0, func(e *event) *string { return &e.routeArn }},
	"requestContext":                  {'{', func(e *event) *string { return &e.context }},
}

var contextMembers = map[string]member{
	"elb":          {0, func(e *event) *string { return &e.elb }},
	"serviceArn":   {0, func(e *event) *string { return &e.serviceArn }},
	"connectionId": {0, func(e *event) *string { return &e.connectionID }},
	"domainName":   {'"', func(e *event) *string { return &e.domain }},
	"stage":        {'"', func(e *event) *string { return &e.stage }},
	"requestId":    {'"', func(e *event) *string { return &e.requestID }},
	"path":         {'"', func(e *event) *string { return &e.fullPath }},
	"identity":     {'{', func(e *event) *string { return &e.identity }},
	"http":         {'{', func(e *event) *string { return &e.http }},
}

// clientMembers are those of requestContext.identity and requestContext.http.
var clientMembers = map[string]member{
	"method":   {'"', func(e *event) *string { return &e.methodV2 }},
	"path":     {'"', func(e *event) *string { return &e.fullPath }},
	"sourceIp": {'"', func(e *event) *string { return &e.sourceIP }},
}

// decode reads an event and finds its door. Its error matches ErrRefused and
// names members, never values.
func decode(payload []byte) (*event, error) {
	if !json.Valid(payload) {
		return nil, rejectEvent("it is not JSON")
	}
	e := &event{text: wire.ToUTF8(string(payload))}
	object := strings.TrimLeft(e.text, " \n\t\r")
	if object[0] != '{' {
		return nil, rejectEvent("it is not a JSON object")
	}
	m := matcher{}
	e.read(&m, object, eventMembers)
	e.read(&m, e.context, contextMembers)
	e.read(&m, e.identity, clientMembers)
	e.read(&m, e.http, clientMembers)
	if m.err != nil {
		return nil, m.err
	}
	return e, e.detect(object)
}

// read takes the members of an object, "" being one without any, that a table has.
func (e *event) read(m *matcher, object string, table map[string]member) {
	if object == "" {
		return
	}
	for name, value := range rawjson.Members(object) {
		switch to, known := table[name]; {
		case !known:
		case to.first == '"':
			m.string(to.of(e), name, value)
		default:
			m.raw(to.of(e), name, value, to.first)
		}
	}
}

// shapes are the events that there are, in the order in which they are looked for.
// No member alone is enough: version 2.0 is shared by HTTP APIs, Function URLs and
// Lattice, and httpMethod by REST APIs and load balancers.
var shapes = [...]struct {
	door     Door
	rejected string // why, where no door is served that sends such events
	is       func(*event) bool
}{
	// Otherwise like a request, of payload 1.0 or 2.0.
	{"", "Lambda authorizer events are not supported", func(e *event) bool { return e.methodArn != "" || e.routeArn != "" }},
	{ALBMulti, "", func(e *event) bool { return e.elb != "" && e.hasMultiValue() }},
	{ALB, "", func(e *event) bool { return e.elb != "" }},
	{URL, "", func(e *event) bool {
		return e.version == "2.0" && e.http != "" && strings.Contains(e.domain, ".lambda-url.")
	}},
	{HTTP, "", func(e *event) bool { return e.version == "2.0" && e.http != "" }},
	{Lattice, "", func(e *event) bool { return e.version == "2.0" && e.serviceArn != "" }},
	{"", "WebSocket API events are not supported", func(e *event) bool { return e.connectionID != "" }},
	{"", "Lambda@Edge events are not supported", func(e *event) bool { return isEdge(e.records) }},
	{HTTP1, "", func(e *event) bool { return e.httpMethod != "" && e.path != "" && e.version == "1.0" }},
	{REST, "", func(e *event) bool { return e.httpMethod != "" && e.path != "" && e.version == "" }},
}

// detect sets the door by the event's shape.
func (e *event) detect(object string) error {
	for _, s := range shapes {
		switch {
		case !s.is(e):
			continue
		case s.rejected != "":
			return rejectEvent(s.rejected + topLevel(object))
		}
		if e.door = s.door; e.requestMethod() == "" {
			return rejectEvent("it has no method" + topLevel(object))
		}
		return nil
	}
	return rejectEvent("it is not an HTTP request of a known door" + topLevel(object))
}

// hasMultiValue reports whether a load balancer has been told to send
// multiValueHeaders. A request may have no headers at all.
func (e *event) hasMultiValue() bool {
	return rawjson.HasMembers(e.multiValue) || e.multiValue != "" && !rawjson.HasMembers(e.headers)
}

// isEdge reports whether records is those of a CloudFront event.
func isEdge(records string) bool {
	if records == "" {
		return false
	}
	for record := range rawjson.Elements(records) {
		if record[0] != '{' {
			continue
		}
		for name := range rawjson.Members(record) {
			if name == "cf" {
				return true
			}
		}
	}
	return false
}

// topLevel is the part of an error that lists an event's members, shortened
// where someone sent very many or very long names.
func topLevel(object string) string {
	const most, longest = 20, 40
	var names []string
	for name := range rawjson.Members(object) {
		if len(names) == most {
			names = append(names, "...")
			break
		}
		names = append(names, fmt.Sprintf("%.*q", longest, name))
	}
	return "; its members are [" + strings.Join(names, " ") + "]"
}

func rejectEvent(why string) error {
	return fmt.Errorf("frontdoor: %w: %s", ErrRefused, why)
}

// matcher takes values of the JSON type that a member has to have and keeps the
// first mismatch. null is taken as absent.
type matcher struct{ err error }

func (m *matcher) string(to *string, name, value string) {
	var literal string
	if m.raw(&literal, name, value, '"'); literal != "" {
		*to = rawjson.Unquote(literal)
	}
}

// strings returns the elements of an array.
func (m *matcher) strings(name, array string) []string {
	var list []string
	for element := range rawjson.Elements(array) {
		var s string
		m.string(&s, name, element)
		list = append(list, s)
	}
	return list
}

func (m *matcher) raw(to *string, name, value string, first byte) {
	switch {
	case value[0] == first || first == 0 && value != "null":
		*to = value
	case value != "null" && m.err == nil:
		m.err = rejectEvent(fmt.Sprintf("its member %.40q has an unexpected JSON type", name))
	}
}
