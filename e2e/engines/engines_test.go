// Package engines sends lines to the real Chromium and the real Firefox, and compares
// what comes back with package useragent. It needs no driver: a page fetches URLs
// that set cookies and redirect to where they are read.
package engines

import (
	"flag"
	"fmt"
	"net/url"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/crumb-go/crumb/e2e/testenv"
	"github.com/crumb-go/crumb/shared/cookie/useragent"
)

var measure = flag.Bool("measure", false, "send every line, and compare the table of docs/engines.md; about two minutes")

// untried are the reasons without lines: a URL without cookies, and what only Safari
// does.
var untried = []string{"origin", "third-party"}

// TestLines: there are enough lines for each reason, and they have it, in the verdict
// of Explain or of an engine.
func TestLines(t *testing.T) {
	all, count := trials(1), map[string]int{}
	for _, trial := range all {
		count[trial.reason]++
		has := trial.reason == ""
		for _, e := range append(useragent.Engines(), "") {
			_, verdicts := expect(t, e, trial)
			has = has || slices.ContainsFunc(verdicts, func(v useragent.Verdict) bool { return v.Has(trial.reason) })
		}
		if !has {
			t.Errorf("%s: no verdict on %.200q has that reason", trial.reason, lines(trial))
		}
	}
	for _, id := range ids(t) {
		if n := count[id]; n < 20 && !slices.Contains(untried, id) {
			t.Errorf("%d lines for %s, want 20", n, id)
		}
	}
	if len(all) < 1500 {
		t.Errorf("%d lines, want 1,500", len(all))
	}
}

// ids reads the reasons from the package comment of useragent.
func ids(t *testing.T) []string {
	text, err := os.ReadFile("../../shared/cookie/useragent/doc.go")
	if err != nil {
		t.Fatal(err)
	}
	_, list, _ := strings.Cut(string(text), "// # Reasons\n")
	var ids []string
	for field := range strings.FieldsSeq(list) {
		id := strings.TrimRight(field, ",;.")
		if id != field && id == strings.ToLower(id) && !slices.Contains([]string{"ignored", "deletes", "jar", "versions", "engines", "says", "surprise"}, id) {
			ids = append(ids, id)
		}
	}
	if len(ids) < 40 {
		t.Fatalf("only these reasons in the package comment: %q", ids)
	}
	return ids
}

// TestEngines sends every 25th line.
func TestEngines(t *testing.T) {
	testenv.Long(t, "two browsers start")
	for engine, wrong := range compare(t, trials(25)) {
		for _, text := range wrong {
			t.Errorf("%s: %s", engine, text)
		}
	}
}

// TestMeasure sends all lines. At least 95 of 100 for each reason, and 99 of all,
// come back as useragent says, and docs/engines.md has the figures.
func TestMeasure(t *testing.T) {
	if !*measure {
		t.Skip("it takes minutes; .ci/night runs it with -measure")
	}
	all := trials(1)
	count := map[string]int{}
	for _, trial := range all {
		count[trial.reason]++
	}
	wrong := map[useragent.Engine]map[string]int{}
	for engine, texts := range compare(t, all) {
		wrong[engine] = map[string]int{}
		for _, text := range texts {
			reason, _, _ := strings.Cut(text, ":")
			wrong[engine][reason]++
			wrong[engine]["all"]++
			t.Logf("%s: %s", engine, text)
		}
	}
	count["all"] = len(all)
	var table strings.Builder
	table.WriteString("| Reason | Lines | Chromium | Firefox |\n| --- | --- | --- | --- |\n")
	seen := map[string]bool{}
	for _, row := range append(rows, rows[0]) {
		reason, least := row.reason, 95
		if seen[reason] {
			continue
		}
		seen[reason] = true
		if reason == "" {
			reason = "none"
		}
		n := count[row.reason]
		agree := map[useragent.Engine]int{}
		for engine := range wrong {
			agree[engine] = n - wrong[engine][row.reason]
			if 100*agree[engine] < least*n {
				t.Errorf("%s: %d of %d lines for %s, want %d %%", engine, agree[engine], n, reason, least)
			}
		}
		fmt.Fprintf(&table, "| %s | %d | %d | %d |\n", reason, n, agree[useragent.Chromium], agree[useragent.Firefox])
	}
	n := len(all)
	fmt.Fprintf(&table, "| all | %d | %d | %d |\n", n, n-wrong[useragent.Chromium]["all"], n-wrong[useragent.Firefox]["all"])
	for engine := range wrong {
		if 100*(n-wrong[engine]["all"]) < 99*n {
			t.Errorf("%s: %d of %d lines are not as useragent says, over 1 %%", engine, wrong[engine]["all"], n)
		}
	}
	document, err := os.ReadFile("../../docs/engines.md")
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(document), table.String()) {
		t.Errorf("docs/engines.md needs this table:\n%s", &table)
	}
}

// compare sends the trials to both browsers, and returns what is not as useragent says.
func compare(t *testing.T, all []trial) map[useragent.Engine][]string {
	s := newStand(t, all)
	wrong := map[useragent.Engine][]string{}
	for engine, open := range map[useragent.Engine]func(*testing.T, *stand){useragent.Chromium: inChromium, useragent.Firefox: inFirefox} {
		began := time.Now()
		open(t, s)
		t.Logf("%s took %v", engine.Name(), time.Since(began).Round(time.Second))
		wrong[engine] = nil
		for n, trial := range all {
			want, _ := expect(t, engine, trial)
			if got, read := s.cookie[n]; !read {
				wrong[engine] = append(wrong[engine], fmt.Sprintf("%s: %.200q was not read", trial.reason, lines(trial)))
			} else if got != want {
				wrong[engine] = append(wrong[engine], fmt.Sprintf("%s: %.200q in %s: Cookie: %.200q, want %.200q", trial.reason, lines(trial), trial.page, got, want))
			}
		}
	}
	return wrong
}

func lines(trial trial) (list []string) {
	for _, s := range trial.steps {
		list = append(list, s.line)
	}
	return list[:len(list)-1]
}

// expect returns the Cookie header of a trial by the model, and its verdicts.
func expect(t *testing.T, e useragent.Engine, trial trial) (header string, verdicts []useragent.Verdict) {
	jar := useragent.Jar{Engine: e}
	page := parse(t, trial.page)
	for _, step := range trial.steps {
		r := useragent.Request{URL: parse(t, step.url), Initiator: page, Top: page, Subresource: true, Script: step.script}
		if step.last {
			header = jar.Header(r)
			break
		}
		for line := range strings.SplitSeq(step.line, "\n") {
			verdicts = append(verdicts, jar.Set(r, line))
		}
	}
	return header, verdicts
}

func parse(t *testing.T, text string) *url.URL {
	u, err := url.Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	return u
}
