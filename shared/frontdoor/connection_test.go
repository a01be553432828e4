package frontdoor_test

import (
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/crumb-go/crumb/shared/frontdoor"
)

// Headers of a connection and trailers do not go out, and a line says so, one for
// each kind. Cookies go out whatever other headers say of them.
func TestConnectionHeaders(t *testing.T) {
	set := func(namesAndValues ...string) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) {
			for i := 0; i < len(namesAndValues); i += 2 {
				w.Header()[namesAndValues[i]] = append(w.Header()[namesAndValues[i]], namesAndValues[i+1])
			}
			_, _ = io.WriteString(w, "x")
		}
	}
	tests := []struct {
		name              string
		handler           http.HandlerFunc
		want              string // headers besides Content-Type
		headers, trailers string // named in the log
	}{
		{"keep-alive", set("Connection", "keep-alive", "Cache-Control", "no-cache"), "map[Cache-Control:[no-cache]]", "[Connection]", ""},
		{"close", set("Connection", "close"), "map[]", "[Connection]", ""},
		{"all", set("Connection", "Upgrade", "Keep-Alive", "timeout=5", "Proxy-Connection", "close", "Te", "trailers", "Transfer-Encoding", "chunked", "Upgrade", "h2c"),
			"map[]", "[Connection Keep-Alive Proxy-Connection Te Transfer-Encoding Upgrade]", ""},
		{"spellings", set("connection", "close", "TRANSFER-ENCODING", "chunked", "TE", "trailers"), "map[]", "[Connection Te Transfer-Encoding]", ""},
		{"named", set("Connection", "close, x-a ,", "connection", "X-B", "X-A", "1", "x-b", "2", "X-C", "3"), "map[X-C:[3]]", "[Connection X-A X-B]", ""},
		{"named-alone", set("Connection", "X-A"), "map[]", "[Connection]", ""},
		{"named-no-name", set("Connection", "x a: secret, ,"), "map[]", "[Connection]", ""},
		{"named-cookie", set("Connection", "Set-Cookie", "Set-Cookie", "a=1"), "map[Set-Cookie:[a=1]]", "[Connection]", ""},
		{"no-value", func(w http.ResponseWriter, _ *http.Request) {
			w.Header()["Connection"], w.Header()["Trailer"] = nil, []string{}
			_, _ = io.WriteString(w, "x")
		}, "map[]", "", ""},
		{"none", set("X-A", "1", "Upgrade-Insecure-Requests", "1"), "map[Upgrade-Insecure-Requests:[1] X-A:[1]]", "", ""},
		{"trailers", func(w http.ResponseWriter, r *http.Request) {
			set("Trailer", "X-T, X-U", "trailer", "x-v")(w, r)
			w.Header().Set("X-T", "secret")
			w.Header().Set(http.TrailerPrefix+"X-W", "secret")
		}, "map[]", "", "[X-T X-U X-V X-W]"},
		{"trailers-prefixed-early", set(http.TrailerPrefix+"X-T", "secret"), "map[]", "", "[X-T]"},
		{"trailers-twice", set("Trailer", "X-U, X-T", http.TrailerPrefix+"X-U", "secret"), "map[]", "", "[X-T X-U]"},
		{"trailers-early", set("Trailer", "X-T", "X-T", "secret", "X-U", "1"), "map[X-U:[1]]", "", "[X-T]"},
		{"trailers-no-name", set("Trailer", "=secret"), "map[]", "[Trailer]", ""},
		{"trailers-prefixed-no-name", set(http.TrailerPrefix+"X-T=secret", "1"), "map[]", "", "[X-T]"},
		{"trailers-cookie", set("Trailer", "Set-Cookie", "Set-Cookie", "a=1"), "map[Set-Cookie:[a=1]]", "", "[Set-Cookie]"},
		{"both", set("Connection", "close", "Trailer", "X-T"), "map[]", "[Connection]", "[X-T]"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			check := func(door frontdoor.Door, header http.Header, log []map[string]any) {
				t.Helper()
				delete(header, "Content-Type")
				if got := fmt.Sprint(map[string][]string(header)); got != test.want {
					t.Errorf("%s: headers = %s, want %s", door, got, test.want)
				}
				messages := map[string]string{
					"headers":  "headers left out: they are about a connection, and the client's is the door's",
					"trailers": "trailers left out: no door passes them on",
				}
				told := map[string]string{}
				for _, line := range log {
					for member, message := range messages {
						if names, ok := line[member]; ok {
							told[member] += fmt.Sprint(names)
						}
						if (line[member] != nil) != (line["msg"] == message) {
							t.Errorf("%s: log = %v, want %s", door, line, message)
						}
					}
					if line["level"] != "WARN" || strings.Contains(mustJSON(t, line), "secret") {
						t.Errorf("%s: log = %v, want warnings without values", door, line)
					}
				}
				if told["headers"] != test.headers || told["trailers"] != test.trailers {
					t.Errorf("%s: log = %v, want headers %s and trailers %s", door, log, test.headers, test.trailers)
				}
			}
			for door, event := range doorEvents(t) {
				got, log := loggedEvent(t, event, test.handler)
				check(door, got.header, log)
				if door == frontdoor.URL || door == frontdoor.REST {
					head, _, log, err := streamed(t, event, test.handler)
					if err != nil {
						t.Error(err)
					}
					check(door, parse(t, []byte(head)).header, log)
				}
			}
		})
	}
}

// A Content-Length that is not a number is left out, and logged without the
// value.
func TestNoLength(t *testing.T) {
	for _, value := range []string{"", "secret", "-1", "1.5", "99999999999999999999"} {
		got, log := logged(t, frontdoor.ALB, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("X-A", "1")
			w.Header().Set("Content-Length", value)
			_, _ = io.WriteString(w, "x")
		})
		if got.status != 200 || got.header.Get("X-A") == "" || len(log) != 1 || log[0]["header"] != "Content-Length" || log[0]["msg"] != "header dropped: its value is not a length" {
			t.Errorf("%q: response %v, log %v; want it sent and one line", value, got, log)
		}
		if strings.Contains(mustJSON(t, log), "secret") {
			t.Errorf("log = %v has the value", log)
		}
	}
}

// What is said of the length goes out once, as far as a body may follow.
func TestContentLength(t *testing.T) {
	tests := []struct {
		name   string
		values []string
		status int
		want   string
	}{
		{"length", []string{"1"}, 200, `"Content-Length":"1"`},
		{"twice", []string{"1", "1"}, 200, `"Content-Length":"1"`},
		{"not-a-number", []string{"one"}, 200, ""},
		{"negative", []string{"-1"}, 200, ""},
		{"no-content", []string{"0"}, 204, ""},
		{"not-modified", []string{"5"}, 304, ""},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			out, err := invoke(t, doorEvents(t)[frontdoor.HTTP], func(w http.ResponseWriter, _ *http.Request) {
				w.Header()["Content-Length"] = test.values
				w.WriteHeader(test.status)
				_, _ = io.WriteString(w, "x")
			})
			if err != nil {
				t.Fatal(err)
			}
			if !strings.Contains(string(out), test.want) || strings.Contains(string(out), "Content-Length") != (test.want != "") {
				t.Errorf("response = %s, want %s", out, test.want)
			}
		})
	}
}
