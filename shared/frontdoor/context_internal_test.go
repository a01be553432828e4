package frontdoor

import (
	"context"
	"testing"

	"github.com/awslabs/aws-lambda-go-api-proxy/core"
)

// What aws-lambda-go-api-proxy would put into the context is only made for
// handlers that ask for it.
func TestAPIProxyContextIsLazy(t *testing.T) {
	e, err := decode([]byte(`{"httpMethod": "GET", "path": "/", "requestContext": {"accountId": "1"}}`))
	if err != nil {
		t.Fatal(err)
	}
	i := &invocation{Context: context.Background(), event: e}
	type other struct{}
	i.Value(other{})
	if _, ok := EventFrom(i); !ok || i.apiProxy != nil {
		t.Errorf("event %v, api-proxy context %v; want it and none", ok, i.apiProxy)
	}
	if _, ok := core.GetAPIGatewayContextFromContext(i); !ok || i.apiProxy == nil {
		t.Errorf("api-proxy context = %v, %v; want one", i.apiProxy, ok)
	}
}
