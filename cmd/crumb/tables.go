package main

import (
	"context"
	"strings"

	"github.com/crumb-go/crumb/internal/app"
	"github.com/crumb-go/crumb/internal/dynamo"
)

// giveTables gives functions the tables of their template, in memory, and keeps
// what is in them while the command runs. A function with an endpoint of its own,
// by the template or the developer's variables, uses that.
func (p *project) giveTables(ctx context.Context) error {
	var tables []dynamo.Table
	for _, t := range p.template.Tables {
		tables = append(tables, dynamo.Table{Name: t.Name, Keys: t.Keys})
	}
	if len(tables) == 0 {
		return nil
	}
	if p.dynamo == nil {
		var err error
		if p.dynamo, err = dynamo.Start(ctx); err != nil {
			return err
		}
	}
	p.dynamo.SetTables(tables...)
	for _, f := range p.template.Functions {
		if !hasEndpoint(f) {
			f.Env["AWS_ENDPOINT_URL_DYNAMODB"] = p.dynamo.URL
		}
	}
	return nil
}

func hasEndpoint(f *app.Function) bool {
	return f.Env["AWS_ENDPOINT_URL_DYNAMODB"] != "" || f.Env["AWS_ENDPOINT_URL"] != ""
}

// giveDemoUsers switches the demo's users on where a template leaves that open,
// by an empty DEMO_USERS.
func giveDemoUsers(template *app.App) {
	for _, f := range template.Functions {
		if value, ok := f.Env["DEMO_USERS"]; ok && strings.TrimSpace(value) == "" {
			f.Env["DEMO_USERS"] = "true"
		}
	}
}
