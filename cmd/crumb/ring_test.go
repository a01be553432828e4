package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/crumb-go/crumb/shared/keyring"
)

func TestGiveRing(t *testing.T) {
	function := func(id, variables string) string {
		return `
  ` + id + `:
    Type: AWS::Serverless::Function
    Properties:
      Runtime: provided.al2023
      Handler: bootstrap
      CodeUri: .
      Environment: { Variables: { ` + variables + ` } }
`
	}
	text := "Transform: AWS::Serverless-2016-10-31\nResources:" +
		function("Plain", "TABLE: t") +
		function("Both", "CRUMB_KEYS: '', CRUMB_KEYS_SECRET: ring") +
		function("Secret", "CRUMB_KEYS_SECRET: ring") +
		function("Own", "CRUMB_KEYS: text")
	template := filepath.Join(t.TempDir(), "template.yaml")
	if err := os.WriteFile(template, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}

	f := projectFlags{template: template}
	var rings []string
	for range 2 { // the second time as after a saved change
		read, err := f.read("local_start_api")
		if err != nil {
			t.Fatal(err)
		}
		for _, fn := range read.Functions {
			ring, secret := fn.Env["CRUMB_KEYS"], fn.Env["CRUMB_KEYS_SECRET"]
			switch fn.ID {
			case "Plain":
				if _, ok := fn.Env["CRUMB_KEYS"]; ok {
					t.Error("a function that does not seal has a ring")
				}
			case "Own":
				if ring != "text" {
					t.Errorf("Own: CRUMB_KEYS = %q", ring)
				}
			default:
				if secret != "" {
					t.Errorf("%s: CRUMB_KEYS_SECRET = %q beside CRUMB_KEYS", fn.ID, secret)
				}
				rings = append(rings, ring)
			}
		}
		if n := len(read.Findings); n == 0 || !strings.Contains(read.Findings[n-1].Text, "ring to throw away") {
			t.Errorf("notes = %v", read.Findings)
		}
	}
	if len(rings) != 4 || rings[0] != rings[1] || rings[0] != rings[2] || rings[0] != rings[3] {
		t.Fatalf("%d rings, or different ones", len(rings))
	}
	keys, err := keyring.Parse(rings[0])
	if err != nil || len(keys) != 1 || !strings.HasPrefix(keys[0].ID, "dev-") {
		t.Errorf("ring = %v, %v", keys, err)
	}
}

func TestGiveRingLeavesTheDevelopersAlone(t *testing.T) {
	for _, env := range []string{`{"VisitsFunction":{"CRUMB_KEYS":"mine","CRUMB_KEYS_SECRET":""}}`, `{"Parameters":{"CRUMB_KEYS_SECRET":"mine"}}`} {
		file := filepath.Join(t.TempDir(), "env.json")
		if err := os.WriteFile(file, []byte(env), 0o600); err != nil {
			t.Fatal(err)
		}
		f := projectFlags{template: "../../template.yaml", envVars: file}
		read, err := f.read("local_start_api")
		if err != nil {
			t.Fatal(err)
		}
		for _, fn := range read.Functions {
			if got := fn.Env["CRUMB_KEYS"] + fn.Env["CRUMB_KEYS_SECRET"]; fn.ID == "VisitsFunction" && got != "mine" {
				t.Errorf("%s: %s = %q", env, fn.ID, got)
			}
		}
	}
}
