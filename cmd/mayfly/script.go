package main

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/mayfly-edge/mayfly/cmd/mayfly/client"
)

type scriptCommand struct {
	List     scriptList     `cmd:"" help:"List the workers."`
	Versions scriptVersions `cmd:"" help:"List a worker's versions and the share of requests each gets."`
	Rollback scriptRollback `cmd:"" help:"Give all requests to an earlier version."`
	Limit    scriptLimit    `cmd:"" help:"Set a worker's reserved and provisioned concurrency."`
	Runs     scriptRuns     `cmd:"" help:"List the last runs of a worker's cron triggers."`
	Release  scriptRelease  `cmd:"" help:"Let a worker run again that was taken out of service."`
	Delete   scriptDelete   `cmd:"" help:"Delete a worker with its versions, routes and triggers."`
}

type scriptList struct {
	JSON bool `help:"Answer as JSON."`
	controlFlags
}

func (scriptList) Help() string { return "Example:\n\n  mayfly script list" }

func (c *scriptList) Run(ctx context.Context, m *Main) error {
	k, err := c.client(m)
	if err != nil {
		return err
	}
	all, err := k.Scripts(ctx)
	if err != nil {
		return explain(err)
	}
	if c.JSON {
		return printJSON(m.Stdout, all)
	}
	t := tabwriter.NewWriter(m.Stdout, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "WORKER\tMODIFIED")
	for _, s := range all {
		fmt.Fprintf(t, "%s\t%s\n", s.ID, s.ModifiedOn.UTC().Format(time.DateTime))
	}
	return t.Flush()
}

type scriptVersions struct {
	Name string `arg:"" help:"Name of the worker."`
	JSON bool   `help:"Answer as JSON."`
	controlFlags
}

func (scriptVersions) Help() string {
	return "Newest first; the last 100 are kept.\n\nExample:\n\n  mayfly script versions hello"
}

func (c *scriptVersions) Run(ctx context.Context, m *Main) error {
	k, err := c.client(m)
	if err != nil {
		return err
	}
	all, err := k.Versions(ctx, c.Name)
	if err != nil {
		return explain(err)
	}
	if c.JSON {
		return printJSON(m.Stdout, all)
	}
	active, err := k.ActiveShares(ctx, c.Name)
	if err != nil {
		return explain(err)
	}
	t := tabwriter.NewWriter(m.Stdout, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "VERSION\tCREATED\tBY\tREQUESTS\tMESSAGE")
	for _, v := range all {
		share := ""
		if p := active[v.ID]; p > 0 {
			share = strconv.FormatFloat(p, 'f', -1, 64) + "%"
		}
		fmt.Fprintf(t, "%s\t%s\t%s\t%s\t%s\n", v.ID, v.Metadata.CreatedOn.UTC().Format(time.DateTime), v.Metadata.Author, share, v.Annotations["workers/message"])
	}
	return t.Flush()
}

type scriptRollback struct {
	Name    string `arg:"" help:"Name of the worker."`
	Version string `arg:"" optional:"" help:"Version to go back to, or how its id begins. Default: the one that had all requests before." placeholder:"VERSION"`
	Message string `help:"Say why." placeholder:"TEXT"`
	Force   bool   `help:"Even if secrets have changed since that version, which come back with it."`
	controlFlags
}

func (scriptRollback) Help() string {
	return "Requests that run end on the version they began with.\n\nExamples:\n\n  mayfly script rollback hello\n  mayfly script rollback hello 5bba0ac6 --message \"Slow since Tuesday\""
}

func (c *scriptRollback) Run(ctx context.Context, m *Main) error {
	k, err := c.client(m)
	if err != nil {
		return err
	}
	version, err := c.target(ctx, k)
	if err != nil {
		return err
	}
	if err := k.DeployVersion(ctx, c.Name, version, c.Message, c.Force); err != nil {
		return explain(err)
	}
	_, err = fmt.Fprintf(m.Stdout, "%s answers with version %s\n", c.Name, version)
	return err
}

// target is the id of the version to go back to.
func (c *scriptRollback) target(ctx context.Context, k *client.Client) (string, error) {
	if c.Version == "" {
		version, err := k.PreviousVersion(ctx, c.Name)
		if err != nil {
			return "", explain(err)
		}
		if version == "" {
			return "", fmt.Errorf("%s had no other version before: name one of those that \"mayfly script versions %s\" lists", c.Name, c.Name)
		}
		return version, nil
	}
	all, err := k.Versions(ctx, c.Name)
	if err != nil {
		return "", explain(err)
	}
	var found []string
	for _, v := range all {
		if strings.HasPrefix(v.ID, c.Version) {
			found = append(found, v.ID)
		}
	}
	switch len(found) {
	case 0:
		return "", fmt.Errorf("%s has no version %s: \"mayfly script versions %s\" lists them", c.Name, c.Version, c.Name)
	case 1:
		return found[0], nil
	}
	return "", fmt.Errorf("%d versions of %s begin with %s: give more of the id", len(found), c.Name, c.Version)
}

type scriptLimit struct {
	Name        string `arg:"" help:"Name of the worker."`
	Concurrency *int   `help:"Requests in flight that are reserved for the worker, and the most it may have; 0 for the server's limit." placeholder:"N"`
	Provisioned *int   `help:"Isolates kept warm of each deployed version; 0 for none." placeholder:"N"`
	controlFlags
}

func (scriptLimit) Help() string {
	return "Limits hold at once. Provisioned isolates are made before requests reach a new deployment.\n\nExample:\n\n  mayfly script limit hello --concurrency 100 --provisioned 4"
}

func (c *scriptLimit) Run(ctx context.Context, m *Main) error {
	if c.Concurrency == nil && c.Provisioned == nil {
		return usageError("give --concurrency or --provisioned")
	}
	k, err := c.client(m)
	if err != nil {
		return err
	}
	return explain(k.LimitScript(ctx, c.Name, c.Concurrency, c.Provisioned))
}

type scriptRuns struct {
	Name string `arg:"" help:"Name of the worker."`
	JSON bool   `help:"Answer as JSON."`
	controlFlags
}

func (scriptRuns) Help() string {
	return "Newest first; the last 100 are kept.\n\nExample:\n\n  mayfly script runs hello"
}

func (c *scriptRuns) Run(ctx context.Context, m *Main) error {
	k, err := c.client(m)
	if err != nil {
		return err
	}
	all, err := k.CronRuns(ctx, c.Name)
	if err != nil {
		return explain(err)
	}
	if c.JSON {
		return printJSON(m.Stdout, all)
	}
	t := tabwriter.NewWriter(m.Stdout, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "DUE\tCRON\tOUTCOME\tCPU\tWALL\tERROR")
	for _, r := range all {
		fmt.Fprintf(t, "%s\t%s\t%s\t%s\t%s\t%s\n", r.Scheduled.UTC().Format(time.DateTime), r.Cron, r.Outcome, short(r.CPU), short(r.Wall), r.Error)
	}
	return t.Flush()
}

type scriptRelease struct {
	Name string `arg:"" help:"Name of the worker."`
	controlFlags
}

func (scriptRelease) Help() string {
	return "A worker that takes down the process it runs in several times is refused from then on.\n\nExample:\n\n  mayfly script release hello"
}

func (c *scriptRelease) Run(ctx context.Context, m *Main) error {
	k, err := c.client(m)
	if err != nil {
		return err
	}
	return explain(k.Release(ctx, c.Name))
}

type scriptDelete struct {
	Name  string `arg:"" help:"Name of the worker."`
	Force bool   `help:"Even if other workers are bound to it."`
	controlFlags
}

func (scriptDelete) Help() string {
	return "KV namespaces and usage stay. There is no way back.\n\nExample:\n\n  mayfly script delete hello"
}

func (c *scriptDelete) Run(ctx context.Context, m *Main) error {
	k, err := c.client(m)
	if err != nil {
		return err
	}
	return explain(k.DeleteScript(ctx, c.Name, c.Force))
}
