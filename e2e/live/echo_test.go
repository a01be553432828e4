package live

import (
	"bufio"
	"bytes"
	"encoding/base64"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"net/http"
	"net/url"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/crumb-go/crumb/crumbtest"
	"github.com/crumb-go/crumb/e2e/compare"
	"github.com/crumb-go/crumb/e2e/testenv"
	"github.com/crumb-go/crumb/internal/local"
	"github.com/crumb-go/crumb/shared/frontdoor"
)

var (
	echo   = flag.String("echo", "", "the doors of an echo stack, template.yaml here: its output Echo, rest=https://…,http=https://…")
	token  = flag.String("token", "", "the parameter Token of that stack")
	record = flag.String("record", "", "folder to write events and responses to, from e2e/live, without the account's data")
)

// A recording is what a door made of one request, scrubbed. Bytes that are not UTF-8
// make a text a quoted one.
type recording struct {
	Date      string   `json:"date"`
	Door      string   `json:"door"`
	Case      string   `json:"case"`
	Asks      string   `json:"asks"`
	Request   string   `json:"request"`
	Respond   string   `json:"functionResponds,omitempty"` // where that is not the event
	Response  []string `json:"response"`                   // the lines before the body
	SetCookie []string `json:"setCookie,omitempty"`
	Body      string   `json:"body,omitempty"` // where it is not the event

	event  string            // JSON; "" if the function was not asked for it, or was not called
	fields map[string]string // of the event and the response, for comparison
}

// secret is the token of rehearsals.
const secret = "rehearsalRehearsal1234"

// askEcho asks each door of an echo stack each of the requests, and the same of crumb start.
// It prints and returns what differs.
func askEcho(t *testing.T, doors map[string]string, token string, requests []odd) ([]difference, map[string]*recording) {
	t.Helper()
	theirs := drive(t, doors, token, requests)
	return compareEchoes(t, drive(t, echoHere(t, secret), secret, requests), theirs), theirs
}

// echoHere serves the template of the echo stack as crumb start does.
func echoHere(t *testing.T, token string) map[string]string {
	t.Helper()
	p := crumbtest.Start(quietly(t), "template.yaml", crumbtest.Options{Parameters: map[string]string{"Token": token}})
	doors := map[string]string{"rest": p.APIURL(t, "Rest"), "http": p.APIURL(t, "Http"), "http1": p.APIURL(t, "Http1"), "url": p.APIURL(t, "EchoFunctionUrl")}
	for _, door := range []frontdoor.Door{frontdoor.ALB, frontdoor.ALBMulti} {
		p, err := local.Open(local.Options{
			Template: "template.yaml", Parameters: map[string]string{"Token": token},
			API: "EchoFunctionUrl", Door: door, Log: slog.New(slog.DiscardHandler),
		})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { p.Close() })
		if err := p.Listen(t.Context()); err != nil {
			t.Fatal(err)
		}
		doors[string(door)] = p.APIs()[0].URL
	}
	return doors
}

func doorsOf(t *testing.T, list string) map[string]string {
	t.Helper()
	doors := map[string]string{}
	for entry := range strings.SplitSeq(list, ",") {
		door, server, _ := strings.Cut(entry, "=")
		if !isURL(server) || !slices.Contains([]string{"rest", "http", "http1", "url", "alb", "alb-multi"}, door) {
			t.Fatalf("-echo has %q: rest, http, http1, url, alb or alb-multi, an equals sign and a URL, with commas between", entry)
		}
		doors[door] = strings.TrimSuffix(server, "/")
	}
	return doors
}

func isURL(text string) bool {
	u, err := url.Parse(text)
	return err == nil && (u.Scheme == "https" || u.Scheme == "http") && u.Host != ""
}

// drive asks each door each request that is for it.
func drive(t *testing.T, doors map[string]string, token string, requests []odd) map[string]*recording {
	t.Helper()
	recordings := map[string]*recording{}
	for _, door := range sorted(doors) {
		s := newScrubber(token)
		for _, o := range requests {
			if o.doors == "" || slices.Contains(strings.Fields(o.doors), door) {
				s.next()
				rec := o.ask(t, door, doors[door], token, s)
				if o.name == requests[0].name && rec.event == "" {
					t.Fatalf("%s at %s responds without an event; is -token that of the stack? %q %s", door, doors[door], rec.Response, rec.Body)
				}
				recordings[o.name+"."+door] = rec
			}
		}
	}
	return recordings
}

func (o odd) ask(t *testing.T, door, server, token string, s *scrubber) *recording {
	t.Helper()
	method, target, _ := strings.Cut(o.request, " ")
	r := compare.Request{Method: method, Target: target, Body: o.body, Header: []string{"X-Echo-Token: " + token}}
	if !strings.Contains(o.header, "User-Agent:") {
		r.Header = append(r.Header, "User-Agent: crumb-e2e")
	}
	for line := range strings.Lines(o.header) {
		if line = strings.TrimSuffix(line, "\n"); line != "User-Agent:" {
			r.Header = append(r.Header, line)
		}
	}
	if o.respond != "" {
		r.Header = append(r.Header, "X-Echo-Response: "+base64.RawURLEncoding.EncodeToString([]byte(o.respond)))
	}
	rec := &recording{Date: time.Now().UTC().Format(time.DateOnly), Door: door, Case: o.name, Asks: o.asks, Respond: o.respond, fields: map[string]string{}}
	sent, wire, err := compare.Exchange(server, r)
	rec.Request = s.scrub(printable(string(sent)))
	if err != nil { // no response, or none that HTTP allows
		t.Logf("%s.%s: %v", o.name, door, err)
		rec.Response, rec.Body = []string{"none"}, s.scrub(printable(string(wire)))
		rec.fields["status"] = "none"
		return rec
	}
	answer, err := compare.Parse(method, wire)
	if err != nil {
		t.Fatalf("%s.%s: %v", o.name, door, err)
	}
	head, _, _ := strings.Cut(string(wire), "\r\n\r\n")
	body := bodyOf(t, method, wire)
	if o.respond == "" && answer["status"] == "200" {
		rec.event = string(body)
		if method == "HEAD" {
			event, err := base64.RawURLEncoding.DecodeString(answer["x-echo-event"])
			if err != nil {
				t.Fatalf("%s.%s: X-Echo-Event: %v", o.name, door, err)
			}
			rec.event = string(event)
		}
	}
	if !strings.HasPrefix(rec.event, "{") { // CORS of the door, or an empty response
		rec.event = ""
	}
	if rec.event != "" {
		s.learn(rec.event)
		rec.event, body = s.scrub(rec.event), nil
		delete(answer, "body")
		delete(answer, "x-echo-event")
		head = regexp.MustCompile(`(?i)(x-echo-event: )[^\r]*`).ReplaceAllString(head, "${1}…")
		var event any
		if err := json.Unmarshal([]byte(rec.event), &event); err != nil {
			t.Fatalf("%s.%s: the event: %v", o.name, door, err)
		}
		flatten(rec.fields, "event", event)
	}
	for _, field := range sorted(answer) {
		rec.fields[field] = s.scrub(answer[field])
	}
	rec.Body = s.scrub(printable(string(body)))
	for line := range strings.SplitSeq(head, "\r\n") {
		rec.Response = append(rec.Response, s.scrub(printable(line)))
	}
	for _, line := range setCookies(wire) {
		rec.SetCookie = append(rec.SetCookie, s.scrub(printable(line)))
	}
	return rec
}

func bodyOf(t *testing.T, method string, wire []byte) []byte {
	t.Helper()
	resp, err := http.ReadResponse(bufio.NewReader(bytes.NewReader(wire)), &http.Request{Method: method})
	if err != nil {
		t.Fatal(err)
	}
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return body
}

func printable(text string) string {
	if utf8.ValidString(text) {
		return text
	}
	return strconv.QuoteToASCII(text)
}

// flatten adds the values in v to fields, each by its path: "event.cookies.0".
func flatten(fields map[string]string, path string, v any) {
	switch v := v.(type) {
	case map[string]any:
		for name, member := range v {
			flatten(fields, path+"."+name, member)
		}
	case []any:
		for i, member := range v {
			flatten(fields, fmt.Sprint(path, ".", i), member)
		}
		if len(v) == 0 {
			fields[path] = "[]"
		}
	default:
		text, _ := json.Marshal(v) // came from JSON
		fields[path] = string(text)
	}
}

// ofTheStack are fields that differ between any two stacks, or times.
var ofTheStack = regexp.MustCompile(`(?i)^event\.((multiValue)?headers\.(host|x-forwarded-(proto|port)|x-amzn-tls-[\w-]+)|requestContext\.(domain\w+|\w*time\w*|apiId|resourceId|deploymentId))(\.\d+)?$`)

// compareEchoes prints and returns what differs from here. Nothing of it is a failure:
// the door is right, and crumb start has to follow.
func compareEchoes(t *testing.T, ours, theirs map[string]*recording) []difference {
	t.Helper()
	var differences []difference
	for _, key := range sorted(theirs) {
		here, there := ours[key], theirs[key].fields
		all := maps.Clone(here.fields)
		maps.Copy(all, there)
		for _, field := range sorted(all) {
			d := difference{key, field, valueOf(here.fields, field), valueOf(there, field), "differs: " + theirs[key].Asks}
			oneEvent := strings.HasPrefix(field, "event.") && (here.event == "") != (theirs[key].event == "") // the status differs
			if d.here != d.there && !oneEvent && !ofTheStack.MatchString(field) {
				differences = append(differences, d)
			}
		}
	}
	t.Logf("%d requests, %d differences from here%s", len(theirs), len(differences), table(differences[:min(50, len(differences))]))
	if len(differences) > 50 {
		t.Log("… and so on: -record DIR writes all to DIR/differences.txt")
	}
	return differences
}

// write writes an event as DIR/capture.rest.json, so that -captures DIR reads it, and what
// there is to it as DIR/responses/capture.rest.json.
func write(t *testing.T, dir string, recordings map[string]*recording) {
	t.Helper()
	for _, key := range sorted(recordings) {
		rec := recordings[key]
		if rec.event != "" {
			var event bytes.Buffer
			if err := json.Indent(&event, []byte(rec.event), "", "  "); err != nil {
				t.Fatal(err)
			}
			testenv.Write(t, dir, key+".json", event.String()+"\n")
		}
		var text bytes.Buffer
		enc := json.NewEncoder(&text)
		enc.SetEscapeHTML(false)
		enc.SetIndent("", "  ")
		if err := enc.Encode(rec); err != nil {
			t.Fatal(err)
		}
		testenv.Write(t, dir, filepath.Join("responses", key+".json"), text.String())
	}
}

// testCaptures reads recordings of crumb start as one reads those of AWS.
func testCaptures(t *testing.T, dir string) {
	testenv.Long(t, "two packages are compiled")
	cmd := exec.Command("go", "test", "-count=1", "-v", "-run", "Capture", "./shared/frontdoor", "./internal/gateway", "-captures", dir)
	cmd.Dir = testenv.Root(t)
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Errorf("%s: %v\n%s", cmd, err, out)
	}
	for _, door := range []string{"rest", "http", "http1", "url", "alb", "alb-multi"} {
		for _, passed := range []string{"TestCaptures/capture." + door + ".json ", "TestEventsAreAsCaptured/capture." + door + " "} {
			if !strings.Contains(string(out), "--- PASS: "+passed) {
				t.Errorf("no %s in\n%s", passed, out)
			}
		}
	}
}
