package main

import (
	"cmp"
	"context"
	"crypto/pbkdf2"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"os"
	"strings"

	"github.com/crumb-go/crumb/shared/session"
)

// A directory finds users. Yours would query a table or an identity provider.
type directory interface {
	// find returns the user with a name. If found is false there is none; then the user
	// does not have a password, but checking one must take the same time.
	//
	// Guesses are counted under the name countedAs. It is the same for all names of one
	// user, such as another case or an e-mail address, and follows the same rules for
	// unknown names; otherwise a counter would show which names exist.
	find(ctx context.Context, name string) (u user, countedAs string, found bool, err error)
}

type user struct {
	name         string
	handle       session.Handle // random, kept with the account
	salt         [16]byte       // random, different for each user
	passwordHash [32]byte       // by hash

	testOnlyRounds int // of hash; 0, which means rounds, except in tests
}

// rounds is what OWASP requires for PBKDF2-HMAC-SHA256 (Password Storage Cheat Sheet).
const rounds = 600_000

// hash returns PBKDF2-SHA-256 of a password. With the rounds that OWASP requires it takes a
// large part of a second on purpose.
func hash(password string, salt [16]byte, rounds int) (key [32]byte, err error) {
	derived, err := pbkdf2.Key(sha256.New, password, salt[:], rounds, len(key))
	copy(key[:], derived)
	return key, err
}

// hasPassword reports whether the password is the user's.
func (u user) hasPassword(password string) (bool, error) {
	got, err := hash(password, u.salt, cmp.Or(u.testOnlyRounds, rounds))
	if err != nil {
		return false, err
	}
	return subtle.ConstantTimeCompare(got[:], u.passwordHash[:]) == 1, nil
}

// usersFromEnv returns the demo's directory if DEMO_USERS is "true", else nil.
func usersFromEnv() directory {
	if os.Getenv("DEMO_USERS") == "true" {
		return demoUsers{}
	}
	return nil
}

// demoUsers has one user, whose password is in the README.
type demoUsers struct{}

func (demoUsers) find(_ context.Context, name string) (user, string, bool, error) {
	name = strings.ToLower(strings.TrimSpace(name)) // phones add a capital and a trailing space
	u := user{name: "name", handle: session.Handle([]byte("crumb demo user.")), salt: [16]byte([]byte("crumb demo salt."))}
	_, err := hex.Decode(u.passwordHash[:], []byte(demoHash))
	return u, name, name == u.name, err
}

// demoHash is the hash of "password".
const demoHash = "35c2b4730f588f41b9035a932eb767b69f92fe73a8a0be9645ed762e5074c8e2"
