package token

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"strings"
	"sync"
	"time"

	"github.com/go-jose/go-jose/v4"
)

// Limits on a key set from a URL. AWS keeps one for up to two hours.
const (
	maxKeySet    = 1 << 20 // bytes, of a file too
	fetchTimeout = 5 * time.Second
	keptFor      = time.Hour
	pause        = 10 * time.Second // between two calls, after a failure or for an unknown id
)

// A keySet is a JSON Web Key Set (RFC 7517 section 5) in a file or at a URL.
type keySet struct {
	name string // for messages: without credentials and query
	file string
	url  string

	client http.Client

	mu     sync.Mutex
	keys   []jose.JSONWebKey
	err    error
	called time.Time
}

func isURL(place string) bool {
	scheme, _, found := strings.Cut(strings.ToLower(place), "://")
	return found && (scheme == "http" || scheme == "https")
}

func newKeySet(place string) (*keySet, error) {
	if !isURL(place) {
		s := &keySet{name: place, file: place}
		_, err := s.read()
		return s, err
	}
	u, err := url.Parse(place)
	if err != nil || u.Host == "" {
		return nil, errors.New("the URL of a key set is malformed")
	}
	return &keySet{name: u.Scheme + "://" + u.Host + u.EscapedPath(), url: place, client: http.Client{CheckRedirect: checkRedirect}}, nil
}

// Find implements [Keys].
func (s *keySet) Find(ctx context.Context, id string) ([]jose.JSONWebKey, error) {
	if s.file != "" {
		keys, err := s.read()
		return withID(keys, id), err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	age := time.Since(s.called)
	found := withID(s.keys, id)
	if s.called.IsZero() || age >= keptFor || len(found) == 0 && age >= pause {
		s.keys, s.err = s.fetch(context.WithoutCancel(ctx)) // for later tokens too
		s.called = time.Now()
		found = withID(s.keys, id)
	}
	return found, s.err
}

func withID(keys []jose.JSONWebKey, id string) (found []jose.JSONWebKey) {
	return (&jose.JSONWebKeySet{Keys: keys}).Key(id)
}

func (s *keySet) read() ([]jose.JSONWebKey, error) {
	f, err := os.Open(s.file)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return s.parse(f)
}

// checkRedirect lets a redirect lead to https, or from http to http.
func checkRedirect(next *http.Request, via []*http.Request) error {
	if len(via) >= 5 || next.URL.Scheme != "https" && next.URL.Scheme != via[0].URL.Scheme {
		return errors.New("too many redirects, or one to another scheme")
	}
	return nil
}

func (s *keySet) fetch(ctx context.Context) ([]jose.JSONWebKey, error) {
	ctx, cancel := context.WithTimeout(ctx, fetchTimeout)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, s.url, nil)
	if err != nil {
		return nil, s.failed(err)
	}
	response, err := s.client.Do(req)
	if err != nil {
		return nil, s.failed(err)
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return nil, s.failed(errors.New("status " + response.Status))
	}
	return s.parse(response.Body)
}

func (s *keySet) failed(err error) error {
	if called := (*url.Error)(nil); errors.As(err, &called) { // its text has the URL, query included
		err = called.Err
	}
	return fmt.Errorf("read key set %s: %w", s.name, err)
}

// parse reads a set. Keys of a kind that is not supported are left out.
func (s *keySet) parse(r io.Reader) ([]jose.JSONWebKey, error) {
	text, err := io.ReadAll(io.LimitReader(r, maxKeySet+1))
	if err != nil {
		return nil, s.failed(err)
	}
	if len(text) > maxKeySet {
		return nil, s.failed(fmt.Errorf("over %d bytes", maxKeySet))
	}
	var set struct{ Keys []json.RawMessage }
	if err := json.Unmarshal(text, &set); err != nil || set.Keys == nil {
		return nil, s.failed(errors.New("not a JSON Web Key Set"))
	}
	var keys []jose.JSONWebKey
	for _, one := range set.Keys {
		var key jose.JSONWebKey
		if json.Unmarshal(one, &key) != nil {
			continue
		}
		if public := key.Public(); public.Valid() { // not of a symmetric key
			keys = append(keys, public)
		}
	}
	return keys, nil
}
