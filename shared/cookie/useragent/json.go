package useragent

import (
	"cmp"
	"encoding/json"
	"strings"
	"time"

	"github.com/crumb-go/crumb/shared/internal/rule"
)

// MarshalJSON writes the verdict as an object, without the value:
//
//	{"outcome":"ignored","stored":false,"url":"https://app.example/","name":"sid","name_octets":3,"value_octets":24,
//	 "reasons":[{"id":"samesite-none-insecure","effect":"ignores","field":"SameSite","text":"…","rule":"…"}],"go":"…",
//	 "fixes":{"net/http":"…","flask":"…","express":"…","spring":"…"}}
//
// Unless the line is ignored there are also the members of the cookie: domain,
// host_only, path, expires (null: when the browser closes), secure, http_only,
// same_site ("Strict", "Lax", "None", "default"), partitioned, and meanings, in words,
// by attribute.
func (v Verdict) MarshalJSON() ([]byte, error) {
	c := v.Cookie
	out := verdictJSON{
		Outcome:     v.Outcome,
		URL:         v.from.URL.Redacted(), // "" for no URL
		Stored:      v.Outcome == Stored,
		Name:        c.Name,
		NameOctets:  len(c.Name),
		ValueOctets: len(c.Value),
		Reasons:     append([]Reason{}, v.Reasons...),
		Go:          v.Suggestion(),
	}
	if out.Go != "" {
		out.Fixes = map[string]string{}
		for _, f := range frameworks[1:] {
			out.Fixes[f.ID] = v.SuggestionIn(f)
		}
	}
	if v.Outcome != Ignored {
		out.meaningJSON = &meaningJSON{
			Domain:      c.Domain,
			HostOnly:    c.HostOnly,
			Path:        shown(c.Path),
			Secure:      c.Secure,
			HTTPOnly:    c.HTTPOnly,
			SameSite:    cmp.Or(rule.SameSiteWord(c.SameSite), "default"),
			Partitioned: c.Partition != "",
			Meanings:    map[string]string{},
		}
		if !c.Expires.IsZero() {
			t := c.Expires.UTC()
			out.Expires = &t
		}
		for _, m := range v.Meanings() {
			out.Meanings[strings.ToLower(m.Attribute)] = m.Text
		}
	}
	return json.Marshal(out)
}

type verdictJSON struct {
	Outcome     Outcome `json:"outcome"`
	Stored      bool    `json:"stored"`
	URL         string  `json:"url"`
	Name        string  `json:"name"`
	NameOctets  int     `json:"name_octets"`
	ValueOctets int     `json:"value_octets"`
	*meaningJSON
	Reasons []Reason          `json:"reasons"`
	Go      string            `json:"go,omitempty"`
	Fixes   map[string]string `json:"fixes,omitempty"`
}

type meaningJSON struct {
	Domain      string            `json:"domain"`
	HostOnly    bool              `json:"host_only"`
	Path        string            `json:"path"`
	Expires     *time.Time        `json:"expires"`
	Secure      bool              `json:"secure"`
	HTTPOnly    bool              `json:"http_only"`
	SameSite    string            `json:"same_site"`
	Partitioned bool              `json:"partitioned"`
	Meanings    map[string]string `json:"meanings"`
}
