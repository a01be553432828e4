package dbsc

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"math/big"
	"strings"

	"github.com/crumb-go/crumb/shared/rawjson"
)

// parseKey reads a public key with strict sizes, and keeps only the members it has checked.
func parseKey(jwk string) (Key, bool) {
	m, _ := object(jwk)
	switch unquote(m["kty"]) + " " + unquote(m["crv"]) {
	case "EC P-256": // RFC 7518 section 6.2
		x, okX := decode(unquote(m["x"]))
		y, okY := decode(unquote(m["y"]))
		if !okX || !okY || len(x) != 32 || len(y) != 32 {
			return Key{}, false
		}
		public, err := ecdsa.ParseUncompressedPublicKey(elliptic.P256(), append(append([]byte{4}, x...), y...))
		return Key{public, fmt.Sprintf(`{"crv":"P-256","kty":"EC","x":"%s","y":"%s"}`, unquote(m["x"]), unquote(m["y"]))}, err == nil
	case "RSA ": // RFC 7518 section 6.3
		n, ok := decode(unquote(m["n"]))
		if !ok || len(n) < 2048/8 || len(n) > 4096/8 || n[0] < 128 || unquote(m["e"]) != "AQAB" {
			return Key{}, false
		}
		public := &rsa.PublicKey{N: new(big.Int).SetBytes(n), E: 65537}
		return Key{public, fmt.Sprintf(`{"e":"AQAB","kty":"RSA","n":"%s"}`, unquote(m["n"]))}, true
	}
	return Key{}, false
}

// A jws is a proof in its parts: a JWS in compact form (RFC 7515 section 7.1).
type jws struct {
	header, payload map[string]string // JSON texts by name
	signed          [sha256.Size]byte
	signature       []byte
}

func parse(proof string) (j jws, err error) {
	parts := strings.Split(proof, ".")
	if len(proof) > MaxProof || len(parts) != 3 {
		return j, fmt.Errorf("%w: it is not a JWS in compact form of at most %d bytes", ErrProof, MaxProof)
	}
	header, ok1 := decode(parts[0])
	payload, ok2 := decode(parts[1])
	signature, ok3 := decode(parts[2])
	var ok4, ok5 bool
	j.header, ok4 = object(string(header))
	j.payload, ok5 = object(string(payload))
	j.signed, j.signature = sha256.Sum256([]byte(parts[0]+"."+parts[1])), signature
	if !ok1 || !ok2 || !ok3 || !ok4 || !ok5 {
		return j, fmt.Errorf("%w: a part is not base64url or not a JSON object", ErrProof)
	}
	if j.header["crit"] != "" || unquote(j.header["typ"]) != "dbsc+jwt" { // RFC 7515 section 4.1.11
		return j, fmt.Errorf("%w: its typ is not dbsc+jwt, or it has crit", ErrProof)
	}
	return j, nil
}

func (k Key) verify(j jws) (Proof, error) {
	if a := k.Algorithm(); a == "" || unquote(j.header["alg"]) != string(a) {
		return Proof{}, fmt.Errorf("%w: its algorithm is not that of the key", ErrProof)
	}
	good := false
	switch public := k.public.(type) {
	case *ecdsa.PublicKey: // RFC 7518 section 3.4: r and s, 32 bytes each
		if s := j.signature; len(s) == 64 {
			good = ecdsa.Verify(public, j.signed[:], new(big.Int).SetBytes(s[:32]), new(big.Int).SetBytes(s[32:]))
		}
	case *rsa.PublicKey:
		good = rsa.VerifyPKCS1v15(public, crypto.SHA256, j.signed[:], j.signature) == nil
	}
	p := Proof{unquote(j.payload["jti"]), unquote(j.payload["authorization"])}
	if !good || p.Challenge == "" {
		return Proof{}, fmt.Errorf("%w: the signature is wrong, or it has no challenge", ErrProof)
	}
	return p, nil
}

// decode reads base64url without padding, which has one text for the same bytes.
func decode(text string) ([]byte, bool) {
	b, err := base64.RawURLEncoding.Strict().DecodeString(text)
	return b, err == nil && !strings.ContainsAny(text, "\r\n") // the decoder skips line ends
}

// object returns the texts of an object's members, whose names count with their case. A
// repeated name is not ok: two readers could take different ones.
func object(text string) (map[string]string, bool) {
	if !strings.HasPrefix(text, "{") || !json.Valid([]byte(text)) {
		return nil, false
	}
	members := map[string]string{}
	for name, value := range rawjson.Members(text) {
		if _, repeated := members[name]; repeated {
			return nil, false
		}
		members[name] = value
	}
	return members, true
}

// unquote returns a string, "" for any other JSON.
func unquote(text string) string {
	if !strings.HasPrefix(text, `"`) {
		return ""
	}
	return rawjson.Unquote(text)
}
