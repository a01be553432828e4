package keyring

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"
)

const (
	refreshAfter = 5 * time.Minute  // the ring is read again this long after the last time
	retryAfter   = 30 * time.Second // or after a failure, or while there is no key
	readTimeout  = 2 * time.Second  // of one reading while requests wait
	startTimeout = 5 * time.Second  // of the first one: half of what Lambda gives a start
)

// seconds is d as a number to compute with Unix seconds.
func seconds(d time.Duration) int64 { return int64(d / time.Second) }

// stale reports whether other instances may seal with a key that is newer than this
// set. now is in Unix seconds.
func (s *keyset) stale(now int64) bool {
	return now-s.read >= seconds(settling)
}

// sealing returns the index of the key that seals, -1 without keys. See SealingIndex.
func (s *keyset) sealing(now int64) int {
	for i := range s.keys {
		if now >= s.keys[i].settled {
			return i
		}
	}
	return len(s.keys) - 1
}

// index returns the index of the key with an id, -1 if there is none.
func (s *keyset) index(id [wireIDSize]byte) int {
	for i := range s.keys {
		if s.keys[i].id == id {
			return i
		}
	}
	return -1
}

// current returns the keys to use, and the time in Unix seconds. It reads the ring again
// if that is due. It waits for another caller's reading only if the keys are stale.
func (r *Ring) current(ctx context.Context) (*keyset, int64) {
	now := time.Now().Unix()
	if keys := r.keys.Load(); now-keys.read < seconds(refreshAfter) {
		return keys, now
	}
	r.refresh(ctx, now)
	if now = time.Now().Unix(); r.keys.Load().stale(now) {
		r.wait(ctx)
		now = time.Now().Unix()
	}
	return r.keys.Load(), now
}

// wait returns when the reading in progress, if any, ends or times out. It reports false
// if ctx ended first.
func (r *Ring) wait(ctx context.Context) bool {
	r.mu.Lock()
	reading := r.reading
	r.mu.Unlock()
	if reading == nil {
		return true
	}
	select {
	case <-reading:
		return true
	case <-ctx.Done():
		return false
	}
}

// refresh reads the ring again, unless another caller does, or a reading has failed less
// than retryAfter ago.
func (r *Ring) refresh(ctx context.Context, now int64) {
	r.mu.Lock()
	if r.reading != nil || now < r.due {
		r.mu.Unlock()
		return
	}
	// Other requests may wait for this reading: it must not fail if the client hangs up.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), readTimeout)
	r.reading, r.due = ctx.Done(), now+seconds(retryAfter)
	r.mu.Unlock()
	defer func() {
		r.mu.Lock()
		r.reading = nil
		r.mu.Unlock()
		cancel()
	}()
	if err := r.load(ctx, now); err != nil {
		slog.ErrorContext(ctx, "keyring refresh failed; keeping previous keys", "error", err)
	}
}

// load reads the ring again. On an error the keys stay.
func (r *Ring) load(ctx context.Context, now int64) error {
	text, err := r.read(ctx)
	if err != nil {
		return fmt.Errorf("keyring: reading the secret: %w", err)
	}
	keys, err := ready(text)
	if err != nil {
		return err
	}
	if len(keys) == 0 {
		if len(r.keys.Load().keys) > 0 {
			return errors.New("keyring: the secret has become empty")
		}
		return nil
	}
	r.keys.Store(&keyset{keys, now})
	return nil
}
