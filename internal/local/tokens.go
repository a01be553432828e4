package local

import (
	"path/filepath"

	"github.com/crumb-go/crumb/internal/app"
	"github.com/crumb-go/crumb/internal/gobuild"
	"github.com/crumb-go/crumb/internal/token"
)

// TokenKeys returns the keys that sign the tokens of a template's project, in its folder
// of the user's cache. It makes none.
func TokenKeys(a *app.App) (*token.ProjectKeys, error) {
	cache, err := gobuild.CacheDir(filepath.Dir(a.File))
	if err != nil {
		return nil, err
	}
	return &token.ProjectKeys{Dir: filepath.Join(cache, "token-keys")}, nil
}

// Token signs a token for one of the project's authorizers, by a name as token.Find takes
// it.
func (p *Project) Token(authorizer string, r token.Request) (text string, err error) {
	a := p.app()
	if _, r.Authorizer, err = token.Find(a, authorizer); err != nil {
		return "", err
	}
	keys, err := TokenKeys(a)
	if err != nil {
		return "", err
	}
	return keys.Sign(r)
}
