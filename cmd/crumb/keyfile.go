package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"

	"github.com/crumb-go/crumb/shared/keyring"
	"github.com/crumb-go/crumb/shared/keyring/awssecret"
)

// readRing reads the keys at place: a file, "-" or "secret:NAME". Save writes a
// ring back to place.
func readRing(ctx context.Context, place string, stdin io.Reader) (keys []keyring.Key, save saveFunc, err error) {
	var text string
	if name, ok := strings.CutPrefix(place, "secret:"); ok {
		text, save, err = readSecret(ctx, name)
	} else if place == "-" {
		var all []byte
		all, err = io.ReadAll(stdin)
		text, save = string(unmarked(all)), func(_ context.Context, text string, stdout io.Writer) error {
			_, err := fmt.Fprintln(stdout, text)
			return err
		}
	} else {
		text, save, err = readFile(place)
	}
	if err != nil {
		return nil, nil, err
	}
	keys, err = keyring.Parse(text)
	return keys, save, err
}

func readSecret(ctx context.Context, name string) (string, saveFunc, error) {
	client := awssecret.NewClient()
	text, err := awssecret.From(client)(ctx, name)
	return text, func(ctx context.Context, text string, _ io.Writer) error {
		_, err := client.PutSecretValue(ctx, &secretsmanager.PutSecretValueInput{SecretId: &name, SecretString: &text})
		return err
	}, err
}

// keysLine is the ring in a file of environment variables: its value is the second group.
var keysLine = regexp.MustCompile(`(?m)^((?:export )?CRUMB_KEYS=["']?)([^"'\r\n]*)`)

func readFile(file string) (string, saveFunc, error) {
	all, err := os.ReadFile(file)
	if err != nil {
		return "", nil, err
	}
	before, text, after := "", string(unmarked(all)), "\n"
	if at := keysLine.FindStringSubmatchIndex(text); at != nil {
		before, text, after = text[:at[4]], text[at[4]:at[5]], text[at[5]:]
	}
	return text, func(_ context.Context, text string, _ io.Writer) error {
		return replaceFile(file, before+text+after)
	}, nil
}

// replaceFile replaces a file's content atomically, or leaves the file unchanged. A
// link stays one: the file that it leads to is replaced.
func replaceFile(file, text string) error {
	file, err := filepath.EvalSymlinks(file)
	if err != nil {
		return err
	}
	info, err := os.Stat(file)
	if err != nil {
		return err
	}
	fresh, err := os.CreateTemp(filepath.Dir(file), ".crumb-keys-*") // readable by the owner only
	if err != nil {
		return err
	}
	_, err = fresh.WriteString(text)
	err = errors.Join(err, fresh.Chmod(info.Mode().Perm()), fresh.Close())
	if err == nil {
		err = os.Rename(fresh.Name(), file)
	}
	if err != nil {
		if gone := os.Remove(fresh.Name()); !errors.Is(gone, fs.ErrNotExist) {
			err = errors.Join(err, gone)
		}
	}
	return err
}
