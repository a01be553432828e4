package session_test

import (
	"testing"

	"github.com/crumb-go/crumb/shared/session"
	"github.com/crumb-go/crumb/shared/session/sessiontest"
)

func TestMemory(t *testing.T) {
	sessiontest.TestStore(t, new(session.Memory))
}

// Every order of requests.
func TestSignOut(t *testing.T) {
	sessiontest.TestSignOut(t, -1, sessiontest.Operations(new(session.Memory)))
}
