package cookie

import (
	"errors"
	"fmt"
	"strconv"

	"github.com/crumb-go/crumb/shared/internal/rule"
)

// Errors for errors.Is. Each is wrapped in an *Error.
var (
	// ErrTooLarge: name and encoded value exceed 4,096 bytes, so browsers would
	// ignore the cookie. Set and Line return it.
	ErrTooLarge = errors.New("too large for a cookie")
	// ErrScope: the response already sets the same name, in another scope (Set) or
	// in the scope to delete (DeleteAt).
	ErrScope = errors.New("set in a scope that conflicts")
	// ErrAbsent: the request has no cookie with this name. Check returns it.
	ErrAbsent = errors.New("absent")
	// ErrEmpty: the cookie is present, but its value is empty. Check returns it.
	ErrEmpty = errors.New("empty")
	// ErrMalformed: the value has a control byte or is not what its encoding
	// writes. Check returns it.
	ErrMalformed = errors.New("malformed")
	// ErrTooMany: the request's Cookie lines have over 3,000 pairs or 64 KiB, so
	// nothing is read from them. Check and Parse return it.
	ErrTooMany = errors.New("too many cookies")
)

// Error is one broken rule. Its text never has a cookie's value, only an offset in
// it, the class of the byte there, its length, and whether it is UTF-8.
type Error struct {
	Cookie string // the cookie's name; empty in an error of Parse
	Field  string // what is wrong: "Name", "Path", "Domain", "MaxAge", "Value", …
	Reason string // what is wrong with it
	Rule   string // the rule and its source, as in "rfc6265bis 4.1.1: a cookie-name is a token"; empty for the cookies of a request

	kind error
}

func (e *Error) Error() string {
	text := "cookie: "
	if e.Cookie != "" {
		text += strconv.Quote(e.Cookie) + ": "
	}
	text += e.Field + " " + e.Reason
	if e.Rule != "" {
		text += " (" + e.Rule + ")"
	}
	return text
}

// Unwrap returns one of the package's Err variables, or nil.
func (e *Error) Unwrap() error { return e.kind }

// fault is where a value breaks a rule, and how.
type fault struct {
	at   int
	what string
}

func (f fault) reason(value string) string {
	return fmt.Sprintf("%s at offset %d (length %d)", f.what, f.at, len(value))
}

// faultAt is the fault of the byte at offset i.
func faultAt(s string, i int) *fault { return &fault{i, "has " + rule.ByteClass(s[i])} }
