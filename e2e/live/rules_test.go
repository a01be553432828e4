package live

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"
	"text/tabwriter"

	"github.com/crumb-go/crumb/e2e/compare"
)

// A difference between here and there in one field of a response.
type difference struct {
	request, field string
	here, there    string
	verdict        string
}

const (
	broken    = "DIFFERS: the demo or its library decides this"
	byTheDoor = "differs, allowed: the door decides this"
	addition  = "differs, allowed: a header that doors add, or keep to themselves"
	overTLS   = "differs, allowed: here is plain http on this machine"
	clocks    = "differs, allowed: the clocks differ; see Max-Age"
)

func (d difference) String() string {
	return fmt.Sprintf("%s\t%s\t%.60q\t%.60q\t%s", d.request, d.field, d.here, d.there, d.verdict)
}

func table(differences []difference) string {
	if len(differences) == 0 {
		return ""
	}
	var text strings.Builder
	w := tabwriter.NewWriter(&text, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "\nrequest\tfield\there\tthere\t")
	for _, d := range differences {
		fmt.Fprintln(w, d)
	}
	w.Flush()
	return text.String()
}

// decided are the fields of a response that the demo and its library decide, besides
// those of cookies. All others are the door's.
var decided = []string{
	"status", "body", "cookies", "location", "allow", "content-type", "cache-control", "retry-after", "clear-site-data",
	"content-security-policy", "referrer-policy", "x-content-type-options",
}

// differences lists the fields that differ.
func (s step) differences(here, there compare.Answer) []difference {
	all := maps.Clone(here)
	maps.Copy(all, there)
	var found []difference
	for _, field := range sorted(all) {
		d := difference{s.name, field, valueOf(here, field), valueOf(there, field), broken}
		switch {
		case d.here == d.there:
			continue
		case s.door:
			d.verdict = byTheDoor
		case field == "strict-transport-security":
			d.verdict = overTLS
		case strings.HasSuffix(field, " Expires") && strings.HasPrefix(d.here, "in ") && strings.HasPrefix(d.there, "in "):
			d.verdict = clocks
		case !slices.Contains(decided, field) && !strings.HasPrefix(field, "cookie "):
			d.verdict = addition
		}
		found = append(found, d)
	}
	return found
}

func valueOf(a map[string]string, field string) string {
	if value, ok := a[field]; ok {
		return value
	}
	return compare.Absent
}

// broken lists the rules that a response breaks, whatever it is here.
func (s step) breaks(a compare.Answer, https bool) []string {
	var rules []string
	must := func(field, pattern string) {
		if value := valueOf(a, field); !regexp.MustCompile(`^(?s:` + pattern + `)$`).MatchString(value) {
			rules = append(rules, fmt.Sprintf("%s is %.200q, and must match %s", field, value, pattern))
		}
	}
	must("status", s.status+".*")
	must("body", ".*"+regexp.QuoteMeta(s.shows)+".*")
	if strings.HasPrefix(s.status, "4") && s.door {
		return rules // no function was called
	}
	must("content-security-policy", "default-src 'none'; .*frame-ancestors 'none'.*")
	must("x-content-type-options", "nosniff")
	must("referrer-policy", "same-origin")
	if https {
		must("strict-transport-security", "max-age=31536000")
	}
	if a["cookies"] == "" {
		return rules
	}
	must("cache-control", "no-store")
	for name := range strings.SplitSeq(a["cookies"], ", ") {
		must("cookie "+name+" Path", "/")
		must("cookie "+name+" Secure", "")
		must("cookie "+name+" HttpOnly", "")
		must("cookie "+name+" SameSite", "Lax")
		must("cookie "+name+" Domain", `\(absent\)`)
	}
	return rules
}

// withoutSecrets returns a response without the values that are sealed or random.
func withoutSecrets(a compare.Answer) compare.Answer {
	for _, field := range []string{"cookie visits", "cookie __Host-id"} {
		if a[field] != "" {
			a[field] = "a secret"
		}
	}
	return a
}

func sorted[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }

func TestRules(t *testing.T) {
	good := compare.Answer{
		"status": "200", "body": "Hello", "cookies": "a", "cookie a": "1", "cookie a Path": "/", "cookie a Secure": "", "cookie a HttpOnly": "",
		"cookie a SameSite": "Lax", "cookie a Expires": "in 60 minutes", "cache-control": "no-store", "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
		"x-content-type-options": "nosniff", "referrer-policy": "same-origin", "strict-transport-security": "max-age=31536000",
	}
	function, door := step{name: "s", status: "200", shows: "Hello"}, step{name: "s", status: "4", door: true}
	tests := []struct {
		name    string
		step    step
		field   string
		there   string // compare.Absent: without the field
		breaks  bool   // a rule
		verdict string // on the difference
	}{
		{"same", function, "status", "200", false, ""},
		{"status", function, "status", "500", true, broken},
		{"body", function, "body", "Hello, you", false, broken},
		{"body-is-another", function, "body", "Bye", true, broken},
		{"not-secure", function, "cookie a Secure", compare.Absent, true, broken},
		{"scripts-read-it", function, "cookie a HttpOnly", compare.Absent, true, broken},
		{"stage-as-path", function, "cookie a Path", "/prod", true, broken},
		{"other-value", function, "cookie a", "2", false, broken},
		{"other-clock", function, "cookie a Expires", "in 61 minutes", false, clocks},
		{"ends-with-the-browser", function, "cookie a Expires", compare.Absent, false, broken},
		{"cookie-lost", function, "cookies", compare.Absent, false, broken},
		{"cached", function, "cache-control", "max-age=60", true, broken},
		{"framed", function, "content-security-policy", "default-src 'none'", true, broken},
		{"no-https", function, "strict-transport-security", compare.Absent, true, overTLS},
		{"aws-header", function, "via", "1.1 cloudfront", false, addition},
		{"door-that-lets-in", door, "status", "200", true, ""},
		{"door-with-its-status", door, "status", "431", false, byTheDoor},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			there := maps.Clone(good)
			there[test.field] = test.there
			if test.there == compare.Absent {
				delete(there, test.field)
			}
			if got := test.step.breaks(there, true); (len(got) > 0) != test.breaks {
				t.Errorf("broken rules: %q, want some: %v", got, test.breaks)
			}
			verdict := ""
			for _, d := range test.step.differences(good, there) {
				verdict = d.verdict
			}
			if verdict != test.verdict {
				t.Errorf("the verdict is %q, want %q", verdict, test.verdict)
			}
		})
	}
}
