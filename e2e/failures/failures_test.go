package failures

import (
	"encoding/json"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/crumb-go/crumb/e2e/testenv"
)

// read returns a file of this repository.
func read(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(testenv.Root(t), filepath.FromSlash(name)))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// event returns an event of events/, with another path if there is one.
func event(t *testing.T, file, path string) string {
	t.Helper()
	text := read(t, "events/"+file)
	if path == "" {
		return text
	}
	var members map[string]any
	if err := json.Unmarshal([]byte(text), &members); err != nil {
		t.Fatal(err)
	}
	members["path"] = path
	b, err := json.Marshal(members)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// documented returns what docs/deploying.md quotes after an option.
func documented(t *testing.T, option string) string {
	t.Helper()
	found := regexp.MustCompile(option+` '([^']*)'`).FindAllStringSubmatch(read(t, "docs/deploying.md"), -1)
	if len(found) != 1 {
		t.Fatalf("docs/deploying.md has %s %d times, want it once", option, len(found))
	}
	return found[0][1]
}

// search are the filter and the query of docs/deploying.md.
type search struct {
	pattern Pattern
	query   Query
}

func newSearch(t *testing.T) search {
	t.Helper()
	pattern, err := ParsePattern(documented(t, "--filter-pattern"))
	if err != nil {
		t.Fatal(err)
	}
	query, err := ParseQuery(documented(t, "--query-string"))
	if err != nil {
		t.Fatal(err)
	}
	return search{pattern, query}
}

// found returns the lines that the filter finds. The query must find the same
// lines, grouped by message.
func (s search) found(t *testing.T, lines []string) (found []string) {
	t.Helper()
	messages := map[string]int{}
	for _, line := range lines {
		if s.pattern.Match(line) {
			found = append(found, line)
			messages[message(t, line)]++
		}
	}
	if groups, err := s.query.Count(lines); err != nil || !maps.Equal(groups, messages) {
		t.Errorf("the query counts %v, %v; the filter finds %v", groups, err, messages)
	}
	return found
}

func message(t *testing.T, line string) string {
	t.Helper()
	var members struct{ Message string }
	if err := json.Unmarshal([]byte(line), &members); err != nil {
		t.Errorf("%s: %v", line, err)
	}
	return members.Message
}

// Statuses without a response: see lambda.invoke.
const (
	ended  = -1
	failed = 0
)

const (
	noStart = "the function did not start"
	failure = "the function failed"
	retry   = "Service Unavailable"
)

// The filter finds what functions log if it is a failure, and only then.
func TestLogs(t *testing.T) {
	testenv.Long(t, "every function fails in every way, half a minute")
	s, bin, env := newSearch(t), build(t), newEnvironments(t)
	t.Run("failures", func(t *testing.T) { testFailures(t, s, bin, env) })
	t.Run("stale-keys", func(t *testing.T) { testStaleKeys(t, s, bin, env) })
	t.Run("successes", func(t *testing.T) { testSuccesses(t, s, bin, env) })
}

// Each failure of each function logs a line that the document's filter and query
// find, with the request's id if there is a request.
func testFailures(t *testing.T, s search, bin string, env environments) {
	badOrigin := map[string]string{"PUBLIC_ORIGIN": "app.example/"}
	for _, tc := range []struct {
		name, function string
		env            map[string]string
		event          string
		status         int
		message        string
	}{
		{"index-event", "index", nil, `{}`, failed, failure},
		{"getcookie-event", "getcookie", nil, `{"Records":[]}`, failed, failure},
		{"deletecookie-event", "deletecookie", nil, `[]`, failed, failure},

		{"setcookie-event", "setcookie", nil, `{"httpMethod":1}`, failed, failure},
		{"setcookie-origin", "setcookie", badOrigin, "", ended, noStart},

		{"visits-event", "visits", env.visits, `{}`, failed, failure},
		{"visits-no-keys", "visits", nil, "", ended, noStart},
		{"visits-bad-keys", "visits", map[string]string{"CRUMB_KEYS": "a.b.c"}, "", ended, noStart},
		{"visits-published-keys", "visits", without(env.visits, "CRUMB_LOCAL"), "", ended, noStart},
		{"visits-secret-denied", "visits", env.secret("denied"), "", ended, noStart},
		{"visits-secret-down", "visits", env.secret("down"), "", ended, noStart},
		{"visits-no-key-yet", "visits", env.secret("empty"), event(t, "visits/first.rest.json", ""), 503, retry},

		{"login-event", "login", env.sessions, `{}`, failed, failure},
		{"login-origin", "login", badOrigin, "", ended, noStart},
		{"login-no-users", "login", without(env.sessions, "DEMO_USERS"), event(t, "login/post.rest.json", ""), 503, retry},
		{"login-store-down", "login", env.lost, event(t, "login/post.rest.json", ""), 503, retry},
		{"login-no-sessions", "login", without(env.sessions, "SESSION_TABLE"), event(t, "login/post.rest.json", ""), 503, retry},
		{"login-no-guesses", "login", without(env.sessions, "GUESS_TABLE"), event(t, "login/post.rest.json", ""), 503, retry},
		{"login-no-credentials", "login", with(env.sessions, "AWS_ACCESS_KEY_ID", ""), event(t, "login/post.rest.json", ""), 503, retry},

		{"logout-event", "logout", env.sessions, `{}`, failed, failure},
		{"logout-origin", "logout", badOrigin, "", ended, noStart},
		{"logout-store-down", "logout", env.lost, event(t, "logout/post.rest.json", ""), 503, retry},
		{"logout-everywhere-store-down", "logout", env.lost, event(t, "logout/post-everywhere.rest.json", ""), 503, retry},

		{"me-event", "me", env.sessions, `{}`, failed, failure},
		{"me-store-down", "me", env.lost, event(t, "me/signed-in.rest.json", ""), 503, retry},
		{"me-other-table", "me", with(env.sessions, "SESSION_TABLE", "others"), event(t, "me/signed-in.rest.json", ""), 503, retry},

		{"me-other-data", "me", with(env.sessions, "SESSION_TABLE", "other-data"), event(t, "me/signed-in.rest.json", ""), 503, retry},
		{"me-use-not-recorded", "me", env.readOnly, event(t, "me/signed-in.rest.json", ""), 200, "session: could not record activity"},

		{"rotation-event", "rotatekeys", env.secret("rotated"), `"now"`, failed, failure},
		{"rotation-step", "rotatekeys", env.secret("rotated"), step("turnSecret"), failed, failure},
		{"rotation-denied", "rotatekeys", env.secret("denied"), step("createSecret"), failed, failure},
		{"rotation-down", "rotatekeys", env.secret("down"), step("createSecret"), failed, failure},
		{"rotation-given-up", "rotatekeys", env.secret("empty"), step("finishSecret"), failed, failure},

		{"panic", "faults", nil, event(t, "index/guest.rest.json", "/panic"), 500, "handler panicked"},
		{"abort", "faults", nil, event(t, "index/guest.rest.json", "/abort"), 500, "handler aborted the response"},
		{"too-large", "faults", nil, event(t, "index/guest.rest.json", "/too-large"), 500, "response rejected: bigger than the door takes"},
		{"cut-off", "faults", nil, event(t, "index/guest.rest.json", "/cut-off"), 500, "response broken off: its body is shorter than its Content-Length"},
		{"late-cookie", "faults", nil, event(t, "index/guest.rest.json", "/late-cookie"), 200, "Set-Cookie lost: it was set after WriteHeader, Write or Flush"},
		{"broken-cookie", "faults", nil, event(t, "index/guest.rest.json", "/broken-cookie"), 200, "Set-Cookie changed: it held line breaks or bytes that are not UTF-8"},
		{"large-headers", "faults", nil, event(t, "index/guest.rest.json", "/large-headers"), 200, "response has more header bytes than API Gateway documents for requests; it may not arrive"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			l := start(t, filepath.Join(bin, tc.function), tc.env)
			if got := l.invoke(tc.event); got != tc.status {
				t.Errorf("status = %d, want %d", got, tc.status)
			}
			found := s.found(t, l.lines())
			if len(found) != 1 || message(t, found[0]) != tc.message {
				t.Fatalf("the filter finds %q, want one %q", found, tc.message)
			}
			if has := strings.Contains(found[0], `"requestId":"`+requestID+`"`); has != (tc.status != ended) {
				t.Errorf("%s has the id of a request: %v", found[0], has)
			}
		})
	}
}

// The secret disappears while visits runs. Each attempt to read it is found, and
// so is each response without a count once the keys are stale.
func testStaleKeys(t *testing.T, s search, bin string, env environments) {
	l := start(t, filepath.Join(bin, "stale"), env.secret("lost"))
	visit := event(t, "visits/first.rest.json", "")
	status := l.invoke(visit)
	for begun := time.Now(); status == 200 && time.Since(begun) < time.Minute; status = l.invoke(visit) {
		time.Sleep(100 * time.Millisecond)
	}
	if status != 503 {
		t.Errorf("status = %d, want 503 when the keys are stale", status)
	}
	found := s.found(t, l.lines())
	messages := map[string]int{}
	for _, line := range found {
		messages[message(t, line)]++
	}
	if unread := messages["keyring refresh failed; keeping previous keys"]; unread == 0 || messages[retry] != 1 || unread+1 != len(found) {
		t.Errorf("the filter finds %q, want each failed reading, and one response", found)
	}
}

// Whatever a function responds without a failure, the filter finds nothing.
func testSuccesses(t *testing.T, s search, bin string, env environments) {
	for function, env := range map[string]map[string]string{
		"index": nil, "setcookie": nil, "getcookie": nil, "deletecookie": nil,
		"visits": env.visits, "login": env.sessions, "logout": env.sessions, "me": env.sessions, "rotatekeys": env.secret("rotated"),
	} {
		t.Run(function, func(t *testing.T) {
			l := start(t, filepath.Join(bin, function), env)
			if function == "rotatekeys" {
				l.invoke(step("finishSecret"))
			}
			events, err := filepath.Glob(filepath.Join(testenv.Root(t), "events", function, "*.json"))
			if err != nil || len(events) == 0 && function != "rotatekeys" {
				t.Fatalf("no events: %v", err)
			}
			for _, file := range events {
				if strings.HasSuffix(file, ".answer.json") {
					continue
				}
				if got := l.invoke(event(t, function+"/"+filepath.Base(file), "")); got < 200 || got > 499 {
					t.Errorf("%s: status = %d", file, got)
				}
			}
			if found := s.found(t, l.lines()); len(found) > 0 {
				t.Errorf("the filter finds %q", found)
			}
		})
	}
}
