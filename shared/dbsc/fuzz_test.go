package dbsc_test

import (
	"encoding/json"
	"net/http"
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/crumb-go/crumb/shared/dbsc"
)

// Only what a key has signed is accepted, however it is changed, and a key that is read is
// read again from its own text. The key is a fixed one, as the workers of a search are
// processes.
func FuzzProof(f *testing.F) {
	text, err := os.ReadFile("testdata/vectors/refresh.json")
	if err != nil {
		f.Fatal(err)
	}
	var v struct {
		StoredPublicKeyJWK    json.RawMessage
		SecureSessionResponse string
	}
	if err := json.Unmarshal(text, &v); err != nil {
		f.Fatal(err)
	}
	key, err := dbsc.ParseKey(v.StoredPublicKeyJWK)
	if err != nil {
		f.Fatal(err)
	}
	good := v.SecureSessionResponse
	if _, err := key.Verify(good); err != nil {
		f.Fatal(err)
	}
	signed := good[:strings.LastIndexByte(good, '.')+1]
	f.Add(good)
	for _, a := range attacks(object{}, good) {
		f.Add(a.proof)
	}
	for _, a := range attacks(object{"jwk": jwkOf(f, device)}, device.Register("c", "")) {
		f.Add(a.proof)
	}
	f.Add(old.Register("c", "a"))
	f.Fuzz(func(t *testing.T, proof string) {
		if _, err := key.Verify(proof); err == nil && !strings.HasPrefix(proof, signed) {
			t.Errorf("accepted: %q", proof)
		}
		p, k, err := dbsc.VerifyRegistration(proof)
		if err != nil {
			return
		}
		again, err := dbsc.ParseKey(k.JWK())
		if err != nil || again.Algorithm() != k.Algorithm() || string(again.JWK()) != string(k.JWK()) || p.Challenge == "" {
			t.Errorf("the key %s reads as %s, %v", k.JWK(), again.JWK(), err)
		}
		if _, err := k.Verify(proof); err == nil {
			t.Errorf("a proof with a key is accepted at a refresh: %q", proof)
		}
	})
}

func FuzzKey(f *testing.F) {
	f.Add(string(jwkOf(f, device)))
	f.Add(string(jwkOf(f, old)))
	f.Add(`{"kty":"EC","crv":"P-256","x":"AA","y":"AA"}`)
	f.Fuzz(func(t *testing.T, jwk string) {
		k, err := dbsc.ParseKey([]byte(jwk))
		if err != nil {
			return
		}
		if again, err := dbsc.ParseKey(k.JWK()); err != nil || string(again.JWK()) != string(k.JWK()) || len(k.JWK()) > 1024 {
			t.Errorf("%s reads as %s, %v", k.JWK(), again.JWK(), err)
		}
	})
}

// What is read can be written, and reads the same.
func FuzzHeaders(f *testing.F) {
	f.Add(`(ES256 RS256);path="/bind";challenge="c";authorization="a"`)
	f.Add(`"c";id="my session", "d";id="2"`)
	f.Add(`unreachable;session_identifier="123"`)
	f.Fuzz(func(t *testing.T, line string) {
		h := http.Header{dbsc.RegistrationHeader: {line}, dbsc.ChallengeHeader: {line}, dbsc.SkippedHeader: {line}, dbsc.SessionIDHeader: {line}, dbsc.ResponseHeader: {line}}
		dbsc.Skips(h)
		dbsc.SessionID(h)
		dbsc.Response(h)
		written := http.Header{}
		challenges, _ := dbsc.Challenges(h)
		challenges = slices.DeleteFunc(challenges, func(c dbsc.Challenge) bool { return c.Add(written) != nil })
		if again, err := dbsc.Challenges(written); err != nil || !slices.Equal(again, challenges) {
			t.Errorf("%q reads as %v, %v", written, again, err)
		}
		registrations, _ := dbsc.Registrations(h)
		registrations = slices.DeleteFunc(registrations, func(g dbsc.Registration) bool { return g.Add(written) != nil })
		if again, err := dbsc.Registrations(written); err != nil || len(again) != len(registrations) || len(again) > 0 && !reflect.DeepEqual(again, registrations) {
			t.Errorf("%q reads as %v, %v", written, again, err)
		}
	})
}
