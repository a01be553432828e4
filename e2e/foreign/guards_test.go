package foreign_test

import (
	"encoding/json"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/crumb-go/crumb/e2e/testenv"
)

// What a closed or refused route responds with, by the service.
const (
	unauthorized = `{"message":"Unauthorized"}`
	forbidden    = `{"message":"Forbidden"}`
	denied       = `{"Message":"User is not authorized to access this resource with an explicit deny in an identity-based policy"}`
	notAllowed   = `{"Message":"User is not authorized to access this resource"}`
	brokenREST   = `{"message":null}`
	brokenHTTP   = `{"message":"Internal Server Error"}`
)

// A guardedProject is the project authorizers, started.
type guardedProject struct {
	crumb, dir string
	urls       []string // of the REST API and of the HTTP API
}

func startGuarded(t *testing.T) *guardedProject {
	t.Helper()
	p := &guardedProject{crumb: testenv.Build(t), dir: folder(t, "authorizers")}
	c := testenv.Start(t, exec.Command(p.crumb, "start", "-t", p.dir, "--port", "0", "--no-watch"))
	_, listening, _ := strings.Cut(c.Stdout, "Listening on ")
	if p.urls = strings.Fields(strings.TrimSuffix(listening, "(Ctrl-C stops)\n")); len(p.urls) != 2 {
		t.Fatalf("serves %q", p.urls)
	}
	return p
}

// get asks an API for a path, "rest /token", with headers such as "Authorization: a".
func (p *guardedProject) get(t *testing.T, route string, headers ...string) (status int, body string, header http.Header) {
	t.Helper()
	api, path, _ := strings.Cut(route, " ")
	url := p.urls[map[string]int{"rest": 0, "http": 1}[api]] + path
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, h := range headers {
		name, value, _ := strings.Cut(h, ": ")
		req.Header.Set(name, value)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp.StatusCode, string(text), resp.Header
}

// calls returns how often an authorizer had been called when it let a request pass.
func (p *guardedProject) calls(t *testing.T, route string, headers ...string) string {
	t.Helper()
	status, body, _ := p.get(t, route, headers...)
	var got struct {
		Authorizer map[string]json.RawMessage
	}
	if err := json.Unmarshal([]byte(body), &got); err != nil || status != http.StatusOK {
		t.Fatalf("%s %q = %d %s", route, headers, status, body)
	}
	if context := got.Authorizer["lambda"]; context != nil {
		if err := json.Unmarshal(context, &got.Authorizer); err != nil {
			t.Fatal(err)
		}
	}
	return string(got.Authorizer["calls"])
}

// TestGuards asks the project with every kind of authorizer, whose responses are as
// AWS's pages say, and as users of AWS have measured.
func TestGuards(t *testing.T) {
	t.Parallel()
	p := startGuarded(t)
	for _, row := range []struct {
		name, route, header string
		status              int
		want                string // the body, or with "..." its beginning
	}{
		{"token-missing", "rest /token", "", 401, unauthorized},
		{"token-malformed", "rest /token", "Authorization: Basic x", 401, unauthorized},
		{"token", "rest /token", "Authorization: Bearer ana", 200, `{"authorizer":{"calls":"...`},
		{"token-denied", "rest /token", "Authorization: Bearer deny", 403, denied},
		{"token-kept-denied", "rest /token", "Authorization: Bearer deny", 403, denied},
		{"token-not-allowed", "rest /token", "Authorization: Bearer elsewhere", 403, notAllowed},
		{"token-of-another-route", "rest /other", "Authorization: Bearer ana", 403, notAllowed},
		{"token-of-all-routes", "rest /token", "Authorization: Bearer all", 200, `{"authorizer":{"calls":"...`},
		{"token-unauthorized", "rest /token", "Authorization: Bearer unauthorized", 401, unauthorized},
		{"token-error", "rest /token", "Authorization: Bearer error", 500, brokenREST},
		{"token-bad-shape", "rest /token", "Authorization: Bearer malformed", 500, brokenREST},
		{"token-list-in-context", "rest /token", "Authorization: Bearer nested", 500, brokenREST},
		{"token-crash", "rest /token", "Authorization: Bearer crash", 500, brokenREST},
		{"token-too-slow", "rest /slow", "Authorization: Bearer slow", 500, brokenREST},
		{"token-after-a-crash", "rest /token", "Authorization: Bearer bob", 200, `{"authorizer":{"calls":"...`},
		{"fresh", "rest /fresh", "X-Token: ana", 200, `{"authorizer":{"calls":"...`},
		{"fresh-denied", "rest /fresh", "X-Token: deny", 403, denied},
		{"request-half", "rest /request", "X-Token: ana", 401, unauthorized},
		{"request-empty", "rest /request?user=", "X-Token: ana", 401, unauthorized},
		{"request", "rest /request?user=a", "X-Token: ana", 200, `{"authorizer":{"calls":"...`},
		{"request-denied", "rest /request?user=a", "X-Token: deny", 403, denied},
		{"request-too-slow", "rest /slow-request", "Authorization: slow", 500, brokenREST},
		{"key-missing", "rest /key", "", 403, forbidden},
		{"key-wrong", "rest /key", "X-Api-Key: key-of-the-second-client", 403, forbidden},
		{"key-in-no-plan", "rest /key", "X-Api-Key: key-that-is-in-no-plan", 403, forbidden},
		{"key", "rest /key", "X-Api-Key: key-of-the-first-client", 200, `{"authorizer":null,"key":"key-of-the-first-client"}`},
		{"both-with-key", "rest /both", "X-Api-Key: key-of-the-first-client", 401, unauthorized},
		{"both-with-token", "rest /both", "Authorization: Bearer all", 403, forbidden},
		{"iam", "rest /signed", "", 403, `{"message":"Missing Authentication Token"}`},
		{"another-language", "rest /script", "Authorization: ana", 401, unauthorized},
		{"open", "rest /open", "", 200, `{"authorizer":null,"key":""}`},

		{"http-missing", "http /two", "", 401, unauthorized},
		{"http", "http /two", "Authorization: ana", 200, `{"authorizer":{"lambda":{"calls":...`},
		{"http-denied", "http /two", "Authorization: deny", 403, forbidden},
		{"http-not-allowed", "http /two", "Authorization: elsewhere", 403, forbidden},
		{"http-of-another-route", "http /other", "Authorization: ana", 403, forbidden},
		{"http-error", "http /two", "Authorization: error", 500, brokenHTTP},
		{"http-crash", "http /two", "Authorization: crash", 500, brokenHTTP},
		{"http-too-slow", "http /slow", "Authorization: slow", 500, brokenHTTP},
		{"http-bad-shape", "http /two", "Authorization: malformed", 500, brokenHTTP},
		{"payload-one", "http /one", "Authorization: ana", 200, `{"authorizer":{"lambda":{"calls":...`},
		{"payload-one-denied", "http /one", "Authorization: deny", 403, forbidden},
		{"payload-one-crash", "http /one", "Authorization: crash", 500, brokenHTTP},
		{"payload-one-to-payload-one", "http /old", "Authorization: ana", 200, `{"authorizer":{"calls":...`},
		{"simple-missing", "http /simple", "", 401, unauthorized},
		{"simple", "http /simple", "Authorization: nested", 200, `{"authorizer":{"lambda":{"calls":1,"list":["a"],"member":true,"name":"nested"}},"key":""}`},
		{"simple-denied", "http /simple", "Authorization: deny", 403, forbidden},
		{"simple-too-slow", "http /slow-simple", "Authorization: slow", 500, brokenHTTP},
		{"http-iam", "http /signed", "", 403, forbidden},
		{"http-another-language", "http /script", "", 401, unauthorized},
		{"http-open", "http /open", "", 200, `{"authorizer":null,"key":""}`},
	} {
		var headers []string
		if row.header != "" {
			headers = []string{row.header}
		}
		status, body, _ := p.get(t, row.route, headers...)
		begins, cut := strings.CutSuffix(row.want, "...")
		if status != row.status || body != row.want && !(cut && strings.HasPrefix(body, begins)) {
			t.Errorf("%s: %s %s = %d %s, want %d %s", row.name, row.route, row.header, status, body, row.status, row.want)
		}
	}

	for _, row := range []struct {
		name, route, other string
		kept               bool
	}{
		{"token", "rest /token", "", true},
		{"token-on-another-route", "rest /token", "rest /other", true},
		{"fresh", "rest /fresh", "", false},
		{"request", "rest /request?user=a", "", true},
		{"request-of-another-user", "rest /request?user=a", "rest /request?user=b", false},
		{"two-authorizers", "rest /token", "rest /fresh", false},
		{"http", "http /two", "", true},
		{"http-on-another-route", "http /two", "http /other", true},
		{"payload-one", "http /one", "", false},
		{"simple", "http /simple", "", false},
	} {
		other := row.other
		if other == "" {
			other = row.route
		}
		headers := []string{"Authorization: Bearer all-" + row.name, "X-Token: all-" + row.name}
		first, second := p.calls(t, row.route, headers...), p.calls(t, other, headers...)
		if (first == second) != row.kept {
			t.Errorf("%s: the authorizer had been called %s times, then %s; kept must be %t", row.name, first, second, row.kept)
		}
	}
	if status, body, _ := p.get(t, "rest /both", "X-Api-Key: key-of-the-first-client", "Authorization: Bearer all"); status != http.StatusOK || !strings.HasSuffix(body, `"key":"key-of-the-first-client"}`) {
		t.Errorf("with both: %d %s", status, body)
	}
}

// TestTokens asks the same project with tokens of crumb token: good ones, expired ones,
// and those of another project.
func TestTokens(t *testing.T) {
	t.Parallel()
	p := startGuarded(t)
	foreign := t.TempDir()
	template, err := os.ReadFile(filepath.Join(p.dir, "template.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	testenv.Write(t, foreign, "template.yaml", string(template))
	token := func(dir string, args ...string) string {
		t.Helper()
		cmd := exec.Command(p.crumb, append([]string{"token", "-t", dir}, args...)...)
		var stderr strings.Builder
		cmd.Stderr = &stderr
		out, err := cmd.Output()
		if err != nil {
			t.Fatalf("%s: %v\n%s", cmd, err, stderr.String())
		}
		return strings.TrimSpace(string(out))
	}
	jwt, pool := []string{"--authorizer", "Jwt"}, []string{"--authorizer", "Members"}
	with := func(args []string, more ...string) []string { return append(args[:len(args):len(args)], more...) }
	for _, row := range []struct {
		name, route, token string
		status             int
		want               string // in the body
	}{
		{"jwt", "http /jwt", token(p.dir, with(jwt, "--claim", "role=admin")...), 200, `"role":"admin"`},
		{"jwt-no-token", "http /jwt", "", 401, unauthorized},
		{"jwt-bad-token", "http /jwt", "e30.e30.e30", 401, unauthorized},
		{"jwt-changed", "http /jwt", token(p.dir, jwt...) + "A", 401, unauthorized},
		{"jwt-expired", "http /jwt", token(p.dir, with(jwt, "--expires", "-1m")...), 401, unauthorized},
		{"jwt-foreign", "http /jwt", token(foreign, jwt...), 401, unauthorized},
		{"jwt-of-another-issuer", "http /jwt", token(p.dir, with(jwt, "--claim", "iss=https://other.example")...), 401, unauthorized},
		{"jwt-of-another-audience", "http /jwt", token(p.dir, with(jwt, "--claim", "aud=other")...), 401, unauthorized},
		{"jwt-without-scope", "http /scoped", token(p.dir, jwt...), 403, forbidden},
		{"jwt-with-another-scope", "http /scoped", token(p.dir, with(jwt, "--scope", "shop/delete")...), 403, forbidden},
		{"jwt-with-scope", "http /scoped", token(p.dir, with(jwt, "--scope", "shop/write")...), 200, `"scopes":["shop/write"]`},
		{"pool", "rest /members", token(p.dir, with(pool, "--claim", "role=admin")...), 200, `"role":"admin"`},
		{"pool-no-token", "rest /members", "", 401, unauthorized},
		{"pool-expired", "rest /members", token(p.dir, with(pool, "--expires", "-1m")...), 401, `{"message":"The incoming token has expired"}`},
		{"pool-foreign", "rest /members", token(foreign, pool...), 401, unauthorized},
		{"pool-access-token", "rest /members", token(p.dir, with(pool, "--use", "access")...), 401, unauthorized},
		{"pool-id-token-for-a-scope", "rest /scoped", token(p.dir, pool...), 401, unauthorized},
		{"pool-scope", "rest /scoped", token(p.dir, with(pool, "--scope", "shop/read")...), 200, `"scope":"shop/read"`},
		{"pool-token-for-a-function", "rest /token", token(p.dir, pool...), 401, unauthorized}, // it does not match the expression
	} {
		var headers []string
		if row.token != "" {
			headers = []string{"Authorization: Bearer " + row.token}
		}
		status, body, _ := p.get(t, row.route, headers...)
		if status != row.status || !strings.Contains(body, row.want) {
			t.Errorf("%s: %s = %d %s, want %d with %s", row.name, row.route, status, body, row.status, row.want)
		}
	}
	for _, row := range []struct{ name, token, want string }{
		{"no-token", "", "Bearer"},
		{"expired", token(p.dir, with(jwt, "--expires", "-1m")...), `error="invalid_token"`},
		{"scope", token(p.dir, jwt...), `error="insufficient_scope"`},
	} {
		_, _, header := p.get(t, "http /scoped", "Authorization: "+row.token)
		if got := header.Get("Www-Authenticate"); !strings.Contains(got, row.want) {
			t.Errorf("%s: Www-Authenticate: %s, want %s", row.name, got, row.want)
		}
	}
}
