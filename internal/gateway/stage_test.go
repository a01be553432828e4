package gateway_test

import (
	"testing"

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
