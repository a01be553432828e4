package token_test

import (
	"encoding/json"
	"maps"
	"slices"
	"testing"
	"time"

	"github.com/crumb-go/crumb/internal/app"
	"github.com/crumb-go/crumb/internal/token"
)

// TestClaimsOfEvents holds the texts that functions get. Those of HTTP APIs are recorded
// (aws-powertools/powertools-lambda-typescript#2624, floci-io/floci#2011); the times of a
// REST API are from amazon-archives/amazon-cognito-identity-js#92.
func TestClaimsOfEvents(t *testing.T) {
	exp := time.Date(2086, 7, 9, 8, 2, 3, 0, time.UTC).Unix()
	iat := time.Date(2016, 7, 29, 18, 52, 53, 0, time.UTC).Unix()
	more := map[string]any{
		"exp": exp, "iat": iat, "auth_time": iat, "email_verified": true, "age": json.RawMessage("1.50"), "nothing": json.RawMessage("null"),
		"cognito:groups": []any{"a", "b"}, "nested": []any{1, []any{"x"}, nil}, "empty": []any{}, "address": json.RawMessage(`{"city":"Łódź"}`),
		"name": "Ana \"A\"\n", "scope": "read write", "iss": nil, "aud": nil, "sub": nil,
	}
	for _, row := range []struct {
		a      *app.Authorizer
		token  string
		scopes []string
		want   map[string]string
	}{
		{jwtAuthorizer, sign(rs256, claims(with(maps.Clone(more), map[string]any{"iss": jwtAuthorizer.Issuer, "aud": []string{"shop", "x"}})), theirs()), []string{"read"}, map[string]string{
			"iss": jwtAuthorizer.Issuer, "aud": "[shop x]", "exp": "3677040123", "iat": "1469818373", "auth_time": "1469818373", "email_verified": "true", "age": "1.50",
			"cognito:groups": "[a b]", "nested": "[1 [x] null]", "empty": "[]", "address": `{"city":"Łódź"}`, "name": "Ana \"A\"\n", "scope": "read write",
		}},
		{pool, sign(rs256, poolClaims(with(maps.Clone(more), map[string]any{"iss": "https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_Ab", "aud": "shop"})), theirs()), nil, map[string]string{
			"iss": "https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_Ab", "aud": "shop", "token_use": "id", "exp": "Tue Jul 09 08:02:03 UTC 2086",
			"iat": "Fri Jul 29 18:52:53 UTC 2016", "auth_time": "1469818373", "email_verified": "true", "age": "1.50",
			"cognito:groups": "a,b", "nested": "1,x,null", "empty": "", "address": `{"city":"Łódź"}`, "name": "Ana \"A\"\n", "scope": "read write",
		}},
	} {
		accepted, err := token.Check(t.Context(), row.a, row.scopes, row.token, trusted())
		if err != nil {
			t.Fatal(err)
		}
		if !maps.Equal(accepted.Claims, row.want) {
			t.Errorf("%s: claims\n%q, want\n%q", row.a.Name, accepted.Claims, row.want)
		}
		if row.scopes == nil && accepted.Scopes != nil || row.scopes != nil && !slices.Equal(accepted.Scopes, []string{"read", "write"}) {
			t.Errorf("%s: scopes %q", row.a.Name, accepted.Scopes)
		}
	}
}
