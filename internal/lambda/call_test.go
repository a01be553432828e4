package lambda_test

import (
	"regexp"
	"testing"

	"github.com/crumb-go/crumb/internal/lambda"
)

func TestNewRequestID(t *testing.T) {
	form := regexp.MustCompile(`^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$`)
	seen := map[string]bool{}
	for range 100 {
		id := lambda.NewRequestID()
		if !form.MatchString(id) || seen[id] {
			t.Errorf("NewRequestID = %q, want one of version 4 that was not there before", id)
		}
		seen[id] = true
	}
}
