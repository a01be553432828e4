package useragent

import (
	"strings"
	"testing"
	"time"
)

// TestTexts has the texts of reasons that add something to their rule.
func TestTexts(t *testing.T) {
	const page = "https://app.example.com/a/b"
	x := strings.Repeat("x", 80)
	tests := []struct{ name, origin, line, want string }{
		{"origin", "file:///a", "a=1", "Origin is not a URL with a host and the scheme http or https"},
		{"ctl-first", page, "\x01a=1", "Line has a control byte at offset 0 (length 4)"},
		{"empty", page, "=", "Name is empty, and so is the value"},
		{"tab", page, "a=1\t2", "Value or name has a tab inside"},
		{"nameless", page, "a", "Name is absent: Chromium sends back only the value, which servers cannot find by name"},
		{"nameless-equals", page, "=a=b", "Name is absent, and the value has an equals sign"},
		{"nameless-prefix", page, "=__Host-a", "Name is absent, and the value begins like a name with a prefix"},
		{"trimmed", page, "a= 1", "Value loses its leading and trailing spaces and tabs"},
		{"value-not-utf8", page, "a=\xff", "Value has a byte over 0x7F at offset 0 (length 1): Chromium keeps it, Firefox replaces it, some servers do not read it"},
		{"ctl", page, "a=1\x01", "Line has a control byte at offset 3 (length 4)"},
		{"too-long", page, "a=" + strings.Repeat("x", 4096), "Value and name total 4097 bytes"},
		{"name-token", page, "a{b=1", "Name has a separator at offset 1: browsers keep the cookie, Go's net/http does not read it"},
		{"name-token-first", page, "{a=1", "Name has a separator at offset 0: browsers keep the cookie, Go's net/http does not read it"},
		{"value-octets", page, "a=1 2", "Value has a space at offset 1 (length 3): browsers keep it, some servers do not read it"},
		{"value-octets-first", page, "a=,1", "Value has a comma at offset 0 (length 2): browsers keep it, some servers do not read it"},
		{"value-octets-alone", page, `a="`, "Value has a double quote at offset 0 (length 1): browsers keep it, some servers do not read it"},
		{"value-octets-in-quotes", page, `a="1 2"`, "Value has a space at offset 2 (length 5): browsers keep it, some servers do not read it"},
		{"value-octets-first-in-quotes", page, `a=" 2"`, "Value has a space at offset 1 (length 4): browsers keep it, some servers do not read it"},
		{"tab-in-attribute", page, "a=1; Path=/\tx", "Path has a tab inside"},
		{"tab-in-unknown", page, "a=1; x\ty", "Attribute has a tab inside"},
		{"folded", page, "a=1; Path=/,b=2", "Path is followed by a comma and what looks like another cookie, which browsers do not see"},
		{"folded-behind-a-flag", page, "a=1; Secure, b=2", "Attribute is followed by a comma and what looks like another cookie, which browsers do not see"},
		{"folded-at-once", page, "a=1; ,b=2", "Attribute is followed by a comma and what looks like another cookie, which browsers do not see"},
		{"attribute-too-long", page, "a=1; Path=/" + strings.Repeat("x", 1024), "Path has 1025 bytes and is ignored"},
		{"attribute-repeated", page, "a=1; Path=/a; path=/", "Path appears more than once, with different values"},
		{"attribute-meant", page, "a=1; max_age=5", "Attribute 1 is unknown and ignored; did you mean Max-Age?"},
		{"attribute-meant-second", page, "a=1; Secure; htponly", "Attribute 2 is unknown and ignored; did you mean HttpOnly?"},
		{"attribute-with-colon", page, "a=1; Path=/; Max-Age: 3600", "Attribute 2 is unknown and ignored; did you mean Max-Age=, with an equals sign?"},
		{"flag-with-colon", page, "a=1; HttpOnly: true", "Attribute 1 is unknown and ignored; did you mean HttpOnly?"},
		{"swallowed", page, "a=1, Path=/, Secure, HttpOnly", "Value swallows what looks like Path, Secure and HttpOnly: attributes are divided by semicolons"},
		{"swallowed-alone", page, "a=1 Partitioned", "Value swallows what looks like Partitioned: attributes are divided by semicolons"},
		{"swallowed-by-a-flag", page, "a=1; Secure httponly", "Attribute 1 is unknown and ignored: what looks like Secure and HttpOnly needs semicolons between"},
		{"zone", page, "a=1; Expires=Tue, 05 Jan 2027 10:00:00 +0200", `Expires has "+0200" after the time, which only Firefox reads: others take the time for GMT`},
		{"attribute-not-near", page, "a=1; Secure; SecureX1", "Attribute 2, of 8 bytes, is unknown and ignored; is it part of the value, after a semicolon?"},
		{"attribute-with-value", page, "a=1;b=c", "Attribute 1, of 2 bytes, is unknown and ignored; is it part of the value, after a semicolon?"},
		{"attribute-of-one-byte", page, "a=1;b", "Attribute 1, of 1 byte, is unknown and ignored; is it part of the value, after a semicolon?"},
		{"flag-value-of-httponly", page, "a=1; HttpOnly=0", "HttpOnly is on, whatever its value"},
		{"flag-value", page, "a=1; Partitioned=no; Secure", "Partitioned is on, whatever its value"},
		{"max-age-invalid", page, "a=1; Max-Age=1.5", `Max-Age is "1.5", not a whole number of seconds, and is ignored`},
		{"expires-invalid", page, "a=1; Expires=soon", `Expires is "soon", not a date, and is ignored`},
		{"shown-80", page, "a=1; Expires=" + x, `Expires is "` + x + `", not a date, and is ignored`},
		{"shown-81", page, "a=1; Expires=" + x + "x", `Expires is "` + x + `…", not a date, and is ignored`},
		{"expires-javascript", page, "a=1; Expires=Tue Jan 05 2027 10:00:00 GMT-0800",
			"Expires is in the form of JavaScript's Date.toString, which Safari does not read: it keeps the cookie until it closes; toUTCString writes the right form"},
		{"lifetime-capped", page, "a=1; Expires=Fri, 31 Dec 9999 23:59:59 GMT", "Expires is over 400 days away and is cut to that"},
		{"expired-max-age", page, "a=1; Max-Age=0; Expires=Fri, 31 Dec 9999 23:59:59 GMT", "Max-Age is not above zero: the cookie is deleted, not kept"},
		{"expired", page, "a=1; Expires=1 Jan 1970 0:0:0", "Expires is in the past, Thu, 01 Jan 1970 00:00:00 GMT: the cookie is deleted, not kept"},
		{"domain-dot", page, "a=1; Domain=.", `Domain "." has no name`},
		{"domain-of-two-dots", "http://foo.com../", "a=1; Domain=foo.com..", `Domain "foo.com.." ends with two dots`},
		{"domain-suffix", page, "a=1; Domain=com", `Domain "com" is a public suffix: anyone can register names under it`},
		{"domain-above-suffix", "https://abc.execute-api.eu-west-1.amazonaws.com/", "a=1; Domain=amazonaws.com",
			`Domain "amazonaws.com" is above a public suffix that the host "abc.execute-api.eu-west-1.amazonaws.com" is under`},
		{"domain-non-ascii", page, "a=1; Domain=é.com", `Domain "é.com" is not in ASCII; write an IDN in its xn-- form`},
		{"domain-port", page, "a=1; Domain=example.com:443", `Domain "example.com:443" is neither the host "app.example.com" nor a parent of it; it may only have letters, digits, hyphens and dots (write an IDN in its xn-- form)`},
		{"domain-address", page, "a=1; Domain=10.0.0.1", `Domain "10.0.0.1" is neither the host "app.example.com" nor a parent of it; it is an IP address (a cookie cannot span addresses)`},
		{"path-invalid", page, "a=1; Path=x", `Path "x" does not start with a slash; the browser uses "/a" from the URL`},
		{"path-absent", page, "a=1", `Path is absent; the browser uses "/a" from the URL, so other paths do not get the cookie`},
		{"path-non-ascii", page, "a=1; Path=é", `Path "é" is not in ASCII: requests write it percent-encoded, so it matches none, and Safari ignores the line`},
		{"path-first-beyond-ascii", page, "a=1; Path=/\x80", `Path "/\x80" is not in ASCII: requests write it percent-encoded, so it matches none, and Safari ignores the line`},
		{"partitioned-samesite", page, "a=1; Secure; Partitioned", "Partitioned is for pages that other sites embed, which do not get the cookie without SameSite=None"},
		{"path-elsewhere", page, "a=1; Path=/x", `Path "/x" is not above "/a/b": this URL does not get the cookie back`},
		{"samesite-unknown", page, "a=1; SameSite=no", `SameSite is "no"; the browser uses the default, Lax`},
		{"secure-from-insecure", "http://app.example.com/", "a=1; Secure", `Secure is set over plain http by "app.example.com", which is not this machine`},
		{"secure-from-insecure-websocket", "ws://app.example.com/", "a=1; Secure", `Secure is set over plain ws by "app.example.com", which is not this machine`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			v := Explain(tt.line, mustURL(t, tt.origin), now)
			var got []string
			for _, r := range v.Reasons {
				if text := r.Field + " " + r.Text; text != tt.want {
					got = append(got, text)
				}
			}
			if len(got) == len(v.Reasons) {
				t.Errorf("%q\nwant %q", got, tt.want)
			}
		})
	}
}

// TestTextsOfEngines has the reasons that not every engine has, each with all others.
func TestTextsOfEngines(t *testing.T) {
	app, other := mustURL(t, "https://app.example/"), mustURL(t, "https://other.example/")
	page, script := Request{URL: app}, Request{URL: app, Script: true}
	frame := Request{URL: app, Initiator: other, Subresource: true}
	const long = "is in the form of JavaScript's Date.toString, which Safari does not read: it keeps the cookie until it closes; toUTCString writes the right form"
	tests := []struct {
		name, line string
		engine     Engine
		from       Request
		want       string
	}{
		{"name-of-firefox", "a", Firefox, page, "nameless: Name is all there is: the line has no equals sign, and comes back with one at its end"},
		{"nameless", "=a", Safari, page, "nameless: Name is absent"},
		{"not-utf8", "a=\xffb c", Firefox, page, "value-octets: Value (length 4) has bytes that are not UTF-8, which come back as U+FFFD"},
		{"path-bytes", "a=1; Path=/é", Safari, page, `path-non-ascii: Path "/é" is not in ASCII`},
		{"javascript-date", "a=1; Expires=Tue Jan 05 2027 10:00:00 GMT+0100", Safari, page, `expires-invalid: Expires is "Tue Jan 05 2027 10:00:00 GMT+0100", not a date, and is ignored`},
		{"javascript-date-in-the-west", "a=1; Expires=Tue Jan 05 2027 10:00:00 GMT-0800", Safari, page, `expires-invalid: Expires is "Tue Jan 05 2027 10:00:00 GMT-0800", not a date, and is ignored`},
		{"usual-date", "a=1; Expires=Tue, 05 Jan 2027 10:00:00 GMT", Safari, page, ""},
		{"javascript-date-elsewhere", "a=1; Expires=Tue Jan 05 2027 10:00:00 GMT+0100", Firefox, page, "expires-javascript: Expires " + long},
		{"localhost", "a=1; Secure", Safari, at(t, "http://localhost:3000/"), `secure-from-insecure: Secure is set over plain http by "localhost", which Safari does not take for https`},
		{"http", "a=1; Secure", Safari, at(t, "http://app.example/"), `secure-from-insecure: Secure is set over plain http by "app.example", which is not this machine`},
		{"third-party", "a=1; Secure; SameSite=None", Safari, frame, `third-party: Cookie is set inside a page of "other.example"`},
		{"cross-site", "a=1; SameSite=Lax", Chromium, frame, "samesite-cross-site: SameSite is not None, and another site made the request"},
		{"script", "a=1; HttpOnly", "", script, "httponly-from-script: HttpOnly is set by a script"},
		{"prefix-and-none", "__Host-a=1; Path=/; SameSite=None", Safari, page, "prefix-host: Secure must be set, as the prefix __Host- requires"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var got []string
			for _, r := range explain(tt.line, tt.from, now, tt.engine).Reasons {
				got = append(got, r.ID+": "+r.Field+" "+r.Text)
			}
			if got := strings.Join(got, "\n"); got != tt.want {
				t.Errorf("%s\nwant %s", got, tt.want)
			}
		})
	}
}

// TestLimits: attributes are read up to 1,024 bytes.
func TestLimits(t *testing.T) {
	path := "/" + strings.Repeat("x", 1023)
	v := Explain("a=1; Path="+path, mustURL(t, "https://app.example"+path), now)
	if v.Cookie.Path != path || len(v.Reasons) > 0 {
		t.Errorf("of 1,024 bytes: %v", v)
	}
	v = Explain("a=1; Path="+path+"x; Max-Age="+strings.Repeat("0", 1023)+"9", mustURL(t, "https://app.example/"), now)
	if v.Cookie.Path != "/" || !v.Cookie.Expires.Equal(now.Add(9*time.Second)) {
		t.Errorf("Path of 1,025 bytes, Max-Age of 1,024: %v", v)
	}
	v = Explain("a=1; Max-Age="+strings.Repeat("0", 1024)+"9; Expires="+strings.Repeat(" x", 600), mustURL(t, "https://app.example/"), now)
	if !v.Cookie.Expires.IsZero() || v.Has("max-age-invalid") || v.Has("expires-invalid") || !v.Has("attribute-too-long") {
		t.Errorf("Max-Age and Expires over 1,024 bytes: %v", v)
	}
}

func TestFolded(t *testing.T) {
	for in, want := range map[string]int{
		"": -1, ",": -1, "a=b": -1, "a,b": -1, "a,b=": 1, "ab, c=d": 2, ",b=c": 0, "a, =b": -1, "a,=b": -1, "a, b c=d": -1,
		"Wed, 09 Jun 2027": -1, "a,b,c=d": 3, "a,b=c,d=e": 1,
	} {
		if got := folded(in); got != want {
			t.Errorf("folded(%q) = %d, want %d", in, got, want)
		}
	}
}

func TestSpan(t *testing.T) {
	const day = 24 * time.Hour
	for d, want := range map[time.Duration]string{
		0: "0 seconds", time.Second: "1 seconds", 1500 * time.Millisecond: "2 seconds", 2*time.Minute - 1: "120 seconds",
		2 * time.Minute: "2 minutes", 150 * time.Second: "3 minutes", 2*time.Hour - 1: "120 minutes",
		2 * time.Hour: "2 hours", 150 * time.Minute: "3 hours", 2*day - 1: "48 hours",
		2 * day: "2 days", 60 * time.Hour: "3 days", 59 * time.Hour: "2 days", 400 * day: "400 days",
	} {
		if got := span(d); got != want {
			t.Errorf("span(%v) = %q, want %q", d, got, want)
		}
	}
}

// TestSites has what counts as one site (rfc6265bis 5.2).
func TestSites(t *testing.T) {
	for host, want := range map[string]string{
		"www.example.com": "example.com", "example.com": "example.com", "com": "com", "www.example.co.uk": "example.co.uk",
		"www.example.com.": "example.com.", "com.": "com.", "localhost": "localhost", "app.localhost": "app.localhost",
		"127.0.0.1": "127.0.0.1", "10.9.0.1": "10.9.0.1", "[::1]": "[::1]", "[2001:db8::1]": "[2001:db8::1]", "[::ffff:10.0.0.1]": "[::ffff:10.0.0.1]", "a.github.io": "a.github.io",
	} {
		if got := registrable(host); got != want {
			t.Errorf("registrable(%q) = %q, want %q", host, got, want)
		}
	}
	for origin, want := range map[string]string{
		"https://www.example.com:8443/": "https://example.com", "wss://www.example.com/": "https://example.com",
		"http://www.example.com/": "http://example.com", "ws://www.example.com/": "http://example.com", "http://[::1]:3000/": "http://[::1]",
	} {
		if got := siteOf(mustURL(t, origin)); got != want {
			t.Errorf("siteOf(%q) = %q, want %q", origin, got, want)
		}
	}
}

func TestIdentifier(t *testing.T) {
	const alnum = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
	for c := range 256 {
		octet, want := string([]byte{byte(c)}), "AB"
		if strings.Contains(alnum, octet) {
			want = "A" + octet + "b"
		}
		if got := identifier("a" + octet + "b"); got != want {
			t.Errorf("identifier(%q) = %q, want %q", "a"+octet+"b", got, want)
		}
	}
	for name, want := range map[string]string{
		"sid": "Sid", "user_name": "UserName", "__Host-sid": "Sid", "__host-http-a.b": "AB", "__Secure-x": "X", "1st": "Cookie1st", "0a": "Cookie0a", "9a": "Cookie9a", "~": "Cookie", "ID": "ID",
	} {
		if got := identifier(name); got != want {
			t.Errorf("identifier(%q) = %q, want %q", name, got, want)
		}
	}
}
