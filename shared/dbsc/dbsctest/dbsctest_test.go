package dbsctest_test

import (
	"encoding/base64"
	"fmt"
	"regexp"
	"strings"
	"testing"

	"github.com/crumb-go/crumb/shared/dbsc"
	"github.com/crumb-go/crumb/shared/dbsc/dbsctest"
)

// Section 9.10: the members of a proof, a registration's and a refresh's.
func TestProofs(t *testing.T) {
	const coordinate, modulus = "[A-Za-z0-9_-]{43}", "[A-Za-z0-9_-]{342}" // 32 and 256 bytes
	for alg, key := range map[dbsc.Algorithm]string{
		dbsc.ES256: `{"crv":"P-256","kty":"EC","x":"` + coordinate + `","y":"` + coordinate + `"}`,
		dbsc.RS256: `{"e":"AQAB","kty":"RSA","n":"` + modulus + `"}`,
	} {
		d := dbsctest.NewDevice(alg)
		for proof, want := range map[string]string{
			d.Register("c", ""):  `{"alg":"` + string(alg) + `","jwk":` + key + `,"typ":"dbsc\+jwt"}.{"jti":"c"}`,
			d.Register("c", "a"): `{"alg":"` + string(alg) + `","jwk":` + key + `,"typ":"dbsc\+jwt"}.{"authorization":"a","jti":"c"}`,
			d.Refresh("c"):       `{"alg":"` + string(alg) + `","typ":"dbsc\+jwt"}.{"jti":"c"}`,
		} {
			var texts []string
			for _, part := range strings.Split(proof, ".")[:2] {
				text, err := base64.RawURLEncoding.DecodeString(part)
				if err != nil {
					t.Error(err)
				}
				texts = append(texts, string(text))
			}
			if got := strings.Join(texts, "."); !regexp.MustCompile("^" + want + "$").MatchString(got) {
				t.Errorf("proof %s, want %s", got, want)
			}
		}
	}
}

func TestPanics(t *testing.T) {
	for want, f := range map[string]func(){
		"dbsctest: there is no algorithm none": func() { dbsctest.NewDevice("none") },
		"json: unsupported type: func()":       func() { dbsctest.NewDevice(dbsc.ES256).Sign(func() {}, nil) },
		"json: unsupported type: chan int":     func() { dbsctest.NewDevice(dbsc.ES256).Sign(nil, make(chan int)) },
	} {
		func() {
			defer func() {
				if got := fmt.Sprint(recover()); got != want {
					t.Errorf("panic %s, want %s", got, want)
				}
			}()
			f()
		}()
	}
}
