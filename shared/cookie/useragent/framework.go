package useragent

import (
	"cmp"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/crumb-go/crumb/shared/cookie"
	"github.com/crumb-go/crumb/shared/internal/rule"
)

// A Framework is what a server sets cookies with, for [Verdict.SuggestionIn].
type Framework struct {
	ID    string // "flask"; never changed
	Title string // "Python, with Flask"

	syntax syntax
}

// A syntax is how a framework sets a cookie. Its texts are formats.
type syntax struct {
	comment     string // what a comment begins with
	set         string // gets the name, the value, the Path and the other attributes
	domain      string
	maxAge      string // gets a whole number of units
	unit        time.Duration
	secure      string
	sameSite    string // gets Lax, Strict or None
	partitioned string
	since       string // what has Partitioned
	deletes     string // the lifetime that deletes

	// The value, encoded, and what reads it back.
	encoded map[cookie.Encoding][2]string
}

// frameworks is the table of all fixes except those with package cookie, which
// Suggestion writes. All set HttpOnly.
var frameworks = [...]Framework{
	{ID: "crumb", Title: "Go, with shared/cookie"},
	{"net/http", "Go, with net/http", syntax{
		comment:     "// ",
		set:         `http.SetCookie(w, &http.Cookie{Name: %q, Value: %s, Path: %q%s, HttpOnly: true})`,
		domain:      ", Domain: %q",
		maxAge:      ", MaxAge: %d",
		unit:        time.Second,
		secure:      ", Secure: true",
		sameSite:    ", SameSite: http.SameSite%sMode",
		partitioned: ", Partitioned: true",
		since:       "Go 1.23",
		deletes:     "MaxAge: -1",
		encoded: map[cookie.Encoding][2]string{
			cookie.Percent: {"url.PathEscape(value)", "url.PathUnescape"},
			cookie.Base64:  {"base64.URLEncoding.EncodeToString(value)", "base64.URLEncoding.DecodeString"},
		},
	}},
	{"flask", "Python, with Flask", syntax{
		comment:     "# ",
		set:         `response.set_cookie(%q, %s, path=%q%s, httponly=True)`,
		domain:      ", domain=%q",
		maxAge:      ", max_age=%d",
		unit:        time.Second,
		secure:      ", secure=True",
		sameSite:    ", samesite=%q",
		partitioned: ", partitioned=True",
		since:       "Werkzeug 3.1",
		deletes:     "max_age=0",
		encoded: map[cookie.Encoding][2]string{
			cookie.Percent: {"urllib.parse.quote(value)", "urllib.parse.unquote"},
			cookie.Base64:  {"base64.urlsafe_b64encode(value).decode()", "base64.urlsafe_b64decode"},
		},
	}},
	{"express", "JavaScript, with Express", syntax{
		comment:     "// ",
		set:         `res.cookie(%q, %s, { path: %q%s, httpOnly: true });`,
		domain:      ", domain: %q",
		maxAge:      ", maxAge: %d",
		unit:        time.Millisecond,
		secure:      ", secure: true",
		sameSite:    ", sameSite: %q",
		partitioned: ", partitioned: true",
		since:       "Express 4.18.3",
		deletes:     "maxAge: 0",
		encoded: map[cookie.Encoding][2]string{
			cookie.Percent: {"value", "cookie-parser"}, // res.cookie itself encodes
			cookie.Base64:  {`value.toString("base64url")`, `Buffer.from(text, "base64url")`},
		},
	}},
	{"spring", "Java, with Spring", syntax{
		comment: "// ",
		set: "response.addHeader(HttpHeaders.SET_COOKIE,\n" +
			`        ResponseCookie.from(%q, %s).path(%q)%s.httpOnly(true).build().toString());`,
		domain:      ".domain(%q)",
		maxAge:      ".maxAge(Duration.ofSeconds(%d))",
		unit:        time.Second,
		secure:      ".secure(true)",
		sameSite:    ".sameSite(%q)",
		partitioned: ".partitioned(true)",
		since:       "Spring 6.2",
		deletes:     "maxAge(0)",
		encoded: map[cookie.Encoding][2]string{
			cookie.Percent: {"UriUtils.encode(value, StandardCharsets.UTF_8)", "UriUtils.decode"},
			cookie.Base64:  {"Base64.getUrlEncoder().encodeToString(value)", "Base64.getUrlDecoder()"},
		},
	}},
}

// Frameworks returns those that SuggestionIn knows, package cookie of this module first,
// as "crumb", then net/http, Flask, Express and Spring.
func Frameworks() []Framework { return slices.Clone(frameworks[:]) }

// SuggestionIn is Suggestion in the code of a framework: it sets the cookie so that
// browsers keep it as the line probably meant it. The code of a Framework that is not of [Frameworks] is
// that of Suggestion.
func (v Verdict) SuggestionIn(f Framework) string {
	crumb := v.Suggestion()
	if crumb == "" || f.syntax.set == "" {
		return crumb
	}
	name, a := v.declaration()
	s := f.syntax
	var b strings.Builder
	comment := func(format string, args ...any) { fmt.Fprintf(&b, s.comment+format+"\n", args...) }
	advice, _ := v.advice()
	for _, text := range advice {
		if text != encode {
			comment("%s", text)
		}
	}
	value := "value"
	if encoded, ok := s.encoded[a.Encoding]; ok {
		value = encoded[0]
		comment("The value is encoded; %s reads it back.", encoded[1])
	}
	if a.Partitioned {
		comment("Partitioned needs %s.", s.since)
	}
	if v.Has("expired") {
		comment("With %s it deletes the cookie.", s.deletes)
	}
	fmt.Fprintf(&b, s.set+"\n", name, value, cmp.Or(a.Path, "/"), s.attributes(a))
	return b.String()
}

// attributes writes all but Path and HttpOnly.
func (s syntax) attributes(a cookie.Attributes) string {
	mode := cmp.Or(a.SameSite, http.SameSiteLaxMode)
	text := ""
	if a.Domain != "" {
		text += fmt.Sprintf(s.domain, a.Domain)
	}
	if a.MaxAge > 0 {
		text += fmt.Sprintf(s.maxAge, a.MaxAge/s.unit)
	}
	if !a.Insecure {
		text += s.secure
	}
	text += fmt.Sprintf(s.sameSite, rule.SameSiteWord(mode))
	if a.Partitioned {
		text += s.partitioned
	}
	return text
}
