// Package users has the users who may sign in. They come from an environment
// variable, which is enough for a handful: Lambda keeps 4 KB of those. Replace it
// by your own table or identity provider.
package users

import (
	"crypto/pbkdf2"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"fmt"
	"strings"

	"github.com/crumb-go/crumb/shared/session"
)

// MaxPassword is the most bytes of a password that is checked.
const MaxPassword = 1024

// rounds is what OWASP requires for PBKDF2-HMAC-SHA256 (Password Storage Cheat Sheet).
const rounds = 600_000

// A User may sign in.
type User struct {
	Name   string
	Handle session.Handle // which sessions are this user's, random

	salt [16]byte // random, different for each user
	hash [32]byte // of the password
}

// New returns a user, or an error if the name is empty or has a colon or white
// space, or the password has less than 8 or more than MaxPassword bytes.
func New(name, password string) (User, error) {
	if name == "" || strings.ContainsAny(name, ": \t\r\n") {
		return User{}, fmt.Errorf("users: a name is not empty and has no colon and no white space")
	}
	if len(password) < 8 || len(password) > MaxPassword {
		return User{}, fmt.Errorf("users: a password has 8 to %d bytes", MaxPassword)
	}
	u := User{Name: name, Handle: session.NewHandle()}
	rand.Read(u.salt[:]) // never fails
	u.hash = u.hashOf(password)
	return u, nil
}

// hashOf takes a large part of a second on purpose.
func (u User) hashOf(password string) (hash [32]byte) {
	derived, err := pbkdf2.Key(sha256.New, password, u.salt[:], rounds, len(hash))
	if err != nil {
		panic(err) // the parameters above are wrong
	}
	return [32]byte(derived)
}

// String returns the user as Parse reads it: NAME:HANDLE:SALT:HASH. It is a secret,
// as passwords can be guessed from it.
func (u User) String() string {
	b64 := base64.RawURLEncoding.EncodeToString
	return u.Name + ":" + b64(u.Handle[:]) + ":" + b64(u.salt[:]) + ":" + b64(u.hash[:])
}

// A List is some users.
type List []User

// Parse reads users that are separated by white space. Errors have a user's place
// in the list and nothing else of it.
func Parse(text string) (List, error) {
	var list List
	for i, field := range strings.Fields(text) {
		u, ok := parse(field)
		if !ok {
			return nil, fmt.Errorf("users: number %d is not as tools/newuser prints it", i+1)
		}
		list = append(list, u)
	}
	return list, nil
}

func parse(text string) (u User, ok bool) {
	parts := strings.Split(text, ":")
	if len(parts) != 4 || parts[0] == "" {
		return User{}, false
	}
	u.Name = parts[0]
	for i, into := range [][]byte{u.Handle[:], u.salt[:], u.hash[:]} {
		b, err := base64.RawURLEncoding.DecodeString(parts[1+i])
		if err != nil || len(b) != len(into) {
			return User{}, false
		}
		copy(into, b)
	}
	return u, true
}

// Check returns the user with this name and password. It takes the same time if
// there is none of this name.
func (l List) Check(name, password string) (User, bool) {
	if len(password) > MaxPassword {
		return User{}, false
	}
	var user User
	for _, u := range l {
		if u.Name == name {
			user = u
			break
		}
	}
	hash := user.hashOf(password)
	right := subtle.ConstantTimeCompare(hash[:], user.hash[:]) == 1
	return user, right && user.Name != ""
}
