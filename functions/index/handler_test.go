package main

import (
	"testing"

	"github.com/crumb-go/crumb/shared/frontdoor/frontdoortest"
)

func TestEvents(t *testing.T) {
	frontdoortest.Run(t, newHandler(), "../../events/index")
}
