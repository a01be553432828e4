package session

import (
	"context"
	"time"
)

// A Record is a session as a store keeps it.
type Record struct {
	Data    []byte    // JSON, in UTF-8; empty: reserved by Renew, not yet a session
	Version string    // changes with every write of Data or Binding
	Expires time.Time // whole seconds; when it ends if it is not used
	Ends    time.Time // whole seconds; when it ends in any case
	Started time.Time // zero if an earlier version of this package wrote the record
	Mark    string    // the user's mark when the session was started; see Store
	Binding []byte    // what binds the session to a device, at most MaxBinding bytes
}

// expired reports whether a record has expired.
func (rec *Record) expired() bool {
	now := time.Now()
	return !now.Before(rec.Expires) || !now.Before(rec.Ends)
}

// ended reports whether a record is not yet a session, or has expired.
func (rec *Record) ended() bool { return len(rec.Data) == 0 || rec.expired() }

// MaxBinding is the most bytes of a Binding.
const MaxBinding = 4096

// A Listed is what a store lists of a record, without its data.
type Listed struct {
	Key                    Key
	Mark                   string
	Started, Expires, Ends time.Time
}

// A Store keeps sessions, and a mark for each user whose sessions were all ended at once.
// Package dynamostore has one on Amazon DynamoDB; Memory is for tests and for programs of
// one process. Package sessiontest tests a Store.
//
// Every method is safe for concurrent use, sees what returned before it began, and stops
// when ctx is done. All except List are atomic. A store may remove a record after its
// Expires, but need not: the Manager compares the time again.
//
// Create and Replace return ErrTooLarge, and write nothing, for more Data than the store
// keeps: at least 64 KiB, in addition to a Binding of MaxBinding bytes.
type Store interface {
	// Create adds a record under a key that is not in use.
	Create(ctx context.Context, k Key, rec Record) error
	// Get returns a record, ErrNone if there is none. It may return an expired one.
	Get(ctx context.Context, k Key) (Record, error)
	// Replace writes Data, Version and Expires of rec, and its Binding unless that is
	// empty, to a record that still has this version. Ends, Started and Mark stay. It
	// returns ErrConflict if the record has another version, and ErrNone if there is
	// none or it has expired; then nothing was written. After any other error rec may
	// have been written.
	Replace(ctx context.Context, k Key, rec Record, version string) error
	// Touch moves Expires to a later time; a record that expires even later does not
	// change. It returns ErrNone if there is none or it has expired.
	Touch(ctx context.Context, k Key, expires time.Time) error
	// Delete removes a record and returns it. Only one of several calls gets it; the
	// others get ErrNone.
	Delete(ctx context.Context, k Key) (Record, error)
	// List returns a user's records, in any order. It need not be a snapshot: it may or
	// may not have records that are created or deleted meanwhile, but has all others.
	// It may have expired ones.
	List(ctx context.Context, user Handle) ([]Listed, error)
	// Mark returns a user's mark, "" if there is none.
	Mark(ctx context.Context, user Handle) (string, error)
	// SetMark sets a user's mark, which is not empty. After expires the store may remove
	// it, but need not.
	SetMark(ctx context.Context, user Handle, mark string, expires time.Time) error
}
