package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/mayfly-edge/mayfly/conformance"
)

type conformanceCommand struct {
	WPT  string   `name:"wpt" placeholder:"DIR" help:"Run the web-platform-tests of this checkout."`
	Only []string `placeholder:"PATH,..." help:"With --wpt: only these folders or files of the checkout."`
	JSON string   `name:"json" placeholder:"FILE" help:"With --wpt: write all results to this file."`

	Against string `placeholder:"URL" help:"With --wpt: run the tests on the server whose control plane has this URL, such as http://127.0.0.1:8788/client/v4; the token is MAYFLY_TOKEN."`
	Workers string `placeholder:"URL" default:"http://127.0.0.1:8787" help:"With --against: where workers answer. Default: ${default}."`
	Host    string `placeholder:"HOST" default:"wpt.localhost" help:"With --against: the host of the worker called wpt. Default: ${default}."`

	Reference bool `help:"Run Mayfly's own cases on workerd, which npm brings, and show where it answers otherwise."`

	Expectations string `placeholder:"DIR" help:"With --wpt: known failures to use instead of those built in."`
	Update       bool   `help:"With --wpt: rewrite the files of --expectations to what the run shows."`
	Verbose      bool   `short:"v" help:"With --wpt: tell of each file as it ends."`
}

func (conformanceCommand) Help() string {
	return `Show that this build behaves as expected.

Without flags it runs Mayfly's own cases; with --reference it runs them on workerd
to compare, which needs Node and npm. With --wpt it runs web-platform-tests
in isolates of this process and prints how many subtests of each directory
passed. It fails if anything is not as expected: known failures must fail.

Examples:

  mayfly conformance
  mayfly conformance --reference
  mayfly conformance --wpt ~/wpt --only url,streams --json results.json
  mayfly conformance --wpt ~/wpt --against http://127.0.0.1:8788/client/v4
  mayfly conformance --wpt ~/wpt --expectations conformance/expectations --update`
}

func (c *conformanceCommand) Run(ctx context.Context, m *Main) error {
	err := c.run(ctx, m)
	if errors.Is(err, conformance.ErrFailed) {
		fmt.Fprintf(m.Stderr, "mayfly: %v\n", err)
		return errReported
	}
	return err
}

func (c *conformanceCommand) run(ctx context.Context, m *Main) error {
	if c.WPT == "" {
		if len(c.Only) > 0 || c.JSON != "" || c.Against != "" || c.Expectations != "" || c.Update {
			return usageError("these flags need --wpt DIR")
		}
		if c.Reference {
			return conformance.RunReference(ctx, m.Stdout)
		}
		return conformance.RunCases(ctx, m.Stdout)
	}
	if c.Reference {
		return usageError("--reference runs Mayfly's own cases, not those of --wpt")
	}
	if info, err := os.Stat(c.WPT); err != nil || !info.IsDir() {
		return usageError("--wpt: %s is not a directory", c.WPT)
	}
	if c.Update && c.Expectations == "" {
		return usageError("--update needs --expectations DIR, which it rewrites")
	}
	var progress io.Writer
	if c.Verbose {
		progress = m.Stderr
	}
	return conformance.RunWPT(ctx, conformance.WPT{
		Dir: c.WPT, Only: c.Only, JSON: c.JSON,
		Against: c.Against, Token: m.Getenv("MAYFLY_TOKEN"), Workers: c.Workers, Host: c.Host,
		Expectations: c.Expectations, Update: c.Update,
		Out: m.Stdout, Progress: progress,
	})
}
