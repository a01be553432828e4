package cookie

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"reflect"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/crumb-go/crumb/shared/internal/rule"
	"github.com/crumb-go/crumb/shared/keyring"
)

// maxTries is how many cookies with the name are opened: more than browsers send,
// and few enough to cost nothing.
const maxTries = 8

// Sealed is a cookie with a T that the browser can neither read nor change. It is
// safe for concurrent use. Seal makes one; the zero Sealed sets and reads nothing.
//
// A []byte or string is sealed unchanged. Any other T, including named types of
// these, is sealed as the JSON of encoding/json, which omits unexported fields and
// replaces invalid UTF-8 in strings with U+FFFD. Sealing adds 41 bytes, and base64url
// a third: about 3,000 bytes fit into one cookie.
//
// # Security
//
// Package keyring says what sealing protects, and how often keys must rotate.
// Above all, a copied cookie opens until it expires, and so does an old one after it
// was replaced. Use shared/session for what must end at logout, or must not be
// presented twice.
type Sealed[T any] struct{ sealer *sealer }

// Seal declares that c has a T, sealed with ring for life: whole seconds, from 1 s to
// 400 days. After that it does not open, whatever the browser does. The MaxAge of c,
// which only tells the browser, is usually the same. The Encoding of c must be Plain,
// as sealing has its own.
//
// A sealed value opens only under the name of c. Do not reuse a name for another T
// unless each decodes the other's JSON.
//
// keyring.ErrUnknownKey from Check does not prove a forgery: the key may have been
// dropped, or belong to another stage of the application.
func Seal[T any](c *Cookie, ring *keyring.Ring, life time.Duration) (Sealed[T], error) {
	if c == nil {
		c = new(Cookie) // rejected below
	}
	var errs []error
	reject := func(field, reason string) {
		errs = append(errs, &Error{Cookie: c.name, Field: field, Reason: reason})
	}
	if c.name == "" {
		reject("Name", "is empty: declare the cookie with New")
	}
	if c.attrs.Encoding != Plain {
		reject("Encoding", "is not Plain: sealing has its own encoding")
	}
	var zero T
	text, err := marshal(zero)
	switch {
	case errors.As(err, new(*json.UnsupportedTypeError)):
		reject("Value", fmt.Sprintf("of type %T cannot be encoded as JSON", zero))
	case string(text) == "{}" && hidesAll(reflect.TypeFor[T]()):
		reject("Value", fmt.Sprintf("of type %T has no exported fields, so JSON would lose it", zero))
	}
	if life < time.Second || life > rule.MaxLifetime || life%time.Second != 0 {
		reject("Life", "is "+life.String()+" instead of whole seconds, 1 s to 400 days")
	}
	if ring == nil {
		reject("Ring", "is nil")
	}
	if len(errs) > 0 {
		return Sealed[T]{}, errors.Join(errs...)
	}
	box, err := ring.Box(c.name, life)
	return Sealed[T]{&sealer{c, box}}, err
}

// hidesAll reports whether t is a struct with only unexported fields.
func hidesAll(t reflect.Type) bool {
	return t.Kind() == reflect.Struct && t.NumField() > 0 && !slices.ContainsFunc(reflect.VisibleFields(t), reflect.StructField.IsExported)
}

// Set seals v and adds the cookie to the response, as Cookie.Set does. The ring uses
// the request's context if it has to read its keys.
//
// The errors are *Error: those of Cookie.Set, such as ErrTooLarge if v does not fit
// into one cookie; keyring.ErrNoKey and keyring.ErrStale if nothing can be sealed
// now; and one if v cannot be encoded as JSON.
func (s Sealed[T]) Set(w http.ResponseWriter, r *http.Request, v T) error {
	if s.sealer == nil {
		return errNotSealed
	}
	switch p := any(&v).(type) {
	case *[]byte:
		return set(s.sealer, w, r, *p)
	case *string:
		return set(s.sealer, w, r, *p)
	}
	plain, err := marshal(v)
	if err != nil {
		return s.sealer.fail(fmt.Sprintf("of type %T cannot be encoded as JSON", v), nil) // the cause may quote v
	}
	return set(s.sealer, w, r, plain)
}

// Get returns the value that the client sent. ok is false if none opens, and Check
// says why; to the client all reasons must look the same. Of several cookies with the
// name, the first that opens wins; eight are tried.
func (s Sealed[T]) Get(r *http.Request) (value T, ok bool) {
	value, err := s.get(r)
	return value, err == nil
}

// Check returns why Get finds no value: an *Error about the first cookie with the
// name, which wraps ErrAbsent, ErrTooMany, ErrMalformed, keyring.ErrUnknownKey,
// keyring.ErrTampered or keyring.ErrExpired. It returns nil if Get finds one. Its
// text has no part of the value.
//
// If any of the cookies cannot be opened because the keys cannot be read now, it
// wraps keyring.ErrStale or keyring.ErrNoKey: the value may be good, and open later.
// A handler that replaces a value that does not open must check for these two before
// it calls Get, and respond with 503.
func (s Sealed[T]) Check(r *http.Request) error {
	_, err := s.get(r)
	return err
}

func (s Sealed[T]) get(r *http.Request) (v T, err error) {
	if s.sealer == nil {
		return v, errNotSealed
	}
	plain, _, err := s.sealer.open(r)
	if err != nil {
		return v, err
	}
	if v, err = unmarshal[T](plain); err != nil {
		return v, s.sealer.fail(fmt.Sprintf("opens, but does not decode as %T", v), ErrMalformed) // the cause may quote it
	}
	return v, nil
}

// Renew seals the request's value again, for a new life, if half of its life has
// passed or a newer key has taken over. Otherwise it does nothing, nor if no value
// opens, or if the response already sets or deletes the cookie. A cookie that every
// response renews expires between half a life and a whole one after the last request.
//
// The errors are those of Set. After keyring.ErrStale the request's value is valid
// for as long as before, and a later response renews it.
func (s Sealed[T]) Renew(w http.ResponseWriter, r *http.Request) error {
	if s.sealer == nil {
		return errNotSealed
	}
	plain, old, err := s.sealer.open(r)
	if err != nil || !old || slices.ContainsFunc(w.Header()["Set-Cookie"], s.sealer.isSetBy) {
		return nil
	}
	return set(s.sealer, w, r, plain)
}

// Delete tells the browser to delete the cookie, as Cookie.Delete does. A copy of it
// still opens until it expires.
func (s Sealed[T]) Delete(w http.ResponseWriter) error {
	if s.sealer == nil {
		return errNotSealed
	}
	return s.sealer.cookie.Delete(w)
}

// marshal returns the JSON of v. Like unmarshal it uses the methods of *T.
func marshal[T any](v T) ([]byte, error) { return json.Marshal(&v) }

// unmarshal returns the value that was sealed as plain. It may keep plain.
func unmarshal[T any](plain []byte) (v T, err error) {
	switch p := any(&v).(type) {
	case *[]byte:
		*p = plain
	case *string:
		*p = string(plain)
	default:
		decoded := new(T) // not v, which would escape
		if err = json.Unmarshal(plain, decoded); err == nil {
			v = *decoded
		}
	}
	return v, err
}

// sealer is a Sealed without its type.
type sealer struct {
	cookie *Cookie
	box    *keyring.Box
}

var errNotSealed = &Error{Field: "Ring", Reason: "is missing: declare the cookie with Seal"}

func set[P []byte | string](s *sealer, w http.ResponseWriter, r *http.Request, plain P) error {
	if n := len(s.cookie.name) + rawURL.EncodedLen(len(plain)+keyring.Overhead); n > rule.MaxPair {
		return &Error{
			Cookie: s.cookie.name, Field: "Value", Rule: rule.PairSize, kind: ErrTooLarge,
			Reason: fmt.Sprintf("and name total %d bytes once sealed; keep the data on the server, with shared/session", n),
		}
	}
	wire, err := seal(r.Context(), s.box, plain)
	if err != nil {
		return s.fail("cannot be sealed: "+strings.TrimPrefix(err.Error(), "keyring: "), err)
	}
	return s.cookie.Set(w, wire)
}

// workspaces are buffers for seal.
var workspaces = sync.Pool{New: func() any { return new([2 * rule.MaxPair]byte) }}

// seal returns the text of a cookie.
func seal[P []byte | string](ctx context.Context, box *keyring.Box, plain P) (string, error) {
	space := workspaces.Get().(*[2 * rule.MaxPair]byte)
	defer workspaces.Put(space)
	// head receives the sealed bytes. After it, tail has the value, and then the text,
	// which overwrites the value.
	size := len(plain) + keyring.Overhead
	head, tail := space[:0:size], space[size:size]
	value := append(tail, plain...)
	sealed, err := box.Seal(ctx, head, value)
	if err != nil {
		clear(value)
		return "", err
	}
	return string(rawURL.AppendEncode(tail, sealed)), nil
}

func (s *sealer) unseal(ctx context.Context, wire string) (plain []byte, old bool, err error) {
	sealed, err := rawURL.DecodeString(wire)
	if err != nil || rawURL.EncodedLen(len(sealed)) != len(wire) { // DecodeString skips line ends
		return nil, false, keyring.ErrMalformed
	}
	return s.box.Open(ctx, sealed)
}

// open returns the value of the first cookie that opens. If none does, it returns why
// one may open later, or else why the first does not open.
func (s *sealer) open(r *http.Request) (plain []byte, old bool, err error) {
	lines := r.Header["Cookie"]
	if !bounded(lines) {
		return nil, false, tooMany(s.cookie.name)
	}
	err = ErrAbsent
	tries := 0
	for _, line := range lines {
		for part := range strings.SplitSeq(line, ";") {
			wire, ok := valueOf(part, s.cookie.name)
			if !ok || tries == maxTries {
				continue
			}
			plain, old, failed := s.unseal(r.Context(), wire)
			if failed == nil {
				return plain, old, nil
			}
			tries++
			if tries == 1 || failed == keyring.ErrStale || failed == keyring.ErrNoKey {
				err = failed
			}
		}
	}
	switch err {
	case ErrAbsent:
		return nil, false, s.fail("is absent", err)
	case keyring.ErrMalformed:
		return nil, false, s.fail("is not a sealed value", ErrMalformed)
	}
	return nil, false, s.fail("does not open: "+strings.TrimPrefix(err.Error(), "keyring: "), err)
}

// isSetBy reports whether a Set-Cookie line sets or deletes the cookie.
func (s *sealer) isSetBy(line string) bool {
	name, scope, _ := scopeOf(line)
	return name == s.cookie.name && scope == s.cookie.scope
}

func (s *sealer) fail(reason string, kind error) *Error {
	return &Error{Cookie: s.cookie.name, Field: "Value", Reason: reason, kind: kind}
}
