// Package frontdoortest runs a handler on recorded Lambda events and compares
// its responses, byte for byte where cookies are concerned.
//
// # Use
//
// A folder holds requests as the doors deliver them, and beside each the response
// that it must get:
//
//	events/guest.rest.json   events/guest.rest.answer.json
//	events/guest.http.json   events/guest.http.answer.json
//
// and one test runs them all, each as a subtest of that name, guest.rest:
//
//	func TestEvents(t *testing.T) {
//		frontdoortest.Run(t, newHandler(), "events")
//	}
//
// The first response is best written by hand: it is what you want to happen. Later,
//
//	go test -v -run TestEvents -update
//
// writes the responses that the handler gives, over those that exist, for you to
// read as a diff; -v names each file that changes. A test package that imports
// this one cannot have an -update flag of its own.
//
// # What is fixed
//
// Each event gets its response in a testing/synctest bubble, where it is midnight UTC
// on 2000-01-01, and with testing/cryptotest's random source, seed 1. So dates,
// such as a cookie's Expires, and nonces are the same in every run. Lambda's
// request id is RequestID and the deadline is 3 seconds away. The handler itself
// is built outside of the bubble: it must not have read the clock, or started
// goroutines that it talks to, by then. The test must not be parallel.
package frontdoortest

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"testing/cryptotest"
	"testing/synctest"
	"time"

	"github.com/aws/aws-lambda-go/lambdacontext"

	"github.com/crumb-go/crumb/shared/frontdoor"
)

// RequestID is the Lambda request id of every event.
const RequestID = "00000000-0000-4000-8000-000000000000"

var update = flag.Bool("update", false, "write the responses that handlers give into frontdoortest folders")

// Run gives h each <case>.<door>.json in dir and compares the response, as JSON,
// with <case>.<door>.answer.json; strings have to be equal byte for byte. The
// test fails as well if dir is empty or missing, if either file has no partner,
// while the other cases run, or if the event is of another door than its name
// says. What package frontdoor logs about an event goes to the test's output.
func Run(t *testing.T, h http.Handler, dir string) {
	t.Helper()
	names, err := events(dir, *update)
	if err != nil {
		t.Error(err)
	}
	for _, name := range names {
		t.Run(name, func(t *testing.T) {
			cryptotest.SetGlobalRandom(t, 1)
			synctest.Test(t, func(t *testing.T) {
				if err := run(t.Context(), t.Output(), h, filepath.Join(dir, name), *update); err != nil {
					t.Error(err)
				}
			})
		})
	}
}

// events lists the events of dir that have a response, without the .json. Responses
// may be missing if they are about to be written. The error is about the other files.
func events(dir string, update bool) ([]string, error) {
	const suffix, response = ".json", ".answer.json"
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, err
	}
	exists := make(map[string]bool, len(entries))
	for _, e := range entries {
		exists[e.Name()] = true
	}
	var names []string
	var errs []error
	for _, e := range entries {
		file := e.Name()
		if name, ok := strings.CutSuffix(file, response); ok {
			if !exists[name+suffix] {
				errs = append(errs, fmt.Errorf("%s has no event %s%s", filepath.Join(dir, file), name, suffix))
			}
			continue
		}
		name, ok := strings.CutSuffix(file, suffix)
		if !ok {
			continue
		}
		if !exists[name+response] && !update {
			errs = append(errs, fmt.Errorf("%s has no response %s%s: write it, or run with -update", filepath.Join(dir, file), name, response))
			continue
		}
		names = append(names, name)
	}
	if len(names)+len(errs) == 0 {
		errs = append(errs, fmt.Errorf("%s holds no event, <case>.<door>.json", dir))
	}
	return names, errors.Join(errs...)
}

// run gets the response to the event in path.json and compares with, or updates,
// path.answer.json.
func run(ctx context.Context, log io.Writer, h http.Handler, path string, update bool) error {
	event, err := os.ReadFile(path + ".json")
	if err != nil {
		return err
	}
	var door frontdoor.Door
	handler := frontdoor.New(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		e, _ := frontdoor.EventFrom(r.Context())
		door = e.Door
		h.ServeHTTP(w, r)
	}), frontdoor.Options{Logger: slog.New(slog.NewTextHandler(log, nil))})

	ctx = lambdacontext.NewContext(ctx, &lambdacontext.LambdaContext{AwsRequestID: RequestID})
	ctx, cancel := context.WithTimeout(ctx, 3*time.Second)
	defer cancel()
	got, err := handler.Invoke(ctx, event)
	if err != nil {
		return err
	}
	if want := strings.TrimPrefix(filepath.Ext(path), "."); string(door) != want {
		return fmt.Errorf("%s.json is an event of door %q, its name says %q", path, door, want)
	}
	want, err := os.ReadFile(path + ".answer.json")
	if update {
		return write(log, path+".answer.json", want, append(indent(got), '\n'))
	}
	if err != nil {
		return err
	}
	return compare(path, got, want)
}

// write writes a response's file, and says so, unless that is what it has.
func write(log io.Writer, file string, old, text []byte) error {
	if bytes.Equal(old, text) {
		return nil
	}
	if err := os.WriteFile(file, text, 0o644); err != nil {
		return err
	}
	_, err := fmt.Fprintln(log, "wrote", file)
	return err
}

func compare(path string, got, want []byte) error {
	var g, w any
	if err := errors.Join(json.Unmarshal(got, &g), json.Unmarshal(want, &w)); err != nil {
		return fmt.Errorf("%s.answer.json: %v", path, err)
	}
	if reflect.DeepEqual(g, w) {
		return nil
	}
	return fmt.Errorf("response to %s.json:\n%s\nwant:\n%s\nif the new response is right: go test -update", path, indent(got), indent(want))
}

// indent is JSON as it stands in the responses' files.
func indent(b []byte) []byte {
	var out bytes.Buffer
	_ = json.Indent(&out, bytes.TrimSpace(b), "", " ") // not called with anything but JSON
	return out.Bytes()
}
