// Package dbsc is the server's side of Device Bound Session Credentials: the headers, the
// JSON and the signed proofs with which a browser shows that it still has a key that never
// leaves the device. It follows the W3C editor's draft of 17 February 2026
// (https://w3c.github.io/webappsec-dbsc/), whose sections the comments name.
//
// It has no store and no policy: package devicebound binds the sessions of package session
// with it.
//
// EXPERIMENTAL: the draft is not finished. This package is outside the module's
// compatibility promise and changes with the draft and with browsers.
//
// # The protocol
//
//	response to the login    Registration.Add   Secure-Session-Registration: (ES256 RS256);path=…;challenge=…
//	browser: POST path       Response           Secure-Session-Response: <proof>; the new key is in the proof
//	                         VerifyRegistration
//	response                 Instructions.Write JSON: which cookie is bound, and where to renew it
//	                         Challenge.Add      Secure-Session-Challenge: …, for the next proof
//	browser: POST refresh    SessionID          Sec-Secure-Session-Id: …
//	                         Response, Key.Verify
//	response                 Instructions.Write with a new bound cookie, or 403 with a challenge
//
// Browsers do all of this only over HTTPS with a certificate that they trust.
//
// # Concurrency
//
// All functions and methods are safe for concurrent use, except on the same http.Header.
//
// # Security
//
// A proof only shows that someone has signed the challenge in it. The caller must compare
// that with a challenge that it issued a short while ago for this very session, and accept
// each challenge once. At registration the key comes with the proof, so the challenge must
// be unguessable and the machine trusted, as it is at login. At a refresh the key must be
// the stored one: Key.Verify rejects a proof that brings a key. The algorithm "none" of the
// draft is never offered and never accepted.
//
// Errors have no part of a proof, a key or a challenge.
package dbsc

import (
	"errors"
	"fmt"
	"net/http"
	"strings"

	"github.com/dunglas/httpsfv"
)

// Names of the header fields (sections 9.1 to 9.5).
const (
	RegistrationHeader = "Secure-Session-Registration" // response: asks for a key
	ChallengeHeader    = "Secure-Session-Challenge"    // response: what the next proof has to sign
	ResponseHeader     = "Secure-Session-Response"     // request: a proof
	SessionIDHeader    = "Sec-Secure-Session-Id"       // request: which session to refresh; no script can set it
	SkippedHeader      = "Secure-Session-Skipped"      // request: why it has no bound cookie
)

// ErrHeader is matched by errors for header fields that do not have the form of the draft,
// and for values that they cannot have.
var ErrHeader = errors.New("dbsc: malformed header")

// An Algorithm signs proofs: ES256 or RS256, the names of RFC 7518.
type Algorithm string

// The algorithms. Browsers use the first that they can of those that are offered.
const (
	ES256 Algorithm = "ES256" // ECDSA on P-256 with SHA-256
	RS256 Algorithm = "RS256" // RSASSA-PKCS1-v1_5 with SHA-256, for key stores without ECDSA
)

// A Registration asks a browser for a key (section 9.1).
type Registration struct {
	// Algorithms are those to offer, the preferred one first, at least one.
	Algorithms []Algorithm
	// Path is where the browser sends its proof, by POST: a path or a URL of the same
	// site. A relative path is relative to the URL of this response.
	Path string
	// Challenge is what the proof has to sign: unguessable, such as crypto/rand.Text, and
	// different each time. Printable ASCII.
	Challenge string
	// Authorization is copied into the proof, for servers whose registration has nothing
	// else to tell users apart. The draft has it in the request's Authorization too, where
	// Chromium 156 does not send it. Printable ASCII; empty for none.
	Authorization string
}

// Add adds the registration to a response. A response can have several. The error is
// ErrHeader if there is no algorithm, path or challenge, or a value is not printable ASCII.
func (g Registration) Add(h http.Header) error {
	list := httpsfv.InnerList{Params: httpsfv.NewParams()}
	for _, a := range g.Algorithms {
		if a != ES256 && a != RS256 {
			return fmt.Errorf("%w: %s: the algorithm %q is not offered", ErrHeader, RegistrationHeader, string(a))
		}
		list.Items = append(list.Items, httpsfv.NewItem(httpsfv.Token(a)))
	}
	if len(list.Items) == 0 || g.Path == "" || g.Challenge == "" {
		return fmt.Errorf("%w: %s needs an algorithm, a path and a challenge", ErrHeader, RegistrationHeader)
	}
	list.Params.Add("path", g.Path)
	list.Params.Add("challenge", g.Challenge)
	if g.Authorization != "" {
		list.Params.Add("authorization", g.Authorization)
	}
	return add(h, RegistrationHeader, httpsfv.List{list})
}

// Registrations returns the registrations of a response that a browser acts on (section
// 8.10): those with a path, whose other parameters are strings. Algorithms are as written.
// The error is ErrHeader if the field is not a list: browsers ignore all of it then.
func Registrations(h http.Header) ([]Registration, error) {
	list, err := read(h, RegistrationHeader)
	if err != nil {
		return nil, err
	}
	var all []Registration
	for _, member := range list {
		inner, ok := member.(httpsfv.InnerList)
		if !ok {
			continue
		}
		path, hasPath, ok1 := text(inner.Params, "path")
		challenge, _, ok2 := text(inner.Params, "challenge")
		authorization, _, ok3 := text(inner.Params, "authorization")
		if !hasPath || !ok1 || !ok2 || !ok3 {
			continue
		}
		g := Registration{Path: path, Challenge: challenge, Authorization: authorization}
		for _, item := range inner.Items {
			if a, ok := item.Value.(httpsfv.Token); ok {
				g.Algorithms = append(g.Algorithms, Algorithm(a))
			}
		}
		all = append(all, g)
	}
	return all, nil
}

// A Challenge is what the next proof of a session has to sign (section 9.2).
type Challenge struct {
	Value     string // unguessable, printable ASCII
	SessionID string // the session_identifier of the Instructions
}

// Add adds the challenge to a response. The error is ErrHeader if one of the two is empty
// or not printable ASCII.
func (c Challenge) Add(h http.Header) error {
	if c.Value == "" || c.SessionID == "" {
		return fmt.Errorf("%w: %s needs a challenge and a session identifier", ErrHeader, ChallengeHeader)
	}
	item := httpsfv.NewItem(c.Value)
	item.Params.Add("id", c.SessionID)
	return add(h, ChallengeHeader, httpsfv.List{item})
}

// Challenges returns the challenges of a response that a browser keeps (section 8.7): the
// strings with an id. The error is ErrHeader if the field is not a list.
func Challenges(h http.Header) ([]Challenge, error) {
	list, err := read(h, ChallengeHeader)
	if err != nil {
		return nil, err
	}
	var all []Challenge
	for _, member := range list {
		if item, ok := member.(httpsfv.Item); ok {
			value, isText := item.Value.(string)
			if id, has, ok := text(item.Params, "id"); isText && has && ok {
				all = append(all, Challenge{value, id})
			}
		}
	}
	return all, nil
}

// Reasons why a request comes without its bound cookie.
const (
	Unreachable   = "unreachable"    // the refresh URL could not be reached
	ServerError   = "server_error"   // its response was an error
	QuotaExceeded = "quota_exceeded" // the browser refreshes no more for now
)

// A Skip says that a request comes without its bound cookie, and why (section 9.5). It is
// the client's word: anyone who has stolen cookies can say it too.
type Skip struct {
	Reason    string // one of the three above, or one that the draft does not know yet
	SessionID string // "" if the browser does not name the session
}

// Skips returns what the request says in Secure-Session-Skipped, nothing if that is
// malformed.
func Skips(h http.Header) []Skip {
	list, _ := read(h, SkippedHeader)
	var all []Skip
	for _, member := range list {
		if item, ok := member.(httpsfv.Item); ok {
			reason, isToken := item.Value.(httpsfv.Token)
			if id, _, ok := text(item.Params, "session_identifier"); isToken && ok {
				all = append(all, Skip{string(reason), id})
			}
		}
	}
	return all
}

// SessionID returns the identifier of the session that a request wants to refresh (section
// 9.4), false if it does not have exactly one. Without it a request to the endpoint is a
// registration.
func SessionID(h http.Header) (string, bool) { return single(h, SessionIDHeader) }

// Response returns the proof that a request brings (section 9.3), not verified; false if
// it does not have exactly one.
func Response(h http.Header) (string, bool) { return single(h, ResponseHeader) }

// single returns the string of a field that occurs once. The draft has it in quotes;
// Chromium 156 sends it bare.
func single(h http.Header, name string) (string, bool) {
	lines := h.Values(name)
	if len(lines) != 1 || lines[0] == "" {
		return "", false
	}
	if lines[0][0] != '"' {
		return strings.TrimSpace(lines[0]), true
	}
	item, err := httpsfv.UnmarshalItem(lines)
	if err != nil {
		return "", false
	}
	s, ok := item.Value.(string)
	return s, ok && s != ""
}

func add(h http.Header, name string, list httpsfv.List) error {
	line, err := httpsfv.Marshal(list)
	if err != nil {
		return fmt.Errorf("%w: %s: a value is not printable ASCII", ErrHeader, name)
	}
	h.Add(name, line)
	return nil
}

func read(h http.Header, name string) (httpsfv.List, error) {
	list, err := httpsfv.UnmarshalList(h.Values(name))
	if err != nil {
		return nil, fmt.Errorf("%w: %s is not a list of structured fields (RFC 9651)", ErrHeader, name)
	}
	return list, nil
}

// text returns a parameter; ok unless it is not a string.
func text(p *httpsfv.Params, name string) (s string, has, ok bool) {
	v, has := p.Get(name)
	if !has {
		return "", false, true
	}
	s, ok = v.(string)
	return s, true, ok
}
