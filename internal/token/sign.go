package token

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/go-jose/go-jose/v4/jwt"

	"github.com/crumb-go/crumb/internal/app"
)

// A Request is what a token is to be.
type Request struct {
	Authorizer *app.Authorizer            // of kind JWT or Cognito
	Claims     map[string]json.RawMessage // they win over what Sign sets
	Scopes     []string                   // for the claim scope
	Expires    time.Duration              // from now on, at most MaxExpires; negative: an expired token
	Use        string                     // IDToken or AccessToken; "": what the authorizer takes, with Scopes an access token of Cognito
}

// Sign signs a token that the authorizer accepts, unless the request's claims say
// otherwise: iss and the first aud are the template's.
func (p *ProjectKeys) Sign(r Request) (string, error) {
	claims, err := r.claims(time.Now())
	if err != nil {
		return "", err
	}
	key, err := p.signing()
	if err != nil {
		return "", fmt.Errorf("signing key: %w", err)
	}
	signer, err := jose.NewSigner(jose.SigningKey{Algorithm: jose.RS256, Key: key}, new(jose.SignerOptions).WithType("JWT"))
	if err != nil {
		return "", err
	}
	return jwt.Signed(signer).Claims(claims).Serialize()
}

// localUser is the sub of a token, and its user name.
const localUser = "local-user"

func (r Request) claims(now time.Time) (map[string]any, error) {
	a := r.Authorizer
	issuers := Issuers(a)
	cognito := a.Kind == app.Cognito || len(issuers) > 0 && strings.HasPrefix(issuers[0], "https://cognito-idp.")
	use := r.Use
	if use == "" {
		use = IDToken
		if a.Kind == app.Cognito && len(r.Scopes) > 0 {
			use = AccessToken
		}
	}
	switch {
	case use != IDToken && use != AccessToken:
		return nil, errors.New("--use is id or access")
	case r.Expires > MaxExpires:
		return nil, fmt.Errorf("a token lasts for %v at most", MaxExpires)
	case a.Kind == app.Cognito && use == IDToken && len(r.Scopes) > 0:
		return nil, errors.New("an id token of Cognito has no scopes: leave out --use, or --scope")
	case len(issuers) == 0:
		return nil, fmt.Errorf("%s has no issuer", a.Name)
	}
	audience := localUser + "s-app"
	if len(a.Audience) > 0 {
		audience = a.Audience[0]
	}
	end := now.Add(r.Expires)
	begin := now
	if end.Before(begin) {
		begin = end
	}
	claims := map[string]any{"iss": issuers[0], "sub": localUser, "iat": begin.Unix(), "exp": end.Unix()}
	if use == AccessToken {
		claims["client_id"] = audience
	} else {
		claims["aud"] = audience
	}
	if len(r.Scopes) > 0 {
		claims["scope"] = strings.Join(r.Scopes, " ")
	}
	if cognito {
		claims["token_use"], claims["auth_time"] = use, begin.Unix()
		claims[map[string]string{IDToken: "cognito:username", AccessToken: "username"}[use]] = localUser
	}
	for name, value := range r.Claims {
		claims[name] = value
	}
	return claims, nil
}
