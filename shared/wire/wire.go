// Package wire has what both ends of a Lambda event must agree on: AWS's limits,
// its names for things, and how bytes get into JSON. A front door, a gateway and a
// runtime that each had a number of their own would disagree one day.
//
// The numbers are those of AWS's quota pages in their defaults. They change when
// AWS changes them.
package wire

import (
	"strings"
	"time"
	"unicode/utf8"
)

// Sizes in bytes.
const (
	// MaxPayload is the largest event of a synchronous invocation, and the largest
	// response that is not streamed, as JSON: "Lambda quotas" has 6 MB, and the
	// Runtime API lets through 100 bytes more.
	MaxPayload = 6<<20 + 100

	// MaxAsyncPayload is the largest event of an asynchronous invocation ("Lambda quotas").
	MaxAsyncPayload = 1 << 20

	// MaxALBBody is the largest request body that a load balancer passes to a
	// function, and the largest JSON that it takes back ("Use Lambda functions as
	// targets of an Application Load Balancer").
	MaxALBBody = 1 << 20

	// MaxAPIBody is the largest request body of API Gateway ("Quotas for
	// configuring and running a REST API in API Gateway", and the same for HTTP
	// APIs).
	MaxAPIBody = 10 << 20

	// MaxHeaders is the total of all header values in a request to API Gateway, with
	// the request line for an HTTP API ("Amazon API Gateway quotas"). No page has a
	// limit for responses.
	MaxHeaders = 10240

	// MaxURL is the longest path and query of a regional REST API ("Quotas for
	// configuring and running a REST API in API Gateway").
	MaxURL = 10240

	// MaxStreamHead is where the 8 NULs after the head of a streamed response to a
	// REST API must have come ("Set up a Lambda proxy integration with payload
	// response streaming").
	MaxStreamHead = 16 << 10
)

// How long API Gateway waits for a function ("Quotas for configuring and running
// a REST API in API Gateway", "Quotas for configuring and running an HTTP API").
const (
	RESTTimeout       = 29 * time.Second // unless the route sets another
	RESTTimeoutRaised = 5 * time.Minute  // the most after a raise of the account's quota; Regional APIs only
	RESTTimeoutStream = 15 * time.Minute // the most for a response that is streamed
	HTTPTimeout       = 30 * time.Second // unless the route sets another, which is shorter
)

// How long a streamed response to a REST API may pause ("Stream the integration
// response for your proxy integrations in API Gateway").
const (
	RESTPause     = 5 * time.Minute
	RESTEdgePause = 30 * time.Second // of an edge-optimized API
)

// StreamType is the Content-Type by which a function says that its response is a
// stream that begins with status, headers and cookies as JSON, followed by
// StreamHeadEnd ("Response streaming for Lambda functions").
const (
	StreamType    = "application/vnd.awslambda.http-integration-response"
	StreamHeadEnd = "\x00\x00\x00\x00\x00\x00\x00\x00"
)

// ToUTF8 returns s with every byte that is not part of valid UTF-8 read as
// Latin-1: what HTTP lets into a header JSON may be unable to hold. (encoding/json
// would turn each such byte into the same U+FFFD, and so change a cookie beyond
// repair.) Each byte is judged by itself, since a whole event has texts of many
// origins. No page of AWS says what its services do with such bytes.
func ToUTF8(s string) string {
	if utf8.ValidString(s) {
		return s
	}
	var b strings.Builder
	for s != "" {
		r, size := utf8.DecodeRuneInString(s)
		if r == utf8.RuneError && size == 1 {
			r = rune(s[0])
		}
		b.WriteRune(r)
		s = s[size:]
	}
	return b.String()
}
