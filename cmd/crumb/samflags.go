package main

import (
	"slices"
	"strings"
)

// samFlags say what to do in place of flags that sam local has and crumb does not.
var samFlags = []struct{ names, hint string }{
	{"template-file", "use --template"},
	{"env-file", "use --env-vars"},
	{"d", "use --debug-port"},
	{"debugger-path debug-args", "crumb finds and runs Delve itself, see crumb debug"},
	{"debug", "use --verbose to see events and responses"},
	{"log-file l", "redirect stderr: 2>FILE"},
	{"disable-authorizer", "use --insecure-skip-authorizers"},
	{"ssl-cert-file", "use --tls-cert-file"},
	{"ssl-key-file", "use --tls-key-file"},
	{"no-event", "leave it out: without --event it is {}"},
	{"profile", "functions get your credentials only with --aws-credentials; AWS_PROFILE chooses the profile"},
	{"static-dir s", "crumb serves functions only, and one of them can serve files"},
	{"save-params", "write the values into samconfig.toml"},
	{"runtime r", "leave it out: crumb runs Go programs, whatever the runtime"},
	{"tenant-id durable-execution-name", "crumb does not emulate tenancy and durable functions"},
	{"hook-name terraform-plan-file skip-prepare-infra prepare-infra", "crumb reads templates of SAM and CloudFormation, and crumb run needs none"},
	{"language-extensions no-language-extensions", "leave it out: the template's Transform decides"},
	{"beta-features no-beta-features", "leave it out"},
	{"warm-containers shutdown no-memory-limit skip-pull-image force-image-build invoke-image docker-network docker-volume-basedir v " +
		"mount-symlinks no-mount-symlinks i container-host container-host-interface container-dns container-env-vars add-host layer-cache-basedir",
		"leave it out: crumb does not use containers"},
}

// hintForSam returns what samFlags say about a flag, "" for others.
func hintForSam(name string) string {
	for _, f := range samFlags {
		if slices.Contains(strings.Fields(f.names), name) {
			return f.hint
		}
	}
	return ""
}
