package gateway

import (
	"net/http"
	"time"

	"github.com/crumb-go/crumb/internal/app"
	"github.com/crumb-go/crumb/shared/frontdoor"
	"github.com/crumb-go/crumb/shared/wire"
)

// A door is all by which one of AWS's services differs from the others. What they
// have in common is in the functions that read these rows.
type door struct {
	name frontdoor.Door

	// What a deployed API is known by. Its host name is an id and the suffix.
	idLength   int
	isLambda   bool // a request's id is that of the invocation (localstack, 2025-11-24)
	hostSuffix string
	stage      func(*app.API) string // nil: $default
	ownName    bool                  // events have that host name, whatever the client's Host

	tree     bool // routes are a tree of resources, not a list
	oneSlash bool // of slashes at the start of a path one counts, for routes and in the event's path

	// Limits on requests and responses.
	head        headLimits
	maxBody     int64         // of a request, in bytes
	maxResponse int           // of the function's JSON, in bytes
	timeout     time.Duration // where the route sets none; 0: the function's own is the only one
	pause       time.Duration // between two pieces of a stream; 0: any
	edgePause   time.Duration // the same for an edge-optimized API

	// Events.
	isBinary   func(*request) bool // whether a body that is not empty goes out as base64
	drops      map[string]bool     // headers of the client that end here, beside notPassed
	writeEvent func(*request, *jsonWriter)
	warnUnseen func(*exchange) // logs what the function cannot see of the request; nil: nothing

	// Responses of the function.
	lines       func(*exchange, *functionResponse) ([]line, error)
	cookies     bool                        // there is a member cookies
	strict      bool                        // other members make a response malformed
	typed       bool                        // so does null, or a number for a string
	status      string                      // of a response without a statusCode; "" for none
	anyBody     bool                        // a body that is not a string is sent as JSON
	bareBody    func([]byte) []byte         // the body of a response that is not an object with a statusCode; nil: malformed
	contentType string                      // of a response that has none; "" for none
	decodes     func(*exchange) bool        // whether the door decodes base64; nil: always
	badBase64   problem                     // what base64 that cannot be decoded is
	keepsNames  bool                        // header names are spelled as the function does
	renames     bool                        // X-Amzn-Remapped- goes before what the door writes itself
	addIDs      func(*request, http.Header) // names the request; nil: nothing does
	addTrace    func(*request, http.Header) // does so in a function's response only

	// Streams. The template of an API of another kind cannot ask for them, so there
	// the function decides.
	streams   bool
	rawStream bool   // also application/octet-stream, which has no head
	noStream  string // why a stream is treated as a whole response

	// Cross-origin requests; nil: they are the function's business.
	serveCORS func(*exchange, *app.CORS) bool
	preflight int  // status of a preflight
	dropsCORS bool // those that the function writes, if the API has CORS ("Configure CORS for HTTP APIs in API Gateway")

	errors *errorTable // nil: crumb only makes its events
}

// payload is the version of its events.
func (d *door) payload() string {
	if d.name == frontdoor.HTTP {
		return "2.0"
	}
	return "1.0"
}

// doors has a row for each door.
var doors = map[frontdoor.Door]*door{
	frontdoor.REST: {
		name:     frontdoor.REST,
		idLength: 10, hostSuffix: executeAPI, stage: restStage,
		tree: true, oneSlash: true,
		head:    headLimits{url: wire.MaxURL, values: wire.MaxHeaders},
		maxBody: wire.MaxAPIBody, maxResponse: wire.MaxPayload,
		timeout: wire.RESTTimeout, // 29 seconds
		pause:   wire.RESTPause, edgePause: wire.RESTEdgePause,
		isBinary: isBinaryREST, drops: droppedByREST, writeEvent: writeREST, warnUnseen: warnDamagedBody,
		lines: mergedLines, strict: true, status: "200", contentType: "application/json",
		decodes: decodesREST, badBase64: badConfiguration,
		keepsNames: true, renames: true, addIDs: addRESTIDs, addTrace: addRESTTrace,
		streams:   true,
		noStream:  "the function streams, but its event has no ResponseTransferMode RESPONSE_STREAM",
		serveCORS: serveMockOptions,
		errors:    &restErrors,
	},
	frontdoor.HTTP: {
		name:     frontdoor.HTTP,
		idLength: 10, hostSuffix: executeAPI, stage: httpStage,
		oneSlash: true,
		head:     headLimits{values: wire.MaxHeaders, withLine: true},
		maxBody:  wire.MaxAPIBody, maxResponse: wire.MaxPayload, timeout: wire.HTTPTimeout,
		isBinary: isBinary, writeEvent: writeHTTP,
		lines: splitLines, cookies: true, contentType: plainText, bareBody: unquotedBody,
		addIDs:    addHTTPIDs,
		serveCORS: addCORS, preflight: http.StatusNoContent, dropsCORS: true,
		errors: &httpErrors,
	},
	frontdoor.HTTP1: {
		name:     frontdoor.HTTP1,
		idLength: 10, hostSuffix: executeAPI, stage: httpStage,
		oneSlash: true,
		head:     headLimits{values: wire.MaxHeaders, withLine: true},
		maxBody:  wire.MaxAPIBody, maxResponse: wire.MaxPayload, timeout: wire.HTTPTimeout,
		isBinary: isBinary, writeEvent: writeHTTP1,
		lines: mergedLinesHTTP, contentType: plainText,
		addIDs:    addHTTPIDs,
		serveCORS: addCORS, preflight: http.StatusNoContent, dropsCORS: true,
		errors: &httpErrors,
	},
	frontdoor.URL: {
		name:     frontdoor.URL,
		idLength: 32, isLambda: true, hostSuffix: ".lambda-url." + app.DefaultRegion + ".on.aws", ownName: true,
		maxBody: wire.MaxPayload, maxResponse: wire.MaxPayload,
		isBinary: isBinary, drops: droppedByURL, writeEvent: writeURL,
		lines: singleLines, cookies: true, contentType: "application/json", anyBody: true, bareBody: rewrittenBody,
		renames: true, addIDs: addURLIDs,
		streams: true, rawStream: true,
		noStream:  "the function streams, but its URL has InvokeMode BUFFERED",
		serveCORS: addCORS, preflight: http.StatusOK,
		errors: &urlErrors,
	},
	frontdoor.ALB: {
		name:     frontdoor.ALB,
		idLength: 10, hostSuffix: elb,
		head:    headLimits{line: albLine, values: albHead},
		maxBody: wire.MaxALBBody, maxResponse: wire.MaxALBBody,
		isBinary: isBinaryALB, writeEvent: writeALB, warnUnseen: warnLastCookie,
		lines: albLines, typed: true,
		errors: &albErrors,
	},
	frontdoor.ALBMulti: {
		name:     frontdoor.ALBMulti,
		idLength: 10, hostSuffix: elb,
		head:    headLimits{line: albLine, values: albHead},
		maxBody: wire.MaxALBBody, maxResponse: wire.MaxALBBody,
		isBinary: isBinaryALB, writeEvent: writeALBMulti,
		lines: albMultiLines, typed: true,
		errors: &albErrors,
	},
	frontdoor.Lattice: {
		name:     frontdoor.Lattice,
		idLength: 10, hostSuffix: ".7d67968.vpc-lattice-svcs." + app.DefaultRegion + ".on.aws",
		isBinary: isBinary, writeEvent: writeLattice,
	},
}

const (
	executeAPI = ".execute-api." + app.DefaultRegion + ".amazonaws.com"
	elb        = "." + app.DefaultRegion + ".elb.amazonaws.com"
	plainText  = "text/plain; charset=utf-8"
)

// ownDoors are the doors of each kind of API.
var ownDoors = map[app.Kind]frontdoor.Door{app.REST: frontdoor.REST, app.HTTP: frontdoor.HTTP, app.URL: frontdoor.URL}
