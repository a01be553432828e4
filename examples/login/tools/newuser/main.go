// Command newuser reads a password from standard input and prints a user for the
// variable USERS:
//
//	go run ./tools/newuser ana < password.txt
package main

import (
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/crumb-go/crumb/examples/login/internal/users"
)

func main() {
	if err := run(os.Args[1:], os.Stdin, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(args []string, stdin io.Reader, stdout io.Writer) error {
	if len(args) != 1 {
		return fmt.Errorf("usage: go run ./tools/newuser NAME < FILE WITH THE PASSWORD")
	}
	password, err := io.ReadAll(stdin)
	if err != nil {
		return err
	}
	u, err := users.New(args[0], strings.TrimRight(string(password), "\r\n"))
	if err != nil {
		return err
	}
	_, err = fmt.Fprintln(stdout, u)
	return err
}
