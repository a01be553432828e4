package token

import (
	"encoding/json"

	"github.com/crumb-go/crumb/internal/app"
	"github.com/crumb-go/crumb/internal/authorizer"
)

// Assume returns the claims of a JSON object as they are in an event if a token has them
// that the guard's authorizer accepts.
func Assume(guard *app.Guard, object string) (*authorizer.Claims, error) {
	all, err := parseClaims(object)
	if err != nil {
		return nil, err
	}
	text, err := json.Marshal(all.event(guard.Auth))
	c := &authorizer.Claims{Object: string(text)}
	if len(guard.Scopes) > 0 {
		c.Scopes = all.scopes()
	}
	return c, err
}
