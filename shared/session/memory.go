package session

import (
	"bytes"
	"context"
	"sync"
	"time"
)

// Memory is a Store in the memory of one process, for tests and programs that
// are neither restarted nor more than one: in Lambda, every instance would know
// other sessions. Its zero value is empty and ready.
type Memory struct {
	mu    sync.Mutex
	users map[Handle]map[Key]Record
}

// Create implements Store. It also removes what has expired of the user.
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
		if was.ended() {
			delete(m.users[k.User], old)
		}
	}
	rec.Data = bytes.Clone(rec.Data)
	m.users[k.User][k] = rec
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
	if !ok || rec.ended() {
		return Record{}, ErrNone
	}
	rec.Data = bytes.Clone(rec.Data)
	return rec, nil
}

// Replace implements Store.
func (m *Memory) Replace(ctx context.Context, k Key, rec Record, version string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	was, err := m.get(ctx, k)
	if err != nil {
		return err
	}
	if was.Version != version {
		return ErrConflict
	}
	rec.Data, rec.Ends = bytes.Clone(rec.Data), was.Ends
	m.users[k.User][k] = rec
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

// DeleteUser implements Store.
func (m *Memory) DeleteUser(ctx context.Context, user Handle) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if err := ctx.Err(); err != nil {
		return err
	}
	delete(m.users, user)
	return nil
}
