package main

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/crumb-go/crumb/shared/keyring"
	"github.com/crumb-go/crumb/shared/keyring/awssecret"
)

const keep = 24 * time.Hour

var steps = []string{"createSecret", "setSecret", "testSecret", "finishSecret"}

func step(name, version string) error {
	r := rotator{awssecret.NewClient(), keep}
	return r.handle(context.Background(), event{name, "the-ring", version})
}

func run(t *testing.T, version string, steps ...string) {
	t.Helper()
	for _, s := range steps {
		if err := step(s, version); err != nil {
			t.Fatal(err)
		}
	}
}

func parse(t *testing.T, text string) []keyring.Key {
	t.Helper()
	keys, err := keyring.Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	return keys
}

// ringOf returns the text of a ring with a key of each age, newest first.
func ringOf(ages ...time.Duration) string {
	var keys []keyring.Key
	for _, age := range ages {
		keys = append(keys, keyring.NewKey("", time.Now().Add(-age)))
	}
	return keyring.Format(keys)
}

func TestRotation(t *testing.T) {
	for _, tc := range []struct {
		name string
		ring string // the current one, "" if there is none
		kept int    // of its keys
	}{
		{"empty", "", 0},
		{"one-key", ringOf(100 * keep), 1},
		{"all-needed", ringOf(keep/2, keep), 2},
		{"old-ones-go", ringOf(keep/2, 2*keep, 3*keep, 4*keep), 2},
	} {
		t.Run(tc.name, func(t *testing.T) {
			m := startManager(t)
			m.stages["new"] = []string{pending} // RotateSecret does that,
			m.values["new"] = noValue           // without a value
			if tc.ring != "" {
				m.put("old", tc.ring, current)
			}
			run(t, "new", steps...)
			if got := m.with(current); got != "new" {
				t.Fatalf("%s is on %q, want new", current, got)
			}
			if got := m.with("AWSPREVIOUS"); tc.ring != "" && got != "old" {
				t.Errorf("AWSPREVIOUS is on %q, want old", got)
			}
			keys := parse(t, m.values["new"])
			if age := time.Since(keys[0].Created); age > time.Minute {
				t.Errorf("the newest key is %v old", age)
			}
			want := keyring.Format(parse(t, tc.ring)[:tc.kept])
			if got := keyring.Format(keys[1:]); got != want {
				t.Errorf("%d old keys are kept, want %d: the newest", len(keys)-1, tc.kept)
			}
		})
	}
}

// A version that was not announced is the first, and becomes current at once.
func TestFirstVersionUnannounced(t *testing.T) {
	m := startManager(t)
	run(t, "new", steps...)
	if m.with(current) != "new" || len(parse(t, m.values["new"])) != 1 {
		t.Errorf("stages = %v", m.stages)
	}
}

func TestEveryStepMayComeTwice(t *testing.T) {
	m := startManager(t)
	m.put("old", ringOf(keep), current)
	run(t, "new", steps[0])
	text := m.values["new"]
	run(t, "new", "createSecret", "setSecret", "setSecret", "testSecret", "testSecret", "finishSecret", "finishSecret")
	run(t, "new", steps...)
	if m.with(current) != "new" || m.values["new"] != text {
		t.Errorf("after repetitions: stages %v, the value has changed: %v", m.stages, m.values["new"] != text)
	}
}

func TestEveryStepIsNeeded(t *testing.T) {
	for _, skipped := range []string{"createSecret", "finishSecret"} {
		t.Run(skipped, func(t *testing.T) {
			m := startManager(t)
			m.put("old", ringOf(keep), current)
			for _, s := range steps {
				if s != skipped {
					_ = step(s, "new")
				}
			}
			if got := m.with(current); got != "old" {
				t.Errorf("without %s %s is on %q", skipped, current, got)
			}
		})
	}
}

// A current version needs no more steps, pending or not.
func TestCurrentVersionIsDone(t *testing.T) {
	m := startManager(t)
	text := ringOf(keep)
	m.put("new", text, current)
	run(t, "new", steps...)
	if m.with(current) != "new" || m.values["new"] != text {
		t.Errorf("stages %v, the value has changed: %v", m.stages, m.values["new"] != text)
	}
}

// The next rotation does not use the pending ring of an abandoned one.
func TestAnotherVersionIsPending(t *testing.T) {
	m := startManager(t)
	old, left := ringOf(keep), ringOf(0, keep)
	m.put("old", old, current)
	m.put("left", left, pending)
	run(t, "new", steps...)
	if m.with(current) != "new" || m.values["left"] != left || parse(t, m.values["new"])[0].ID == parse(t, left)[0].ID {
		t.Errorf("stages = %v, want a fresh ring in the new version", m.stages)
	}
}

// With RotateImmediately=false Secrets Manager tests a copy of the current version.
func TestTestOfACopy(t *testing.T) {
	m := startManager(t)
	ring := ringOf(keep, 2*keep)
	m.put("old", ring, current)
	m.put("copy", ring, pending)
	run(t, "copy", "testSecret")
}

func TestRefusals(t *testing.T) {
	old := ringOf(keep)
	tooLate := keyring.Format(append(parse(t, ringOf(6*time.Minute)), parse(t, old)...))
	missing := `pending ring failed validation: key "` + parse(t, old)[0].ID + `" is missing but still needed`
	for _, tc := range []struct {
		name    string
		current string
		pending string // "" for none
		broken  string
		step    string
		want    string // of the error
		gaveUp  bool
	}{
		{"unknown-step", old, old, "", "dropSecret", "dropSecret: unknown step", false},
		{"not-created", old, "", "", "setSecret", `version "new" is not pending: it was not created, or abandoned`, false},
		{"damaged-current", "a.b.c", "", "", "createSecret", "entry 1: the", false},
		{"binary-current", "binary", "", "", "createSecret", "the secret is binary, but a ring is text", false},
		{"damaged-pending", old, "a.b.c", "", "testSecret", "entry 1: the", false},
		{"empty-pending", old, " ", "", "testSecret", "no value", false},
		{"damaged-current-in-test", "a.b.c", old, "", "testSecret", "entry 1: the", false},
		{"test-needs-old-keys", old, ringOf(0), "", "testSecret", missing, false},
		{"finish-needs-old-keys", old, ringOf(0), "", "finishSecret", missing, true},
		{"made-too-long-ago", old, tooLate, "", "finishSecret", `pending ring failed validation: key "` + parse(t, tooLate)[0].ID + `" was created too long ago`, true},
		{"published-key", "", keyring.Format([]keyring.Key{keyring.NewKey("dev-", time.Now())}), "", "testSecret", "pending ring failed validation: keyring: development key", false},
		{"published-key-in-finish", "", keyring.Format([]keyring.Key{keyring.NewKey("dev-", time.Now())}), "", "finishSecret", "pending ring failed validation: keyring: development key", true},
		{"describe-fails", old, old, "DescribeSecret", "testSecret", "AccessDenied", false},
		{"get-fails", old, "", "GetSecretValue", "createSecret", "AccessDenied", false},
		{"get-fails-in-finish", old, old, "GetSecretValue", "finishSecret", "AccessDenied", false},
		{"put-fails", old, "", "PutSecretValue", "createSecret", "AccessDenied", false},
		{"move-fails", old, old, "UpdateSecretVersionStage", "finishSecret", "AccessDenied", false},
	} {
		t.Run(tc.name, func(t *testing.T) {
			m := startManager(t)
			m.values["other"] = "" // so that the new version is not the first
			if tc.current != "" {
				m.put("old", tc.current, current)
			}
			if tc.pending != "" {
				m.put("new", tc.pending, pending)
			}
			m.broken = tc.broken
			err := step(tc.step, "new")
			if err == nil || !strings.Contains(err.Error(), tc.want) || !strings.HasPrefix(err.Error(), tc.step+": ") {
				t.Errorf("%s = %v, want %q", tc.step, err, tc.want)
			}
			if got := m.with(current); got == "new" {
				t.Errorf("%s has moved", current)
			}
			if gaveUp := tc.pending != "" && m.with(pending) == ""; gaveUp != tc.gaveUp {
				t.Errorf("abandoned: %v, want %v", gaveUp, tc.gaveUp)
			}
		})
	}
}

// After a version was abandoned, Secrets Manager can begin another rotation.
func TestRotationAfterOneThatWasGivenUp(t *testing.T) {
	m := startManager(t)
	old := ringOf(keep)
	m.put("old", old, current)
	m.put("late", keyring.Format(append(parse(t, ringOf(time.Hour)), parse(t, old)...)), pending)
	if err := step("finishSecret", "late"); err == nil {
		t.Fatal("finishSecret took a key that is an hour old")
	}
	for _, s := range []string{"setSecret", "testSecret", "finishSecret"} {
		if err := step(s, "late"); err == nil {
			t.Errorf("%s of the given-up version succeeds", s)
		}
	}
	run(t, "new", steps...)
	if got := m.with(current); got != "new" {
		t.Errorf("%s is on %q, want new", current, got)
	}
}

func TestNothingSecretIsLogged(t *testing.T) {
	var log bytes.Buffer
	before := slog.Default()
	slog.SetDefault(slog.New(slog.NewTextHandler(&log, nil)))
	t.Cleanup(func() { slog.SetDefault(before) })
	m := startManager(t)
	run(t, "new", steps...)
	_, secret, _ := strings.Cut(m.values["new"], "Z.")
	if strings.Contains(log.String(), secret) {
		t.Error("the log holds the key")
	}
	for _, s := range steps {
		if want := fmt.Sprintf("step=%s secret=the-ring version=new", s); !strings.Contains(log.String(), want) {
			t.Errorf("log = %s, want %s", &log, want)
		}
	}
}
