package crumbtest_test

import "testing"

// t is the test that an example is in. It is declared here and not beside the
// examples, so that documentation shows of them what a reader's test has.
var t *testing.T

// The examples need a test, so that go test would not run them.
func TestExamples(test *testing.T) {
	for _, example := range []struct {
		name string
		run  func()
	}{
		{"table", ExampleStart_table},
		{"login", ExampleProject_Reset},
		{"parallel", ExampleStart_parallel},
	} {
		test.Run(example.name, func(sub *testing.T) {
			t = sub
			example.run()
		})
	}
}
