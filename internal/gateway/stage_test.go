package gateway_test

import (
	"context"
	"net/http"
	"testing"

	"github.com/crumb-go/crumb/internal/app"
	"github.com/crumb-go/crumb/internal/gateway"
	"github.com/crumb-go/crumb/internal/lambda"
	"github.com/crumb-go/crumb/shared/frontdoor"
)

// An HTTP API with a named stage has it in front of each path, as the sample
// events of "Create AWS Lambda proxy integrations for HTTP APIs" do with
// "default".
func TestNamedStageOfHTTPAPI(t *testing.T) {
	api := oneRoute(app.HTTP, "2.0")
	api.Stage, api.StageVariables = "dev", map[string]string{"b": "2", "a": "1"}
	api.Routes = []app.Route{{Method: "GET", Path: "/pets/{id}", Function: api.Routes[0].Function}}
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
		{httpAPI1, "path", `"/dev/pets/a%20b"`},
		{httpAPI1, "pathParameters", `{"id":"a b"}`},
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
			api := oneRoute(app.HTTP, "2.0")
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
	for _, kind := range []app.Kind{app.REST, app.HTTP} {
		for path, want := range map[string]string{"/dev/pets/5": "", "/pets/5": "/pets/5", "/pets/a%20b": "/pets/a%20b"} {
			api := &app.API{ID: "Api", Kind: kind, Stage: "dev", Routes: []app.Route{
				{Method: "GET", Path: "/pets/{id}", Function: &app.Function{ID: "Function"}},
			}}
			got, prefix := "", ""
			invoker := invokeFunc(func(_ context.Context, _ string, in lambda.Invocation) (*lambda.Response, error) {
				got, prefix = eventPath(t, in.Payload)
				return jsonResponse(`{"statusCode":200,"headers":{}}`), nil
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
		kind  app.Kind
		stage string
		door  frontdoor.Door
		want  string
	}{
		{app.REST, "dev", "", "/dev"},
		{app.REST, "", "", "/prod"},
		{app.HTTP, "dev", "", "/dev"},
		{app.HTTP, "$default", "", ""},
		{app.URL, "$default", "", ""},
		{app.HTTP, "$default", rest, "/prod"},
		{app.REST, "dev", httpAPI, ""},
		{app.REST, "dev", alb, ""},
	}
	for _, row := range rows {
		if got := gateway.StagePath(&app.API{ID: "Api", Kind: row.kind, Stage: row.stage}, row.door); got != row.want {
			t.Errorf("%s with stage %q behind %q: %q, want %q", row.kind, row.stage, row.door, got, row.want)
		}
	}
}

// Behind the door of another kind of API the stage is the usual one there.
func TestStageBehindAnotherDoor(t *testing.T) {
	rows := []struct {
		kind         app.Kind
		door         frontdoor.Door
		member, want string
	}{
		{app.REST, httpAPI, "rawPath", `"/x"`},
		{app.REST, httpAPI, "requestContext.stage", `"$default"`},
		{app.REST, httpAPI1, "path", `"/x"`},
		{app.HTTP, httpAPI1, "resource", `"$default"`},
		{app.HTTP, httpAPI1, "pathParameters", `null`},
		{app.HTTP, httpAPI, "pathParameters", `absent`},
		{app.HTTP, furl, "pathParameters", `absent`},
		{app.HTTP, rest, "requestContext.stage", `"prod"`},
		{app.HTTP, rest, "requestContext.path", `"/prod/x"`},
		{app.HTTP, rest, "resource", `"/{proxy+}"`},
		{app.HTTP, rest, "pathParameters", `{"proxy":"x"}`},
	}
	for _, row := range rows {
		event := eventThrough(t, row.door, oneRoute(row.kind, "2.0"), localRequest("GET", "/x", ""))
		if got := member(t, event, row.member); got != row.want {
			t.Errorf("%s as %s: %s = %s, want %s", row.kind, row.door, row.member, got, row.want)
		}
	}
}
