package useragent

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"time"
)

// A Comparison is what several engines do with one line: a verdict of each.
type Comparison []Verdict

// Compare explains a line for each of the engines, or for all if none is given.
func Compare(line string, origin *url.URL, now time.Time, engines ...Engine) Comparison {
	if len(engines) == 0 {
		engines = Engines()
	}
	var c Comparison
	for _, e := range engines {
		c = append(c, e.Explain(line, origin, now))
	}
	return c
}

// Verdict returns the verdict to act on: the first that ignores the line, or else the
// first.
func (c Comparison) Verdict() Verdict {
	return c[max(0, slices.IndexFunc(c, func(v Verdict) bool { return v.Outcome == Ignored }))]
}

// Agree reports whether the line has the same outcome in all engines.
func (c Comparison) Agree() bool {
	return !slices.ContainsFunc(c, func(v Verdict) bool { return v.Outcome != c[0].Outcome })
}

// String returns the outcome in each engine, without the value.
func (c Comparison) String() string {
	var b strings.Builder
	for i, v := range c {
		if i > 0 {
			b.WriteString("; ")
		}
		fmt.Fprintf(&b, "%s: %s", v.Engine.Name(), v.Outcome)
		if v.Engine.Documented() {
			b.WriteString(" (documented, not run)")
		}
	}
	return b.String()
}

// A SharedReason is a reason and the engines in which it applies.
type SharedReason struct {
	Reason
	Engines []Engine
}

// Reasons returns the reasons of all verdicts, each once.
func (c Comparison) Reasons() []SharedReason {
	var list []SharedReason
	for _, v := range c {
		for _, r := range v.Reasons {
			i := slices.IndexFunc(list, func(s SharedReason) bool { return s.Reason == r })
			if i < 0 {
				i = len(list)
				list = append(list, SharedReason{Reason: r})
			}
			if !slices.Contains(list[i].Engines, v.Engine) {
				list[i].Engines = append(list[i].Engines, v.Engine)
			}
		}
	}
	return list
}

// MarshalJSON writes the Verdict's object, with a member engines:
//
//	"engines":{"chromium":{"outcome":"ignored","stored":false,"evidence":"run","reasons":[…]},…}
//
// The evidence is "documented" for an engine that was not run.
func (c Comparison) MarshalJSON() ([]byte, error) {
	engines := map[Engine]engineJSON{}
	for _, v := range c {
		evidence := "run"
		if v.Engine.Documented() {
			evidence = "documented"
		}
		engines[v.Engine] = engineJSON{v.Outcome, v.Outcome == Stored, evidence, append([]Reason{}, v.Reasons...)}
	}
	verdict, err1 := json.Marshal(c.Verdict())
	text, err2 := json.Marshal(engines)
	return slices.Concat(bytes.TrimSuffix(verdict, []byte("}")), []byte(`,"engines":`), text, []byte("}")), errors.Join(err1, err2)
}

type engineJSON struct {
	Outcome  Outcome  `json:"outcome"`
	Stored   bool     `json:"stored"`
	Evidence string   `json:"evidence"`
	Reasons  []Reason `json:"reasons"`
}
