package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/crumb-go/crumb/internal/account/accounttest"
)

// envProject is a project whose function responds with its environment, and which has a
// table. It returns the flags that name it.
func envProject(t *testing.T, samconfig string) []string {
	t.Helper()
	function, err := filepath.Abs("../../internal/lambda/testdata/function")
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	for name, text := range map[string]string{
		"samconfig.toml": samconfig,
		"template.yaml": fmt.Sprintf(`Transform: AWS::Serverless-2016-10-31
Resources:
  F: {Type: AWS::Serverless::Function, Properties: {Runtime: provided.al2023, Handler: b, CodeUri: %q, Events: {E: {Type: Api, Properties: {Path: /, Method: GET}}}}}
  T: {Type: AWS::Serverless::SimpleTable}
`, function),
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return []string{"-t", dir}
}

const (
	keys     = "aws_access_key_id = AKIAF\naws_secret_access_key = s3cret\nregion = eu-central-1"
	realCall = "crumb: functions have your AWS credentials: their calls are real, in "
)

func TestInvokeWithCredentials(t *testing.T) {
	emulator := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("X-Amz-Target") == "" {
			_, _ = io.WriteString(w, "<Response/>") // of STS
			return
		}
		_, _ = io.WriteString(w, "{}")
	}))
	defer emulator.Close()
	for _, tc := range []struct {
		name      string
		samconfig string
		shell     map[string]string
		args      []string
		sts       string // the region in which it knows AKIAF; "": not asked
		env       []string
		not       string // a variable that is not set
		stderr    string
	}{
		{"without", "[default.global.parameters]\naws_credentials = true\nprofile = \"default\"\n", map[string]string{"AWS_PROFILE": "default"}, nil, "",
			[]string{"AWS_ACCESS_KEY_ID=local", "AWS_SESSION_TOKEN=local", "AWS_REGION=us-east-1", "AWS_DEFAULT_REGION=us-east-1"}, "", ""},
		{"with", "", nil, []string{"--aws-credentials"}, "eu-central-1",
			[]string{"AWS_ACCESS_KEY_ID=AKIAF", "AWS_SECRET_ACCESS_KEY=s3cret", "AWS_REGION=eu-central-1"}, "AWS_ENDPOINT_URL_DYNAMODB",
			realCall + "eu-central-1, in account 111122223333 as " + accounttest.ARN + "\n"},
		{"tables", "[default.global.parameters]\nregion = \"eu-west-1\"\n", nil, []string{"--aws-credentials", "--local-tables"}, "eu-west-1",
			[]string{"AWS_ACCESS_KEY_ID=AKIAF", "AWS_REGION=eu-west-1"}, "AWS_SESSION_TOKEN", realCall + "eu-west-1, in account "},
		{"emulator", "", nil, []string{"--aws-endpoint", strings.Replace(emulator.URL, "127.0.0.1", "localhost", 1) + "/"}, "",
			[]string{"AWS_ENDPOINT_URL=" + emulator.URL, "AWS_ACCESS_KEY_ID=local"}, "AWS_ENDPOINT_URL_DYNAMODB", ""},
		{"sts-refuses", "", nil, []string{"--aws-credentials", "--region", "sa-east-1"}, "eu-central-1",
			[]string{"AWS_ACCESS_KEY_ID=AKIAF", "AWS_REGION=sa-east-1"}, "", realCall + "sa-east-1, in an account that AWS did not name ("},
		{"region-of-the-shell", "", map[string]string{"AWS_REGION": "ap-south-1", "AWS_DEFAULT_REGION": "x"}, nil, "", []string{"AWS_REGION=ap-south-1"}, "", ""},
		{"default-region-of-the-shell", "", map[string]string{"AWS_DEFAULT_REGION": "ap-south-1"}, nil, "", []string{"AWS_REGION=ap-south-1"}, "", ""},
		{"region-of-samconfig", "[default.global.parameters]\nregion = \"eu-west-1\"\n", map[string]string{"AWS_REGION": "ap-south-1"}, nil, "", []string{"AWS_REGION=eu-west-1"}, "", ""},
	} {
		t.Run(tc.name, func(t *testing.T) {
			accounttest.Profile(t, keys)
			for name, value := range tc.shell {
				t.Setenv(name, value)
			}
			if tc.sts != "" {
				accounttest.STS(t, "AKIAF", tc.sts)
			}
			code, stdout, stderr := crumb(t, `{"Do":"env"}`, slices.Concat([]string{"invoke"}, envProject(t, tc.samconfig), tc.args, []string{"--event", "-"})...)
			var response struct{ Env []string }
			if err := json.Unmarshal([]byte(stdout), &response); code != 0 || err != nil {
				t.Fatalf("crumb invoke = %d %q, %v\n%s", code, stdout, err, stderr)
			}
			for _, want := range tc.env {
				if !slices.Contains(response.Env, want) {
					t.Errorf("environment %q, want %s", response.Env, want)
				}
			}
			isNot := func(entry string) bool { return tc.not != "" && strings.HasPrefix(entry, tc.not+"=") }
			if slices.ContainsFunc(response.Env, isNot) {
				t.Errorf("environment %q, want no %s", response.Env, tc.not)
			}
			if strings.Contains(stderr, realCall) != (tc.stderr != "") || !strings.Contains(stderr, tc.stderr) || strings.Contains(stderr, "s3cret") || strings.Contains(stderr, "AKIAF") {
				t.Errorf("stderr %s\nwant %q in it", stderr, tc.stderr)
			}
		})
	}
}

// The account is there before the first request, and the log never has the credentials.
func TestStartWithCredentials(t *testing.T) {
	accounttest.Profile(t, keys)
	accounttest.STS(t, "AKIAF", "eu-central-1")
	project := envProject(t, "")
	_, stderr := startCrumb(t, 2, append(project, "--aws-credentials", "--inspect-port", "off", "--verbose")...)
	want := realCall + "eu-central-1, in account 111122223333 as " + accounttest.ARN + "\n"
	tables := "functions call their DynamoDB tables in AWS"
	if text := stderr.String(); !strings.Contains(text, want) || strings.Count(text, tables) != 1 || strings.Contains(text, "s3cret") || strings.Contains(text, "AKIAF") {
		t.Errorf("stderr %s\nwant %q and %q, and no key", text, want, tables)
	}
}

func TestEmulatorOrAccount(t *testing.T) {
	accounttest.Profile(t, keys)
	var stdout, stderr bytes.Buffer
	args := append([]string{"invoke"}, envProject(t, "")...)
	code := run(t.Context(), append(args, "--aws-credentials", "--aws-endpoint", "http://127.0.0.1:4566"), strings.NewReader(""), &stdout, &stderr)
	if code != 1 || !strings.HasPrefix(stderr.String(), "crumb: --aws-endpoint and --aws-credentials exclude each other") {
		t.Errorf("%d %s", code, &stderr)
	}
}

func TestNoCredentials(t *testing.T) {
	accounttest.Profile(t, "")
	project := envProject(t, "")
	for _, args := range [][]string{{"start", "--port", "0"}, {"invoke"}} {
		var stdout, stderr bytes.Buffer
		code := run(t.Context(), slices.Concat(args, project, []string{"--aws-credentials"}), strings.NewReader(""), &stdout, &stderr)
		if code != 1 || stdout.String() != "" || !strings.HasPrefix(stderr.String(), "crumb: --aws-credentials: no AWS credentials: ") {
			t.Errorf("%s = %d %q\n%s", args, code, &stdout, &stderr)
		}
	}
}
