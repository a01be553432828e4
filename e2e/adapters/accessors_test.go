package adapters_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/awslabs/aws-lambda-go-api-proxy/core"
)

// A handler that asks core about the request finds the same in frontdoor's context
// as in that of httpadapter, but for what is new in each event.
func TestAccessors(t *testing.T) {
	for _, door := range doors {
		var found []string // by each way
		r := row{handler: func(_ http.ResponseWriter, r *http.Request) { found = append(found, accessors(r)) }}
		for _, w := range whole {
			through(t, r, door, false, w)
		}
		if len(found) != 2 || found[0] != found[1] || !strings.Contains(found[0], "true") {
			t.Errorf("%s: found %q", door, found)
		}
	}
}

func accessors(r *http.Request) string {
	ctx := r.Context()
	api, isAPI := core.GetAPIGatewayContextFromContext(ctx)
	vars, hasVars := core.GetStageVarsFromContext(ctx)
	runtime, hasRuntime := core.GetRuntimeContextFromContext(ctx)
	apiV2, isV2 := core.GetAPIGatewayV2ContextFromContext(ctx)
	varsV2, hasVarsV2 := core.GetStageVarsFromContextV2(ctx)
	runtimeV2, hasRuntimeV2 := core.GetRuntimeContextFromContextV2(ctx)
	alb, isALB := core.GetTargetGroupRequetFromContextALB(ctx)
	runtimeALB, hasRuntimeALB := core.GetRuntimeContextFromContextALB(ctx)
	return fmt.Sprint(
		isAPI, api.Stage, api.AccountID, api.DomainName, api.Identity, hasVars, vars, hasRuntime, runtime,
		isV2, apiV2.Stage, apiV2.AccountID, apiV2.DomainName, apiV2.HTTP, hasVarsV2, varsV2, hasRuntimeV2, runtimeV2,
		isALB, alb, hasRuntimeALB, runtimeALB,
	)
}
