package dbsc_test

import (
	"encoding/json"
	"flag"
	"maps"
	"net/http"
	"os"
	"path/filepath"
	"testing"

	"github.com/crumb-go/crumb/shared/dbsc"
)

var vectors = flag.String("vectors", "testdata/vectors", "folder with registration-header.json, registration.json and refresh.json as dbsc-toolkit has them; relative to this package or to the module")

func vector(t *testing.T, name string, into any) {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(*vectors, name))
	if os.IsNotExist(err) {
		text, err = os.ReadFile(filepath.Join("..", "..", *vectors, name))
	}
	if err == nil {
		err = json.Unmarshal(text, into)
	}
	if err != nil {
		t.Fatal(err)
	}
}

type jwk = map[string]string

func sameKey(t *testing.T, k dbsc.Key, want jwk) {
	t.Helper()
	var got jwk
	if err := json.Unmarshal(k.JWK(), &got); err != nil || !maps.Equal(got, want) {
		t.Errorf("the key is %v, %v; want %v", got, err, want)
	}
}

func TestVectorsHeaders(t *testing.T) {
	var v struct {
		Inputs   struct{ Algorithm, RegistrationPath, Challenge, SessionID string }
		Expected map[string]string
	}
	vector(t, "registration-header.json", &v)
	in := v.Inputs
	h := http.Header{}
	if err := (dbsc.Registration{Algorithms: []dbsc.Algorithm{dbsc.Algorithm(in.Algorithm)}, Path: in.RegistrationPath, Challenge: in.Challenge}).Add(h); err != nil {
		t.Fatal(err)
	}
	if err := (dbsc.Challenge{Value: in.Challenge, SessionID: in.SessionID}).Add(h); err != nil {
		t.Fatal(err)
	}
	for name, key := range map[string]string{dbsc.RegistrationHeader: dbsc.RegistrationHeader, dbsc.ChallengeHeader: dbsc.ChallengeHeader + " (with id)"} {
		if got, want := h.Get(name), v.Expected[key]; got != want || want == "" {
			t.Errorf("%s: %s, want %s", name, got, want)
		}
	}
	bare := http.Header{dbsc.ChallengeHeader: {v.Expected[dbsc.ChallengeHeader+" (bare)"]}}
	if got, err := dbsc.Challenges(bare); err != nil || len(got) != 0 {
		t.Errorf("a challenge without an id: %v, %v; the draft ignores it", got, err)
	}
}

func TestVectorsRegistration(t *testing.T) {
	var v struct {
		Challenge              string
		PublicKeyJWK           jwk
		SecureSessionResponse  string
		ExpectedStoredBoundKey struct {
			JWK       jwk
			Algorithm dbsc.Algorithm
		}
	}
	vector(t, "registration.json", &v)
	p, k, err := dbsc.VerifyRegistration(v.SecureSessionResponse)
	if err != nil || p.Challenge != v.Challenge || p.Challenge == "" || k.Algorithm() != v.ExpectedStoredBoundKey.Algorithm {
		t.Fatalf("VerifyRegistration: challenge %q, algorithm %s, %v", p.Challenge, k.Algorithm(), err)
	}
	sameKey(t, k, v.PublicKeyJWK)
	sameKey(t, k, v.ExpectedStoredBoundKey.JWK)
}

func TestVectorsRefresh(t *testing.T) {
	var v struct {
		Challenge             string
		StoredPublicKeyJWK    json.RawMessage
		SecureSessionResponse string
		ExpectedResult        struct {
			Verified bool
			JTI      string
		}
	}
	vector(t, "refresh.json", &v)
	k, err := dbsc.ParseKey(v.StoredPublicKeyJWK)
	if err != nil {
		t.Fatal(err)
	}
	p, err := k.Verify(v.SecureSessionResponse)
	if (err == nil) != v.ExpectedResult.Verified || p.Challenge != v.ExpectedResult.JTI || p.Challenge != v.Challenge || p.Challenge == "" {
		t.Errorf("Verify: challenge %q, %v", p.Challenge, err)
	}
}
