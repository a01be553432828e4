package cookie_test

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/crumb-go/crumb/shared/cookie"
)

var (
	plain   = cookie.Must(cookie.New("n", cookie.Attributes{}))
	percent = cookie.Must(cookie.New("n", cookie.Attributes{Encoding: cookie.Percent}))
	base64  = cookie.Must(cookie.New("n", cookie.Attributes{Encoding: cookie.Base64}))
)

const flags = "; Secure; HttpOnly; SameSite=Lax"

func TestLineValues(t *testing.T) {
	tests := []struct {
		name  string
		c     *cookie.Cookie
		value string
		want  string // between "n=" and the attributes
	}{
		{"plain", plain, "Cobby", "Cobby"},
		{"plain-empty", plain, "", ""},
		{"plain-quoted", plain, `"abc"`, `"abc"`},
		{"plain-quoted-empty", plain, `""`, `""`},
		{"plain-equals", plain, "a=b==", "a=b=="},
		{"plain-percent-is-data", plain, "100%", "100%"},
		{"plain-largest", plain, strings.Repeat("v", 4095), strings.Repeat("v", 4095)},
		{"percent-empty", percent, "", ""},
		{"percent-none", percent, "Cobby+1", "Cobby+1"},
		{"percent-text", percent, "Zoë, 100% \"ok\"; \\\r\n\x00", `Zo%C3%AB%2C%20100%25%20%22ok%22%3B%20%5C%0D%0A%00`},
		{"percent-replacement-character", percent, "\uFFFD", "%EF%BF%BD"},
		{"percent-largest", percent, strings.Repeat(";", 1365), strings.Repeat("%3B", 1365)},
		{"base64-empty", base64, "", ""},
		{"base64-any-bytes", base64, "\xff\xfe\x00>?", "__4APj8"},
		{"base64-no-padding", base64, "a", "YQ"},
		{"base64-largest", base64, strings.Repeat("\x00", 3071), strings.Repeat("A", 4095)},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got, err := tt.c.Line(tt.value); got != "n="+tt.want+"; Path=/"+flags || err != nil {
				t.Errorf("Line = %q, %v, want the value %q", got, err, tt.want)
			}
		})
	}
}

func TestLineRefusesValues(t *testing.T) {
	tests := []struct {
		name   string
		c      *cookie.Cookie
		value  string
		reason string
		kind   error
	}{
		{"space", plain, "a b", "has a space at offset 1 (length 3); declare Encoding: cookie.Percent", nil},
		{"tab", plain, "a\t", "has a tab at offset 1 (length 2); declare Encoding: cookie.Percent", nil},
		{"comma", plain, "a,b", "has a comma at offset 1 (length 3); declare Encoding: cookie.Percent", nil},
		{"semicolon", plain, "a;b", "has a semicolon at offset 1 (length 3); declare Encoding: cookie.Percent", nil},
		{"backslash", plain, `a\b`, "has a backslash at offset 1 (length 3); declare Encoding: cookie.Percent", nil},
		{"quote-inside", plain, `a"b`, "has a double quote at offset 1 (length 3); declare Encoding: cookie.Percent", nil},
		{"quote-open", plain, `"ab`, "has a double quote at offset 0 (length 3); declare Encoding: cookie.Percent", nil},
		{"quote-alone", plain, `"`, "has a double quote at offset 0 (length 1); declare Encoding: cookie.Percent", nil},
		{"quote-inside-quotes", plain, `"a"b"`, "has a double quote at offset 2 (length 5); declare Encoding: cookie.Percent", nil},
		{"space-inside-quotes", plain, `"a b"`, "has a space at offset 2 (length 5); declare Encoding: cookie.Percent", nil},
		{"newline", plain, "a\nb", "has a control byte at offset 1 (length 3); declare Encoding: cookie.Percent", nil},
		{"delete", plain, "\x7f", "has a control byte at offset 0 (length 1); declare Encoding: cookie.Percent", nil},
		{"latin1", plain, "\xe9", "has a byte over 0x7F at offset 0 (length 1); declare Encoding: cookie.Base64", nil},
		{"space-and-latin1", plain, "a \xe9", "has a space at offset 1 (length 3); declare Encoding: cookie.Base64", nil},
		{"utf8", plain, "né", "has a byte over 0x7F at offset 1 (length 3); declare Encoding: cookie.Percent", nil},
		{"too-large", plain, strings.Repeat("v", 4096), "and name total 4097 bytes", cookie.ErrTooLarge},
		{"percent-not-utf8", percent, "a\xffb", "is not valid UTF-8 at offset 1 (length 3); declare Encoding: cookie.Base64", nil},
		{"percent-not-utf8-like-replacement", percent, "\uFFFD\xef\xbf", "is not valid UTF-8 at offset 3 (length 5); declare Encoding: cookie.Base64", nil},
		{"percent-not-utf8-at-the-start", percent, "\xff", "is not valid UTF-8 at offset 0 (length 1); declare Encoding: cookie.Base64", nil},
		{"percent-too-large", percent, strings.Repeat(";", 1366), "and name total 4099 bytes", cookie.ErrTooLarge},
		{"base64-too-large", base64, strings.Repeat("\x00", 3072), "and name total 4097 bytes", cookie.ErrTooLarge},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			w := recorder{"Set-Cookie": {"other=1"}}
			err := tt.c.Set(w, tt.value)
			cite := "4.1.1: a cookie-value is cookie-octets, optionally in double quotes"
			if tt.kind != nil {
				cite = "5.6: name and value have at most 4096 bytes together"
			}
			if want := `cookie: "n": Value ` + tt.reason + " (rfc6265bis " + cite + ")"; err == nil || err.Error() != want {
				t.Errorf("Set: %v, want %s", err, want)
			}
			if tt.kind != nil && !errors.Is(err, tt.kind) {
				t.Errorf("Set: %v, want %v", err, tt.kind)
			}
			if got := w["Set-Cookie"]; len(got) != 1 {
				t.Errorf("Set-Cookie lines are %q after an error", got)
			}
		})
	}
}

// TestRefusedValueNamesEncoding follows the advice of the error for each byte.
func TestRefusedValueNamesEncoding(t *testing.T) {
	refused := 0
	for _, around := range []string{"ab", "é", "\xe9"} {
		for c := range 256 {
			value := around + string([]byte{byte(c)}) + around
			_, err := plain.Line(value)
			if err == nil {
				continue
			}
			refused++
			var advised *cookie.Cookie
			for name, c := range map[string]*cookie.Cookie{"Percent": percent, "Base64": base64} {
				if strings.Contains(err.Error(), "; declare Encoding: cookie."+name+" (") {
					advised = c
				}
			}
			if advised == nil {
				t.Errorf("Line(%q): %v, want the encoding that carries it", value, err)
				continue
			}
			line, err := advised.Line(value)
			if err != nil {
				t.Errorf("Line(%q) as advised: %v", value, err)
			}
			if got, ok := advised.Get(request(strings.Split(line, ";")[0])); got != value || !ok {
				t.Errorf("set %q as advised, read %q, %v", value, got, ok)
			}
		}
	}
	if refused < 550 {
		t.Errorf("%d values refused, want more", refused)
	}
}

func TestLineEveryValueOctet(t *testing.T) {
	for c := range 256 {
		value := "a" + string([]byte{byte(c)}) + "b"
		want := c == 0x21 || c >= 0x23 && c <= 0x2b || c >= 0x2d && c <= 0x3a || c >= 0x3c && c <= 0x5b || c >= 0x5d && c <= 0x7e
		if _, err := plain.Line(value); (err == nil) != want {
			t.Errorf("Line(%q): %v, want accepted = %v", value, err, want)
		}
	}
}

// TestErrorsHoldNoValue looks for a part of the value in every error that a value can cause.
func TestErrorsHoldNoValue(t *testing.T) {
	const secret = "s3cr3t-tok3n"
	var errs []error
	for _, value := range []string{secret + " x", secret + "\xff", secret + "\r\n", secret + strings.Repeat("v", 4096)} {
		for _, c := range []*cookie.Cookie{plain, percent, base64} {
			_, err := c.Line(value)
			errs = append(errs, err)
		}
	}
	for _, line := range []string{"n=" + secret + "\x01", "n=%zz" + secret, "n=" + secret + "!", "n=" + strings.Repeat(secret, 6000)} {
		for _, c := range []*cookie.Cookie{plain, percent, base64} {
			errs = append(errs, c.Check(request(line)))
		}
		_, err := cookie.Parse(http.Header{"Cookie": {line}})
		errs = append(errs, err)
	}
	errs = slices.DeleteFunc(errs, func(err error) bool { return err == nil })
	if len(errs) < 12 {
		t.Errorf("%d errors, want more", len(errs))
	}
	for _, err := range errs {
		if strings.Contains(err.Error(), "s3cr3t") {
			t.Errorf("error holds the value: %v", err)
		}
	}
}

func TestLifetimes(t *testing.T) {
	day := 24 * time.Hour
	tests := []struct {
		name   string
		maxAge time.Duration
		want   string
	}{
		{"session", 0, ""},
		{"second", time.Second, "; Expires=Sat, 01 Jan 2000 00:00:01 GMT; Max-Age=1"},
		{"thirty-days", 30 * day, "; Expires=Mon, 31 Jan 2000 00:00:00 GMT; Max-Age=2592000"},
		{"longest", 400 * day, "; Expires=Sun, 04 Feb 2001 00:00:00 GMT; Max-Age=34560000"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) { // its clock starts at 2000-01-01
				c := cookie.Must(cookie.New("n", cookie.Attributes{MaxAge: tt.maxAge}))
				if got, err := c.Line("v"); got != "n=v; Path=/"+tt.want+flags || err != nil {
					t.Errorf("Line = %q, %v, want %q", got, err, tt.want)
				}
			})
		})
	}
}

func TestUntil(t *testing.T) {
	c := cookie.Must(cookie.New("n", cookie.Attributes{MaxAge: time.Hour}))
	tests := []struct {
		name string
		t    time.Time
		want string
	}{
		{"future", time.Date(2030, 1, 2, 3, 4, 5, 999e6, time.UTC), "Wed, 02 Jan 2030 03:04:05 GMT"},
		{"past", time.Date(2009, 11, 10, 23, 0, 0, 0, time.UTC), "Tue, 10 Nov 2009 23:00:00 GMT"},
		{"zone", time.Date(2030, 1, 1, 0, 30, 0, 0, time.FixedZone("", 3600)), "Mon, 31 Dec 2029 23:30:00 GMT"},
		{"first", time.Date(1601, 1, 1, 0, 0, 0, 0, time.UTC), "Mon, 01 Jan 1601 00:00:00 GMT"},
		{"last", time.Date(9999, 12, 31, 23, 59, 59, 999, time.UTC), "Fri, 31 Dec 9999 23:59:59 GMT"},
		{"too-early", time.Date(1600, 12, 31, 23, 59, 59, 0, time.UTC), ""},
		{"too-early-in-utc", time.Date(1601, 1, 1, 0, 30, 0, 0, time.FixedZone("", 3600)), ""},
		{"too-late", time.Date(10000, 1, 1, 0, 0, 0, 0, time.UTC), ""},
		{"zero", time.Time{}, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := c.Until(tt.t).Line("v")
			if tt.want == "" {
				want := fmt.Sprintf(`cookie: "n": Expires has the year %d (rfc6265bis 4.1.1, 5.1.1: an Expires is an IMF-fixdate of the years 1601 to 9999)`, tt.t.UTC().Year())
				if err == nil || err.Error() != want || got != "" {
					t.Errorf("Line = %q, %v, want %s", got, err, want)
				}
				return
			}
			if want := "n=v; Path=/; Expires=" + tt.want + flags; got != want || err != nil {
				t.Errorf("Line = %q, %v, want %q", got, err, want)
			}
		})
	}
	if _, err := c.Until(time.Time{}).Until(time.Now()).Line("v"); err != nil {
		t.Errorf("a good time after a bad one: %v", err)
	}
	if err := c.Until(time.Time{}).Delete(recorder{}); err != nil {
		t.Errorf("Delete of a copy without date: %v", err)
	}
	if line, _ := c.Line("v"); !strings.Contains(line, "Max-Age=3600") {
		t.Errorf("Until changed the declaration: %q", line)
	}
}

func TestDelete(t *testing.T) {
	tests := []struct {
		name   string
		cookie string
		a      cookie.Attributes
		want   string // the attributes around the end of life
	}{
		{"zero", "n", cookie.Attributes{}, "n=; Path=/|; Secure; HttpOnly; SameSite=Lax"},
		{"with-life", "n", cookie.Attributes{MaxAge: time.Hour, Encoding: cookie.Base64}, "n=; Path=/|; Secure; HttpOnly; SameSite=Lax"},
		{"prefixed", "__Host-n", cookie.Attributes{}, "__Host-n=; Path=/|; Secure; HttpOnly; SameSite=Lax"},
		{"loosened", "n", cookie.Attributes{Insecure: true, ScriptReadable: true}, "n=; Path=/|; SameSite=Lax"},
		{"everything", "n", cookie.Attributes{Path: "/p", Domain: "Example.com", SameSite: http.SameSiteNoneMode, Partitioned: true},
			"n=; Path=/p; Domain=Example.com|; Secure; HttpOnly; SameSite=None; Partitioned"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			w := recorder{}
			if err := cookie.Must(cookie.New(tt.cookie, tt.a)).Delete(w); err != nil {
				t.Fatal(err)
			}
			want := strings.Replace(tt.want, "|", "; Expires=Thu, 01 Jan 1970 00:00:00 GMT; Max-Age=0", 1)
			if got := w["Set-Cookie"]; !slices.Equal(got, []string{want}) {
				t.Errorf("Set-Cookie is %q, want %q", got, want)
			}
		})
	}
}

// TestSetTwice sets n=v after the lines that are already there.
func TestSetTwice(t *testing.T) {
	const n = "n=v; Path=/p; Domain=EXAMPLE.com; Secure; HttpOnly; SameSite=Lax"
	c := cookie.Must(cookie.New("n", cookie.Attributes{Path: "/p", Domain: "EXAMPLE.com"}))
	tests := []struct {
		name   string
		before []string
		want   []string // nil: ErrScope, and before unchanged
	}{
		{"first", nil, []string{n}},
		{"other-names", []string{"m=1; Path=/p", "N=1; Path=/q", "nn=1", "n-=1"}, []string{"m=1; Path=/p", "N=1; Path=/q", "nn=1", "n-=1", n}},
		{"same", []string{"a=1", n, "b=2"}, []string{"a=1", "b=2", n}},
		{"same-in-other-spelling", []string{" n =x;DOMAIN=.Example.COM;path = /p"}, []string{n}},
		{"same-twice", []string{"n=1; Path=/p; Domain=example.com", "n=2; Path=/p; Domain=example.com"}, []string{n}},
		{"same-by-last-attribute", []string{"n=x; Path=/q; Path=/p; Domain=a.com; Domain=example.com"}, []string{n}},
		{"deleted", []string{"n=; Path=/p; Domain=example.com; Max-Age=0"}, []string{n}},
		{"deleted-elsewhere", []string{"n=; Path=/q; Max-Age=0"}, []string{"n=; Path=/q; Max-Age=0", n}},
		{"nameless", []string{"n; Path=/q"}, []string{"n; Path=/q", n}},
		{"other-path", []string{"n=x; Path=/P; Domain=example.com"}, nil},
		{"other-domain", []string{"n=x; Path=/p; Domain=www.example.com"}, nil},
		{"host-only", []string{"n=x; Path=/p"}, nil},
		{"no-path", []string{"n=x; Domain=example.com"}, nil},
		{"path-without-slash", []string{"n=x; Path=/p; Path=p; Domain=example.com"}, nil},
		{"partitioned", []string{"n=x; Path=/p; Domain=example.com; Secure; Partitioned"}, nil},
		{"same-and-other", []string{"n=x; Path=/p; Domain=example.com", "n=x; Path=/"}, nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			w := recorder{}
			if tt.before != nil {
				w["Set-Cookie"] = slices.Clone(tt.before)
			}
			err, want := c.Set(w, "v"), tt.want
			if want == nil {
				want = tt.before
			}
			if errors.Is(err, cookie.ErrScope) != (tt.want == nil) || (err == nil) != (tt.want != nil) {
				t.Errorf("Set: %v, want an error = %v", err, tt.want == nil)
			}
			if got := w["Set-Cookie"]; !slices.Equal(got, want) {
				t.Errorf("Set-Cookie is %q, want %q", got, want)
			}
		})
	}
}

// TestSetKeepsSnapshots: a copy of the header's lines, such as a server makes when the status
// is written, does not change.
func TestSetKeepsSnapshots(t *testing.T) {
	w := recorder{"Set-Cookie": {"n=1; Path=/", "m=1"}}
	snapshot := w["Set-Cookie"]
	if err := plain.Set(w, "2"); err != nil {
		t.Fatal(err)
	}
	if want := []string{"n=1; Path=/", "m=1"}; !slices.Equal(snapshot, want) {
		t.Errorf("the lines of before are %q, want %q", snapshot, want)
	}
}

func TestSetBesideNetHTTP(t *testing.T) {
	w := recorder{}
	http.SetCookie(w, &http.Cookie{Name: "n", Value: "theirs", Path: "/", MaxAge: 60})
	http.SetCookie(w, &http.Cookie{Name: "m", Value: "1"})
	if err := plain.Set(w, "ours"); err != nil {
		t.Fatal(err)
	}
	if want := []string{"m=1", "n=ours; Path=/" + flags}; !slices.Equal(w["Set-Cookie"], want) {
		t.Errorf("Set-Cookie is %q, want %q", w["Set-Cookie"], want)
	}
	http.SetCookie(w, &http.Cookie{Name: "n", Value: "theirs", Path: "/x"})
	const want = `cookie: "n": Scope is (Path "/", Domain "", Partitioned false), but the response already sets (Path "/x", Domain "", Partitioned false); set one of the two and delete the other (rfc6265bis 4.1.1: a response sets a cookie-name once)`
	if err := plain.Set(w, "v"); err == nil || err.Error() != want {
		t.Errorf("Set: %v, want %s", err, want)
	}
}

func TestDeleteAt(t *testing.T) {
	const life = "; Expires=Thu, 01 Jan 1970 00:00:00 GMT; Max-Age=0"
	set, old := "n=v; Path=/"+flags, "n=; Path=/old; Domain=example.com"+life+flags

	w := recorder{}
	if err := errors.Join(plain.DeleteAt(w, "/old", "example.com"), plain.Set(w, "v")); err != nil || !slices.Equal(w["Set-Cookie"], []string{old, set}) {
		t.Errorf("DeleteAt, Set: %q, %v", w["Set-Cookie"], err)
	}
	w = recorder{}
	if err := errors.Join(plain.Set(w, "v"), plain.DeleteAt(w, "/old", "example.com")); err != nil || !slices.Equal(w["Set-Cookie"], []string{set, old}) {
		t.Errorf("Set, DeleteAt: %q, %v", w["Set-Cookie"], err)
	}
	const want = `cookie: "n": Scope is (Path "/", Domain "", Partitioned false), which the response already sets; pass the earlier Path or Domain, or, if only Partitioned changed, Delete the earlier declaration (rfc6265bis 4.1.1: a response sets a cookie-name once)`
	if err := plain.DeleteAt(w, "", ""); err == nil || err.Error() != want || !slices.Equal(w["Set-Cookie"], []string{set, old}) {
		t.Errorf("DeleteAt of the scope that was set: %q, %v, want %s", w["Set-Cookie"], err, want)
	}

	w = recorder{}
	if err := plain.DeleteAt(w, "old", "com"); err == nil || len(w) != 0 {
		t.Errorf("DeleteAt of no scope: %v, %q", err, w)
	}
	if err := cookie.Must(cookie.New("__Host-n", cookie.Attributes{})).DeleteAt(w, "/old", ""); err == nil || len(w) != 0 {
		t.Errorf("DeleteAt where no __Host- cookie can be: %v, %q", err, w)
	}
}
