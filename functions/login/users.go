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

// A directory knows the users. Yours would ask a table or an identity provider.
type directory interface {
	// find returns the user of a name. found is false when there is none; then
	// the user has no password, but checking one must cost the same time.
	//
	// Guesses are counted by the name countedAs. All names that lead to one user,
	// by another case, by an address of e-mail, have the same, and a name of nobody
	// has one by the same rules: else a counter would tell which names exist.
	find(ctx context.Context, name string) (u user, countedAs string, found bool, err error)
}

type user struct {
	name         string
	handle       session.Handle // random, kept with the account
	salt         [16]byte       // random, for each user another
	passwordHash [32]byte       // by hash

	testOnlyRounds int // of hash; 0 in every directory but those of tests, for rounds
}

// rounds is what OWASP asks of PBKDF2-HMAC-SHA256 (Password Storage Cheat Sheet).
const rounds = 600_000

// hash returns PBKDF2-SHA-256 of a password. With as many rounds as OWASP asks it
// takes a processor a good part of a second: that is its purpose.
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

// demoUsers has one user, whose password the README tells everybody.
type demoUsers struct{}

func (demoUsers) find(_ context.Context, name string) (user, string, bool, error) {
	name = strings.ToLower(strings.TrimSpace(name)) // phones begin with a capital, and end with a space
	u := user{name: "name", handle: session.Handle([]byte("crumb demo user.")), salt: [16]byte([]byte("crumb demo salt."))}
	_, err := hex.Decode(u.passwordHash[:], []byte(demoHash))
	return u, name, name == u.name, err
}

// demoHash is the hash of "password".
const demoHash = "35c2b4730f588f41b9035a932eb767b69f92fe73a8a0be9645ed762e5074c8e2"
