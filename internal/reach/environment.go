// Package reach defines the environment of functions.
package reach

import (
	"cmp"
	"slices"
	"strconv"
	"strings"

	"github.com/crumb-go/crumb/internal/app"
)

// Given is the part of functions' environments that is not in the template.
type Given struct {
	Region   string // the value of AWS_REGION
	AWS      string // the URL of what serves AWS's API, or refuses; "" when functions call AWS
	DynamoDB string // the URL of crumb's DynamoDB; "" for one elsewhere
	Lambda   string // the URL of Lambda's Invoke API; "" when functions call AWS
	Proxy    string // the URL of the HTTPS proxy in front of both; "" when functions call AWS
	Roots    string // a file with the certificates to trust behind the proxy; "": it opens nothing
	Ring     string // a temporary keyring for functions that use package keyring

	Credentials bool // each process gets real ones when it starts

	// EnvVars are the developer's variables from --env-vars, by function. app.Function
	// has those that apply to it in Env already.
	EnvVars map[string]map[string]string

	GOOS string // of the machine on which the functions run

	// Lookup returns a variable of the shell, as os.LookupEnv does.
	Lookup func(name string) (value string, ok bool)
}

// A rule sets a part of an environment. In env are the variables of earlier rules.
type rule struct {
	from string // the source of its values, for docs/environment.md
	set  func(env map[string]string, f *app.Function, g Given)
}

// rules are in order of precedence: the last one to set a variable wins. Package
// lambda adds the variables that differ between processes, see PerProcess.
var rules = []rule{
	{"Lambda, unless a later row sets them; `AWS_SAM_LOCAL` is that of `sam local`, which many programs ask for, and `GOMAXPROCS` crumb's, as a process has one event at a time", lambdaDefaults},
	{"the shell that started crumb (`TMP` and `TEMP` on Windows); its other variables are not passed on", shell},
	{"`LoggingConfig` in the template", loggingConfig},
	{"`Environment` in the template; `--env-vars` overrides names that it declares, and any `AWS_ENDPOINT_URL…`", variables},
	{"crumb: its [DynamoDB tables](tables.md), unless the function already has an endpoint, or `--aws-credentials` or `--aws-endpoint` is there without `--local-tables`", tables},
	{"crumb: Lambda's Invoke API for the project's functions, unless the function already has an endpoint, or with `--aws-credentials`", calls},
	{"crumb: `--aws-endpoint`, else a server that refuses each call by name, for all services that neither crumb nor the function has another endpoint for; not with `--aws-credentials`", endpoint},
	{"crumb: the [proxy](aws.md#older-sdks) for SDKs that do not read the rows above, unless the function sets any of these; `SSL_CERT_FILE` is not set on Windows, and `AWS_CA_BUNDLE` only if the shell has it, else on macOS and Windows, where both need a table in the template or `--aws-endpoint`; not with `--aws-credentials`", proxy},
	{"crumb: a temporary keyring in place of both, if `CRUMB_KEYS` is empty or only `CRUMB_KEYS_SECRET` is declared, unless `--env-vars` sets one of them for any function", ring},
	{"Lambda: the template cannot set these, nor other names that Lambda reserves; the region is that of `--region`, else of the samconfig, else `AWS_REGION` or `AWS_DEFAULT_REGION` in the shell, else us-east-1; the credentials are placeholders, or yours with `--aws-credentials`; `CRUMB_LOCAL` is crumb's", lambdaReserved},
}

// PerProcess are the variables that differ between the processes of a function.
// They win over all others.
var PerProcess = []string{"AWS_LAMBDA_LOG_STREAM_NAME", "AWS_LAMBDA_RUNTIME_API", "LAMBDA_TASK_ROOT", "_LAMBDA_SERVER_PORT"}

// Environment returns the environment of a function's sandboxes, except for
// PerProcess. The caller may change it.
func Environment(f *app.Function, g Given) map[string]string {
	env := map[string]string{}
	for _, r := range rules {
		r.set(env, f, g)
	}
	return env
}

func lambdaDefaults(env map[string]string, _ *app.Function, _ Given) {
	env["LANG"] = "en_US.UTF-8"
	env["TZ"] = ":UTC"
	env["LD_LIBRARY_PATH"] = "/lib64:/usr/lib64:/var/runtime:/var/runtime/lib:/var/task:/var/task/lib:/opt/lib"
	env["AWS_XRAY_CONTEXT_MISSING"] = "LOG_ERROR"
	env["AWS_XRAY_DAEMON_ADDRESS"] = "127.0.0.1:2000" // not AWS's: nothing leaves this machine
	env["_AWS_XRAY_DAEMON_ADDRESS"] = "127.0.0.1"
	env["_AWS_XRAY_DAEMON_PORT"] = "2000"
	env["AWS_SAM_LOCAL"] = "true"
	env["GOMAXPROCS"] = "1" // faster, and closer to a small Lambda
}

// fromShell are the shell's variables that functions get. By the last ones net/http
// finds a proxy, and crypto/x509 and AWS's SDK certificates.
var fromShell = []string{
	"PATH", "TZ", "TMPDIR",
	"HTTPS_PROXY", "HTTP_PROXY", "NO_PROXY", "https_proxy", "http_proxy", "no_proxy", "SSL_CERT_FILE", "SSL_CERT_DIR", "AWS_CA_BUNDLE",
}

func shell(env map[string]string, _ *app.Function, g Given) {
	names := fromShell
	if g.GOOS == "windows" {
		names = append(slices.Clip(names), "TMP", "TEMP") // without them, os.TempDir is a folder that only administrators write to
	}
	for _, name := range names {
		if value, ok := g.Lookup(name); ok {
			env[name] = value
		}
	}
}

// loggingConfig sets the variables in "Configuring advanced logging controls for
// your Lambda function" of the Lambda Developer Guide. For Text there is none, as
// localstack recorded it (test_introspection_invoke, 2026-01-13).
func loggingConfig(env map[string]string, f *app.Function, _ Given) {
	if f.LogFormat == "JSON" {
		env["AWS_LAMBDA_LOG_FORMAT"] = f.LogFormat
	}
	if f.LogLevel != "" {
		env["AWS_LAMBDA_LOG_LEVEL"] = f.LogLevel
	}
}

func variables(env map[string]string, f *app.Function, _ Given) {
	for name, value := range f.Env {
		if !Reserved(name) {
			env[name] = value
		}
	}
}

func tables(env map[string]string, _ *app.Function, g Given) {
	setEndpoint(env, "AWS_ENDPOINT_URL_DYNAMODB", g.DynamoDB)
}

func calls(env map[string]string, _ *app.Function, g Given) {
	setEndpoint(env, "AWS_ENDPOINT_URL_LAMBDA", g.Lambda)
}

// endpoint comes after tables and calls, which would yield to it.
func endpoint(env map[string]string, _ *app.Function, g Given) {
	setEndpoint(env, "AWS_ENDPOINT_URL", g.AWS)
}

// proxyVariables are the variables that proxy sets. With one of its own, a function may
// not be able to use the others.
var proxyVariables = []string{"HTTPS_PROXY", "https_proxy", "SSL_CERT_FILE", "AWS_CA_BUNDLE"}

func proxy(env map[string]string, f *app.Function, g Given) {
	if g.Proxy == "" || slices.ContainsFunc(proxyVariables, func(name string) bool { _, own := f.Env[name]; return own }) {
		return
	}
	env["HTTPS_PROXY"], env["https_proxy"] = g.Proxy, g.Proxy
	if g.Roots == "" {
		return
	}
	if g.GOOS != "windows" { // whose certificates have no file that this one could begin with
		env["SSL_CERT_FILE"] = g.Roots
	}
	// SDKs trust only what is in AWS_CA_BUNDLE, and fail if a program has its own HTTP client.
	if env["AWS_CA_BUNDLE"] != "" || g.GOOS == "windows" || g.GOOS == "darwin" { // where Go ignores SSL_CERT_FILE
		env["AWS_CA_BUNDLE"] = g.Roots
	}
}

func setEndpoint(env map[string]string, name, url string) {
	if url != "" && env[name] == "" && env["AWS_ENDPOINT_URL"] == "" {
		env[name] = url
	}
}

func ring(env map[string]string, _ *app.Function, g Given) {
	keys, seals := env["CRUMB_KEYS"]
	_, fromSecret := env["CRUMB_KEYS_SECRET"]
	if keys == "" && (seals || fromSecret) && !g.developerHasRing() {
		env["CRUMB_KEYS"] = g.Ring
		delete(env, "CRUMB_KEYS_SECRET")
	}
}

func (g Given) developerHasRing() bool {
	for _, variables := range g.EnvVars {
		if variables["CRUMB_KEYS"] != "" || variables["CRUMB_KEYS_SECRET"] != "" {
			return true
		}
	}
	return false
}

// lambdaReserved sets the "Defined runtime environment variables" of the Lambda
// Developer Guide. The credentials are placeholders, which AWS rejects, unless there
// are real ones.
func lambdaReserved(env map[string]string, f *app.Function, g Given) {
	env["_HANDLER"] = f.Handler
	if f.Handler == "" { // an image's
		env["_HANDLER"] = "bootstrap"
	}
	env["AWS_REGION"] = g.Region
	env["AWS_DEFAULT_REGION"] = g.Region
	if !g.Credentials {
		env["AWS_ACCESS_KEY_ID"] = "local"
		env["AWS_SECRET_ACCESS_KEY"] = "local"
		env["AWS_SESSION_TOKEN"] = "local"
	}
	env["AWS_LAMBDA_FUNCTION_NAME"] = f.Name
	env["AWS_LAMBDA_FUNCTION_VERSION"] = "$LATEST"
	env["AWS_LAMBDA_FUNCTION_MEMORY_SIZE"] = strconv.Itoa(f.MemoryMB)
	env["AWS_LAMBDA_INITIALIZATION_TYPE"] = "on-demand"
	env["AWS_LAMBDA_LOG_GROUP_NAME"] = cmp.Or(f.LogGroup, "/aws/lambda/"+f.Name)
	env["LAMBDA_RUNTIME_DIR"] = "/var/runtime"
	env["CRUMB_LOCAL"] = "true"
}

// reserved are the variables that a template cannot set ("Defined runtime
// environment variables" in the Lambda Developer Guide). Names that start with an
// underscore cannot be set either.
var reserved = []string{
	"AWS_ACCESS_KEY", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN",
	"AWS_REGION", "AWS_DEFAULT_REGION", "AWS_EXECUTION_ENV",
	"AWS_LAMBDA_FUNCTION_NAME", "AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "AWS_LAMBDA_FUNCTION_VERSION",
	"AWS_LAMBDA_INITIALIZATION_TYPE", "AWS_LAMBDA_LOG_GROUP_NAME", "AWS_LAMBDA_LOG_STREAM_NAME",
	"AWS_LAMBDA_MAX_CONCURRENCY", "AWS_LAMBDA_METADATA_API", "AWS_LAMBDA_METADATA_TOKEN",
	"AWS_LAMBDA_RUNTIME_API", "LAMBDA_TASK_ROOT", "LAMBDA_RUNTIME_DIR",
}

// Reserved reports whether Lambda reserves a variable, which Environment then ignores
// in f.Env.
func Reserved(name string) bool {
	return strings.HasPrefix(name, "_") || slices.Contains(reserved, name)
}
