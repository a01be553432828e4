package local

import (
	"context"
	"io"
	"strings"
	"testing"
	"time"
)

// TestCalls has one function call another with the AWS SDK, by the ARN that the template
// gives it: it succeeds and then fails.
func TestCalls(t *testing.T) {
	p, output := open(t, Options{Template: "testdata/calls"})
	response, err := p.Invoke(t.Context(), "Caller", []byte("{}"))
	if err != nil {
		t.Fatalf("%v\n%s", err, output)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if want := `["\"called by caller\"","Unhandled{\"errorMessage\":\"the callee fails\",\"errorType\":\"errorString\"}"]`; err != nil || string(body) != want {
		t.Errorf("body = %s, %v, want %s", body, err, want)
	}
}

// TestCallsToAWS holds that functions with real credentials call functions on AWS.
func TestCallsToAWS(t *testing.T) {
	real := func(context.Context) (map[string]string, time.Time, error) { return nil, time.Time{}, nil }
	for _, row := range []struct {
		name, want string
		o          Options
	}{
		{"here", "http://127.0.0.1:", Options{}},
		{"aws", "", Options{Credentials: real}},
	} {
		t.Run(row.name, func(t *testing.T) {
			row.o.Template = "testdata/calls"
			p, _ := open(t, row.o)
			for _, f := range p.functions(p.app()) {
				url := f.Env["AWS_ENDPOINT_URL_LAMBDA"]
				if url != p.InvokeURL() || !strings.HasPrefix(url, row.want) || (url == "") != (row.want == "") {
					t.Errorf("%s: AWS_ENDPOINT_URL_LAMBDA = %q, want %q…", f.Name, url, row.want)
				}
			}
		})
	}
}

// TestTablesOfFunctions holds that functions can make tables where the template has none.
func TestTablesOfFunctions(t *testing.T) {
	p, _ := open(t, Options{Template: "testdata/calls"})
	for _, f := range p.functions(p.app()) {
		if url := f.Env["AWS_ENDPOINT_URL_DYNAMODB"]; p.tables == nil || url != p.tables.URL {
			t.Errorf("%s: AWS_ENDPOINT_URL_DYNAMODB = %q", f.Name, url)
		}
	}
}
