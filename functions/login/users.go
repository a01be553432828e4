package main

import (
	"cmp"
	"context"
	"crypto/pbkdf2"
	"crypto/sha256"
	"crypto/subtle"
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
func hash(password string, salt [16]byte, rounds int) [32]byte {
	key, err := pbkdf2.Key(sha256.New, password, salt[:], rounds, 32)
	if err != nil {
		panic(err) // FIPS 140 forbids one of the parameters; no password is an error
	}
	return [32]byte(key)
}

// hasPassword reports whether the password is the user's.
func (u user) hasPassword(password string) bool {
	got := hash(password, u.salt, cmp.Or(u.testOnlyRounds, rounds))
	return subtle.ConstantTimeCompare(got[:], u.passwordHash[:]) == 1
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
	u := user{
		name:         "name",
		handle:       session.Handle([]byte("crumb demo user.")),
		salt:         [16]byte([]byte("crumb demo salt.")),
		passwordHash: [32]byte([]byte(demoHash)),
	}
	return u, name, name == u.name, nil
}

// demoHash is the hash of "password".
const demoHash = "\x35\xc2\xb4\x73\x0f\x58\x8f\x41\xb9\x03\x5a\x93\x2e\xb7\x67\xb6" +
	"\x9f\x92\xfe\x73\xa8\xa0\xbe\x96\x45\xed\x76\x2e\x50\x74\xc8\xe2"
