package frontdoor_test

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"flag"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/crumb-go/crumb/shared/frontdoor"
)

var vectorsFile = flag.String("vectors", "testdata/frontdoor.json", "file of front door vectors, from here or from the repository's root")

// vector is one row. The file's "conventions" say what the members of Expect
// mean; one that they do not name fails the row.
type vector struct {
	ID     string
	Kind   string
	Door   string
	Event  json.RawMessage
	Do     [][]any
	Expect map[string]json.RawMessage
}

// vectorDoors maps the file's names of doors to ours.
var vectorDoors = map[string]frontdoor.Door{
	"rest": frontdoor.REST, "httpapi2": frontdoor.HTTP, "httpapi1": frontdoor.HTTP1, "furl": frontdoor.URL,
	"alb-single": frontdoor.ALB, "alb-multi": frontdoor.ALBMulti, "lattice2": frontdoor.Lattice,
}

func TestVectors(t *testing.T) {
	text, err := os.ReadFile(fromRoot(*vectorsFile))
	if err != nil {
		t.Fatal(err)
	}
	var file struct {
		Format  int
		Vectors []vector
	}
	if err := json.Unmarshal(text, &file); err != nil {
		t.Fatal(err)
	}
	if file.Format != 1 || len(file.Vectors) == 0 {
		t.Fatalf("%s: format %d with %d vectors", *vectorsFile, file.Format, len(file.Vectors))
	}
	kinds := map[string]func(*testing.T, vector){"request": requestVector, "response": responseVector, "reject": rejectVector}
	for _, v := range file.Vectors {
		t.Run(v.ID, func(t *testing.T) {
			run, ok := kinds[v.Kind]
			if !ok {
				t.Fatalf("unknown kind %q", v.Kind)
			}
			run(t, v)
		})
	}
}

func requestVector(t *testing.T, v vector) {
	var body []byte
	var request *http.Request
	_, err := invoke(t, v.Event, func(w http.ResponseWriter, r *http.Request) {
		request = r
		body, _ = io.ReadAll(r.Body)
	})
	if err != nil {
		t.Fatal(err)
	}
	if e, _ := frontdoor.EventFrom(request.Context()); e.Door != vectorDoors[v.Door] {
		t.Errorf("door = %q, want %q", e.Door, vectorDoors[v.Door])
	}
	checks := map[string]func(want json.RawMessage){
		"cookies": func(want json.RawMessage) {
			got := [][]string{}
			for _, c := range request.Cookies() {
				got = append(got, []string{c.Name, c.Value})
			}
			equal(t, "cookies", got, want)
		},
		"cookieLine":    func(want json.RawMessage) { equal(t, "Cookie", request.Header["Cookie"], list(want)) },
		"method":        func(want json.RawMessage) { equal(t, "method", request.Method, want) },
		"path":          func(want json.RawMessage) { equal(t, "path", request.URL.Path, want) },
		"escapedPath":   func(want json.RawMessage) { equal(t, "escaped path", request.URL.EscapedPath(), want) },
		"query":         func(want json.RawMessage) { equal(t, "query", request.URL.Query(), want) },
		"host":          func(want json.RawMessage) { equal(t, "host", request.Host, want) },
		"bodyB64":       func(want json.RawMessage) { equal(t, "body", base64.StdEncoding.EncodeToString(body), want) },
		"contentLength": func(want json.RawMessage) { equal(t, "content length", request.ContentLength, want) },
		"remoteIP": func(want json.RawMessage) {
			host, _, err := net.SplitHostPort(request.RemoteAddr)
			if err != nil {
				t.Error(err)
			}
			equal(t, "remote IP", host, want)
		},
		"headers": func(want json.RawMessage) {
			for name, values := range decoded[map[string][]string](t, want) {
				if got := request.Header[name]; !slices.Equal(got, values) {
					t.Errorf("header %s = %q, want %q", name, got, values)
				}
			}
		},
		"absentHeaders": func(want json.RawMessage) {
			for _, name := range decoded[[]string](t, want) {
				if got := request.Header.Values(name); got != nil {
					t.Errorf("header %s = %q, want none", name, got)
				}
			}
		},
	}
	runChecks(t, checks, v.Expect)
}

func responseVector(t *testing.T, v vector) {
	out, err := invoke(t, v.Event, func(w http.ResponseWriter, _ *http.Request) { perform(t, w, v.Do) })
	if err != nil {
		t.Fatal(err)
	}
	response := decoded[map[string]json.RawMessage](t, out)
	single := decoded[map[string]string](t, response["headers"])
	multi := decoded[map[string][]string](t, response["multiValueHeaders"])
	isBase64 := string(response["isBase64Encoded"]) == "true"

	checks := map[string]func(want json.RawMessage){
		"status":            func(want json.RawMessage) { equal(t, "status", response["statusCode"], want) },
		"statusDescription": func(want json.RawMessage) { equal(t, "status description", response["statusDescription"], want) },
		"cookies":           func(want json.RawMessage) { equal(t, "cookies", response["cookies"], want) },
		"isBase64":          func(want json.RawMessage) { equal(t, "isBase64Encoded", isBase64, want) },
		"bodyB64":           func(want json.RawMessage) { equal(t, "body", response["body"], want) },
		"body": func(want json.RawMessage) {
			equal(t, "body", decoded[string](t, response["body"]), want)
			if isBase64 {
				t.Error("isBase64Encoded = true, want text")
			}
		},
		"singleHeaders": func(want json.RawMessage) {
			for name, value := range decoded[map[string]string](t, want) {
				if got := folded(single, name); !slices.Equal(got, []string{value}) {
					t.Errorf("headers %s = %q, want %q", name, got, value)
				}
			}
		},
		"joined": func(want json.RawMessage) {
			for name, values := range decoded[map[string][]string](t, want) {
				got := strings.Split(strings.Join(folded(single, name), "\x00"), ",")
				for i := range got {
					got[i] = strings.TrimSpace(got[i])
				}
				if !slices.Equal(got, values) {
					t.Errorf("headers %s = %q, want %q", name, got, values)
				}
			}
		},
		"multi": func(want json.RawMessage) {
			for name, values := range decoded[map[string][]string](t, want) {
				if got := slices.Concat(folded(multi, name)...); !slices.Equal(got, values) {
					t.Errorf("multiValueHeaders %s = %q, want %q", name, got, values)
				}
			}
		},
		"absent": func(want json.RawMessage) {
			for _, name := range decoded[[]string](t, want) {
				if got, ok := response[name]; ok && string(got) != "null" {
					t.Errorf("%s = %s, want none", name, got)
				}
			}
		},
		"strictlyAbsent": func(want json.RawMessage) {
			for _, name := range decoded[[]string](t, want) {
				if got, ok := response[name]; ok {
					t.Errorf("%s = %s, want no such member", name, got)
				}
			}
		},
		"noSetCookieIn": func(want json.RawMessage) {
			for _, name := range decoded[[]string](t, want) {
				if got := folded(decoded[map[string]any](t, response[name]), "Set-Cookie"); len(got) > 0 {
					t.Errorf("%s has Set-Cookie %v, want none", name, got)
				}
			}
		},
		"albSingleCookies": func(want json.RawMessage) {
			got := folded(single, "Set-Cookie")
			slices.Sort(got)
			cookies := decoded[[]string](t, want)
			slices.Sort(cookies)
			if !slices.Equal(got, cookies) {
				t.Errorf("headers have Set-Cookie %q, want %q", got, cookies)
			}
		},
	}
	runChecks(t, checks, v.Expect)
}

func rejectVector(t *testing.T, v vector) {
	_, err := invoke(t, v.Event, func(http.ResponseWriter, *http.Request) { t.Error("the handler was called") })
	runChecks(t, map[string]func(json.RawMessage){
		"error": func(want json.RawMessage) { equal(t, "error", err != nil, want) },
	}, v.Expect)
}

// perform is the handler of a response vector.
func perform(t *testing.T, w http.ResponseWriter, do [][]any) {
	for _, step := range do {
		arg := func(i int) string { return step[i].(string) }
		switch step[0] {
		case "cookie":
			w.Header().Add("Set-Cookie", arg(1))
		case "set":
			w.Header().Set(arg(1), arg(2))
		case "add":
			w.Header().Add(arg(1), arg(2))
		case "raw":
			w.Header()[arg(1)] = []string{arg(2)}
		case "status":
			w.WriteHeader(int(step[1].(float64)))
		case "write":
			io.WriteString(w, arg(1))
		case "writeB64":
			b, err := base64.StdEncoding.DecodeString(arg(1))
			if err != nil {
				t.Error(err)
			}
			w.Write(b)
		default:
			t.Errorf("unknown step %q", step[0])
		}
	}
}

func runChecks(t *testing.T, checks map[string]func(json.RawMessage), expect map[string]json.RawMessage) {
	t.Helper()
	if len(expect) == 0 {
		t.Error("the vector expects nothing")
	}
	for name, want := range expect {
		check, ok := checks[name]
		if !ok {
			t.Errorf("unknown expectation %q", name)
			continue
		}
		check(want)
	}
}

// invoke runs an event through a handler, with log lines going to the test's.
func invoke(t *testing.T, event []byte, h http.HandlerFunc) ([]byte, error) {
	t.Helper()
	logger := slog.New(slog.NewJSONHandler(t.Output(), nil))
	return frontdoor.New(h, frontdoor.Options{Logger: logger}).Invoke(context.Background(), event)
}

// equal compares got, as JSON, with want.
func equal(t *testing.T, what string, got any, want json.RawMessage) {
	t.Helper()
	b, err := json.Marshal(got)
	if err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(decoded[any](t, b), decoded[any](t, want)) {
		t.Errorf("%s = %s, want %s", what, b, want)
	}
}

// decoded decodes JSON, nothing giving the zero value.
func decoded[T any](t *testing.T, b []byte) T {
	t.Helper()
	var v T
	if len(bytes.TrimSpace(b)) == 0 {
		return v
	}
	if err := json.Unmarshal(b, &v); err != nil {
		t.Fatalf("%v in %s", err, b)
	}
	return v
}

func list(element json.RawMessage) json.RawMessage {
	return slices.Concat([]byte("["), element, []byte("]"))
}

// folded returns the values of every spelling of name.
func folded[V any](m map[string]V, name string) []V {
	var values []V
	for k, v := range m {
		if strings.EqualFold(k, name) {
			values = append(values, v)
		}
	}
	return values
}

// fromRoot finds a path given on the command line: go test runs here, but is
// usually called at the root of the repository.
func fromRoot(path string) string {
	if root := filepath.Join("../..", path); !filepath.IsAbs(path) {
		if _, err := os.Stat(root); err == nil {
			return root
		}
	}
	return path
}
