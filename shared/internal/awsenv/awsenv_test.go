package awsenv_test

import (
	"context"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/crumb-go/crumb/shared/internal/awsenv"
)

func set(t *testing.T, variables map[string]string) {
	t.Helper()
	for _, name := range []string{
		"AWS_REGION", "AWS_DEFAULT_REGION", "AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_DYNAMODB",
		"AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN",
	} {
		t.Setenv(name, variables[name])
	}
}

func TestRegion(t *testing.T) {
	for _, tc := range []struct{ name, region, fallback, want string }{
		{"region", "eu-west-1", "us-east-1", "eu-west-1"},
		{"default", "", "us-east-1", "us-east-1"},
		{"none", "", "", ""},
	} {
		t.Run(tc.name, func(t *testing.T) {
			set(t, map[string]string{"AWS_REGION": tc.region, "AWS_DEFAULT_REGION": tc.fallback})
			if got := awsenv.Region(); got != tc.want {
				t.Errorf("Region() = %q, want %q", got, tc.want)
			}
		})
	}
}

func TestEndpoint(t *testing.T) {
	for _, tc := range []struct{ name, own, all, want string }{
		{"own", "http://own", "http://all", "http://own"},
		{"all", "", "http://all", "http://all"},
		{"none", "", "", ""},
	} {
		t.Run(tc.name, func(t *testing.T) {
			set(t, map[string]string{"AWS_ENDPOINT_URL_DYNAMODB": tc.own, "AWS_ENDPOINT_URL": tc.all})
			got := awsenv.Endpoint("DYNAMODB")
			if (got == nil) != (tc.want == "") || got != nil && *got != tc.want {
				t.Errorf("Endpoint = %v, want %q", got, tc.want)
			}
		})
	}
}

func TestCredentials(t *testing.T) {
	set(t, map[string]string{"AWS_ACCESS_KEY_ID": "id", "AWS_SECRET_ACCESS_KEY": "s3cret", "AWS_SESSION_TOKEN": "token"})
	if c, err := awsenv.Credentials(context.Background()); err != nil || c != (aws.Credentials{AccessKeyID: "id", SecretAccessKey: "s3cret", SessionToken: "token"}) {
		t.Errorf("Credentials = %v", err)
	}
	for _, name := range []string{"AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"} { // with one of them only
		set(t, map[string]string{name: "s3cret"})
		if _, err := awsenv.Credentials(context.Background()); err == nil || err.Error() != "AWS_ACCESS_KEY_ID or AWS_SECRET_ACCESS_KEY is not set" {
			t.Errorf("Credentials with only %s: %v, want an error without its value", name, err)
		}
	}
}
