package functions_test

import (
	"path/filepath"
	"testing"

	"github.com/crumb-go/crumb/internal/sam"
	"github.com/crumb-go/crumb/internal/samconfig"
)

// The demo's password is public: no deployment may enable its user.
func TestNoDeploymentHasDemoUsers(t *testing.T) {
	for _, file := range []string{"template.yaml", "template-http.yaml"} {
		for _, environment := range []string{"default", "prod"} {
			config, err := samconfig.Read("../samconfig.toml", environment, "deploy")
			if err != nil {
				t.Fatal(err)
			}
			template, err := sam.Read(filepath.Join("..", file), sam.Options{Overrides: config.Overrides})
			if err != nil {
				t.Fatal(err)
			}
			asked := false
			for _, f := range template.Functions {
				value, ok := f.Env["DEMO_USERS"]
				asked = asked || ok
				if value != "" {
					t.Errorf("%s, %s: %s has DEMO_USERS %q", file, environment, f.ID, value)
				}
			}
			if !asked {
				t.Errorf("%s: no function has DEMO_USERS, which events/env.json fills in", file)
			}
		}
	}
}

// Local runs enable it, with crumb and with sam.
func TestLocallyTheDemoHasUsers(t *testing.T) {
	for _, file := range []string{"template.yaml", "template-http.yaml"} {
		for _, command := range []string{"local_start_api", "local_invoke"} {
			config, err := samconfig.Read("../samconfig.toml", "", command)
			if err != nil {
				t.Fatal(err)
			}
			variables, err := samconfig.ReadEnvVars(config.EnvVarsFile)
			if err != nil {
				t.Fatal(err)
			}
			template, err := sam.Read(filepath.Join("..", file), sam.Options{EnvVars: variables})
			if err != nil {
				t.Fatal(err)
			}
			for _, f := range template.Functions {
				if value, ok := f.Env["DEMO_USERS"]; ok && value != "true" {
					t.Errorf("%s, %s: %s has DEMO_USERS %q", file, command, f.ID, value)
				}
			}
		}
	}
}
