package account_test

import (
	"fmt"
	"maps"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/crumb-go/crumb/internal/account"
	"github.com/crumb-go/crumb/internal/account/accounttest"
)

// This program is also the credential_process of its tests: what it prints is in this
// variable.
const printed = "CRUMB_TEST_CREDENTIAL_PROCESS"

func TestMain(m *testing.M) {
	switch text, ok := os.LookupEnv(printed); {
	case text == "exit":
		os.Exit(3)
	case ok:
		fmt.Println(text)
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// process makes this program the credential_process of the only profile.
func process(t *testing.T, text string) {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	accounttest.Profile(t, "region = eu-central-1\ncredential_process = "+self)
	t.Setenv(printed, text)
	t.Setenv("PATH", os.Getenv("PATH")+string(os.PathListSeparator)+"/bin") // where the SDK finds sh
}

func TestAccount(t *testing.T) {
	soon := time.Now().Add(time.Hour).UTC().Truncate(time.Second)
	session := fmt.Sprintf(`{"Version":1,"AccessKeyId":"AKIAP","SecretAccessKey":"s3cret","SessionToken":"t0ken","Expiration":%q}`, soon.Format(time.RFC3339))
	type variables = map[string]string
	for _, tc := range []struct {
		name    string
		set     func(t *testing.T)
		region  string // of Open
		want    variables
		in      string // the region then
		expires time.Time
	}{
		{"keys-of-a-profile", func(t *testing.T) {
			accounttest.Profile(t, "aws_access_key_id = AKIAF\naws_secret_access_key = s3cret")
		}, "", variables{"AWS_ACCESS_KEY_ID": "AKIAF", "AWS_SECRET_ACCESS_KEY": "s3cret"}, "us-east-1", time.Time{}},
		{"process", func(t *testing.T) { process(t, session) }, "",
			variables{"AWS_ACCESS_KEY_ID": "AKIAP", "AWS_SECRET_ACCESS_KEY": "s3cret", "AWS_SESSION_TOKEN": "t0ken"}, "eu-central-1", soon.Add(-5 * time.Minute)},
		{"environment-over-profile", func(t *testing.T) {
			process(t, session)
			t.Setenv("AWS_ACCESS_KEY_ID", "AKIAE")
			t.Setenv("AWS_SECRET_ACCESS_KEY", "s3cret")
			t.Setenv("AWS_REGION", "eu-west-1")
		}, "", variables{"AWS_ACCESS_KEY_ID": "AKIAE", "AWS_SECRET_ACCESS_KEY": "s3cret"}, "eu-west-1", time.Time{}},
		{"given-region", func(t *testing.T) { process(t, session) }, "sa-east-1",
			variables{"AWS_ACCESS_KEY_ID": "AKIAP", "AWS_SECRET_ACCESS_KEY": "s3cret", "AWS_SESSION_TOKEN": "t0ken"}, "sa-east-1", soon.Add(-5 * time.Minute)},
	} {
		t.Run(tc.name, func(t *testing.T) {
			tc.set(t)
			a, err := account.Open(t.Context(), tc.region)
			if err != nil {
				t.Fatal(err)
			}
			got, expires, err := a.Variables(t.Context())
			if !maps.Equal(got, tc.want) || !expires.Equal(tc.expires) || err != nil {
				t.Errorf("variables %q until %v, %v; want %q until %v", got, expires, err, tc.want, tc.expires)
			}
			if a.Region() != tc.in {
				t.Errorf("region %s, want %s", a.Region(), tc.in)
			}
			accounttest.STS(t, tc.want["AWS_ACCESS_KEY_ID"], tc.in)
			if a, err = account.Open(t.Context(), tc.region); err != nil { // which reads the address of STS
				t.Fatal(err)
			}
			if id, arn, err := a.Identity(t.Context(), tc.in); id != "111122223333" || arn != accounttest.ARN || err != nil {
				t.Errorf("identity %s %s, %v", id, arn, err)
			}
		})
	}
}

// Credentials are renewed as they expire: by a process, a sign-in, or a role.
func TestRenewed(t *testing.T) {
	const spent = `{"Version":1,"AccessKeyId":"%s","SecretAccessKey":"s3cret","Expiration":"2020-01-01T00:00:00Z"}`
	process(t, fmt.Sprintf(spent, "AKIA1"))
	a, err := account.Open(t.Context(), "")
	if err != nil {
		t.Fatal(err)
	}
	os.Setenv(printed, fmt.Sprintf(spent, "AKIA2"))
	if got, _, err := a.Variables(t.Context()); err != nil || got["AWS_ACCESS_KEY_ID"] != "AKIA2" {
		t.Errorf("variables %q, %v; want the new key", got, err)
	}
	os.Setenv(printed, "exit")
	if got, _, err := a.Variables(t.Context()); err == nil || !strings.HasSuffix(err.Error(), "exit status 3; sign in again") {
		t.Errorf("variables %q, %v", got, err)
	}
}

func TestErrors(t *testing.T) {
	for _, tc := range []struct {
		name string
		set  func(t *testing.T)
		want string
	}{
		{"nothing", func(t *testing.T) { accounttest.Profile(t, "") }, "no AWS credentials: "},
		{"no-such-profile", func(t *testing.T) { accounttest.Profile(t, ""); t.Setenv("AWS_PROFILE", "dev") }, "failed to get shared config profile, dev"},
		{"process-fails", func(t *testing.T) { process(t, "exit") }, "the credential_process of the profile: exit status 3"},
		{"process-prints-another-form", func(t *testing.T) { process(t, "export AWS_SECRET_ACCESS_KEY=s3cret") }, "the credential_process of the profile did not print credentials"},
		{"process-prints-another-version", func(t *testing.T) { process(t, `{"Version":2,"SecretAccessKey":"s3cret"}`) }, "did not print credentials"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			tc.set(t)
			_, err := account.Open(t.Context(), "")
			if err == nil || !strings.Contains(err.Error(), tc.want) || strings.Contains(err.Error(), "s3cret") {
				t.Errorf("error %v, want %q in it", err, tc.want)
			}
		})
	}
}

// What STS says about a request may repeat its credentials.
func TestIdentityMasksCredentials(t *testing.T) {
	accounttest.Profile(t, "aws_access_key_id = AKIAF\naws_secret_access_key = s3cret\naws_session_token = t0ken")
	accounttest.STS(t, "AKIAother", "us-east-1")
	a, err := account.Open(t.Context(), "")
	if err != nil {
		t.Fatal(err)
	}
	_, _, err = a.Identity(t.Context(), "us-east-1")
	if err == nil || !strings.Contains(err.Error(), "IncompleteSignature") || !strings.Contains(err.Error(), "Credential=***/") || strings.Contains(err.Error(), "t0ken") {
		t.Errorf("error %v", err)
	}
}
