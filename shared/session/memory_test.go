package session_test

import (
	"testing"

	"github.com/crumb-go/crumb/shared/session"
	"github.com/crumb-go/crumb/shared/session/sessiontest"
)

func TestMemory(t *testing.T) {
	sessiontest.TestStore(t, new(session.Memory))
}
