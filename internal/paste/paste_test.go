package paste_test

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"
	"unicode/utf16"

	"github.com/crumb-go/crumb/internal/paste"
)

// show is what Read finds, a line each, with a question mark for an assumed URL.
func show(text string) string {
	lines, err := paste.Read([]byte(text))
	if err != nil {
		return err.Error()
	}
	var out []string
	for _, l := range lines {
		s := fmt.Sprintf("%d %s: %s", l.Response, l.Place, l.Value)
		if l.URL.String() != paste.DefaultURL {
			s += " < " + l.URL.String()
			if l.Assumed {
				s += "?"
			}
		} else if !l.Assumed {
			s += " < known"
		}
		if !l.Time.IsZero() {
			s += " at " + l.Time.UTC().Format(time.DateTime)
		}
		out = append(out, s)
	}
	return strings.Join(out, "\n")
}

// utf16le is a text as PowerShell writes it.
func utf16le(text string) string {
	var b []byte
	for _, unit := range utf16.Encode([]rune(text)) {
		b = append(b, byte(unit), byte(unit>>8))
	}
	return string(b)
}

// What curl 7.88 printed for a redirect from /login to /me, with the options in the name.
func TestCurl(t *testing.T) {
	const date = " at 2026-11-28 00:00:16"
	for _, tt := range []struct{ name, login, me string }{
		{"v", " < http://127.0.0.1:36611/login" + date, " < http://127.0.0.1:36611/me" + date},
		{"v-tls", " < https://127.0.0.1:45719/login" + date, " < https://127.0.0.1:45719/me" + date},
		{"vi", " < http://127.0.0.1:36611/login" + date, " < http://127.0.0.1:36611/me" + date},
		{"i", date, date},
	} {
		t.Run(tt.name, func(t *testing.T) {
			text, err := os.ReadFile("testdata/curl-" + tt.name + ".txt")
			if err != nil {
				t.Fatal(err)
			}
			want := "0: sid=s3cret; Path=/; HttpOnly; Secure" + tt.login + "\n0: csrf=t0ken; SameSite=None" + tt.login + "\n1: seen=1; Path=/me" + tt.me
			if got := place.ReplaceAllString(show(string(text)), "$1"); got != want {
				t.Errorf("got\n%s\nwant\n%s", got, want)
			}
		})
	}
	text, err := os.ReadFile("testdata/curl-c.txt")
	if err != nil {
		t.Fatal(err)
	}
	const want = "0 line 6: seen=1; Path=/me < https://127.0.0.1/me\n0 line 7: csrf=t0ken; Path=/ < https://127.0.0.1/\n0 line 8: sid=s3cret; Path=/; Secure; HttpOnly < https://127.0.0.1/"
	if got := show(string(text)); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

func TestReadAll(t *testing.T) {
	const session = `{"session_identifier":"s1"}`
	for _, tt := range []struct{ name, text, want string }{
		{"curl", "> POST / HTTP/2\n> Host: a.example\n> sec-secure-session-id: \"s1\"\n>\n< HTTP/2 200\n< set-cookie: a=1\n< secure-session-challenge: x\n<\n" + session,
			"0 Sec-Secure-Session-Id false|0 Set-Cookie true|0 Secure-Session-Challenge true|0 session instructions true"},
		{"har", `{"log":{"entries":[{"request":{"url":"https://a.example/","headers":[{"name":"secure-session-skipped","value":"x"}]},"response":{"headers":[{"name":"secure-session-registration","value":"x"}],"content":{"text":"{\"session_identifier\":\"s1\"}"}}}]}}`,
			"0 Secure-Session-Skipped false|0 session instructions true|0 Secure-Session-Registration true"},
		{"lambda", `{"headers":{"secure-session-challenge":"x"},"cookies":["a=1"],"body":"{\"session_identifier\":\"s1\"}"}`, "0 session instructions false|0 Set-Cookie false|0 Secure-Session-Challenge false"},
		{"instructions", session + "\n", "0 session instructions false"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			lines, err := paste.ReadAll([]byte(tt.text))
			var got []string
			for _, l := range lines {
				got = append(got, fmt.Sprint(l.Response, " ", l.Name, " ", l.Answer))
			}
			if s := strings.Join(got, "|"); err != nil || s != tt.want {
				t.Errorf("%s, %v, want %s", s, err, tt.want)
			}
			cookies, err := paste.Read([]byte(tt.text))
			if want := strings.Count(tt.want, "Set-Cookie"); len(cookies) != want || (err == nil) != (want > 0) {
				t.Errorf("%d cookies, %v, want %d", len(cookies), err, want)
			}
		})
	}
}

// What functions return for each door.
func TestDoors(t *testing.T) {
	files, err := filepath.Glob("../../events/setcookie/post.*.answer.json")
	if err != nil || len(files) == 0 {
		t.Fatal("no files: ", err)
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if lines, err := paste.Read(text); err != nil || len(lines) != 1 || !strings.HasPrefix(lines[0].Value, "username=") {
			t.Errorf("%s: %d lines, %v", file, len(lines), err)
		}
	}
}

var place = regexp.MustCompile(`(?m)^([0-9]+) line [0-9]+`)

func TestRead(t *testing.T) {
	for _, tt := range []struct{ name, text, want string }{
		{"bare", "a=1; Path=/\n\nb=2\r\n", "0 line 1: a=1; Path=/\n0 line 3: b=2"},
		{"header", "Set-Cookie: a=1\nset-cookie:b=2", "0 line 1: a=1\n0 line 2: b=2"},
		{"domain", "a=1; Domain=.shop.example", "0 line 1: a=1; Domain=.shop.example < https://shop.example/cart?"},
		{"public-suffix", "a=1; Domain=co.uk", "0 line 1: a=1; Domain=co.uk < https://app.co.uk/cart?"},
		{"other-headers", "content-type: text/html\nset-cookie: a=1\nserver: x", "0 line 2: a=1"},
		{"response", "HTTP/2 200\r\nset-cookie: a=1\r\n\r\nSet-Cookie: b=2\r\n", "0 line 2: a=1"},
		{"redirects", "HTTP/1.1 302 Found\nSet-Cookie: a=1\nSet-Cookie: b=1\n\nHTTP/1.1 200 OK\nSet-Cookie: c=2\n\nbody", "0 line 2: a=1\n0 line 3: b=1\n1 line 6: c=2"},
		{"request", "GET /x HTTP/1.1\nHost: app.example\nCookie: z=1\n\nHTTP/1.1 100 Continue\n\nHTTP/1.1 200 OK\nSet-Cookie: a=1\n", "0 line 8: a=1 < https://app.example/x?"},
		{"date", "HTTP/1.1 200 OK\nSet-Cookie: a=1\nDate: Sat, 28 Nov 2026 00:00:16 GMT\n", "0 line 2: a=1 at 2026-11-28 00:00:16"},
		{"prompt", "$ curl -si 'https://app.example/in'\nHTTP/1.1 200 OK\nSet-Cookie: a=1\n", "0 line 3: a=1 < https://app.example/in"},
		{"partial-curl", "< set-cookie: a=1; SameSite=None", "0 line 1: a=1; SameSite=None"},
		{"devtools", "Request URL: https://app.example/in?x=1\nRequest Method: GET\nset-cookie: a=1\ncache-control: max-age=1", "0 line 3: a=1 < https://app.example/in"},
		{"devtools-pairs", "General\nRequest URL\nhttps://app.example/in\nStatus Code\n200 OK\nResponse Headers\ncache-control\nmax-age=3600, public\nset-cookie\na=1; Path=/\nset-cookie:\nb=2\n", "0 line 10: a=1; Path=/ < https://app.example/in\n0 line 12: b=2 < https://app.example/in"},
		{"pseudo-headers", "set-cookie: a=1\n:authority: app.example\n:path: /in\n:scheme: http", "0 line 1: a=1 < http://app.example/in"},
		{"lambda-v2", `{"statusCode":200,"headers":{"content-type":"text/plain"},"cookies":["a=1","b=2"]}`, "0 cookies[0]: a=1\n0 cookies[1]: b=2"},
		{"lambda-v1", `{"multiValueHeaders":{"Set-Cookie":["a=1","b=2"]},"headers":{"set-cookie":"a=1"},"body":"Set-Cookie: z=1"}`, "0 headers: a=1\n0 multiValueHeaders[1]: b=2"},
		{"stream", "{\"statusCode\":200,\"cookies\":[\"a=1\"]}\x00\x00\x00\x00\x00\x00\x00\x00c=3", "0 cookies[0]: a=1"},
		{"two-json", "{\"cookies\":[\"a=1\"]}\n{\"cookies\":[\"b=1\"]}\nc=1\n", "0 cookies[0]: a=1\n1 cookies[0]: b=1\n2 line 3: c=1"},
		{"har", `{"log":{"entries":[{"startedDateTime":"2026-01-02T03:04:05+01:00","request":{"url":"https://app.example/in"},"response":{"headers":[{"name":"X","value":"y"},{"name":"set-cookie","value":"a=1\nb=2"}]}},{"request":{"url":"http://localhost/"},"response":{"headers":[{"name":"Set-Cookie","value":"c=3"}]}}]}}`,
			"0 entry 1: a=1 < https://app.example/in at 2026-01-02 02:04:05\n0 entry 1: b=2 < https://app.example/in at 2026-01-02 02:04:05\n1 entry 2: c=3 < http://localhost/"},
		{"firefox", `{"Response Headers":{"headers":[{"name":"set-cookie","value":"a=1"}]}}`, "0 headers: a=1"},
		{"jar", "# Netscape HTTP Cookie File\n\n.shop.example\tTRUE\t/x\tTRUE\t1800000000\tsid\tv\n#HttpOnly_localhost\tFALSE\t/\tFALSE\t0\tb\t2\n",
			"0 line 3: sid=v; Path=/x; Domain=shop.example; Expires=Fri, 15 Jan 2027 08:00:00 GMT; Secure < https://shop.example/x\n0 line 4: b=2; Path=/; HttpOnly < https://localhost/"},
		{"bom", "\uFEFFa=1", "0 line 1: a=1"},
		{"crumb-invoke-with-logs", "time=2026-11-28T00:00:00Z level=INFO msg=\"a=b\"\nSTART RequestId: x Version: $LATEST\n{\"statusCode\":200,\"cookies\":[\"a=1\"]}\nEND RequestId: x\n", "0 cookies[0]: a=1"},
		{"curl-and-har", "< HTTP/1.1 200 OK\n< Set-Cookie: a=1\n< \n{\"cookies\":[\"b=1\"]}", "0 line 2: a=1"},
		{"two-curls", "HTTP/1.1 200 OK\nSet-Cookie: a=1\n\n<p>\nHTTP/2 200\nset-cookie: b=1\n", "0 line 2: a=1\n1 line 6: b=1"},
		{"har-and-lines", "{\"log\":{\"entries\":[]}}\r\n\nb=1", "0 line 3: b=1"},
		{"wget", "  HTTP/1.1 200 OK\n  Set-Cookie: a=1\n", "0 line 2: a=1"},
		{"twice-the-same", "> GET / HTTP/2\n> Host: a.example\n>\n< HTTP/2 302\n< set-cookie: a=1\n<\n> GET /b HTTP/2\n> Host: a.example\n>\n< HTTP/2 200\n< set-cookie: a=1\n<\n", "0 line 5: a=1 < https://a.example/?\n1 line 11: a=1 < https://a.example/b?"},
		{"list-in-a-body", "HTTP/1.1 302 Found\nSet-Cookie: a=1\n\n* item\nHTTP/1.1 200 OK\nSet-Cookie: a=1\n", "0 line 2: a=1\n1 line 6: a=1"},
		{"terminal", "$ curl -i https://a.example/\nHTTP/1.1 200 OK\nSet-Cookie: a=1\n\nbody\nme@host:~$ curl -i http://b.example/x\nHTTP/1.1 200 OK\nSet-Cookie: b=1\n", "0 line 3: a=1 < https://a.example/\n1 line 8: b=1 < http://b.example/x"},
		{"header-and-jar", "Set-Cookie: a=1\n# Netscape HTTP Cookie File\na.example\tFALSE\t/\tFALSE\t0\tb\t\n", "0 line 1: a=1\n0 line 3: b=; Path=/ < https://a.example/"},
		{"host-of-a-response", "HTTP/1.1 200 OK\nHost: internal.example\nPath: /x\nSet-Cookie: a=1\n", "0 line 4: a=1"},
		{"log", "2026-11-28T00:00:00Z INFO Set-Cookie: a=1; Path=/\n", "0 line 1: a=1; Path=/"},
		{"list", "- Set-Cookie: a=1\n* set-cookie: b=\"2\"", "0 line 1: a=1\n0 line 2: b=\"2\""},
		{"quoted", "\"Set-Cookie: a=1; Path=/\",\n'set-cookie': 'b=1',", "0 line 1: a=1; Path=/\n0 line 2: b=1"},
		{"powershell", "Set-Cookie        : a=1; path=/\nServer            : x", "0 line 1: a=1; path=/"},
		{"httpie", "POST /in HTTP/1.1\nHost: localhost:3000\n\n{\"a\":1}\n\nHTTP/1.1 200 OK\nSet-Cookie: a=1\n", "0 line 7: a=1 < http://localhost:3000/in?"},
		{"cookies", `["a=1; Path=/","b=2"]`, "0 cookies[0]: a=1; Path=/\n0 cookies[1]: b=2"},
		{"script", "document.cookie = \"a=s3cret; path=/\"", "line 1 is not understood; write it as Set-Cookie: name=value; Path=/"},
		{"command", "curl 'https://app.example/' -H 'cookie: a=s3cret'", "this is a command; run it with -v, and paste what curl prints"},
		{"nameless", "abc; Path=/", "0 line 1: abc; Path=/"},
		{"no-name", "=abc", "0 line 1: =abc"},
		{"local", "> GET / HTTP/1.1\n> Host: localhost\n> \n< HTTP/1.1 200 OK\n< Set-Cookie: a=1", "0 line 5: a=1 < http://localhost/?"},
		{"proxy", "> GET http://app.example/in HTTP/1.1\n> Host: app.example\n> \n< HTTP/1.1 200 OK\n< Set-Cookie: a=1", "0 line 5: a=1 < http://app.example/in"},
		{"idn", "Request URL: https://b\u00fccher.example/\nset-cookie: a=1", "0 line 2: a=1"},
		{"no-web", `{"request":{"url":"data:,x"},"response":{"headers":[{"name":"set-cookie","value":"a=1"}]}}`, "0 entry 1: a=1"},
		{"colours", "\x1b[1mset-cookie\x1b[0m: a=1", "0 line 1: a=1"},

		{"nothing", "\n", "nothing to read"},
		{"cookie", "Cookie: a=s3cret", "this is a Cookie header, which browsers send; explain reads Set-Cookie, which servers send"},
		{"no-cookie", "HTTP/1.1 200 OK\nX: s3cret\n\n", "the response has no Set-Cookie header"},
		{"headers-without", "content-type: text/html", "there is no Set-Cookie header"},
		{"sessions-only", "Secure-Session-Challenge: \"s3cret\"", "there is no Set-Cookie header, only those of device-bound sessions, which crumb explain - reads"},
		{"text", "a=1\nthe value x = s3cret", "line 2 is not understood; write it as Set-Cookie: name=value; Path=/"},
		{"page", "<html lang=\"s3cret\">", "line 1 is not understood; write it as Set-Cookie: name=value; Path=/"},
		{"broken-json", `{"cookies":["a=s3cret`, "the JSON from line 1 on is not complete"},
		{"half-a-har", "\n{\n\"log\":{\"entries\":[{\"request\":{\"url\":\"https://a.example/?q=s3cret\"},\n\"response\":{\"headers\":[{\"name\":\"Set-Cookie\",\n\"value\":\"a=s3cret", "the JSON from line 2 on is not complete"},
		{"half-a-har-on-one-line", `{"log":{"entries":[{"response":{"headers":[{"name":"Set-Cookie","value":"a=s3cret; Path=/; Secure"}`, "the JSON from line 1 on is not complete"},
		{"secrets-of-a-url", `{"request":{"url":"https://s3cret:s3cret@a.example/in?code=s3cret#s3cret"},"response":{"headers":[{"name":"set-cookie","value":"a=1"}]}}`, "0 entry 1: a=1 < https://a.example/in"},
		{"empty-har", `{"log":{"entries":[]}}`, "the HAR file has no Set-Cookie header; Chrome leaves them out unless it exports with sensitive data"},
		{"event", `{"version":"2.0","cookies":["a=s3cret"],"requestContext":{}}`, "this JSON is an event, a request; explain reads Set-Cookie, which responses have"},
		{"brackets", strings.Repeat("[\n", 200_000), "line 1 is not understood; write it as Set-Cookie: name=value; Path=/"},
		{"json", `{"message":"s3cret"}`, "the JSON has no Set-Cookie header, and no cookies of a Lambda response"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := show(tt.text); got != tt.want {
				t.Errorf("got\n%s\nwant\n%s", got, tt.want)
			}
			if got := show(strings.ReplaceAll(tt.text, "\n", "\r\n")); got != tt.want {
				t.Errorf("with CRLF\n%s\nwant\n%s", got, tt.want)
			}
			if got := show(utf16le(tt.text)); got != tt.want {
				t.Errorf("in UTF-16\n%s\nwant\n%s", got, tt.want)
			}
			if got := show("\xff\xfe" + utf16le(strings.TrimPrefix(tt.text, "\uFEFF"))); got != tt.want {
				t.Errorf("in UTF-16 with its mark\n%s\nwant\n%s", got, tt.want)
			}
		})
	}
}
