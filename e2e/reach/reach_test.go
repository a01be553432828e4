// Package reach_test holds what programs find when they call AWS by SDKs of three ages:
// the template's tables and functions, an emulator, or an error that says what to do.
package reach_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/crumb-go/crumb/e2e/testenv"
)

// result is what the programs in testdata return: the number of attempts is the SDK's.
type result struct {
	Value, Error string
	Attempts     int
}

// A command runs crumb in an environment without the variables that this test sets.
type command struct {
	bin  string
	env  []string
	args []string
}

func newCommand(t *testing.T, args ...string) *command {
	t.Helper()
	testenv.Long(t, "programs on three SDKs")
	mine := func(entry string) bool {
		name, _, _ := strings.Cut(strings.ToUpper(entry), "=")
		return slices.Contains([]string{"HTTPS_PROXY", "SSL_CERT_FILE", "AWS_CA_BUNDLE", "NO_PROXY"}, name)
	}
	return &command{bin: testenv.Build(t), env: slices.DeleteFunc(os.Environ(), mine), args: args}
}

// invoke runs a function, and returns what it returned and crumb's stderr.
func (c *command) invoke(t *testing.T, function, call, name string) (result, string) {
	t.Helper()
	cmd := exec.Command(c.bin, slices.Concat([]string{"invoke", function, "-t", "testdata", "--event", "-"}, c.args)...)
	event, _ := json.Marshal(map[string]string{"Call": call, "Name": name})
	var stdout, stderr bytes.Buffer
	cmd.Env, cmd.Stdin, cmd.Stdout, cmd.Stderr = c.env, bytes.NewReader(event), &stdout, &stderr
	var r result
	if err := cmd.Run(); err != nil {
		t.Fatalf("%s: %v\n%s%s", cmd, err, &stdout, &stderr)
	}
	if err := json.Unmarshal(stdout.Bytes(), &r); err != nil {
		t.Fatalf("%s: %v\n%s%s", cmd, err, &stdout, &stderr)
	}
	return r, stderr.String()
}

var ages = []string{"V1", "V2of2022", "V2"}

const called = `{"Value":"called","Error":"","Attempts":0}`

// The template's tables and functions are there for each SDK; what nobody serves is
// refused by name, in the SDK's own error, at the first attempt.
func TestTables(t *testing.T) {
	c := newCommand(t)
	for _, age := range ages {
		for _, tc := range []struct{ call, name, want string }{
			{"dynamodb", "notes", strings.ToLower(age[:2])},
			{"lambda", age, called},
		} {
			if r, log := c.invoke(t, age, tc.call, tc.name); r.Value != tc.want || r.Error != "" || strings.Contains(log, "crumb:") {
				t.Errorf("%s: %s: %+v, want %s\n%s", age, tc.call, r, tc.want, log)
			}
		}
		for call, service := range map[string]string{"s3": "S3", "sts": "STS"} {
			r, log := c.invoke(t, age, call, "bucket")
			want := "nobody serves " + service + " here: start crumb with --aws-endpoint http://127.0.0.1:4566 (an emulator of AWS), or with --aws-credentials"
			if !strings.Contains(r.Error, "crumb: "+want) || r.Attempts != 1 || strings.Count(log, want) != 1 {
				t.Errorf("%s: %s: %+v, want %s\n%s", age, call, r, want, log)
			}
		}
	}
}

// Without tables and emulator it is the same.
func TestNothing(t *testing.T) {
	c := newCommand(t, "--parameter-overrides", "Tables=no")
	for _, age := range ages {
		r, log := c.invoke(t, age, "s3", "bucket")
		const want = "nobody serves S3 here: start crumb with --aws-endpoint http://127.0.0.1:4566 (an emulator of AWS), or with --aws-credentials"
		if !strings.Contains(r.Error, "crumb: "+want) || r.Attempts != 1 || strings.Count(log, want) != 1 {
			t.Errorf("%s: %+v, want %s\n%s", age, r, want, log)
		}
	}
}

// An HTTP client that asks for no proxy, with an SDK that reads no endpoint, is not
// reached: it would connect to AWS.
func TestNotReached(t *testing.T) {
	c := newCommand(t)
	r, log := c.invoke(t, "OwnTransport", "s3", "bucket")
	if !strings.Contains(r.Error, "dialed bucket.s3.amazonaws.com:443") || strings.Contains(log, "nobody serves") {
		t.Errorf("%+v\n%s", r, log)
	}
}

var endpoint = flag.String("endpoint", "", "URL of a running emulator, in place of MiniStack")

// To see what another emulator can do:
//
//	CI=true go test ./e2e/reach -run TestEmulator -endpoint http://127.0.0.1:4566
func TestEmulator(t *testing.T) {
	testenv.Long(t, "an emulator")
	url := *endpoint
	if url == "" {
		url = testenv.MiniStack(t, "../sessions/requirements.txt")
	}
	db := dynamodb.New(dynamodb.Options{Region: "us-east-1", BaseEndpoint: &url, Credentials: credentials.NewStaticCredentialsProvider("local", "local", "")})
	if _, err := db.CreateTable(t.Context(), &dynamodb.CreateTableInput{
		TableName: aws.String("theirs"), BillingMode: types.BillingModePayPerRequest,
		AttributeDefinitions: []types.AttributeDefinition{{AttributeName: aws.String("id"), AttributeType: "S"}},
		KeySchema:            []types.KeySchemaElement{{AttributeName: aws.String("id"), KeyType: "HASH"}},
	}); err != nil {
		t.Fatal(err)
	}
	r, err := http.NewRequest(http.MethodPut, url+"/bucket", nil)
	if err != nil {
		t.Fatal(err)
	}
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		t.Errorf("make a bucket: %s", resp.Status)
	}

	c := newCommand(t, "--parameter-overrides", "Tables=no", "--aws-endpoint", url)
	for _, age := range ages {
		for _, tc := range []struct{ call, name, want string }{
			{"dynamodb", "theirs", strings.ToLower(age[:2])},
			{"s3", "bucket", "content"},
			{"sts", "", ""}, // the emulator's account
			{"lambda", age, called},
		} {
			if r, log := c.invoke(t, age, tc.call, tc.name); r.Value != tc.want && tc.want != "" || r.Value == "" || r.Error != "" || r.Attempts > 2 || strings.Contains(log, "crumb:") {
				t.Errorf("%s: %s: %+v, want %s\n%s", age, tc.call, r, tc.want, log)
			}
		}
	}
	// The developer's AWS_CA_BUNDLE is a part of the one that functions get.
	bundle := filepath.Join(t.TempDir(), "company.pem")
	if err := os.WriteFile(bundle, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	c.env = append(c.env, "AWS_CA_BUNDLE="+bundle)
	for _, age := range ages[:2] {
		if r, log := c.invoke(t, age, "dynamodb", "theirs"); r.Error != "" {
			t.Errorf("%s with AWS_CA_BUNDLE: %+v\n%s", age, r, log)
		}
	}
}
