// Package doors says, by the source of a program, which service in front of it its code is
// for.
package doors

import (
	"regexp"

	"github.com/crumb-go/crumb/internal/gobuild"
	"github.com/crumb-go/crumb/shared/frontdoor"
)

// reads are what code for the event of a door has: types of package events, adapters. A
// Function URL has that of an HTTP API.
var reads = []struct {
	door    frontdoor.Door
	service string
	code    *regexp.Regexp
}{
	{frontdoor.REST, "a REST API", regexp.MustCompile(`\bAPIGatewayProxyRe(quest|sponse)\b|(adapt[eo]r|gorillamux|handlerfunc)\.New\(|"github\.com/apex/gateway"`)},
	{frontdoor.ALB, "a load balancer", regexp.MustCompile(`\bALBTargetGroupRe(quest|sponse)\b|\.NewALB\(`)},
	{"", "a Function URL", regexp.MustCompile(`\b((APIGatewayV2HTTP|LambdaFunctionURL)Re(quest|sponse)|NewV2|ProxyWithContextV2)\b`)},
}

// readsOther is what code for other events has, such as that of a queue or an authorizer.
var readsOther = regexp.MustCompile(`\bevents\.[A-Z]\w*(Event|Request)|CustomAuthorizer`)

// Parameter is what code has that reads a path parameter, and its name unless that is
// a constant. Of proxy the service that calls it may have the value.
var Parameter = regexp.MustCompile(`\bPathParameters\[(?:"(\w+)"|\w+)\]`)

// Of returns the door whose event the code of p reads, and its service: "" for a
// Function URL, for several doors, and if the code does not say. It is not for HTTP if it
// reads other events only, or links nothing that knows events of AWS. Where the main
// package says it, the packages that it links do not count.
func Of(p gobuild.Program) (door frontdoor.Door, service string, isHTTP bool) {
	for _, p := range []gobuild.Program{{Dir: p.Dir}, p} {
		found := 0
		for _, r := range reads {
			if p.Has(r.code) {
				door, service = r.door, r.service
				found++
			}
		}
		switch {
		case found == 1:
			return door, service, true
		case found > 1:
			return "", "", true
		case p.Has(readsOther):
			return "", "", false
		}
	}
	return "", "", p.Incomplete || p.Links("github.com/aws/aws-lambda-go/events")
}
