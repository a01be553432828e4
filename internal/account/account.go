// Package account gives functions the developer's own AWS credentials. Only the flag
// --aws-credentials asks for them: what has them calls AWS for real.
//
// Neither errors nor any other text of this package contain credentials.
package account

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os/exec"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/credentials/processcreds"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/aws/smithy-go/logging"

	"github.com/crumb-go/crumb/internal/app"
)

// margin is how long before their end credentials are renewed: longer than most
// functions run.
const margin = 5 * time.Minute

// An Account is the AWS account that the developer is signed in to. Its methods may be
// called concurrently.
type Account struct{ config aws.Config }

// Open finds credentials as AWS's own tools do ("Standardized credential providers" of
// the AWS SDKs and Tools Reference Guide): in the environment, or in the profile that
// AWS_PROFILE names, where they may be keys, a role, a sign-in, or a process. A region
// of "" is that of the environment or the profile, else app.DefaultRegion.
func Open(ctx context.Context, region string) (*Account, error) {
	loaded, err := config.LoadDefaultConfig(ctx, config.WithRegion(region), config.WithDefaultRegion(app.DefaultRegion),
		config.WithLogger(logging.Nop{}), // errors say it
		config.WithCredentialsCacheOptions(func(o *aws.CredentialsCacheOptions) { o.ExpiryWindow = margin }))
	a := &Account{loaded}
	if err == nil {
		_, err = a.retrieve(ctx)
	}
	if err != nil {
		return nil, fmt.Errorf("no AWS credentials: %w; sign in first, such as with aws login, aws sso login or aws configure", err)
	}
	return a, nil
}

// Region is the region of Open.
func (a *Account) Region() string { return a.config.Region }

// Identity asks AWS whose the credentials are, for a few seconds at most.
func (a *Account) Identity(ctx context.Context, region string) (account, arn string, err error) {
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	client := sts.NewFromConfig(a.config, func(o *sts.Options) { o.Region, o.RetryMaxAttempts = region, 2 })
	identity, err := client.GetCallerIdentity(ctx, &sts.GetCallerIdentityInput{})
	if err != nil {
		return "", "", a.masked(ctx, err)
	}
	return aws.ToString(identity.Account), aws.ToString(identity.Arn), nil
}

// Variables returns the credentials as Lambda gives them to a function, and the time
// by which others replace them; zero is never.
func (a *Account) Variables(ctx context.Context) (variables map[string]string, expires time.Time, err error) {
	c, err := a.retrieve(ctx)
	if err != nil {
		return nil, time.Time{}, fmt.Errorf("no AWS credentials: %w; sign in again", err)
	}
	variables = map[string]string{"AWS_ACCESS_KEY_ID": c.AccessKeyID, "AWS_SECRET_ACCESS_KEY": c.SecretAccessKey}
	if c.SessionToken != "" {
		variables["AWS_SESSION_TOKEN"] = c.SessionToken
	}
	if c.CanExpire {
		expires = c.Expires // margin before their end
	}
	return variables, expires, nil
}

// retrieve returns the current credentials. Its errors do not have what a
// credential_process printed, which may be a secret in another form than expected.
func (a *Account) retrieve(ctx context.Context) (aws.Credentials, error) {
	c, err := a.config.Credentials.Retrieve(ctx)
	if process := (*processcreds.ProviderError)(nil); errors.As(err, &process) {
		exit := (*exec.ExitError)(nil)
		if errors.As(err, &exit) {
			return c, fmt.Errorf("the credential_process of the profile: %w", exit)
		}
		return c, errors.New("the credential_process of the profile did not print credentials")
	}
	return c, err
}

// masked is err without credentials.
func (a *Account) masked(ctx context.Context, err error) error {
	text := err.Error()
	if c, err := a.retrieve(ctx); err == nil {
		for _, secret := range []string{c.AccessKeyID, c.SecretAccessKey, c.SessionToken} {
			text = strings.ReplaceAll(text, cmp.Or(secret, "\x00"), "***")
		}
	}
	return errors.New(text)
}
