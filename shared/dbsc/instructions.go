package dbsc

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
)

// ErrInstructions is matched by errors for Instructions that browsers would not accept.
var ErrInstructions = errors.New("dbsc: invalid session instructions")

// Instructions are the JSON with which a server starts or continues a session (section 9.6).
type Instructions struct {
	// SessionID is unique among the browser's sessions of the site: printable ASCII, not
	// empty. It is not a secret.
	SessionID string `json:"session_identifier"`
	// RefreshURL is where the browser renews the bound cookies: a path or URL of the same
	// site. Empty means the URL of the request that these Instructions answer.
	RefreshURL string `json:"refresh_url,omitempty"`
	// Scope is which requests wait for a refresh if they lack a bound cookie. The zero
	// Scope is the origin of that URL.
	Scope Scope `json:"scope"`
	// Credentials are the bound cookies, at least one.
	Credentials []Credential `json:"credentials"`
	// RefreshInitiators are hosts of other sites, or patterns as in Rule.Domain, whose
	// requests to the scope may wait for a refresh too. Empty means none.
	RefreshInitiators []string `json:"allowed_refresh_initiators,omitempty"`
}

// A Scope is the set of URLs that a session protects (section 9.7).
type Scope struct {
	// Origin, such as https://example.com; empty for that of the request.
	Origin string `json:"origin,omitempty"`
	// IncludeSite extends the scope to all hosts of the site. Browsers accept it only if
	// the host of Origin is the registrable domain.
	IncludeSite bool `json:"include_site"`
	// Rules are exceptions. The last that matches a URL wins.
	Rules []Rule `json:"scope_specification,omitempty"`
}

// A Rule includes URLs in a Scope, or excludes them (section 9.8).
type Rule struct {
	Type string `json:"type"` // Include or Exclude
	// Domain is a host, *.example.com for all hosts below one, or * or empty for all.
	Domain string `json:"domain,omitempty"`
	// Path is a path, from the slash on, and everything below it. Empty means all.
	Path string `json:"path,omitempty"`
}

// Types of a Rule.
const (
	Include = "include"
	Exclude = "exclude"
)

// A Credential is a bound cookie (section 9.9).
type Credential struct {
	Name string // of the cookie
	// Attributes as in the Set-Cookie line: Domain, Path, Secure, HttpOnly and SameSite
	// must equal the cookie's, or browsers refresh before each request. Others are an
	// error: Chromium 156 starts no session with Max-Age, Expires or Partitioned in it.
	Attributes string
}

// MarshalJSON writes the credential with the type that the draft requires.
func (c Credential) MarshalJSON() ([]byte, error) {
	return json.Marshal(struct {
		Type       string `json:"type"`
		Name       string `json:"name"`
		Attributes string `json:"attributes,omitempty"`
	}{"cookie", c.Name, c.Attributes})
}

// Write sends the instructions as the response, with status 200. Set the bound cookies and
// the next challenge before: without one the browser forgets the challenge that it has, and
// has to ask for another at the next refresh. The error is ErrInstructions, then nothing was sent, or the
// ResponseWriter's.
func (i Instructions) Write(w http.ResponseWriter) error {
	if why := i.problem(); why != "" {
		return fmt.Errorf("%w: %s", ErrInstructions, why)
	}
	return write(w, i)
}

// ParseInstructions reads instructions as a browser does. The error is ErrInstructions and
// says why the browser would not start a session, or end it: that is also what
// {"continue":false} is for.
func ParseInstructions(text []byte) (Instructions, error) {
	var exact map[string]json.RawMessage // encoding/json takes names in capitals too
	if json.Unmarshal(text, &exact) == nil {
		maps.DeleteFunc(exact, func(name string, _ json.RawMessage) bool { return name != strings.ToLower(name) })
		text, _ = json.Marshal(exact)
	}
	var i Instructions
	var required struct {
		Continue *bool
		Scope    *struct {
			IncludeSite *bool                            `json:"include_site"`
			Rules       []struct{ Domain, Path *string } `json:"scope_specification"`
		}
		Credentials []struct{ Type string }
	}
	if json.Unmarshal(text, &i) != nil || json.Unmarshal(text, &required) != nil {
		return Instructions{}, fmt.Errorf("%w: it is not a JSON object with members of the right types", ErrInstructions)
	}
	why := i.problem()
	switch {
	case required.Continue != nil && !*required.Continue:
		why = "the server ends the session"
	case why != "":
	case required.Scope == nil || required.Scope.IncludeSite == nil:
		why = "there is no scope with include_site"
	default:
		for _, r := range required.Scope.Rules {
			if r.Domain != nil && *r.Domain == "" || r.Path != nil && *r.Path == "" {
				why = "a rule's domain or path is empty, not absent"
			}
		}
	}
	for _, c := range required.Credentials {
		if c.Type != "cookie" && why == "" {
			why = "a credential has not the type cookie"
		}
	}
	if why != "" {
		return Instructions{}, fmt.Errorf("%w: %s", ErrInstructions, why)
	}
	return i, nil
}

// WriteEnd sends {"continue":false} as the response, with status 200: the browser forgets
// the session and its key. The server's session has to be ended apart from that.
func WriteEnd(w http.ResponseWriter) error {
	return write(w, map[string]bool{"continue": false})
}

func write(w http.ResponseWriter, v any) error {
	text, _ := json.Marshal(v) // of strings and booleans
	w.Header().Set("Content-Type", "application/json")
	_, err := w.Write(text)
	return err
}

// boundAttributes are those that Chromium 156 allows in a credential.
var boundAttributes = []string{"domain", "path", "secure", "httponly", "samesite"}

// problem returns why browsers would end the session (section 8.9), "" if they would not.
func (i Instructions) problem() string {
	if i.SessionID == "" || strings.ContainsFunc(i.SessionID, func(r rune) bool { return r < ' ' || r > '~' }) {
		return "the session identifier is empty or not printable ASCII"
	}
	if len(i.Credentials) == 0 {
		return "there are no credentials"
	}
	for _, c := range i.Credentials {
		if c.Name == "" || strings.ContainsAny(c.Name, "=;") {
			return fmt.Sprintf("a credential has the name %q", c.Name)
		}
		attributes := strings.TrimSuffix(strings.TrimRight(c.Attributes, " \t"), ";")
		for attribute := range strings.SplitSeq(attributes, ";") {
			name, _, _ := strings.Cut(attribute, "=")
			name = strings.ToLower(strings.Trim(name, " \t"))
			if attributes != "" && !slices.Contains(boundAttributes, name) {
				return fmt.Sprintf("the attribute %q of a credential is not Domain, Path, Secure, HttpOnly or SameSite", name)
			}
		}
	}
	for _, r := range i.Scope.Rules {
		if r.Type != Include && r.Type != Exclude {
			return fmt.Sprintf("the rule's type is %q, not include or exclude", r.Type)
		}
		if !isPattern(r.Domain) || strings.ContainsAny(r.Domain, ":/") && r.Domain[0] != '[' {
			return fmt.Sprintf("the rule's domain %q is not a host", r.Domain)
		}
		if r.Path != "" && r.Path[0] != '/' {
			return fmt.Sprintf("the rule's path %q does not begin with a slash", r.Path)
		}
	}
	for _, host := range i.RefreshInitiators {
		if host == "" || !isPattern(host) {
			return fmt.Sprintf("the refresh initiator %q is not a host", host)
		}
	}
	return ""
}

// isPattern reports whether each * is one of those that Rule.Domain may have.
func isPattern(host string) bool {
	return host == "*" || !strings.Contains(strings.TrimPrefix(host, "*."), "*")
}
