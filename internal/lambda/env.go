package lambda

import (
	"maps"
	"path/filepath"
	"slices"
)

// apiVariable begins the entry of an environment that names the Runtime API. It
// marks what a sandbox has started.
const apiVariable = "AWS_LAMBDA_RUNTIME_API="

// environ is the function's environment with what this process alone has. Of two
// entries the later wins.
func (s *sandbox) environ() []string {
	var env []string
	for _, name := range slices.Sorted(maps.Keys(s.config.Env)) {
		env = append(env, name+"="+s.config.Env[name])
	}
	return append(env,
		"AWS_LAMBDA_LOG_STREAM_NAME="+s.started.UTC().Format("2006/01/02")+"/[$LATEST]"+randomHex(16),
		apiVariable+s.address(),
		"LAMBDA_TASK_ROOT="+filepath.Dir(s.bootstrap),
	)
}
