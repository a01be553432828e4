package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"github.com/crumb-go/crumb/shared/keyring"
)

func newKeys() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "keys",
		Short: "Make, list, rotate and check the keys that seal cookies",
		Long: `Make, list, rotate and check a ring of keys, as package keyring reads it from
CRUMB_KEYS or a secret. Only new, and rotate of standard input, print secrets.

RING is where the ring is:

  ring.txt       a file that holds the ring and nothing else
  .env           a file with a line CRUMB_KEYS=..., whose value is the ring
  -              standard input
  secret:NAME    an AWS secret, by name or ARN, with the region and credentials in
                 AWS_REGION, AWS_ACCESS_KEY_ID and so on: for a profile, first
                 eval "$(aws configure export-credentials --format env)"`,
		Example: `  crumb keys new > ring.txt
  crumb keys list secret:shop-keys
  crumb keys rotate .env            # says what it would do
  crumb keys rotate .env --write`,
		Args: arguments(0, 0, ""),
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(newKeysNew(), newKeysList(), newKeysRotate(), newKeysCheck())
	return cmd
}

func newKeysNew() *cobra.Command {
	var dev bool
	cmd := &cobra.Command{
		Use:   "new",
		Short: "Print a ring with one new key",
		Args:  arguments(0, 0, ""),
		RunE: func(cmd *cobra.Command, _ []string) error {
			prefix := ""
			if dev {
				prefix = "dev-"
			}
			fmt.Fprintln(cmd.OutOrStdout(), keyring.Format([]keyring.Key{keyring.NewKey(prefix, time.Now())}))
			return nil
		},
	}
	cmd.Flags().BoolVar(&dev, "dev", false, "a key for development, which is rejected on AWS")
	return cmd
}

// newRingCommand returns a command that does something with the ring in its argument.
func newRingCommand(use, short string, do func(cmd *cobra.Command, keys []keyring.Key, save saveFunc) error) *cobra.Command {
	return &cobra.Command{
		Use:   use + " RING",
		Short: short,
		Args:  arguments(1, 1, "crumb keys "+use+" RING; RING is a file, - or secret:NAME"),
		RunE: func(cmd *cobra.Command, args []string) error {
			keys, save, err := readRing(cmd.Context(), args[0], cmd.InOrStdin())
			if err != nil {
				return err
			}
			return do(cmd, keys, save)
		},
	}
}

func newKeysList() *cobra.Command {
	return newRingCommand("list", "Show ids and ages, never secrets", func(cmd *cobra.Command, keys []keyring.Key, _ saveFunc) error {
		return printKeys(cmd.OutOrStdout(), keys, nil, time.Now())
	})
}

func newKeysRotate() *cobra.Command {
	var keepDays int
	var write bool
	const short = "Add a new key and drop those no longer needed (a dry run without --write)"
	cmd := newRingCommand("rotate", short, func(cmd *cobra.Command, keys []keyring.Key, save saveFunc) error {
		now := time.Now()
		rotated := keyring.Rotate(keys, now, time.Duration(keepDays)*24*time.Hour)
		if err := printKeys(cmd.ErrOrStderr(), rotated, keys, now); err != nil {
			return err
		}
		if !write {
			fmt.Fprintln(cmd.ErrOrStderr(), "dry run: nothing was written (use --write)")
			return nil
		}
		return save(cmd.Context(), keyring.Format(rotated), cmd.OutOrStdout())
	})
	cmd.Long = `Add a new key to a ring, used for sealing from 10 minutes later, and drop keys
that no unexpired value can still need. Without --write nothing is changed.
A ring from standard input is written to standard output. An empty file or
secret gets its first key.`
	cmd.PreRunE = func(*cobra.Command, []string) error {
		if keepDays < 0 {
			return errors.New("--keep-days is negative")
		}
		return nil
	}
	cmd.Flags().IntVar(&keepDays, "keep-days", 400, "the longest life of any sealed value; browsers keep cookies for 400 days at most")
	cmd.Flags().BoolVar(&write, "write", false, "write the rotated ring")
	return cmd
}

func newKeysCheck() *cobra.Command {
	const short = "Check a ring: exit 1 and print the errors if functions would reject it"
	return newRingCommand("check", short, func(cmd *cobra.Command, keys []keyring.Key, _ saveFunc) error {
		if _, err := keyring.New("crumb keys check", keyring.Format(keys)); err != nil {
			return err
		}
		fmt.Fprintf(cmd.OutOrStdout(), "ok: %d keys, %s seals\n", len(keys), keys[keyring.SealingIndex(keys, time.Now())].ID)
		return nil
	})
}

// printKeys prints keys, and what happens to old ones, if there are any.
func printKeys(w io.Writer, keys, old []keyring.Key, now time.Time) error {
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "ID\tCREATED\tAGE\t")
	row := func(k keyring.Key, state string) {
		fmt.Fprintf(table, "%s\t%s\t%s\t%s\n", k.ID, k.Created.Format(time.RFC3339), age(now.Sub(k.Created)), state)
	}
	has := func(keys []keyring.Key, id string) bool {
		return slices.ContainsFunc(keys, func(k keyring.Key) bool { return k.ID == id })
	}
	sealing := keyring.SealingIndex(keys, now)
	for i, k := range keys {
		state := "opens"
		switch {
		case i == sealing:
			state = "seals"
		case i < sealing:
			state = "seals soon"
		}
		if old != nil && !has(old, k.ID) {
			state += ", new"
		}
		row(k, state)
	}
	for _, k := range old {
		if !has(keys, k.ID) {
			row(k, "dropped")
		}
	}
	return table.Flush()
}

// age formats a duration in the largest unit that it fills twice.
func age(d time.Duration) string {
	switch {
	case d >= 48*time.Hour:
		return fmt.Sprintf("%dd", d/(24*time.Hour))
	case d >= 2*time.Hour:
		return fmt.Sprintf("%dh", d/time.Hour)
	case d >= 0:
		return fmt.Sprintf("%dm", d/time.Minute)
	}
	return "not yet"
}

// A saveFunc writes a ring's text back to where it was read from.
type saveFunc func(ctx context.Context, text string, stdout io.Writer) error
