package rule_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/crumb-go/crumb/shared/internal/rule"
)

// TestOctets compares the predicates with the grammar.
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
	if got := rule.IndexNot("aé", func(c byte) bool { return c != "é"[1] }); got != 2 {
		t.Errorf("IndexNot = %d, want 2: bytes count, not letters", got)
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
		{"no-hex-behind-a-hyphen", "1.0x-a", ""},
		{"no-number", "1.2.3.4a", ""},
		{"no-number-with-a-hyphen", "1.2.3-4", ""},
		{"label-longest", strings.Repeat("a", 63) + ".com", ""},
		{"longest", strings.Repeat("a.", 126) + "a", ""},
		{"longer", strings.Repeat("a.", 125) + "ab.a", "is longer than 253 bytes"},
		{"long", strings.Repeat("a.", 127), "is longer than 253 bytes"},
		{"label", strings.Repeat("a", 64) + ".com", "has a label longer than 63 bytes"},
		{"leading-dot", ".a.com", "has an empty label (a leading, trailing or doubled dot)"},
		{"doubled-dot", "a..com", "has an empty label (a leading, trailing or doubled dot)"},
		{"trailing-dot", "a.com.", "has an empty label (a leading, trailing or doubled dot)"},
		{"port", "a.com:80", "may only have letters, digits, hyphens and dots (write an IDN in its xn-- form)"},
		{"idn", "bücher.com", "may only have letters, digits, hyphens and dots (write an IDN in its xn-- form)"},
		{"underscore", "a_b.com", "may only have letters, digits, hyphens and dots (write an IDN in its xn-- form)"},
		{"hyphen", "a-.com", "has a label that starts or ends with a hyphen"},
		{"hyphen-first", "-a.com", "has a label that starts or ends with a hyphen"},
		{"hyphen-alone", "a.-", "has a label that starts or ends with a hyphen"},
		{"ip", "127.0.0.1", "is an IP address (a cookie cannot span addresses)"},
		{"ip-zero-and-nine", "1.1.1.10", "is an IP address (a cookie cannot span addresses)"},
		{"ip-nine", "1.1.1.9", "is an IP address (a cookie cannot span addresses)"},
		{"ip-one-number", "2130706433", "is an IP address (a cookie cannot span addresses)"},
		{"ip-hex", "127.0XfF", "is an IP address (a cookie cannot span addresses)"},
		{"ip-bare-hex", "1.0x", "is an IP address (a cookie cannot span addresses)"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := rule.HostProblem(tt.host); got != tt.want {
				t.Errorf("Host(%q) = %q, want %q", tt.host, got, tt.want)
			}
		})
	}
}

// TestHostOctets compares each byte of a label, and each digit of a hexadecimal number,
// with the alphabet.
func TestHostOctets(t *testing.T) {
	const (
		hex    = "0123456789ABCDEFabcdef"
		letter = hex + "GHIJKLMNOPQRSTUVWXYZghijklmnopqrstuvwxyz"
	)
	for c := range 256 {
		octet := string([]byte{byte(c)})
		if got, want := rule.HostProblem("a"+octet+"b.com") == "", strings.Contains(letter+"-.", octet); got != want {
			t.Errorf("a%sb.com is a host: %v, want %v", octet, got, want)
		}
		for _, edge := range []string{octet + "b.com", "a" + octet + ".com"} {
			if got, want := rule.HostProblem(edge) == "", strings.Contains(letter, octet); got != want {
				t.Errorf("%q is a host: %v, want %v", edge, got, want)
			}
		}
		for _, number := range []string{"1.0x" + octet, "1.0X" + octet} {
			if got, want := rule.HostProblem(number) == "is an IP address (a cookie cannot span addresses)", strings.Contains(hex, octet); got != want {
				t.Errorf("%q is an IP address: %v, want %v", number, got, want)
			}
		}
		if got, want := rule.IsNumber(octet), '0' <= c && c <= '9'; got != want {
			t.Errorf("%q is a number: %v, want %v", octet, got, want)
		}
		if got, want := rule.IsNumber("0x"+octet), strings.Contains(hex, octet); got != want {
			t.Errorf("0x%q is a number: %v, want %v", octet, got, want)
		}
		if got, want := rule.HostProblem("1."+octet) == "is an IP address (a cookie cannot span addresses)", '0' <= c && c <= '9'; got != want {
			t.Errorf("1.%s is an IP address: %v, want %v", octet, got, want)
		}
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

// TestConflicts has names as browsers see them, with a cookie that keeps no rule.
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

// TestConflictTexts has the field, the reason and the rule of each conflict.
func TestConflictTexts(t *testing.T) {
	const (
		httpRule = "layered-cookies 4.1.3: a __Http- cookie is Secure and HttpOnly"
		hostRule = "rfc6265bis 4.1.3.2: a __Host- cookie is Secure, has Path=/ and no Domain"
		bothRule = "layered-cookies 4.1.3: __Host-Http- is __Host- and __Http- in one"
	)
	good := rule.Traits{Secure: true, HTTPOnly: true, HostOnly: true, RootPath: true}
	without := func(name string, spoil func(*rule.Traits)) rule.Traits {
		t := good
		t.Name = name
		spoil(&t)
		return t
	}
	insecure := func(t *rule.Traits) { t.Secure = false }
	readable := func(t *rule.Traits) { t.HTTPOnly = false }
	shared := func(t *rule.Traits) { t.HostOnly = false }
	path := func(t *rule.Traits) { t.RootPath = false }
	tests := []struct {
		name   string
		traits rule.Traits
		want   *rule.Conflict
	}{
		{"nothing", without("a", func(*rule.Traits) {}), nil},
		{"insecure", without("a", insecure), nil},
		{"readable", without("a", readable), nil},
		{"shared", without("a", shared), nil},
		{"path", without("a", path), nil},
		{"samesite-none", without("a", func(t *rule.Traits) { t.SameSiteNone = true }), nil},
		{"partitioned", without("a", func(t *rule.Traits) { t.Partitioned = true }), nil},
		{"samesite-none-insecure", without("a", func(t *rule.Traits) { t.Secure, t.SameSiteNone = false, true }),
			&rule.Conflict{"samesite-none-insecure", "SameSite", "is None without Secure", rule.SameSiteNone}},
		{"partitioned-insecure", without("a", func(t *rule.Traits) { t.Secure, t.Partitioned = false, true }),
			&rule.Conflict{"partitioned-insecure", "Partitioned", "is set without Secure", rule.Partitioned}},
		{"prefix-secure", without("__secure-a", insecure),
			&rule.Conflict{"prefix-secure", "Secure", "must be set, as the prefix __Secure- requires", "rfc6265bis 4.1.3.1: a __Secure- cookie is Secure"}},
		{"prefix-secure-readable", without("__Secure-a", readable), nil},
		{"prefix-secure-shared", without("__Secure-a", shared), nil},
		{"prefix-secure-path", without("__Secure-a", path), nil},
		{"prefix-host", without("__Host-", insecure), &rule.Conflict{"prefix-host", "Secure", "must be set, as the prefix __Host- requires", hostRule}},
		{"prefix-host-readable", without("__Host-a", readable), nil},
		{"prefix-host-shared", without("__Host-a", shared), &rule.Conflict{"prefix-host", "Domain", "must be absent, as the prefix __Host- requires", hostRule}},
		{"prefix-host-path", without("__Host-a", path), &rule.Conflict{"prefix-host", "Path", `must be "/", as the prefix __Host- requires`, hostRule}},
		{"prefix-http", without("__Http-a", insecure), &rule.Conflict{"prefix-http", "Secure", "must be set, as the prefix __Http- requires", httpRule}},
		{"prefix-http-readable", without("__Http-a", readable), &rule.Conflict{"prefix-http", "HttpOnly", "must be set, as the prefix __Http- requires", httpRule}},
		{"prefix-http-shared", without("__Http-a", shared), nil},
		{"prefix-http-path", without("__Http-a", path), nil},
		{"prefix-host-http", without("__Host-Http-a", insecure), &rule.Conflict{"prefix-host-http", "Secure", "must be set, as the prefix __Host-Http- requires", bothRule}},
		{"prefix-host-http-readable", without("__Host-Http-a", readable), &rule.Conflict{"prefix-host-http", "HttpOnly", "must be set, as the prefix __Host-Http- requires", bothRule}},
		{"prefix-host-http-shared", without("__Host-Http-a", shared), &rule.Conflict{"prefix-host-http", "Domain", "must be absent, as the prefix __Host-Http- requires", bothRule}},
		{"prefix-host-http-path", without("__Host-Http-a", path), &rule.Conflict{"prefix-host-http", "Path", `must be "/", as the prefix __Host-Http- requires`, bothRule}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var want []rule.Conflict
			if tt.want != nil {
				want = append(want, *tt.want)
			}
			if got := rule.Conflicts(tt.traits); !slices.Equal(got, want) {
				t.Errorf("Conflicts(%+v) = %+v, want %+v", tt.traits, got, want)
			}
		})
	}
}

// TestSizes pins the numbers of rfc6265bis 5.5 and 5.6.
func TestSizes(t *testing.T) {
	if rule.MaxPair != 4096 || rule.MaxAttribute != 1024 || rule.MaxLifetime != 34560000*time.Second {
		t.Errorf("%d bytes of a pair, %d of an attribute, %v", rule.MaxPair, rule.MaxAttribute, rule.MaxLifetime)
	}
}

func TestBytesInWords(t *testing.T) {
	for n, want := range map[int]string{0: "0 bytes", 1: "1 byte", 2: "2 bytes", 4097: "4097 bytes"} {
		if got := rule.Bytes(n); got != want {
			t.Errorf("Bytes(%d) = %q, want %q", n, got, want)
		}
	}
}
