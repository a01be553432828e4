package session

import (
	"bytes"
	"context"
	"sync"
	"time"
)

// Memory is a Store in the memory of one process, for tests and for programs that run as
// a single process without restarts: in Lambda, every instance would have other sessions.
// Its zero value is empty and ready to use.
type Memory struct {
	mu    sync.Mutex
	users map[Handle]map[Key]Record
	marks map[Handle]mark
}

type mark struct {
	text    string
	expires time.Time
}

// Create implements Store. It also removes the user's expired records.
func (m *Memory) Create(ctx context.Context, k Key, rec Record) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if err := ctx.Err(); err != nil {
		return err
	}
	if m.users == nil {
		m.users = map[Handle]map[Key]Record{}
	}
	if m.users[k.User] == nil {
		m.users[k.User] = map[Key]Record{}
	}
	for old, was := range m.users[k.User] {
		if was.expired() {
			delete(m.users[k.User], old)
		}
	}
	m.users[k.User][k] = rec.clone()
	return nil
}

// Get implements Store.
func (m *Memory) Get(ctx context.Context, k Key) (Record, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.get(ctx, k)
}

func (m *Memory) get(ctx context.Context, k Key) (Record, error) {
	if err := ctx.Err(); err != nil {
		return Record{}, err
	}
	rec, ok := m.users[k.User][k]
	if !ok || rec.expired() {
		return Record{}, ErrNone
	}
	return rec.clone(), nil
}

// Replace implements Store.
func (m *Memory) Replace(ctx context.Context, k Key, rec Record, version string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	next, err := m.get(ctx, k)
	if err != nil {
		return err
	}
	if next.Version != version {
		return ErrConflict
	}
	rec = rec.clone()
	next.Data, next.Version, next.Expires = rec.Data, rec.Version, rec.Expires
	if len(rec.Binding) > 0 {
		next.Binding = rec.Binding
	}
	m.users[k.User][k] = next
	return nil
}

// Touch implements Store.
func (m *Memory) Touch(ctx context.Context, k Key, expires time.Time) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	rec, err := m.get(ctx, k)
	if err != nil {
		return err
	}
	if expires.After(rec.Expires) {
		rec.Expires = expires
		m.users[k.User][k] = rec
	}
	return nil
}

// Delete implements Store.
func (m *Memory) Delete(ctx context.Context, k Key) (Record, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	rec, err := m.get(ctx, k)
	if err != nil {
		return Record{}, err
	}
	delete(m.users[k.User], k)
	if len(m.users[k.User]) == 0 {
		delete(m.users, k.User)
	}
	return rec, nil
}

// List implements Store.
func (m *Memory) List(ctx context.Context, user Handle) ([]Listed, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	var all []Listed
	for k, rec := range m.users[user] {
		all = append(all, Listed{k, rec.Mark, rec.Started, rec.Expires, rec.Ends})
	}
	return all, nil
}

// Mark implements Store.
func (m *Memory) Mark(ctx context.Context, user Handle) (string, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if err := ctx.Err(); err != nil {
		return "", err
	}
	if !time.Now().Before(m.marks[user].expires) {
		delete(m.marks, user)
	}
	return m.marks[user].text, nil
}

// SetMark implements Store.
func (m *Memory) SetMark(ctx context.Context, user Handle, text string, expires time.Time) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if err := ctx.Err(); err != nil {
		return err
	}
	if m.marks == nil {
		m.marks = map[Handle]mark{}
	}
	m.marks[user] = mark{text, expires}
	return nil
}

func (rec Record) clone() Record {
	rec.Data, rec.Binding = bytes.Clone(rec.Data), bytes.Clone(rec.Binding)
	return rec
}
