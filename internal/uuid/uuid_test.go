package uuid_test

import (
	"regexp"
	"testing"

	"github.com/crumb-go/crumb/internal/uuid"
)

func TestNew(t *testing.T) {
	form := regexp.MustCompile(`^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$`)
	seen := map[string]bool{}
	for range 100 {
		id := uuid.New()
		if !form.MatchString(id) || seen[id] {
			t.Errorf("New = %q, want one of version 4 that was not there before", id)
		}
		seen[id] = true
	}
}
