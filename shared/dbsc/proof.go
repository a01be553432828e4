package dbsc

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/rsa"
	"errors"
	"fmt"
)

// ErrProof is matched by every error for a proof or a key that is not accepted. To clients
// all reasons must look the same.
var ErrProof = errors.New("dbsc: proof not accepted")

// MaxProof is the most bytes of a proof; longer ones are rejected. One with an RSA key of
// 4,096 bits has about 1,800 and its Authorization.
const MaxProof = 8192

// A Proof is what a key has signed (section 9.10).
type Proof struct {
	Challenge     string // jti, not empty; not yet compared with anything
	Authorization string // as in the Registration, "" for none
}

// A Key is the public half of a device's key: ECDSA on P-256, or RSA with 2,048 to 4,096
// bits and the exponent 65537. VerifyRegistration and ParseKey make one; the zero Key
// accepts no proof.
type Key struct {
	public crypto.PublicKey // *ecdsa.PublicKey or *rsa.PublicKey
	jwk    string
}

// VerifyRegistration returns the proof of a registration and the key that signed it, which
// the proof brings along. The error is ErrProof. Compare the challenge before you keep the
// key.
func VerifyRegistration(proof string) (Proof, Key, error) {
	j, err := parse(proof)
	if err != nil {
		return Proof{}, Key{}, err
	}
	k, err := ParseKey([]byte(j.header["jwk"]))
	if err != nil {
		return Proof{}, Key{}, err
	}
	p, err := k.verify(j)
	if err != nil {
		return Proof{}, Key{}, err
	}
	return p, k, nil
}

// Verify returns the proof of a refresh, which this key has signed. The error is ErrProof,
// also for a proof that brings a key: only registrations do.
func (k Key) Verify(proof string) (Proof, error) {
	j, err := parse(proof)
	if err == nil && j.header["jwk"] != "" {
		err = fmt.Errorf("%w: it brings a key", ErrProof)
	}
	if err != nil {
		return Proof{}, err
	}
	return k.verify(j)
}

// Algorithm returns the algorithm of the key, "" for the zero Key.
func (k Key) Algorithm() Algorithm {
	switch k.public.(type) {
	case *ecdsa.PublicKey:
		return ES256
	case *rsa.PublicKey:
		return RS256
	}
	return ""
}

// JWK returns the key as JSON of RFC 7517 with the required members only, for ParseKey;
// nothing for the zero Key. It is not a secret.
func (k Key) JWK() []byte { return []byte(k.jwk) }

// ParseKey reads a public key (RFC 7517), such as Key.JWK returns. Members that it does not
// need are ignored; a repeated one is an error. The error is ErrProof.
func ParseKey(jwk []byte) (Key, error) {
	if k, ok := parseKey(string(jwk)); ok {
		return k, nil
	}
	return Key{}, fmt.Errorf("%w: its key is not one of P-256, or of RSA with 2,048 to 4,096 bits", ErrProof)
}

// UnverifiedChallenge returns the challenge that a proof claims to sign, "" if it has none.
// Anyone can have written it: decide nothing by it that a liar could gain from.
func UnverifiedChallenge(proof string) string {
	j, _ := parse(proof)
	return unquote(j.payload["jti"])
}
