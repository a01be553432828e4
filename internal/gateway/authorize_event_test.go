package gateway_test

import (
	"encoding/json"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/crumb-go/crumb/internal/app"
	"github.com/crumb-go/crumb/internal/gateway"
)

// TestAuthorizerEvents compares the members of authorizers' events with AWS's samples, as
// aws-lambda-go has them, and the values that do not depend on the request's time and id.
// Members of the sample that only certificates, edge-optimized APIs or nobody sends are
// missing; the request context has what the function's event has too.
func TestAuthorizerEvents(t *testing.T) {
	module, err := exec.Command("go", "list", "-m", "-f", "{{.Dir}}", "github.com/aws/aws-lambda-go").Output()
	if err != nil {
		t.Fatal("go list -m: ", err)
	}
	header := []app.IdentitySource{{In: app.FromHeader, Name: "X-User"}, {In: app.FromQuery, Name: "id"}}
	rows := []struct {
		kind, file      string
		sources         []app.IdentitySource
		absent, further string // members of requestContext that only the sample has, or only our event
		want            map[string]string
	}{
		{"token", "apigw-custom-auth-request.json", header[:1], "", "", map[string]string{
			"type": `"TOKEN"`, "authorizationToken": `"Bearer user1"`, "methodArn": `"arn:aws:execute-api:us-east-1:123456789012:zyirocpvjr/prod/POST/foo/1234"`}},
		{"request", "apigw-custom-auth-request-type-request.json", header, "",
			"deploymentId domainName domainPrefix extendedRequestId protocol requestTime requestTimeEpoch", map[string]string{
				"type": `"REQUEST"`, "methodArn": `"arn:aws:execute-api:us-east-1:123456789012:zyirocpvjr/prod/POST/foo/1234"`,
				"resource": `"/{proxy+}"`, "path": `"/foo/1234"`, "httpMethod": `"POST"`, "queryStringParameters": `{"id":"123"}`,
				"pathParameters": `{"proxy":"foo/1234"}`, "stageVariables": `{}`, "multiValueHeaders.x-user": `["Bearer user1"]`, "requestContext.path": `"/prod/foo/1234"`}},
		{"http1", "apigw-v2-custom-authorizer-v1-request.json", header, "",
			"domainName domainPrefix extendedRequestId protocol requestTime requestTimeEpoch", map[string]string{
				"version": `"1.0"`, "type": `"REQUEST"`, "methodArn": `"arn:aws:execute-api:us-east-1:123456789012:zyirocpvjr/$default/POST/foo/1234"`,
				"identitySource": `"Bearer user1,123"`, "authorizationToken": `"Bearer user1,123"`, "pathParameters": `{}`, "headers.Content-Length": `"4"`}},
		{"http2", "apigw-v2-custom-authorizer-v2-request.json", header, "authentication", "", map[string]string{
			"version": `"2.0"`, "type": `"REQUEST"`, "routeArn": `"arn:aws:execute-api:us-east-1:123456789012:zyirocpvjr/$default/POST/foo/1234"`,
			"identitySource": `["Bearer user1","123"]`, "routeKey": `"$default"`, "rawPath": `"/foo/1234"`, "rawQueryString": `"id=123"`,
			"cookies": `["a=1","b=2"]`, "headers.content-length": `"4"`}},
		{"http2", "apigw-v2-custom-authorizer-v2-request.json", nil, "authentication", "", map[string]string{"identitySource": `null`}}, // U TS#3483
	}
	for _, row := range rows {
		t.Run(row.kind, func(t *testing.T) {
			api := guarded(row.kind)
			authorizerOf(api).Sources = row.sources
			f := respondWith(policyOf("Deny", "*", ""))
			serve(t, api, f, gateway.Options{}, with("POST", "/foo/1234?id=123", "body", "X-User", "Bearer user1", "Cookie", "a=1; b=2")())
			text, err := os.ReadFile(filepath.Join(strings.TrimSpace(string(module)), "events", "testdata", row.file))
			if err != nil {
				t.Fatal(err)
			}
			var sample map[string]any
			if err := json.Unmarshal(text, &sample); err != nil {
				t.Fatal(err)
			}
			if row.kind == "http2" { // which has them only where there are some
				delete(sample, "pathParameters")
				delete(sample, "stageVariables")
			}
			compare(t, "members", names(f.asked), names(sample))
			context, _ := f.asked["requestContext"].(map[string]any)
			wanted, _ := sample["requestContext"].(map[string]any)
			for _, name := range strings.Fields(row.absent) {
				delete(wanted, name)
			}
			for _, name := range strings.Fields(row.further) {
				delete(context, name)
			}
			compare(t, "members of requestContext", names(context), names(wanted))
			for path, want := range row.want {
				compare(t, path, member(t, f.asked, path), want)
			}
		})
	}
}

func names(object map[string]any) string {
	return strings.Join(slices.Sorted(maps.Keys(object)), " ")
}
