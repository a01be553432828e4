package gateway_test

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/iotest"
	"testing/synctest"
	"unicode/utf8"

	"github.com/crumb-go/crumb/internal/app"
	"github.com/crumb-go/crumb/internal/gateway"
	"github.com/crumb-go/crumb/shared/frontdoor"
)

func eventOf(t *testing.T, door frontdoor.Door, r *http.Request, api *app.API) map[string]any {
	t.Helper()
	payload, err := gateway.Event(door, r, api)
	if err != nil {
		t.Fatal(err)
	}
	return parseEvent(t, payload)
}

// parseEvent parses an event, which is UTF-8 and has no name twice in an object.
func parseEvent(t testing.TB, payload []byte) map[string]any {
	t.Helper()
	var event map[string]any
	if err := json.Unmarshal(payload, &event); err != nil {
		t.Fatalf("event is not JSON: %v\n%s", err, payload)
	}
	if !utf8.Valid(payload) {
		t.Errorf("the event is not UTF-8: %q", payload)
	}
	if name := nameTwice(json.NewDecoder(bytes.NewReader(payload))); name != "" {
		t.Errorf("the event has %q twice\n%s", name, payload)
	}
	return event
}

// nameTwice reads one value and returns a name that an object in it has twice.
func nameTwice(d *json.Decoder) (twice string) {
	bracket, _ := d.Token()
	if bracket != json.Delim('{') && bracket != json.Delim('[') {
		return ""
	}
	seen := make(map[json.Token]bool)
	for d.More() {
		if bracket == json.Delim('{') {
			name, _ := d.Token()
			if seen[name] {
				twice = fmt.Sprint(name)
			}
			seen[name] = true
		}
		twice = cmp.Or(nameTwice(d), twice)
	}
	d.Token() // the end
	return twice
}

// TestEventIsWhatFrontdoorIsTestedWith compares the writer of events with the
// sample events of their reader: the same names, nesting and JSON types.
func TestEventIsWhatFrontdoorIsTestedWith(t *testing.T) {
	differences := map[frontdoor.Door][]string{ // "-" is only in the sample, "+" only here
		rest: {"-headers.user-agent", "+headers.User-Agent", "-multiValueHeaders.user-agent", "+multiValueHeaders.User-Agent"}, // as captured
		alb:  nil, albMulti: nil, httpAPI: nil, httpAPI1: nil, furl: nil, frontdoor.Lattice: nil,
	}
	for door, listed := range differences {
		t.Run(string(door), func(t *testing.T) {
			text, err := os.ReadFile("../../shared/frontdoor/testdata/doors/" + string(door) + ".json")
			if err != nil {
				t.Fatal(err)
			}
			var sample map[string]any
			if err := json.Unmarshal(text, &sample); err != nil {
				t.Fatal(err)
			}
			r := browserRequest()
			r.URL.RawQuery, r.RequestURI, r.Host = "", "/getcookie", ""
			var got []string
			want, event := shape(sample), shape(eventOf(t, door, r, nil))
			for member, kind := range event {
				if !strings.HasSuffix(member, ".0") && kind != want[member] {
					got = append(got, "+"+member)
				}
			}
			for member, kind := range want {
				if !strings.HasSuffix(member, ".0") && kind != event[member] {
					got = append(got, "-"+member)
				}
			}
			slices.Sort(got)
			if !slices.Equal(got, slices.Sorted(slices.Values(listed))) {
				t.Errorf("differences %q, want %q", got, listed)
			}
		})
	}
}

// A request that nobody sent gets what is missing, and is realistic.
func TestEventOfABuiltRequest(t *testing.T) {
	rows := []struct {
		door         frontdoor.Door
		member, want string
	}{
		{rest, "headers.Host", `"zyirocpvjr.execute-api.us-east-1.amazonaws.com"`},
		{rest, "headers.X-Forwarded-Proto", `"https"`},
		{rest, "headers.X-Forwarded-Port", `"443"`},
		{rest, "headers.X-Forwarded-For", `"203.0.113.7"`},
		{rest, "resource", `"/a%20b"`},
		{rest, "path", `"/a%20b"`},
		{rest, "requestContext.path", `"/prod/a%20b"`},
		{rest, "queryStringParameters", `{"c":"d"}`},
		{rest, "body", `"hello"`},
		{httpAPI, "rawPath", `"/a b"`},
		{httpAPI, "routeKey", `"ANY /a%20b"`},
		{httpAPI, "requestContext.stage", `"$default"`},
		{httpAPI, "requestContext.domainName", `"zyirocpvjr.execute-api.us-east-1.amazonaws.com"`},
		{httpAPI, "requestContext.domainPrefix", `"zyirocpvjr"`},
		{frontdoor.Lattice, "version", `"2.0"`},
		{frontdoor.Lattice, "path", `"/a%20b?c=d"`},
		{frontdoor.Lattice, "headers.x-forwarded-port", `["443"]`},
		{frontdoor.Lattice, "headers.x-forwarded-proto", `absent`},
		{frontdoor.Lattice, "queryStringParameters", `{"c":["d"]}`},
		{frontdoor.Lattice, "body", `"hello"`},
		{frontdoor.Lattice, "headers.content-length", `["5"]`},
		{alb, "headers.host", `"zyirocpvjr.us-east-1.elb.amazonaws.com"`},
	}
	for _, row := range rows {
		r, err := http.NewRequest("POST", "/a%20b?c=d", strings.NewReader("hello"))
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Content-Type", "text/plain")
		if got := member(t, eventOf(t, row.door, r, nil), row.member); got != row.want {
			t.Errorf("%s: %s = %s, want %s", row.door, row.member, got, row.want)
		}
	}
	r, err := http.NewRequest("GET", "/", nil)
	if err != nil {
		t.Fatal(err)
	}
	if host, _ := lookup(eventOf(t, furl, r, nil), "headers.host").(string); !strings.HasSuffix(host, ".lambda-url.us-east-1.on.aws") {
		t.Errorf("url: host %q", host)
	}
}

func TestEventTakesTheRouteOfAnAPI(t *testing.T) {
	api := apiOf(app.REST, "GET /pets/{id}")
	event := eventOf(t, rest, localRequest("GET", "/pets/1", ""), api)
	if got := member(t, event, "resource") + member(t, event, "pathParameters"); got != `"/pets/{id}"{"id":"1"}` {
		t.Errorf("resource and parameters %s", got)
	}
	event = eventOf(t, rest, localRequest("GET", "/dogs/1", ""), api)
	if got := member(t, event, "resource") + member(t, event, "pathParameters"); got != `"/dogs/1"null` {
		t.Errorf("without a route: resource and parameters %s", got)
	}
}

func TestEventErrors(t *testing.T) {
	if _, err := gateway.Event("back", localRequest("GET", "/", ""), nil); err == nil || err.Error() != `no door "back"; there are alb, alb-multi, http, http1, lattice, rest, url` {
		t.Errorf("unknown door: %v", err)
	}
	if _, err := gateway.Event(rest, httptest.NewRequest("POST", "/", iotest.ErrReader(io.ErrUnexpectedEOF)), nil); err == nil {
		t.Error("broken body: no error")
	}
}

// Events of equal requests differ in ids only, not in the order of anything.
func TestEventIsStable(t *testing.T) {
	ids := regexp.MustCompile(`"(requestId|extendedRequestId)":"[^"]*"|Root=[-0-9a-f]*`)
	for _, door := range []frontdoor.Door{rest, httpAPI, httpAPI1, furl, alb, albMulti, frontdoor.Lattice} {
		synctest.Test(t, func(t *testing.T) {
			var texts [2]string
			for i := range texts {
				payload, err := gateway.Event(door, browserRequest(), nil)
				if err != nil {
					t.Fatal(err)
				}
				texts[i] = ids.ReplaceAllString(string(payload), "")
			}
			if texts[0] != texts[1] {
				t.Errorf("%s: two events for one request:\n%s\n%s", door, texts[0], texts[1])
			}
		})
	}
}

// everyDoor are the doors that events are made for.
var everyDoor = append(slices.Clone(allDoors), frontdoor.Lattice)

// Headers that end at the first server (RFC 9110 section 7.6.1) and those that
// a door writes itself do not come from the client.
func TestHeadersThatEndAtTheDoor(t *testing.T) {
	for _, door := range everyDoor {
		r := with("POST", "/x", "hi", "Connection", "keep-alive", "Keep-Alive", "timeout=5", "Proxy-Connection", "close",
			"TE", "trailers", "Trailer", "X-T", "Transfer-Encoding", "gzip", "Upgrade", "h2c",
			"Host", "client", "Content-Length", "client", "X-Amzn-Trace-Id", "client", "X-Forwarded-For", "client",
			"X-Forwarded-Proto", "client", "X-Forwarded-Port", "client", "X-A", "client")()
		if door == furl {
			r.Header["X-Amzn-Tls-Version"], r.Header["X-Amzn-Tls-Cipher-Suite"] = []string{"client"}, []string{"client"}
		}
		if door == rest { // localstack test_apigateway_header_remapping_aws, 2024-12-11
			for _, name := range []string{"Content-MD5", "Expect", "Max-Forwards", "Proxy-Authenticate", "Server", "WWW-Authenticate"} {
				r.Header.Set(name, "client")
			}
		}
		client := make(map[string]bool)
		event := eventOf(t, door, r, nil) // which also looks for names that are there twice
		for _, member := range []string{"headers", "multiValueHeaders"} {
			headers, _ := event[member].(map[string]any)
			for name, value := range headers {
				switch name = strings.ToLower(name); name {
				case "connection", "keep-alive", "proxy-connection", "te", "trailer", "transfer-encoding", "upgrade":
					t.Errorf("%s: %s has %s", door, member, name)
				}
				if text := fmt.Sprint(value); strings.Trim(text, "[]") == "client" {
					client[name] = true
				}
			}
		}
		if !client["x-a"] || len(client) != 1 {
			t.Errorf("%s: the client wrote %v, want x-a alone", door, client)
		}
	}
}

// A request without a body is never said to be in base64, whatever its type.
func TestEventWithoutBody(t *testing.T) {
	for door, want := range map[frontdoor.Door]string{
		rest: "null", httpAPI1: "null", httpAPI: "absent", furl: "absent", alb: `""`, albMulti: `""`, frontdoor.Lattice: "null",
	} {
		api := oneRoute(app.HTTP, "2.0")
		api.BinaryMediaTypes = []string{"*/*"}
		event := eventOf(t, door, with("GET", "/x", "", "Content-Type", "image/png", "Content-Encoding", "br")(), api)
		if body, isBase64 := member(t, event, "body"), member(t, event, "isBase64Encoded"); body != want || isBase64 != "false" {
			t.Errorf("%s: body %s, isBase64Encoded %s, want %s, false", door, body, isBase64, want)
		}
	}
}

// A body of one byte is a body, and its length is decimal.
func TestShortBodies(t *testing.T) {
	for _, door := range everyDoor {
		event := eventOf(t, door, with("POST", "/x", "x", "Content-Type", "text/plain")(), nil)
		if body := member(t, event, "body"); body != `"x"` {
			t.Errorf("%s: body %s", door, body)
		}
	}
	event := eventOf(t, httpAPI1, with("POST", "/x", "hello, world", "Content-Type", "text/plain")(), nil)
	if length := member(t, event, "headers.Content-Length"); length != `"12"` {
		t.Errorf("Content-Length %s", length)
	}
}

// A plus is a space in the names and values of a query, where a door decodes it.
func TestPlus(t *testing.T) {
	for door, want := range map[frontdoor.Door]string{rest: `{"a b":"c d"}`, httpAPI1: `{"a b":"c d"}`, httpAPI: `{"a b":"c d"}`, furl: `{"a b":"c d"}`, alb: `{"a+b":"c+d"}`} {
		event := eventOf(t, door, localRequest("GET", "/x?a+b=c+d", ""), nil)
		if query := member(t, event, "queryStringParameters"); query != want {
			t.Errorf("%s: %s, want %s", door, query, want)
		}
	}
}

// TestPercentDecoding holds each octet's escape, in both cases, and that anything
// else is unchanged.
func TestPercentDecoding(t *testing.T) {
	decoded := func(query string) string {
		r := localRequest("GET", "/x", "")
		r.RequestURI = "/x?a=" + query
		value, _ := lookup(eventOf(t, rest, r, nil), "queryStringParameters.a").(string)
		return value
	}
	for c := range 256 {
		want := string(rune(c)) // not UTF-8 alone, so that each byte is a character
		for _, format := range []string{"%%%02x", "%%%02X"} {
			if escape := fmt.Sprintf(format, c); decoded(escape) != want {
				t.Errorf("%s is %q, want %q", escape, decoded(escape), want)
			}
		}
		if c < ' ' || c > '~' || strings.ContainsRune("0123456789abcdefABCDEF%+&?#", rune(c)) {
			continue
		}
		for _, text := range []string{"%" + want + "0", "%0" + want} {
			if decoded(text) != text {
				t.Errorf("%s is %q, want it as it is", text, decoded(text))
			}
		}
	}
	for text, want := range map[string]string{"%": "%", "%4": "%4", "%%41": "%A", "%4%41": "%4A", "%41%": "A%", "a%2": "a%2", "%C3%A9": "é", "%253D": "%3D"} {
		if decoded(text) != want {
			t.Errorf("%s is %q, want %q", text, decoded(text), want)
		}
	}
}
