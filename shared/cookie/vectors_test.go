package cookie_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/crumb-go/crumb/shared/cookie"
)

var vectorsFile = flag.String("vectors", "testdata/cookie.json", "file of test vectors; relative to this package or to the module")

// policy is what this package does where implementations differ, one choice for each rule. A
// row of level "policy" may expect something else; then what we write must follow the grammar
// and read back. TestPolicy pins every choice.
var policy = map[string]string{
	"name":       "a token, or rejected",
	"value":      "Plain rejects all but cookie-octets, bare or in double quotes; a declaration may choose Percent or Base64",
	"path":       "rejected: no slash at the start, a byte over 0x7F, a space at the end; nothing is repaired",
	"domain":     "rejected: leading or trailing dot, public suffix, single label, IP address, underscore; nothing is repaired",
	"max-age":    "over 400 days is rejected, as browsers would shorten it; zero or less is Delete, written Max-Age=0",
	"expires":    "rejected outside the years 1601 to 9999; fractions of a second are dropped",
	"attributes": "a SameSite other than Strict, Lax and None is rejected",
	"prefix":     "matched without case, __Http- and __Host-Http- included; what a browser would ignore is rejected",
	"size":       "rejected over 4,096 bytes of name and value, or 1,024 of a Path",
}

// impossible lists by rule what a row can request and the API cannot express.
var impossible = map[string]string{
	"no-path":   "every line has a Path, so no __Host- cookie lacks it",
	"response":  "Set replaces or rejects a second line for a name (TestSetTwice) and never folds lines",
	"attribute": "Attributes has no such field, or not of this type",
	"lifetimes": "Until replaces MaxAge: a declaration has one lifetime",
}

type vector struct {
	ID, Suite, Level string
	Input            json.RawMessage
	Expected         struct {
		Verdict, Rule, Wire string
		Alternative         string
		GrammarPairs        [][2]string `json:"grammar_pairs"`
	}
}

// declaration is the input of a row of set-cookie-build.
type declaration struct {
	Name, Value, Path, Domain string
	MaxAge                    *float64 `json:"max_age"`
	Expires                   string
	SameSite                  string `json:"same_site"`
	Secure, Partitioned       bool
	HTTPOnly                  bool `json:"http_only"`
}

func TestVectors(t *testing.T) {
	ran := 0
	for _, v := range readVectors(t) {
		switch v.Suite {
		case "set-cookie-build":
			t.Run(v.ID, func(t *testing.T) { testBuild(t, v) })
		case "request-cookie-parse":
			t.Run(v.ID, func(t *testing.T) { testParse(t, v) })
		default: // a browser's side: package useragent
			continue
		}
		ran++
	}
	if ran == 0 {
		t.Errorf("%s has no row of set-cookie-build or request-cookie-parse", *vectorsFile)
	}
}

func testBuild(t *testing.T, v vector) {
	if v.Expected.Rule == "response" {
		t.Log("impossible by construction: " + impossible["response"])
		return
	}
	var d declaration
	if !decodeStrictly(v.Input, &d) {
		t.Log("impossible by construction: " + impossible["attribute"])
		return
	}
	if d.Expires != "" && d.MaxAge != nil {
		t.Log("impossible by construction: " + impossible["lifetimes"])
		return
	}
	line, err := d.build()
	want := v.Expected.Verdict
	if want == "reject" && err == nil && d.Path == "" && strings.Contains(line, "; Path=/; ") {
		d.Path = "/" // is only the missing Path wrong?
		if withPath, err := d.build(); err == nil && withPath == line && strings.HasPrefix(strings.ToLower(d.Name), "__host-") {
			t.Log("impossible by construction: " + impossible["no-path"])
			return
		}
	}
	got := "accept"
	if err != nil {
		got = "reject"
	}
	if got != want {
		if choice := policy[v.Expected.Rule]; v.Level != "policy" || choice == "" {
			t.Fatalf("%sed (%v), want %s", got, err, want)
		} else {
			t.Log("policy: " + choice)
		}
	}
	if err == nil {
		d.checkLine(t, line, expand(v.Expected.Wire))
	}
}

// build declares d and writes its line with this package: without Secure it is Insecure, without
// HttpOnly it is ScriptReadable; without Path or SameSite it has the default; max_age of zero or
// less is Delete; expires is Until.
func (d declaration) build() (string, error) {
	a := cookie.Attributes{Path: d.Path, Domain: d.Domain, Insecure: !d.Secure, ScriptReadable: !d.HTTPOnly, Partitioned: d.Partitioned}
	switch strings.ToLower(d.SameSite) {
	case "":
	case "lax":
		a.SameSite = http.SameSiteLaxMode
	case "strict":
		a.SameSite = http.SameSiteStrictMode
	case "none":
		a.SameSite = http.SameSiteNoneMode
	default:
		a.SameSite = -1
	}
	if d.MaxAge != nil && *d.MaxAge > 0 {
		a.MaxAge = time.Duration(min(*d.MaxAge, 1e9) * 1e9) // 1e9 seconds are far above every limit
	}
	c, err := cookie.New(d.Name, a)
	if err != nil {
		return "", err
	}
	switch {
	case d.Expires != "":
		return c.Until(parseTime(d.Expires)).Line(d.Value)
	case d.MaxAge != nil && *d.MaxAge <= 0:
		w := recorder{}
		err := c.Delete(w)
		return http.Header(w).Get("Set-Cookie"), err
	}
	return c.Line(d.Value)
}

var sane = regexp.MustCompile("^[!#$%&'*+.^_`|~0-9A-Za-z-]+=(\"[!#-+--:<-\\[\\]-~]*\"|[!#-+--:<-\\[\\]-~]*)(; [ -:<-~]+)*$")

// checkLine checks that line has the expected parts and follows the grammar, and reads the value
// back.
func (d declaration) checkLine(t *testing.T, line, wire string) {
	if !sane.MatchString(line) {
		t.Errorf("line %q is outside the grammar", line)
	}
	got, want := strings.Split(line, "; "), strings.Split(wire, "; ")
	value, deletes := d.Value, d.MaxAge != nil && *d.MaxAge <= 0
	if deletes { // a deletion has no value
		value, want[0] = "", strings.TrimSuffix(want[0], d.Value)
	}
	if wire != "" && got[0] != want[0] {
		t.Errorf("line starts with %q, want %q", got[0], want[0])
	}
	for _, part := range want[1:] {
		name, value, _ := strings.Cut(part, "=")
		if !slices.ContainsFunc(got[1:], func(s string) bool {
			n, v, _ := strings.Cut(s, "=")
			return strings.EqualFold(n, name) && (v == value || strings.EqualFold(n, "Domain") && strings.EqualFold(v, value))
		}) {
			t.Errorf("line %q lacks %q", line, part)
		}
	}
	pairs, err := cookie.Parse(http.Header{"Cookie": {got[0]}})
	if err != nil || len(pairs) != 1 || pairs[0] != (cookie.Pair{Name: d.Name, Value: value}) {
		t.Errorf("%q reads back as %q, %v", got[0], pairs, err)
	}
}

func testParse(t *testing.T, v vector) {
	var in struct{ Headers []string }
	if !decodeStrictly(v.Input, &in) {
		t.Fatalf("input %s is not known", v.Input)
	}
	for i := range in.Headers {
		in.Headers[i] = expand(in.Headers[i])
	}
	want := []cookie.Pair{}
	for _, p := range v.Expected.GrammarPairs {
		want = append(want, cookie.Pair{Name: expand(p[0]), Value: expand(p[1])})
	}
	got, err := cookie.Parse(http.Header{"Cookie": in.Headers})
	if v.Level == "policy" && err == nil && slices.Equal(got, chosenPairs(in.Headers)) {
		return
	}
	if err != nil || !slices.Equal(got, want) {
		t.Errorf("Parse(%q) = %q, %v, want %q", in.Headers, got, err, want)
	}
}

// chosenPairs is the policy for request headers in its simplest form: one list for all lines,
// split at semicolons, each pair at its first equals sign; SP and HTAB trimmed; without pairs
// whose name is not a token or whose value has a control byte; everything else as sent.
func chosenPairs(lines []string) []cookie.Pair {
	token, control := regexp.MustCompile("^[!#$%&'*+.^_`|~0-9A-Za-z-]+$"), regexp.MustCompile(`[\x00-\x08\x0A-\x1F\x7F]`)
	var pairs []cookie.Pair
	for _, part := range strings.Split(strings.Join(lines, ";"), ";") {
		name, value, found := strings.Cut(part, "=")
		name, value = strings.Trim(name, " \t"), strings.Trim(value, " \t")
		if found && token.MatchString(name) && !control.MatchString(value) {
			pairs = append(pairs, cookie.Pair{Name: name, Value: value})
		}
	}
	return pairs
}

func readVectors(t testing.TB) []vector {
	t.Helper()
	data, err := os.ReadFile(*vectorsFile)
	if err != nil {
		data, err = os.ReadFile(filepath.Join("..", "..", *vectorsFile))
	}
	if err != nil {
		t.Fatal(err)
	}
	var file struct{ Vectors []vector }
	// Whole responses may have lists where other rows have a text: such a member is
	// skipped, and the rest is read.
	if err := json.Unmarshal(data, &file); err != nil && !errors.As(err, new(*json.UnmarshalTypeError)) {
		t.Fatalf("%s: %v", *vectorsFile, err)
	}
	return file.Vectors
}

// decodeStrictly decodes data into v, strings expanded, and reports whether v
// has a field for everything in data.
func decodeStrictly(data json.RawMessage, v any) bool {
	dec := json.NewDecoder(bytes.NewReader(data))
	dec.DisallowUnknownFields()
	if dec.Decode(v) != nil {
		return false
	}
	if d, ok := v.(*declaration); ok {
		for _, s := range []*string{&d.Name, &d.Value, &d.Path, &d.Domain, &d.SameSite} {
			*s = expand(*s)
		}
	}
	return true
}

var repeat = regexp.MustCompile(`(?s)\{\{(.)\*(\d+)\}\}`)

// expand turns the code points of s into bytes and {{c*N}} into N times c.
func expand(s string) string {
	latin1 := make([]byte, 0, len(s))
	for _, r := range s {
		latin1 = append(latin1, byte(r))
	}
	return repeat.ReplaceAllStringFunc(string(latin1), func(m string) string {
		parts := repeat.FindStringSubmatch(m)
		n, _ := strconv.Atoi(parts[2])
		return strings.Repeat(parts[1], n)
	})
}

// parseTime reads RFC 3339, years of five digits included.
func parseTime(s string) time.Time {
	if t, err := time.Parse(time.RFC3339, s); err == nil {
		return t
	}
	var y, mo, d, h, mi, sec int
	fmt.Sscanf(s, "%d-%d-%dT%d:%d:%d", &y, &mo, &d, &h, &mi, &sec)
	return time.Date(y, time.Month(mo), d, h, mi, sec, 0, time.UTC)
}

// recorder is a ResponseWriter with only a header.
type recorder http.Header

func (r recorder) Header() http.Header         { return http.Header(r) }
func (r recorder) Write(b []byte) (int, error) { return len(b), nil }
func (r recorder) WriteHeader(int)             {}
