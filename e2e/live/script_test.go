package live

import (
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/crumb-go/crumb/e2e/compare"
	"github.com/crumb-go/crumb/shared/cookie/useragent"
)

// A step is a request and what every stack must respond.
type step struct {
	name    string
	who     string // whose browser sends it, with its cookies; "": nobody's
	needs   string // what a stack may lack
	request string // "GET /me"
	header  string // lines, see fill
	form    string
	status  string // the code, or how it starts
	shows   string // part of the body
	door    bool   // a door may respond otherwise: that breaks no rule
}

const unicode = "username=Zo%C3%AB+%3Cb%3E%3B+%F0%9F%8D%AA"

var script = []step{
	{name: "guest", who: "ann", request: "GET /", status: "200", shows: "Hello, Guest!"},
	{name: "set", who: "ann", request: "GET /setcookie", status: "200", shows: "Cookie has been set!"},
	{name: "welcome", who: "ann", request: "GET /", status: "200", shows: "Welcome back, Cobby!"},
	{name: "found", who: "ann", request: "GET /getcookie", status: "200", shows: "Found cookie! Username: Cobby"},
	{name: "set-unicode", who: "ann", request: "POST /setcookie", form: unicode, status: "200", shows: "Cookie has been set!"},
	{name: "found-unicode", who: "ann", request: "GET /getcookie", status: "200", shows: "Username: Zoë &lt;b&gt;; 🍪"},
	{name: "delete", who: "ann", request: "GET /deletecookie", status: "200", shows: "Cookie has been deleted!"},
	{name: "none", who: "ann", request: "GET /getcookie", status: "200", shows: "No cookie found!"},

	{name: "head", request: "HEAD /setcookie", status: "200"},
	{name: "options", request: "OPTIONS /setcookie", status: "200"},
	{name: "wrong-method", request: "PUT /deletecookie", status: "405", shows: "Method not allowed."},
	{name: "cross-site", request: "POST /setcookie", header: "Sec-Fetch-Site: cross-site", form: unicode, status: "403"},
	{name: "no-form", request: "POST /setcookie", header: "Content-Type: application/json", status: "415"},
	{name: "no-field", request: "POST /setcookie", form: "name=a", status: "400"},
	{name: "unknown-path", request: "GET /nope", status: "4", door: true},

	{name: "quoted", needs: "odd-cookies", request: "GET /getcookie", header: `Cookie: username="Cobby"`, status: "200", shows: "Username: Cobby"},
	{name: "quoted-backslash", needs: "odd-cookies", request: "GET /getcookie", header: `Cookie: username="a\054b"`, status: "200"},
	{name: "quotes-doubled", needs: "odd-cookies", request: "GET /getcookie", header: `Cookie: username=""Cobby""`, status: "200"},
	{name: "json-value", needs: "odd-cookies", request: "GET /getcookie", header: `Cookie: username={"a":[1,2]}`, status: "200"},
	{name: "equals", needs: "odd-cookies", request: "GET /getcookie", header: "Cookie: username=a=b==", status: "200", shows: "Username: a=b=="},
	{name: "comma", needs: "odd-cookies", request: "GET /getcookie", header: "Cookie: a=1, b=2; username=c,d", status: "200", shows: "Username: c,d"},
	{name: "duplicates", needs: "odd-cookies", request: "GET /getcookie", header: "Cookie: username=a; username=b", status: "200", shows: "Username: a"},
	{name: "other-case", needs: "odd-cookies", request: "GET /getcookie", header: "Cookie: Username=a", status: "200", shows: "No cookie found!"},
	{name: "escaped", needs: "odd-cookies", request: "GET /getcookie", header: "Cookie: username=a%20b%3Bc%2541", status: "200", shows: "Username: a b;c%41"},
	{name: "escape-broken", needs: "odd-cookies", request: "GET /getcookie", header: "Cookie: username=100%", status: "200"},
	{name: "markup", needs: "odd-cookies", request: "GET /", header: "Cookie: username=<script>alert(1)</script>", status: "200", shows: "&lt;script&gt;"},
	{name: "empty", needs: "odd-cookies", request: "GET /getcookie", header: "Cookie: username=", status: "200"},
	{name: "two-lines", request: "GET /getcookie", header: "Cookie: a=1\nCookie: username=Cobby", status: "200", shows: "Username: Cobby", door: true},
	{name: "utf8", request: "GET /getcookie", header: "Cookie: username=\xC3\xA9", status: "200", shows: "Username: é", door: true},
	{name: "nine-kilobytes", needs: "odd-cookies", request: "GET /getcookie", header: "Cookie: a=" + strings.Repeat("x", 9000) + "; username=Cobby", status: "200", shows: "Username: Cobby", door: true},
	{name: "over-ten-kilobytes", request: "GET /getcookie", header: "Cookie: a=" + strings.Repeat("x", 10_300) + "; username=Cobby", status: "4", door: true},

	{name: "first-visit", who: "ann", request: "GET /visits", status: "200", shows: "This is your first visit."},
	{name: "second-visit", who: "ann", request: "GET /visits", status: "200", shows: "Visit 2,"},
	{name: "forged", request: "GET /visits", header: "Cookie: visits={ann visits forged}", status: "200", shows: "This is your first visit."},
	{name: "cut-off", request: "GET /visits", header: "Cookie: visits={ann visits cut}", status: "200", shows: "This is your first visit."},
	{name: "not-forged", request: "GET /visits", header: "Cookie: visits={ann visits}", status: "200", shows: "Visit 3,"},

	{name: "nobody", request: "GET /me", needs: "sessions", status: "401"},
	{name: "wrong-password", who: "ann", needs: "sessions", request: "POST /login", form: "username=name&password=wrong", status: "401"},
	{name: "login", who: "ann", needs: "sessions", request: "POST /login", form: signIn, status: "303"},
	{name: "me", who: "ann", needs: "sessions", request: "GET /me", status: "200", shows: "Hello, name!"},
	{name: "login-phone", who: "phone", needs: "sessions", request: "POST /login", header: "Cookie: __Host-id={ann __Host-id forged}", form: signIn, status: "303"},
	{name: "several-sessions", needs: "sessions", request: "GET /me", header: "Cookie: __Host-id=planted; __Host-id={ann __Host-id}", status: "200"},
	{name: "logout", who: "ann", needs: "sessions", request: "POST /logout", status: "303"},
	{name: "me-after-logout", who: "ann", needs: "sessions", request: "GET /me", status: "401"},
	{name: "stolen", needs: "sessions", request: "GET /me", header: "Cookie: __Host-id={ann __Host-id}", status: "401"},
	{name: "phone-stays", who: "phone", needs: "sessions", request: "GET /me", status: "200", shows: "Hello, name!"},
	{name: "login-again", who: "ann", needs: "sessions", request: "POST /login", form: signIn, status: "303"},
	{name: "everywhere", who: "phone", needs: "sessions", request: "POST /logout", form: "everywhere=true", status: "303"},
	{name: "after-everywhere", needs: "sessions", request: "GET /me", header: "Cookie: __Host-id={ann __Host-id}", status: "401"},
}

// The demo's user, whose password is in the README.
const signIn = "username=name&password=password"

// run sends the steps that a stack does not lack anything for, and returns the responses
// by their names.
func run(t *testing.T, s, limits stack) map[string]compare.Answer {
	t.Helper()
	browsers := map[string]*browser{"ann": {}, "phone": {}}
	answers := map[string]compare.Answer{}
	for _, step := range script {
		if limits.lacks[step.needs] == "" {
			answers[step.name] = withoutSecrets(send(t, s, step, browsers))
		}
	}
	return answers
}

// A browser has cookies, and those that it was once given, as a thief has them.
type browser struct {
	jar    useragent.Jar
	copied map[string]string
}

func send(t *testing.T, s stack, step step, browsers map[string]*browser) compare.Answer {
	t.Helper()
	method, path, _ := strings.Cut(step.request, " ")
	r := compare.Request{Name: step.name, Method: method, Target: path, Body: step.form}
	if step.header != "" {
		r.Header = strings.Split(fill(t, step.header, browsers), "\n")
	}
	if step.form != "" {
		r.Header = append(r.Header, "Content-Type: application/x-www-form-urlencoded")
	}
	at, err := url.Parse(s.url + path)
	if err != nil {
		t.Fatal(err)
	}
	who := browsers[step.who]
	if who != nil && !strings.Contains(step.header, "Cookie:") {
		if cookies := who.jar.Header(useragent.Request{URL: at, Method: method}); cookies != "" {
			r.Header = append(r.Header, "Cookie: "+cookies)
		}
	}
	wire := exchange(t, s.url, r)
	answer, err := compare.Parse(method, wire)
	if err != nil {
		t.Fatalf("%s: %s: %v", s.name, step.name, err)
	}
	if who != nil {
		for _, line := range setCookies(wire) {
			v := who.jar.Set(useragent.Request{URL: at, Method: method}, line)
			if v.Outcome == useragent.Ignored {
				t.Errorf("%s: %s: a browser ignores the cookie %s: %v", s.name, step.name, v.Cookie.Name, v.Reasons)
			}
			if v.Outcome == useragent.Stored {
				if who.copied == nil {
					who.copied = map[string]string{}
				}
				who.copied[v.Cookie.Name] = v.Cookie.Value
			}
		}
	}
	return answer
}

// exchange sends a request, and again as long as the stack asks for that: after a
// deployment it takes minutes until there is a key that seals cookies.
func exchange(t *testing.T, server string, r compare.Request) []byte {
	t.Helper()
	for attempt := 0; ; attempt++ {
		_, wire, err := compare.Exchange(server, r)
		if err != nil {
			t.Fatalf("%s %s%s: %v", r.Method, server, r.Target, err)
		}
		answer, err := compare.Parse(r.Method, wire)
		if err != nil {
			t.Fatalf("%s %s%s: %v", r.Method, server, r.Target, err)
		}
		wait, err := strconv.Atoi(answer["retry-after"])
		if answer["status"] != "503" || err != nil || attempt == 10 {
			return wire
		}
		t.Logf("%s is not ready, %d s", r.Target, wait)
		time.Sleep(time.Duration(wait) * time.Second)
	}
}

// setCookies returns the values of the Set-Cookie lines of a response, byte for byte.
func setCookies(wire []byte) []string {
	head, _, _ := strings.Cut(string(wire), "\r\n\r\n")
	var lines []string
	for _, m := range regexp.MustCompile(`(?mi)^set-cookie:[ \t]*(.*?)[ \t\r]*$`).FindAllStringSubmatch(head, -1) {
		lines = append(lines, m[1])
	}
	return lines
}

// fill replaces "{ann visits}" by the value of the last cookie of that name that a
// browser was given, even if it has deleted it. With "forged" one character in the middle
// is another one, with "cut" the last eight are missing.
func fill(t *testing.T, text string, browsers map[string]*browser) string {
	t.Helper()
	return regexp.MustCompile(`\{(ann|phone) ([\w-]+)( forged| cut)?\}`).ReplaceAllStringFunc(text, func(m string) string {
		words := append(strings.Fields(strings.Trim(m, "{}")), "")
		value := browsers[words[0]].copied[words[1]]
		if len(value) < 20 {
			t.Fatalf("%s has not been given a cookie %s", words[0], words[1])
		}
		switch words[2] {
		case "forged":
			other := "A"
			if value[len(value)/2] == 'A' {
				other = "B"
			}
			return value[:len(value)/2] + other + value[len(value)/2+1:]
		case "cut":
			return value[:len(value)-8]
		}
		return value
	})
}
