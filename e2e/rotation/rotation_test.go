// Package rotation runs the built rotation function through Lambda's Runtime API
// against a mock of Secrets Manager, while the visits function keeps responding.
package rotation

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"

	"github.com/crumb-go/crumb/e2e/testenv"
	"github.com/crumb-go/crumb/internal/gobuild"
	"github.com/crumb-go/crumb/internal/lambda"
	"github.com/crumb-go/crumb/shared/keyring"
	"github.com/crumb-go/crumb/shared/keyring/awssecret"
)

var steps = []string{"createSecret", "setSecret", "testSecret", "finishSecret"}

// cloud is the mock, and the functions' binaries.
type cloud struct {
	env     map[string]string
	client  *secretsmanager.Client
	builder *gobuild.Builder
	root    string
}

func startCloud(t *testing.T) *cloud {
	c := &cloud{
		env: map[string]string{
			"AWS_ENDPOINT_URL":      testenv.Moto(t, "requirements.txt"),
			"AWS_REGION":            "eu-west-1",
			"AWS_ACCESS_KEY_ID":     "AKID",
			"AWS_SECRET_ACCESS_KEY": "SECRET",
		},
		builder: gobuild.New(t.TempDir()),
		root:    testenv.Root(t),
	}
	t.Cleanup(func() { c.builder.Close() })
	for name, value := range c.env {
		t.Setenv(name, value)
	}
	c.client = awssecret.NewClient()
	return c
}

// secret creates a secret without a value.
func (c *cloud) secret(t *testing.T, name string) {
	t.Helper()
	if _, err := c.client.CreateSecret(t.Context(), &secretsmanager.CreateSecretInput{Name: &name}); err != nil {
		t.Fatal(err)
	}
}

// instance is one warm sandbox of each function, started when it is first used.
type instance struct {
	pool *lambda.Pool
	log  bytes.Buffer // complete once the pool is closed
}

func (c *cloud) instance(t *testing.T, secret string) *instance {
	t.Helper()
	i := &instance{}
	env := maps.Clone(c.env)
	env["CRUMB_KEYS_SECRET"] = secret
	function := func(folder string) lambda.Function {
		return lambda.Function{
			Name:    folder,
			Timeout: 30 * time.Second,
			Env:     env,
			Build: func(ctx context.Context) (string, error) {
				return c.builder.Build(ctx, gobuild.Source{Dir: filepath.Join(c.root, "functions", folder)})
			},
		}
	}
	var err error
	i.pool, err = lambda.New(lambda.Config{
		Functions:    []lambda.Function{function("visits"), function("rotatekeys")},
		Logs:         &i.log,
		MaxSandboxes: 1,
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		i.pool.Close()
		if t.Failed() {
			t.Logf("functions' log:\n%s", &i.log)
		}
	})
	return i
}

func (i *instance) invoke(ctx context.Context, function string, event any) ([]byte, error) {
	payload, err := json.Marshal(event)
	if err != nil {
		return nil, err
	}
	answer, err := i.pool.Invoke(ctx, function, lambda.Invocation{Payload: payload})
	if err != nil {
		return nil, err
	}
	defer answer.Body.Close()
	return io.ReadAll(answer.Body)
}

// visit sends a cookie, or none, and returns the response's text and its cookie.
func (i *instance) visit(ctx context.Context, cookie string) (body, sealed string, err error) {
	event := map[string]any{
		"version": "2.0", "rawPath": "/visits", "headers": map[string]string{},
		"requestContext": map[string]any{"http": map[string]string{"method": "GET", "path": "/visits"}, "stage": "$default"},
	}
	if cookie != "" {
		event["cookies"] = []string{cookie}
	}
	text, err := i.invoke(ctx, "visits", event)
	if err != nil {
		return "", "", err
	}
	var answer struct {
		StatusCode int
		Body       string
		Cookies    []string
	}
	if err := json.Unmarshal(text, &answer); err != nil {
		return "", "", err
	}
	sealed, _, _ = strings.Cut(strings.Join(answer.Cookies, ""), ";")
	return fmt.Sprint(answer.StatusCode, " ", answer.Body), sealed, nil
}

// rotate sends the steps of one rotation to a separate instance, and reports why
// the rotation is incomplete: an error of a step, a step that was out of order,
// or another current version. Skipped is a step to leave out.
func (c *cloud) rotate(t *testing.T, secret, version, skipped string) error {
	i := c.instance(t, secret)
	for _, step := range steps {
		if step == skipped {
			continue
		}
		event := map[string]string{"Step": step, "SecretId": secret, "ClientRequestToken": version}
		if _, err := i.invoke(t.Context(), "rotatekeys", event); err != nil {
			return err
		}
	}
	if err := i.pool.Close(); err != nil { // after which the log is complete
		return err
	}
	var done []string
	for _, match := range stepDone.FindAllStringSubmatch(i.log.String(), -1) {
		done = append(done, match[1])
	}
	if !slices.Equal(done, steps) {
		return fmt.Errorf("steps done: %q, want %q", done, steps)
	}
	value, err := c.client.GetSecretValue(t.Context(), &secretsmanager.GetSecretValueInput{SecretId: &secret, VersionStage: new("AWSCURRENT")})
	if err != nil {
		return err
	}
	if *value.VersionId != version {
		return fmt.Errorf("AWSCURRENT is version %s, want %s", *value.VersionId, version)
	}
	return nil
}

var stepDone = regexp.MustCompile(`"rotation step done","step":"(\w+)"`)

// ring returns the current keys.
func (c *cloud) ring(t *testing.T, secret string) []keyring.Key {
	t.Helper()
	text, err := awssecret.From(c.client)(t.Context(), secret)
	if err != nil {
		t.Fatal(err)
	}
	keys, err := keyring.Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	return keys
}

// version returns the id of a secret's nth version: at least 32 bytes.
func version(n int) string { return fmt.Sprintf("00000000-0000-4000-8000-%012d", n) }

func TestRotation(t *testing.T) {
	const secret = "the-ring"
	c := startCloud(t)
	c.secret(t, secret)
	ctx := t.Context()

	waiting := c.instance(t, secret)
	if got, sealed, err := waiting.visit(ctx, ""); !strings.HasPrefix(got, "503 ") || sealed != "" || err != nil {
		t.Fatalf("with an empty secret: %q, %q, %v", got, sealed, err)
	}
	if err := c.rotate(t, secret, version(1), ""); err != nil {
		t.Fatal("first rotation: ", err)
	}
	first := c.ring(t, secret)
	if len(first) != 1 || time.Since(first[0].Created) > time.Minute {
		t.Fatalf("%d keys after the first rotation, want a new one", len(first))
	}

	// One instance responds all the time; others start afterwards.
	before := c.instance(t, secret)
	var cookies []string
	seal := func(i *instance) {
		t.Helper()
		got, sealed, err := i.visit(ctx, "")
		if got != "200 Welcome! This is your first visit." || sealed == "" || err != nil {
			t.Errorf("visit: %q, %q, %v", got, sealed, err)
			return
		}
		cookies = append(cookies, sealed)
	}
	seal(before)
	rotated := make(chan error, 1)
	go func() { rotated <- c.rotate(t, secret, version(2), "") }()
	for waits := true; waits; {
		select {
		case err := <-rotated:
			if err != nil {
				t.Fatal("second rotation: ", err)
			}
			waits = false
		default:
			seal(before)
		}
	}
	after := c.instance(t, secret)
	seal(before)
	seal(after)
	second := c.ring(t, secret)
	if len(second) != 2 || !strings.Contains(keyring.Format(second), keyring.Format(first)) {
		t.Fatalf("%d keys after the second rotation, want a new one and the old one", len(second))
	}

	// Ten minutes later the new key seals. Time only passes in the secret.
	for k := range second {
		second[k].Created = second[k].Created.Add(-time.Duration(10+k) * time.Minute)
	}
	text := keyring.Format(second)
	if _, err := c.client.PutSecretValue(ctx, &secretsmanager.PutSecretValueInput{SecretId: new(secret), SecretString: &text}); err != nil {
		t.Fatal(err)
	}
	later := c.instance(t, secret)
	seal(later)

	t.Logf("%d cookies, sealed before, during and after the rotation", len(cookies))
	for n, cookie := range cookies {
		for name, i := range map[string]*instance{"after": after, "later": later} {
			if got, _, err := i.visit(ctx, cookie); !strings.HasPrefix(got, "200 Welcome back! Visit 2,") || err != nil {
				t.Errorf("cookie %d at the instance of %s: %q, %v", n, name, got, err)
			}
		}
		// The old instance only gets the new key when it reads the ring again.
		if got, _, err := before.visit(ctx, cookie); n < len(cookies)-1 && !strings.HasPrefix(got, "200 Welcome back! Visit 2,") || err != nil {
			t.Errorf("cookie %d at the old instance: %q, %v", n, got, err)
		}
	}
}

// TestRotation can fail: it does if any step is left out.
func TestEveryStepCounts(t *testing.T) {
	c := startCloud(t)
	for n, skipped := range append(steps, "") {
		t.Run("without-"+skipped, func(t *testing.T) {
			secret := fmt.Sprint("ring-", n)
			c.secret(t, secret)
			if err := c.rotate(t, secret, version(1), ""); err != nil {
				t.Fatal(err)
			}
			err := c.rotate(t, secret, version(2), skipped)
			if (err == nil) != (skipped == "") {
				t.Errorf("a rotation without %q: %v", skipped, err)
			}
		})
	}
}
