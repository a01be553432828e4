package gateway

import (
	"strconv"

	"github.com/crumb-go/crumb/internal/app"
	"github.com/crumb-go/crumb/shared/frontdoor"
)

// writeALB writes the event of a load balancer ("Use Lambda functions as
// targets of an Application Load Balancer"). Nothing is decoded. Without
// multi-value headers the last of several lines is all that is left.
func (q *request) writeALB(w *jsonWriter) {
	w.open('{')
	w.key("requestContext")
	w.open('{')
	w.key("elb")
	w.open('{')
	w.text("targetGroupArn", "arn:aws:elasticloadbalancing:"+app.DefaultRegion+":"+app.DefaultAccountID+":targetgroup/"+q.apiID+"/0123456789abcdef")
	w.close('}')
	w.close('}')
	w.text("httpMethod", q.Method)
	w.key("path")
	w.octets(q.path)
	query := grouped(pairs(q.query), false)
	headers := q.addLowerCase(q.headers())
	if q.door == frontdoor.ALBMulti {
		w.writeMultiMap("multiValueQueryStringParameters", query)
		w.writeMultiMap("multiValueHeaders", headers)
	} else {
		w.writeMap("queryStringParameters", query, last)
		w.writeMap("headers", headers, last)
	}
	body, isBase64 := q.encodeBody()
	w.text("body", body)
	w.bool("isBase64Encoded", isBase64)
	w.close('}')
}

// writeLattice writes event version 2.0 of VPC Lattice ("Use Lambda functions
// as targets in VPC Lattice").
func (q *request) writeLattice(w *jsonWriter) {
	arn := func(service, name string) string {
		return "arn:aws:" + service + ":" + app.DefaultRegion + ":" + app.DefaultAccountID + ":" + name + "-0123456789abcdef0"
	}
	w.open('{')
	w.text("version", "2.0")
	w.key("path")
	w.octets(q.path)
	w.text("method", q.Method)
	headers := q.headers()
	if len(q.body) > 0 {
		headers = append(headers, header{"content-length", []string{strconv.Itoa(len(q.body))}})
	}
	w.writeMultiMap("headers", append(headers,
		header{"host", []string{q.host()}},
		header{"x-forwarded-for", []string{q.forwardedFor()}}))
	w.writeMultiMap("queryStringParameters", grouped(pairs(q.query), false))
	if len(q.body) == 0 {
		w.null("body")
		w.bool("isBase64Encoded", false)
	} else {
		body, isBase64 := q.encodeBody()
		w.text("body", body)
		w.bool("isBase64Encoded", isBase64)
	}
	w.key("requestContext")
	w.open('{')
	w.text("serviceNetworkArn", arn("vpc-lattice", "servicenetwork/sn"))
	w.text("serviceArn", arn("vpc-lattice", "service/svc"))
	w.text("targetGroupArn", arn("vpc-lattice", "targetgroup/tg"))
	w.key("identity")
	w.open('{')
	w.text("sourceVpcArn", arn("ec2", "vpc/vpc"))
	w.close('}')
	w.text("region", app.DefaultRegion)
	w.text("timeEpoch", strconv.FormatInt(q.now.UnixMicro(), 10))
	w.close('}')
	w.close('}')
}
