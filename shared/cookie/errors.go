package cookie

import (
	"errors"
	"fmt"
	"strconv"

	"github.com/crumb-go/crumb/shared/internal/rule"
)

// Errors to branch on, by errors.Is. Each arrives inside an *Error.
var (
	// ErrTooLarge: name and encoded value exceed 4,096 octets, so that every
	// browser would ignore the cookie. Set and Line return it.
	ErrTooLarge = errors.New("too large for a cookie")
	// ErrScope: the response already sets the same name, for Set in another
	// scope, for DeleteAt in the one to delete.
	ErrScope = errors.New("set in a scope that conflicts")
	// ErrAbsent: the request has no cookie of this name. Check returns it.
	ErrAbsent = errors.New("absent")
	// ErrEmpty: the cookie is there, its value is empty. Check returns it.
	ErrEmpty = errors.New("empty")
	// ErrMalformed: the value has a control byte or is not what its encoding
	// writes. Check returns it.
	ErrMalformed = errors.New("malformed")
	// ErrTooMany: the request's Cookie lines hold over 3,000 pairs or 64 KiB,
	// so that nothing is read from them. Check and Parse return it.
	ErrTooMany = errors.New("too many cookies")
)

// Error is one broken rule. Its text never holds a cookie's value: of that it
// tells only an offset, the class of the byte there, a length, and whether all
// of it is UTF-8.
type Error struct {
	Cookie string // the cookie's name; empty in an error of Parse
	Field  string // what is wrong: "Name", "Path", "Domain", "MaxAge", "Value", …
	Reason string // what is wrong with it
	Rule   string // the rule and where it stands, as in "rfc6265bis 4.1.1: a cookie-name is a token"; empty for what a request holds

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

// fault is a place in a value where it breaks a rule.
type fault struct {
	at   int
	what string
}

func (f fault) reason(value string) string {
	return fmt.Sprintf("has %s at offset %d of its %s", f.what, f.at, rule.Octets(len(value)))
}

// faultAt is the fault of the octet at offset i.
func faultAt(s string, i int) *fault { return &fault{i, rule.ByteClass(s[i])} }
