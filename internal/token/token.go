// Package token verifies tokens as the JWT authorizers of HTTP APIs and the Cognito
// authorizers of REST APIs do, and signs tokens for a project on this machine.
//
// # What is accepted
//
// A JWT in compact form, signed by RSA with a key that the authorizer trusts and that
// its header names, whose claims fit what the template says. The algorithms none and
// HMAC are never accepted, whatever a key says, and keys inside of a token are not
// looked at. Where AWS's own rule is not known, the stricter one is chosen. Time is this
// machine's, without leeway.
//
// # Which keys are trusted
//
// Those that [Trust] was given, from files or URLs, else the project's own: [ProjectKeys]
// keeps them in the user's cache. They are trusted on loopback only.
//
// Neither an error nor a reason ever has a token, a key, or the value of a claim, except
// how long ago a token expired.
package token

import (
	"context"
	"crypto/rsa"
	"encoding/base64"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/go-jose/go-jose/v4"

	"github.com/crumb-go/crumb/internal/app"
	"github.com/crumb-go/crumb/internal/authorizer"
)

// Keys finds the keys that may have signed a token.
type Keys interface {
	// Find returns the keys with that id, which may be none. The error's text is for the log.
	Find(ctx context.Context, id string) ([]jose.JSONWebKey, error)
}

// A Token is one that was accepted.
type Token struct {
	Claims map[string]string // as the event of the authorizer's API has them
	Scopes []string          // the token's; nil if the route requires none
}

// Check verifies a credential: the value of an identity source of a, with or without
// "Bearer " before it. Scopes are those that the route lists. The error is an
// *authorizer.Refusal.
func Check(ctx context.Context, a *app.Authorizer, scopes []string, credential string, keys Keys) (*Token, error) {
	c := check{a, scopes}
	claims, err := c.verify(ctx, strings.TrimPrefix(credential, "Bearer "), keys)
	if err == nil {
		err = c.judge(claims)
	}
	if err != nil {
		return nil, c.refusal(err)
	}
	t := &Token{Claims: claims.event(a.Kind)}
	if len(scopes) > 0 {
		t.Scopes = claims.scopes()
	}
	return t, nil
}

// A fault is what is wrong with a token, in the words of an HTTP API's error_description.
type fault string

// The first four are AWS's words: "Troubleshooting issues with HTTP API JWT
// authorizers", and what clients have printed. The others are not known.
const (
	missing      fault = ""
	malformed    fault = "token contains an invalid number of segments"
	badAudience  fault = "the token does not have a valid audience"
	expired      fault = "the token has expired"
	badSignature fault = "the token does not have a valid signature"
	badIssuer    fault = "the token does not have a valid issuer"
	tooEarly     fault = "the token is not valid yet"
	badUse       fault = "the token does not have a valid use"
	badScope     fault = "the token does not have a required scope"
)

// A faulty is a fault with its reason.
type faulty struct {
	fault
	reason string
}

func (f *faulty) Error() string { return f.reason }

func (f fault) because(format string, args ...any) error {
	return &faulty{f, fmt.Sprintf(format, args...)}
}

// A check is one of an authorizer's, for a route.
type check struct {
	*app.Authorizer
	required []string // scopes
}

// refusal returns AWS's response to an error. The WWW-Authenticate of a missing scope is a
// guess.
func (c check) refusal(err error) *authorizer.Refusal {
	f := (*faulty)(nil)
	if !errors.As(err, &f) {
		f = &faulty{badSignature, err.Error()}
	}
	r := &authorizer.Refusal{Outcome: authorizer.Unauthorized, Reason: f.reason}
	if c.Kind == app.Cognito {
		if f.fault == expired {
			r.Outcome = authorizer.Expired
		}
		return r
	}
	problem := "invalid_token"
	if f.fault == badScope {
		r.Outcome, problem = authorizer.Forbidden, "insufficient_scope"
	}
	r.Challenge = "Bearer"
	if f.fault != missing {
		r.Challenge = fmt.Sprintf("Bearer scope=%q error=%q error_description=%q", strings.Join(c.required, " "), problem, f.fault)
	}
	return r
}

// minBits is the size of the smallest RSA key for signatures (RFC 7518 section 3.3).
const minBits = 2048

// verify returns the claims of a token whose signature is that of a trusted key.
func (c check) verify(ctx context.Context, text string, keys Keys) (claims, error) {
	if text == "" {
		return nil, missing.because("the request has no token%s", c.place())
	}
	if !compact(text) {
		return nil, malformed.because("the credential is not a JWT")
	}
	accepted := []jose.SignatureAlgorithm{jose.RS256}
	if c.Kind == app.JWT {
		accepted = append(accepted, jose.RS384, jose.RS512)
	}
	jws, err := jose.ParseSignedCompact(text, accepted)
	if foreign := (*jose.ErrUnexpectedSignatureAlgorithm)(nil); errors.As(err, &foreign) {
		return nil, badSignature.because("the token's alg is not one of %s", accepted)
	}
	if err != nil {
		return nil, malformed.because("the credential is not a JWT")
	}
	header := jws.Signatures[0].Protected
	if _, has := header.ExtraHeaders["crit"]; has { // such as b64 (RFC 7797), which a JWT must not have
		return nil, badSignature.because("the token's header has crit, which is not supported")
	}
	if header.KeyID == "" {
		return nil, badSignature.because("the token's header has no kid")
	}
	found, err := keys.Find(ctx, header.KeyID)
	if err != nil {
		return nil, badSignature.because("%v", err)
	}
	reason := "the token's kid is not that of a trusted key"
	for _, key := range found {
		public, isRSA := key.Key.(*rsa.PublicKey)
		if !isRSA || public.N.BitLen() < minBits || key.Use != "" && key.Use != "sig" || key.Algorithm != "" && key.Algorithm != header.Algorithm {
			reason = fmt.Sprintf("the key with the token's kid is not an RSA key of %d bits or more for signatures by the token's alg", minBits)
			continue
		}
		payload, err := jws.Verify(public)
		if err == nil {
			return parseClaims(string(payload))
		}
		reason = "the token's signature is not that of the key with its kid"
	}
	return nil, badSignature.because("%s", reason)
}

// place names the identity source.
func (c check) place() string {
	switch {
	case len(c.Sources) == 0:
		return ""
	case c.Sources[0].In == app.FromHeader:
		return " in the header " + c.Sources[0].Name
	}
	return " in the query parameter " + c.Sources[0].Name
}

// compact reports whether text is three segments of base64url, each written in the only
// way that its bytes have: go-jose verifies what it has decoded and encoded again.
func compact(text string) bool {
	segments := strings.Split(text, ".")
	for _, s := range segments {
		if _, err := base64.RawURLEncoding.Strict().DecodeString(s); err != nil || strings.ContainsAny(s, "\r\n") {
			return false
		}
	}
	return len(segments) == 3
}

// judge holds claims against the authorizer, in the order of "Controlling access to
// HTTP APIs with JWT authorizers".
func (c check) judge(claims claims) error {
	if issuers := Issuers(c.Authorizer); !slices.Contains(issuers, claims.text("iss")) || claims.text("iss") == "" {
		return badIssuer.because("the token's iss is not %s", strings.Join(issuers, " or "))
	}
	var err error
	if c.Kind == app.JWT {
		err = c.judgeAudience(claims)
	} else {
		err = c.judgeUse(claims)
	}
	if err != nil {
		return err
	}
	if err := claims.judgeTime(time.Now()); err != nil {
		return err
	}
	if len(c.required) > 0 && !slices.ContainsFunc(claims.scopes(), func(s string) bool { return slices.Contains(c.required, s) }) {
		return badScope.because("the token has none of the scopes %s", strings.Join(c.required, ", "))
	}
	return nil
}

func (c check) judgeAudience(claims claims) error {
	name := "aud"
	if _, has := claims[name]; !has {
		name = "client_id"
	}
	if !slices.ContainsFunc(claims.texts(name), func(s string) bool { return slices.Contains(c.Audience, s) }) {
		return badAudience.because("the token's %s is not %s", name, strings.Join(c.Audience, " or "))
	}
	return nil
}

// judgeUse tells Cognito's kinds of token apart, and applies the authorizer's regular
// expression to aud, which an access token does not have ("Integrate a REST API with an
// Amazon Cognito user pool"). That the whole value must match is not documented.
func (c check) judgeUse(claims claims) error {
	use, route := IDToken, "without"
	if len(c.required) > 0 {
		use, route = AccessToken, "with"
	}
	if claims.text("token_use") != use {
		return badUse.because("the token's token_use is not %s, which a route %s scopes requires", use, route)
	}
	if c.Validation == "" {
		return nil
	}
	pattern, err := regexp.Compile(c.Validation)
	if err != nil {
		return badAudience.because("crumb cannot read the authorizer's regular expression: %v", err)
	}
	pattern.Longest() // so that FindString returns all of a text that matches as a whole
	if aud := claims.text("aud"); aud == "" || pattern.FindString(aud) != aud {
		return badAudience.because("the token's aud does not match %s", c.Validation)
	}
	return nil
}

// The values of token_use.
const (
	IDToken     = "id"
	AccessToken = "access"
)

// Issuers returns the values of iss that a accepts. A user pool of the template has a
// placeholder for its ARN; its issuer is as if it were the name of a pool.
func Issuers(a *app.Authorizer) []string {
	if a.Kind == app.JWT {
		return []string{a.Issuer}
	}
	var all []string
	for _, arn := range a.UserPools {
		region, pool := app.DefaultRegion, arn
		if parts := strings.Split(arn, ":"); len(parts) == 6 {
			region, pool = parts[3], strings.TrimPrefix(parts[5], "userpool/")
		}
		all = append(all, "https://cognito-idp."+region+".amazonaws.com/"+pool)
	}
	return all
}
