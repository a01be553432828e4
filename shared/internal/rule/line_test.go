package rule_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/crumb-go/crumb/shared/internal/rule"
)

func TestParseLine(t *testing.T) {
	for _, tt := range []struct {
		name, line, cookie, value string
		named, trimmed            bool
		attributes                string // key=value of each, known ones in capitals
	}{
		{"usual", "a=b; Path=/; Secure", "a", "b", true, false, "PATH=/ SECURE="},
		{"spelling", "a=b;PATH=/x;max-age = 5 ", "a", "b", true, false, "PATH=/x MAX-AGE=5"},
		{"trimmed", " a\t= b ; Path = / ", "a", "b", true, true, "PATH=/"},
		{"nameless", "b; Path=/", "", "b", false, false, "PATH=/"},
		{"no-name", "=b", "", "b", true, false, ""},
		{"equals-in-value", "a=b=c", "a", "b=c", true, false, ""},
		{"unknown", "a=b; x=y; z", "a", "b", true, false, "x=y z="},
		{"attribute-without-key", "a=b; =y", "a", "b", true, false, "=y"},
		{"empty-attributes", "a=b;;= ; ", "a", "b", true, false, ""},
		{"other-space", "a=\u00a0b\v; \u00a0Path=/", "a", "\u00a0b\v", true, false, "\u00a0Path=/"},
		{"empty", "", "", "", false, false, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			l := rule.ParseLine(tt.line)
			var attributes []string
			for a := range l.Attributes() {
				if a.Known {
					a.Key = strings.ToUpper(a.Key)
				}
				attributes = append(attributes, a.Key+"="+a.Value)
			}
			if got := strings.Join(attributes, " "); l.Name != tt.cookie || l.Value != tt.value || l.Named != tt.named || l.Trimmed != tt.trimmed || got != tt.attributes {
				t.Errorf("ParseLine(%q) = %+v with %q", tt.line, l, got)
			}
		})
	}
}

func TestScope(t *testing.T) {
	long := strings.Repeat("x", rule.MaxAttribute)
	for _, tt := range []struct {
		name, attributes string
		want             rule.Scope
	}{
		{"none", "", rule.Scope{}},
		{"all", "; Domain=a.example; Path=/x; Partitioned", rule.Scope{Domain: "a.example", Path: "/x", Partitioned: true}},
		{"domain-case-and-dot", "; domain=.A.Example", rule.Scope{Domain: "a.example"}},
		{"no-slash", "; Path=x", rule.Scope{}},
		{"last-wins", "; Path=/a; Path=/b; Domain=a; Domain=b", rule.Scope{Path: "/b", Domain: "b"}},
		{"last-without-slash", "; Path=/a; Path=b", rule.Scope{}},
		{"partitioned-alone", "; Partitioned", rule.Scope{Partitioned: true}},
		{"nothing-of-the-scope", "; Secure; SameSite=Lax; x=/y", rule.Scope{}},
		{"largest", "; Path=/" + long[1:], rule.Scope{Path: "/" + long[1:]}},
		{"too-large", "; Path=/a; Path=/" + long, rule.Scope{Path: "/a"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := rule.ParseLine("a=b" + tt.attributes).Scope(); got != tt.want {
				t.Errorf("Scope = %v, want %v", got, tt.want)
			}
		})
	}
}

func TestRejected(t *testing.T) {
	for _, tt := range []struct{ name, line, want string }{
		{"usual", "a=b; Path=/; Secure", ""},
		{"host", "__Host-a=b; Path=/; Secure", ""},
		{"host-insecure", "__Host-a=b; Path=/", "rfc6265bis 4.1.3.2: a __Host- cookie is Secure, has Path=/ and no Domain"},
		{"host-with-domain", "__Host-a=b; Path=/; Secure; Domain=a.example", "rfc6265bis 4.1.3.2: a __Host- cookie is Secure, has Path=/ and no Domain"},
		{"host-without-path", "__Host-a=b; Secure", "rfc6265bis 4.1.3.2: a __Host- cookie is Secure, has Path=/ and no Domain"},
		{"http-readable", "__Http-a=b; Secure", "layered-cookies 4.1.3: a __Http- cookie is Secure and HttpOnly"},
		{"http", "__Http-a=b; Secure; HttpOnly", ""},
		{"none-insecure", "a=b; SameSite=none", rule.SameSiteNone},
		{"none-secure", "a=b; SameSite=none; Secure", ""},
		{"partitioned-insecure", "a=b; Partitioned", rule.Partitioned},
		{"host-by-too-large-attributes", "__Host-a=b; Path=/; Secure; Domain=" + strings.Repeat("x", rule.MaxAttribute+1), ""},
		{"host-by-the-largest-domain", "__Host-a=b; Path=/; Secure; Domain=" + strings.Repeat("x", rule.MaxAttribute), "rfc6265bis 4.1.3.2: a __Host- cookie is Secure, has Path=/ and no Domain"},
		{"host-with-an-empty-domain", "__Host-a=b; Path=/; Secure; Domain=", ""},
		{"value-like-a-prefix", "a=__Host-b", ""},
		{"control-first-in-name", "\x00a=b", rule.Control},
		{"control-first-in-value", "a=\x7fb", rule.Control},
		{"control-first-in-attributes", "a=b;\x01", rule.Control},
		{"control-in-name", "a\x00=b", rule.Control},
		{"control-in-value", "a=b\x7f", rule.Control},
		{"control-in-attribute", "a=b; x\x01", rule.Control},
		{"empty", "; Path=/", rule.Empty},
		{"empty-value", "a=; Path=/", ""},
		{"nameless", "b", ""},
		{"nameless-prefix", "__Host-a", rule.NamelessPrefix},
		{"largest", "a=" + strings.Repeat("b", rule.MaxPair-1), ""},
		{"too-large", "a=" + strings.Repeat("b", rule.MaxPair), rule.PairSize},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := rule.ParseLine(tt.line).Rejected(); got != tt.want {
				t.Errorf("Rejected = %q, want %q", got, tt.want)
			}
		})
	}
}

func TestKnown(t *testing.T) {
	if want := []string{"Domain", "Path", "Expires", "Max-Age", "Secure", "HttpOnly", "SameSite", "Partitioned"}; !slices.Equal(rule.Known(), want) {
		t.Errorf("Known() = %q, want %q", rule.Known(), want)
	}
}

func TestLast(t *testing.T) {
	long := strings.Repeat("x", rule.MaxAttribute)
	l := rule.ParseLine("a=b; path=/a; Path=/b; Secure; Domain=" + long + "; Domain=" + long + "x; x=y")
	for _, tt := range []struct {
		key, want string
		found     bool
	}{
		{"Path", "/b", true},
		{"Secure", "", true},
		{"Domain", long, true},
		{"x", "y", true},
		{"HttpOnly", "", false},
		{"path", "", false},
	} {
		if got, found := l.Last(tt.key); got != tt.want || found != tt.found || l.Has(tt.key) != tt.found {
			t.Errorf("Last(%q) = %q, %v, Has %v, want %q, %v", tt.key, got, found, l.Has(tt.key), tt.want, tt.found)
		}
	}
	if l := rule.ParseLine("a=b; Path=" + long + "x"); l.Has("Path") {
		t.Error("an attribute of 1,025 bytes counts")
	}
}

// TestAttributesStop: the loop can end early.
func TestAttributesStop(t *testing.T) {
	for a := range rule.ParseLine("a=b; Path=/; Secure; x").Attributes() {
		if a.Key != "Path" {
			t.Errorf("%q after a break", a.Key)
		}
		break
	}
}

func TestFolded(t *testing.T) {
	anything := func(string) bool { return true }
	for in, want := range map[string]int{
		"": -1, ",": -1, "a=b": -1, "a,b": -1, "a,b=": 1, "ab, c=d": 2, ",b=c": 0, "a, =b": 1, "abc,d,ef=g": 5, "a,b=c,d=e": 1, "a=b,c": -1, "a=b,c=d": 3,
	} {
		if got := rule.Folded(in, anything); got != want {
			t.Errorf("Folded(%q) = %d, want %d", in, got, want)
		}
	}
	short := func(name string) bool { return len(name) == 1 }
	if got := rule.Folded("a,long=b, c =d", short); got != 8 {
		t.Errorf("Folded of a name of one letter = %d, want 8", got)
	}
}

func TestScopeText(t *testing.T) {
	s := rule.Scope{Path: "/x", Domain: "a.example", Partitioned: true}
	if got, want := s.String(), `(Path "/x", Domain "a.example", Partitioned true)`; got != want {
		t.Errorf("String = %s, want %s", got, want)
	}
}
