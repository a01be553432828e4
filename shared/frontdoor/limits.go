package frontdoor

import (
	"net/http"

	"github.com/crumb-go/crumb/shared/wire"
)

// encode gives the response the door's shape. One that the door would not take is
// reported and replaced: on too many bytes Lambda would end the process.
func (i *invocation) encode(r response) []byte {
	door := i.event.door
	size, biggest := i.checkHeaders(r.header)
	cookies := len(r.header[setCookie])
	if cookies > 1 && (door == ALB || door == Lattice) {
		i.logWarn("this service allows one value for each header name: sending each cookie under another capitalization of Set-Cookie;"+
			" enable lambda.multi_value_headers.enabled on the load balancer's target group (VPC Lattice has no such attribute)",
			"cookies", cookies)
		if cookies > spellings {
			i.logError("response rejected: more cookies than Set-Cookie has spellings", "cookies", cookies)
			return i.event.internalError().encode(door)
		}
	}
	limit := wire.MaxPayload
	if door == ALB || door == ALBMulti {
		limit = wire.MaxALBBody
	}
	b := r.encode(door)
	if len(b) > limit {
		i.logError("response rejected: bigger than the door takes",
			"bytes", len(b), "limit", limit, "bodyBytes", len(r.body),
			"headerBytes", size, "biggestHeader", biggest)
		return i.event.internalError().encode(door)
	}
	return b
}

// checkHeaders reports more header bytes than API Gateway takes in a request. It
// documents nothing for responses, so they are sent all the same.
func (i *invocation) checkHeaders(h http.Header) (size int, biggest string) {
	size, biggest = headerSize(h)
	if size > wire.MaxHeaders {
		i.logError("response has more header bytes than API Gateway documents for requests; it may not arrive",
			"headerBytes", size, "limit", wire.MaxHeaders, "biggestHeader", biggest)
	}
	return size, biggest
}

// headerSize counts the bytes of h's values and names the header with the most
// in one value, for a cookie with the cookie's name.
func headerSize(h http.Header) (size int, biggest string) {
	most := 0
	for _, name := range sortedNames(h) {
		for _, v := range h[name] {
			size += len(v)
			if len(v) <= most {
				continue
			}
			most, biggest = len(v), name
			if name == setCookie {
				biggest += " " + cookieName(v)
			}
		}
	}
	return size, biggest
}
