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
// when it answers with this.
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
	cookies             []string
	body                string
	base64              bool
	stageVariables      string // object
	records             string // array
	authorizer          bool   // methodArn or routeArn is present
	context             string // object: requestContext

	requestContext
}

// requestContext is what detection and the request need to know of the member
// of that name.
type requestContext struct {
	elb, http, serviceArn, connectionID bool // present

	domain, stage, requestID string
	sourceIP                 string
	fullPath                 string // the path with what stands before it in public
	methodV2                 string
}

// decode reads an event and finds its door. Its error matches ErrRefused and
// names members, never values.
func decode(payload []byte) (*event, error) {
	if !json.Valid(payload) {
		return nil, refused("it is not JSON")
	}
	e := &event{text: wire.ToUTF8(string(payload))}
	object := strings.TrimLeft(e.text, " \n\t\r")
	if object[0] != '{' {
		return nil, refused("it is not a JSON object")
	}
	m := matcher{}
	for name, value := range rawjson.Members(object) {
		switch name {
		case "version":
			m.string(&e.version, name, value)
		case "httpMethod":
			m.string(&e.httpMethod, name, value)
		case "method":
			m.string(&e.method, name, value)
		case "path":
			m.string(&e.path, name, value)
		case "rawPath":
			m.string(&e.rawPath, name, value)
		case "rawQueryString":
			m.string(&e.rawQuery, name, value)
		case "queryStringParameters":
			m.raw(&e.query, name, value, '{')
		case "multiValueQueryStringParameters":
			m.raw(&e.multiQuery, name, value, '{')
		case "headers":
			m.raw(&e.headers, name, value, '{')
		case "multiValueHeaders":
			m.raw(&e.multiValue, name, value, '{')
		case "cookies":
			m.strings(&e.cookies, name, value)
		case "body":
			m.string(&e.body, name, value)
		case "isBase64Encoded":
			e.base64 = value == "true"
		case "stageVariables":
			m.raw(&e.stageVariables, name, value, '{')
		case "Records":
			m.raw(&e.records, name, value, '[')
		case "methodArn", "routeArn":
			e.authorizer = e.authorizer || value != "null"
		case "requestContext":
			m.raw(&e.context, name, value, '{')
		}
	}
	if e.context != "" {
		e.requestContext = readContext(&m, e.context)
	}
	if m.err != nil {
		return nil, m.err
	}
	return e, e.detect(object)
}

// readContext leaves the parts that it does not know unread.
func readContext(m *matcher, context string) requestContext {
	var c requestContext
	for name, value := range rawjson.Members(context) {
		switch name {
		case "elb":
			c.elb = value != "null"
		case "serviceArn":
			c.serviceArn = value != "null"
		case "connectionId":
			c.connectionID = value != "null"
		case "domainName":
			m.string(&c.domain, name, value)
		case "stage":
			m.string(&c.stage, name, value)
		case "requestId":
			m.string(&c.requestID, name, value)
		case "path":
			m.string(&c.fullPath, name, value)
		case "http", "identity":
			var object string
			m.raw(&object, name, value, '{')
			if object == "" {
				continue
			}
			c.http = c.http || name == "http"
			for name, value := range rawjson.Members(object) {
				switch name {
				case "method":
					m.string(&c.methodV2, name, value)
				case "path":
					m.string(&c.fullPath, name, value)
				case "sourceIp":
					m.string(&c.sourceIP, name, value)
				}
			}
		}
	}
	return c
}

// detect sets the door by the event's shape. No member alone is enough: version
// 2.0 is shared by HTTP APIs, Function URLs and Lattice, and httpMethod by REST
// APIs and load balancers.
func (e *event) detect(object string) error {
	switch {
	case e.authorizer: // otherwise like a request, of payload 1.0 or 2.0
		return refused("Lambda authorizers are not served" + topLevel(object))
	case e.elb && (rawjson.HasMembers(e.multiValue) || e.multiValue != "" && !rawjson.HasMembers(e.headers)):
		e.door = ALBMulti
	case e.elb:
		e.door = ALB
	case e.version == "2.0" && e.http && strings.Contains(e.domain, ".lambda-url."):
		e.door = URL
	case e.version == "2.0" && e.http:
		e.door = HTTP
	case e.version == "2.0" && e.serviceArn:
		e.door = Lattice
	case e.connectionID:
		return refused("WebSocket APIs are not served" + topLevel(object))
	case isEdge(e.records):
		return refused("Lambda@Edge is not served" + topLevel(object))
	case e.httpMethod != "" && e.path != "" && e.version == "1.0":
		e.door = HTTP1
	case e.httpMethod != "" && e.path != "" && e.version == "":
		e.door = REST
	default:
		return refused("it is not an HTTP request of a known door" + topLevel(object))
	}
	if e.requestMethod() == "" {
		return refused("it has no method" + topLevel(object))
	}
	return nil
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

func refused(why string) error {
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

func (m *matcher) strings(to *[]string, name, value string) {
	var array string
	m.raw(&array, name, value, '[')
	if array == "" {
		return
	}
	*to = nil
	for element := range rawjson.Elements(array) {
		var s string
		m.string(&s, name, element)
		*to = append(*to, s)
	}
}

func (m *matcher) raw(to *string, name, value string, first byte) {
	switch {
	case value[0] == first:
		*to = value
	case value != "null" && m.err == nil:
		m.err = refused(fmt.Sprintf("its member %.40q has an unexpected JSON type", name))
	}
}
