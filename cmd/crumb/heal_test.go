package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

const goodAndBad = `Transform: AWS::Serverless-2016-10-31
Globals: {Function: {Handler: bootstrap, Runtime: provided.al2023}}
Resources:
  Good: {Type: AWS::Serverless::Function, Properties: {CodeUri: good/, Events: {Get: {Type: Api, Properties: {Path: /good, Method: get}}}}}
  Bad: {Type: AWS::Serverless::Function, Properties: {CodeUri: bad/, Events: {Get: {Type: Api, Properties: {Path: /bad, Method: get}}}}}
`

// TestHeal saves what does not compile: the other function is served, whoever asks
// and the terminal are told why, and once the mistake is mended it runs.
func TestHeal(t *testing.T) {
	const words = "\t\"example.com/app/words\"\n"
	imports := mainText("words.Word", words)
	for _, tc := range []struct {
		name  string
		files map[string]string // to write; "" removes
		want  string            // in the answer
		mend  [][2]string       // files to write, one after another; "" removes
		all   bool              // functions do not compile
	}{
		{"undefined", map[string]string{"bad/main.go": mainText("missing", "")},
			"bad/main.go:10:64: undefined: missing", nil, false},
		{"syntax", map[string]string{"bad/main.go": "package main\n\nfunc main() {\n\t<b>\n}\n"},
			"bad/main.go:4:2: syntax error: unexpected <", nil, false},
		{"syntax-before-imports", map[string]string{"bad/main.go": "package main\n\nimport (\n"},
			"bad/main.go:", nil, false},
		{"file-as-import", map[string]string{"bad/main.go": "package main\n\nimport \"example.com/app/bad/bad.go\"\n\nfunc main() {}\n"},
			"bad/main.go:3:8: ", nil, false},
		{"shared-package", map[string]string{"bad/main.go": imports, "words/words.go": "package words\n\nvar Word = missing\n"},
			"words/words.go:3:12: undefined: missing", [][2]string{{"words/words.go", "package words\n\nvar Word = \"mended\"\n"}}, false},
		{"shared-package-of-all", map[string]string{"bad/main.go": imports, "good/main.go": imports, "words/words.go": "package words\n\nvar Word = missing\n"},
			"words/words.go:3:12: undefined: missing", [][2]string{{"words/words.go", "package words\n\nvar Word = \"mended\"\n"}}, true},
		{"package-to-come", map[string]string{"bad/main.go": strings.Replace(imports, "app/words", "app/in/deep/words", 1)},
			"bad/main.go:6:2: ", [][2]string{{"in/deep/words/words.go", "package words\n\nvar Word = \"mended\"\n"}}, false},
		{"embedded-file-to-come", map[string]string{"bad/main.go": mainText("word", "\t_ \"embed\"\n") + "\n//go:embed in/deep/word.txt\nvar word string\n"},
			"bad/main.go:15:12: pattern in/deep/word.txt: no matching files found", [][2]string{{"bad/in/deep/word.txt", "mended"}}, false},
		{"unknown-module", map[string]string{"bad/main.go": mainText("nothing.Word", "\t\"example.com/nothing\"\n")},
			"bad/main.go:6:2: no required module provides package example.com/nothing", nil, false},
		{"import-cycle", map[string]string{"bad/main.go": imports,
			"words/words.go": "package words\n\nimport \"example.com/app/terms\"\n\nvar Word = terms.Term\n",
			"terms/terms.go": "package terms\n\nimport \"example.com/app/words\"\n\nvar Term = words.Word\n"},
			"imports example.com/app/words from terms.go: import cycle not allowed", [][2]string{{"terms/terms.go", "package terms\n\nvar Term = \"mended\"\n"}}, false},
		{"broken-go-mod", map[string]string{"go.mod": "modul example.com/app\n", "bad/main.go": mainText(`"mended"`, "")},
			"go.mod:1: ", [][2]string{{"go.mod", ""}}, true},
		{"no-go-mod", map[string]string{"go.mod": "", "bad/main.go": mainText(`"mended"`, "")},
			"go.mod file not found", [][2]string{{"go.mod", ""}}, true},
		{"broken-go-work", map[string]string{"go.work": "go 1.26.0\n\nuse nowhere\n", "bad/main.go": mainText(`"mended"`, "")},
			"go.work", [][2]string{{"go.work", "go 1.26.0\n\nuse .\n"}}, true},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			tr := newTree(t)
			mod, err := os.ReadFile(filepath.Join(tr.dir, "go.mod"))
			if err != nil {
				t.Fatal(err)
			}
			tr.write("template.yaml", goodAndBad)
			tr.write("good/main.go", mainText(`"good"`, ""))
			tr.write("bad/main.go", mainText(`"not yet bad"`, ""))
			_, url, stderr := startCrumb(t, "--template", filepath.Join(tr.dir, "template.yaml"))
			until(t, url+"/bad", "not yet bad")
			for name, text := range tc.files {
				if text == "" {
					if err := os.Remove(filepath.Join(tr.dir, name)); err != nil {
						t.Fatal(err)
					}
					continue
				}
				tr.write(name, text)
			}
			until(t, url+"/bad", tc.want)
			if !tc.all {
				until(t, url+"/good", "good")
			}
			for deadline := time.Now().Add(5 * time.Minute); !strings.Contains(stderr.String(), tc.want); time.Sleep(10 * time.Millisecond) {
				if time.Now().After(deadline) {
					t.Fatalf("stderr does not say %q", tc.want)
				}
			}
			if tc.mend == nil {
				tc.mend = [][2]string{{"bad/main.go", mainText(`"mended"`, "")}}
			}
			for _, file := range tc.mend {
				if file == [2]string{"go.mod", ""} {
					file[1] = string(bytes.TrimSpace(mod)) + "\n"
				}
				tr.write(file[0], file[1])
			}
			until(t, url+"/bad", "mended")
			until(t, url+"/good", map[bool]string{true: "", false: "good"}[tc.all])
		})
	}
}
