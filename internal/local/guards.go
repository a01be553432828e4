package local

import (
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/crumb-go/crumb/internal/app"
	"github.com/crumb-go/crumb/internal/authorizer"
	"github.com/crumb-go/crumb/internal/token"
)

// guards returns how the guards of api, which is one of a's, are checked.
func (s *site) guards(a *app.App, api *app.API) (c authorizer.Config, err error) {
	o := &s.options
	c.InsecureSkip, c.Claims, c.Verify = o.InsecureSkipAuthorizers, token.Assume, s.trust.Verifier(a, api)
	if c.InsecureSkip {
		c.Assumed, err = o.readClaims(a)
	} else if takesProjectKey(api) {
		c.Key, err = projectKey(s.keyFile)
	}
	return c, err
}

// readClaims reads ClaimsFile.
func (o *Options) readClaims(a *app.App) (authorizer.Assumed, error) {
	if o.ClaimsFile == "" {
		return authorizer.Assumed{}, nil
	}
	text, err := os.ReadFile(o.ClaimsFile)
	if err != nil {
		return authorizer.Assumed{}, err
	}
	var names []string
	for _, api := range a.APIs {
		for _, d := range api.Authorizers {
			names = append(names, d.Name)
		}
	}
	assumed, err := authorizer.ReadAssumed(string(text), names)
	if err != nil {
		err = fmt.Errorf("%s: %w", o.ClaimsFile, err)
	}
	return assumed, err
}

// takesProjectKey tells whether a route of api is opened by the project's key.
func takesProjectKey(api *app.API) bool {
	if !authorizer.TakesProjectKey(api) {
		return false
	}
	if api.CORS != nil && api.CORS.APIKey {
		return true
	}
	for _, r := range slices.Concat(api.Routes, api.Mocks) {
		if r.APIKey {
			return true
		}
	}
	return false
}

// projectKey returns the API key in a file that only the user can read, and makes one
// if there is none. It stays until the file is deleted.
func projectKey(file string) (string, error) {
	text, err := os.ReadFile(file)
	if key := strings.TrimSpace(string(text)); key != "" {
		return key, nil
	}
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return "", err
	}
	key := rand.Text()
	err = os.MkdirAll(filepath.Dir(file), 0o700)
	if err == nil {
		err = os.WriteFile(file, []byte(key+"\n"), 0o600)
	}
	if err != nil {
		return "", fmt.Errorf("keep the project's API key: %w", err)
	}
	return key, nil
}
