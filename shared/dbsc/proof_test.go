package dbsc_test

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/crumb-go/crumb/shared/dbsc"
	"github.com/crumb-go/crumb/shared/dbsc/dbsctest"
)

// Keys are slow to make, so that tests share them.
var (
	device = dbsctest.NewDevice(dbsc.ES256)
	other  = dbsctest.NewDevice(dbsc.ES256)
	old    = dbsctest.NewDevice(dbsc.RS256)
)

type object = map[string]any

func keyOf(t testing.TB, d *dbsctest.Device) dbsc.Key {
	t.Helper()
	_, k, err := dbsc.VerifyRegistration(d.Register("c", ""))
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func jwkOf(t testing.TB, d *dbsctest.Device) rawJSON { return rawJSON(keyOf(t, d).JWK()) }

type rawJSON string

func (r rawJSON) MarshalJSON() ([]byte, error) { return []byte(r), nil }

func TestRegistrationAndRefresh(t *testing.T) {
	for _, tc := range []struct {
		name string
		d    *dbsctest.Device
		alg  dbsc.Algorithm
	}{{"ES256", device, dbsc.ES256}, {"RS256", old, dbsc.RS256}} {
		t.Run(tc.name, func(t *testing.T) {
			p, k, err := dbsc.VerifyRegistration(tc.d.Register("one", "who"))
			if err != nil || p != (dbsc.Proof{Challenge: "one", Authorization: "who"}) || k.Algorithm() != tc.alg {
				t.Fatalf("VerifyRegistration = %v, %s, %v", p, k.Algorithm(), err)
			}
			again, err := dbsc.ParseKey(k.JWK())
			if err != nil {
				t.Fatal(err)
			}
			if p, err := again.Verify(tc.d.Refresh("two")); err != nil || p != (dbsc.Proof{Challenge: "two"}) {
				t.Errorf("Verify = %v, %v", p, err)
			}
			if _, err := again.Verify(other.Refresh("two")); !errors.Is(err, dbsc.ErrProof) {
				t.Errorf("another device's proof: %v", err)
			}
		})
	}
}

// Chromium 156 can be made to send aud, the URL of the endpoint, which the draft does not
// have yet.
func TestUnknownClaims(t *testing.T) {
	claims := object{"jti": "c", "aud": "https://example.com/bind", "iat": 1}
	header := object{"alg": "ES256", "typ": "dbsc+jwt"}
	if p, err := keyOf(t, device).Verify(device.Sign(header, claims)); err != nil || p != (dbsc.Proof{Challenge: "c"}) {
		t.Errorf("Verify = %v, %v", p, err)
	}
	header["jwk"] = jwkOf(t, device)
	if p, _, err := dbsc.VerifyRegistration(device.Sign(header, claims)); err != nil || p != (dbsc.Proof{Challenge: "c"}) {
		t.Errorf("VerifyRegistration = %v, %v", p, err)
	}
}

type attack struct{ name, proof string }

// attacks are what a thief, or a broken client, could send instead of a good proof. The
// header has members of extra too.
func attacks(extra object, good string) []attack {
	claims := object{"jti": "c"}
	sign := func(header object, payload any) string {
		all := maps.Clone(extra)
		maps.Copy(all, header)
		return device.Sign(all, payload)
	}
	members := ""
	for name, value := range extra {
		members += fmt.Sprintf(`,"%s":%s`, name, value)
	}
	text := func(header string) string { // for JSON that Marshal does not write
		return device.Sign(rawJSON(strings.Replace(header, "}", members+"}", 1)), claims)
	}
	es256 := object{"alg": "ES256", "typ": "dbsc+jwt"}
	head, rest, _ := strings.Cut(good, ".")
	payload, signature, _ := strings.Cut(rest, ".")
	b64 := base64.RawURLEncoding.EncodeToString
	return []attack{
		{"empty", ""},
		{"two-parts", head + "." + payload},
		{"four-parts", good + "."},
		{"none", b64([]byte(`{"alg":"none","typ":"dbsc+jwt"`+members+`}`)) + "." + payload + "."},
		{"none-in-capitals", b64([]byte(`{"alg":"NONE","typ":"dbsc+jwt"`+members+`}`)) + "." + payload + "."},
		{"none-signed", sign(object{"alg": "none", "typ": "dbsc+jwt"}, claims)},
		{"hmac", sign(object{"alg": "HS256", "typ": "dbsc+jwt"}, claims)},
		{"another-algorithm", sign(object{"alg": "RS256", "typ": "dbsc+jwt"}, claims)},
		{"no-algorithm", sign(object{"typ": "dbsc+jwt"}, claims)},
		{"algorithm-not-a-string", sign(object{"alg": []string{"ES256"}, "typ": "dbsc+jwt"}, claims)},
		{"typ-of-another-use", sign(object{"alg": "ES256", "typ": "JWT"}, claims)},
		{"no-typ", sign(object{"alg": "ES256"}, claims)},
		{"critical-extension", sign(object{"alg": "ES256", "typ": "dbsc+jwt", "crit": []string{"b64"}, "b64": false}, claims)},
		{"repeated-algorithm", text(`{"alg":"ES256","typ":"dbsc+jwt","alg":"ES256"}`)},
		{"repeated-by-escape", text(`{"alg":"ES256","typ":"dbsc+jwt","\u0061lg":"none"}`)},
		{"name-in-capitals", text(`{"ALG":"ES256","typ":"dbsc+jwt"}`)},
		{"no-challenge", sign(es256, object{"sub": "c"})},
		{"empty-challenge", sign(es256, object{"jti": ""})},
		{"challenge-not-a-string", sign(es256, object{"jti": 7})},
		{"payload-not-an-object", sign(es256, []string{"jti", "c"})},
		{"header-not-json", b64([]byte("alg")) + "." + payload + "." + signature},
		{"no-signature", head + "." + payload + "."},
		{"half-a-signature", head + "." + payload + "." + signature[:len(signature)/2]},
		{"zeros", head + "." + payload + "." + b64(make([]byte, 64))},
		{"other-payload", head + "." + b64([]byte(`{"jti":"d"}`)) + "." + signature},
		{"padding", good + "=="},
		{"line-end", good[:len(good)-1] + "\n" + good[len(good)-1:]},
		{"second-text-for-the-same-bytes", good[:len(good)-1] + string(next(good[len(good)-1]))},
		{"too-long", sign(es256, object{"jti": strings.Repeat("c", dbsc.MaxProof)})},
		{"json-form", `{"protected":"` + head + `","payload":"` + payload + `","signature":"` + signature + `"}`},
	}
}

func TestRefreshesNotAccepted(t *testing.T) {
	key := keyOf(t, device)
	for _, tc := range append(attacks(object{}, device.Refresh("c")), []attack{
		{"another-key", other.Refresh("c")},
		{"another-key-that-it-brings", other.Register("c", "")},
		{"its-own-key", device.Register("c", "")},
		{"key-null", device.Sign(object{"alg": "ES256", "typ": "dbsc+jwt", "jwk": nil}, object{"jti": "c"})},
	}...) {
		t.Run(tc.name, func(t *testing.T) {
			if p, err := key.Verify(tc.proof); !errors.Is(err, dbsc.ErrProof) || p != (dbsc.Proof{}) {
				t.Errorf("Verify = %v, %v", p, err)
			}
		})
	}
}

func TestRegistrationsNotAccepted(t *testing.T) {
	claims := object{"jti": "c"}
	with := func(jwk any) string {
		return device.Sign(object{"alg": "ES256", "typ": "dbsc+jwt", "jwk": jwk}, claims)
	}
	for _, tc := range append(attacks(object{"jwk": jwkOf(t, device)}, device.Register("c", "")), []attack{
		{"no-key", device.Refresh("c")},
		{"key-null", with(nil)},
		{"another-devices-key", with(jwkOf(t, other))},
		{"key-of-another-algorithm", with(jwkOf(t, old))},
		{"key-only-in-the-payload", device.Sign(object{"alg": "ES256", "typ": "dbsc+jwt"}, object{"jti": "c", "jwk": jwkOf(t, device)})},
		{"secret-as-key", with(object{"kty": "oct", "k": "AAAA"})},
	}...) {
		t.Run(tc.name, func(t *testing.T) {
			if p, k, err := dbsc.VerifyRegistration(tc.proof); !errors.Is(err, dbsc.ErrProof) || p != (dbsc.Proof{}) || k != (dbsc.Key{}) {
				t.Errorf("VerifyRegistration = %v, %s, %v", p, k.Algorithm(), err)
			}
		})
	}
}

// next returns a letter of base64 that differs in the last bit, which is not used in the
// last letter of 64 bytes.
func next(letter byte) byte {
	const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
	return alphabet[strings.IndexByte(alphabet, letter)^1]
}

func TestKeys(t *testing.T) {
	ec, rsa := string(jwkOf(t, device)), string(jwkOf(t, old))
	n := func(bytes int, first byte) string {
		b := make([]byte, bytes)
		b[0], b[bytes-1] = first, 1
		return base64.RawURLEncoding.EncodeToString(b)
	}
	var point struct{ X, Y string }
	if err := json.Unmarshal([]byte(ec), &point); err != nil {
		t.Fatal(err)
	}
	x, _ := base64.RawURLEncoding.DecodeString(point.X)
	y, _ := base64.RawURLEncoding.DecodeString(point.Y)
	b64 := base64.RawURLEncoding.EncodeToString
	for _, tc := range []struct{ name, jwk string }{
		{"empty", ""},
		{"31-and-33-bytes", `{"kty":"EC","crv":"P-256","x":"` + b64(x[:31]) + `","y":"` + b64(slices.Concat(x[31:], y)) + `"}`},
		{"33-and-31-bytes", `{"kty":"EC","crv":"P-256","x":"` + b64(slices.Concat(x, y[:1])) + `","y":"` + b64(y[1:]) + `"}`},
		{"not-json", "{"},
		{"not-an-object", `["EC"]`},
		{"null", "null"},
		{"no-type", `{"crv":"P-256"}`},
		{"other-curve", strings.Replace(ec, "P-256", "P-384", 1)},
		{"no-curve", strings.Replace(ec, `"crv":"P-256",`, "", 1)},
		{"not-on-the-curve", `{"kty":"EC","crv":"P-256","x":"` + n(32, 1) + `","y":"` + n(32, 2) + `"}`},
		{"short-y", `{"kty":"EC","crv":"P-256","x":"` + n(32, 1) + `","y":"` + n(31, 2) + `"}`},
		{"short-x", `{"kty":"EC","crv":"P-256","x":"` + n(31, 1) + `","y":"` + n(32, 2) + `"}`},
		{"line-end-in-x", strings.Replace(ec, `"x":"`, `"x":"\n`, 1)},
		{"carriage-return-in-x", strings.Replace(ec, `"x":"`, `"x":"\r`, 1)},
		{"line-end-in-y", strings.Replace(ec, `"y":"`, `"y":"\n`, 1)},
		{"line-end-in-n", strings.Replace(rsa, `"n":"`, `"n":"\n`, 1)},
		{"no-y", strings.Replace(ec, `"y"`, `"Y"`, 1)},
		{"repeated-x", strings.Replace(ec, `{`, `{"x":"AAAA",`, 1)},
		{"x-not-a-string", `{"kty":"EC","crv":"P-256","x":1,"y":2}`},
		{"infinity", `{"kty":"EC","crv":"P-256","x":"","y":""}`},
		{"rsa-1024", `{"kty":"RSA","e":"AQAB","n":"` + n(128, 200) + `"}`},
		{"rsa-2040", `{"kty":"RSA","e":"AQAB","n":"` + n(255, 200) + `"}`},
		{"rsa-2048-but-a-bit", `{"kty":"RSA","e":"AQAB","n":"` + n(256, 127) + `"}`},
		{"rsa-4104", `{"kty":"RSA","e":"AQAB","n":"` + n(513, 128) + `"}`},
		{"rsa-8192", `{"kty":"RSA","e":"AQAB","n":"` + n(1024, 200) + `"}`},
		{"rsa-zeros-before", `{"kty":"RSA","e":"AQAB","n":"` + n(257, 0) + `"}`},
		{"rsa-exponent-1", strings.Replace(rsa, "AQAB", "AQ", 1)},
		{"rsa-exponent-3", strings.Replace(rsa, "AQAB", "Aw", 1)},
		{"rsa-with-a-curve", strings.Replace(rsa, "{", `{"crv":"P-256",`, 1)},
	} {
		t.Run(tc.name, func(t *testing.T) {
			k, err := dbsc.ParseKey([]byte(tc.jwk))
			if !errors.Is(err, dbsc.ErrProof) || err.Error() != "dbsc: proof not accepted: its key is not one of P-256, or of RSA with 2,048 to 4,096 bits" || k != (dbsc.Key{}) {
				t.Errorf("ParseKey: %v", err)
			}
			if _, err := k.Verify(device.Refresh("c")); err == nil {
				t.Error("it verifies")
			}
		})
	}
	for _, bytes := range []int{256, 512} {
		jwk := `{"e":"AQAB","kty":"RSA","n":"` + n(bytes, 128) + `"}`
		if k, err := dbsc.ParseKey([]byte(jwk)); err != nil || string(k.JWK()) != jwk || k.Algorithm() != dbsc.RS256 {
			t.Errorf("ParseKey of %d bits: %s, %v", 8*bytes, k.JWK(), err)
		}
	}
	escaped := strings.Replace(ec, `"EC"`, `"\u0045C"`, 1) // the same key, written in another way
	if k, err := dbsc.ParseKey([]byte(escaped)); err != nil || string(k.JWK()) != ec {
		t.Errorf("ParseKey(%s) = %s, %v", escaped, k.JWK(), err)
	}
}

// The longest proof has 8,192 bytes.
func TestLongestProof(t *testing.T) {
	key, seen := keyOf(t, device), map[int]bool{}
	for n := range 160 {
		header := object{"alg": "ES256", "typ": "dbsc+jwt", "x": strings.Repeat("x", n%4)} // as no base64 has 4n+1 letters
		proof := device.Sign(header, object{"jti": strings.Repeat("c", 6000+n/4)})
		if _, err := key.Verify(proof); (err == nil) != (len(proof) <= 8192) {
			t.Errorf("a proof of %d bytes: %v", len(proof), err)
		}
		seen[len(proof)] = true
	}
	if !seen[8192] || !seen[8193] {
		t.Errorf("the proofs have %v bytes, want 8192 and 8193 among them", slices.Sorted(maps.Keys(seen)))
	}
}

// Nothing of a proof or a key is in an error, which may be logged.
func TestErrorsAreDiscreet(t *testing.T) {
	const malformed = "a part is not base64url or not a JSON object"
	head, rest, _ := strings.Cut(device.Refresh("SECRET"), ".")
	payload, signature, _ := strings.Cut(rest, ".")
	lineEnd := func(part string) string { return part[:4] + "\n" + part[4:] } // which the decoder skips
	for proof, want := range map[string]string{
		lineEnd(head) + "." + payload + "." + signature:                                                 malformed,
		head + "." + lineEnd(payload) + "." + signature:                                                 malformed,
		head + "." + payload + "." + lineEnd(signature):                                                 malformed,
		device.Sign([]string{"alg"}, object{"jti": "SECRET"}):                                           malformed,
		device.Sign(object{"alg": "ES256", "typ": "dbsc+jwt"}, []string{"SECRET"}):                      malformed,
		device.Sign(rawJSON(`{"alg":"ES256","typ":"dbsc+jwt","alg":"ES256"}`), object{"jti": "SECRET"}): malformed,
		"SECRET":               "it is not a JWS in compact form of at most 8192 bytes",
		"SECRET.SECRET.SECRET": malformed,
		other.Sign(object{"alg": "ES256", "typ": "SECRET"}, object{"jti": "SECRET"}):                           "its typ is not dbsc+jwt, or it has crit",
		other.Sign(object{"alg": "SECRET", "typ": "dbsc+jwt"}, object{"jti": "SECRET"}):                        "its algorithm is not that of the key",
		other.Sign(object{"alg": "ES256", "typ": "dbsc+jwt"}, object{"jti": "SECRET"}):                         "the signature is wrong, or it has no challenge",
		other.Sign(object{"alg": "ES256", "typ": "dbsc+jwt", "jwk": jwkOf(t, other)}, object{"jti": "SECRET"}): "it brings a key",
	} {
		_, err := keyOf(t, device).Verify(proof)
		_, _, err2 := dbsc.VerifyRegistration(proof)
		if fmt.Sprint(err) != "dbsc: proof not accepted: "+want || strings.Contains(fmt.Sprint(err2), "SECRET") {
			t.Errorf("%v, %v; want %s", err, err2, want)
		}
	}
}

func TestRegistrationWithoutKey(t *testing.T) {
	_, _, err := dbsc.VerifyRegistration(device.Refresh("c"))
	if want := "dbsc: proof not accepted: its key is not one of P-256, or of RSA with 2,048 to 4,096 bits"; fmt.Sprint(err) != want {
		t.Errorf("VerifyRegistration: %v, want %s", err, want)
	}
}

func TestUnverifiedChallenge(t *testing.T) {
	for proof, want := range map[string]string{
		device.Refresh("c"):      "c",
		device.Register("d", ""): "d",
		device.Sign(object{"alg": "none", "typ": "dbsc+jwt"}, object{"jti": "e"}):  "e",
		device.Sign(object{"alg": "ES256", "typ": "dbsc+jwt"}, object{"jti": 7}):   "",
		device.Sign(object{"alg": "ES256", "typ": "dbsc+jwt"}, object{"sub": "c"}): "",
		"": "",
	} {
		if got := dbsc.UnverifiedChallenge(proof); got != want {
			t.Errorf("UnverifiedChallenge(%q) = %q, want %q", proof, got, want)
		}
	}
}

func TestZeroKey(t *testing.T) {
	var k dbsc.Key
	if _, err := k.Verify(device.Refresh("c")); !errors.Is(err, dbsc.ErrProof) || k.Algorithm() != "" || len(k.JWK()) != 0 {
		t.Errorf("the zero Key: %v", err)
	}
}
