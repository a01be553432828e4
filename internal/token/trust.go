package token

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"github.com/go-jose/go-jose/v4"

	"github.com/crumb-go/crumb/internal/app"
	"github.com/crumb-go/crumb/internal/authorizer"
)

// A Trust says which keys an authorizer trusts. Its methods may be called concurrently.
type Trust struct {
	// Template is that of the command line, for the command that makes a token; "" for none.
	Template string

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
			return nil, errors.New("two key sets for the same authorizers")
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
		if g.id == "" || len(named(a, g.id)) > 1 {
			continue
		}
		if _, _, err := Find(a, g.id); err != nil {
			return err
		}
	}
	return nil
}

// Verifier returns the check of tokens for the authorizers of api, which is one of in's. The project's own keys
// are trusted only on loopback: if the request's Host and the client's address are of it.
func (t *Trust) Verifier(in *app.App, api *app.API) authorizer.Verifier {
	return func(ctx context.Context, r *authorizer.Request, credential string) (*authorizer.Claims, error) {
		a := r.Guard.Declared
		keys, hint := t.keys(api, a, r.Loopback && isLoopback(r.SourceIP)), ""
		if keys == Keys(t.own) {
			hint = "; get one with " + t.command(in, api, r.Guard)
		}
		accepted, err := Check(ctx, a, r.Guard.Scopes, credential, keys)
		if refusal := (*authorizer.Refusal)(nil); errors.As(err, &refusal) {
			refusal.Reason = authorizer.Name(r.Guard) + ": " + refusal.Reason + hint
			return nil, refusal
		}
		object, err := json.Marshal(accepted.Claims)
		return &authorizer.Claims{Object: string(object), Scopes: accepted.Scopes}, err
	}
}

// command prints a token that the guard, which is one of api's, accepts.
func (t *Trust) command(in *app.App, api *app.API, guard *app.Guard) string {
	text, name := "crumb token", guard.Declared.Name
	if t.Template != "" {
		text += " -t " + t.Template
	}
	if len(named(in, name)) > 1 {
		name = api.ID + "." + name
	}
	text += " --authorizer " + name
	if len(guard.Scopes) > 0 {
		text += " --scope " + guard.Scopes[0]
	}
	return text
}

func isLoopback(address string) bool {
	ip, err := netip.ParseAddr(address)
	return err == nil && ip.Unmap().IsLoopback()
}

// keys returns the keys that an authorizer of api trusts.
func (t *Trust) keys(api *app.API, a *app.Authorizer, onLoopback bool) Keys {
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

// An owned is an authorizer with its API.
type owned struct {
	api *app.API
	*app.Authorizer
}

// named returns the authorizers with a name, NAME or API.NAME; for "" those that check
// tokens.
func named(a *app.App, name string) (found []owned) {
	for _, api := range a.APIs {
		for _, d := range api.Authorizers {
			if name == d.Name || name == api.ID+"."+d.Name || name == "" && d.Kind != app.Lambda {
				found = append(found, owned{api, d})
			}
		}
	}
	return found
}

// Find returns the authorizer that name, NAME or API.NAME, is in a, and its API; for ""
// the only one that checks tokens. The error lists what there is to choose from.
func Find(a *app.App, name string) (*app.API, *app.Authorizer, error) {
	found := named(a, name)
	var names []string
	for _, o := range named(a, "") {
		names = append(names, o.api.ID+"."+o.Name)
	}
	list := strings.Join(names, ", ")
	switch {
	case len(found) == 1 && found[0].Kind == app.Lambda:
		return nil, nil, fmt.Errorf("the authorizer %s is a Lambda function, which decides itself which credentials it accepts", name)
	case len(found) == 1:
		return found[0].api, found[0].Authorizer, nil
	case list == "":
		return nil, nil, fmt.Errorf("%s has no JWT or Cognito authorizer", a.File)
	case name == "":
		return nil, nil, fmt.Errorf("choose an authorizer: %s has %s", a.File, list)
	case len(found) > 1:
		return nil, nil, fmt.Errorf("more than one authorizer has the name %s: %s has %s", name, a.File, list)
	}
	return nil, nil, fmt.Errorf("no JWT or Cognito authorizer has the name %s: %s has %s", name, a.File, list)
}
