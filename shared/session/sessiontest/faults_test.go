package sessiontest_test

import (
	"maps"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"testing"

	"github.com/crumb-go/crumb/shared/session"
	"github.com/crumb-go/crumb/shared/session/sessiontest"
)

// The faults of a store, each with subtests of TestStore that notice it.
var storeFaults = map[string]string{
	"create-drops-data":        "create-get sizes",
	"create-drops-version":     "create-get replace",
	"create-drops-mark":        "create-get list",
	"create-drops-binding":     "create-get sizes",
	"create-drops-start":       "create-get list",
	"create-moves-expires":     "create-get list",
	"create-moves-ends":        "create-get list",
	"create-invents-a-start":   "create-get list",
	"create-keeps-the-data":    "create-get",
	"create-keeps-binding":     "create-get",
	"create-refuses-64-KiB":    "sizes",
	"create-cuts-data":         "sizes",
	"create-writes-too-much":   "sizes",
	"create-another-error":     "sizes",
	"create-refuses-empty":     "empty-data list",
	"users-share-keys":         "create-get",
	"tokens-share-keys":        "create-get delete list",
	"get-finds-none":           "create-get",
	"get-hides-empty":          "empty-data",
	"get-another-error":        "create-get delete",
	"expired-is-an-error":      "expired",
	"expired-is-empty":         "expired",
	"replace-refuses-64-KiB":   "sizes",
	"replace-writes-too-much":  "sizes",
	"replace-another-error":    "sizes",
	"replace-creates":          "replace nothing-comes-back expired",
	"replace-restores":         "nothing-comes-back",
	"replace-revives":          "expired",
	"replace-any-version":      "replace one-replace-wins",
	"replace-says-none":        "replace one-replace-wins",
	"replace-says-nil":         "replace one-replace-wins",
	"replace-races":            "one-replace-wins",
	"replace-keeps-the-data":   "replace",
	"replace-keeps-data":       "replace empty-data sizes",
	"replace-keeps-version":    "replace binding",
	"replace-keeps-expires":    "replace",
	"replace-keeps-binding":    "binding sizes",
	"replace-drops-binding":    "binding",
	"replace-moves-ends":       "replace",
	"replace-moves-start":      "replace",
	"replace-changes-mark":     "replace",
	"touch-finds-none":         "touch nothing-comes-back expired",
	"touch-creates":            "touch nothing-comes-back expired",
	"touch-restores":           "nothing-comes-back",
	"touch-revives":            "expired",
	"touch-does-nothing":       "touch binding",
	"touch-goes-back":          "touch",
	"touch-refuses-earlier":    "touch",
	"touch-drops-binding":      "binding",
	"delete-finds-none":        "delete",
	"delete-keeps":             "delete nothing-comes-back list",
	"delete-of-all":            "delete list",
	"delete-returns-nothing":   "delete empty-data binding",
	"delete-hides-empty":       "empty-data",
	"delete-races":             "one-delete-wins",
	"delete-too-soon":          "delete-beats-writes",
	"delete-drops-mark":        "mark",
	"list-has-other-users":     "list mark",
	"list-has-marks":           "list mark",
	"list-misses-one":          "list",
	"list-repeats-one":         "list",
	"list-hides-empty":         "list",
	"list-drops-mark":          "list",
	"list-drops-start":         "list",
	"list-drops-expires":       "list",
	"list-drops-ends":          "list",
	"mark-of-none":             "mark",
	"marks-are-shared":         "mark",
	"first-mark-stays":         "mark",
	"later-mark-stays":         "mark",
	"create-without-context":   "context",
	"get-without-context":      "context",
	"replace-without-context":  "context",
	"touch-without-context":    "context",
	"delete-without-context":   "context",
	"list-without-context":     "context",
	"mark-without-context":     "context",
	"set-mark-without-context": "context",
	"cancelled-delete-deletes": "context",
}

// The faults that let sessions live on, each with subtests of TestSignOut that notice it.
var signOutFaults = map[string]string{
	"create-forgives":         "renew-fails start-fails",
	"get-forgives":            "end-all-fails renew-fails",
	"replace-forgives":        "renew-fails",
	"delete-forgives":         "end-all-fails end-all-twice-fails end-fails renew-fails start-fails",
	"list-forgives":           "end-all-fails start-fails",
	"mark-forgives":           "renew-fails start-fails",
	"set-mark-forgives":       "end-all-fails",
	"create-forgets-mark":     "start-beside-end-all",
	"replace-is-two-requests": "renew-beside-end-all renew-beside-end-all-that-fails renew-twice-beside-end-all update-beside-end-all update-beside-renew",
	"delete-is-two-requests":  "renew-beside-end renew-twice update-beside-renew",
	"delete-deletes-nothing":  "end-all-fails end-fails renew-beside-end-all",
	"delete-forgets-mark":     "renew-beside-end-all end-all-twice-fails",
	"list-misses-first":       "start-beside-end-all",
	"list-misses-last":        "starts-are-bounded",
	"list-is-old":             "start-beside-end-all",
	"list-forgets-start":      "starts-are-bounded",
	"list-forgets-expires":    "start-fails starts-are-bounded",
	"mark-is-old":             "renew-beside-end-all renew-twice-beside-end-all",
	"set-mark-sets-nothing":   "renew-beside-end-all end-all-twice-fails renew-twice-beside-end-all renew-beside-end-all-that-fails",
}

// The faults are tested in a second process, as a subtest that fails cannot be expected to.
func TestFaults(t *testing.T) {
	const child = "SESSIONTEST_FAULTS"
	if os.Getenv(child) != "" {
		storeFaults["none"], signOutFaults["sign-out-none"] = "", ""
		for name := range storeFaults {
			t.Run(name, func(t *testing.T) { sessiontest.TestStore(t, newFaulty(name, new(session.Memory))) })
		}
		for name := range signOutFaults {
			t.Run(name, func(t *testing.T) {
				sessiontest.TestSignOut(t, 2, func(w sessiontest.Wire) session.Store {
					memory := new(session.Memory)
					return &forgetful{Store: sessiontest.Operations(memory)(w), memory: memory, fault: name}
				})
			})
		}
		return
	}
	cmd := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestFaults$", "-test.v", "-test.timeout=5m")
	cmd.Env = append(os.Environ(), child+"=1")
	out, _ := cmd.CombinedOutput() // the exit code says that some have failed
	failed, good := map[string]bool{}, 0
	for _, m := range regexp.MustCompile(`(?m)^ *--- (PASS|FAIL): TestFaults/(\S+)`).FindAllStringSubmatch(string(out), -1) {
		failed[m[2]] = m[1] == "FAIL"
	}
	noticed := map[string]bool{}
	all := maps.Clone(storeFaults)
	maps.Copy(all, signOutFaults)
	for fault, rules := range all {
		for rule := range strings.FieldsSeq(rules) {
			noticed[rule] = true
			if !failed[fault+"/"+rule] {
				t.Errorf("%s does not fail %s", fault, rule)
			}
		}
	}
	for name, failed := range failed {
		fault, rule, _ := strings.Cut(name, "/")
		if fault != "none" && fault != "sign-out-none" {
			continue
		}
		good++
		if failed {
			t.Errorf("a store without a fault fails %s", rule)
		}
		if rule != "" && !strings.Contains(rule, "/") && !noticed[rule] {
			t.Errorf("no fault fails %s", rule)
		}
	}
	if good < 31 { // 29 rules
		t.Errorf("a store without a fault has %d tests: %s", good, out)
	}
}
