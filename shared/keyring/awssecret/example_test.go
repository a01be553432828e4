package awssecret_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"

	"github.com/crumb-go/crumb/shared/keyring"
	"github.com/crumb-go/crumb/shared/keyring/awssecret"
)

// In a function's main. Lambda sets the region and the credentials.
func ExampleNew() {
	manager := newManager()
	defer manager.Close()
	for name, value := range map[string]string{
		"AWS_REGION": "eu-west-1", "AWS_ACCESS_KEY_ID": "id", "AWS_SECRET_ACCESS_KEY": "secret",
		"AWS_ENDPOINT_URL_SECRETS_MANAGER": manager.URL, // not in Lambda
		"CRUMB_KEYS_SECRET":                "shop-keys",
	} {
		os.Setenv(name, value)
		defer os.Unsetenv(name)
	}

	ring, err := keyring.FromEnv(context.Background(), "shop", awssecret.New())
	fmt.Println(ring != nil, err)
	// Output: true <nil>
}

// A program that runs elsewhere, with its own client.
func ExampleFrom() {
	manager := newManager()
	defer manager.Close()
	client := secretsmanager.New(secretsmanager.Options{ // or NewFromConfig
		Region:       "eu-west-1",
		BaseEndpoint: &manager.URL,
		Credentials: aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
			return aws.Credentials{AccessKeyID: "id", SecretAccessKey: "secret"}, nil
		}),
	})

	text, err := awssecret.From(client)(context.Background(), "shop-keys")
	fmt.Println(text != "", err)
	// Output: true <nil>
}

// newManager responds like Secrets Manager, with a ring of one new key.
func newManager() *httptest.Server {
	text := keyring.Format([]keyring.Key{keyring.NewKey("", time.Now())})
	return httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprintf(w, `{"SecretString": %q}`, text)
	}))
}
