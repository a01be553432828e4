package gateway_test

import (
	"bufio"
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/crumb-go/crumb/internal/app"
	"github.com/crumb-go/crumb/internal/gateway"
	"github.com/crumb-go/crumb/internal/lambda"
	"github.com/crumb-go/crumb/internal/spelling"
	"github.com/crumb-go/crumb/shared/frontdoor"
)

var recordedDir = flag.String("recorded", "", "folder with aws-recorded.json")

// A fact is what AWS did with one request, in our own words. The ids are those of the
// corpus that the facts are from, which belongs to others.
type fact struct {
	id, source string
	door       frontdoor.Door
	routes     string // "GET /a, ANY /b"; "" for one that takes all
	request    string // its first line without the version, header lines, an empty line and a body
	response   string // the function's; "" for an empty 200, "error" for a function that fails
	want       wants
}

// wants are by "status", "body", "route", "header NAME" with all values, "has NAME" for
// any value, "id" for the header with the invocation's, "line LINE" as it was sent, and "event MEMBER" as JSON or absent; one that begins with ^ is a pattern.
// "same MEMBER" is a header with that text.
type wants map[string]string

// TestRecorded sends each request through a server as crumb start's.
func TestRecorded(t *testing.T) {
	for _, f := range slices.Concat(restFacts, restResponseFacts, httpFacts, http1Facts, urlFacts, albFacts) {
		t.Run(f.id, func(t *testing.T) {
			var route string
			var event map[string]any
			var id string // of the invocation, where the door says it
			invoker := invokeFunc(func(_ context.Context, function string, in lambda.Invocation) (*lambda.Response, error) {
				route, event, id = function, parseEvent(t, in.Payload), in.RequestID
				switch f.response {
				case "error":
					return nil, &lambda.FunctionError{Type: "Error"}
				case "":
					return jsonResponse(`{"statusCode":200}`), nil
				}
				return jsonResponse(f.response), nil
			})
			res, head, body := f.send(t, invoker)
			for what, want := range f.want {
				got := ""
				switch kind, name, _ := strings.Cut(what, " "); kind {
				case "status":
					got = fmt.Sprint(res.StatusCode)
				case "body":
					got = body
				case "route":
					got = route
				case "header":
					got = strings.Join(res.Header.Values(name), "|")
				case "id":
					got, want = id, res.Header.Get(want)
				case "has":
					got = fmt.Sprint(res.Header.Get(name) != "")
				case "event":
					got = member(t, event, name)
				case "line":
					got = fmt.Sprint(strings.Contains(head, "\r\n"+name+"\r\n"))
				case "same":
					if member(t, event, name) == strconv.Quote(res.Header.Get(want)) {
						got = want
					}
				default:
					t.Fatalf("nothing is known of %q", what)
				}
				if strings.HasPrefix(want, "^") {
					if !regexp.MustCompile(want).MatchString(got) {
						t.Errorf("%s %q, want it like %s (%s)", what, got, want, f.source)
					}
				} else if got != want {
					t.Errorf("%s %q, want %q (%s)", what, got, want, f.source)
				}
			}
		})
	}
}

// api is one for the fact's door.
func (f fact) api() *app.API {
	api := &app.API{ID: "Api", Kind: app.HTTP, Stage: "$default"}
	routes := "ANY $default"
	switch f.door {
	case rest:
		api.Kind, api.Stage, routes = app.REST, "test", "ANY /{proxy+}, ANY /"
	case furl:
		api.Kind = app.URL
	}
	if f.routes != "" {
		routes = f.routes
	}
	for r := range strings.SplitSeq(routes, ", ") {
		method, path, _ := strings.Cut(r, " ")
		api.Routes = append(api.Routes, app.Route{Method: method, Path: path, Function: &app.Function{ID: r}})
	}
	return api
}

// settings are what facts need beside their routes.
var settings = map[string]func(*app.API){
	"rest-binary-match":      func(a *app.API) { a.BinaryMediaTypes = []string{"image/png"} },
	"rest-text-binary-other": func(a *app.API) { a.BinaryMediaTypes = []string{"image/png"} },
	"url-403-text":           func(a *app.API) { a.Routes[0].Guard = app.Guard{Authorizer: "AWS_IAM", Auth: app.IAM} },
	"url-403-type":           func(a *app.API) { a.Routes[0].Guard = app.Guard{Authorizer: "AWS_IAM", Auth: app.IAM} },
	"rest-mock-no-trace":     func(a *app.API) { a.CORS = &app.CORS{AllowOrigins: []string{"*"}} },
	"url-cors-both":          func(a *app.API) { a.CORS = &app.CORS{AllowOrigins: []string{"*"}} },
}

// send sends the request over a connection. It returns the response, also as it came.
func (f fact) send(t *testing.T, invoker gateway.Invoker) (res *http.Response, text, body string) {
	t.Helper()
	api := f.api()
	if set := settings[f.id]; set != nil {
		set(api)
	}
	h, err := gateway.New(api, invoker, gateway.Options{Door: f.door})
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewUnstartedServer(h)
	server.Listener = spelling.Keep(server.Config, server.Listener)
	server.Start()
	defer server.Close()
	conn, err := net.Dial("tcp", server.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	head, sent, withBody := strings.Cut(f.request, "\n\n")
	line, headers, _ := strings.Cut(head, "\n")
	if withBody {
		headers += fmt.Sprintf("\nContent-Length: %d", len(sent))
	}
	text = line + " HTTP/1.1\nHost: localhost\n" + strings.TrimPrefix(headers+"\n", "\n") + "\n"
	if _, err := io.WriteString(conn, strings.ReplaceAll(text, "\n", "\r\n")+sent); err != nil {
		t.Fatal(err)
	}
	method, _, _ := strings.Cut(line, " ")
	var came strings.Builder
	res, err = http.ReadResponse(bufio.NewReader(io.TeeReader(conn, &came)), &http.Request{Method: method})
	if err != nil {
		t.Fatal(err)
	}
	got, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return res, came.String(), string(got)
}

// elsewhere are facts about a function's process that package local's TestRecorded,
// which asks a function for its environment, does not have, and where they are held.
var elsewhere = map[string]string{
	"rt-exit0":                "lambda TestFunctionErrors/exit-0",
	"rt-too-large":            "lambda TestFunctionErrors/too-large",
	"rt-global-after-timeout": "lambda TestFunctionErrors/timeout: a new process",
	"rt-global-reuse":         "lambda TestFunctionErrors/handler-error: the same process",
	"rt-ctx-arn":              "lambda TestEnvironment",
	"rt-ctx-request-id":       "lambda TestTraceID",
	"rt-env-_X_AMZN_TRACE_ID": "lambda TestEnvironment",
}

// notRun are the facts without a row, and why.
var notRun = map[string]string{
	"rt-null":                       "what a handler returns is aws-lambda-go's",
	"rt-tmp-after-timeout":          "the folder for temporary files is this machine's",
	"rt-env-LAMBDA_TASK_ROOT":       "differs: the folder of the build, as documented",
	"rt-env-AWS_LAMBDA_RUNTIME_API": "differs: has a secret path, as documented",
	"rt-env-extra":                  "differs: GOMAXPROCS, CRUMB_LOCAL and the host's PATH, as documented",
	"rest-resp-remap":               "recorded for another type of integration",
	"rest-validator-params":         "differs: request validators are not emulated",
	"url-path":                      "net/http's server answers 400 to a broken escape",
}

// TestRecordedIDs compares the rows with the corpus.
func TestRecordedIDs(t *testing.T) {
	if *recordedDir == "" {
		t.Skip("no -recorded DIR: the corpus is other people's and not part of this repository")
	}
	text, err := os.ReadFile(filepath.Join(*recordedDir, "aws-recorded.json"))
	if err != nil {
		t.Fatal(err)
	}
	var corpus []struct{ ID, Door string }
	if err := json.Unmarshal(text, &corpus); err != nil {
		t.Fatal(err)
	}
	rows, processes := make(map[string]frontdoor.Door), 0
	for _, f := range slices.Concat(restFacts, restResponseFacts, httpFacts, http1Facts, urlFacts, albFacts) {
		rows[f.id] = f.door
	}
	for _, c := range corpus {
		door, run := rows[c.ID]
		why, without := notRun[c.ID]
		switch {
		case elsewhere[c.ID] != "" || c.Door == "runtime" && !without:
			processes++
		case run && without:
			t.Errorf("%s has a row, and is listed as one without", c.ID)
		case run && string(door) != c.Door:
			t.Errorf("%s is about the door %q, want %q", c.ID, door, c.Door)
		case without:
			t.Logf("not run: %s: %s", c.ID, why)
		case !run:
			t.Errorf("%s has no row", c.ID)
		}
		delete(rows, c.ID)
	}
	for id := range rows {
		t.Errorf("%s is not in the corpus", id)
	}
	t.Logf("%d facts: %d here, %d about processes, %d not run", len(corpus), len(corpus)-processes-len(notRun), processes, len(notRun))
}
