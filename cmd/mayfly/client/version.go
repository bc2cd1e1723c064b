package client

import (
	"context"
	"net/url"
	"time"

	"github.com/mayfly-edge/mayfly/runtime/cron"
	"github.com/mayfly-edge/mayfly/runtime/script"
)

// A Script is a deployed worker.
type Script struct {
	ID         string    `json:"id"` // its name
	CreatedOn  time.Time `json:"created_on"`
	ModifiedOn time.Time `json:"modified_on"`
}

// Scripts lists the account's workers.
func (c *Client) Scripts(ctx context.Context) ([]Script, error) {
	all := []Script{}
	_, err := c.ask(ctx, request{method: "GET", path: c.inAccount("workers", "scripts")}, &all)
	return all, err
}

// A Version is one version of a worker.
type Version struct {
	ID       string `json:"id"`
	Number   int    `json:"number"`
	Metadata struct {
		CreatedOn time.Time `json:"created_on"`
		Author    string    `json:"author_email"`
		Source    string    `json:"source"`
	} `json:"metadata"`
	Annotations map[string]string `json:"annotations,omitempty"`
}

// Versions lists a worker's versions, the newest first.
func (c *Client) Versions(ctx context.Context, name string) ([]Version, error) {
	var out struct{ Items []Version }
	_, err := c.ask(ctx, request{method: "GET", path: c.script(name, "versions")}, &out)
	return out.Items, err
}

// deployments lists a worker's deployments, the newest first.
func (c *Client) deployments(ctx context.Context, name string) ([]script.Deployment, error) {
	var out struct{ Deployments []script.Deployment }
	_, err := c.ask(ctx, request{method: "GET", path: c.script(name, "deployments")}, &out)
	return out.Deployments, err
}

// ActiveShares gives the percentage of requests that each version gets now.
func (c *Client) ActiveShares(ctx context.Context, name string) (map[string]float64, error) {
	all, err := c.deployments(ctx, name)
	shares := map[string]float64{}
	if len(all) > 0 {
		for _, s := range all[0].Versions {
			shares[s.VersionID] = s.Percentage
		}
	}
	return shares, err
}

// PreviousVersion is the version that last had all requests before the present
// deployment, or "".
func (c *Client) PreviousVersion(ctx context.Context, name string) (string, error) {
	all, err := c.deployments(ctx, name)
	if err != nil || len(all) == 0 {
		return "", err
	}
	for _, d := range all[1:] {
		if v := d.Versions; len(v) == 1 && (len(all[0].Versions) != 1 || v[0].VersionID != all[0].Versions[0].VersionID) {
			return v[0].VersionID, nil
		}
	}
	return "", nil
}

// DeployVersion gives all requests to a version. force does so although secrets have
// changed since.
func (c *Client) DeployVersion(ctx context.Context, name, version, message string, force bool) error {
	in := map[string]any{"strategy": "percentage", "versions": []script.Share{{VersionID: version, Percentage: 100}}}
	if message != "" {
		in["annotations"] = map[string]string{"workers/message": message}
	}
	r := request{method: "POST", path: c.script(name, "deployments"), json: in}
	if force {
		r.query = url.Values{"force": {"true"}}
	}
	_, err := c.ask(ctx, r, nil)
	return err
}

// LimitScript sets a worker's reserved concurrency and how many isolates of it are kept
// warm; nil leaves one as it is.
func (c *Client) LimitScript(ctx context.Context, name string, concurrency, provisioned *int) error {
	in := map[string]int{}
	if concurrency != nil {
		in["concurrency"] = *concurrency
	}
	if provisioned != nil {
		in["provisioned"] = *provisioned
	}
	_, err := c.ask(ctx, request{method: "PATCH", path: c.script(name, "script-settings"), json: in}, nil)
	return err
}

// CronRuns lists the last runs of a worker's cron triggers, the newest first.
func (c *Client) CronRuns(ctx context.Context, name string) ([]cron.Run, error) {
	all := []cron.Run{}
	_, err := c.ask(ctx, request{method: "GET", path: c.inAccount("mayfly", "scripts", name, "runs")}, &all)
	return all, err
}

// DeleteScript deletes a worker. force does so although others are bound to it.
func (c *Client) DeleteScript(ctx context.Context, name string, force bool) error {
	r := request{method: "DELETE", path: c.script(name)}
	if force {
		r.query = url.Values{"force": {"true"}}
	}
	_, err := c.ask(ctx, r, nil)
	return err
}
