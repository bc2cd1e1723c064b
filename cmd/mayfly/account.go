package main

import (
	"context"
	"fmt"
	"text/tabwriter"

	"github.com/mayfly-edge/mayfly/cmd/mayfly/client"
)

type accountCommand struct {
	Create accountCreate `cmd:"" help:"Make an account."`
	List   accountList   `cmd:"" help:"List the accounts."`
	Limit  accountLimit  `cmd:"" help:"Set what an account may use."`
}

func (accountCommand) Help() string {
	return `Each account has workers, KV namespaces, tokens, usage and limits of its own. Other commands
take its id with --account. Making and limiting accounts needs a token for all accounts,
such as the root token.

Examples:

  mayfly account create "Team Blue" --concurrency 200
  mayfly token create blue --scope deploy --account 3f2a...
  mayfly account limit --account 3f2a... --max-scripts 50`
}

// accountLimits are the flags of an account's limits.
type accountLimits struct {
	Concurrency *int `help:"Requests that may be in flight; 0 for the server's limit." placeholder:"N"`
	MaxScripts  *int `help:"Workers it may have; 0 for the server's limit." placeholder:"N"`
	JSON        bool `help:"Answer as JSON."`
}

type accountCreate struct {
	Name string `arg:"" help:"Name of the account."`
	accountLimits
	controlFlags
}

func (accountCreate) Help() string {
	return "The id is written to standard output.\n\nExample:\n\n  mayfly account create \"Team Blue\" --max-scripts 50"
}

func (c *accountCreate) Run(ctx context.Context, m *Main) error {
	k, err := c.client(m)
	if err != nil {
		return err
	}
	a, err := k.CreateAccount(ctx, c.Name, c.Concurrency, c.MaxScripts)
	if err != nil {
		return explain(err)
	}
	if c.JSON {
		return printJSON(m.Stdout, a)
	}
	_, err = fmt.Fprintln(m.Stdout, a.ID)
	return err
}

type accountList struct {
	JSON bool `help:"Answer as JSON."`
	controlFlags
}

func (accountList) Help() string {
	return "Lists the accounts that the token is for.\n\nExample:\n\n  mayfly account list"
}

func (c *accountList) Run(ctx context.Context, m *Main) error {
	k, err := c.client(m)
	if err != nil {
		return err
	}
	all, err := k.Accounts(ctx)
	if err != nil {
		return explain(err)
	}
	if c.JSON {
		return printJSON(m.Stdout, all)
	}
	t := tabwriter.NewWriter(m.Stdout, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "ID\tNAME\tCONCURRENCY\tWORKERS AT MOST")
	for _, a := range all {
		fmt.Fprintf(t, "%s\t%s\t%s\t%s\n", a.ID, a.Name, limit(a.Concurrency), limit(a.MaxScripts))
	}
	return t.Flush()
}

// limit shows a limit, which 0 leaves to the server.
func limit(n int) string {
	if n == 0 {
		return "default"
	}
	return fmt.Sprint(n)
}

type accountLimit struct {
	accountLimits
	controlFlags
}

func (accountLimit) Help() string {
	return "Limits hold at once. What is not mentioned stays.\n\nExample:\n\n  mayfly account limit --account 3f2a... --concurrency 200"
}

func (c *accountLimit) Run(ctx context.Context, m *Main) error {
	if c.Concurrency == nil && c.MaxScripts == nil {
		return usageError("give --concurrency or --max-scripts")
	}
	k, err := c.client(m)
	if err != nil {
		return err
	}
	var a *client.Account
	if a, err = k.LimitAccount(ctx, c.Concurrency, c.MaxScripts); err != nil {
		return explain(err)
	}
	if c.JSON {
		return printJSON(m.Stdout, a)
	}
	return nil
}
