package sam_test

import (
	"cmp"
	"encoding/json"
	"flag"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/crumb-go/crumb/internal/app"
	"github.com/crumb-go/crumb/internal/cfn"
	"github.com/crumb-go/crumb/internal/sam"
)

var corpus = flag.String("corpus", "", "folder of templates with what the SAM translator makes of them")

// reasons are the templates of the corpus that are read in another way on purpose, and
// why.
var reasons = map[string]string{}

// translated is what the translator makes of a template. Values that it cannot know are
// null.
type translated struct {
	APIs []struct {
		Kind, LogicalID, Stage string
		Edge                   *bool
		BinaryMediaTypes       []string
		StageVariables         map[string]any
		Routes                 []struct {
			Method, Path, FunctionLogicalID        string
			Auth, Authorizer, PayloadFormatVersion *string
			APIKeyToo                              *bool
			Stream, CORS                           bool
			TimeoutInMillis                        int64
		}
	}
	Functions map[string]struct {
		Runtime         string
		Timeout, Memory int
		Env             map[string]any
	}
}

// TestCorpus compares templates with what the translator makes of them.
func TestCorpus(t *testing.T) {
	if *corpus == "" {
		t.Skip("without -corpus there is nothing to compare with")
	}
	agree, differ := 0, 0
	for name, want := range readJSON[map[string]translated](t, "expected.json") {
		t.Run(name, func(t *testing.T) {
			got, err := refusals(filepath.Join(*corpus, name+".yaml"), sam.Options{})
			why := ""
			switch {
			case err != nil:
				why = "refused: " + err.Error()
			default:
				if have, want := summary(got, want); have != want {
					why = fmt.Sprintf("read as\n%s\nthe translator makes\n%s", have, want)
				}
			}
			switch {
			case why == "":
				agree++
			case reasons[name] == "":
				t.Error(why)
			default:
				differ++
			}
			if why == "" && reasons[name] != "" {
				t.Errorf("it agrees, and has a reason to differ")
			}
		})
	}
	t.Logf("%d templates agree, %d have a reason to differ", agree, differ)
	if agree < 100 {
		t.Errorf("%d templates agree", agree)
	}
}

func readJSON[T any](t *testing.T, name string) (v T) {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(*corpus, name))
	if err == nil {
		err = json.Unmarshal(text, &v)
	}
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// isPlain reports whether an API is one of plain CloudFormation, of which the translator
// makes nothing.
func isPlain(template, id string) bool {
	text, err := os.ReadFile(template)
	if err != nil {
		return false
	}
	root, err := cfn.Parse(text)
	return err == nil && strings.HasPrefix(root.Get("Resources", id, "Type").Str(), "AWS::ApiGateway")
}

// summary writes an app, and what the translator makes of its template, as text. What
// the translator cannot know is left out of both.
func summary(a *app.App, w translated) (have, want string) {
	var h, x []string
	add := func(got, want string) { h, x = append(h, got), append(x, want) }
	apis := map[string]*app.API{}
	for _, api := range a.APIs {
		apis[string(api.Kind)+" "+api.ID] = api
	}
	for _, api := range w.APIs {
		id := strings.ToLower(api.Kind) + " " + api.LogicalID
		got := apis[id]
		delete(apis, id)
		if got == nil {
			if len(api.Routes) > 0 {
				add("", id)
			}
			continue
		}
		head := func(stage string, types []string, variables string, edge bool) string {
			types = slices.Clone(types)
			slices.Sort(types)
			if api.Edge == nil {
				edge = false
			}
			return fmt.Sprintln(id, stage, slices.Compact(types), variables, edge)
		}
		add(head(got.Stage, got.BinaryMediaTypes, fmt.Sprint(len(got.StageVariables)), got.Edge),
			head(api.Stage, api.BinaryMediaTypes, fmt.Sprint(len(api.StageVariables)), api.Edge != nil && *api.Edge))
		if api.Routes == nil {
			continue
		}
		var mine, theirs []string
		known := map[string][2]string{}
		for _, r := range api.Routes {
			auth, payload := "?", "?"
			if r.Auth != nil {
				auth = *r.Authorizer + " " + strings.Replace(*r.Auth, "apikey", "none", 1)
				if r.APIKeyToo != nil && *r.APIKeyToo {
					auth += " key"
				}
			}
			if r.PayloadFormatVersion != nil {
				payload = *r.PayloadFormatVersion
			}
			known[r.Method+" "+r.Path] = [2]string{auth, payload}
			theirs = append(theirs, fmt.Sprintf("  %s %s %s %s %s stream=%t %dms cors=%t", r.Method, r.Path, r.FunctionLogicalID, payload, auth, r.Stream, r.TimeoutInMillis, r.CORS))
		}
		for _, r := range got.Routes {
			auth, payload := r.Authorizer+" "+cmp.Or(string(r.Auth), "none"), r.Payload
			if r.APIKey {
				auth += " key"
			}
			k := known[r.Method+" "+r.Path]
			if k[0] == "?" {
				auth = "?"
			}
			if k[1] == "?" {
				payload = "?"
			}
			mine = append(mine, fmt.Sprintf("  %s %s %s %s %s stream=%t %dms cors=%t", r.Method, r.Path, r.Function.ID, payload, auth, r.Stream, r.Timeout.Milliseconds(), got.CORS != nil))
		}
		slices.Sort(mine)
		slices.Sort(theirs)
		add(strings.Join(mine, "\n"), strings.Join(theirs, "\n"))
	}
	for _, id := range slices.Sorted(maps.Keys(apis)) {
		if apis[id].Kind != app.URL && !isPlain(a.File, apis[id].ID) {
			add(id, "")
		}
	}
	functions := map[string]*app.Function{}
	for _, f := range a.Functions {
		functions[f.ID] = f
	}
	for _, id := range slices.Sorted(maps.Keys(w.Functions)) {
		f := w.Functions[id]
		got := functions[id]
		if got == nil {
			add("", id)
			continue
		}
		env := map[string]string{}
		for name, v := range f.Env {
			if v != nil {
				env[name] = fmt.Sprint(v)
			}
		}
		for name := range got.Env {
			if _, known := env[name]; !known {
				delete(got.Env, name)
			}
		}
		add(fmt.Sprintln(id, got.Runtime, got.Timeout.Seconds(), got.MemoryMB, got.Env), fmt.Sprintln(id, f.Runtime, f.Timeout, f.Memory, env))
	}
	return strings.Join(h, "\n"), strings.Join(x, "\n")
}

// TestCorpusErrors holds that most templates that the translator refuses, for something
// that matters on a developer's machine, are refused for the same resource.
func TestCorpusErrors(t *testing.T) {
	if *corpus == "" {
		t.Skip("without -corpus there is nothing to compare with")
	}
	named, all := 0, 0
	causes := readJSON[map[string][]struct{ Kind, Matter, Resource string }](t, "errors.json")
	for _, name := range slices.Sorted(maps.Keys(causes)) {
		var missing []string
		local := false
		_, err := refusals(filepath.Join(*corpus, "errors", name+".yaml"), sam.Options{})
		for _, c := range causes[name] {
			if c.Matter != "local" {
				continue
			}
			local = true
			if err == nil || c.Resource != "" && !strings.Contains(err.Error(), ": "+c.Resource) {
				missing = append(missing, c.Resource+": "+c.Kind)
			}
		}
		if !local {
			continue
		}
		all++
		if missing == nil {
			named++
			continue
		}
		t.Logf("%s: not named: %s; named:\n%v", name, strings.Join(missing, "; "), err)
	}
	t.Logf("%d of %d templates are refused for all that the translator refuses", named, all)
	if named < 46 {
		t.Errorf("too few")
	}
}
