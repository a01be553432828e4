// Package accounttest stands in for AWS in tests of what uses a developer's credentials.
package accounttest

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// ARN is the identity of every client of STS.
const ARN = "arn:aws:iam::111122223333:user/ana"

// STS serves GetCallerIdentity to clients that sign with the access key for the region, and
// directs this process to it. Its errors have all that the client has sent.
func STS(t *testing.T, key, region string) {
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		signed, token := r.Header.Get("Authorization"), r.Header.Get("X-Amz-Security-Token")
		if !strings.Contains(signed, "Credential="+key+"/") || !strings.Contains(signed, "/"+region+"/sts/") {
			w.WriteHeader(http.StatusForbidden)
			fmt.Fprintf(w, `<ErrorResponse><Error><Code>IncompleteSignature</Code><Message>%s %s</Message></Error></ErrorResponse>`, signed, token)
			return
		}
		fmt.Fprintf(w, `<GetCallerIdentityResponse><GetCallerIdentityResult><Account>111122223333</Account><Arn>%s</Arn></GetCallerIdentityResult></GetCallerIdentityResponse>`, ARN)
	}))
	t.Cleanup(s.Close)
	t.Setenv("AWS_ENDPOINT_URL_STS", s.URL)
}

// Profile makes text the only AWS profile of this process, named default, and unsets
// what else may have credentials or a region.
func Profile(t *testing.T, text string) {
	t.Helper()
	file := filepath.Join(t.TempDir(), "config")
	if err := os.WriteFile(file, []byte("[default]\n"+text+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, entry := range os.Environ() {
		if name, _, _ := strings.Cut(entry, "="); strings.HasPrefix(name, "AWS_") && name != "AWS_ENDPOINT_URL_STS" {
			t.Setenv(name, "") // so that it is restored
			os.Unsetenv(name)
		}
	}
	t.Setenv("AWS_CONFIG_FILE", file)
	t.Setenv("AWS_SHARED_CREDENTIALS_FILE", file+"-none")
	t.Setenv("AWS_EC2_METADATA_DISABLED", "true")
}
