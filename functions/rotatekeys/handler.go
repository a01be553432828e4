package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager/types"

	"github.com/crumb-go/crumb/shared/keyring"
)

// Secrets Manager's labels for the versions of a secret.
const (
	current = "AWSCURRENT"
	pending = "AWSPENDING"
)

// event requests one step of a rotation. Secrets Manager sends createSecret, setSecret,
// testSecret and finishSecret, and starts again if one fails: each step may be requested
// twice, even hours later. See "Rotation by Lambda function" in its user guide.
type event struct {
	Step               string
	SecretID           string `json:"SecretId"`
	ClientRequestToken string // the id of the new version
}

// rotator adds a new key to a keyring, or the first one to an empty secret.
type rotator struct {
	client *secretsmanager.Client
	keep   time.Duration // the longest life of anything sealed
}

func (r rotator) handle(ctx context.Context, e event) error {
	if err := r.step(ctx, e); err != nil {
		return fmt.Errorf("%s: %w", e.Step, err)
	}
	slog.InfoContext(ctx, "rotation step done", "step", e.Step, "secret", e.SecretID, "version", e.ClientRequestToken)
	return nil
}

func (r rotator) step(ctx context.Context, e event) error {
	if !slices.Contains([]string{"createSecret", "setSecret", "testSecret", "finishSecret"}, e.Step) {
		return errors.New("unknown step")
	}
	secret, err := r.client.DescribeSecret(ctx, &secretsmanager.DescribeSecretInput{SecretId: &e.SecretID})
	if err != nil {
		return err
	}
	stages := secret.VersionIdsToStages[e.ClientRequestToken]
	switch {
	case slices.Contains(stages, current):
		return nil // already done, or the first version, which is current from the start
	case e.Step == "createSecret":
		return r.create(ctx, e)
	case !slices.Contains(stages, pending):
		return fmt.Errorf("version %q is not pending: it was not created, or abandoned", e.ClientRequestToken)
	case e.Step == "testSecret":
		_, err := r.test(ctx, e)
		return err
	case e.Step == "finishSecret":
		return r.finish(ctx, e, versionOf(secret, current))
	}
	return nil // setSecret has nothing to do: functions read the keys from the secret
}

// create stores the ring with a new key as the pending version, unless an earlier attempt
// has done so.
func (r rotator) create(ctx context.Context, e event) error {
	if _, err := r.keys(ctx, e, pending); !errors.Is(err, errNoValue) {
		return err
	}
	keys, err := r.keys(ctx, e, current)
	if err != nil && !errors.Is(err, errNoValue) {
		return err
	}
	text := keyring.Format(keyring.Rotate(keys, time.Now(), r.keep))
	_, err = r.client.PutSecretValue(ctx, &secretsmanager.PutSecretValueInput{
		SecretId:           &e.SecretID,
		ClientRequestToken: &e.ClientRequestToken,
		SecretString:       &text,
		VersionStages:      []string{pending},
	})
	return err
}

// errUnfit is an error of the ring, not of reading it.
var errUnfit = errors.New("pending ring failed validation")

// test checks that functions can use the pending ring, and that it opens what they have sealed
// with the current one. It returns the pending ring's keys.
func (r rotator) test(ctx context.Context, e event) ([]keyring.Key, error) {
	fresh, err := r.keys(ctx, e, pending)
	if err != nil {
		return nil, err
	}
	old, err := r.keys(ctx, e, current)
	if err != nil && !errors.Is(err, errNoValue) {
		return nil, err
	}
	entries := strings.Split(keyring.Format(fresh), ",")
	for _, k := range keyring.Prune(old, time.Now(), r.keep) {
		if !slices.Contains(entries, keyring.Format([]keyring.Key{k})) {
			return nil, fmt.Errorf("%w: key %q is missing but still needed", errUnfit, k.ID)
		}
	}
	if _, err := keyring.New("rotatekeys", keyring.Format(fresh)); err != nil {
		return nil, fmt.Errorf("%w: %w", errUnfit, err)
	}
	return fresh, nil
}

// finish makes the pending version the current one. If its ring is not valid, or its key is
// too old by now, the version is abandoned so that another rotation can begin.
func (r rotator) finish(ctx context.Context, e event, from *string) error {
	keys, err := r.test(ctx, e)
	if err == nil && keyring.TooLate(keys, time.Now()) {
		err = fmt.Errorf("%w: key %q was created too long ago", errUnfit, keys[0].ID)
	}
	if errors.Is(err, errUnfit) {
		return errors.Join(err, r.move(ctx, e, pending, &e.ClientRequestToken, nil))
	}
	if err != nil {
		return err
	}
	return r.move(ctx, e, current, from, &e.ClientRequestToken)
}

// move moves a label from one version to another; either may be nil.
func (r rotator) move(ctx context.Context, e event, stage string, from, to *string) error {
	_, err := r.client.UpdateSecretVersionStage(ctx, &secretsmanager.UpdateSecretVersionStageInput{
		SecretId:            &e.SecretID,
		VersionStage:        &stage,
		RemoveFromVersionId: from,
		MoveToVersionId:     to,
	})
	return err
}

var errNoValue = errors.New("no value")

// keys reads the ring in the event's pending version, or in the current one. The error is
// errNoValue if there is none.
func (r rotator) keys(ctx context.Context, e event, stage string) ([]keyring.Key, error) {
	in := &secretsmanager.GetSecretValueInput{SecretId: &e.SecretID, VersionStage: &stage}
	if stage == pending {
		in.VersionId = &e.ClientRequestToken
	}
	out, err := r.client.GetSecretValue(ctx, in)
	if errors.As(err, new(*types.ResourceNotFoundException)) {
		return nil, errNoValue
	}
	if err != nil {
		return nil, err
	}
	if out.SecretString == nil {
		return nil, errors.New("the secret is binary, but a ring is text")
	}
	keys, err := keyring.Parse(*out.SecretString)
	if err == nil && len(keys) == 0 {
		return nil, errNoValue
	}
	return keys, err
}

// versionOf returns the id of the version with a label, nil if there is none.
func versionOf(secret *secretsmanager.DescribeSecretOutput, stage string) *string {
	for id, stages := range secret.VersionIdsToStages {
		if slices.Contains(stages, stage) {
			return &id
		}
	}
	return nil
}
