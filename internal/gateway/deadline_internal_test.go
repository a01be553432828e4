package gateway

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"
)

// TestDeadline starts and stops the clocks of a deadline and of one within it.
func TestDeadline(t *testing.T) {
	said := errors.New("what a reader said")
	for _, row := range []struct {
		name  string
		do    func(outer, inner *deadline, cancel context.CancelFunc)
		ended bool
		want  error
	}{
		{"never-started", func(_, _ *deadline, _ context.CancelFunc) { time.Sleep(time.Hour) }, false, said},
		{"passed", func(_, inner *deadline, _ context.CancelFunc) { inner.Start(time.Second); time.Sleep(time.Second) }, true, errPauseLimit},
		{"almost", func(_, inner *deadline, _ context.CancelFunc) { inner.Start(time.Second); time.Sleep(time.Second - 1) }, false, said},
		{"stopped", func(_, inner *deadline, _ context.CancelFunc) {
			inner.Start(time.Second)
			inner.Stop()
			time.Sleep(time.Hour)
		}, false, said},
		{"started-again", func(_, inner *deadline, _ context.CancelFunc) {
			for range 10 {
				inner.Start(time.Second)
				time.Sleep(time.Second / 2)
			}
		}, false, said},
		{"started-again-and-passed", func(_, inner *deadline, _ context.CancelFunc) {
			inner.Start(time.Hour)
			inner.Start(time.Second)
			time.Sleep(time.Second)
		}, true, errPauseLimit},
		{"no-limit", func(_, inner *deadline, _ context.CancelFunc) {
			inner.Start(time.Second)
			inner.Start(0)
			time.Sleep(time.Hour)
		}, false, said},
		{"parent-passed", func(outer, inner *deadline, _ context.CancelFunc) {
			outer.Start(time.Second)
			inner.Start(time.Minute)
			time.Sleep(time.Hour)
		}, true, errTimeLimit},
		{"canceled", func(_, _ *deadline, cancel context.CancelFunc) { cancel(); time.Sleep(time.Second) }, true, said},
		{"closed", func(_, inner *deadline, _ context.CancelFunc) {
			inner.Start(time.Second)
			inner.Close()
			time.Sleep(time.Hour)
		}, true, said},
	} {
		t.Run(row.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				ctx, cancel := context.WithCancel(t.Context())
				outer := newDeadline(ctx, errTimeLimit)
				inner := newDeadline(outer, errPauseLimit)
				row.do(outer, inner, cancel)
				synctest.Wait()
				if ended := inner.Err() != nil; ended != row.ended {
					t.Errorf("ended: %v, want %v", ended, row.ended)
				}
				if got := inner.Cause(said); got != row.want {
					t.Errorf("Cause = %v, want %v", got, row.want)
				}
				inner.Close()
				outer.Close()
				cancel()
			})
		})
	}
}
