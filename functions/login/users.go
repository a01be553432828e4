package main

import (
	"context"
	"crypto/pbkdf2"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"os"

	"github.com/crumb-go/crumb/shared/session"
)

// A directory knows the users. Yours would ask a table or an identity provider.
type directory interface {
	// find returns the user of a name, false when there is none.
	find(ctx context.Context, name string) (user, bool, error)
}

type user struct {
	name         string
	handle       session.Handle // random, kept with the account
	salt         [16]byte       // random, for each user another
	passwordHash [32]byte       // by hash
}

// rounds is what OWASP asks of PBKDF2-HMAC-SHA256 (Password Storage Cheat Sheet).
const rounds = 600_000

// hash returns PBKDF2-SHA-256 of a password. It takes a processor a good part of a
// second: that is its purpose.
func hash(password string, salt [16]byte) (key [32]byte, err error) {
	derived, err := pbkdf2.Key(sha256.New, password, salt[:], rounds, len(key))
	copy(key[:], derived)
	return key, err
}

// check returns the user of a name and password. A name that nobody has costs as
// much time as a wrong password, so that time does not tell which names exist.
func check(ctx context.Context, users directory, name, password string) (user, bool, error) {
	u, found, err := users.find(ctx, name)
	if err != nil {
		return user{}, false, err
	}
	got, err := hash(password, u.salt)
	if err != nil {
		return user{}, false, err
	}
	same := subtle.ConstantTimeCompare(got[:], u.passwordHash[:]) == 1
	return u, found && same, nil
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

func (demoUsers) find(_ context.Context, name string) (user, bool, error) {
	u := user{name: "name", handle: session.Handle([]byte("crumb demo user.")), salt: [16]byte([]byte("crumb demo salt."))}
	_, err := hex.Decode(u.passwordHash[:], []byte(demoHash))
	return u, name == u.name, err
}

// demoHash is the hash of "password".
const demoHash = "35c2b4730f588f41b9035a932eb767b69f92fe73a8a0be9645ed762e5074c8e2"
