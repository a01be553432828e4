package sessiontest

import (
	"bytes"
	"context"
	"slices"
	"time"

	"github.com/crumb-go/crumb/shared/session"
)

// Operations opens s for TestSignOut as if each of its operations were one request, except
// List. That makes one request for each record, in the order of ids, and one more, so that
// it is not a snapshot, as with other stores.
func Operations(s session.Store) func(w Wire) session.Store {
	return func(w Wire) session.Store { return operations{s, w} }
}

type operations struct {
	session.Store
	wire Wire
}

func (o operations) Create(ctx context.Context, k session.Key, rec session.Record) error {
	return o.wire(ctx, func() error { return o.Store.Create(ctx, k, rec) })
}

func (o operations) Get(ctx context.Context, k session.Key) (rec session.Record, err error) {
	err = o.wire(ctx, func() error { rec, err = o.Store.Get(ctx, k); return err })
	return rec, err
}

func (o operations) Replace(ctx context.Context, k session.Key, rec session.Record, version string) error {
	return o.wire(ctx, func() error { return o.Store.Replace(ctx, k, rec, version) })
}

func (o operations) Touch(ctx context.Context, k session.Key, expires time.Time) error {
	return o.wire(ctx, func() error { return o.Store.Touch(ctx, k, expires) })
}

func (o operations) Delete(ctx context.Context, k session.Key) (rec session.Record, err error) {
	err = o.wire(ctx, func() error { rec, err = o.Store.Delete(ctx, k); return err })
	return rec, err
}

func (o operations) Mark(ctx context.Context, user session.Handle) (mark string, err error) {
	err = o.wire(ctx, func() error { mark, err = o.Store.Mark(ctx, user); return err })
	return mark, err
}

func (o operations) SetMark(ctx context.Context, user session.Handle, mark string, expires time.Time) error {
	return o.wire(ctx, func() error { return o.Store.SetMark(ctx, user, mark, expires) })
}

func (o operations) List(ctx context.Context, user session.Handle) (found []session.Listed, err error) {
	for {
		var next *session.Listed
		err := o.wire(ctx, func() error {
			all, err := o.Store.List(ctx, user)
			slices.SortFunc(all, func(a, b session.Listed) int { return bytes.Compare(a.Key.ID[:], b.Key.ID[:]) })
			for i, l := range all {
				if len(found) == 0 || bytes.Compare(found[len(found)-1].Key.ID[:], l.Key.ID[:]) < 0 {
					next = &all[i]
					break
				}
			}
			return err
		})
		if err != nil {
			return nil, err
		}
		if next == nil {
			return found, nil
		}
		found = append(found, *next)
	}
}
