package useragent

import (
	"go/ast"
	"go/parser"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"
)

func TestSuggestionIn(t *testing.T) {
	const page = "https://app.example.com/a/b"
	tests := []struct {
		name, line string
		want       map[string]string // by Framework
	}{
		{"samesite-none", "sid=1; SameSite=None", map[string]string{
			"crumb":    `var Sid = cookie.Must(cookie.New("sid", cookie.Attributes{SameSite: http.SameSiteNoneMode}))`,
			"net/http": `http.SetCookie(w, &http.Cookie{Name: "sid", Value: value, Path: "/", Secure: true, SameSite: http.SameSiteNoneMode, HttpOnly: true})`,
			"flask":    `response.set_cookie("sid", value, path="/", secure=True, samesite="None", httponly=True)`,
			"express":  `res.cookie("sid", value, { path: "/", secure: true, sameSite: "None", httpOnly: true });`,
			"spring": "response.addHeader(HttpHeaders.SET_COOKIE,\n" +
				`        ResponseCookie.from("sid", value).path("/").secure(true).sameSite("None").httpOnly(true).build().toString());`,
		}},
		{"all-attributes", `sid=1; Path="/x"; Domain=example.com; Max-Age="60"; Partitioned`, map[string]string{
			"net/http": "// Partitioned needs Go 1.23.\n" +
				`http.SetCookie(w, &http.Cookie{Name: "sid", Value: value, Path: "/x", Domain: "example.com", MaxAge: 60, Secure: true, SameSite: http.SameSiteNoneMode, Partitioned: true, HttpOnly: true})`,
			"flask": "# Partitioned needs Werkzeug 3.1.\n" +
				`response.set_cookie("sid", value, path="/x", domain="example.com", max_age=60, secure=True, samesite="None", partitioned=True, httponly=True)`,
			"express": "// Partitioned needs Express 4.18.3.\n" +
				`res.cookie("sid", value, { path: "/x", domain: "example.com", maxAge: 60000, secure: true, sameSite: "None", partitioned: true, httpOnly: true });`,
			"spring": "// Partitioned needs Spring 6.2.\nresponse.addHeader(HttpHeaders.SET_COOKIE,\n" +
				`        ResponseCookie.from("sid", value).path("/x").domain("example.com").maxAge(Duration.ofSeconds(60)).secure(true).sameSite("None").partitioned(true).httpOnly(true).build().toString());`,
		}},
		{"percent", "sid= a;b", map[string]string{
			"net/http": "// The value is encoded; url.PathUnescape reads it back.\n" +
				`http.SetCookie(w, &http.Cookie{Name: "sid", Value: url.PathEscape(value), Path: "/", Secure: true, SameSite: http.SameSiteLaxMode, HttpOnly: true})`,
			"flask": "# The value is encoded; urllib.parse.unquote reads it back.\n" +
				`response.set_cookie("sid", urllib.parse.quote(value), path="/", secure=True, samesite="Lax", httponly=True)`,
			"express": "// The value is encoded; cookie-parser reads it back.\n" +
				`res.cookie("sid", value, { path: "/", secure: true, sameSite: "Lax", httpOnly: true });`,
			"spring": "// The value is encoded; UriUtils.decode reads it back.\nresponse.addHeader(HttpHeaders.SET_COOKIE,\n" +
				`        ResponseCookie.from("sid", UriUtils.encode(value, StandardCharsets.UTF_8)).path("/").secure(true).sameSite("Lax").httpOnly(true).build().toString());`,
		}},
		{"base64", "sid=\x01\xff", map[string]string{
			"net/http": "// The value is encoded; base64.URLEncoding.DecodeString reads it back.\n" +
				`http.SetCookie(w, &http.Cookie{Name: "sid", Value: base64.URLEncoding.EncodeToString(value), Path: "/", Secure: true, SameSite: http.SameSiteLaxMode, HttpOnly: true})`,
			"flask": "# The value is encoded; base64.urlsafe_b64decode reads it back.\n" +
				`response.set_cookie("sid", base64.urlsafe_b64encode(value).decode(), path="/", secure=True, samesite="Lax", httponly=True)`,
			"spring": "// The value is encoded; Base64.getUrlDecoder() reads it back.\nresponse.addHeader(HttpHeaders.SET_COOKIE,\n" +
				`        ResponseCookie.from("sid", Base64.getUrlEncoder().encodeToString(value)).path("/").secure(true).sameSite("Lax").httpOnly(true).build().toString());`,
			"express": "// The value is encoded; Buffer.from(text, \"base64url\") reads it back.\n" +
				`res.cookie("sid", value.toString("base64url"), { path: "/", secure: true, sameSite: "Lax", httpOnly: true });`,
		}},
		{"advice", "sid=1; Path=/, b=2; Max-Age=0", map[string]string{
			"flask": "# Set each cookie with a separate call: each needs its own Set-Cookie line.\n# With max_age=0 it deletes the cookie.\n" +
				`response.set_cookie("sid", value, path="/", secure=True, samesite="Lax", httponly=True)`,
		}},
		{"deletes", "sid=1; Path=/; Max-Age=0", map[string]string{
			"net/http": "// With MaxAge: -1 it deletes the cookie.\n" +
				`http.SetCookie(w, &http.Cookie{Name: "sid", Value: value, Path: "/", Secure: true, SameSite: http.SameSiteLaxMode, HttpOnly: true})`,
			"express": "// With maxAge: 0 it deletes the cookie.\n" +
				`res.cookie("sid", value, { path: "/", secure: true, sameSite: "Lax", httpOnly: true });`,
			"spring": "// With maxAge(0) it deletes the cookie.\nresponse.addHeader(HttpHeaders.SET_COOKIE,\n" +
				`        ResponseCookie.from("sid", value).path("/").secure(true).sameSite("Lax").httpOnly(true).build().toString());`,
		}},
		{"nothing-to-fix", "sid=1; Path=/", map[string]string{"crumb": "", "flask": "", "spring": ""}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			v := Explain(tt.line, mustURL(t, page), now)
			found := 0
			for _, f := range Frameworks() {
				want, ok := tt.want[f.ID]
				if !ok {
					continue
				}
				found++
				if got := strings.TrimSuffix(v.SuggestionIn(f), "\n"); got != want {
					t.Errorf("%s:\n%s\nwant\n%s", f.ID, got, want)
				}
			}
			if found != len(tt.want) {
				t.Errorf("%d frameworks of %d", found, len(tt.want))
			}
		})
	}
	if got, want := Explain("a=\t", mustURL(t, page), now).SuggestionIn(Framework{}), Explain("a=\t", mustURL(t, page), now).Suggestion(); got != want {
		t.Errorf("the zero Framework has %q, want %q", got, want)
	}
}

// TestFrameworks has what people choose from, and a fix for plain http, without Secure.
func TestFrameworks(t *testing.T) {
	v := Explain("sid=1; Max-Age=x", mustURL(t, "http://app.example/"), now)
	want := [][3]string{
		{"crumb", "Go, with shared/cookie", `var Sid = cookie.Must(cookie.New("sid", cookie.Attributes{Insecure: true}))`},
		{"net/http", "Go, with net/http", `http.SetCookie(w, &http.Cookie{Name: "sid", Value: value, Path: "/", SameSite: http.SameSiteLaxMode, HttpOnly: true})`},
		{"flask", "Python, with Flask", `response.set_cookie("sid", value, path="/", samesite="Lax", httponly=True)`},
		{"express", "JavaScript, with Express", `res.cookie("sid", value, { path: "/", sameSite: "Lax", httpOnly: true });`},
		{"spring", "Java, with Spring", "response.addHeader(HttpHeaders.SET_COOKIE,\n" +
			`        ResponseCookie.from("sid", value).path("/").sameSite("Lax").httpOnly(true).build().toString());`},
	}
	Frameworks()[0].ID = "changed" // a copy
	all := Frameworks()
	if len(all) != len(want) {
		t.Fatalf("%d frameworks, want %d", len(all), len(want))
	}
	for i, f := range all {
		if got := [3]string{f.ID, f.Title, strings.TrimSuffix(v.SuggestionIn(f), "\n")}; got != want[i] {
			t.Errorf("%q\nwant %q", got, want[i])
		}
	}
}

// netHTTP evaluates the code that sets a cookie with net/http. Its value is "v".
func netHTTP(t *testing.T, code string) *http.Cookie {
	t.Helper()
	lines := strings.Split(strings.TrimSpace(code), "\n")
	expr, err := parser.ParseExpr(lines[len(lines)-1])
	if err != nil {
		t.Fatalf("%v in\n%s", err, code)
	}
	c := &http.Cookie{Value: "v"}
	for _, element := range expr.(*ast.CallExpr).Args[1].(*ast.UnaryExpr).X.(*ast.CompositeLit).Elts {
		field := element.(*ast.KeyValueExpr)
		var word string
		switch value := field.Value.(type) {
		case *ast.BasicLit:
			word = value.Value
		case *ast.SelectorExpr:
			word = value.Sel.Name
		case *ast.Ident:
			word = value.Name
		}
		text, _ := strconv.Unquote(word)
		switch name := field.Key.(*ast.Ident).Name; name {
		case "Name":
			c.Name = text
		case "Path":
			c.Path = text
		case "Domain":
			c.Domain = text
		case "MaxAge":
			c.MaxAge, _ = strconv.Atoi(word)
		case "Secure":
			c.Secure = word == "true"
		case "HttpOnly":
			c.HttpOnly = word == "true"
		case "Partitioned":
			c.Partitioned = word == "true"
		case "SameSite":
			c.SameSite = map[string]http.SameSite{"SameSiteLaxMode": http.SameSiteLaxMode, "SameSiteStrictMode": http.SameSiteStrictMode, "SameSiteNoneMode": http.SameSiteNoneMode}[word]
		case "Value":
		default:
			t.Fatalf("a field %s in\n%s", name, code)
		}
	}
	return c
}

// What net/http's fix sets is stored, and is what package cookie's fix sets.
func TestNetHTTPFix(t *testing.T) {
	for _, line := range []string{
		"sid=1; SameSite=None", "sid=1; SameSite=Strict; Max-Age=x; Path=/a b\"c", "__Host-sid=1", "__Host-Http-sid=1; Domain=example.com",
		`sid=1; Path=x; Domain=example.com; Max-Age="60"; Partitioned`, "sid=\x01", "=a=b", "sid=1; Expires=Wed, 09 Jun 2021 10:18:14 GMT", "a{=; Max-Age=0x",
	} {
		v := Explain(line, mustURL(t, "https://app.example.com/a/b"), time.Now())
		testSuggestion(t, v)
		name, a := v.declaration()
		c := netHTTP(t, v.SuggestionIn(frameworks[1]))
		if c.Name != name || c.Domain != a.Domain || time.Duration(c.MaxAge)*time.Second != a.MaxAge || c.Secure == a.Insecure || c.Partitioned != a.Partitioned {
			t.Errorf("%q: %s, want %q %+v", line, c, name, a)
		}
	}
}
