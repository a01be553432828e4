package authorizer

import (
	"crypto/subtle"
	"strings"

	"github.com/crumb-go/crumb/internal/app"
)

// TakesProjectKey tells whether API Gateway accepts keys that api's template does not
// have the values of, and so Config.Key: those that AWS makes up, or that are made
// elsewhere.
func TakesProjectKey(api *app.API) bool {
	for _, k := range api.Keys {
		if k.Enabled && k.Value == "" {
			return true
		}
	}
	return len(api.Keys) == 0
}

// projectKey is the logical id of Config.Key.
const projectKey = "crumb"

// KeyID returns the logical id of the key with a value, if it is accepted.
func (rn *Runner) KeyID(value string) (id string, ok bool) {
	for _, k := range rn.config.API.Keys {
		if same(value, k.Value) {
			return k.ID, k.Enabled
		}
	}
	if same(value, rn.config.Key) && TakesProjectKey(rn.config.API) {
		return projectKey, true
	}
	return "", false
}

// same compares a key with one that is accepted, unless it is "", in a time that does not
// tell how much of it is right.
func same(value, accepted string) bool {
	return accepted != "" && subtle.ConstantTimeCompare([]byte(value), []byte(accepted)) == 1
}

// fromAuthorizer tells whether keys are what an authorizer says, not a header.
func (rn *Runner) fromAuthorizer() bool { return rn.config.API.KeySource == app.KeyFromAuthorizer }

// checkKey puts the key of a request into its grant, or refuses the request, if its guard
// requires a key.
func (rn *Runner) checkKey(r *Request, g *Grant) error {
	switch {
	case !r.Guard.APIKey:
		g.Key = ""
		return nil
	case !rn.fromAuthorizer():
		g.Key = r.Key
	case g.Key == "":
		return refuse(BadKey, "%s: the authorizer's response has no usageIdentifierKey, which is the API key here", Name(r.Guard))
	}
	switch id, ok := rn.KeyID(g.Key); {
	case ok:
		return nil
	case g.Key == "":
		return refuse(BadKey, "%s wants an API key, which the request does not have: curl -H 'x-api-key: ...' with %s", Name(r.Guard), rn.keys())
	case id != "":
		return refuse(BadKey, "%s: the API key %s is not enabled: set Enabled to true", Name(r.Guard), id)
	}
	return refuse(BadKey, "%s: the request's API key is not %s", Name(r.Guard), rn.keys())
}

// keys names those that are accepted, "" for none.
func (rn *Runner) keys() string {
	var names []string
	for _, k := range rn.config.API.Keys {
		if k.Enabled && k.Value != "" {
			names = append(names, "the Value of "+k.ID)
		}
	}
	if TakesProjectKey(rn.config.API) {
		names = append(names, "the key that crumb start prints")
	}
	return strings.Join(names, " or ")
}
