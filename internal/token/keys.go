package token

import (
	"context"
	"crypto/rand"
	"crypto/rsa"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/go-jose/go-jose/v4"
)

// How long a project's key signs, and how long after that it still verifies. No token
// that it signs lives longer, so none ends before its time.
const (
	signs      = 30 * 24 * time.Hour
	MaxExpires = signs // the longest life of a token
)

// ProjectKeys are the keys that sign a project's tokens: RSA keys of 2048 bits, for
// RS256, one in each file of a folder. A key is made when there is none to sign with,
// signs for 30 days, and verifies for 30 days more. Its methods may be called
// concurrently, also by several processes: a file is never changed, and appears whole.
//
// The folder is readable by the user only (on Windows as its parent is). Anyone who can
// read a key can sign tokens that crumb accepts on loopback, for this project. Deleting
// the folder ends all tokens at once.
type ProjectKeys struct {
	Dir string

	mu    sync.Mutex
	known map[string]jose.JSONWebKey // by id, those that were read
}

// Find implements [Keys]. It reads the folder each time, so that a new key is found and a
// deleted one is not.
func (p *ProjectKeys) Find(_ context.Context, id string) ([]jose.JSONWebKey, error) {
	ids, err := p.ids(signs + MaxExpires)
	if err != nil || !slices.Contains(ids, id) {
		return nil, err
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	key, known := p.known[id]
	if !known {
		if key, err = p.read(id); err != nil {
			return nil, err
		}
		key = key.Public()
		if p.known == nil {
			p.known = map[string]jose.JSONWebKey{}
		}
		p.known[id] = key
	}
	return []jose.JSONWebKey{key}, nil
}

// signing returns the newest key, which it makes if there is none or it is too old.
func (p *ProjectKeys) signing() (jose.JSONWebKey, error) {
	ids, err := p.ids(signs)
	if err != nil {
		return jose.JSONWebKey{}, err
	}
	if len(ids) > 0 {
		return p.read(ids[len(ids)-1])
	}
	return p.make()
}

const (
	madeFormat = "20060102T150405Z" // the beginning of an id
	suffix     = ".json"
	temporary  = ".new-" // begins the name of a file under way
)

// ids lists the keys that are younger than limit, the newest last.
func (p *ProjectKeys) ids(limit time.Duration) ([]string, error) {
	entries, err := os.ReadDir(p.Dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	var ids []string
	for _, e := range entries {
		id, isKey := strings.CutSuffix(e.Name(), suffix)
		made, _, _ := strings.Cut(id, "-")
		if at, err := time.Parse(madeFormat, made); isKey && err == nil && time.Since(at) < limit {
			ids = append(ids, id)
		}
	}
	return ids, err // ReadDir sorts by name, and so by time
}

func (p *ProjectKeys) read(id string) (key jose.JSONWebKey, err error) {
	text, err := os.ReadFile(filepath.Join(p.Dir, id+suffix))
	if err == nil {
		err = json.Unmarshal(text, &key)
	}
	if _, private := key.Key.(*rsa.PrivateKey); err == nil && (!private || key.KeyID != id) {
		err = fs.ErrInvalid
	}
	if err != nil { // its text may have parts of the key
		return jose.JSONWebKey{}, fmt.Errorf("%s is not a signing key of crumb, or cannot be read: delete it", filepath.Join(p.Dir, id+suffix))
	}
	return key, nil
}

// make makes a key, and removes those that no token can need.
func (p *ProjectKeys) make() (jose.JSONWebKey, error) {
	private, err := rsa.GenerateKey(rand.Reader, minBits)
	if err != nil {
		return jose.JSONWebKey{}, err
	}
	var random [8]byte
	rand.Read(random[:])
	id := time.Now().UTC().Format(madeFormat) + "-" + hex.EncodeToString(random[:])
	key := jose.JSONWebKey{Key: private, KeyID: id, Algorithm: string(jose.RS256), Use: "sig"}
	text, err := key.MarshalJSON()
	if err != nil {
		return jose.JSONWebKey{}, err
	}
	if err := errors.Join(os.MkdirAll(p.Dir, 0o700), os.Chmod(p.Dir, 0o700)); err != nil {
		return jose.JSONWebKey{}, err
	}
	if err := p.write(id+suffix, text); err != nil {
		return jose.JSONWebKey{}, err
	}
	p.sweep()
	return key, nil
}

// write writes a file that only its owner can read, as a whole or not at all.
func (p *ProjectKeys) write(name string, text []byte) error {
	f, err := os.CreateTemp(p.Dir, temporary) // has mode 0600
	if err != nil {
		return err
	}
	_, err = f.Write(text)
	if err = errors.Join(err, f.Close()); err == nil {
		err = os.Rename(f.Name(), filepath.Join(p.Dir, name))
	}
	if err != nil {
		os.Remove(f.Name())
	}
	return err
}

// sweep removes the keys that no token can need, and what a crumb that was killed has
// left. Another crumb may be doing the same.
func (p *ProjectKeys) sweep() {
	needed, err := p.ids(signs + MaxExpires)
	if err != nil {
		return
	}
	entries, _ := os.ReadDir(p.Dir)
	for _, e := range entries {
		id, isKey := strings.CutSuffix(e.Name(), suffix)
		info, err := e.Info()
		abandoned := strings.HasPrefix(e.Name(), temporary) && err == nil && time.Since(info.ModTime()) > time.Hour
		if isKey && !slices.Contains(needed, id) || abandoned {
			os.Remove(filepath.Join(p.Dir, e.Name()))
		}
	}
}
