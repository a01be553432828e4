package sessiontest_test

import (
	"context"
	"errors"
	"slices"
	"sync"
	"time"

	"github.com/crumb-go/crumb/shared/session"
)

// A faulty store has a fault: the rules that it breaks are in storeFaults.
type faulty struct {
	session.Store
	fault string

	mu      sync.Mutex
	kept    map[session.Key]session.Record // what was ever created or replaced
	deleted map[session.Key]bool
	written map[session.Key]bool // since the last Get
	last    session.Key
	marked  map[session.Handle]time.Time
}

func newFaulty(fault string, s session.Store) *faulty {
	return &faulty{
		Store: s, fault: fault, kept: map[session.Key]session.Record{}, deleted: map[session.Key]bool{},
		written: map[session.Key]bool{}, marked: map[session.Handle]time.Time{},
	}
}

var errOther = errors.New("another error")

const large = 300_000

func (f *faulty) key(k session.Key) session.Key {
	switch f.fault {
	case "users-share-keys":
		k.User = session.Handle{}
	case "tokens-share-keys":
		k.ID = [32]byte{}
	}
	return k
}

func (f *faulty) Create(ctx context.Context, k session.Key, rec session.Record) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	k = f.key(k)
	f.kept[k], f.last = rec, k
	switch tooMuch := len(rec.Data) > large; f.fault {
	case "create-drops-data":
		rec.Data = nil
	case "create-drops-version":
		rec.Version = ""
	case "create-drops-mark":
		rec.Mark = ""
	case "create-drops-binding":
		rec.Binding = nil
	case "create-drops-start":
		rec.Started = time.Time{}
	case "create-moves-expires":
		rec.Expires = rec.Expires.Add(time.Second)
	case "create-moves-ends":
		rec.Ends = rec.Expires
	case "create-invents-a-start":
		if rec.Started.IsZero() {
			rec.Started = time.Now()
		}
	case "create-refuses-64-KiB":
		if len(rec.Data) >= 64<<10 {
			return session.ErrTooLarge
		}
	case "create-cuts-data":
		rec.Data = rec.Data[:min(large, len(rec.Data))]
	case "create-writes-too-much":
		if err := f.Store.Create(ctx, k, rec); err != nil || tooMuch {
			return session.ErrTooLarge
		}
		return nil
	case "create-another-error":
		if tooMuch {
			return errOther
		}
	case "create-refuses-empty":
		if len(rec.Data) == 0 {
			return errOther
		}
	case "create-without-context":
		ctx = context.Background()
	}
	return f.Store.Create(ctx, k, rec)
}

func (f *faulty) Get(ctx context.Context, k session.Key) (session.Record, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	k = f.key(k)
	delete(f.written, k)
	if f.fault == "get-without-context" {
		ctx = context.Background()
	}
	rec, err := f.Store.Get(ctx, k)
	kept, ok := f.kept[k]
	switch expired := ok && !time.Now().Before(kept.Expires); {
	case f.fault == "get-finds-none" && err != nil && ctx.Err() == nil:
		return rec, nil
	case f.fault == "get-another-error" && err != nil:
		return rec, errOther
	case f.fault == "get-hides-empty" && err == nil && len(rec.Data) == 0:
		return rec, session.ErrNone
	case f.fault == "expired-is-an-error" && expired:
		return rec, errOther
	case f.fault == "expired-is-empty" && expired:
		return session.Record{}, nil
	case f.fault == "create-keeps-the-data" && err == nil:
		rec.Data = kept.Data
	case f.fault == "create-keeps-binding" && err == nil:
		rec.Binding = kept.Binding
	case f.fault == "replace-keeps-the-data" && err == nil:
		rec.Data = kept.Data
	}
	return rec, err
}

func (f *faulty) Replace(ctx context.Context, k session.Key, rec session.Record, version string) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	k = f.key(k)
	if f.fault == "replace-without-context" {
		ctx = context.Background()
	}
	was, err := f.Store.Get(ctx, k)
	_, known := f.kept[k]
	conflict := err == nil && was.Version != version
	switch tooMuch, none := len(rec.Data) > large, errors.Is(err, session.ErrNone); f.fault {
	case "replace-refuses-64-KiB":
		if len(rec.Data) >= 64<<10 {
			return session.ErrTooLarge
		}
	case "replace-writes-too-much":
		if err := f.Store.Replace(ctx, k, rec, version); err != nil || tooMuch {
			return session.ErrTooLarge
		}
		return nil
	case "replace-another-error":
		if tooMuch {
			return errOther
		}
	case "replace-creates":
		if none {
			return f.Store.Create(ctx, k, rec)
		}
	case "replace-restores", "delete-too-soon":
		if f.deleted[k] {
			return f.Store.Create(ctx, k, rec)
		}
	case "replace-revives":
		if none && known && !f.deleted[k] {
			return f.Store.Create(ctx, k, rec)
		}
	case "replace-any-version":
		version = was.Version
	case "replace-says-none":
		if conflict {
			return session.ErrNone
		}
	case "replace-says-nil":
		if conflict {
			return nil
		}
	case "replace-races":
		if conflict && f.written[k] {
			version = was.Version
		}
	case "replace-keeps-the-data":
		f.kept[k] = rec
	case "replace-keeps-data":
		rec.Data = was.Data
	case "replace-keeps-version":
		rec.Version = was.Version
	case "replace-keeps-expires":
		rec.Expires = was.Expires
	case "replace-keeps-binding":
		rec.Binding = nil
	case "replace-drops-binding", "replace-moves-ends", "replace-moves-start", "replace-changes-mark":
		if err != nil || conflict {
			break
		}
		next := was
		next.Data, next.Version, next.Expires = rec.Data, rec.Version, rec.Expires
		switch f.fault {
		case "replace-drops-binding":
			next.Binding = rec.Binding
		case "replace-moves-ends":
			next.Ends = rec.Ends
		case "replace-moves-start":
			next.Started = rec.Started
		case "replace-changes-mark":
			next.Mark = rec.Mark
		}
		return f.Store.Create(ctx, k, next)
	}
	f.written[k] = true
	return f.Store.Replace(ctx, k, rec, version)
}

func (f *faulty) Touch(ctx context.Context, k session.Key, expires time.Time) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	k = f.key(k)
	if f.fault == "touch-without-context" {
		ctx = context.Background()
	}
	was, err := f.Store.Get(ctx, k)
	kept, known := f.kept[k]
	none := errors.Is(err, session.ErrNone)
	kept.Expires = expires
	switch f.fault {
	case "touch-finds-none":
		if none {
			return nil
		}
	case "touch-creates":
		if none {
			return f.Store.Create(ctx, k, kept)
		}
	case "touch-restores", "delete-too-soon":
		if f.deleted[k] {
			return f.Store.Create(ctx, k, kept)
		}
	case "touch-revives":
		if none && known && !f.deleted[k] {
			return f.Store.Create(ctx, k, kept)
		}
	case "touch-does-nothing":
		return err
	case "touch-goes-back", "touch-drops-binding":
		if err != nil {
			break
		}
		if f.fault == "touch-drops-binding" {
			was.Binding = nil
		}
		was.Expires = expires
		return f.Store.Create(ctx, k, was)
	case "touch-refuses-earlier":
		if err == nil && expires.Before(was.Expires) {
			return session.ErrConflict
		}
	}
	f.written[k] = true
	return f.Store.Touch(ctx, k, expires)
}

func (f *faulty) Delete(ctx context.Context, k session.Key) (session.Record, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	k = f.key(k)
	switch f.fault {
	case "delete-without-context":
		ctx = context.Background()
	case "cancelled-delete-deletes":
		rec, err := f.Store.Delete(context.Background(), k)
		if ctx.Err() != nil {
			return session.Record{}, ctx.Err()
		}
		return rec, err
	case "delete-keeps":
		return f.Store.Get(ctx, k)
	case "delete-drops-mark":
		_ = f.Store.SetMark(ctx, k.User, "", time.Now())
	case "delete-too-soon": // what is written at the same time comes back
		if f.written[k] {
			return f.Store.Get(ctx, k)
		}
	}
	rec, err := f.Store.Delete(ctx, k)
	before := f.deleted[k]
	f.deleted[k] = f.deleted[k] || err == nil
	switch f.fault {
	case "delete-finds-none":
		if ctx.Err() == nil {
			err = nil
		}
	case "delete-returns-nothing":
		rec = session.Record{}
	case "delete-hides-empty":
		if len(rec.Data) == 0 {
			err = session.ErrNone
		}
	case "delete-races":
		if before {
			return f.kept[k], nil
		}
	case "delete-of-all":
		all, _ := f.Store.List(ctx, k.User)
		for _, l := range all {
			_, _ = f.Store.Delete(ctx, l.Key)
		}
	}
	return rec, err
}

func (f *faulty) List(ctx context.Context, user session.Handle) ([]session.Listed, error) {
	if f.fault == "list-without-context" {
		ctx = context.Background()
	}
	all, err := f.Store.List(ctx, user)
	switch f.fault {
	case "list-has-other-users":
		if f.last.User != user {
			all = append(all, session.Listed{Key: f.last})
		}
	case "list-has-marks":
		if mark, _ := f.Store.Mark(ctx, user); mark != "" {
			all = append(all, session.Listed{Key: session.Key{User: user}, Mark: mark})
		}
	case "list-misses-one":
		all = all[min(1, len(all)):]
	case "list-repeats-one":
		all = append(all, all[:min(1, len(all))]...)
	case "list-hides-empty":
		all = slices.DeleteFunc(all, func(l session.Listed) bool {
			rec, err := f.Store.Get(ctx, l.Key)
			return err == nil && len(rec.Data) == 0
		})
	}
	for i := range all {
		switch f.fault {
		case "list-drops-mark":
			all[i].Mark = ""
		case "list-drops-start":
			all[i].Started = time.Time{}
		case "list-drops-expires":
			all[i].Expires = time.Time{}
		case "list-drops-ends":
			all[i].Ends = time.Time{}
		}
	}
	return all, err
}

func (f *faulty) Mark(ctx context.Context, user session.Handle) (string, error) {
	switch f.fault {
	case "marks-are-shared":
		user = session.Handle{}
	case "mark-without-context":
		ctx = context.Background()
	}
	mark, err := f.Store.Mark(ctx, user)
	if f.fault == "mark-of-none" && err == nil && mark == "" {
		return "none", nil
	}
	return mark, err
}

func (f *faulty) SetMark(ctx context.Context, user session.Handle, mark string, expires time.Time) error {
	before := f.marked[user]
	switch {
	case f.fault == "marks-are-shared":
		user = session.Handle{}
	case f.fault == "set-mark-without-context":
		ctx = context.Background()
	case f.fault == "first-mark-stays" && !before.IsZero(), f.fault == "later-mark-stays" && before.After(expires):
		return ctx.Err()
	}
	f.marked[user] = expires
	return f.Store.SetMark(ctx, user, mark, expires)
}
