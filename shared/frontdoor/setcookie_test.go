package frontdoor_test

import (
	"cmp"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/crumb-go/crumb/shared/cookie/useragent"
	"github.com/crumb-go/crumb/shared/frontdoor"
)

var cookieLogged = regexp.MustCompile(`"cookie":"([^"]*)"`)

func TestSetCookie(t *testing.T) {
	tests := []struct {
		name        string
		lines, want []string
		logged      string // the cookies that the log names, in order
	}{
		{"order", []string{"b=2", "a=1"}, []string{"b=2", "a=1"}, ""},
		{"exact-bytes", []string{` a = "1,2" ;path=/ ; Expires=Wed, 21 Oct 2015 07:28:00 GMT ;`}, []string{` a = "1,2" ;path=/ ; Expires=Wed, 21 Oct 2015 07:28:00 GMT ;`}, ""},
		{"same", []string{"a=1; Path=/", "b=2", "a=1; Path=/"}, []string{"b=2", "a=1; Path=/"}, ""},
		{"last-wins", []string{"a=1; Path=/", "b=2", "a=3; Max-Age=0; path=/"}, []string{"b=2", "a=3; Max-Age=0; path=/"}, "a"},
		{"names-have-case", []string{"a=1", "A=2"}, []string{"a=1", "A=2"}, ""},
		{"other-path", []string{"a=1; Path=/", "a=2; Path=/x"}, []string{"a=1; Path=/", "a=2; Path=/x"}, ""},
		{"default-path", []string{"a=1", "a=2; Path=", "a=3; Path=x"}, []string{"a=3; Path=x"}, "a a"},
		{"last-path-counts", []string{"a=1; Path=/x; Path=/", "a=2; Path=/"}, []string{"a=2; Path=/"}, "a"},
		{"other-domain", []string{"a=1; Domain=a.example", "a=2; Domain=b.example", "a=3"}, []string{"a=1; Domain=a.example", "a=2; Domain=b.example", "a=3"}, ""},
		{"domain-folded", []string{"a=1; Domain=.A.Example", "a=2; domain=a.example"}, []string{"a=2; domain=a.example"}, "a"},
		{"partitioned", []string{"a=1; Secure; Partitioned", "a=2; Secure", "a=3; Secure; partitioned"}, []string{"a=2; Secure", "a=3; Secure; partitioned"}, "a"},
		{"moved-by-path", []string{"a=1; Path=/", "a=; Path=/x; Max-Age=0"}, []string{"a=1; Path=/", "a=; Path=/x; Max-Age=0"}, ""},
		{"moved-by-domain", []string{"a=; Path=/; Max-Age=0", "a=1; Path=/; Domain=a.example"}, []string{"a=; Path=/; Max-Age=0", "a=1; Path=/; Domain=a.example"}, ""},
		{"moved-to-partitioned", []string{"a=1; Path=/; Secure; Partitioned", "a=; Path=/; Max-Age=0; Secure"}, []string{"a=1; Path=/; Secure; Partitioned", "a=; Path=/; Max-Age=0; Secure"}, ""},
		{"nameless", []string{"a", "=b"}, []string{"=b"}, "(none)"},
		{"ignored-by-browsers", []string{"__Host-a=1; Path=/; Secure", "__Host-a=2; Path=/"}, []string{"__Host-a=1; Path=/; Secure"}, "__Host-a"},
		{"ignored-none-insecure", []string{"a=1", "a=2", "b=3", "a=4; SameSite=None"}, []string{"a=2", "b=3"}, "a a"},
		{"ignored-too-long", []string{"a=1", "a=" + strings.Repeat("x", 4096)}, []string{"a=1"}, "a"},
		{"ignored-first", []string{"__Secure-a=1", "__Secure-a=2; Secure"}, []string{"__Secure-a=2; Secure"}, "__Secure-a"},
		{"ignored-all", []string{"__Secure-a=1", "__Secure-a=2"}, []string{"__Secure-a=2"}, "__Secure-a"},
		{"ignored-alone", []string{"__Secure-a=1", "b=2"}, []string{"__Secure-a=1", "b=2"}, ""},
		{"long-attribute", []string{"a=1; Path=/" + strings.Repeat("x", 1024), "a=2"}, []string{"a=2"}, "a"},
		{"line-break", []string{"sid=se\r\ncret; Path=/"}, []string{"sid=se  cret; Path=/"}, "sid"},
		{"latin1", []string{"sid=se\xe9cret"}, []string{"sid=seécret"}, "sid"},
		{"empty", []string{""}, []string{""}, ""},
	}
	for _, test := range tests {
		for _, door := range []frontdoor.Door{frontdoor.REST, frontdoor.HTTP} {
			t.Run(test.name+"/"+string(door), func(t *testing.T) {
				logger, log := testLogger()
				out, err := frontdoor.New(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
					for _, line := range test.lines {
						w.Header().Add("Set-Cookie", line)
					}
				}), frontdoor.Options{Logger: logger}).Invoke(t.Context(), doorEvents(t)[door])
				if err != nil {
					t.Fatal(err)
				}
				response := decoded[struct {
					Cookies           []string
					MultiValueHeaders http.Header
				}](t, out)
				got := slices.Concat(response.Cookies, response.MultiValueHeaders["Set-Cookie"])
				if !slices.Equal(got, test.want) {
					t.Errorf("Set-Cookie = %q, want %q", got, test.want)
				}
				var named []string
				for _, match := range cookieLogged.FindAllStringSubmatch(log.String(), -1) {
					named = append(named, cmp.Or(match[1], "(none)"))
				}
				if got := strings.Join(named, " "); got != test.logged {
					t.Errorf("log = %s, names %q, want %q", log, got, test.logged)
				}
				if strings.Contains(log.String(), "cret") {
					t.Errorf("log = %s, has a cookie's value", log)
				}
			})
		}
	}
}

// The log says why a line is left out or changed.
func TestWhyCookiesAreLeftOut(t *testing.T) {
	for name, test := range map[string]struct {
		first, second, want string
	}{
		"replaced":     {"a=1", "a=2", "Set-Cookie left out: a later line sets the same cookie"},
		"ignored":      {"a=1", "a=2; SameSite=None", "Set-Cookie left out: browsers ignore it, and another line sets the cookie"},
		"both-ignored": {"a=1; SameSite=None", "a=2; SameSite=None", "Set-Cookie left out: browsers ignore it, and a later line for the same cookie too"},
		"changed":      {"a=1", "b=\n", "Set-Cookie changed: it held line breaks or bytes that are not UTF-8"},
	} {
		t.Run(name, func(t *testing.T) {
			_, log := logged(t, frontdoor.HTTP, func(w http.ResponseWriter, _ *http.Request) {
				w.Header()["Set-Cookie"] = []string{test.first, test.second}
			})
			ignored := strings.Contains(test.want, "browsers ignore it")
			if len(log) != 1 || log[0]["msg"] != test.want || ignored != (log[0]["rule"] != nil) {
				t.Errorf("log = %v, want one line with %q", log, test.want)
			}
		})
	}
}

// What the front door leaves out makes no difference to a browser.
func TestSetCookieAgreesWithBrowsers(t *testing.T) {
	lines := []string{
		"a=1", "a=2; Path=/", "a=3; Secure; SameSite=None", "a=4; SameSite=None", "a=; Max-Age=0", "a=5; Path=/x; Path=y", "a=6; Domain=app.example",
		"a=7; Partitioned", "a=8; Partitioned; Secure", "a=" + strings.Repeat("9", 4096), "__Host-a=1; Path=/; Secure", "__Host-a=2; Path=/", "a", "=", "=b",
	}
	origin := useragent.Request{URL: &url.URL{Scheme: "https", Host: "app.example", Path: "/dir/page"}}
	event := doorEvents(t)[frontdoor.HTTP]
	for _, first := range lines {
		for _, second := range lines {
			for _, third := range lines {
				set := []string{first, second, third}
				out, err := frontdoor.New(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
					w.Header()["Set-Cookie"] = slices.Clone(set)
				}), frontdoor.Options{Logger: slog.New(slog.DiscardHandler)}).Invoke(t.Context(), event)
				if err != nil {
					t.Fatal(err)
				}
				sent := decoded[struct{ Cookies []string }](t, out).Cookies
				if got, want := stored(origin, sent), stored(origin, set); got != want {
					t.Fatalf("of %.40q went out %.40q: a browser has %q, and would have %q", set, sent, got, want)
				}
			}
		}
	}
}

// stored is what a browser has after a response with these lines.
func stored(origin useragent.Request, lines []string) string {
	var jar useragent.Jar
	for _, line := range lines {
		jar.Set(origin, line)
	}
	var all []string
	for _, c := range jar.All() {
		all = append(all, fmt.Sprintf("%v %q=%.5s", c, c.Partition, c.Value))
	}
	slices.Sort(all)
	return strings.Join(all, " ")
}

// Two cookies in one Set-Cookie line are one cookie for a browser, and nothing
// here can tell that they were meant as two: the comma stays.
func TestJoinedCookiesStay(t *testing.T) {
	const line = "a=1, b=2"
	response, _ := logged(t, frontdoor.HTTP, func(w http.ResponseWriter, _ *http.Request) { w.Header().Set("Set-Cookie", line) })
	if got := response.header["Set-Cookie"]; !slices.Equal(got, []string{line}) {
		t.Errorf("Set-Cookie = %q, want %q", got, line)
	}
}

func TestLateCookie(t *testing.T) {
	response, lines := logged(t, frontdoor.URL, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Add("Set-Cookie", "early=1")
		w.WriteHeader(http.StatusOK)
		w.Header()["set-cookie"] = []string{"late=hidden", "hidden"}
		w.Header().Add("Set-Cookie", "also=hidden; Path=/")
	})
	if got := response.header["Set-Cookie"]; !slices.Equal(got, []string{"early=1"}) {
		t.Errorf("Set-Cookie = %q, want early=1", got)
	}
	const message = "Set-Cookie lost: it was set after WriteHeader, Write or Flush"
	if len(lines) != 1 || lines[0]["level"] != "ERROR" || lines[0]["msg"] != message || fmt.Sprint(lines[0]["cookies"]) != "[ also late]" {
		t.Fatalf("log = %v, want an error about the cookies also, late and one without a name", lines)
	}
	if strings.Contains(mustJSON(t, lines[0]), "hidden") {
		t.Errorf("log = %v has a cookie's value", lines[0])
	}
	wantIDs(t, lines[0])
}

// Behind a door with one value for each header, every cookie is there under
// another spelling, and the log says what to switch on.
func TestOneValueForEachHeader(t *testing.T) {
	for _, door := range []frontdoor.Door{frontdoor.ALB, frontdoor.Lattice} {
		for _, n := range []int{0, 1, 2, 512} {
			t.Run(fmt.Sprint(door, "/", n), func(t *testing.T) {
				var want []string
				for i := range n {
					want = append(want, fmt.Sprintf("c%03d=%d", i, i))
				}
				response, lines := logged(t, door, func(w http.ResponseWriter, _ *http.Request) {
					for _, line := range want {
						w.Header().Add("Set-Cookie", line)
					}
				})
				if got := response.header["Set-Cookie"]; !slices.Equal(got, want) {
					t.Errorf("Set-Cookie = %q, want %q", got, want)
				}
				const message = "this service allows one value for each header name: sending each cookie under another capitalization of Set-Cookie;" +
					" enable lambda.multi_value_headers.enabled on the load balancer's target group (VPC Lattice has no such attribute)"
				warned := len(lines) == 1 && lines[0]["level"] == "WARN" && lines[0]["msg"] == message && lines[0]["cookies"] == float64(n)
				if n > 1 != warned || n < 2 && len(lines) > 0 {
					t.Errorf("log = %v with %d cookies", lines, n)
				}
			})
		}
		t.Run(fmt.Sprint(door, "/too-many"), func(t *testing.T) {
			response, lines := logged(t, door, func(w http.ResponseWriter, _ *http.Request) {
				for i := range 513 {
					w.Header().Add("Set-Cookie", fmt.Sprintf("c%d=", i))
				}
			})
			if response.status != 500 || len(lines) != 2 {
				t.Fatalf("status %d, log %v; want 500 and two lines", response.status, lines)
			}
			got := fmt.Sprint(lines[1]["level"], " ", lines[1]["msg"], " ", lines[1]["cookies"])
			if want := "ERROR response rejected: more cookies than Set-Cookie has spellings 513"; got != want {
				t.Errorf("log = %s, want %s", got, want)
			}
		})
	}
	t.Run("plain-spelling-first", func(t *testing.T) {
		out, err := invoke(t, doorEvents(t)[frontdoor.ALB], func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Add("set-cookie", "a=1")
		})
		if want := `"headers":{"Set-Cookie":"a=1"}`; err != nil || !strings.Contains(string(out), want) {
			t.Errorf("response = %s, %v; want %s in it", out, err, want)
		}
	})
}
