package sessiontest_test

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/crumb-go/crumb/shared/session"
)

// A forgetful store has a fault that lets sessions outlive their end: signOutFaults has what
// notices it. Its operations are requests of TestSignOut, except those of memory.
type forgetful struct {
	session.Store
	memory *session.Memory
	fault  string
	lists  sync.Map // of users, as first read
	marks  sync.Map // also
}

// forgives returns other instead of an error of a request, if the fault is this one.
func (f *forgetful) forgives(fault string, err, other error) error {
	if f.fault == fault && err != nil && !errors.Is(err, session.ErrNone) && !errors.Is(err, session.ErrConflict) {
		return other
	}
	return err
}

func (f *forgetful) Create(ctx context.Context, k session.Key, rec session.Record) error {
	if f.fault == "create-forgets-mark" {
		rec.Mark = ""
	}
	return f.forgives("create-forgives", f.Store.Create(ctx, k, rec), nil)
}

func (f *forgetful) Get(ctx context.Context, k session.Key) (session.Record, error) {
	rec, err := f.Store.Get(ctx, k)
	return rec, f.forgives("get-forgives", err, session.ErrNone)
}

func (f *forgetful) Replace(ctx context.Context, k session.Key, rec session.Record, version string) error {
	if f.fault == "replace-is-two-requests" {
		was, err := f.Store.Get(ctx, k)
		if err != nil {
			return err
		}
		if was.Version != version {
			return session.ErrConflict
		}
		rec.Mark, rec.Started, rec.Ends = was.Mark, was.Started, was.Ends
		return f.Store.Create(ctx, k, rec)
	}
	return f.forgives("replace-forgives", f.Store.Replace(ctx, k, rec, version), nil)
}

func (f *forgetful) Delete(ctx context.Context, k session.Key) (session.Record, error) {
	switch f.fault {
	case "delete-is-two-requests":
		rec, err := f.Store.Get(ctx, k)
		if err != nil {
			return rec, err
		}
		if _, err := f.Store.Delete(ctx, k); !errors.Is(err, session.ErrNone) {
			return rec, err
		}
		return rec, nil
	case "delete-deletes-nothing":
		return f.Store.Get(ctx, k)
	case "delete-forgets-mark":
		_ = f.memory.SetMark(ctx, k.User, "", time.Now())
	}
	rec, err := f.Store.Delete(ctx, k)
	return rec, f.forgives("delete-forgives", err, session.ErrNone)
}

func (f *forgetful) List(ctx context.Context, user session.Handle) ([]session.Listed, error) {
	all, err := f.Store.List(ctx, user)
	switch f.fault {
	case "list-misses-first":
		all = all[min(1, len(all)):]
	case "list-misses-last":
		all = all[:max(0, len(all)-1)]
	case "list-is-old":
		was, _ := f.lists.LoadOrStore(user, all)
		all = was.([]session.Listed)
	}
	for i := range all {
		switch f.fault {
		case "list-forgets-start":
			all[i].Started = time.Time{}
		case "list-forgets-expires":
			all[i].Expires = time.Time{}
		}
	}
	return all, f.forgives("list-forgives", err, nil)
}

func (f *forgetful) Mark(ctx context.Context, user session.Handle) (string, error) {
	mark, err := f.Store.Mark(ctx, user)
	if f.fault == "mark-is-old" {
		was, _ := f.marks.LoadOrStore(user, mark)
		mark = was.(string)
	}
	return mark, f.forgives("mark-forgives", err, nil)
}

func (f *forgetful) SetMark(ctx context.Context, user session.Handle, mark string, expires time.Time) error {
	if f.fault == "set-mark-sets-nothing" {
		return nil
	}
	return f.forgives("set-mark-forgives", f.Store.SetMark(ctx, user, mark, expires), nil)
}
