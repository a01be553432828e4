package token_test

import (
	"context"
	"crypto"
	"crypto/hmac"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"

	"github.com/crumb-go/crumb/internal/app"
	"github.com/crumb-go/crumb/internal/authorizer"
	"github.com/crumb-go/crumb/internal/token"
)

// Keys are made once: each takes a tenth of a second.
var (
	theirs  = sync.OnceValue(func() *rsa.PrivateKey { return newKey(2048) })
	foreign = sync.OnceValue(func() *rsa.PrivateKey { return newKey(2048) })
	small   = sync.OnceValue(func() *rsa.PrivateKey { return newKey(1024) })
)

func newKey(bits int) *rsa.PrivateKey {
	key, err := rsa.GenerateKey(rand.Reader, bits)
	if err != nil {
		panic(err)
	}
	return key
}

// fixed are keys that are always found.
type fixed []jose.JSONWebKey

func (f fixed) Find(_ context.Context, id string) ([]jose.JSONWebKey, error) {
	return (&jose.JSONWebKeySet{Keys: f}).Key(id), nil
}

// trusted has the key k1, and others that must not verify anything.
func trusted() fixed {
	return fixed{
		{KeyID: "k1", Key: &theirs().PublicKey},
		{KeyID: "small", Key: &small().PublicKey},
		{KeyID: "enc", Key: &theirs().PublicKey, Use: "enc"},
		{KeyID: "rs512", Key: &theirs().PublicKey, Algorithm: "RS512"},
		{KeyID: "secret", Key: []byte(strings.Repeat("s", 64))},
		{KeyID: "", Key: &theirs().PublicKey},
	}
}

var (
	jwtAuthorizer = &app.Authorizer{Name: "Jwt", Kind: app.JWT, Issuer: "https://login.example/", Audience: []string{"shop", "admin"}}
	pool          = &app.Authorizer{
		Name: "Pool", Kind: app.Cognito, Validation: "shop|shop-.*",
		UserPools: []string{"arn:aws:cognito-idp:eu-west-1:123456789012:userpool/eu-west-1_Ab", "Users.Arn"},
	}
)

// claims are of a token that jwtAuthorizer accepts, changed by more; nil removes one.
func claims(more map[string]any) map[string]any {
	now := time.Now().Unix()
	return with(map[string]any{"iss": "https://login.example/", "aud": "shop", "sub": "u-1", "iat": now - 60, "exp": now + 3600}, more)
}

// poolClaims are of an id token that pool accepts.
func poolClaims(more map[string]any) map[string]any {
	return with(claims(map[string]any{"iss": "https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_Ab", "token_use": "id"}), more)
}

func with(all, more map[string]any) map[string]any {
	for name, value := range more {
		if all[name] = value; value == nil {
			delete(all, name)
		}
	}
	return all
}

func segment(v any) string {
	text, isText := v.(string)
	if !isText {
		b, err := json.Marshal(v)
		if err != nil {
			panic(err)
		}
		text = string(b)
	}
	return base64.RawURLEncoding.EncodeToString([]byte(text))
}

// sign writes a token by hand, with whatever header and payload.
func sign(header, payload any, key *rsa.PrivateKey) string {
	input := segment(header) + "." + segment(payload)
	sum := sha256.Sum256([]byte(input))
	signature, err := rsa.SignPKCS1v15(nil, key, crypto.SHA256, sum[:])
	if err != nil {
		panic(err)
	}
	return input + "." + base64.RawURLEncoding.EncodeToString(signature)
}

// signHMAC signs with HMAC, with a secret that may be a public key.
func signHMAC(header, payload any, secret []byte) string {
	input := segment(header) + "." + segment(payload)
	mac := hmac.New(sha256.New, secret)
	mac.Write([]byte(input))
	return input + "." + base64.RawURLEncoding.EncodeToString(mac.Sum(nil))
}

var rs256 = map[string]any{"alg": "RS256", "kid": "k1"}

// refused checks a credential that must be refused, and that nothing of it is in the words.
func refused(t *testing.T, a *app.Authorizer, scopes []string, credential string) *authorizer.Refusal {
	t.Helper()
	accepted, err := token.Check(t.Context(), a, scopes, credential, trusted())
	r := (*authorizer.Refusal)(nil)
	if !errors.As(err, &r) {
		t.Fatalf("accepted: %v, %v", accepted, err)
	}
	for _, part := range strings.FieldsFunc(credential, func(c rune) bool { return c == '.' || c == ' ' }) {
		if part != "Bearer" && len(part) > 6 && strings.Contains(fmt.Sprint(*r), part) {
			t.Errorf("the refusal has a part of the token: %+v", r)
		}
	}
	return r
}

func TestJWT(t *testing.T) {
	now := time.Now().Unix()
	const invalid = `Bearer scope="" error="invalid_token" error_description=`
	for _, row := range []struct {
		name   string
		more   map[string]any
		scopes []string
		want   string // status and WWW-Authenticate; "" when accepted
		reason string
	}{
		{"accepted", nil, nil, "", ""},
		{"one-of-several-aud", map[string]any{"aud": []string{"x", "admin"}}, nil, "", ""},
		{"client-id-without-aud", map[string]any{"aud": nil, "client_id": "shop"}, nil, "", ""},
		{"aud-wins-over-client-id", map[string]any{"aud": "secret-aud", "client_id": "shop"}, nil, `401 ` + invalid + `"the token does not have a valid audience"`, "the token's aud is not shop or admin"},
		{"null-aud-is-there", map[string]any{"aud": json.RawMessage("null"), "client_id": "shop"}, nil, `401 ` + invalid + `"the token does not have a valid audience"`, "the token's aud is not shop or admin"},
		{"no-aud", map[string]any{"aud": nil}, nil, `401 ` + invalid + `"the token does not have a valid audience"`, "the token's client_id is not shop or admin"},
		{"aud-of-numbers", map[string]any{"aud": []any{"shop", 1}}, nil, `401 ` + invalid + `"the token does not have a valid audience"`, "the token's aud is not shop or admin"},
		{"issuer-without-slash", map[string]any{"iss": "https://login.example"}, nil, `401 ` + invalid + `"the token does not have a valid issuer"`, "the token's iss is not https://login.example/"},
		{"no-issuer", map[string]any{"iss": nil}, nil, `401 ` + invalid + `"the token does not have a valid issuer"`, "the token's iss is not https://login.example/"},
		{"issuer-in-a-list", map[string]any{"iss": []string{"https://login.example/"}}, nil, `401 ` + invalid + `"the token does not have a valid issuer"`, "the token's iss is not https://login.example/"},
		{"expired", map[string]any{"exp": now - 120}, nil, `401 ` + invalid + `"the token has expired"`, "the token expired 2m"},
		{"expires-now", map[string]any{"exp": now}, nil, `401 ` + invalid + `"the token has expired"`, "the token expired"},
		{"no-exp", map[string]any{"exp": nil}, nil, `401 ` + invalid + `"the token has expired"`, "the token has no exp that is a time"},
		{"exp-is-text", map[string]any{"exp": fmt.Sprint(now + 60)}, nil, `401 ` + invalid + `"the token has expired"`, "the token has no exp that is a time"},
		{"exp-is-endless", map[string]any{"exp": json.RawMessage("1e400")}, nil, `401 ` + invalid + `"the token has expired"`, "the token has no exp that is a time"},
		{"exp-has-fractions", map[string]any{"exp": float64(now) + 60.5}, nil, "", ""},
		{"not-yet", map[string]any{"nbf": now + 60}, nil, `401 ` + invalid + `"the token is not valid yet"`, "the token's nbf is not a time in the past"},
		{"nbf-is-no-time", map[string]any{"nbf": true}, nil, `401 ` + invalid + `"the token is not valid yet"`, "the token's nbf is not a time in the past"},
		{"issued-in-the-future", map[string]any{"iat": now + 60}, nil, `401 ` + invalid + `"the token is not valid yet"`, "the token's iat is not a time in the past"},
		{"no-iat", map[string]any{"iat": nil}, nil, "", ""},
		{"one-scope", map[string]any{"scope": "read write"}, []string{"write", "admin"}, "", ""},
		{"scp", map[string]any{"scp": []string{"read", "write"}}, []string{"write"}, "", ""},
		{"scope-wins-over-scp", map[string]any{"scope": "read", "scp": "write"}, []string{"write"}, `403 Bearer scope="write" error="insufficient_scope" error_description="the token does not have a required scope"`, "the token has none of the scopes write"},
		{"no-scope", nil, []string{"write", "admin"}, `403 Bearer scope="write admin" error="insufficient_scope" error_description="the token does not have a required scope"`, "the token has none of the scopes write, admin"},
		{"part-of-a-scope", map[string]any{"scope": "writer"}, []string{"write"}, `403 Bearer scope="write" error="insufficient_scope" error_description="the token does not have a required scope"`, "the token has none of the scopes write"},
		{"expired-with-scopes", map[string]any{"exp": now - 1, "scope": "write"}, []string{"write"}, `401 Bearer scope="write" error="invalid_token" error_description="the token has expired"`, "the token expired"},
	} {
		t.Run(row.name, func(t *testing.T) {
			text := sign(rs256, claims(row.more), theirs())
			if row.want == "" {
				for _, prefix := range []string{"", "Bearer "} {
					if _, err := token.Check(t.Context(), jwtAuthorizer, row.scopes, prefix+text, trusted()); err != nil {
						t.Errorf("refused: %v", err)
					}
				}
				return
			}
			r := refused(t, jwtAuthorizer, row.scopes, "Bearer "+text)
			status := map[authorizer.Outcome]int{authorizer.Unauthorized: 401, authorizer.Forbidden: 403}[r.Outcome]
			if got := fmt.Sprint(status, " ", r.Challenge); got != row.want {
				t.Errorf("response\n%s, want\n%s", got, row.want)
			}
			if !strings.HasPrefix(r.Reason, row.reason) || strings.Contains(r.Reason, "secret") {
				t.Errorf("reason %q, want %q", r.Reason, row.reason)
			}
		})
	}
}

// No authorizer accepts what has no valid signature of a trusted RSA key.
func TestUnsigned(t *testing.T) {
	public := &theirs().PublicKey
	der, err := x509.MarshalPKIXPublicKey(public)
	if err != nil {
		t.Fatal(err)
	}
	embedded := jose.JSONWebKey{Key: &foreign().PublicKey, KeyID: "k1"}
	original := poolClaims(nil)
	valid := sign(rs256, original, theirs())
	cut := func(n int) string { return strings.Join(strings.Split(valid, ".")[:n], ".") }
	changed := func(from, to string) string { return strings.Replace(valid, from, to, 1) }
	last := valid[len(valid)-1:]
	for _, row := range []struct{ name, credential, reason string }{
		{"nothing", "", "the request has no token"},
		{"prefix-only", "Bearer ", "the request has no token"},
		{"text", "letmein", "the credential is not a JWT"},
		{"other-scheme", "Basic " + valid, "the credential is not a JWT"},
		{"prefix-twice", "Bearer Bearer " + valid, "the credential is not a JWT"},
		{"two-segments", cut(2), "the credential is not a JWT"},
		{"four-segments", valid + ".x", "the credential is not a JWT"},
		{"json-form", `{"payload":"` + strings.Split(valid, ".")[1] + `"}`, "the credential is not a JWT"},
		{"line-break", valid[:10] + "\n" + valid[10:], "the credential is not a JWT"},
		{"padding", valid + "==", "the credential is not a JWT"},
		{"no-signature", cut(2) + ".", "the token's signature is not that of the key"},
		{"none", segment(map[string]any{"alg": "none", "kid": "k1"}) + "." + segment(poolClaims(nil)) + ".", "the token's alg is not one of"},
		{"None", segment(map[string]any{"alg": "None", "kid": "k1"}) + "." + segment(poolClaims(nil)) + ".", "the token's alg is not one of"},
		{"none-signed", sign(map[string]any{"alg": "none", "kid": "k1"}, poolClaims(nil), theirs()), "the token's alg is not one of"},
		{"no-alg", sign(map[string]any{"kid": "k1"}, poolClaims(nil), theirs()), "the token's alg is not one of"},
		{"alg-is-null", sign(map[string]any{"alg": nil, "kid": "k1"}, poolClaims(nil), theirs()), ""},
		{"rs256-in-lower-case", sign(map[string]any{"alg": "rs256", "kid": "k1"}, poolClaims(nil), theirs()), "the token's alg is not one of"},
		{"pss", sign(map[string]any{"alg": "PS256", "kid": "k1"}, poolClaims(nil), theirs()), "the token's alg is not one of"},
		{"hmac-with-public-key", signHMAC(map[string]any{"alg": "HS256", "kid": "k1"}, poolClaims(nil), der), "the token's alg is not one of"},
		{"hmac-with-modulus", signHMAC(map[string]any{"alg": "HS256", "kid": "k1"}, poolClaims(nil), public.N.Bytes()), "the token's alg is not one of"},
		{"hmac-called-rs256", signHMAC(rs256, poolClaims(nil), der), "the token's signature is not that of the key"},
		{"secret-in-the-set", signHMAC(map[string]any{"alg": "HS256", "kid": "secret"}, poolClaims(nil), []byte(strings.Repeat("s", 64))), "the token's alg is not one of"},
		{"secret-in-the-set-rs256", signHMAC(map[string]any{"alg": "RS256", "kid": "secret"}, poolClaims(nil), []byte(strings.Repeat("s", 64))), "the key with the token's kid is not an RSA key"},
		{"foreign-key", sign(rs256, poolClaims(nil), foreign()), "the token's signature is not that of the key"},
		{"embedded-key", sign(map[string]any{"alg": "RS256", "kid": "k1", "jwk": embedded}, poolClaims(nil), foreign()), "the token's signature is not that of the key"},
		{"embedded-key-only", sign(map[string]any{"alg": "RS256", "jwk": embedded}, poolClaims(nil), foreign()), "the token's header has no kid"},
		{"no-kid", sign(map[string]any{"alg": "RS256"}, poolClaims(nil), theirs()), "the token's header has no kid"},
		{"empty-kid", sign(map[string]any{"alg": "RS256", "kid": ""}, poolClaims(nil), theirs()), "the token's header has no kid"},
		{"unknown-kid", sign(map[string]any{"alg": "RS256", "kid": "k2"}, poolClaims(nil), theirs()), "the token's kid is not that of a trusted key"},
		{"small-key", sign(map[string]any{"alg": "RS256", "kid": "small"}, poolClaims(nil), small()), "the key with the token's kid is not an RSA key"},
		{"key-for-encryption", sign(map[string]any{"alg": "RS256", "kid": "enc"}, poolClaims(nil), theirs()), "the key with the token's kid is not an RSA key"},
		{"key-for-another-alg", sign(map[string]any{"alg": "RS256", "kid": "rs512"}, poolClaims(nil), theirs()), "the key with the token's kid is not an RSA key"},
		{"two-algs", sign(`{"alg":"none","alg":"RS256","kid":"k1"}`, poolClaims(nil), theirs()), "the credential is not a JWT"},
		{"crit", sign(map[string]any{"alg": "RS256", "kid": "k1", "crit": []string{"b64"}, "b64": true}, poolClaims(nil), theirs()), "the token's header has crit"},
		{"other-header", changed(segment(rs256), segment(map[string]any{"alg": "RS256", "kid": "k1", "typ": "JWT"})), "the token's signature is not that of the key"},
		{"other-claims", changed(segment(original), segment(with(maps.Clone(original), map[string]any{"sub": "admin"}))), "the token's signature is not that of the key"},
		{"other-last-bits", valid[:len(valid)-1] + string(last[0]+1), "the credential is not a JWT"},
		{"claim-twice", sign(rs256, `{"iss":"a","iss":"https://login.example/"}`, theirs()), "a claim of the token is there twice"},
		{"claim-twice-escaped", sign(rs256, `{"iss":"a","\u0069ss":"https://login.example/"}`, theirs()), "a claim of the token is there twice"},
		{"array", sign(rs256, `[]`, theirs()), "the token's payload is not a JSON object"},
		{"open-object", sign(rs256, `{"iss":`, theirs()), "the token's payload is not a JSON object"},
	} {
		t.Run(row.name, func(t *testing.T) {
			for _, a := range []*app.Authorizer{jwtAuthorizer, pool} {
				if r := refused(t, a, nil, row.credential); r.Outcome != authorizer.Unauthorized || !strings.HasPrefix(r.Reason, row.reason) {
					t.Errorf("%s: outcome %d, %q, want %q", a.Name, r.Outcome, r.Reason, row.reason)
				}
			}
		})
	}
}

func TestResponsesWithoutClaims(t *testing.T) {
	for credential, want := range map[string]string{
		"":                 "Bearer",
		"Bearer ":          "Bearer",
		"Bearer not-a-jwt": `Bearer scope="" error="invalid_token" error_description="token contains an invalid number of segments"`,
	} {
		if r := refused(t, jwtAuthorizer, nil, credential); r.Challenge != want {
			t.Errorf("%q: %+v, want %s", credential, r, want)
		}
		if r := refused(t, pool, nil, credential); r.Challenge != "" {
			t.Errorf("%q: %+v", credential, r)
		}
	}
}

func TestCognito(t *testing.T) {
	access := map[string]any{"token_use": "access", "aud": nil, "client_id": "shop", "scope": "orders/read openid"}
	both := func(more map[string]any) map[string]any { return with(maps.Clone(access), more) }
	open := *pool
	open.Validation = ""
	broken := *pool
	broken.Validation = "shop(?=x)"
	for _, row := range []struct {
		name   string
		a      *app.Authorizer
		more   map[string]any
		scopes []string
		reason string // "" when accepted
	}{
		{"id-token", pool, nil, nil, ""},
		{"second-pool", pool, map[string]any{"iss": "https://cognito-idp.us-east-1.amazonaws.com/Users.Arn"}, nil, ""},
		{"other-pool", pool, map[string]any{"iss": "https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_Abc"}, nil, "the token's iss is not https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_Ab or "},
		{"pattern", pool, map[string]any{"aud": "shop-web"}, nil, ""},
		{"pattern-at-the-start-only", pool, map[string]any{"aud": "shops"}, nil, "the token's aud does not match shop|shop-.*"},
		{"pattern-at-the-end-only", pool, map[string]any{"aud": "myshop"}, nil, "the token's aud does not match shop|shop-.*"},
		{"pattern-without-aud", pool, map[string]any{"aud": nil}, nil, "the token's aud does not match"},
		{"pattern-that-go-does-not-support", &broken, nil, nil, "crumb cannot read the authorizer's regular expression"},
		{"access-token", &open, access, nil, "the token's token_use is not id"},
		{"no-use", &open, map[string]any{"token_use": nil}, nil, "the token's token_use is not id"},
		{"access-token-for-scopes", &open, access, []string{"orders/write", "orders/read"}, ""},
		{"access-token-with-pattern", pool, access, []string{"orders/read"}, "the token's aud does not match"},
		{"id-token-for-scopes", &open, map[string]any{"scope": "orders/read"}, []string{"orders/read"}, "the token's token_use is not access"},
		{"other-scopes", &open, access, []string{"orders/write"}, "the token has none of the scopes orders/write"},
		{"no-scopes", &open, both(map[string]any{"scope": nil}), []string{"orders/write"}, "the token has none of the scopes orders/write"},
		{"not-yet", pool, map[string]any{"iat": time.Now().Unix() + 60}, nil, "the token's iat is not a time in the past"},
	} {
		t.Run(row.name, func(t *testing.T) {
			text := sign(rs256, poolClaims(row.more), theirs())
			if row.reason == "" {
				if _, err := token.Check(t.Context(), row.a, row.scopes, text, trusted()); err != nil {
					t.Errorf("refused: %v", err)
				}
				return
			}
			r := refused(t, row.a, row.scopes, text)
			if r.Outcome != authorizer.Unauthorized || r.Challenge != "" {
				t.Errorf("response %+v", r)
			}
			if !strings.HasPrefix(r.Reason, row.reason) {
				t.Errorf("reason %q, want %q", r.Reason, row.reason)
			}
		})
	}
	r := refused(t, pool, nil, sign(rs256, poolClaims(map[string]any{"exp": time.Now().Unix() - 5}), theirs()))
	if r.Outcome != authorizer.Expired {
		t.Errorf("expired: %+v", r)
	}
	if r := refused(t, pool, nil, sign(map[string]any{"alg": "RS512", "kid": "k1"}, poolClaims(nil), theirs())); !strings.HasPrefix(r.Reason, "the token's alg is not one of [RS256]") {
		t.Errorf("RS512: %+v", r)
	}
}

// An authorizer without an issuer or audience accepts nothing, whatever the token says.
func TestEmptyAuthorizer(t *testing.T) {
	for _, a := range []*app.Authorizer{
		{Kind: app.JWT, Audience: []string{"shop"}},
		{Kind: app.JWT, Issuer: "https://login.example/"},
		{Kind: app.Cognito},
	} {
		for _, iss := range []any{"", nil, "https://login.example/"} {
			for _, aud := range []any{"", nil, "other"} {
				refused(t, a, nil, sign(rs256, poolClaims(map[string]any{"iss": iss, "aud": aud}), theirs()))
			}
		}
	}
}
