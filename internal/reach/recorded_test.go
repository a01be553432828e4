package reach

import (
	"regexp"
	"testing"

	"github.com/crumb-go/crumb/internal/app"
)

// recorded are the variables of a Go function on provided.al2023, as localstack
// recorded them on AWS (test_introspection_invoke, 2026-01-13): their form, or "" for
// one that is absent. The ids are those of package gateway's facts. Of the daemon's
// address and of keys only that they are there is AWS's.
var recorded = map[string]struct{ variable, form string }{
	"rt-env-AWS_LAMBDA_INITIALIZATION_TYPE": {"AWS_LAMBDA_INITIALIZATION_TYPE", `^on-demand$`},
	"rt-env-AWS_LAMBDA_LOG_GROUP_NAME":      {"AWS_LAMBDA_LOG_GROUP_NAME", `^/aws/lambda/F$`},
	"rt-env-AWS_REGION":                     {"AWS_REGION", `^us-east-1$`},
	"rt-env-AWS_DEFAULT_REGION":             {"AWS_DEFAULT_REGION", `^us-east-1$`},
	"rt-env-AWS_ACCESS_KEY_ID":              {"AWS_ACCESS_KEY_ID", `.`},
	"rt-env-AWS_SECRET_ACCESS_KEY":          {"AWS_SECRET_ACCESS_KEY", `.`},
	"rt-env-AWS_SESSION_TOKEN":              {"AWS_SESSION_TOKEN", `.`},
	"rt-env-AWS_XRAY_CONTEXT_MISSING":       {"AWS_XRAY_CONTEXT_MISSING", `^LOG_ERROR$`},
	"rt-env-TZ":                             {"TZ", `^:UTC$`},
	"rt-env-LAMBDA_RUNTIME_DIR":             {"LAMBDA_RUNTIME_DIR", `^/var/runtime$`},
	"rt-env-template variable":              {"TABLE", `^t$`},
	"rt-env-LD_LIBRARY_PATH":                {"LD_LIBRARY_PATH", `^/lib64:.*/opt/lib$`},
	"rt-env-AWS_XRAY_DAEMON_ADDRESS":        {"AWS_XRAY_DAEMON_ADDRESS", `:2000$`},
	"rt-env-_AWS_XRAY_DAEMON_ADDRESS":       {"_AWS_XRAY_DAEMON_ADDRESS", `.`},
	"rt-env-_AWS_XRAY_DAEMON_PORT":          {"_AWS_XRAY_DAEMON_PORT", `^2000$`},
	"rt-env-AWS_LAMBDA_LOG_FORMAT":          {"AWS_LAMBDA_LOG_FORMAT", ""},
}

func TestRecorded(t *testing.T) {
	f := &app.Function{ID: "F", Name: "F", LogFormat: "Text", Env: map[string]string{"TABLE": "t"}}
	env := Environment(f, Given{Region: "us-east-1", Lookup: func(string) (string, bool) { return "", false }})
	for id, want := range recorded {
		value, ok := env[want.variable]
		switch {
		case want.form == "" && ok:
			t.Errorf("%s: %s=%q, want none", id, want.variable, value)
		case want.form != "" && !regexp.MustCompile(want.form).MatchString(value):
			t.Errorf("%s: %s=%q, want it like %s", id, want.variable, value, want.form)
		}
	}
}
