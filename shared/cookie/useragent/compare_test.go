package useragent

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
)

func TestCompare(t *testing.T) {
	page := mustURL(t, "https://app.example/")
	for _, tt := range []struct {
		name, line string
		agree      bool
		acts       Engine // whose verdict to act on
		want       string
		reasons    string // the ID of each, with its engines
	}{
		{"all-store", "a=1; Path=/", true, Chromium, "Chromium: stored; Firefox: stored; Safari: stored (documented, not run)", ""},
		{"all-ignore", "a=1; Partitioned", true, Chromium, "Chromium: ignored; Firefox: ignored; Safari: ignored (documented, not run)",
			"partitioned-insecure [chromium firefox safari]"},
		{"first-differs", "a=1\t2", false, Chromium, "Chromium: ignored; Firefox: stored; Safari: stored (documented, not run)",
			"tab [chromium], value-octets [firefox safari]"},
		{"second-differs", "a=1; Expires=1 Jan 2020", false, Chromium, "Chromium: stored; Firefox: deleted; Safari: stored (documented, not run)",
			"expires-invalid [chromium safari], expired [firefox]"},
		{"last-differs", "a", false, Safari, "Chromium: stored; Firefox: stored; Safari: ignored (documented, not run)",
			"nameless [chromium], nameless [firefox], nameless [safari]"},
		{"reason-of-the-first-two", "a=1; SameSite=None", false, Chromium, "Chromium: ignored; Firefox: ignored; Safari: stored (documented, not run)",
			"samesite-none-insecure [chromium firefox]"},
		{"reason-twice", "__Host-a=1; Path=/x; Secure; Domain=app.example", true, Chromium,
			"Chromium: ignored; Firefox: ignored; Safari: ignored (documented, not run)", "prefix-host [chromium firefox safari], prefix-host [chromium firefox safari]"},
		{"reason-twice-alike", "a=1; Path=/a; Path=/b; Path=/", true, Chromium, "Chromium: stored; Firefox: stored; Safari: stored (documented, not run)",
			"attribute-repeated [chromium firefox safari]"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c := Compare(tt.line, page, now)
			if c.String() != tt.want || c.Agree() != tt.agree || c.Verdict().Engine != tt.acts {
				t.Errorf("%v, agree: %v, verdict of %s; want %s, %v, %s", c, c.Agree(), c.Verdict().Engine, tt.want, tt.agree, tt.acts)
			}
			var reasons []string
			for _, r := range c.Reasons() {
				reasons = append(reasons, fmt.Sprint(r.ID, " ", r.Engines))
			}
			if got := strings.Join(reasons, ", "); got != tt.reasons {
				t.Errorf("reasons: %s, want %s", got, tt.reasons)
			}
		})
	}
	if c := Compare("a=1", page, now, Safari); !c.Agree() || c.Verdict().Engine != Safari {
		t.Errorf("alone: %v, agree: %v", c, c.Agree())
	}
	var engines []Engine
	for _, v := range Compare("a=1", page, now, Safari, Firefox) {
		engines = append(engines, v.Engine)
	}
	if want := []Engine{Safari, Firefox}; !slices.Equal(engines, want) {
		t.Errorf("verdicts of %v, want %v", engines, want)
	}
}

func TestCompareJSON(t *testing.T) {
	c := Compare("sid=1; SameSite=None", mustURL(t, "https://app.example/"), now, Firefox, Safari)
	verdict, err := json.Marshal(c[0])
	if err != nil {
		t.Fatal(err)
	}
	const engines = `,"engines":{"firefox":{"outcome":"ignored","stored":false,"evidence":"run","reasons":[{"id":"samesite-none-insecure","effect":"ignores",` +
		`"field":"SameSite","text":"is None without Secure","rule":"rfc6265bis 5.7: SameSite=None needs Secure"}]},` +
		`"safari":{"outcome":"stored","stored":true,"evidence":"documented","reasons":[]}}}`
	want := strings.TrimSuffix(string(verdict), "}") + engines
	if got, err := json.Marshal(c); string(got) != want || err != nil {
		t.Errorf("%s, %v\nwant %s", got, err, want)
	}
}
