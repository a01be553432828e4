package main

import (
	"strings"
	"testing"

	"github.com/crumb-go/crumb/internal/app"
)

func TestPrintFindings(t *testing.T) {
	var b strings.Builder
	(&printer{stderr: &b}).findings(&app.App{File: "t.yaml", Findings: []app.Finding{
		{Line: 0, Text: "the whole"},
		{Line: 3, Text: "A: layers are not emulated"},
		{Line: 3, Text: "A X: is known only once it is deployed"},
		{Line: 3, Text: "B: layers are not emulated"},
		{Line: 3, Text: "C: layers are not emulated"},
		{Line: 9, Text: "D: layers are not emulated"},
		{Severity: app.Refused, Line: 9, Text: "D: layers are not emulated"},
		{File: "api.yaml", Line: 9, Text: "D: layers are not emulated"},
	}})
	want := `t.yaml: the whole
t.yaml:3: A: layers are not emulated (and for 2 more)
t.yaml:3: A X: is known only once it is deployed
t.yaml:9: D: layers are not emulated
t.yaml:9: refused: D: layers are not emulated
api.yaml:9: D: layers are not emulated
`
	if b.String() != want {
		t.Errorf("findings:\n%swant:\n%s", &b, want)
	}
}
