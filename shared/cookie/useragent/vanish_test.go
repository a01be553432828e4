package useragent_test

import (
	"net/url"
	"os"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/crumb-go/crumb/shared/cookie/useragent"
)

// TestCookiesThatVanish runs each row of the table in
// docs/cookies-that-vanish.md.
func TestCookiesThatVanish(t *testing.T) {
	text, err := os.ReadFile("../../../docs/cookies-that-vanish.md")
	if err != nil {
		t.Fatal(err)
	}
	rows := 0
	for line := range strings.Lines(string(text)) {
		cells := strings.Split(strings.Trim(strings.TrimSpace(line), "|"), "|")
		if _, err := strconv.Atoi(strings.TrimSpace(cells[0])); len(cells) != 8 || err != nil {
			continue
		}
		rows++
		for i := range cells {
			cells[i] = strings.TrimSpace(cells[i])
		}
		t.Run("row-"+cells[0], func(t *testing.T) {
			testRow(t, code(cells[2]), strings.Split(cells[3], " then "), useragent.Outcome(cells[4]), code(cells[5]), code(cells[6]), code(cells[7]))
		})
	}
	if rows != 10 {
		t.Errorf("the table has %d rows, want 10", rows)
	}
}

func testRow(t *testing.T, from string, lines []string, outcome useragent.Outcome, reason, next, want string) {
	var jar useragent.Jar
	var v useragent.Verdict
	for _, line := range lines {
		v = jar.Set(useragent.Request{URL: parse(t, from)}, code(line))
	}
	if v.Outcome != outcome || !v.Has(reason) {
		t.Errorf("%s, want %s by %s", v, outcome, reason)
	}
	if got := jar.Header(useragent.Request{URL: parse(t, next)}); got != want {
		t.Errorf("Cookie: %q, want %q", got, want)
	}
}

var times = regexp.MustCompile(`x\*(\d+)`)

// code is the text of a cell without its backquotes, with x*N expanded.
func code(cell string) string {
	return times.ReplaceAllStringFunc(strings.Trim(cell, "`"), func(s string) string {
		n, _ := strconv.Atoi(s[2:])
		return strings.Repeat("x", n)
	})
}

func parse(t *testing.T, s string) *url.URL {
	t.Helper()
	u, err := url.Parse(s)
	if err != nil {
		t.Fatal(err)
	}
	return u
}
