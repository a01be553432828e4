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

// maxTries is how many duplicates of a sealed cookie are opened: more than any
// browser sends, and few enough to cost nothing.
const maxTries = 8

// Sealed is a cookie that holds a T which the browser can neither read nor
// change. It is safe for concurrent use. Seal makes one; the zero Sealed sets
// and reads nothing.
//
// A []byte or string is sealed as it is; any other T, a named kind of these two
// as well, as the JSON of encoding/json, which leaves out unexported fields and
// has U+FFFD for bytes of a string that are not UTF-8. Sealing adds 41 bytes, and
// base64url a third: about 3,000 bytes fit into one cookie.
//
// # Security
//
// Package keyring says what sealing protects, and how often keys must rotate.
// Above all, a copied cookie opens until it expires, and an old one as well as the
// one that replaced it. What must end at logout, or must not be presented twice,
// belongs into shared/session.
type Sealed[T any] struct{ sealer *sealer }

// Seal declares that c holds a T, sealed with ring and for as long as life, whole
// seconds of 1 s to 400 days. After that it does not open, whatever the browser
// does; the MaxAge of c, which is only about the browser, is usually the same. The
// Encoding of c must be Plain, as sealing has its own.
//
// What is sealed opens only under the name of c. So a name must not be given to
// another T, unless the JSON of the one is good for the other.
//
// keyring.ErrUnknownKey of Check is no proof of a forgery: the key may be one that
// was dropped, or of another stage of the application.
func Seal[T any](c *Cookie, ring *keyring.Ring, life time.Duration) (Sealed[T], error) {
	if c == nil {
		c = new(Cookie) // as good as that of no New
	}
	var errs []error
	refuse := func(field, reason string) {
		errs = append(errs, &Error{Cookie: c.name, Field: field, Reason: reason})
	}
	if c.name == "" {
		refuse("Name", "is empty: declare the cookie by New")
	}
	if c.attrs.Encoding != Plain {
		refuse("Encoding", "is not Plain: sealing has its own")
	}
	var zero T
	text, err := marshal(zero)
	switch {
	case errors.As(err, new(*json.UnsupportedTypeError)):
		refuse("Value", fmt.Sprintf("of type %T has no JSON", zero))
	case string(text) == "{}" && hidesAll(reflect.TypeFor[T]()):
		refuse("Value", fmt.Sprintf("of type %T has no exported field, so that JSON would lose it", zero))
	}
	if life < time.Second || life > rule.MaxLifetime || life%time.Second != 0 {
		refuse("Life", "is "+life.String()+" instead of whole seconds, 1 s to 400 days")
	}
	if ring == nil {
		refuse("Ring", "is nil")
	}
	if len(errs) > 0 {
		return Sealed[T]{}, errors.Join(errs...)
	}
	box, err := ring.Box(c.name, life)
	return Sealed[T]{&sealer{c, box}}, err
}

// hidesAll reports whether t is a struct of unexported fields alone.
func hidesAll(t reflect.Type) bool {
	return t.Kind() == reflect.Struct && t.NumField() > 0 && !slices.ContainsFunc(reflect.VisibleFields(t), reflect.StructField.IsExported)
}

// Set seals v and adds the cookie to the response, as Cookie.Set does. The request
// lends its context to the ring, which may have to read its keys.
//
// The errors are *Error: those of Cookie.Set, among them ErrTooLarge when v does
// not fit into one cookie; keyring.ErrNoKey and keyring.ErrStale, when nothing can
// be sealed for the moment; and that v has no JSON.
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
		return s.sealer.fail(fmt.Sprintf("of type %T has no JSON", v), nil) // the cause may quote v
	}
	return set(s.sealer, w, r, plain)
}

// Get returns the value that the client sent. ok is false when there is none that
// opens, and Check says why; to the client all reasons must look the same. Of
// duplicates the first that opens counts; eight are tried.
func (s Sealed[T]) Get(r *http.Request) (value T, ok bool) {
	value, err := s.get(r)
	return value, err == nil
}

// Check returns why Get finds no value: an *Error, of the first of duplicates, that
// wraps ErrAbsent, ErrTooMany, ErrMalformed, keyring.ErrUnknownKey,
// keyring.ErrTampered or keyring.ErrExpired. It returns nil when Get finds one. Its
// text holds no part of the value.
//
// If the keys cannot be read for the moment it wraps keyring.ErrStale or
// keyring.ErrNoKey, of any of the duplicates: the value may be good, and open
// later. A handler that puts another in the place of what does not open must ask
// for these two before it calls Get, and respond with 503.
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
		return v, s.sealer.fail(fmt.Sprintf("opens, but is no JSON of type %T", v), ErrMalformed) // the cause may quote it
	}
	return v, nil
}

// Renew seals the request's value again, for another life, if half of its life is
// gone or a newer key has taken over, and else does nothing; nor does it when no
// value opens, or when the response sets or deletes the cookie already. A cookie
// that every answer renews expires when it has not been seen for a while, between
// half its life and all of it.
//
// The errors are those of Set. After keyring.ErrStale the request's value is good
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

// Delete tells the browser to drop the cookie, as Cookie.Delete does. A copy of
// it opens until it expires.
func (s Sealed[T]) Delete(w http.ResponseWriter) error {
	if s.sealer == nil {
		return errNotSealed
	}
	return s.sealer.cookie.Delete(w)
}

// marshal returns the JSON of v, and like unmarshal uses the methods of *T.
func marshal[T any](v T) ([]byte, error) { return json.Marshal(&v) }

// unmarshal returns the value that was sealed as plain, which it may keep.
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

var errNotSealed = &Error{Field: "Ring", Reason: "is missing: declare the cookie by Seal"}

func set[P []byte | string](s *sealer, w http.ResponseWriter, r *http.Request, plain P) error {
	if n := len(s.cookie.name) + rawURL.EncodedLen(len(plain)+keyring.Overhead); n > rule.MaxPair {
		return &Error{
			Cookie: s.cookie.name, Field: "Value", Rule: rule.PairSize, kind: ErrTooLarge,
			Reason: fmt.Sprintf("makes %d octets with the name once sealed; keep it on the server, with shared/session", n),
		}
	}
	wire, err := seal(r.Context(), s.box, plain)
	if err != nil {
		return s.fail("is not sealed: "+strings.TrimPrefix(err.Error(), "keyring: "), err)
	}
	return s.cookie.Set(w, wire)
}

// workspaces are pieces of memory in which seal works: see there.
var workspaces = sync.Pool{New: func() any { return new([2 * rule.MaxPair]byte) }}

// seal returns the text of a cookie.
func seal[P []byte | string](ctx context.Context, box *keyring.Box, plain P) (string, error) {
	space := workspaces.Get().(*[2 * rule.MaxPair]byte)
	defer workspaces.Put(space)
	// head receives the sealed bytes. tail, behind it, first holds the value, then the
	// text, which overwrites it.
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
	if err != nil || rawURL.EncodedLen(len(sealed)) != len(wire) { // which skips line ends
		return nil, false, keyring.ErrMalformed
	}
	return s.box.Open(ctx, sealed)
}

// open returns what the first cookie holds that opens, or why the first doesn't. Of
// a cookie that may open later that is said before all else.
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
