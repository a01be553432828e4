package sam

import (
	"testing"

	"github.com/crumb-go/crumb/e2e/compare"
)

// script covers all routes: the lesson's round trip, then what is easy to get
// wrong between a socket and an event. SAM's function opens what crumb's has
// sealed.
func script(t *testing.T, crumb string) []compare.Request {
	const form = "Content-Type: application/x-www-form-urlencoded"
	visits := compare.Request{Name: "visits", Method: "GET", Target: "/visits", Fields: []string{
		"status", "body", "content-type", "cache-control", "cookies", "cookie visits Path", "cookie visits Max-Age", "cookie visits Expires",
		"cookie visits Secure", "cookie visits HttpOnly", "cookie visits SameSite",
	}}
	again := visits
	again.Name, again.Header = "visits-again", []string{"Cookie: visits=" + compare.Send(t, crumb, visits)["cookie visits"]}
	return []compare.Request{
		{Name: "guest", Method: "GET", Target: "/"},
		{Name: "set", Method: "GET", Target: "/setcookie"},
		{Name: "welcome", Method: "GET", Target: "/", Header: []string{"Cookie: username=Cobby"}},
		{Name: "found", Method: "GET", Target: "/getcookie", Header: []string{"Cookie: username=Cobby"}},
		{Name: "delete", Method: "GET", Target: "/deletecookie", Header: []string{"Cookie: username=Cobby"}},
		{Name: "none", Method: "GET", Target: "/getcookie"},

		{Name: "head-index", Method: "HEAD", Target: "/"},
		{Name: "head-setcookie", Method: "HEAD", Target: "/setcookie"},
		{Name: "options", Method: "OPTIONS", Target: "/setcookie"},
		{Name: "put", Method: "PUT", Target: "/deletecookie"},

		{Name: "form", Method: "POST", Target: "/setcookie", Header: []string{form}, Body: "username=Zo%C3%AB+%3Cb%3E%3B+%F0%9F%8D%AA"},
		{Name: "form-read-back", Method: "GET", Target: "/getcookie", Header: []string{"Cookie: username=Zo%C3%AB%20<b>%3B%20%F0%9F%8D%AA"}},
		{Name: "form-missing", Method: "POST", Target: "/setcookie", Header: []string{form}, Body: "name=a"},
		{Name: "form-cross-site", Method: "POST", Target: "/setcookie", Header: []string{form, "Sec-Fetch-Site: cross-site"}, Body: "username=a"},
		{Name: "json", Method: "POST", Target: "/setcookie", Header: []string{"Content-Type: application/json"}, Body: `{"username":"a"}`},

		{Name: "escaped", Method: "GET", Target: "/getcookie", Header: []string{"Cookie: username=a%20b%3Bc%2541"}},
		{Name: "escape-broken", Method: "GET", Target: "/getcookie", Header: []string{"Cookie: username=100%"}},
		{Name: "markup", Method: "GET", Target: "/", Header: []string{`Cookie: username=<script>alert(1)</script>`}},
		{Name: "quoted", Method: "GET", Target: "/getcookie", Header: []string{`Cookie: username="Cobby"`}},
		{Name: "quoted-backslash", Method: "GET", Target: "/getcookie", Header: []string{`Cookie: username="a\054b"`}},
		{Name: "quotes-doubled", Method: "GET", Target: "/getcookie", Header: []string{`Cookie: username=""Cobby""`}},
		{Name: "json-value", Method: "GET", Target: "/getcookie", Header: []string{`Cookie: username={"a":[1,2]}`}},
		{Name: "equals", Method: "GET", Target: "/getcookie", Header: []string{"Cookie: username=a=b=="}},
		{Name: "comma", Method: "GET", Target: "/getcookie", Header: []string{"Cookie: a=1, b=2; username=c,d"}},
		{Name: "duplicates", Method: "GET", Target: "/getcookie", Header: []string{"Cookie: username=a; username=b"}},
		{Name: "two-lines", Method: "GET", Target: "/getcookie", Header: []string{"Cookie: a=1", "Cookie: username=Cobby"}},
		{Name: "utf8", Method: "GET", Target: "/getcookie", Header: []string{"Cookie: username=\xC3\xA9"}},
		{Name: "query", Method: "GET", Target: "/getcookie?a=1&a=2&b=%20+&c", Header: []string{"Cookie: username=Cobby"}},

		visits,
		again,

		{Name: "unknown-path", Method: "GET", Target: "/nope"},
		{Name: "slash-at-the-end", Method: "GET", Target: "/getcookie/"},
	}
}

func two(*testing.T, string) []compare.Request {
	return []compare.Request{
		{Name: "get", Method: "GET", Target: "/two"},
		{Name: "head", Method: "HEAD", Target: "/two"},
	}
}
