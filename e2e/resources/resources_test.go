// Package resources_test holds that a function finds the template's resources in an
// emulator of AWS: crumb makes them there before the first event.
package resources_test

import (
	"bytes"
	"encoding/json"
	"maps"
	"os/exec"
	"reflect"
	"strings"
	"testing"

	"github.com/crumb-go/crumb/e2e/testenv"
)

func TestMiniStack(t *testing.T) {
	testenv.Long(t, "resources in MiniStack")
	bin, endpoint := testenv.Build(t), testenv.MiniStack(t, "../sessions/requirements.txt")
	var secret any
	for _, when := range []string{"made", "there already"} {
		cmd := exec.Command(bin, "invoke", "Use", "-t", "testdata", "--event", "-", "--aws-endpoint", endpoint)
		var stdout, stderr bytes.Buffer
		cmd.Stdin, cmd.Stdout, cmd.Stderr = strings.NewReader("{}"), &stdout, &stderr
		if err := cmd.Run(); err != nil {
			t.Fatalf("%s: %v\n%s", when, err, &stderr)
		}
		var response struct{ Body string }
		got := map[string]any{}
		if err := json.Unmarshal(stdout.Bytes(), &response); err != nil {
			t.Fatalf("%s: %v\n%s", when, err, &stdout)
		}
		if err := json.Unmarshal([]byte(response.Body), &got); err != nil {
			t.Fatalf("%s: %v\n%s", when, err, &stdout)
		}
		want := map[string]any{
			"TABLE": "Notes", "TABLE_ARN": "arn:aws:dynamodb:us-east-1:000000000000:table/Notes", "SIMPLE": "Simple",
			"BUCKET": "local-uploads", "BUCKET_ARN": "arn:aws:s3:::local-uploads",
			"QUEUE": endpoint + "/000000000000/local-Jobs", "QUEUE_NAME": "local-Jobs", "QUEUE_ARN": "arn:aws:sqs:us-east-1:000000000000:local-Jobs",
			"TOPIC": "arn:aws:sns:us-east-1:000000000000:local-news", "PARAMETER": "local-Greeting",
			"got put": nil, "got query": true, "got ttl": true, "got simple": nil, "got object": nil, "got send": nil, "got receive": true,
			"got queue arn": "arn:aws:sqs:us-east-1:000000000000:local-Jobs", "got timeout": "7", "got publish": true,
			"got redrive":   `{"deadLetterTargetArn":"arn:aws:sqs:us-east-1:000000000000:local-Failed","maxReceiveCount":"3"}`,
			"got parameter": true, "got secret": true,
		}
		id, _ := got["SECRET"].(string)
		if secret == nil {
			secret = got["SECRET"]
		}
		if got["SECRET"] != secret || !strings.HasPrefix(id, "arn:aws:secretsmanager:us-east-1:000000000000:secret:local-Password") {
			t.Errorf("%s: SECRET is %q, then %q", when, secret, id)
		}
		delete(got, "SECRET")
		if !reflect.DeepEqual(got, want) {
			maps.DeleteFunc(got, func(name string, v any) bool { return reflect.DeepEqual(v, want[name]) })
			t.Errorf("%s: %v differ", when, got)
		}
	}
}
