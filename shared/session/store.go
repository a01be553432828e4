package session

import (
	"context"
	"time"
)

// A Record is a session as a store keeps it.
type Record struct {
	Data    []byte    // JSON, in UTF-8
	Version string    // differs after every write of Data
	Expires time.Time // whole seconds; when it ends if it is not used
	Ends    time.Time // whole seconds; when it ends in any case
}

// ended reports whether a record is one no more.
func (rec *Record) ended() bool {
	now := time.Now()
	return !now.Before(rec.Expires) || !now.Before(rec.Ends)
}

// A Store keeps sessions. The one on Amazon DynamoDB is in package dynamostore;
// Memory is for tests and programs of one process. Package sessiontest tests one.
//
// Every method is safe for concurrent use, takes effect wholly or not at all,
// sees whatever returned before it began, and stops when ctx is done. A store may
// remove a record from its Expires on, and need not. The Manager compares the
// time again.
type Store interface {
	// Create adds a record under a key that is not in use.
	Create(ctx context.Context, k Key, rec Record) error
	// Get returns a record, ErrNone when there is none. An expired one may still
	// be returned.
	Get(ctx context.Context, k Key) (Record, error)
	// Replace writes Data, Version and Expires of rec in place of a record that
	// has this version still. It returns ErrConflict when it has another one and
	// nothing was written, ErrNone when there is none or it has expired. After
	// another error it may have been written.
	Replace(ctx context.Context, k Key, rec Record, version string) error
	// Touch moves Expires to a later time; a record that expires even later stays
	// as it is. It returns ErrNone when there is none or it has expired.
	Touch(ctx context.Context, k Key, expires time.Time) error
	// Delete removes a record and returns it. Of several calls one gets it, and
	// the others ErrNone.
	Delete(ctx context.Context, k Key) (Record, error)
	// DeleteUser removes all records of a user that are there when it is called.
	// After an error some may be gone.
	DeleteUser(ctx context.Context, user Handle) error
}
