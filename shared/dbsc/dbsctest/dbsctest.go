// Package dbsctest has the key of a device that does not exist, to test servers of Device
// Bound Session Credentials without a browser.
//
// EXPERIMENTAL, as package dbsc is.
package dbsctest

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"

	"github.com/crumb-go/crumb/shared/dbsc"
)

// A Device has a new key and signs proofs as a browser does (section 9.10 of the draft of 17
// February 2026). NewDevice makes one. It is safe for concurrent use.
type Device struct {
	alg dbsc.Algorithm
	key crypto.Signer
	jwk map[string]string
}

// NewDevice returns a device with a new key, for RS256 one of 2,048 bits. It panics on
// other algorithms than the two of package dbsc.
func NewDevice(a dbsc.Algorithm) *Device {
	switch a {
	case dbsc.ES256:
		k := must(ecdsa.GenerateKey(elliptic.P256(), rand.Reader))
		point := must(k.PublicKey.Bytes())
		return &Device{a, k, map[string]string{"kty": "EC", "crv": "P-256", "x": encode(point[1:33]), "y": encode(point[33:])}}
	case dbsc.RS256:
		k := must(rsa.GenerateKey(rand.Reader, 2048))
		return &Device{a, k, map[string]string{"kty": "RSA", "n": encode(k.N.Bytes()), "e": "AQAB"}}
	}
	panic("dbsctest: there is no algorithm " + string(a))
}

// Register returns the proof of a registration, with the device's public key. An empty
// authorization is omitted.
func (d *Device) Register(challenge, authorization string) string {
	payload := map[string]any{"jti": challenge}
	if authorization != "" {
		payload["authorization"] = authorization
	}
	return d.Sign(map[string]any{"alg": d.alg, "typ": "dbsc+jwt", "jwk": d.jwk}, payload)
}

// Refresh returns the proof of a refresh.
func (d *Device) Refresh(challenge string) string {
	return d.Sign(map[string]any{"alg": d.alg, "typ": "dbsc+jwt"}, map[string]any{"jti": challenge})
}

// Sign signs any header and payload with the device's key, for proofs that a server must
// reject. It panics if they are not JSON.
func (d *Device) Sign(header, payload any) string {
	signed := part(header) + "." + part(payload)
	sum := sha256.Sum256([]byte(signed))
	var signature []byte
	switch k := d.key.(type) {
	case *ecdsa.PrivateKey:
		r, s, _ := ecdsa.Sign(rand.Reader, k, sum[:]) // cannot fail with a key of NewDevice
		signature = make([]byte, 64)
		r.FillBytes(signature[:32])
		s.FillBytes(signature[32:])
	case *rsa.PrivateKey:
		signature = must(rsa.SignPKCS1v15(nil, k, crypto.SHA256, sum[:]))
	}
	return signed + "." + encode(signature)
}

func part(v any) string { return encode(must(json.Marshal(v))) }

func encode(b []byte) string { return base64.RawURLEncoding.EncodeToString(b) }

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}
