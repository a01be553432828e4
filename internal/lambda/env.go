package lambda

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

// reserved are the variables a customer cannot set ("Defined runtime
// environment variables" in the Lambda Developer Guide). Names that start
// with an underscore cannot be set either.
var reserved = []string{
	"AWS_ACCESS_KEY", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN",
	"AWS_REGION", "AWS_DEFAULT_REGION", "AWS_EXECUTION_ENV",
	"AWS_LAMBDA_FUNCTION_NAME", "AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "AWS_LAMBDA_FUNCTION_VERSION",
	"AWS_LAMBDA_INITIALIZATION_TYPE", "AWS_LAMBDA_LOG_GROUP_NAME", "AWS_LAMBDA_LOG_STREAM_NAME",
	"AWS_LAMBDA_MAX_CONCURRENCY", "AWS_LAMBDA_METADATA_API", "AWS_LAMBDA_METADATA_TOKEN",
	"AWS_LAMBDA_RUNTIME_API", "LAMBDA_TASK_ROOT", "LAMBDA_RUNTIME_DIR",
}

func isReserved(name string) bool {
	return strings.HasPrefix(name, "_") || slices.Contains(reserved, name)
}

// warnReserved says which variables of f will be ignored.
func (p *Pool) warnReserved(f Function) {
	for _, name := range slices.Sorted(maps.Keys(f.Env)) {
		if isReserved(name) {
			p.journal.append(fmt.Appendf(nil, "crumb: %s: environment variable %q is reserved by Lambda; the template's value is ignored\n", f.Name, name))
		}
	}
}

// apiVariable begins the entry of an environment that names the Runtime API. It
// marks what a sandbox has started.
const apiVariable = "AWS_LAMBDA_RUNTIME_API="

// environ is the environment of a sandbox, the later of two entries winning.
func (s *sandbox) environ() []string {
	f, config := s.config, s.pool.config
	env := []string{
		"LANG=en_US.UTF-8",
		"TZ=:UTC",
		"AWS_XRAY_CONTEXT_MISSING=LOG_ERROR",
		"AWS_LAMBDA_LOG_FORMAT=Text",
		"GOMAXPROCS=1", // one event at a time: faster, and closer to a small Lambda
	}
	for _, name := range []string{"PATH", "TZ", "TMPDIR"} {
		if value, ok := os.LookupEnv(name); ok {
			env = append(env, name+"="+value)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(f.Env)) {
		if !isReserved(name) {
			env = append(env, name+"="+f.Env[name])
		}
	}
	env = append(env,
		"_HANDLER="+f.Handler,
		"AWS_REGION="+config.Region,
		"AWS_DEFAULT_REGION="+config.Region,
		"AWS_ACCESS_KEY_ID=local",
		"AWS_SECRET_ACCESS_KEY=local",
		"AWS_SESSION_TOKEN=local",
		"AWS_LAMBDA_FUNCTION_NAME="+f.Name,
		"AWS_LAMBDA_FUNCTION_VERSION=$LATEST",
		"AWS_LAMBDA_FUNCTION_MEMORY_SIZE="+strconv.Itoa(f.MemoryMB),
		"AWS_LAMBDA_INITIALIZATION_TYPE=on-demand",
		"AWS_LAMBDA_LOG_GROUP_NAME=/aws/lambda/"+f.Name,
		"AWS_LAMBDA_LOG_STREAM_NAME="+s.started.UTC().Format("2006/01/02")+"/[$LATEST]"+randomHex(16),
		apiVariable+s.address(),
		"LAMBDA_TASK_ROOT="+filepath.Dir(s.bootstrap),
		"LAMBDA_RUNTIME_DIR=/var/runtime",
		"CRUMB_LOCAL=true",
	)
	for _, name := range slices.Sorted(maps.Keys(config.Env)) {
		env = append(env, name+"="+config.Env[name])
	}
	return env
}
