package frontdoor

import (
	"net/http"
)

// The documented sizes of an answer, all its JSON, in bytes.
const (
	lambdaLimit = 6<<20 + 100 // AWS, "Lambda quotas": 6 MB; the runtime API takes 100 bytes more
	albLimit    = 1 << 20     // AWS, "Use Lambda functions as targets of an Application Load Balancer": 1 MB
)

// streamHeadLimit is where the 8 NULs after the head of a streamed answer must
// have come, in bytes; API Gateway documents it for REST APIs ("Set up a Lambda
// proxy integration with payload response streaming").
const streamHeadLimit = 16 << 10

// headerBudget is what API Gateway documents for the header values of a request.
// It documents nothing for answers, so a bigger one is reported and sent.
const headerBudget = 10240

// encode gives the answer the door's shape. One that the door would not take is
// reported and replaced: on too many bytes Lambda would end the process.
func (i *invocation) encode(a answer) []byte {
	door := i.event.door
	size, biggest := i.checkHeaders(a.header)
	cookies := len(a.header[setCookie])
	if cookies > 1 && (door == ALB || door == Lattice) {
		i.logWarn("this door takes one value for each header: every cookie is sent under a spelling of Set-Cookie of its own;"+
			" set lambda.multi_value_headers.enabled on the load balancer's target group (VPC Lattice has no such attribute)",
			"cookies", cookies)
		if cookies > spellings {
			i.logError("answer refused: more cookies than Set-Cookie has spellings", "cookies", cookies)
			return i.event.internalError().encode(door)
		}
	}
	limit := lambdaLimit
	if door == ALB || door == ALBMulti {
		limit = albLimit
	}
	b := a.encode(door)
	if len(b) > limit {
		i.logError("answer refused: bigger than the door takes",
			"bytes", len(b), "limit", limit, "bodyBytes", len(a.body),
			"headerBytes", size, "biggestHeader", biggest)
		return i.event.internalError().encode(door)
	}
	return b
}

// checkHeaders reports headers beyond the budget.
func (i *invocation) checkHeaders(h http.Header) (size int, biggest string) {
	size, biggest = headerSize(h)
	if size > headerBudget {
		i.logError("answer has more header bytes than API Gateway documents for requests; it may not arrive",
			"headerBytes", size, "limit", headerBudget, "biggestHeader", biggest)
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
