package authorizer

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/crumb-go/crumb/internal/app"
)

// Assumed is what callers are taken to be whose authorizers are skipped. The zero value is
// nothing.
type Assumed struct {
	all string            // a JSON object for every authorizer
	by  map[string]string // or one for each of some, by name
}

// ReadAssumed reads a JSON object: the claims or the context of every authorizer, or, if
// its members are objects and have the names of authorizers, those of each.
func ReadAssumed(text string, names []string) (Assumed, error) {
	members, err := objectOf(text)
	if err != nil {
		return Assumed{}, err
	}
	named, objects := 0, 0
	for name, value := range members {
		if strings.HasPrefix(value, "{") {
			objects++
			if slices.Contains(names, name) {
				named++
			}
		}
	}
	switch {
	case named > 0 && named == len(members):
		return Assumed{by: members}, nil
	case named > 0:
		return Assumed{}, errors.New("some of its members are authorizers of the template, and some are not")
	case objects > 0 && objects == len(members) && len(names) > 0:
		return Assumed{}, fmt.Errorf("its members are objects, and none has the name of an authorizer, which are %s", strings.Join(names, ", "))
	}
	return Assumed{all: text}, nil
}

// Has tells whether the guard's event has something of a.
func (a Assumed) Has(guard *app.Guard) bool { return a.of(guard) != "" }

// of returns the object for a guard, "" for none.
func (a Assumed) of(guard *app.Guard) string {
	if guard.Auth != app.Lambda && guard.Auth != app.JWT && guard.Auth != app.Cognito {
		return ""
	}
	if a.by != nil {
		return a.by[guard.Authorizer]
	}
	return a.all
}

// assume is the grant of a request whose authorizer is skipped.
func (rn *Runner) assume(r *Request) (*Grant, error) {
	object := rn.config.Assumed.of(r.Guard)
	if object == "" {
		return &Grant{}, nil
	}
	grant, err := &Grant{}, error(nil)
	if r.Guard.Auth == app.Lambda {
		grant.Context, err = rn.assumeContext(r, object)
	} else {
		grant.Context, err = rn.assumeClaims(r, object)
	}
	if err != nil {
		return nil, refuse(Failed, "%s: --claims: %v", Name(r.Guard), err)
	}
	return grant, nil
}

func (rn *Runner) assumeContext(r *Request, object string) (string, error) {
	context, err := rn.readContext(object)
	if err != nil {
		return "", err
	}
	out := &response{context: context}
	for _, m := range context {
		if m.name == "principalId" && strings.HasPrefix(m.value, `"`) {
			out.principal = m.value
		}
	}
	return rn.context(r, out, 0), nil
}

func (rn *Runner) assumeClaims(r *Request, object string) (string, error) {
	if rn.config.Claims == nil {
		return "", fmt.Errorf("crumb has no claims of %s authorizers", r.Guard.Auth)
	}
	claims, err := rn.config.Claims(r.Guard, object)
	if err != nil {
		return "", err
	}
	return claimsContext(r, claims), nil
}
