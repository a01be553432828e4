package session

import (
	"context"
	"time"
)

// A Record is a session as a store keeps it.
type Record struct {
	Data    []byte    // JSON, in UTF-8; empty: a place kept by Renew, no session yet
	Version string    // differs after every write of Data or Binding
	Expires time.Time // whole seconds; when it ends if it is not used
	Ends    time.Time // whole seconds; when it ends in any case
	Started time.Time // zero in records of versions that did not write it
	Mark    string    // the user's mark when the session was started; see Store
	Binding []byte    // what binds the session to a device, at most MaxBinding bytes
}

// expired reports whether the time of a record is over.
func (rec *Record) expired() bool {
	now := time.Now()
	return !now.Before(rec.Expires) || !now.Before(rec.Ends)
}

// ended reports whether a record is not a session, or not any longer.
func (rec *Record) ended() bool { return len(rec.Data) == 0 || rec.expired() }

// MaxBinding is the most bytes of a Binding.
const MaxBinding = 4096

// A Listed is what a store says of a record without reading all of it.
type Listed struct {
	Key                    Key
	Mark                   string
	Started, Expires, Ends time.Time
}

// A Store keeps sessions, and a mark for each user whose sessions were ended all
// at once. The one on Amazon DynamoDB is in package dynamostore; Memory is for
// tests and programs of one process. Package sessiontest tests one.
//
// Every method is safe for concurrent use, sees whatever returned before it began,
// and stops when ctx is done. All but List take effect wholly or not at all. A
// store may remove a record from its Expires on, and need not. The Manager
// compares the time again.
//
// Create and Replace return ErrTooLarge, and write nothing, for more Data than the
// store keeps: at least 64 KiB, beside a Binding of MaxBinding bytes.
type Store interface {
	// Create adds a record under a key that is not in use.
	Create(ctx context.Context, k Key, rec Record) error
	// Get returns a record, ErrNone when there is none. An expired one may still
	// be returned.
	Get(ctx context.Context, k Key) (Record, error)
	// Replace writes Data, Version and Expires of rec, and its Binding unless that
	// is empty, in place of a record that has this version still. Ends, Started and
	// Mark stay. It returns ErrConflict when it has another one and nothing was
	// written, ErrNone when there is none or it has expired. After another error it
	// may have been written.
	Replace(ctx context.Context, k Key, rec Record, version string) error
	// Touch moves Expires to a later time; a record that expires even later stays
	// as it is. It returns ErrNone when there is none or it has expired.
	Touch(ctx context.Context, k Key, expires time.Time) error
	// Delete removes a record and returns it. Of several calls one gets it, and
	// the others ErrNone.
	Delete(ctx context.Context, k Key) (Record, error)
	// List returns what there is of a user, in any order. It need not be of one
	// moment: records that come or go meanwhile may be in it or not, but one that is
	// there all the time is. Expired ones may still be returned.
	List(ctx context.Context, user Handle) ([]Listed, error)
	// Mark returns a user's mark, "" when there is none.
	Mark(ctx context.Context, user Handle) (string, error)
	// SetMark sets a user's mark, which is not empty. From expires on the store may
	// remove it, and need not.
	SetMark(ctx context.Context, user Handle, mark string, expires time.Time) error
}
