package gateway_test

import (
	"context"
	"encoding/json"
	"regexp"
	"testing"

	"github.com/crumb-go/crumb/internal/app"
	"github.com/crumb-go/crumb/internal/gateway"
	"github.com/crumb-go/crumb/internal/lambda"
	"github.com/crumb-go/crumb/shared/frontdoor"
)

// TestIDsHaveTheFormOfAWS holds the form of each id, several times since some
// are random.
func TestIDsHaveTheFormOfAWS(t *testing.T) {
	const (
		uuid     = `[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}` // RFC 9562 section 5.4
		extended = `[0-9A-Za-z_-]{15}=`                                                  // aws/aws-lambda-dotnet asserts it of the live service
		trace    = `Root=1-[0-9a-f]{8}-[0-9a-f]{24}`                                     // "Request tracing for your Application Load Balancer"
		lattice  = `arn:aws:vpc-lattice:us-east-1:123456789012:`
	)
	for _, row := range []struct {
		door         frontdoor.Door
		member, want string
	}{
		{rest, "requestContext.requestId", uuid},
		{rest, "requestContext.extendedRequestId", extended},
		{rest, "requestContext.apiId", `[0-9a-z]{10}`},
		{rest, "requestContext.resourceId", `[0-9a-z]{6}`},
		{rest, "requestContext.deploymentId", `[0-9a-z]{6}`},
		{rest, "requestContext.accountId", `123456789012`},
		{rest, "headers.X-Amzn-Trace-Id", trace},
		{httpAPI1, "requestContext.requestId", extended},
		{httpAPI1, "requestContext.extendedRequestId", extended},
		{httpAPI1, "requestContext.apiId", `[0-9a-z]{10}`},
		{httpAPI1, "headers.X-Amzn-Trace-Id", trace},
		{httpAPI, "requestContext.requestId", extended},
		{httpAPI, "requestContext.apiId", `[0-9a-z]{10}`},
		{httpAPI, "requestContext.accountId", `123456789012`},
		{httpAPI, "headers.x-amzn-trace-id", trace},
		{furl, "requestContext.requestId", uuid},
		{furl, "requestContext.apiId", `[0-9a-z]{32}`},
		{furl, "requestContext.domainName", `[0-9a-z]{32}\.lambda-url\.us-east-1\.on\.aws`},
		{furl, "requestContext.domainPrefix", `[0-9a-z]{32}`},
		{furl, "headers.x-amzn-trace-id", trace},
		{alb, "headers.x-amzn-trace-id", trace},
		{alb, "requestContext.elb.targetGroupArn", `arn:aws:elasticloadbalancing:us-east-1:123456789012:targetgroup/[0-9a-z]+/[0-9a-f]{16}`},
		{frontdoor.Lattice, "requestContext.serviceNetworkArn", lattice + `servicenetwork/sn-[0-9a-f]{17}`},
		{frontdoor.Lattice, "requestContext.serviceArn", lattice + `service/svc-[0-9a-f]{17}`},
		{frontdoor.Lattice, "requestContext.targetGroupArn", lattice + `targetgroup/tg-[0-9a-f]{17}`},
		{frontdoor.Lattice, "requestContext.identity.sourceVpcArn", `arn:aws:ec2:us-east-1:123456789012:vpc/vpc-[0-9a-f]{17}`},
		{frontdoor.Lattice, "requestContext.region", `us-east-1`},
		{frontdoor.Lattice, "requestContext.timeEpoch", `[0-9]{16}`},
	} {
		form := regexp.MustCompile(`^"` + row.want + `"$`)
		for range 20 {
			event := eventOf(t, row.door, localRequest("GET", "/x", ""), nil)
			if got := member(t, event, row.member); !form.MatchString(got) {
				t.Errorf("%s: %s = %s, want %s", row.door, row.member, got, row.want)
				break
			}
		}
	}
}

// A response names the request by the ids of its event, also one of the door's
// own; the sandbox gets the trace id of the event.
func TestIDsOfAResponse(t *testing.T) {
	for _, row := range []struct {
		door           frontdoor.Door
		header, member string
	}{
		{rest, "X-Amzn-Requestid", "requestContext.requestId"},
		{rest, "X-Amz-Apigw-Id", "requestContext.extendedRequestId"},
		{httpAPI, "Apigw-Requestid", "requestContext.requestId"},
		{httpAPI1, "Apigw-Requestid", "requestContext.requestId"},
		{furl, "X-Amzn-Requestid", "requestContext.requestId"},
	} {
		for _, response := range []string{`{"statusCode":200}`, `{"statusCode":1}`} {
			var event map[string]any
			invoker := invokeFunc(func(_ context.Context, _ string, in lambda.Invocation) (*lambda.Response, error) {
				if err := json.Unmarshal(in.Payload, &event); err != nil {
					t.Fatal(err)
				}
				for _, name := range []string{"X-Amzn-Trace-Id", "x-amzn-trace-id"} {
					if got, ok := lookup(event, "headers."+name).(string); ok && got != in.TraceID {
						t.Errorf("%s: the event has the trace id %q, the invocation %q", row.door, got, in.TraceID)
					}
				}
				return jsonResponse(response), nil
			})
			res, _ := serve(t, oneRoute(app.HTTP, "2.0"), invoker, gateway.Options{Door: row.door}, localRequest("GET", "/x", ""))
			if got, want := res.Header.Get(row.header), lookup(event, row.member); got == "" || got != want {
				t.Errorf("%s: %s %q after %s, want %q of the event", row.door, row.header, got, response, want)
			}
		}
	}
}
