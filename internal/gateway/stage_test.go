package gateway_test

import (
	"context"
	"net/http"
	"testing"

	"github.com/crumb-go/crumb/internal/gateway"
	"github.com/crumb-go/crumb/internal/lambda"
	"github.com/crumb-go/crumb/internal/sam"
	"github.com/crumb-go/crumb/shared/frontdoor"
)

// An HTTP API with a named stage has it in front of each path, as the sample
// events of "Create AWS Lambda proxy integrations for HTTP APIs" do with
// "default".
func TestNamedStageOfHTTPAPI(t *testing.T) {
	api := oneRoute(sam.HTTP, "2.0")
	api.Stage, api.StageVariables = "dev", map[string]string{"b": "2", "a": "1"}
	api.Routes = []sam.Route{{Method: "GET", Path: "/pets/{id}", Function: api.Routes[0].Function}}
	rows := []struct {
		door         frontdoor.Door
		member, want string
	}{
		{httpAPI, "rawPath", `"/dev/pets/a b"`},
		{httpAPI, "requestContext.http.path", `"/dev/pets/a b"`},
		{httpAPI, "pathParameters", `{"id":"a b"}`},
		{httpAPI, "stageVariables", `{"a":"1","b":"2"}`},
		{httpAPI, "routeKey", `"GET /pets/{id}"`},
		{httpAPI, "requestContext.stage", `"dev"`},
		{httpAPI1, "path", `"/dev/pets/a b"`},
		{httpAPI1, "resource", `"/pets/{id}"`},
		{httpAPI1, "requestContext.path", `"/dev/pets/a b"`},
		{httpAPI1, "stageVariables", `{"a":"1","b":"2"}`},
		{rest, "path", `"/pets/a%20b"`},
		{rest, "requestContext.path", `"/dev/pets/a%20b"`},
		{rest, "pathParameters", `{"id":"a%20b"}`},
		{furl, "rawPath", `"/pets/a%20b"`},
		{furl, "requestContext.stage", `"$default"`},
		{furl, "pathParameters", `absent`},
		{furl, "stageVariables", `absent`},
	}
	for _, row := range rows {
		event := eventThrough(t, row.door, api, localRequest("GET", "/pets/a%20b", ""))
		if got := member(t, event, row.member); got != row.want {
			t.Errorf("%s: %s = %s, want %s", row.door, row.member, got, row.want)
		}
	}
}

// Stage variables are those of an API, one as well as two.
func TestStageVariables(t *testing.T) {
	for door, want := range map[frontdoor.Door][2]string{rest: {"null", `{"a":"1"}`}, httpAPI1: {"null", `{"a":"1"}`}, httpAPI: {"absent", `{"a":"1"}`}, furl: {"absent", "absent"}, alb: {"absent", "absent"}} {
		for i, variables := range []map[string]string{nil, {"a": "1"}} {
			api := oneRoute(sam.HTTP, "2.0")
			api.StageVariables = variables
			if got := member(t, eventThrough(t, door, api, localRequest("GET", "/x", "")), "stageVariables"); got != want[i] {
				t.Errorf("%s: of %v stageVariables = %s, want %s", door, variables, got, want[i])
			}
		}
	}
}

// Local URLs have no stage, whatever the events say, and handlers get paths as they
// are written in the template.
func TestLocalPaths(t *testing.T) {
	for _, kind := range []sam.Kind{sam.REST, sam.HTTP} {
		for path, want := range map[string]string{"/dev/pets/5": "", "/pets/5": "/pets/5", "/pets/a%20b": "/pets/a%20b"} {
			api := &sam.API{ID: "Api", Kind: kind, Stage: "dev", Routes: []sam.Route{
				{Method: "GET", Path: "/pets/{id}", Function: &sam.Function{ID: "Function"}},
			}}
			got, prefix := "", ""
			invoker := invokeFunc(func(_ context.Context, _ string, in lambda.Invocation) (*lambda.Answer, error) {
				got, prefix = eventPath(t, in.Payload)
				return jsonAnswer(`{"statusCode":200,"headers":{}}`), nil
			})
			serve(t, api, invoker, gateway.Options{}, localRequest("GET", path, ""))
			if got != want || want != "" && prefix != "/dev" {
				t.Errorf("%s: %s is served as %q behind %q, want %q behind /dev", kind, path, got, prefix, want)
			}
		}
	}
}

// eventPath is what the front door makes of an event.
func eventPath(t *testing.T, event []byte) (path, prefix string) {
	t.Helper()
	h := http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		e, _ := frontdoor.EventFrom(r.Context())
		path, prefix = r.URL.EscapedPath(), e.Prefix
	})
	if _, err := frontdoor.New(h, frontdoor.Options{}).Invoke(t.Context(), event); err != nil {
		t.Fatal(err)
	}
	return path, prefix
}

func TestStagePath(t *testing.T) {
	rows := []struct {
		kind  sam.Kind
		stage string
		door  frontdoor.Door
		want  string
	}{
		{sam.REST, "dev", "", "/dev"},
		{sam.REST, "", "", "/prod"},
		{sam.HTTP, "dev", "", "/dev"},
		{sam.HTTP, "$default", "", ""},
		{sam.URL, "$default", "", ""},
		{sam.HTTP, "$default", rest, "/prod"},
		{sam.REST, "dev", httpAPI, ""},
		{sam.REST, "dev", alb, ""},
	}
	for _, row := range rows {
		if got := gateway.StagePath(&sam.API{ID: "Api", Kind: row.kind, Stage: row.stage}, row.door); got != row.want {
			t.Errorf("%s with stage %q behind %q: %q, want %q", row.kind, row.stage, row.door, got, row.want)
		}
	}
}

// Behind the door of another kind of API the stage is the usual one there.
func TestStageBehindAnotherDoor(t *testing.T) {
	rows := []struct {
		kind         sam.Kind
		door         frontdoor.Door
		member, want string
	}{
		{sam.REST, httpAPI, "rawPath", `"/x"`},
		{sam.REST, httpAPI, "requestContext.stage", `"$default"`},
		{sam.REST, httpAPI1, "path", `"/x"`},
		{sam.HTTP, httpAPI1, "resource", `"$default"`},
		{sam.HTTP, httpAPI1, "pathParameters", `null`},
		{sam.HTTP, httpAPI, "pathParameters", `absent`},
		{sam.HTTP, furl, "pathParameters", `absent`},
		{sam.HTTP, rest, "requestContext.stage", `"prod"`},
		{sam.HTTP, rest, "requestContext.path", `"/prod/x"`},
		{sam.HTTP, rest, "resource", `"/{proxy+}"`},
		{sam.HTTP, rest, "pathParameters", `{"proxy":"x"}`},
	}
	for _, row := range rows {
		event := eventThrough(t, row.door, oneRoute(row.kind, "2.0"), localRequest("GET", "/x", ""))
		if got := member(t, event, row.member); got != row.want {
			t.Errorf("%s as %s: %s = %s, want %s", row.kind, row.door, row.member, got, row.want)
		}
	}
}
