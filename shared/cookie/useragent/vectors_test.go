package useragent

import (
	"encoding/json"
	"flag"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
)

var vectorsFile = flag.String("vectors", "../testdata/cookie.json", "file of test vectors; relative to this package or to the module")

// policy is what this package does where browsers and the draft differ, by reason: it follows
// Chromium where that is stricter. A row of level "policy" may then expect something else.
// TestPolicy pins each choice.
var policy = map[string]string{
	"tab":             "Chromium drops a cookie with a tab inside, rfc6265bis keeps it",
	"nameless-equals": "Chromium drops a nameless value with an equals sign, rfc6265bis keeps it",
	"domain-mismatch": "Chromium ignores a cookie whose Domain is only a dot, rfc6265bis treats that as no Domain",
	"public-suffix":   "Chromium treats the parent of a wildcard in the list as a public suffix, the list does not",
}

type vector struct {
	ID, Suite, Level string
	Input            struct {
		Steps []struct {
			URL       string
			SetCookie []string `json:"set_cookie"`
		}
		RequestURL string `json:"request_url"`
		Expires    string
	}
	Expected struct {
		CookieHeader string   `json:"cookie_header"`
		Stored       []bool   // of each line, in order
		Outcome      []string `json:"ref_outcome"`
		Date         *string
	}
}

func TestVectors(t *testing.T) {
	ran := 0
	for _, v := range readVectors(t) {
		switch v.Suite {
		case "ua-storage", "deletion":
			t.Run(v.ID, func(t *testing.T) { testStorage(t, v) })
		case "expires-date":
			t.Run(v.ID, func(t *testing.T) { testDate(t, v) })
		default: // a server's side: package cookie
			continue
		}
		ran++
	}
	if ran == 0 {
		t.Errorf("%s has no row of ua-storage, deletion or expires-date", *vectorsFile)
	}
}

func testStorage(t *testing.T, v vector) {
	var jar Jar
	var verdicts []Verdict
	for _, step := range v.Input.Steps {
		for _, line := range step.SetCookie {
			verdicts = append(verdicts, jar.Set(Request{URL: mustURL(t, octets(t, step.URL))}, octets(t, line)))
		}
	}
	choice := slices.ContainsFunc(verdicts, func(v Verdict) bool {
		return slices.ContainsFunc(v.Reasons, func(r Reason) bool { return policy[r.ID] != "" })
	})
	if v.Level == "policy" && choice {
		t.Logf("policy: %v", verdicts)
		return
	}
	if got, want := jar.Header(Request{URL: mustURL(t, octets(t, v.Input.RequestURL))}), octets(t, v.Expected.CookieHeader); got != want {
		t.Errorf("Cookie: %q, want %q", got, want)
	}
	for i, verdict := range verdicts {
		if got := verdict.Outcome == Stored; i < len(v.Expected.Stored) && got != v.Expected.Stored[i] {
			t.Errorf("line %d: %s, want stored: %v", i, verdict.Outcome, v.Expected.Stored[i])
		}
		if i >= len(v.Expected.Outcome) {
			continue
		}
		if id := v.Expected.Outcome[i]; id != "stored" && slices.Contains(ids, id) && !verdict.Has(id) {
			t.Errorf("line %d: reasons %v, want one of %q", i, verdict.Reasons, id)
		}
	}
}

func testDate(t *testing.T, v vector) {
	got, ok := Engine("").parseDate(octets(t, v.Input.Expires))
	if want := v.Expected.Date; want == nil {
		if ok {
			t.Errorf("%v, want no date", got)
		}
	} else if !ok || got.Format(http.TimeFormat) != *want {
		t.Errorf("%v, %v, want %s", got.Format(http.TimeFormat), ok, *want)
	}
}

func readVectors(t *testing.T) []vector {
	t.Helper()
	file := *vectorsFile
	if _, err := os.Stat(file); err != nil && !filepath.IsAbs(file) {
		file = filepath.Join("../../..", file)
	}
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var all struct{ Vectors []json.RawMessage }
	if err := json.Unmarshal(text, &all); err != nil {
		t.Fatal(err)
	}
	var vectors []vector
	for _, row := range all.Vectors {
		var head struct{ Suite string }
		var v vector
		if err := json.Unmarshal(row, &head); err != nil {
			t.Fatal(err)
		}
		if !slices.Contains([]string{"ua-storage", "deletion", "expires-date"}, head.Suite) {
			continue
		}
		if err := json.Unmarshal(row, &v); err != nil {
			t.Fatal(err)
		}
		vectors = append(vectors, v)
	}
	return vectors
}

var repeat = regexp.MustCompile(`(?s)\{\{(.)\*(\d+)\}\}`)

// octets returns the bytes that the vectors write as one code point each, with {{c*N}} for
// c repeated.
func octets(t *testing.T, s string) string {
	t.Helper()
	s = repeat.ReplaceAllStringFunc(s, func(m string) string {
		parts := repeat.FindStringSubmatch(m)
		n, _ := strconv.Atoi(parts[2])
		return strings.Repeat(parts[1], n)
	})
	var b strings.Builder
	for _, r := range s {
		if r > 0xFF {
			t.Fatalf("%q is not a byte", r)
		}
		b.WriteByte(byte(r))
	}
	return b.String()
}

func mustURL(t testing.TB, s string) *url.URL {
	t.Helper()
	u, err := url.Parse(s)
	if err != nil {
		t.Fatal(err)
	}
	return u
}

var now = time.Date(2026, 6, 9, 10, 18, 14, 0, time.UTC)

// ids has all reasons; TestIDs compares the package comment with them.
var ids = []string{
	"origin", "ctl", "empty", "too-long", "tab", "nameless-prefix", "nameless-equals", "domain-non-ascii", "public-suffix", "domain-mismatch",
	"secure-from-insecure", "httponly-from-script", "third-party", "overlay-secure", "overlay-httponly", "samesite-cross-site", "samesite-none-insecure",
	"partitioned-insecure", "prefix-secure", "prefix-host", "prefix-http", "prefix-host-http", "expired",
	"nameless", "trimmed", "folded", "attribute-too-long", "attribute-repeated", "attribute-unknown", "flag-value", "max-age-invalid",
	"attribute-swallowed", "expires-invalid", "expires-zone", "expires-javascript", "partitioned-samesite", "lifetime-capped", "path-invalid", "samesite-unknown",
	"name-token", "value-octets", "path-absent", "path-elsewhere", "path-non-ascii", "deletes-nothing",
}
