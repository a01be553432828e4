package main

import (
	"time"

	"github.com/crumb-go/crumb/internal/app"
	"github.com/crumb-go/crumb/shared/keyring"
)

// giveRing gives the functions that seal, by package keyring, a ring that lasts as
// long as the command, unless the template or the developer's variables have one.
func (f *projectFlags) giveRing(template *app.App, envVars map[string]map[string]string) {
	for _, given := range envVars {
		if given["CRUMB_KEYS"] != "" || given["CRUMB_KEYS_SECRET"] != "" {
			return
		}
	}
	if f.ring == "" {
		f.ring = keyring.Format([]keyring.Key{keyring.NewKey("dev-", time.Now())})
	}
	used := false
	for _, fn := range template.Functions {
		keys, seals := fn.Env["CRUMB_KEYS"]
		_, fromSecret := fn.Env["CRUMB_KEYS_SECRET"]
		if keys == "" && (seals || fromSecret) {
			fn.Env["CRUMB_KEYS"] = f.ring
			delete(fn.Env, "CRUMB_KEYS_SECRET")
			used = true
		}
	}
	if used {
		template.Findings = append(template.Findings, app.Finding{
			Text: "CRUMB_KEYS is a ring to throw away: what is sealed now does not open after the next start (--env-vars can name another)",
		})
	}
}
