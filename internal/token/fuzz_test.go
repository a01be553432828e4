package token_test

import (
	"crypto"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/crumb-go/crumb/internal/app"
	"github.com/crumb-go/crumb/internal/token"
)

// naive verifies a token for jwtAuthorizer by the shortest code, for RS256 only.
func naive(text string) error {
	parts := strings.Split(text, ".")
	if len(parts) != 3 {
		return fmt.Errorf("%d segments", len(parts))
	}
	signature, err := base64.RawURLEncoding.DecodeString(parts[2])
	if err != nil {
		return err
	}
	sum := sha256.Sum256([]byte(parts[0] + "." + parts[1]))
	if err := rsa.VerifyPKCS1v15(&theirs().PublicKey, crypto.SHA256, sum[:], signature); err != nil {
		return err
	}
	var has [2]map[string]any // exact names, as of claims; the last one wins
	for i := range has {
		text, err := base64.RawURLEncoding.DecodeString(parts[i])
		if err != nil {
			return err
		}
		if err := json.Unmarshal(text, &has[i]); err != nil {
			return err
		}
	}
	header, payload := has[0], has[1]
	now := float64(time.Now().Unix() + 1)
	exp, _ := payload["exp"].(float64)
	nbf, _ := payload["nbf"].(float64)
	iat, _ := payload["iat"].(float64)
	aud := fmt.Sprint(payload["aud"], payload["client_id"])
	if header["alg"] != "RS256" || header["kid"] != "k1" || payload["iss"] != jwtAuthorizer.Issuer || exp < now-1 || nbf > now || iat > now ||
		!strings.Contains(aud, "shop") && !strings.Contains(aud, "admin") {
		return fmt.Errorf("header %v, payload %v", header, payload)
	}
	return nil
}

// FuzzCheck holds that Check never accepts what a naive check rejects, and never says
// what a token has. Most rows are signed, with any header and payload, since a fuzzer
// finds no signature.
func FuzzCheck(f *testing.F) {
	add := func(header, payload any, how uint8) {
		decode := func(v any) string {
			text, _ := base64.RawURLEncoding.DecodeString(segment(v))
			return string(text)
		}
		f.Add(decode(header), decode(payload), how)
	}
	late := claims(map[string]any{"exp": time.Now().Add(100 * 365 * 24 * time.Hour).Unix()})
	for how := range uint8(5) {
		add(rs256, late, how)
		add(`{"alg":"none","kid":"k1"}`, late, how)
		add(`{"alg":"HS256","kid":"k1"}`, late, how)
		add(`{"alg":"RS256","kid":"k1","crit":["b64"],"b64":false}`, late, how)
	}
	add(rs256, claims(map[string]any{"exp": 1}), 0)
	add(rs256, `{"iss":"https://login.example/","aud":"shop","exp":1e11,"exp":1}`, 0)
	add(rs256, `{"ISS":"https://login.example/","Aud":"shop","eXp":1e11}`, 0)
	add(rs256, `{"iss":"https://login.example/","aud":["shop"],"exp":1e11,"iat":-1}`, 0)
	f.Fuzz(func(t *testing.T, header, payload string, how uint8) {
		text := segment(header) + "." + segment(payload) + "."
		switch how % 5 {
		case 0:
			text = sign(header, payload, theirs())
		case 1:
			text = sign(header, payload, foreign())
		case 2:
			text = signHMAC(header, payload, theirs().N.Bytes())
		case 3: // the texts themselves are a token
			text = header + "." + payload
		}
		for _, a := range []*app.Authorizer{jwtAuthorizer, pool} {
			_, err := token.Check(t.Context(), a, nil, text, trusted())
			if a == pool || err != nil {
				if err != nil && len(payload) > 40 && strings.Contains(err.Error(), payload) {
					t.Errorf("the error has the payload: %v", err)
				}
				continue
			}
			if err := naive(text); err != nil {
				t.Errorf("accepted %s\n%v", text, err)
			}
		}
	})
}
