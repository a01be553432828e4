package demo_test

import (
	"crypto/sha256"
	"crypto/tls"
	"encoding/base64"
	"maps"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/crumb-go/crumb/functions/internal/demo"
)

// secured are the headers of every response.
var secured = map[string]string{
	"Content-Security-Policy": "default-src 'none'; style-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
	"X-Content-Type-Options":  "nosniff",
	"Referrer-Policy":         "same-origin",
}

// serve sends a request to a route with GET and POST.
func serve(r *http.Request) http.Header {
	w := httptest.NewRecorder()
	get := func(w http.ResponseWriter, _ *http.Request) { demo.WritePage(w, http.StatusOK, "Hello!") }
	post := func(w http.ResponseWriter, r *http.Request) { demo.SeeOther(w, r, "me") }
	demo.SameOrigin(demo.Methods{"GET": get, "POST": post}, "").ServeHTTP(w, r)
	return w.Header()
}

func TestHeaders(t *testing.T) {
	crossSite := httptest.NewRequest("POST", "https://app.example/", nil)
	crossSite.Header.Set("Sec-Fetch-Site", "cross-site")
	for name, r := range map[string]*http.Request{
		"get":        httptest.NewRequest("GET", "https://app.example/", nil),
		"head":       httptest.NewRequest("HEAD", "https://app.example/", nil),
		"options":    httptest.NewRequest("OPTIONS", "https://app.example/", nil),
		"redirect":   httptest.NewRequest("POST", "https://app.example/", nil),
		"no-method":  httptest.NewRequest("PUT", "https://app.example/", nil),
		"cross-site": crossSite,
	} {
		t.Run(name, func(t *testing.T) {
			want := maps.Clone(secured)
			want["Strict-Transport-Security"] = "max-age=31536000"
			got := serve(r)
			for header, value := range want {
				if got.Get(header) != value {
					t.Errorf("%s = %q, want %q", header, got.Get(header), value)
				}
			}
		})
	}
}

// Strict-Transport-Security is sent over https, except for this machine and IP addresses.
func TestStrictTransportSecurity(t *testing.T) {
	for _, tc := range []struct {
		name, host string
		plain      bool // http
		want       bool
	}{
		{name: "name", host: "app.example", want: true},
		{name: "api-gateway", host: "a1b2c3d4e5.execute-api.eu-west-1.amazonaws.com", want: true},
		{name: "port", host: "app.example:8443", want: true},
		{name: "trailing-dot", host: "app.example.", want: true},
		{name: "upper-case", host: "APP.EXAMPLE", want: true},
		{name: "intranet", host: "shop", want: true},
		{name: "digits-first", host: "1.app.example", want: true},
		{name: "idn", host: "xn--bcher-kva.example", want: true},
		{name: "localhost-is-a-label", host: "localhost.example", want: true},
		{name: "localhost-is-an-ending", host: "mylocalhost", want: true},
		{name: "localhost-is-a-beginning", host: "localhostx", want: true},
		{name: "http", host: "app.example", plain: true},
		{name: "localhost", host: "localhost"},
		{name: "localhost-port", host: "localhost:3000"},
		{name: "localhost-trailing-dot", host: "localhost."},
		{name: "localhost-upper-case", host: "LocalHost:3000"},
		{name: "below-localhost", host: "app.localhost"},
		{name: "below-localhost-all", host: "A.crumb.LOCALHOST.:3000"},
		{name: "ipv4-loopback", host: "127.0.0.1"},
		{name: "ipv4-port", host: "127.0.0.1:3000"},
		{name: "ipv4", host: "192.0.2.1"},
		{name: "ipv4-ends-in-zero", host: "10.0.0.0"},
		{name: "ipv4-ends-in-nine", host: "10.0.0.9"},
		{name: "ipv4-trailing-dot", host: "192.0.2.1.:443"},
		{name: "ipv4-short", host: "127.1"},
		{name: "ipv4-number", host: "2130706433"},
		{name: "ipv4-hex", host: "0X7F.1"},
		{name: "ipv4-hex-last", host: "127.0.0.0x1"},
		{name: "ipv6-loopback", host: "[::1]"},
		{name: "ipv6-port", host: "[2001:DB8::A]:443"},
		{name: "ipv6-zone", host: "[fe80::1%25eth0]:443"},
		{name: "ipv6-bare", host: "2001:db8::a"},
		{name: "ipv4-in-ipv6", host: "[::ffff:192.0.2.1]"},
		{name: "empty", host: ""},
		{name: "port-alone", host: ":443"},
		{name: "dot", host: "."},
	} {
		t.Run(tc.name, func(t *testing.T) {
			r := httptest.NewRequest("GET", "/", nil)
			r.Host = tc.host
			if !tc.plain {
				r.TLS = new(tls.ConnectionState)
			}
			if got := serve(r).Get("Strict-Transport-Security"); (got != "") != tc.want {
				t.Errorf("Strict-Transport-Security of %q = %q, want one: %v", tc.host, got, tc.want)
			}
		})
	}
}

// The policy allows the script of a private page, and no other.
func TestWritePrivate(t *testing.T) {
	w := httptest.NewRecorder()
	demo.WritePrivatePage(w, http.StatusOK, "<p>secret</p>")
	script, rest, found := strings.Cut(strings.TrimPrefix(w.Body.String(), "<script>"), "</script>")
	sum := sha256.Sum256([]byte(script))
	want := "script-src 'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'"
	if got := w.Header().Get("Content-Security-Policy"); !found || rest != "<p>secret</p>" || !strings.HasSuffix(got, "; "+want) || !strings.HasPrefix(got, "default-src 'none'; ") {
		t.Errorf("%q with the policy %q, want one with %s", w.Body, got, want)
	}
}
