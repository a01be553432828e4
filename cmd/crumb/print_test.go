package main

import (
	"strings"
	"testing"

	"github.com/crumb-go/crumb/internal/app"
	"github.com/crumb-go/crumb/internal/authorizer"
	"github.com/crumb-go/crumb/internal/local"
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

func TestPrintGuards(t *testing.T) {
	api := local.API{API: &app.API{ID: "Api", Routes: []app.Route{
		{Method: "GET", Path: "/open"},
		{Method: "GET", Path: "/a", Guard: app.Guard{Authorizer: "Members", ClosedAt: "t.yaml:7", Auth: app.JWT}},
		{Method: "GET", Path: "/key", Guard: app.Guard{Authorizer: "ApiKeyRequired", ClosedAt: "t.yaml:9"}},
		{Method: "GET", Path: "/run", Guard: app.Guard{Authorizer: "Staff", ClosedAt: "t.yaml:8"}},
		{Method: "ANY", Path: "$default", Guard: app.Guard{Authorizer: "Members", ClosedAt: "t.yaml:7", Auth: app.JWT}},
	}}, NotRun: func(g *app.Guard) string {
		return map[string]string{"Members": "it is in Python", "ApiKeyRequired": "it is a key"}[g.Authorizer]
	}}
	const closed = `Api: ApiKeyRequired (t.yaml:9) closes GET /key: it is a key; --insecure-skip-authorizers opens them
Api: Members (t.yaml:7) closes GET /a, ANY /*: it is in Python; --insecure-skip-authorizers opens them
`
	const opened = `Api: ApiKeyRequired (t.yaml:9) is skipped, which opens GET /key: their events say nothing of the caller
Api: Members (t.yaml:7) is skipped, which opens GET /a, ANY /*: their events say what me.json does
Api: Staff (t.yaml:8) is skipped, which opens GET /run: their events say nothing of the caller
`
	var err error
	if api.Assumed, err = authorizer.ReadAssumed(`{"Members":{"sub":"ana"}}`, []string{"Members"}); err != nil {
		t.Fatal(err)
	}
	for want, p := range map[string]*printer{closed: {}, opened: {opened: true, claims: "me.json"}} {
		var b strings.Builder
		p.stderr = &b
		if p.guards(api); b.String() != want {
			t.Errorf("guards:\n%swant:\n%s", &b, want)
		}
	}
}
