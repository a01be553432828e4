// Package awssecret reads a keyring's text from AWS Secrets Manager:
//
//	ring, err := keyring.FromEnv(ctx, "shop", awssecret.New())
//
// It is a separate package so that functions without a secret do not link the AWS SDK.
//
// The function needs the permissions secretsmanager:GetSecretValue and
// secretsmanager:DescribeSecret on the secret, and kms:Decrypt if the secret has a
// customer managed key. Only the version labelled AWSCURRENT is read. A secret is empty
// if it was created without a value, also during its first rotation.
package awssecret

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager/types"

	"github.com/crumb-go/crumb/shared/internal/awsenv"
	"github.com/crumb-go/crumb/shared/keyring"
)

// current is the label of the version to read.
const current = "AWSCURRENT"

// New reads secrets with the client of NewClient.
func New() keyring.Secret { return From(NewClient()) }

// NewClient returns a client with the region and credentials in a Lambda function's
// environment: AWS_REGION (or AWS_DEFAULT_REGION), AWS_ACCESS_KEY_ID,
// AWS_SECRET_ACCESS_KEY and AWS_SESSION_TOKEN, and for tests
// AWS_ENDPOINT_URL_SECRETS_MANAGER or AWS_ENDPOINT_URL. It does not support profiles and
// roles: finding those with the SDK's package config adds several milliseconds to each
// cold start. Programs that run elsewhere do that, and call From.
func NewClient() *secretsmanager.Client {
	return secretsmanager.New(secretsmanager.Options{
		Region:       awsenv.Region(),
		BaseEndpoint: awsenv.Endpoint("SECRETS_MANAGER"),
		Credentials:  aws.CredentialsProviderFunc(awsenv.Credentials),
	})
}

// From reads secrets with a client, which may find its region and credentials
// anywhere.
func From(client *secretsmanager.Client) keyring.Secret {
	return func(ctx context.Context, name string) (string, error) {
		value, err := client.GetSecretValue(ctx, &secretsmanager.GetSecretValueInput{SecretId: &name, VersionStage: new(current)})
		if notFound(err) && isEmpty(ctx, client, name) {
			return "", nil
		}
		if err != nil {
			return "", fmt.Errorf("awssecret: %w", err)
		}
		if value.SecretString == nil {
			return "", errors.New("awssecret: the secret is binary, but a ring is text")
		}
		return *value.SecretString, nil
	}
}

// notFound reports the error that GetSecretValue returns for a missing secret and for
// one without a current version.
func notFound(err error) bool {
	return errors.As(err, new(*types.ResourceNotFoundException))
}

// isEmpty reports whether the secret exists, but has no current version.
func isEmpty(ctx context.Context, client *secretsmanager.Client, name string) bool {
	secret, err := client.DescribeSecret(ctx, &secretsmanager.DescribeSecretInput{SecretId: &name})
	if err != nil {
		return false
	}
	for _, stages := range secret.VersionIdsToStages {
		if slices.Contains(stages, current) {
			return false
		}
	}
	return true
}
