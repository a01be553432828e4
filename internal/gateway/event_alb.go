package gateway

import (
	"strconv"

	"github.com/crumb-go/crumb/internal/app"
)

// writeALB writes the event of a load balancer ("Use Lambda functions as targets of
// an Application Load Balancer"). Nothing is decoded, and the last of several lines
// is all that is left of them.
func writeALB(q *request, w *jsonWriter) {
	q.writeTarget(w, func(query, headers []header) {
		w.writeMap("queryStringParameters", query, last)
		w.writeMap("headers", headers, last)
	})
}

// writeALBMulti does so where the target group has multi-value headers.
func writeALBMulti(q *request, w *jsonWriter) {
	q.writeTarget(w, func(query, headers []header) {
		w.writeMultiMap("multiValueQueryStringParameters", query)
		w.writeMultiMap("multiValueHeaders", headers)
	})
}

func (q *request) writeTarget(w *jsonWriter, writeMaps func(query, headers []header)) {
	w.object("requestContext")
	w.object("elb")
	w.text("targetGroupArn", "arn:aws:elasticloadbalancing:"+app.DefaultRegion+":"+app.DefaultAccountID+":targetgroup/"+q.endpoint.apiID+"/0123456789abcdef")
	w.close('}')
	w.close('}')
	w.text("httpMethod", q.req.Method)
	w.octets("path", q.path)
	writeMaps(grouped(q.query, false), q.lowerCaseHeaders(q.passedHeaders(), false))
	q.writeBody(w, `""`)
}

// writeLattice writes event version 2.0 of VPC Lattice ("Use Lambda functions
// as targets in VPC Lattice"). The query also stands in the path, and only a port
// tells of https, as in the test data of aws-lambda-go; no live event is public.
func writeLattice(q *request, w *jsonWriter) {
	arn := func(service, name string) string {
		return "arn:aws:" + service + ":" + app.DefaultRegion + ":" + app.DefaultAccountID + ":" + name + "-0123456789abcdef0"
	}
	w.text("version", "2.0")
	path := q.path
	if q.query != "" {
		path += "?" + q.query
	}
	w.octets("path", path)
	w.text("method", q.req.Method)
	headers := q.passedHeaders()
	if len(q.body) > 0 {
		headers = append(headers, header{"content-length", []string{strconv.Itoa(len(q.body))}})
	}
	_, port := q.forwarded()
	w.writeMultiMap("headers", append(headers,
		header{"host", []string{q.host()}},
		header{"x-forwarded-for", []string{q.forwardedFor()}},
		header{"x-forwarded-port", []string{port}}))
	w.writeMultiMap("queryStringParameters", grouped(q.query, false))
	q.writeBody(w, "null")
	w.object("requestContext")
	w.text("serviceNetworkArn", arn("vpc-lattice", "servicenetwork/sn"))
	w.text("serviceArn", arn("vpc-lattice", "service/svc"))
	w.text("targetGroupArn", arn("vpc-lattice", "targetgroup/tg"))
	w.object("identity")
	w.text("sourceVpcArn", arn("ec2", "vpc/vpc"))
	w.close('}')
	w.text("region", app.DefaultRegion)
	w.text("timeEpoch", strconv.FormatInt(q.now.UnixMicro(), 10))
	w.close('}')
}
