package lambda

import (
	"debug/buildinfo"
	"fmt"

	"github.com/crumb-go/crumb/internal/app"
)

const (
	lambdaLibrary = "github.com/aws/aws-lambda-go"
	oldSDK        = "github.com/aws/aws-sdk-go"
	newSDK        = "github.com/aws/aws-sdk-go-v2/service/dynamodb"
	newConfig     = "github.com/aws/aws-sdk-go-v2/config"
)

// modules are the versions of the modules in a program, by path.
type modules map[string]string

// modulesOf reads them from a program; nil if it is not a Go program.
func modulesOf(bootstrap string) modules {
	info, err := buildinfo.ReadFile(bootstrap)
	if err != nil {
		return nil
	}
	found := modules{}
	for _, dep := range info.Deps {
		found[dep.Path] = dep.Version
		if dep.Replace != nil {
			found[dep.Path] = dep.Replace.Version
		}
	}
	return found
}

// before reports whether the program has a module in a version before 1.minor.
func (m modules) before(path string, minor int) bool {
	var is int
	_, err := fmt.Sscanf(m[path], "v1.%d.", &is)
	return err == nil && is < minor
}

// whySilent says why a program may not ask for events.
func (m modules) whySilent() string {
	if _, links := m[lambdaLibrary]; m != nil && !links {
		return ", and does not link " + lambdaLibrary + ": its main must call lambda.Start, or frontdoor.Start with an http.Handler"
	}
	return ": does its main call lambda.Start?"
}

// aged returns warnings about modules that are too old for Lambda, or for a
// function's environment.
func (m modules) aged(env map[string]string) []string {
	var warnings []string
	warn := func(format string, args ...any) { warnings = append(warnings, fmt.Sprintf(format, args...)) }
	if m.before(lambdaLibrary, 18) {
		warn("%s %s, supported only by the retired go1.x runtime: go get %s@latest", lambdaLibrary, m[lambdaLibrary], lambdaLibrary)
	}
	const endpoint = "AWS_ENDPOINT_URL_DYNAMODB"
	old, advice := "", "go get "+newConfig+"@latest "+newSDK+"@latest"
	switch { // since these versions, their CHANGELOGs say, they support configured endpoints
	case m.before(newSDK, 25):
		old = newSDK
	case m[newSDK] != "" && m.before(newConfig, 21):
		old = newConfig
	case m[newSDK] == "" && m[oldSDK] != "":
		old, advice = oldSDK, "aws-sdk-go-v2 reads it"
	}
	if old != "" && env[endpoint] != "" && env["AWS_ENDPOINT_URL"] == "" { // with real credentials, so that no proxy helps
		warn("%s %s, which does not read "+endpoint+": it calls DynamoDB in AWS unless its code says otherwise; %s; the tables here support %s", old, m[old], advice, app.TableOperations)
	}
	return warnings
}

// warnAged logs the warnings of a function's program, once.
func (s *sandbox) warnAged(made modules) {
	s.function.warn.Do(func() {
		for _, w := range made.aged(s.config.Env) {
			s.pool.journal.append(fmt.Appendf(nil, "crumb: %s uses %s\n", s.config.Name, w))
		}
	})
}
