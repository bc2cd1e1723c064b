package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/mayfly-edge/mayfly/cmd/mayfly/client"
	"github.com/mayfly-edge/mayfly/cmd/mayfly/project"
)

type secretCommand struct {
	Put    secretPut    `cmd:"" help:"Set a secret, read from standard input."`
	List   secretList   `cmd:"" help:"List the names of the secrets."`
	Delete secretDelete `cmd:"" help:"Delete a secret."`
	Bulk   secretBulk   `cmd:"" help:"Set secrets from a JSON or NAME=value file."`
}

func (secretCommand) Help() string {
	return `A secret is a variable of a worker that nobody can read back. Setting one makes a new
version of the worker and deploys it. The worker is that of the project file in the
current folder, or --name.

Examples:

  echo -n hunter2 | mayfly secret put PASSWORD
  mayfly secret list --name greeter
  mayfly secret bulk .dev.vars`
}

// workerFlags choose a worker.
type workerFlags struct {
	Name   string `help:"Name of the worker. Default: that of the project file." placeholder:"NAME"`
	Config string `help:"Project file or folder. Default: the current folder." placeholder:"PATH"`
	Env    string `help:"Environment of the project file." placeholder:"NAME" short:"e"`
	controlFlags
}

// open returns a client and the name of the worker chosen.
func (f *workerFlags) open(m *Main) (*client.Client, string, error) {
	name := f.Name
	if name == "" {
		p, err := project.Load(f.Config, f.Env)
		if err != nil {
			return nil, "", fmt.Errorf("%w; or name the worker with --name", err)
		}
		name = p.Name
	}
	k, err := f.client(m)
	return k, name, err
}

type secretPut struct {
	Key string `arg:"" name:"secret" help:"Name of the secret."`
	workerFlags
}

func (secretPut) Help() string {
	return "The value is standard input, without the newline at its end.\n\nExample:\n\n  mayfly secret put PASSWORD --name greeter < password.txt"
}

func (c *secretPut) Run(ctx context.Context, m *Main) error {
	k, name, err := c.open(m)
	if err != nil {
		return err
	}
	value, err := readSecret(m, c.Key)
	if err != nil {
		return err
	}
	if err := k.PutSecret(ctx, name, c.Key, value); err != nil {
		return explain(err)
	}
	fmt.Fprintf(m.Stdout, "Set the secret %s of %s.\n", c.Key, name)
	return nil
}

// readSecret reads a value without one newline at its end.
func readSecret(m *Main, key string) (string, error) {
	if isTerminal(m.Stdin) {
		fmt.Fprintf(m.Stderr, "Value of %s, ended by Ctrl-D on a line of its own: ", key)
		defer hideInput(m.Stdin)()
	}
	text, err := io.ReadAll(m.Stdin)
	if err != nil {
		return "", err
	}
	value := strings.TrimSuffix(strings.TrimSuffix(string(text), "\n"), "\r")
	if value == "" {
		return "", errors.New("no value was given on standard input")
	}
	return value, nil
}

type secretList struct {
	JSON bool `help:"Answer as JSON."`
	workerFlags
}

func (secretList) Help() string { return "Example:\n\n  mayfly secret list --name greeter --json" }

func (c *secretList) Run(ctx context.Context, m *Main) error {
	k, name, err := c.open(m)
	if err != nil {
		return err
	}
	names, err := k.Secrets(ctx, name)
	if err != nil {
		return explain(err)
	}
	if c.JSON {
		return printJSON(m.Stdout, names)
	}
	for _, n := range names {
		fmt.Fprintln(m.Stdout, n)
	}
	return nil
}

type secretDelete struct {
	Key string `arg:"" name:"secret" help:"Name of the secret."`
	workerFlags
}

func (secretDelete) Help() string {
	return "Example:\n\n  mayfly secret delete PASSWORD --name greeter"
}

func (c *secretDelete) Run(ctx context.Context, m *Main) error {
	k, name, err := c.open(m)
	if err != nil {
		return err
	}
	if err := k.DeleteSecret(ctx, name, c.Key); err != nil {
		return explain(err)
	}
	fmt.Fprintf(m.Stdout, "Deleted the secret %s of %s.\n", c.Key, name)
	return nil
}

type secretBulk struct {
	File string `arg:"" help:"File; - is standard input."`
	workerFlags
}

func (secretBulk) Help() string {
	return `The file is a JSON object of names and values, of which null deletes, or lines NAME=value.

Examples:

  echo '{"PASSWORD": "hunter2", "OLD": null}' | mayfly secret bulk - --name greeter
  mayfly secret bulk .dev.vars`
}

func (c *secretBulk) Run(ctx context.Context, m *Main) error {
	text, err := readFileOrStdin(m, c.File)
	if err != nil {
		return err
	}
	changes := map[string]*string{}
	if strings.HasPrefix(strings.TrimSpace(string(text)), "{") {
		if err := json.Unmarshal(text, &changes); err != nil {
			return fmt.Errorf("%s: %w", c.File, err)
		}
	} else {
		vars, err := project.ParseVars(string(text))
		if err != nil {
			return fmt.Errorf("%s:%w", c.File, err)
		}
		for _, v := range vars {
			changes[v[0]] = &v[1]
		}
	}
	k, name, err := c.open(m)
	if err != nil {
		return err
	}
	if err := k.ChangeSecrets(ctx, name, changes); err != nil {
		return explain(err)
	}
	fmt.Fprintf(m.Stdout, "Changed %d secrets of %s.\n", len(changes), name)
	return nil
}
