package cookie_test

import (
	"net/http"
	"slices"
	"testing"
	"time"

	"github.com/crumb-go/crumb/shared/cookie"
)

// TestPolicy pins the choices in the package comment about building lines.
func TestPolicy(t *testing.T) {
	number := func(f float64) *float64 { return &f }
	tests := []struct {
		rule, name string
		d          declaration
		want       string // the line; "" for refused
	}{
		{"name", "separator", declaration{Name: "a{b"}, ""},
		{"value", "comma", declaration{Value: "a,b"}, ""},
		{"value", "space", declaration{Value: "a b"}, ""},
		{"value", "quote-inside", declaration{Value: `a"b`}, ""},
		{"value", "backslash", declaration{Value: `a\b`}, ""},
		{"value", "utf8", declaration{Value: "é"}, ""},
		{"value", "quoted", declaration{Value: `"a"`}, `n="a"; Path=/; SameSite=Lax`},
		{"path", "relative", declaration{Path: "x"}, ""},
		{"path", "utf8", declaration{Path: "/é"}, ""},
		{"path", "space-at-end", declaration{Path: "/x "}, ""},
		{"path", "space-inside", declaration{Path: "/x y"}, "n=; Path=/x y; SameSite=Lax"},
		{"path", "empty", declaration{}, "n=; Path=/; SameSite=Lax"},
		{"domain", "leading-dot", declaration{Domain: ".example.com"}, ""},
		{"domain", "trailing-dot", declaration{Domain: "example.com."}, ""},
		{"domain", "public-suffix", declaration{Domain: "co.uk"}, ""},
		{"domain", "private-suffix", declaration{Domain: "github.io"}, ""},
		{"domain", "single-label", declaration{Domain: "localhost"}, ""},
		{"domain", "ip", declaration{Domain: "127.0.0.1"}, ""},
		{"domain", "underscore", declaration{Domain: "a_b.com"}, ""},
		{"max-age", "negative", declaration{MaxAge: number(-1)}, "n=; Path=/; Expires=Thu, 01 Jan 1970 00:00:00 GMT; Max-Age=0; SameSite=Lax"},
		{"max-age", "over-400-days", declaration{MaxAge: number(34560001)}, ""},
		{"max-age", "over-everything", declaration{MaxAge: number(1e300)}, ""},
		{"expires", "fraction", declaration{Expires: "2030-01-02T03:04:05.999Z"}, "n=; Path=/; Expires=Wed, 02 Jan 2030 03:04:05 GMT; SameSite=Lax"},
		{"expires", "far-away", declaration{Expires: "9999-12-31T23:59:59Z"}, "n=; Path=/; Expires=Fri, 31 Dec 9999 23:59:59 GMT; SameSite=Lax"},
		{"expires", "year-1600", declaration{Expires: "1600-12-31T23:59:59Z"}, ""},
		{"expires", "year-10000", declaration{Expires: "10000-01-01T00:00:00Z"}, ""},
		{"attributes", "unknown-same-site", declaration{SameSite: "Default"}, ""},
		{"prefix", "http", declaration{Name: "__http-n", Secure: true}, ""},
		{"size", "path", declaration{Path: "/{{p*1024}}"}, ""},
	}
	pinned := map[string]bool{}
	for _, tt := range tests {
		pinned[tt.rule] = true
		t.Run(tt.rule+"-"+tt.name, func(t *testing.T) {
			tt.d.Path = expand(tt.d.Path)
			if tt.d.Name == "" {
				tt.d.Name = "n"
			}
			if got, err := tt.d.build(); got != tt.want || (err == nil) != (tt.want != "") {
				t.Errorf("line = %q, %v, want %q", got, err, tt.want)
			}
		})
	}
	for rule := range policy {
		if !pinned[rule] {
			t.Errorf("no row pins the policy of rule %q", rule)
		}
	}
}

// TestImpossible tests the reasons in the table impossible.
func TestImpossible(t *testing.T) {
	w := recorder{}
	c := cookie.Must(cookie.New("__Host-n", cookie.Attributes{MaxAge: time.Hour}))
	for _, v := range []string{"1", "2", "3"} {
		if err := c.Until(time.Unix(1e9, 0)).Set(w, v); err != nil {
			t.Fatal(err)
		}
	}
	want := []string{"__Host-n=3; Path=/; Expires=Sun, 09 Sep 2001 01:46:40 GMT; Secure; HttpOnly; SameSite=Lax"}
	if got := http.Header(w)["Set-Cookie"]; !slices.Equal(got, want) {
		t.Errorf("no-path, response, lifetimes: %q, want %q", got, want)
	}
}
