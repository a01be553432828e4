package functions_test

import (
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"go.yaml.in/yaml/v4"
)

// template-http.yaml is template.yaml with an HTTP API: exactly the same routes, functions,
// permissions and parameters.
func TestTemplatesDifferInTheAPIOnly(t *testing.T) {
	apisOwn := []string{"Description", "Parameters AccessLogs", "Globals Api", "Resources Api", "Resources ServerErrorsAlarm", "Outputs Url"}
	rest, http := entries(t, "template.yaml"), entries(t, "template-http.yaml")
	for _, key := range apisOwn {
		delete(rest, key)
		delete(http, key)
	}
	if len(rest) < 10 {
		t.Fatalf("template.yaml has but %d entries", len(rest))
	}
	all := maps.Clone(rest)
	maps.Copy(all, http)
	asHTTP := strings.NewReplacer("Type: Api\n", "Type: HttpApi\n", "RestApiId: ", "ApiId: ")
	for _, key := range slices.Sorted(maps.Keys(all)) {
		if want := asHTTP.Replace(rest[key]); http[key] != want {
			t.Errorf("%s of template-http.yaml is\n%s\nand that of template.yaml would be\n%s", key, http[key], want)
		}
	}
}

// A function with sessions has time for the store's three attempts of 2 seconds and their pauses,
// and for a response; the one that ends all sessions of a user, for thousands of them.
func TestTimeouts(t *testing.T) {
	const attempts, all = 3*2*time.Second + 2*200*time.Millisecond, 30 * time.Second
	for _, file := range []string{"template.yaml", "template-http.yaml"} {
		functions := 0
		for _, f := range readTemplate(t, file).Functions {
			if _, ok := f.Env["SESSION_TABLE"]; !ok {
				continue
			}
			functions++
			if f.Timeout < attempts+time.Second || f.ID == "LogoutFunction" && f.Timeout < all {
				t.Errorf("%s: the Timeout of %s is %v, and the store may take %v", file, f.ID, f.Timeout, attempts)
			}
		}
		if functions == 0 {
			t.Errorf("%s has no function of sessions", file)
		}
	}
}

// A function has each variable that its sources read.
func TestVariables(t *testing.T) {
	reads := regexp.MustCompile(`\b(?:Getenv|env)\("([A-Z_]+)"\)`)
	for _, file := range []string{"template.yaml", "template-http.yaml"} {
		read := 0
		for _, f := range readTemplate(t, file).Functions {
			sources, err := filepath.Glob(filepath.Join(f.Dir, "*.go"))
			if err != nil {
				t.Fatal(err)
			}
			for _, source := range sources {
				text, err := os.ReadFile(source)
				if err != nil {
					t.Fatal(err)
				}
				for _, m := range reads.FindAllStringSubmatch(string(text), -1) {
					read++
					if _, ok := f.Env[m[1]]; !ok {
						t.Errorf("%s: %s reads %s, which it does not have", file, f.ID, m[1])
					}
				}
			}
		}
		if read == 0 {
			t.Errorf("%s has no function that reads a variable", file)
		}
	}
}

// Access logs are on where no role of the account is needed for them.
func TestAccessLogs(t *testing.T) {
	for file, want := range map[string]string{"template.yaml": `"false"`, "template-http.yaml": `"true"`} {
		if got := entries(t, file)["Parameters AccessLogs"]; !strings.Contains(got, "Default: "+want) {
			t.Errorf("%s: AccessLogs is\n%s\nwant the default %s", file, got, want)
		}
	}
}

// crumb has no notes on either template.
func TestTemplatesHaveNoNotes(t *testing.T) {
	for _, file := range []string{"template.yaml", "template-http.yaml"} {
		for _, note := range readTemplate(t, file).Findings {
			t.Errorf("%s:%d: %s", file, note.Line, note.Text)
		}
	}
}

// entries returns what a template declares, without comments, under the section
// and the name: "Resources IndexFunction".
func entries(t *testing.T, file string) map[string]string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("..", file))
	if err != nil {
		t.Fatal(err)
	}
	var sections map[string]yaml.Node
	if err := yaml.Unmarshal(text, &sections); err != nil {
		t.Fatalf("%s: %v", file, err)
	}
	found := map[string]string{}
	for section, node := range sections {
		if node.Kind != yaml.MappingNode {
			found[section] = plain(t, &node)
			continue
		}
		for i := 0; i < len(node.Content); i += 2 {
			found[section+" "+node.Content[i].Value] = plain(t, node.Content[i+1])
		}
	}
	return found
}

// plain returns a node's text without comments.
func plain(t *testing.T, node *yaml.Node) string {
	t.Helper()
	var strip func(*yaml.Node)
	strip = func(n *yaml.Node) {
		n.HeadComment, n.LineComment, n.FootComment = "", "", ""
		for _, child := range n.Content {
			strip(child)
		}
	}
	strip(node)
	text, err := yaml.Marshal(node)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
