package cookie_test

import (
	"errors"
	"math"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/crumb-go/crumb/shared/cookie"
)

const tchars = "!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"

func TestNewAccepts(t *testing.T) {
	tests := []struct {
		name   string
		cookie string
		a      cookie.Attributes
		want   string // the line of the value "v"
	}{
		{"zero", "a", cookie.Attributes{}, "a=v; Path=/; Secure; HttpOnly; SameSite=Lax"},
		{"loosened", "a", cookie.Attributes{Insecure: true, ScriptReadable: true}, "a=v; Path=/; SameSite=Lax"},
		{"strict", "a", cookie.Attributes{SameSite: http.SameSiteStrictMode}, "a=v; Path=/; Secure; HttpOnly; SameSite=Strict"},
		{"none", "a", cookie.Attributes{SameSite: http.SameSiteNoneMode}, "a=v; Path=/; Secure; HttpOnly; SameSite=None"},
		{"partitioned", "a", cookie.Attributes{Partitioned: true}, "a=v; Path=/; Secure; HttpOnly; SameSite=Lax; Partitioned"},
		{"path", "a", cookie.Attributes{Path: "/x y,z=%20\"'"}, "a=v; Path=/x y,z=%20\"'; Secure; HttpOnly; SameSite=Lax"},
		{"path-largest", "a", cookie.Attributes{Path: "/" + strings.Repeat("p", 1023)}, "a=v; Path=/" + strings.Repeat("p", 1023) + "; Secure; HttpOnly; SameSite=Lax"},
		{"name-largest", strings.Repeat("n", 4095), cookie.Attributes{}, strings.Repeat("n", 4095) + "=v; Path=/; Secure; HttpOnly; SameSite=Lax"},
		{"domain-case-kept", "a", cookie.Attributes{Domain: "App.Example.COM"}, "a=v; Path=/; Domain=App.Example.COM; Secure; HttpOnly; SameSite=Lax"},
		{"every-tchar", tchars, cookie.Attributes{}, tchars + "=v; Path=/; Secure; HttpOnly; SameSite=Lax"},
		{"host-prefix", "__Host-a", cookie.Attributes{}, "__Host-a=v; Path=/; Secure; HttpOnly; SameSite=Lax"},
		{"host-http-prefix", "__Host-Http-a", cookie.Attributes{}, "__Host-Http-a=v; Path=/; Secure; HttpOnly; SameSite=Lax"},
		{"unprefixed-lookalike", "__Hosta", cookie.Attributes{Insecure: true, Path: "/x"}, "__Hosta=v; Path=/x; HttpOnly; SameSite=Lax"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			c, err := cookie.New(tt.cookie, tt.a)
			if err != nil {
				t.Fatal(err)
			}
			if got := c.Name(); got != tt.cookie {
				t.Errorf("Name() = %q, want %q", got, tt.cookie)
			}
			if got, err := c.Line("v"); got != tt.want || err != nil {
				t.Errorf("Line = %q, %v, want %q", got, err, tt.want)
			}
		})
	}
}

// TestNewRefuses has the field at fault with the reason, and a part of the citation.
func TestNewRefuses(t *testing.T) {
	insecure := func(a cookie.Attributes) cookie.Attributes { a.Insecure = true; return a }
	tests := []struct {
		name   string
		cookie string
		a      cookie.Attributes
		text   string
		rule   string
	}{
		{"name-empty", "", cookie.Attributes{}, "Name is empty", "token"},
		{"name-latin1", "\xa0__Host-a", cookie.Attributes{}, "Name has a byte over 0x7F at offset 0", "token"},
		{"name-too-long", strings.Repeat("n", 4097), cookie.Attributes{}, "Name has 4097 bytes", "4096"},
		{"path-relative", "a", cookie.Attributes{Path: "x"}, `Path "x" does not start with a slash`, "slash"},
		{"path-dot", "a", cookie.Attributes{Path: "./x"}, `Path "./x" does not start with a slash`, "slash"},
		{"path-semicolon", "a", cookie.Attributes{Path: "/;Secure"}, `Path "/;Secure" has a semicolon at offset 1`, "av-octets"},
		{"path-crlf", "a", cookie.Attributes{Path: "/\r\nSet-Cookie: b=c"}, `Path "/\r\nSet-Cookie: b=c" has a control byte at offset 1`, "av-octets"},
		{"path-tab", "a", cookie.Attributes{Path: "/\t"}, `Path "/\t" has a tab at offset 1`, "av-octets"},
		{"path-nul", "a", cookie.Attributes{Path: "/\x00"}, `Path "/\x00" has a control byte at offset 1`, "av-octets"},
		{"path-del", "a", cookie.Attributes{Path: "/\x7f"}, `Path "/\x7f" has a control byte at offset 1`, "av-octets"},
		{"path-utf8", "a", cookie.Attributes{Path: "/é"}, `Path "/é" has a byte over 0x7F at offset 1`, "av-octets"},
		{"path-space-at-end", "a", cookie.Attributes{Path: "/x "}, `Path "/x " ends in a space, which browsers remove`, "av-octets"},
		{"path-too-long", "a", cookie.Attributes{Path: "/" + strings.Repeat("p", 1024)}, "Path has 1025 bytes", "1024"},
		{"domain", "a", cookie.Attributes{Domain: "a..com"}, `Domain "a..com" has an empty label (a leading, trailing or doubled dot)`, "host name"},
		{"max-age-negative", "a", cookie.Attributes{MaxAge: -time.Second}, "MaxAge is negative (-1s); use Delete to delete a cookie", "digits"},
		{"max-age-fraction", "a", cookie.Attributes{MaxAge: 1500 * time.Millisecond}, "MaxAge is not in whole seconds (1.5s)", "seconds"},
		{"max-age-401-days", "a", cookie.Attributes{MaxAge: 401 * 24 * time.Hour}, "MaxAge is 9624h0m0s", "400 days"},
		{"max-age-one-second-over", "a", cookie.Attributes{MaxAge: 400*24*time.Hour + time.Second}, "MaxAge is 9600h0m1s", "400 days"},
		{"max-age-largest", "a", cookie.Attributes{MaxAge: math.MaxInt64 / time.Second * time.Second}, "MaxAge is 2562047h47m16s", "400 days"},
		{"same-site-default", "a", cookie.Attributes{SameSite: http.SameSiteDefaultMode}, "SameSite is http.SameSite(1); leave it zero for Lax", "Strict, Lax or None"},
		{"same-site-unknown", "a", cookie.Attributes{SameSite: 9}, "SameSite is http.SameSite(9); leave it zero for Lax", "Strict, Lax or None"},
		{"same-site-none-insecure", "a", insecure(cookie.Attributes{SameSite: http.SameSiteNoneMode}), "SameSite is None without Secure", "needs Secure"},
		{"partitioned-insecure", "a", insecure(cookie.Attributes{Partitioned: true}), "Partitioned is set without Secure", "CHIPS"},
		{"encoding-unknown", "a", cookie.Attributes{Encoding: 3}, "Encoding is Encoding(3), which does not exist", "cookie-value"},
		{"secure-prefix-insecure", "__sEcUrE-a", cookie.Attributes{Insecure: true}, "Secure must be set, as the prefix __Secure- requires", "4.1.3.1"},
		{"host-prefix-insecure", "__Host-a", cookie.Attributes{Insecure: true}, "Secure must be set, as the prefix __Host- requires", "4.1.3.2"},
		{"host-prefix-path", "__HOST-a", cookie.Attributes{Path: "/x"}, `Path must be "/", as the prefix __Host- requires`, "4.1.3.2"},
		{"host-prefix-domain", "__host-a", cookie.Attributes{Domain: "example.com"}, "Domain must be absent, as the prefix __Host- requires", "4.1.3.2"},
		{"http-prefix-script", "__Http-a", cookie.Attributes{ScriptReadable: true}, "HttpOnly must be set, as the prefix __Http- requires", "4.1.3"},
		{"http-prefix-insecure", "__http-a", cookie.Attributes{Insecure: true}, "Secure must be set, as the prefix __Http- requires", "4.1.3"},
		{"host-http-prefix-script", "__Host-Http-a", cookie.Attributes{ScriptReadable: true}, "HttpOnly must be set, as the prefix __Host-Http- requires", "4.1.3"},
		{"host-http-prefix-path", "__host-http-a", cookie.Attributes{Path: "/x"}, `Path must be "/", as the prefix __Host-Http- requires`, "4.1.3"},
		{"prefix-alone", "__Host-", cookie.Attributes{Path: "/x"}, `Path must be "/", as the prefix __Host- requires`, "4.1.3.2"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			c, err := cookie.New(tt.cookie, tt.a)
			var e *cookie.Error
			if c != nil || !errors.As(err, &e) {
				t.Fatalf("New = %v, %v, want an *Error", c, err)
			}
			if e.Field+" "+e.Reason != tt.text || !strings.Contains(e.Rule, tt.rule) || e.Cookie != tt.cookie {
				t.Errorf("error is %+v, want %s, rule %q", e, tt.text, tt.rule)
			}
			if n := strings.Count(err.Error(), "cookie: "); n != 1 {
				t.Errorf("%d errors, want 1:\n%v", n, err)
			}
		})
	}
}

func TestNewReportsEveryMistake(t *testing.T) {
	_, err := cookie.New("__Host-a b", cookie.Attributes{
		Path: "x;", Domain: "co.uk", MaxAge: -1, SameSite: 9, Insecure: true, Partitioned: true, Encoding: 9,
	})
	const want = `cookie: "__Host-a b": Name has a space at offset 8 (rfc6265bis 4.1.1: a cookie-name is a token)
cookie: "__Host-a b": Path "x;" does not start with a slash (rfc6265bis 4.1.1, 5.6.4: a Path starts with a slash and is av-octets)
cookie: "__Host-a b": Path "x;" has a semicolon at offset 1 (rfc6265bis 4.1.1, 5.6.4: a Path starts with a slash and is av-octets)
cookie: "__Host-a b": Domain "co.uk" is a public suffix (rfc6265bis 5.7, publicsuffix.org: a cookie cannot span a public suffix)
cookie: "__Host-a b": MaxAge is negative (-1ns); use Delete to delete a cookie (rfc6265bis 4.1.1: a Max-Age is a number of seconds in digits)
cookie: "__Host-a b": SameSite is http.SameSite(9); leave it zero for Lax (rfc6265bis 4.1.1: a SameSite is Strict, Lax or None)
cookie: "__Host-a b": Encoding is Encoding(9), which does not exist (rfc6265bis 4.1.1: a cookie-value is cookie-octets, optionally in double quotes)
cookie: "__Host-a b": Secure must be set, as the prefix __Host- requires (rfc6265bis 4.1.3.2: a __Host- cookie is Secure, has Path=/ and no Domain)
cookie: "__Host-a b": Path must be "/", as the prefix __Host- requires (rfc6265bis 4.1.3.2: a __Host- cookie is Secure, has Path=/ and no Domain)
cookie: "__Host-a b": Domain must be absent, as the prefix __Host- requires (rfc6265bis 4.1.3.2: a __Host- cookie is Secure, has Path=/ and no Domain)
cookie: "__Host-a b": Partitioned is set without Secure (CHIPS: Partitioned needs Secure)`
	if err == nil || err.Error() != want {
		t.Errorf("New: %v\nwant:\n%s", err, want)
	}
}

// TestNewTellsAllOfAPath: a Path that is wrong in two ways is two errors.
func TestNewTellsAllOfAPath(t *testing.T) {
	const cite = " (rfc6265bis 4.1.1, 5.6.4: a Path starts with a slash and is av-octets)"
	want := `cookie: "a": Path ";" does not start with a slash` + cite + "\n" + `cookie: "a": Path ";" has a semicolon at offset 0` + cite
	if _, err := cookie.New("a", cookie.Attributes{Path: ";"}); err == nil || err.Error() != want {
		t.Errorf("New: %v\nwant:\n%s", err, want)
	}
}

// TestLongestName: a name of 4,096 bytes can have an empty value.
func TestLongestName(t *testing.T) {
	name := strings.Repeat("n", 4096)
	c, err := cookie.New(name, cookie.Attributes{})
	if err != nil {
		t.Fatal(err)
	}
	if line, err := c.Line(""); line != name+"=; Path=/; Secure; HttpOnly; SameSite=Lax" || err != nil {
		t.Errorf("Line of nothing has %d bytes: %v", len(line), err)
	}
	if _, err := c.Line("v"); !errors.Is(err, cookie.ErrTooLarge) {
		t.Errorf("Line of a byte: %v, want ErrTooLarge", err)
	}
}

func TestNewEveryNameOctet(t *testing.T) {
	for c := range 256 {
		name := "a" + string([]byte{byte(c)}) + "b"
		want := strings.IndexByte(tchars, byte(c)) >= 0
		if _, err := cookie.New(name, cookie.Attributes{}); (err == nil) != want {
			t.Errorf("New(%q): %v, want accepted = %v", name, err, want)
		}
	}
}

func TestNewEveryPathOctet(t *testing.T) {
	for c := range 256 {
		path := "/" + string([]byte{byte(c)}) + "b"
		want := c >= 0x20 && c <= 0x7e && c != ';'
		if _, err := cookie.New("a", cookie.Attributes{Path: path}); (err == nil) != want {
			t.Errorf("New with Path %q: %v, want accepted = %v", path, err, want)
		}
	}
}

func TestNewDomains(t *testing.T) {
	label63 := strings.Repeat("a", 63)
	tests := []struct {
		domain string
		ok     bool
	}{
		{"example.com", true},
		{"www.example.com", true},
		{"EXAMPLE.com", true},
		{"3com.com", true},
		{"a-b.example", true},
		{"xn--n3h.com", true},
		{"example.internal", true},
		{"1.2.3.4.example", true},
		{"0x7f.example", true},
		{"0xg.0xg", true},
		{label63 + ".com", true},
		{label63 + "." + label63 + "." + label63 + "." + label63[:61], true}, // 253
		{label63 + "." + label63 + "." + label63 + "." + label63[:62], false},
		{label63 + "a.com", false},
		{".example.com", false},
		{"example.com.", false},
		{"example..com", false},
		{".", false},
		{"..", false},
		{" ", false},
		{"example.com ", false},
		{"exa mple.com", false},
		{"example.com:80", false},
		{"https://example.com", false},
		{"example.com/", false},
		{"user@example.com", false},
		{"*.example.com", false},
		{"my_host.example.com", false},
		{"-a.example.com", false},
		{"a-.example.com", false},
		{"example.-", false},
		{"bücher.example", false},
		{"b\xfccher.example", false},
		{"example.com; Secure", false},
		{"example.com\r\nX: y", false},
		{"example.com\x00", false},
		{"127.0.0.1", false},
		{"256.0.0.0", false},
		{"127.1", false},
		{"1.2.3.4.5", false},
		{"2130706433", false},
		{"0x7f000001", false},
		{"0X7F.1", false},
		{"example.0x", false},
		{"017700000001", false},
		{"::1", false},
		{"[::1]", false},
		{"localhost", false},
		{"com", false},
		{"CO.UK", false},
		{"github.io", false},
		{"crumb.github.io", true},
		{"execute-api.us-east-1.amazonaws.com", false},
		{"abc.execute-api.us-east-1.amazonaws.com", true},
		{"foo.ck", false},
		{"www.ck", true},
	}
	for _, tt := range tests {
		if _, err := cookie.New("a", cookie.Attributes{Domain: tt.domain}); (err == nil) != tt.ok {
			t.Errorf("New with Domain %q: %v, want accepted = %v", tt.domain, err, tt.ok)
		}
	}
}

// TestNewPrefixes tests every prefix, in three spellings, with every combination of the
// attributes that prefixes require.
func TestNewPrefixes(t *testing.T) {
	for _, p := range []struct {
		prefix               string
		secure, script, host bool // what it requires
	}{
		{"__Secure-", true, false, false},
		{"__Host-", true, false, true},
		{"__Http-", true, true, false},
		{"__Host-Http-", true, true, true},
		{"__Other-", false, false, false},
		{"__HostHttp-", false, false, false},
		{"_Host-", false, false, false},
		{"x__Host-", false, false, false},
	} {
		for _, name := range []string{p.prefix + "a", strings.ToLower(p.prefix) + "a", strings.ToUpper(p.prefix)} {
			for bits := range 16 {
				a := cookie.Attributes{Insecure: bits&1 != 0, ScriptReadable: bits&2 != 0}
				if bits&4 != 0 {
					a.Path = "/x"
				}
				if bits&8 != 0 {
					a.Domain = "example.com"
				}
				want := !(p.secure && a.Insecure || p.script && a.ScriptReadable || p.host && (a.Path != "" || a.Domain != ""))
				if _, err := cookie.New(name, a); (err == nil) != want {
					t.Errorf("New(%q, %+v): %v, want accepted = %v", name, a, err, want)
				}
			}
		}
	}
}

func TestMustPanics(t *testing.T) {
	defer func() {
		if err, ok := recover().(error); !ok || !strings.Contains(err.Error(), "Name") {
			t.Errorf("Must panicked with %v, want New's error", err)
		}
	}()
	cookie.Must(cookie.New("", cookie.Attributes{}))
}

func TestZeroCookie(t *testing.T) {
	var c cookie.Cookie
	w := recorder{}
	const want = "cookie: Name is empty: declare the cookie with New (rfc6265bis 4.1.1: a cookie-name is a token)"
	if line, err := c.Line("v"); line != "" || err == nil || err.Error() != want {
		t.Errorf("Line = %q, %v, want %s", line, err, want)
	}
	if c.Set(w, "v") == nil || c.Delete(w) == nil || c.DeleteAt(w, "", "") == nil || len(w) != 0 {
		t.Errorf("Set, Delete, DeleteAt: want errors and no line, got %q", w)
	}
	r := request("=v; a=b")
	if v, ok := c.Get(r); ok || c.All(r) != nil {
		t.Errorf("Get = %q, All = %q, want none", v, c.All(r))
	}
}
