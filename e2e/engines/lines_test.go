package engines

import (
	"fmt"
	"strings"
	"time"
)

// The places of a line, by letter.
//
//	s  https, in a page of the site       h  http, in a page of the site
//	t  https, in a page of another site   x  https, in a page of the site over http
//	l  http, on a name of this machine     m  https, on a site of its own
//
// Inside another site's page, lines without SameSite also get "SameSite=None; Secure".

// rows has the lines, by the reason that they are made for. Of several responses, each
// follows a "|"; one that begins with "js:" is a script's, with "https:" one over
// https. With "at:" a row ends with the path that the Cookie header is read at.
// {host} is the host, {parent} its parent, {site} its site, and {N} is N letters.
var rows = []struct {
	reason, places string
	lines          []string
}{
	{"", "shtxl", []string{
		"a=1", "a=1; Path=/", "a=", "a=1; Secure", "a=1; SameSite=Lax", "a=1; SameSite=Strict", "a=1; SameSite=None; Secure", "a=1; HttpOnly", "a=1; Path=/; Secure; HttpOnly",
		"a=1; Max-Age=600", "__Host-a=1; Path=/; Secure", "__Secure-a=1; Secure", "__Http-a=1; Secure; HttpOnly", "__Host-Http-a=1; Secure; HttpOnly; Path=/", "a=1; Secure; Partitioned; SameSite=None",
		"a=1|b=2|a=3", "a=1; Path=/|a=2; Path=/a", "a=1; Path=/a|a=2; Path=/", "b=1\na=2\nc=3", "a=1; Path=/|a=2; Path=/; HttpOnly|b=3", "a=1; Expires=Wed, 01 Jan 2098 00:00:00 GMT",
	}},
	{"", "sht", both("a=new; Path=/; ", "Expires={soon}", "Expires={soon} GMT", "Expires={soon} CET", "Expires={soon}; Max-Age=60", "Max-Age=060", "Expires=09 Jun 2098 10:18:14 GMT", "Expires=Monday, 09-Jun-98 10:18:14 GMT; Max-Age=60")},
	{"", "sht", []string{"a=1; Path=/a\t", "a=\"b\"", "a=b=c", "a==", "a=%20", "a=1;Path=/a;", "A=1|a=2", "a=1; Domain={host}", "a=1; Domain=.{host}", "a=1; Domain={parent}", "a=1; Domain=.{parent}", "a=1; Domain=", "a={4095}"}},
	{"", "m", []string{many(150), many(180), many(181), many(200), many(330), many(400)}},
	{"ctl", "sht", control("a=1%s2", "a%sb=1", "a=1; Path=/%s", "a=1; x%s=y")},
	{"empty", "sht", []string{"", "=", " = ", ";", "; Path=/", "=; Path=/", " ; Secure", "\t", "=\t; a=b"}},
	{"too-long", "sht", []string{"a={4096}", "{4097}", "{4097}=", "{4096}=1", "{2048}={2049}", "a={5000}; Path=/", "a={9000}", "{5000}={5000}", "a=é{4094}"}},
	{"tab", "sht", []string{"a=1\t2", "a=\t1\t2\t", "a\tb=1", "a=1; x\ty", "a=1; x=y\tz", "a=1; Secure\t=\tx\ty", "a=1; SameSite=L\tax", "a=1; Max-Age=6\t0", "a=\t\"1\t\"", "a=1; Path=/a\tb", "a=1; Path=/\ta", "a=1; Domain={host}\tx"}},
	{"nameless-prefix", "sht", []string{"=__Host-a", "=__Secure-a", "__Host-a; Secure; Path=/", "__Secure-a; Secure", "=__host-a", "__SECURE-a", "=__Http-a", "=__Host-Http-a", "__Http-a; Secure; HttpOnly"}},
	{"nameless-equals", "sht", []string{"=a=b", "==", "==b", "=a=b; Path=/", " =a=b", "= a = b", "=a==", "=a=b=c"}},
	{"domain-non-ascii", "sht", []string{"a=1; Domain=é.{host}", "a=1; Domain=bücher.example", "a=1; Domain=\xe9", "a=1; Domain=\xff.{parent}", "a=1; Domain={host}é", "a=1; Domain=.é", "a=1; Domain={host}; Domain=é", "a=1; Domain=例え.example"}},
	{"public-suffix", "sht", []string{"a=1; Domain=example", "a=1; Domain=.example", "a=1; Domain=EXAMPLE", "a=1; Path=/; Domain=example", "a=1; Domain={host}; Domain=example", "a=1; Domain=\texample", "a=1; HttpOnly; Domain=example", "a=1; Domain= .Example", "a=1; Domain=/", "a=1; Domain=localhost", "a=1; Domain=..", "a=1; Domain=com"}},
	{"domain-mismatch", "sht", []string{"a=1; Domain=x.{host}", "a=1; Domain=other.example", "a=1; Domain=.", "a=1; Domain=..{parent}", "a=1; Domain={parent}.", "a=1; Domain={host}:443", "a=1; Domain=https://{host}", "a=1; Domain=\"{host}\"",
		"a=1; Domain=*.{parent}", "a=1; Domain=127.0.0.1", "a=1; Domain={host}; Domain=x.{host}", "a=1; Domain={parent},{host}", "a=1; Domain=x{host}", "a=1; Domain={parent} x", "a=1; Domain={parent}/"}},
	{"secure-from-insecure", "h", []string{"a=1; Secure", "a=1; secure", "a=1; SECURE; Path=/", "a=1; Secure=", "a=1; Secure=false", "a=1; Secure; Secure", "a=1; Secure; HttpOnly", "a=1; Secure; SameSite=Lax", "a=1; Secure; SameSite=None", "a=1; Secure; Max-Age=60", "a=; Secure",
		"a=1; Secure; Domain={host}", "a=1; Secure; Domain={parent}", "a=1;Secure", "a=1;; Secure ;", "a=1; Path=/a; Secure", "__Secure-a=1; Secure", "__Host-a=1; Secure; Path=/", "a=1; Partitioned; Secure", "a=1|a=2; Secure", "a=1; Path=/|a=; Max-Age=0; Path=/; Secure"}},
	{"httponly-from-script", "shl", []string{"js:a=1; HttpOnly", "js:a=1; httponly", "js:a=1; Path=/; HttpOnly", "js:a=1; HttpOnly=false", "js:a=1; SameSite=Lax; HttpOnly", "js:a=1; Max-Age=60; HttpOnly", "js:a=1; HttpOnly; x", "js:b=2|js:a=1; HttpOnly"}},
	{"samesite-cross-site", "t", []string{"a=1; SameSite=Lax", "a=1; SameSite=Strict", "a=1; SameSite=Lax; Secure", "a=1; SameSite=Strict; Secure", "a=1; samesite=lax", "a=1; SAMESITE=STRICT", "a=1; SameSite=Lax; Path=/", "a=1; SameSite=Lax; HttpOnly", "a=1; SameSite=None; SameSite=Lax; Secure", "a=1; SameSite=",
		"a=1; SameSite", "a=1; SameSite=x", "a=1; SameSite=x; Secure", "a=1; SameSite=Lax; Partitioned; Secure", "a=1; SameSite=Strict; Partitioned; Secure", "a=1; SameSite=x; Partitioned; Secure", "a=; SameSite=Lax", "__Host-a=1; Secure; Path=/; SameSite=Lax", "__Secure-a=1; Secure; SameSite=Strict", "a=1; Max-Age=60; SameSite=Lax",
		"a=1; SameSite=\"None\"; Secure", "a=1; Domain={parent}; SameSite=Lax"}},
	{"samesite-none-insecure", "sht", []string{"a=1; SameSite=None", "a=1; samesite=none", "a=1; SameSite=NONE; Path=/", "a=1; SameSite=None; HttpOnly", "a=1; SameSite=Lax; SameSite=None", "a=1; SameSite= None ", "a=1; SameSite=None; Max-Age=60", "a=1; SameSite=None; x=Secure"}},
	{"partitioned-insecure", "shx", []string{"a=1; Partitioned", "a=1; partitioned", "a=1; Partitioned=", "a=1; Partitioned=no", "a=1; Path=/; Partitioned", "a=1; Partitioned; HttpOnly", "a=1; Partitioned; SameSite=Lax", "a=1; Partitioned; Max-Age=60"}},
	{"prefix-secure", "shx", []string{"__Secure-a=1", "__secure-a=1", "__SECURE-a=1; Path=/", "__Secure-=1", "__Secure-a=", "__Secure-a=1; HttpOnly", "__Secure-a=1; SameSite=Lax", "__sEcUrE-a=1; x=Secure"}},
	{"prefix-host", "shx", []string{"__Host-a=1", "__Host-a=1; Secure; Path=/a", "__host-a=1; Path=/", "__HOST-a=1; Secure; Path=/a", "__Host-a=1; Secure; Path=/; Domain={host}", "__Host-a=1; Secure", "__Host-a=1; Secure; Path=/; Path=/a", "__Host-=1; Path=/", "__Host-a=1; Secure; Path", "__Host-a=1; Secure; Path=x", "__host-a=1; Secure; Path=/; Domain={parent}"}},
	{"prefix-http", "shx", []string{"__Http-a=1", "__Http-a=1; Secure", "__Http-a=1; HttpOnly", "__http-a=1; Secure; Path=/", "__HTTP-a=1; HttpOnly", "__Http-=1; Secure", "__Http-a=; Secure", "__Http-a=1; Secure; SameSite=Lax"}},
	{"prefix-host-http", "shx", []string{"__Host-Http-a=1", "__Host-Http-a=1; Secure; Path=/", "__Host-Http-a=1; Secure; HttpOnly", "__Host-Http-a=1; HttpOnly; Path=/", "__host-http-a=1; Secure; Path=/", "__Host-Http-a=1; Secure; HttpOnly; Path=/a", "__Host-Http-a=1; Secure; HttpOnly; Path=/; Domain={host}", "__HOST-HTTP-a=1; Path=/; Secure"}},
	{"overlay-secure", "h", overlays},
	{"overlay-httponly", "shl", []string{"a=1; HttpOnly|js:a=2", "a=1; Path=/; HttpOnly|js:a=2; Path=/", "a=1; HttpOnly|js:a=; Max-Age=0", "a=1; HttpOnly|js:a=2; SameSite=Lax", "a=1; HttpOnly; Max-Age=60|js:a=2", "b=0|a=1; HttpOnly|js:a=2", "a=1; HttpOnly; Domain={host}|js:a=2; Domain={host}", "a=; HttpOnly|js:a=2"}},
	{"expired", "sht", both("a=new; Path=/; ", "Max-Age=0", "Max-Age=-1", "Max-Age=00", "Max-Age=-99999999999999999999", "Max-Age=0; Expires=Wed, 01 Jan 2098 00:00:00 GMT", "Expires=Thu, 01 Jan 1970 00:00:00 GMT", "Expires=Thu, 01-Jan-70 00:00:00 GMT", "Expires=Thursday, 01-Jan-70 00:00:00 GMT",
		"Expires=Thu Jan  1 00:00:01 1970", "Expires=1 Jan 1990 0:0:0", "Expires=Mon, 01 Jan 1601 00:00:00 GMT", "Expires=Sun, 31 Dec 1600 23:59:59 GMT", "Expires=Thu, 01 Jan 0001 00:00:00 GMT", "Expires=Thu, 01 Jan 01970 00:00:00 GMT", "Expires={ago} GMT",
		"Max-Age=60; Max-Age=0", "Max-Age=0; Max-Age=x", "Expires={ago}", "Max-Age=x; Expires=Thu, 01 Jan 1970 00:00:00 GMT", "Expires=Thu, 01 Jan 1970 00:00:00 GMT; Expires=x", "Expires=Wed, 01 Jan 2098 00:00:00 GMT; Expires=Thu, 01 Jan 1970 00:00:00 GMT")},
	{"nameless", "shtl", []string{"n", "n; Path=/", "=n", "=n; Path=/", "n n", " n ", "= n ", "\"n\"", "n; HttpOnly", "n|m", "=n|=m", "n|a=1", "n\nm\na=1", "n; Path=/|n; Path=/; Max-Age=0"}},
	{"trimmed", "sht", []string{"a= 1", "a=1 ", "a= 1 ", "a=\t1", "a=1\t", "a = 1", "a=  1 2  ", "a= \"1\" ; Path=/"}},
	{"folded", "sht", []string{"a=1; Path=/, b=2", "a=1; Path=/,b=2|", "a=1; Secure, b=2", "a=1; HttpOnly,b=2; Path=/", "a=1; Max-Age=60, b=2", "a=1; Expires=Wed, 01 Jan 2098 00:00:00 GMT, b=2", "a=1; SameSite=Lax, b=2", "a=1; Path=/a, b=2; Path=/", "a=old|a=1; Expires=Thu, 01 Jan 1970 00:00:00 GMT, b=2"}},
	{"attribute-too-long", "sht", []string{"a=1; Path=/{1024}", "a=1; Path=/; Path=/{1024}", "a=1; Domain={1025}", "a=1; Domain={host}; Domain=x.{1025}", "a=old; Path=/|a=1; Path=/; Max-Age=-{zeros}", "a=old; Path=/|a=1; Path=/; Max-Age=60; Max-Age=0{zeros}", "a=1; SameSite={1025}; Secure", "a=old; Path=/|a=1; Path=/; Expires=Thu, 01 Jan 1970 00:00:00 GMT{1025}", "__Secure-a=1; Secure={1025}", "__Http-a=1; Secure; HttpOnly={1025}"}},
	{"attribute-repeated", "sht", []string{"a=1; Path=/x; Path=/", "a=1; Path=/; Path=/x", "a=1; Max-Age=0; Max-Age=60", "a=old|a=1; Max-Age=60; Max-Age=0", "a=1; Domain=x.y; Domain={host}", "a=1; SameSite=None; SameSite=Lax; Secure", "a=1; SameSite=None; SameSite=x; Secure", "a=1; Path=/x; Path=", "a=1; Path=/é; Path=/", "a=1; Domain=x.y; Domain="}},
	{"attribute-swallowed", "sht", []string{"a=1 Secure", "a=1, Path=/", "a=1 HttpOnly; Path=/", "a=1; Path=/ Secure", "a=1; Path=/a Path=/", "a=1; SameSite=Lax HttpOnly; Secure", "a=old|a=1; Max-Age=0 Secure", "a=old|a=1; Expires=Thu, 01 Jan 1970 00:00:00 GMT Secure", "a=1; Domain={host} Path=/"}},
	{"attribute-unknown", "sht", []string{"a=1;2", "a=1; b=2", "a=1; http_only", "a=1; Path/", "a=\"1;2\"", "a=1; =b", "a=1; max_age=0", "a=1; é=x", "a=1; Path x=/y"}},
	{"flag-value", "sht", []string{"a=1; Secure=false; SameSite=None", "a=1; HttpOnly=false", "a=1; Secure=0; SameSite=None", "a=1; HttpOnly=x", "a=1; HttpOnly=no; Path=/", "__Secure-a=1; Secure=false", "__Http-a=1; Secure=no; HttpOnly=no", "a=1; Secure; Partitioned=false; SameSite=None"}},
	{"max-age-invalid", "sht", both("a=new; Path=/; ", "Max-Age=", "Max-Age", "Max-Age=x", "Max-Age=+0", "Max-Age=+60", "Max-Age=0x", "Max-Age=0.0", "Max-Age=\"0\"", "Max-Age=-", "Max-Age=-5x", "Max-Age=--1", "Max-Age=0 0", "Max-Age=0,", "Max-Age=1e3", "Max-Age=-x; Expires=Wed, 01 Jan 2098 00:00:00 GMT")},
	{"expires-invalid", "sht", both("a=new; Path=/; ", "Expires=", "Expires=0", "Expires=-1", "Expires=soon", "Expires=Thu, 01 Jan 1990", "Expires=1990-01-01 00:00:00", "Expires=1990-01-01T00:00:00Z", "Expires=Jan 1st 1990 00:00:00 GMT", "Expires=31 Feb 1990 00:00:00 GMT", "Expires=32 Jan 1990 00:00:00 GMT", "Expires=10 Jan 1990 24:00:00 GMT",
		"Expires=10 Jan 1990 00:60:00 GMT", "Expires=10 Jan 1990 00:00:60 GMT", "Expires=1/1/1990", "Expires=01/01/1990 00:00:00", "Expires=10 Jan 1990 1:2", "Expires=10 janvier", "Expires=631152000", "Expires=Mon, 00 Jan 1990 00:00:00 GMT", "Expires=10 Jan 190 00:00:00")},
	{"expires-zone", "sht", both("a=new; Path=/; ", "Expires={soon} +0500", "Expires={soon} GMT+0500", "Expires={soon} JST", "Expires={ago} -0500", "Expires={ago} GMT-0500 (EST)", "Expires={ago} EST", "Expires={ago} EDT", "Expires={ago} CST", "Expires={ago} CDT", "Expires={ago} MST", "Expires={ago} MDT", "Expires={ago} PST", "Expires={ago} PDT", "Expires=01 Jan 1990 00:00:00 +0200")},
	{"expires-javascript", "sht", both("a=new; Path=/; ", "Expires=Thu Jan 01 1970 00:00:00 GMT+0100 (CET)", "Expires=Thu Jan 01 1970 00:00:00 GMT+0000 (UTC)", "Expires=Thu Jan 01 2037 00:00:00 GMT+0000 (Coordinated Universal Time)", "Expires=Thu Jan 01 2037 00:00:00 GMT-0800 (PST)", "Expires={soon} GMT+0000", "Expires={soon} GMT+0500", "Expires={ago} GMT-0500", "Expires={ago} GMT+0000 (GMT)")},
	{"lifetime-capped", "sht", []string{"a=1; Max-Age=34560001", "a=1; Max-Age=99999999999999999999", "a=1; Expires=Fri, 31 Dec 9999 23:59:59 GMT", "a=1; Max-Age=9223372036854775807", "a=1; Max-Age=99999999; Path=/", "a=1; Max-Age=4294967296", "a=1; Expires=Wed, 01 Jan 2098 00:00:00 GMT", "a=1; Expires=Tue, 19 Jan 2038 03:14:08 GMT", "a=1; Expires=01 Jan 70 00:00:00; Max-Age=2147483648"}},
	{"path-invalid", "sht", []string{"a=1; Path=x", "a=1; Path=", "a=1; Path", "a=1; Path=a/b", "a=1; Path=\"/\"", "a=1; Path=https://{host}/", "a=1; Path=\\", "a=1; Path=.", "a=1; Path=x|at:/a", "a=1; Path=x|at:/x", "a=1; Path=x|at:/"}},
	{"path-non-ascii", "sht", []string{"a=1; Path=/é", "a=1; Path=/\xe9", "a=1; Path=/a\xff", "a=1; Path=/; Path=/é", "a=1; Path=é", "a=1; Path=/é|at:/%C3%A9", "a=1; Path=/é|at:/é", "a=1; Path=\xe9"}},
	{"samesite-unknown", "sht", []string{"a=1; SameSite=x", "a=1; SameSite=", "a=1; SameSite", "a=1; SameSite=\"Lax\"", "a=1; SameSite=Laxx; Secure", "a=1; SameSite=true", "a=1; SameSite=Lax; SameSite=x", "a=1; SameSite=None; SameSite=x; Secure", "a=1; SameSite=no"}},
	{"name-token", "sht", []string{"a b=1", "a{=1", "(=1", "a@b=1", "[a]=1", "\"a\"=1", "a,b=1", "é=1", "\xe9=1", "a:b=1", "a/b=1", "\xe9\xe9=x\xe9", "a\xff=1", ")=1", "<=1", ">=1", "a?=1", "\\=1", "}=1", "a[b]=1", "a\xc3\xa9\xff=2"}},
	{"value-octets", "sht", []string{"a=1 2", "a=\"1 2\"", "a=1,2", "a=\\", "a=\"", "a=\"1", "a=1\"2", "a=é", "a=\"é\"", "a=\xe9", "a=\xff\xfe", "a=\xe2\x82", "a=\xe2\x82x", "a=\xc0\xaf", "a=\xed\xa0\x80", "a=\xf0\x9f\x98\x80", "a=\xf0\x9f\x98", "a=\xf4\x90\x80\x80", "a={\"a\":1,\"b\":[2]}", "a=x\xe9é", "a=\x80", "a=\xc2", "a=\xc2\x80", "a=\xe0\x9f\xbf", "a=\xef\xbf\xbd", "a=\xf8\x88\x80\x80\x80", "a=\"\xe9\"", "a=\xe9\xe9\xe9"}},
	{"path-absent", "sht", []string{"a=1", "a=2", "a=1; HttpOnly", "a=1; Max-Age=60", "a=1|at:/a", "a=1|at:/", "a=1|at:/a/c", "a=1|at:/ab"}},
	{"partitioned-samesite", "sl", []string{"a=1; Secure; Partitioned", "a=1; Secure; Partitioned; SameSite=Lax", "a=1; Secure; Partitioned; SameSite=Strict", "a=1; Secure; Partitioned; SameSite=x", "__Host-a=1; Secure; Path=/; Partitioned", "a=1; Path=/; Partitioned; Secure; HttpOnly", "a=1; Secure; partitioned=1; samesite=lax", "a=1; Secure; Partitioned; Max-Age=60", "a=; Secure; Partitioned", "a=1; Secure; Partitioned|a=2; Secure", "a=1; Secure|a=; Max-Age=0; Secure; Partitioned"}},
	{"path-elsewhere", "sht", []string{"a=1; Path=/x", "a=1; Path=/a/b/", "a=1; Path=/A", "a=1; Path=/a/b/c", "a=1; Path=/x|at:/x", "a=1; Path=/x|at:/x/y", "a=1; Path=/x|at:/xy", "a=1; Path=/a%2Fb|at:/a%2Fb", "a=1; Path=//", "a=1; Path=/a/b?c"}},
	{"deletes-nothing", "sht", []string{"a=1; Path=/|a=; Max-Age=0", "a=1|a=; Max-Age=0; Path=/", "a=1; Domain={host}|a=; Max-Age=0", "a=1|a=; Max-Age=0; Domain={host}", "a=1; Domain={parent}|a=; Max-Age=0", "a=1; Path=/a/|a=; Max-Age=0", "a=1; Path=/|a=; Max-Age=0; Path=/x", "a=1; Domain={parent}|a=; Max-Age=0; Domain={host}"}},
}

// overlays are set over http, after a Secure cookie over https.
var overlays = func() (list []string) {
	for _, first := range []string{"a=1; Secure; SameSite=None", "a=1; Secure; SameSite=None; Path=/", "a=1; Secure; SameSite=None; Domain={parent}"} {
		for _, second := range []string{"a=2", "a=2; Path=/a", "a=2; Path=/a/b", "a=2; Domain={host}", "a=2; HttpOnly", "a=; Max-Age=0", "a=2; SameSite=Lax", "a=2; Max-Age=60"} {
			list = append(list, "https:"+first+"|"+second+"|at:https:/a/b")
		}
	}
	return list
}()

// control has every control byte that an HTTP response can have.
func control(formats ...string) (list []string) {
	for c := 1; c < 0x80; c++ {
		if c < ' ' && c != '\t' && c != '\n' && c != '\r' || c == 0x7F {
			list = append(list, fmt.Sprintf(formats[len(list)%len(formats)], string(rune(c))))
		}
	}
	return list
}

// many sets n cookies at once.
func many(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, "c%d=1\n", i)
	}
	return strings.TrimSpace(b.String())
}

// both sets a cookie that the line may delete.
func both(start string, attributes ...string) (list []string) {
	for _, a := range attributes {
		list = append(list, "a=old; Path=/|"+start+a)
	}
	return list
}

const perPage = 15 // trials

// hour is the time some hours from now, without its zone.
func hour(hours time.Duration) string {
	return time.Now().UTC().Add(hours * time.Hour).Format("02 Jan 2006 15:04:05")
}

// trials makes a trial of every nth line in each of its places.
func trials(every int) []trial {
	var list []trial
	count, n := map[rune]int{}, 0
	for _, row := range rows {
		for _, place := range row.places {
			for _, line := range row.lines {
				if n++; n%every != 0 {
					continue
				}
				page := count[place] / perPage
				if place == 'm' {
					page = len(list)
				}
				list = append(list, newTrial(row.reason, place, line, len(list), page))
				count[place]++
			}
		}
	}
	return list
}

func newTrial(reason string, place rune, text string, n, page int) trial {
	parent := fmt.Sprintf("t%d.%c%d.example", n, place, page)
	site := parent[strings.Index(parent, ".")+1:]
	host, scheme, top := "w."+parent, "https", "https://"+site+"/"
	switch place {
	case 'h':
		scheme, top = "http", "http://"+site+"/"
	case 'x':
		top = "http://" + site + "/"
	case 't':
		top = "https://top-" + site + "/"
	case 'l':
		host, scheme = fmt.Sprintf("t%d.localhost", n), "http"
		parent, site, top = host, host, "http://"+host+"/"
	}
	text = strings.NewReplacer("{host}", host, "{parent}", parent, "{site}", site, "{zeros}", strings.Repeat("0", 1025), "{soon}", hour(1), "{ago}", hour(-1)).Replace(text)
	t := trial{reason: reason, page: top}
	last := step{url: scheme + "://" + host + "/a/b", last: true}
	for line := range strings.SplitSeq(grow(text), "|") {
		s := step{url: scheme + "://" + host + "/a/b", line: line}
		if path, ok := strings.CutPrefix(line, "at:"); ok {
			if path, ok = strings.CutPrefix(path, "https:"); ok {
				scheme = "https"
			}
			last.url = scheme + "://" + host + path
			continue
		}
		if s.line, s.script = strings.CutPrefix(s.line, "js:"); !s.script {
			if line, ok := strings.CutPrefix(s.line, "https:"); ok {
				s.url, s.line = "https://"+host+"/a/b", line
			}
		}
		if place == 't' && !strings.Contains(strings.ToLower(text), "samesite") {
			s.line += "; SameSite=None; Secure"
		}
		t.steps = append(t.steps, s)
	}
	t.steps = append(t.steps, last)
	return t
}

// grow replaces {N} by N letters.
func grow(text string) string {
	for {
		before, rest, found := strings.Cut(text, "{")
		number, after, closed := strings.Cut(rest, "}")
		var n int
		if _, err := fmt.Sscanf(number, "%d", &n); !found || !closed || err != nil || n == 0 {
			return text
		}
		text = before + strings.Repeat("x", n) + after
	}
}
