package local

import (
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/crumb-go/crumb/internal/local/localtest"
)

// recorded are the variables of a Go function on provided.al2023, as localstack
// recorded them on AWS (test_introspection_invoke, 2026-01-13): their form, or "" for
// one that is absent. The ids are those of package gateway's facts; aws-lambda-go reads
// the rt-ctx ones from the environment. Of the daemon's address and of keys only that
// they are there is AWS's.
var recorded = map[string]struct{ variable, form string }{
	"rt-ctx-function-name":                  {"AWS_LAMBDA_FUNCTION_NAME", `^shop-env$`},
	"rt-ctx-memory-limit":                   {"AWS_LAMBDA_FUNCTION_MEMORY_SIZE", `^256$`},
	"rt-env-AWS_LAMBDA_INITIALIZATION_TYPE": {"AWS_LAMBDA_INITIALIZATION_TYPE", `^on-demand$`},
	"rt-env-AWS_LAMBDA_LOG_GROUP_NAME":      {"AWS_LAMBDA_LOG_GROUP_NAME", `^/aws/lambda/shop-env$`},
	"rt-env-AWS_LAMBDA_LOG_STREAM_NAME":     {"AWS_LAMBDA_LOG_STREAM_NAME", `^\d{4}/\d\d/\d\d/.*\[\$LATEST\][0-9a-f]{32}$`},
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

// TestRecorded asks a function for its environment, over HTTP.
func TestRecorded(t *testing.T) {
	t.Setenv("TZ", "") // so that it is restored
	os.Unsetenv("TZ")  // the shell's would win
	tr := emptyTree(t)
	tr.writeModule("")
	tr.write("env/main.go", mainText(`strings.Join(os.Environ(), "\n")`, "\t\"os\"\n\t\"strings\"\n"))
	tr.write("template.yaml", `Transform: AWS::Serverless-2016-10-31
Resources:
  Env:
    Type: AWS::Serverless::Function
    Properties:
      FunctionName: shop-env
      CodeUri: env/
      Handler: bootstrap
      Runtime: provided.al2023
      MemorySize: 256
      LoggingConfig: {LogFormat: Text}
      Environment: {Variables: {TABLE: t}}
      Events:
        Get: {Type: HttpApi, Properties: {Path: /, Method: GET}}
`)
	url, _ := serveTree(t, tr)
	status, body := localtest.Get(t, url)
	if status != 200 {
		t.Fatalf("status %d: %s", status, body)
	}
	env := map[string]string{}
	for line := range strings.Lines(body) {
		name, value, _ := strings.Cut(strings.TrimSuffix(line, "\n"), "=")
		env[name] = value
	}
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
