package cookie_test

import (
	"errors"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/crumb-go/crumb/shared/cookie"
)

func request(lines ...string) *http.Request {
	return &http.Request{Header: http.Header{"Cookie": lines}}
}

func TestGet(t *testing.T) {
	tests := []struct {
		name  string
		c     *cookie.Cookie
		lines []string
		want  string
		err   error
	}{
		{"no-header", plain, nil, "", cookie.ErrAbsent},
		{"empty-header", plain, []string{""}, "", cookie.ErrAbsent},
		{"only-semicolons", plain, []string{";;; ; "}, "", cookie.ErrAbsent},
		{"only-equals", plain, []string{"="}, "", cookie.ErrAbsent},
		{"nameless", plain, []string{"=v"}, "", cookie.ErrAbsent},
		{"name-without-equals", plain, []string{"n"}, "", cookie.ErrAbsent},
		{"empty", plain, []string{"n="}, "", cookie.ErrEmpty},
		{"empty-between-blanks", plain, []string{"n= \t ;a=1"}, "", cookie.ErrEmpty},
		{"empty-quoted", plain, []string{`n=""`}, "", cookie.ErrEmpty},
		{"simple", plain, []string{"n=v"}, "v", nil},
		{"middle", plain, []string{"a=1; n=v; b=2"}, "v", nil},
		{"no-space", plain, []string{"a=1;n=v;b=2"}, "v", nil},
		{"second-line", plain, []string{"a=1", "n=v"}, "v", nil},
		{"line-is-no-pair", plain, []string{"n", "=v"}, "", cookie.ErrAbsent},
		{"first-of-duplicates", plain, []string{"n=1; n=2", "n=3"}, "1", nil},
		{"first-is-empty", plain, []string{"n=; n=2"}, "", cookie.ErrEmpty},
		{"first-is-malformed", plain, []string{"n=\x01; n=2"}, "", cookie.ErrMalformed},
		{"case", plain, []string{"N=1"}, "", cookie.ErrAbsent},
		{"name-inside-a-name", plain, []string{"nn=1; an=2; n-n=3"}, "", cookie.ErrAbsent},
		{"name-inside-a-value", plain, []string{"a=n=1; b= n=2; n=v"}, "v", nil},
		{"name-behind-a-colon", plain, []string{"x:n=1; n=v"}, "v", nil},
		{"blanks-around", plain, []string{" \t n\t = \tv \t; a=1"}, "v", nil},
		{"blanks-inside", plain, []string{"n=a b\tc"}, "a b\tc", nil},
		{"equals-inside", plain, []string{"n=a=b=c"}, "a=b=c", nil},
		{"comma-is-data", plain, []string{"n=1, b=2"}, "1, b=2", nil},
		{"comma-divides-nothing", plain, []string{"a=1, n=v"}, "", cookie.ErrAbsent},
		{"json", plain, []string{`n={"a":[1,2]}`}, `{"a":[1,2]}`, nil},
		{"backslash", plain, []string{`n=a\b`}, `a\b`, nil},
		{"latin1", plain, []string{"n=\xff\xfe"}, "\xff\xfe", nil},
		{"utf8", plain, []string{"n=é"}, "é", nil},
		{"percent-is-data", plain, []string{"n=%41%"}, "%41%", nil},
		{"quoted", plain, []string{`n="a b"`}, "a b", nil},
		{"quoted-twice", plain, []string{`n=""v""`}, `"v"`, nil},
		{"quote-open", plain, []string{`n="v`}, `"v`, nil},
		{"quote-close", plain, []string{`n=v"`}, `v"`, nil},
		{"quote-alone", plain, []string{`n="`}, `"`, nil},
		{"quote-inside", plain, []string{`n="a"b"`}, `a"b`, nil},
		{"quoted-semicolon-divides", plain, []string{`n="a;b"`}, `"a`, nil},
		{"quoted-octal-is-data", plain, []string{`n="\303\251"`}, `\303\251`, nil},
		{"rfc2965-names-are-names", plain, []string{"$Version=1; n=v; $Path=/"}, "v", nil},
		{"nul", plain, []string{"n=a\x00b"}, "", cookie.ErrMalformed},
		{"carriage-return", plain, []string{"n=v\r"}, "", cookie.ErrMalformed},
		{"unit-separator-not-trimmed", plain, []string{"n=v\x1f"}, "", cookie.ErrMalformed},
		{"delete-byte", plain, []string{"n=\x7f"}, "", cookie.ErrMalformed},
		{"nbsp-not-trimmed", plain, []string{"\xa0n=1; n\xa0=2; n=v\xa0"}, "v\xa0", nil},
		{"next-line-not-trimmed", plain, []string{"\x85n=1; n\x85=2"}, "", cookie.ErrAbsent},
		{"form-feed-not-trimmed", plain, []string{"\x0cn=1; \x0bn=2; \x1cn=3"}, "", cookie.ErrAbsent},
		{"unicode-space-not-trimmed", plain, []string{"\u2003n=1; \u00a0n=2"}, "", cookie.ErrAbsent},

		{"percent-decoded", percent, []string{"n=Zo%C3%AB%2c%20%25"}, "Zoë, %", nil},
		{"percent-plus-is-plus", percent, []string{"n=a+b"}, "a+b", nil},
		{"percent-raw-text", percent, []string{`n="Cob by, é"`}, "Cob by, é", nil},
		{"percent-quoted-twice", percent, []string{`n=""v""`}, `"v"`, nil},
		{"percent-control-when-escaped", percent, []string{"n=%0D%0A%00"}, "\r\n\x00", nil},
		{"percent-control-raw", percent, []string{"n=%41\x01"}, "", cookie.ErrMalformed},
		{"percent-alone", percent, []string{"n=a%"}, "", cookie.ErrMalformed},
		{"percent-one-digit", percent, []string{"n=a%4"}, "", cookie.ErrMalformed},
		{"percent-one-digit-then-more", percent, []string{"n=a%4g%41"}, "", cookie.ErrMalformed},
		{"percent-sign", percent, []string{"n=%+4"}, "", cookie.ErrMalformed},
		{"percent-u", percent, []string{"n=%u0041"}, "", cookie.ErrMalformed},
		{"percent-not-utf8", percent, []string{"n=%FF"}, "", cookie.ErrMalformed},
		{"percent-raw-not-utf8", percent, []string{"n=\xe9"}, "", cookie.ErrMalformed},
		{"percent-decoded-once", percent, []string{"n=%2541"}, "%41", nil},

		{"base64-decoded", base64, []string{"n=__4APj8"}, "\xff\xfe\x00>?", nil},
		{"base64-padded", base64, []string{"n=YQ=="}, "", cookie.ErrMalformed},
		{"base64-other-alphabet", base64, []string{"n=//4A"}, "", cookie.ErrMalformed},
		{"base64-stray-bits", base64, []string{"n=YR"}, "", cookie.ErrMalformed},
		{"base64-line-break", base64, []string{"n=Y\nQ"}, "", cookie.ErrMalformed},
		{"base64-one-letter", base64, []string{"n=Y"}, "", cookie.ErrMalformed},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r := request(tt.lines...)
			if got, ok := tt.c.Get(r); got != tt.want || ok != (tt.err == nil) {
				t.Errorf("Get(%q) = %q, %v, want %q", tt.lines, got, ok, tt.want)
			}
			err := tt.c.Check(r)
			if tt.err == nil && err != nil || !errors.Is(err, tt.err) {
				t.Errorf("Check(%q) = %v, want %v", tt.lines, err, tt.err)
			}
		})
	}
}

func TestCheckText(t *testing.T) {
	tests := []struct{ name, line, want string }{
		{"absent", "", `cookie: "n": Value is absent`},
		{"empty", "n=", `cookie: "n": Value is empty`},
		{"control", "n=\"a\x01b\"", `cookie: "n": Value has a control byte at offset 1 (length 3)`},
		{"escape", "n=ab%", `cookie: "n": Value has a broken escape at offset 2 (length 3)`},
		{"utf8", "n=ab%FF", `cookie: "n": Value is not valid UTF-8 at offset 2 (length 5)`},
		{"too-many", strings.Repeat("a;", 3001), `cookie: "n": Cookie lines of the request have over 3000 pairs or 65536 bytes`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if err := percent.Check(request(tt.line)); err == nil || err.Error() != tt.want {
				t.Errorf("Check = %v, want %s", err, tt.want)
			}
		})
	}
	const want = `cookie: Cookie lines of the request have over 3000 pairs or 65536 bytes`
	if _, err := cookie.Parse(http.Header{"Cookie": {strings.Repeat("a;", 3001)}}); err == nil || err.Error() != want {
		t.Errorf("Parse: %v, want %s", err, want)
	}
}

func TestAll(t *testing.T) {
	r := request(`n=1; m=x; n="2"`, "n=; n=\x01; n=%zz; n; n=1")
	if got, want := percent.All(r), []string{"1", "2", "", "1"}; !slices.Equal(got, want) {
		t.Errorf("All = %q, want %q", got, want)
	}
	if got := percent.All(request("m=1")); got != nil {
		t.Errorf("All without the cookie = %q, want nil", got)
	}
}

func TestParse(t *testing.T) {
	pairs := func(s ...string) (out []cookie.Pair) {
		for ; len(s) > 0; s = s[2:] {
			out = append(out, cookie.Pair{Name: s[0], Value: s[1]})
		}
		return out
	}
	tests := []struct {
		name  string
		lines []string
		want  []cookie.Pair
	}{
		{"none", nil, nil},
		{"order-and-duplicates", []string{"b=1; a=2; b=3", "a=4"}, pairs("b", "1", "a", "2", "b", "3", "a", "4")},
		{"exact-values", []string{`a="x y"; b=%41; c=1,2; d=é; e={"x":1}`}, pairs("a", `"x y"`, "b", "%41", "c", "1,2", "d", "é", "e", `{"x":1}`)},
		{"empty-parts", []string{";; a=1;; ;", "", "; "}, pairs("a", "1")},
		{"nameless", []string{"x; =y; a=1"}, pairs("a", "1")},
		{"names-that-are-no-token", []string{"a b=1; é=2; \x85a=3; a\xa0=4; (=5; a=6"}, pairs("a", "6")},
		{"control-bytes", []string{"a=\x01; b=\x7f; c=x\ty; d=1"}, pairs("c", "x\ty", "d", "1")},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got, err := cookie.Parse(http.Header{"Cookie": tt.lines}); !slices.Equal(got, tt.want) || err != nil {
				t.Errorf("Parse(%q) = %q, %v, want %q", tt.lines, got, err, tt.want)
			}
		})
	}
}

func TestBounds(t *testing.T) {
	const n = "n=v"
	tests := []struct {
		name  string
		lines []string
		ok    bool
	}{
		{"pairs-3000", []string{strings.Repeat("a;", 2999) + n}, true},
		{"pairs-3001", []string{strings.Repeat("a;", 3000) + n}, false},
		{"pairs-3000-and-empty-parts", []string{strings.Repeat("a; ;", 2999) + n + ";;;"}, true},
		{"lines-3000", append(slices.Repeat([]string{"a"}, 2999), n), true},
		{"lines-3001", append(slices.Repeat([]string{"a"}, 3000), n), false},
		{"bytes-65536", []string{n + ";a=" + strings.Repeat("x", 65536-6)}, true},
		{"bytes-65537", []string{n + ";a=" + strings.Repeat("x", 65537-6)}, false},
		{"bytes-in-two-lines", []string{n, strings.Repeat("x", 65536-2)}, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r := request(tt.lines...)
			if _, ok := plain.Get(r); ok != tt.ok {
				t.Errorf("Get: %v, want %v", ok, tt.ok)
			}
			if err := plain.Check(r); errors.Is(err, cookie.ErrTooMany) != !tt.ok {
				t.Errorf("Check: %v, want ErrTooMany = %v", err, !tt.ok)
			}
			if got := plain.All(r); (got != nil) != tt.ok {
				t.Errorf("All = %q, want one = %v", got, tt.ok)
			}
			if pairs, err := cookie.Parse(r.Header); errors.Is(err, cookie.ErrTooMany) != !tt.ok || (pairs != nil) != tt.ok {
				t.Errorf("Parse: %d pairs, %v, want ErrTooMany = %v", len(pairs), err, !tt.ok)
			}
		})
	}
}

// TestGetEveryOctetBefore: a name begins after a semicolon, and only there (rfc6265bis 4.2.1).
func TestGetEveryOctetBefore(t *testing.T) {
	for c := range 256 {
		r := request("a=1" + string([]byte{byte(c)}) + "n=v")
		if got, ok := plain.Get(r); ok != (c == ';') || len(plain.All(r)) > 0 != ok {
			t.Errorf("%#x before the name: Get = %q, %v, All = %q", c, got, ok, plain.All(r))
		}
	}
}

func TestCheckTexts(t *testing.T) {
	const tooMany = "Cookie lines of the request have over 3000 pairs or 65536 bytes"
	for _, tt := range []struct {
		c          *cookie.Cookie
		line, want string
	}{
		{plain, "", "Value is absent"},
		{plain, "n=", "Value is empty"},
		{plain, "n=v\x01", "Value has a control byte at offset 1 (length 2)"},
		{percent, "n=a%4", "Value has a broken escape at offset 1 (length 3)"},
		{percent, "n=a\xe9", "Value is not valid UTF-8 at offset 1 (length 2)"},
		{base64, "n=YQ==", "Value is not base64url at offset 2 (length 4)"},
		{plain, strings.Repeat("a", 65537), tooMany},
	} {
		if err := tt.c.Check(request(tt.line)); err == nil || err.Error() != `cookie: "n": `+tt.want {
			t.Errorf("Check(%.9q) = %v, want %s", tt.line, err, tt.want)
		}
	}
	if _, err := cookie.Parse(http.Header{"Cookie": {strings.Repeat("a", 65537)}}); err == nil || err.Error() != "cookie: "+tooMany {
		t.Errorf("Parse: %v, want %s", err, tooMany)
	}
	for err, want := range map[error]string{
		cookie.ErrTooLarge: "too large for a cookie", cookie.ErrScope: "set in a scope that conflicts", cookie.ErrAbsent: "absent",
		cookie.ErrEmpty: "empty", cookie.ErrMalformed: "malformed", cookie.ErrTooMany: "too many cookies",
	} {
		if err.Error() != want {
			t.Errorf("%q, want %q", err, want)
		}
	}
}

func TestNilHeader(t *testing.T) {
	var r http.Request
	if v, ok := plain.Get(&r); ok || plain.All(&r) != nil {
		t.Errorf("Get of a request without header = %q", v)
	}
	if pairs, err := cookie.Parse(nil); pairs != nil || err != nil {
		t.Errorf("Parse(nil) = %q, %v", pairs, err)
	}
}

func TestAllocations(t *testing.T) {
	r, c := fifty(), cookie.Must(cookie.New("sid", cookie.Attributes{}))
	absent, text := cookie.Must(cookie.New("absent", cookie.Attributes{})), cookie.Must(cookie.New("sid", cookie.Attributes{Encoding: cookie.Percent}))
	line, _ := allAttributes()
	long := request(strings.Repeat("a=0123456789; ", 600) + "sid=1")
	tests := []struct {
		name string
		f    func()
		want float64
	}{
		{"get", func() { c.Get(r) }, 0},
		{"get-from-8-kib", func() { c.Get(long) }, 0},
		{"get-absent", func() { absent.Get(r) }, 0},
		{"get-percent-without-escapes", func() { text.Get(r) }, 0},
		{"check", func() { c.Check(r) }, 0},
		{"line-all-attributes", func() { line.Line("31d4d96e407aad42") }, 1},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := testing.AllocsPerRun(100, tt.f); got > tt.want {
				t.Errorf("%v allocations, want at most %v", got, tt.want)
			}
		})
	}
}

// TestConcurrentUse is for the race detector.
func TestConcurrentUse(t *testing.T) {
	c, _ := allAttributes()
	r := fifty()
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			w := recorder{}
			if err := errors.Join(c.Set(w, "x"), c.Delete(w), c.Check(r)); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
}
