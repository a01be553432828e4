// Package compare sends the same requests to crumb and to another server, and
// compares the responses. Intended differences are listed in a file, each for one
// request and one field, with both values and the reason.
package compare

import (
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"
)

// Absent is the value of a field that a response lacks.
const Absent = "(absent)"

// A Difference is an intended one.
type Difference struct {
	Request string `json:"request"` // Request.Name, or "*" for each whose responses are compared completely
	Field   string `json:"field"`   // a key of Answer
	Ours    string `json:"ours"`    // crumb's value
	Theirs  string `json:"theirs"`  // the other's
	Why     string `json:"why"`
	Source  string `json:"source,omitempty"` // a public source for it
}

// A Server answers requests.
type Server func(t *testing.T, r Request) Answer

// Run sends each request to both servers, in order and in a separate subtest, and
// compares the responses. A difference that file does not list is an error. So is
// a listed one that has another value, no longer exists, or is for an unknown
// request.
func Run(t *testing.T, file string, ours, theirs Server, requests []Request) {
	t.Helper()
	meant := read(t, file)
	every := meant["*"]
	delete(meant, "*")
	for _, r := range requests {
		listed := map[string]Difference{}
		if len(r.Fields) == 0 {
			maps.Copy(listed, every)
		}
		maps.Copy(listed, meant[r.Name])
		delete(meant, r.Name)
		t.Run(r.Name, func(t *testing.T) {
			for _, fault := range faults(r, ours(t, r), theirs(t, r), listed) {
				t.Errorf("%s: %s", file, fault)
			}
		})
	}
	for name := range meant {
		t.Errorf("%s lists the request %q, which is not sent", file, name)
	}
}

// faults returns what is wrong with the differences between two responses, by
// field, or with those that are listed.
func faults(r Request, ours, theirs Answer, listed map[string]Difference) []string {
	fields := r.Fields
	if len(fields) == 0 {
		all := maps.Clone(ours)
		maps.Copy(all, theirs)
		fields = slices.Sorted(maps.Keys(all))
	}
	var faults []string
	for _, field := range fields {
		a, b := ours.get(field), theirs.get(field)
		want, ok := listed[field]
		switch {
		case a == b:
			continue
		case !ok:
			faults = append(faults, "does not list "+asJSON(Difference{Request: r.Name, Field: field, Ours: a, Theirs: b}))
		case want.Ours != a || want.Theirs != b:
			faults = append(faults, fmt.Sprintf("lists %s, got %q and %q", asJSON(want), a, b))
		}
	}
	for _, field := range slices.Sorted(maps.Keys(listed)) {
		if !slices.Contains(fields, field) || ours.get(field) == theirs.get(field) {
			faults = append(faults, fmt.Sprintf("lists %s of %s, which does not differ", field, r.Name))
		}
	}
	return faults
}

// read returns the file's differences by request and field.
func read(t *testing.T, file string) map[string]map[string]Difference {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var list []Difference
	if err := json.Unmarshal(text, &list); err != nil {
		t.Fatalf("%s: %v", file, err)
	}
	meant := map[string]map[string]Difference{}
	for _, d := range list {
		if d.Why == "" {
			t.Errorf("%s: %s of %s has no reason", file, d.Field, d.Request)
		}
		if _, twice := meant[d.Request][d.Field]; twice {
			t.Errorf("%s lists %s of %s twice", file, d.Field, d.Request)
		}
		if meant[d.Request] == nil {
			meant[d.Request] = map[string]Difference{}
		}
		meant[d.Request][d.Field] = d
	}
	return meant
}

func asJSON(d Difference) string {
	var text strings.Builder
	enc := json.NewEncoder(&text)
	enc.SetEscapeHTML(false)
	_ = enc.Encode(d) // strings only: cannot fail
	return strings.TrimSpace(text.String())
}
