package main

import (
	"strings"
	"testing"

	"github.com/crumb-go/crumb/functions/internal/lambdatest"
	"github.com/crumb-go/crumb/shared/frontdoor/frontdoortest"
)

func TestMain(m *testing.M) { lambdatest.Main(m, main) }

func TestEvents(t *testing.T) {
	frontdoortest.Run(t, newHandler(), "../../events/deletecookie")
}

// The function as Lambda runs it.
func TestFunction(t *testing.T) {
	responses, log := lambdatest.Invoke(t, lambdatest.Event(t, "../../events/deletecookie/delete.http.json"))
	if !strings.Contains(responses[0], "Cookie has been deleted!") {
		t.Errorf("%s\n%s", responses[0], log)
	}
}
