package token

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/go-jose/go-jose/v4"

	"github.com/crumb-go/crumb/internal/app"
)

// A Trust says which keys an authorizer trusts. Its methods may be called concurrently.
type Trust struct {
	own   *ProjectKeys
	given []given
}

// A given key set replaces the project's keys for one authorizer, or with the id "" for
// all that are not named.
type given struct {
	id  string
	set *keySet
}

// NewTrust returns a Trust in own, unless sets replace it. Each set is FILE, URL, ID=FILE
// or ID=URL, where ID is an authorizer's name, or API.NAME with its API's logical id. A
// file is read at once, and again for each token; a URL is called for the first token.
func NewTrust(own *ProjectKeys, sets []string) (*Trust, error) {
	t := &Trust{own: own}
	for _, text := range sets {
		id, place, named := strings.Cut(text, "=")
		if !named || isURL(text) {
			id, place = "", text
		}
		if slices.ContainsFunc(t.given, func(g given) bool { return g.id == id }) {
			return nil, fmt.Errorf("two key sets for the same authorizers: %s", text)
		}
		set, err := newKeySet(place)
		if err != nil {
			return nil, err
		}
		t.given = append(t.given, given{id, set})
	}
	return t, nil
}

// Check returns an error if a key set is for an authorizer that a does not have.
func (t *Trust) Check(a *app.App) error {
	for _, g := range t.given {
		if g.id == "" {
			continue
		}
		if _, _, err := Find(a, g.id); err != nil && !errors.Is(err, errAmbiguous) {
			return err
		}
	}
	return nil
}

// Keys returns the keys that an authorizer of api trusts. The project's own are among
// them only on loopback: if the Host and the client's address of the request are.
func (t *Trust) Keys(api *app.API, a *app.Authorizer, onLoopback bool) Keys {
	for _, id := range []string{api.ID + "." + a.Name, a.Name, ""} {
		for _, g := range t.given {
			if g.id == id {
				return g.set
			}
		}
	}
	if !onLoopback {
		return notTrusted("crumb's own key is trusted only if the request's Host and client are those of loopback; --jwks sets another")
	}
	return t.own
}

// notTrusted are keys that are not found for that reason.
type notTrusted string

func (n notTrusted) Find(context.Context, string) ([]jose.JSONWebKey, error) {
	return nil, errors.New(string(n))
}

var errAmbiguous = errors.New("more than one authorizer has the name")

// Find returns the authorizer that name, NAME or API.NAME, is in a, and its API; for ""
// the only one that checks tokens. The error lists what there is to choose from.
func Find(a *app.App, name string) (*app.API, *app.Authorizer, error) {
	type one struct {
		api *app.API
		*app.Authorizer
	}
	var found []one
	var checking, all []string
	for _, api := range a.APIs {
		for _, d := range api.Authorizers {
			full := api.ID + "." + d.Name
			checks := d.Kind == app.JWT || d.Kind == app.Cognito
			if checks {
				checking = append(checking, full)
			}
			all = append(all, full)
			if name == full || name == d.Name || name == "" && checks {
				found = append(found, one{api, d})
			}
		}
	}
	switch {
	case len(found) == 1 && found[0].Kind == app.Lambda:
		return nil, nil, fmt.Errorf("the authorizer %s is a Lambda function, which decides itself which credentials it accepts", name)
	case len(found) == 1:
		return found[0].api, found[0].Authorizer, nil
	case len(found) > 1 && name == "":
		return nil, nil, fmt.Errorf("choose an authorizer: %s has %s", a.File, strings.Join(checking, ", "))
	case len(found) > 1:
		return nil, nil, fmt.Errorf("%w %s: %s has %s", errAmbiguous, name, a.File, strings.Join(all, ", "))
	case len(checking) == 0:
		return nil, nil, fmt.Errorf("%s has no JWT or Cognito authorizer", a.File)
	}
	return nil, nil, fmt.Errorf("no authorizer %q; %s has %s", name, a.File, strings.Join(all, ", "))
}
