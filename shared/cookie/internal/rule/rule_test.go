package rule_test

import (
	"strings"
	"testing"

	"github.com/crumb-go/crumb/shared/cookie/internal/rule"
)

// TestOctets holds the predicates against the grammar spelled out.
func TestOctets(t *testing.T) {
	const (
		alnum  = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
		tchar  = alnum + "!#$%&'*+-.^_`|~"
		octets = tchar + "()/:<=>?@[]{}"
		av     = octets + ` ",\`
	)
	for c := range 256 {
		b := byte(c)
		for _, tt := range []struct {
			name string
			got  bool
			want bool
		}{
			{"IsTchar", rule.IsTchar(b), strings.IndexByte(tchar, b) >= 0},
			{"IsCookieOctet", rule.IsCookieOctet(b), strings.IndexByte(octets, b) >= 0},
			{"IsAVOctet", rule.IsAVOctet(b), strings.IndexByte(av, b) >= 0},
			{"IsControl", rule.IsControl(b), strings.IndexByte("\t"+av+";", b) < 0 && b < 0x80},
		} {
			if tt.got != tt.want {
				t.Errorf("%s(%#x) = %v, want %v", tt.name, c, tt.got, tt.want)
			}
		}
	}
}

func TestIndex(t *testing.T) {
	if got := rule.IndexNot("ab c", rule.IsTchar); got != 2 {
		t.Errorf("IndexNot = %d, want 2", got)
	}
	if got := rule.IndexControl("a\tb\x7f"); got != 3 {
		t.Errorf("IndexControl = %d, want 3", got)
	}
	if a, b := rule.IndexNot("", rule.IsTchar), rule.IndexControl("a\tb"); a != -1 || b != -1 {
		t.Errorf("nothing to find: %d, %d, want -1", a, b)
	}
}

func TestByteClass(t *testing.T) {
	for in, want := range map[byte]string{
		'\t': "a tab", 0: "a control byte", '\n': "a control byte", 0x7f: "a control byte", 0x80: "a byte over 0x7F",
		0xff: "a byte over 0x7F", ' ': "a space", '"': "a double quote", ',': "a comma", ';': "a semicolon",
		'\\': "a backslash", 'x': "a token character", '~': "a token character", '(': "a separator", '=': "a separator",
	} {
		if got := rule.ByteClass(in); got != want {
			t.Errorf("ByteClass(%q) = %q, want %q", in, got, want)
		}
	}
}

func TestUnquote(t *testing.T) {
	for in, want := range map[string]string{``: ``, `"`: `"`, `""`: ``, `"a"`: `a`, `"a`: `"a`, `a"`: `a"`, `""a""`: `"a"`} {
		if got := rule.Unquote(in); got != want {
			t.Errorf("Unquote(%q) = %q, want %q", in, got, want)
		}
	}
}

func TestTrimAndCut(t *testing.T) {
	tests := []struct {
		name, in    string
		left, right string
		found       bool
	}{
		{"empty", "", "", "", false},
		{"blanks", " \t ", "", "", false},
		{"no-equals", " a\t", "a", "", false},
		{"pair", "a=b", "a", "b", true},
		{"blanks-around", "\ta = b ", "a", "b", true},
		{"first-equals", "a=b=c", "a", "b=c", true},
		{"nothing-more", "\x85a\xa0=\x0bb\x1f", "\x85a\xa0", "\x0bb\x1f", true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			left, right, found := rule.Cut(tt.in)
			if left != tt.left || right != tt.right || found != tt.found {
				t.Errorf("Cut(%q) = %q, %q, %v", tt.in, left, right, found)
			}
		})
	}
}

func TestHost(t *testing.T) {
	tests := []struct{ name, host, want string }{
		{"good", "a.Example-1.com", ""},
		{"hex-is-a-name-elsewhere", "0x7f.example", ""},
		{"no-hex", "a.0xg", ""},
		{"long", strings.Repeat("a.", 127), "has more than 253 octets"},
		{"label", strings.Repeat("a", 64) + ".com", "has a label of more than 63 octets"},
		{"leading-dot", ".a.com", "has an empty label (a leading, trailing or doubled dot)"},
		{"underscore", "a_b.com", "has more than letters, digits, hyphens and dots (an IDN is written as its xn-- form)"},
		{"hyphen", "a-.com", "has a label that starts or ends with a hyphen"},
		{"ip", "127.0.0.1", "is an IP address (no cookie spans addresses)"},
		{"ip-hex", "127.0XfF", "is an IP address (no cookie spans addresses)"},
		{"ip-bare-hex", "1.0x", "is an IP address (no cookie spans addresses)"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := rule.Host(tt.host); got != tt.want {
				t.Errorf("Host(%q) = %q, want %q", tt.host, got, tt.want)
			}
		})
	}
}

func TestIsPublicSuffix(t *testing.T) {
	for host, want := range map[string]bool{
		"com": true, "CO.uk": true, "github.io": true, "localhost": true, "kawasaki.jp": true, "x.kawasaki.jp": true,
		"example.com": false, "com.": true, "example.com.": false, "a.github.io": false, "city.kawasaki.jp": false, "a.internal": false,
	} {
		if got := rule.IsPublicSuffix(host); got != want {
			t.Errorf("IsPublicSuffix(%q) = %v, want %v", host, got, want)
		}
	}
}

// TestConflicts sees a browser's side: any name, a cookie that keeps nothing.
func TestConflicts(t *testing.T) {
	good := rule.Traits{Secure: true, HTTPOnly: true, HostOnly: true, RootPath: true}
	for name, want := range map[string]string{
		"a":             "SameSite Partitioned",
		"__host":        "SameSite Partitioned",
		"__sECURE-":     "Secure SameSite Partitioned",
		"__Host-é":      "Secure Path Domain SameSite Partitioned",
		"__http-a":      "Secure HttpOnly SameSite Partitioned",
		"__HOST-HTTP-a": "Secure HttpOnly Path Domain SameSite Partitioned",
	} {
		good.Name = name
		if got := rule.Conflicts(good); got != nil {
			t.Errorf("Conflicts(%+v) = %v, want none", good, got)
		}
		var fields []string
		for _, c := range rule.Conflicts(rule.Traits{Name: name, SameSiteNone: true, Partitioned: true}) {
			fields = append(fields, c.Field)
			if c.Reason == "" || !strings.Contains(c.Rule, ":") {
				t.Errorf("%q: %+v gives no reason or rule", name, c)
			}
		}
		if got := strings.Join(fields, " "); got != want {
			t.Errorf("Conflicts of a bare %q: %s, want %s", name, got, want)
		}
	}
}
