package frontdoor

// A Door is the AWS service that turned an HTTP request into a Lambda event.
// It decides the shape of the event and of the response.
type Door string

// The doors that can send an HTTP request to a function.
const (
	REST     Door = "rest"      // API Gateway REST API, payload 1.0
	HTTP     Door = "http"      // API Gateway HTTP API, payload 2.0
	HTTP1    Door = "http1"     // API Gateway HTTP API, payload 1.0
	URL      Door = "url"       // Lambda Function URL
	ALB      Door = "alb"       // Application Load Balancer, single-value headers
	ALBMulti Door = "alb-multi" // Application Load Balancer, multi-value headers
	Lattice  Door = "lattice"   // VPC Lattice, event version 2.0
)
