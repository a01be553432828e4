package cookie_test

import (
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/crumb-go/crumb/shared/cookie"
	"github.com/crumb-go/crumb/shared/cookie/useragent"
)

// TestScopes makes calls on one response, for one name in several scopes.
func TestScopes(t *testing.T) {
	type call func(http.ResponseWriter) error
	declared := func(a cookie.Attributes) *cookie.Cookie { return cookie.Must(cookie.New("n", a)) }
	set := func(c *cookie.Cookie) call { return func(w http.ResponseWriter) error { return c.Set(w, "v") } }
	del := func(c *cookie.Cookie) call { return func(w http.ResponseWriter) error { return c.Delete(w) } }
	delAt := func(c *cookie.Cookie, path, domain string) call {
		return func(w http.ResponseWriter) error { return c.DeleteAt(w, path, domain) }
	}
	written := func(line string) call {
		return func(w http.ResponseWriter) error { w.Header().Add("Set-Cookie", line); return nil }
	}
	root, shop, domain, partitioned := plain, declared(cookie.Attributes{Path: "/shop"}),
		declared(cookie.Attributes{Domain: "example.com"}), declared(cookie.Attributes{Partitioned: true})
	past := root.Until(time.Unix(0, 0))

	// Each line of want is its value, if any, and its scope.
	tests := []struct {
		name  string
		calls []call
		want  []string
		fails bool // the last call, with ErrScope
	}{
		{"set-then-delete-of-partitioned", []call{set(partitioned), del(root)}, []string{"v / partitioned", "/"}, false},
		{"delete-then-set-of-partitioned", []call{del(root), set(partitioned)}, []string{"/", "v / partitioned"}, false},
		{"set-then-delete-of-unpartitioned", []call{set(root), del(partitioned)}, []string{"v /", "/ partitioned"}, false},
		{"set-then-delete-of-path", []call{set(root), del(shop)}, []string{"v /", "/shop"}, false},
		{"set-then-delete-of-domain", []call{set(root), del(domain)}, []string{"v /", "/ example.com"}, false},
		{"set-then-all-deletes", []call{set(root), del(shop), del(domain), del(partitioned)}, []string{"v /", "/shop", "/ example.com", "/ partitioned"}, false},
		{"two-deletes-of-two-scopes", []call{del(root), del(shop)}, []string{"/", "/shop"}, false},
		{"two-deletes-of-one-scope", []call{del(root), del(root)}, []string{"/"}, false},
		{"delete-then-delete-at", []call{del(root), delAt(root, "/shop", "")}, []string{"/", "/shop"}, false},
		{"set-then-delete", []call{set(root), del(root)}, []string{"/"}, false},
		{"delete-then-set", []call{del(root), set(root)}, []string{"v /"}, false},
		{"delete-beside-what-net-http-sets", []call{written("n=x; Path=/shop"), del(root)}, []string{"x /shop", "/"}, false},
		{"delete-beside-a-line-without-path", []call{written("n=x"), del(root)}, []string{"x", "/"}, false},
		{"set-in-two-scopes", []call{set(shop), set(root)}, []string{"v /shop"}, true},
		{"set-in-two-partitions", []call{set(root), set(partitioned)}, []string{"v /"}, true},
		{"set-in-two-scopes-and-undone", []call{set(shop), del(shop), set(root)}, []string{"/shop", "v /"}, false},
		{"set-until-the-past-beside-set", []call{set(shop), set(past)}, []string{"v /shop", "v /"}, false},
		{"set-beside-set-until-the-past", []call{set(past), set(shop)}, []string{"v /", "v /shop"}, false},

		{"delete-at-own-scope", []call{delAt(root, "", "")}, []string{"/"}, false},
		{"delete-at-own-scope-after-set", []call{set(root), delAt(root, "/", "")}, []string{"v /"}, true},
		{"delete-at-own-partition-after-set", []call{set(partitioned), delAt(partitioned, "/", "")}, []string{"v / partitioned"}, true},
		{"delete-at-own-domain-after-set", []call{set(domain), delAt(domain, "/", "EXAMPLE.com")}, []string{"v / example.com"}, true},
		{"delete-at-own-scope-after-net-http", []call{written("n=x; PATH=/"), delAt(root, "", "")}, []string{"x /"}, true},
		{"delete-at-own-scope-before-set", []call{delAt(root, "", ""), set(root)}, []string{"v /"}, false},
		{"delete-at-own-scope-after-delete", []call{del(root), delAt(root, "", "")}, []string{"/"}, false},
		{"delete-at-where-another-declaration-sets", []call{set(shop), delAt(root, "/shop", "")}, []string{"v /shop"}, true},
		{"delete-at-beside-set-of-partitioned", []call{set(partitioned), delAt(root, "/", "")}, []string{"v / partitioned", "/"}, false},
		{"delete-at-after-another-name", []call{written("m=x; Path=/"), delAt(root, "", "")}, []string{"x /", "/"}, false},

		{"deleted-by-negative-max-age", []call{written("n=; Max-Age=-1"), set(root)}, []string{"", "v /"}, false},
		{"deleted-by-zeros", []call{written("n=; Max-Age=00"), set(root)}, []string{"", "v /"}, false},
		{"deleted-by-a-huge-negative-max-age", []call{written("n=; Max-Age=-99999999999999999999"), set(root)}, []string{"", "v /"}, false},
		{"deleted-by-expires", []call{written("n=; Expires=Thu, 01 Jan 1970 00:00:00 GMT"), set(root)}, []string{"", "v /"}, false},
		{"deleted-by-expires-not-by-broken-max-age", []call{written("n=; Max-Age=+5; Expires=Thu, 01 Jan 1970 00:00:00 GMT"), set(root)}, []string{"", "v /"}, false},
		{"deleted-by-expires-not-by-max-age-of-a-letter", []call{written("n=; Max-Age=a; Expires=Thu, 01 Jan 1970 00:00:00 GMT"), set(root)}, []string{"", "v /"}, false},
		{"deleted-by-max-age-of-1024-bytes", []call{written("n=; Max-Age=" + strings.Repeat("0", 1024)), set(root)}, []string{"", "v /"}, false},
		{"kept-by-max-age-of-1025-bytes", []call{written("n=x; Max-Age=" + strings.Repeat("0", 1025)), set(root)}, []string{"x"}, true},
		{"kept-for-a-second", []call{written("n=x; Max-Age=1"), set(root)}, []string{"x"}, true},
		{"kept-by-max-age", []call{written("n=x; Max-Age=5; Expires=Thu, 01 Jan 1970 00:00:00 GMT"), set(root)}, []string{"x"}, true},
		{"kept-by-the-last-max-age", []call{written("n=x; Max-Age=0; Max-Age=5; Max-Age="), set(root)}, []string{"x"}, true},
		{"kept-by-a-huge-max-age", []call{written("n=x; Max-Age=99999999999999999999"), set(root)}, []string{"x"}, true},
		{"kept-by-expires", []call{written("n=x; Expires=Fri, 31 Dec 9999 23:59:59 GMT"), set(root)}, []string{"x"}, true},
		{"kept-by-expires-that-is-no-date", []call{written("n=x; Expires=0"), set(root)}, []string{"x"}, true},
		{"kept-by-a-broken-max-age", []call{written("n=x; Max-Age=-"), set(root)}, []string{"x"}, true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			w := recorder{}
			var err error
			for i, call := range tt.calls {
				if err = call(w); err != nil && i < len(tt.calls)-1 {
					t.Fatalf("call %d: %v", i, err)
				}
			}
			if errors.Is(err, cookie.ErrScope) != tt.fails || (err != nil) != tt.fails {
				t.Errorf("last call: %v, want an error: %v", err, tt.fails)
			}
			var got []string
			for _, line := range w["Set-Cookie"] {
				c, err := http.ParseSetCookie(line)
				if err != nil {
					t.Fatal(err)
				}
				parts := []string{c.Value, c.Path, c.Domain, ""}
				if c.Partitioned {
					parts[3] = "partitioned"
				}
				got = append(got, strings.Join(slices.DeleteFunc(parts, func(s string) bool { return s == "" }), " "))
			}
			if !slices.Equal(got, tt.want) {
				t.Errorf("%q sets %q, want %q", w["Set-Cookie"], got, tt.want)
			}
		})
	}
}

// TestMoves applies both lines of a move, in either order: the old cookie is deleted, the new
// one stays.
func TestMoves(t *testing.T) {
	scopes := map[string]cookie.Attributes{
		"root": {}, "path": {Path: "/shop"}, "domain": {Domain: "example.com"}, "partitioned": {Partitioned: true},
		"partitioned-domain": {Partitioned: true, Domain: "example.com"},
	}
	page := useragent.Request{URL: &url.URL{Scheme: "https", Host: "www.example.com", Path: "/shop/list"}}
	for from, a := range scopes {
		for to, b := range scopes {
			if from == to {
				continue
			}
			t.Run(from+"-to-"+to, func(t *testing.T) {
				old, moved := cookie.Must(cookie.New("n", a)), cookie.Must(cookie.New("n", b))
				set := func(w http.ResponseWriter) error { return moved.Set(w, "new") }
				for _, calls := range [][]func(http.ResponseWriter) error{{set, old.Delete}, {old.Delete, set}} {
					var jar useragent.Jar
					line, _ := old.Line("old")
					jar.Set(page, line)
					w := recorder{}
					if err := errors.Join(calls[0](w), calls[1](w)); err != nil {
						t.Fatal(err)
					}
					for _, line := range w["Set-Cookie"] {
						jar.Set(page, line)
					}
					if got := jar.Header(page); got != "n=new" {
						t.Errorf("%q: the browser has %q, want n=new", w["Set-Cookie"], got)
					}
				}
			})
		}
	}
}
