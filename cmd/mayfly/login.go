package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/mayfly-edge/mayfly/cmd/mayfly/client"
)

type loginCommand struct {
	Control string `help:"URL of the control plane, also from MAYFLY_CONTROL. Default: ${default}." default:"http://127.0.0.1:8788" placeholder:"URL" env:"MAYFLY_CONTROL"`
	Forget  bool   `help:"Forget the token of this control plane."`
}

func (loginCommand) Help() string {
	return `Reads an API token from standard input, asks the control plane whether it is valid, and
keeps it for the other commands, readable by you alone. MAYFLY_TOKEN goes before it.

Examples:

  mayfly login
  mayfly login < mayfly-data/token
  mayfly login --control https://mayfly.example.net:8788
  mayfly login --forget`
}

func (c *loginCommand) Run(ctx context.Context, m *Main) error {
	kept, err := readCredentials(m)
	if err != nil {
		return err
	}
	if c.Forget {
		if _, ok := kept[c.Control]; !ok {
			return fmt.Errorf("there is no token for %s", c.Control)
		}
		delete(kept, c.Control)
		_, err := writeCredentials(m, kept)
		return err
	}
	token, err := readToken(m)
	if err != nil {
		return err
	}
	asked, err := client.New(c.Control, token, "default")
	if err != nil {
		return usageError("--control: %w", err)
	}
	if err := asked.Verify(ctx); err != nil {
		if client.IsUnauthorized(err) {
			return err
		}
		return explain(err)
	}
	kept[c.Control] = token
	file, err := writeCredentials(m, kept)
	if err != nil {
		return err
	}
	fmt.Fprintf(m.Stdout, "The token for %s is valid and kept in %s.\n", c.Control, file)
	return nil
}

// readToken reads one line; on a terminal it asks for it, without showing it.
func readToken(m *Main) (string, error) {
	if isTerminal(m.Stdin) {
		fmt.Fprint(m.Stderr, "API token: ")
		defer hideInput(m.Stdin)()
	}
	line, err := bufio.NewReader(io.LimitReader(m.Stdin, 4096)).ReadString('\n')
	if err != nil && !errors.Is(err, io.EOF) {
		return "", err
	}
	token := strings.TrimSpace(line)
	if token == "" {
		return "", errors.New("no token was given on standard input")
	}
	return token, nil
}
