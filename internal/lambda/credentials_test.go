package lambda_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/crumb-go/crumb/internal/lambda"
)

// A process gets credentials when it starts, and no event once they have expired.
func TestCredentials(t *testing.T) {
	for name, test := range map[string]struct {
		left time.Duration // until they expire; 0: never
		want []string
	}{
		"never":     {0, []string{"key-1", "key-1"}},
		"long":      {time.Hour, []string{"key-1", "key-1"}},
		"too-short": {-time.Hour, []string{"key-1", "key-2"}}, // each serves one event
	} {
		t.Run(name, func(t *testing.T) {
			var calls atomic.Int32
			p, _ := start(t, lambda.Function{
				Env: map[string]string{"AWS_ACCESS_KEY_ID": "local"},
				Credentials: func(context.Context) (map[string]string, time.Time, error) {
					expires := time.Time{}
					if test.left != 0 {
						expires = time.Now().Add(test.left)
					}
					return map[string]string{"AWS_ACCESS_KEY_ID": fmt.Sprint("key-", calls.Add(1))}, expires, nil
				},
			}, lambda.Config{MaxSandboxes: 1})
			var got []string
			for range 2 {
				for _, line := range must(t, p, `{"Do":"env"}`).Env {
					if key, ok := strings.CutPrefix(line, "AWS_ACCESS_KEY_ID="); ok {
						got = append(got, key)
					}
				}
			}
			if !slices.Equal(got, test.want) {
				t.Errorf("two events have the keys %q, want %q", got, test.want)
			}
		})
	}
}

// An idle process ends when its credentials expire.
func TestIdleCredentials(t *testing.T) {
	needSIGTERM(t)
	p, logs := start(t, lambda.Function{
		Env: map[string]string{"EXTENSION": "polite"},
		Credentials: func(context.Context) (map[string]string, time.Time, error) {
			return nil, time.Now().Add(500 * time.Millisecond), nil
		},
	}, lambda.Config{})
	must(t, p, `{}`)
	logs.wait(t, 1, `^SIGTERM seen$`)
}

func TestNoCredentials(t *testing.T) {
	p, logs := start(t, lambda.Function{
		Credentials: func(context.Context) (map[string]string, time.Time, error) {
			return nil, time.Time{}, errors.New("sign in again")
		},
	}, lambda.Config{})
	var got *lambda.FunctionError
	if _, err := do(p, `{}`); !errors.As(err, &got) || !strings.HasSuffix(got.Message, "Error: sign in again") {
		t.Errorf("error %v, want the one of Credentials", err)
	}
	logs.wait(t, 1, `Error: sign in again$`)
}

// Close does not wait for a sign-in.
func TestCloseEndsCredentials(t *testing.T) {
	asked := make(chan bool)
	p, _ := start(t, lambda.Function{
		Credentials: func(ctx context.Context) (map[string]string, time.Time, error) {
			close(asked)
			<-ctx.Done()
			return nil, time.Time{}, ctx.Err()
		},
	}, lambda.Config{})
	waiting := invoke(p, `{}`)
	<-asked
	p.Close()
	if r := <-waiting; !errors.Is(r.err, lambda.ErrClosed) {
		t.Errorf("the event: %v, want ErrClosed", r.err)
	}
}
