package main

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/mayfly-edge/mayfly/runtime/script"
)

type tokenCommand struct {
	Create tokenCreate `cmd:"" help:"Make a token."`
	List   tokenList   `cmd:"" help:"List the tokens."`
	Revoke tokenRevoke `cmd:"" help:"Make a token invalid."`
}

func (tokenCommand) Help() string {
	return `Scopes: read (look at everything but KV values), deploy (read, and change workers), kv (KV
namespaces and their data), tail (live logs), admin (everything, tokens too).

Examples:

  mayfly token create ci --scope deploy --scope kv --expires 2160h
  mayfly token list
  mayfly token revoke 3f2a...`
}

type tokenCreate struct {
	Name    string        `arg:"" help:"What the token is for."`
	Scope   []string      `help:"What it allows: read, deploy, kv, tail or admin. May be repeated." required:"" placeholder:"SCOPE"`
	Expires time.Duration `help:"How long it is valid. Default: for ever." placeholder:"TIME"`
	JSON    bool          `help:"Answer as JSON."`
	controlFlags
}

func (tokenCreate) Help() string {
	return "The token is written to standard output, once: it cannot be shown again.\n\nExample:\n\n  mayfly token create ci --scope deploy --expires 2160h"
}

func (c *tokenCreate) Run(ctx context.Context, m *Main) error {
	var scopes []script.Scope
	for _, s := range c.Scope {
		if !slices.Contains(script.Scopes[:], script.Scope(s)) {
			return usageError("--scope %s: it must be %s", s, scopeNames())
		}
		scopes = append(scopes, script.Scope(s))
	}
	if c.Expires < 0 {
		return usageError("--expires %v: it must be positive", c.Expires)
	}
	k, err := c.client(m)
	if err != nil {
		return err
	}
	var expires time.Time
	if c.Expires > 0 {
		expires = time.Now().Add(c.Expires)
	}
	t, err := k.CreateToken(ctx, c.Name, scopes, expires)
	if err != nil {
		return explain(err)
	}
	if c.JSON {
		return printJSON(m.Stdout, t)
	}
	fmt.Fprintln(m.Stdout, t.Value)
	return nil
}

func scopeNames() string {
	names := make([]string, len(script.Scopes))
	for i, s := range script.Scopes {
		names[i] = string(s)
	}
	return strings.Join(names[:len(names)-1], ", ") + " or " + names[len(names)-1]
}

type tokenList struct {
	JSON bool `help:"Answer as JSON."`
	controlFlags
}

func (tokenList) Help() string { return "Example:\n\n  mayfly token list --json" }

func (c *tokenList) Run(ctx context.Context, m *Main) error {
	k, err := c.client(m)
	if err != nil {
		return err
	}
	all, err := k.Tokens(ctx)
	if err != nil {
		return explain(err)
	}
	if c.JSON {
		return printJSON(m.Stdout, all)
	}
	t := tabwriter.NewWriter(m.Stdout, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "ID\tNAME\tSCOPES\tCREATED\tEXPIRES")
	for _, token := range all {
		expires := "never"
		if !token.ExpiresOn.IsZero() {
			expires = token.ExpiresOn.UTC().Format(time.DateTime)
		}
		scopes := make([]string, len(token.Scopes))
		for i, s := range token.Scopes {
			scopes[i] = string(s)
		}
		fmt.Fprintf(t, "%s\t%s\t%s\t%s\t%s\n", token.ID, token.Name, strings.Join(scopes, ","), token.CreatedOn.UTC().Format(time.DateTime), expires)
	}
	return t.Flush()
}

type tokenRevoke struct {
	ID string `arg:"" help:"Id of the token, from mayfly token list."`
	controlFlags
}

func (tokenRevoke) Help() string {
	return "Example:\n\n  mayfly token revoke 3f2a4c5d6e7f8091a2b3c4d5e6f70819"
}

func (c *tokenRevoke) Run(ctx context.Context, m *Main) error {
	k, err := c.client(m)
	if err != nil {
		return err
	}
	return explain(k.RevokeToken(ctx, c.ID))
}
