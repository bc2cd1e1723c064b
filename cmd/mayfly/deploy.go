package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/mayfly-edge/mayfly/cmd/mayfly/client"
	"github.com/mayfly-edge/mayfly/cmd/mayfly/project"
	"github.com/mayfly-edge/mayfly/runtime/script"
)

type deployCommand struct {
	Path    string   `arg:"" optional:"" help:"Folder, project file or source file. Default: the current folder." placeholder:"PATH"`
	Name    string   `help:"Deploy under this name instead of that of the project file." placeholder:"NAME"`
	Env     string   `help:"Environment of the project file." placeholder:"NAME" short:"e"`
	Var     []string `help:"Set a variable, over that of the project file. May be repeated." placeholder:"NAME:VALUE" sep:"none"`
	Message string   `help:"Say what is new in this version." placeholder:"TEXT"`
	Tag     string   `help:"Give the version a tag." placeholder:"TAG"`
	DryRun  bool     `help:"Bundle only, and say what would be deployed."`
	JSON    bool     `help:"Answer as JSON."`
	controlFlags
}

func (deployCommand) Help() string {
	return `Bundles the worker of a folder with wrangler.jsonc, wrangler.json or wrangler.toml, or of
one source file, uploads it and gives it all requests. KV namespaces without id in the
project file are made. Secrets stay as they are.

Examples:

  mayfly deploy
  mayfly deploy examples/hello
  mayfly deploy worker.ts --name greeter
  mayfly deploy --env staging --message "New greeting" --json
  mayfly deploy --control https://mayfly.example.net:8788`
}

// deployed is what --json shows.
type deployed struct {
	Name        string   `json:"name"`
	Version     string   `json:"version,omitempty"`
	URL         string   `json:"url,omitempty"`
	StartupTime int      `json:"startup_time_ms,omitempty"`
	Size        int      `json:"size_bytes"`
	Modules     []string `json:"modules"`
	Bindings    []string `json:"bindings"`
	Routes      []string `json:"routes"`
	Crons       []string `json:"crons"`
	Assets      int      `json:"assets,omitempty"` // static files
	Made        []string `json:"kv_namespaces_created,omitempty"`
	DryRun      bool     `json:"dry_run,omitempty"`
	Warnings    []string `json:"warnings,omitempty"`
}

func (c *deployCommand) Run(ctx context.Context, m *Main) error {
	vars, err := parseVarFlags(c.Var)
	if err != nil {
		return err
	}
	p, err := project.Load(c.Path, c.Env)
	if err != nil {
		return err
	}
	if c.Name != "" {
		if err := script.CheckName(c.Name); err != nil {
			return usageError("--name: %w", err)
		}
		p.Name = c.Name
	}
	for name, value := range vars {
		p.Bindings = setBinding(p.Bindings, script.Binding{Name: name, Type: script.PlainText, Text: value})
	}
	b, err := p.Bundle(ctx)
	if err != nil {
		fmt.Fprintf(m.Stderr, "mayfly: %s", frameOf(err))
		return errReported
	}
	files, err := p.Assets()
	if err != nil {
		return err
	}
	result := describe(p, b)
	if files != nil {
		result.Assets = len(files.Files)
	}
	if !c.DryRun {
		k, err := c.client(m)
		if err != nil {
			return err
		}
		if err := c.deploy(ctx, k, p, b, files, result); err != nil {
			return explain(err)
		}
	}
	result.DryRun = c.DryRun
	if c.JSON {
		return printJSON(m.Stdout, result)
	}
	result.print(m)
	return nil
}

// describe says what is known before the upload.
func describe(p *project.Project, b *project.Bundle) *deployed {
	d := &deployed{Name: p.Name, Modules: []string{}, Bindings: []string{}, Routes: []string{}, Crons: []string{}, Warnings: p.Warnings}
	for _, w := range b.Warnings {
		d.Warnings = append(d.Warnings, strings.TrimSpace(w.Frame()))
	}
	for _, mod := range b.Modules {
		d.Modules = append(d.Modules, mod.Name)
		if mod.Type != script.SourceMap {
			d.Size += len(mod.Content)
		}
	}
	for _, n := range p.Bindings {
		d.Bindings = append(d.Bindings, n.Name)
	}
	for _, r := range p.Routes {
		d.Routes = append(d.Routes, r.Pattern)
	}
	if p.Crons != nil {
		d.Crons = append(d.Crons, *p.Crons...)
	}
	return d
}

// deploy uploads and sets what leads requests to the worker.
func (c *deployCommand) deploy(ctx context.Context, k *client.Client, p *project.Project, b *project.Bundle, files *project.Assets, result *deployed) error {
	bindings, made, err := provision(ctx, k, p)
	if err != nil {
		return err
	}
	result.Made = made
	keep := []script.BindingType{script.SecretText, "secret_key"}
	if p.KeepVars {
		keep = append(keep, script.PlainText, script.JSON)
	}
	annotations := map[string]string{}
	if c.Message != "" {
		annotations["workers/message"] = c.Message
	}
	if c.Tag != "" {
		annotations["workers/tag"] = c.Tag
	}
	uploaded, err := putAssets(ctx, k, p.Name, files)
	if err != nil {
		return err
	}
	up, err := k.Put(ctx, p.Name, &client.Upload{
		Format: b.Format, Main: b.Main, Modules: b.Modules, Bindings: bindings, KeepBindings: keep,
		CompatibilityDate: p.CompatibilityDate, CompatibilityFlags: p.CompatibilityFlags, Limits: p.Limits,
		Observability: p.Observability, Provisioned: p.Provisioned, Concurrency: p.Concurrency, Host: p.Host, Annotations: annotations,
		Assets: uploaded,
	})
	if err != nil {
		return err
	}
	result.Version, result.StartupTime = up.Version, up.StartupTime
	if err := trigger(ctx, k, p); err != nil {
		return fmt.Errorf("the version %s answers, but not yet everywhere it should: %w", up.Version, err)
	}
	result.URL, err = k.URL(ctx, p.Name)
	return err
}

// putAssets uploads the static files that the server does not have yet.
func putAssets(ctx context.Context, k *client.Client, name string, files *project.Assets) (*client.UploadedAssets, error) {
	if files == nil {
		return nil, nil
	}
	token, err := k.PutAssets(ctx, name, files.Manifest(), files.Reader())
	if err != nil {
		return nil, err
	}
	return &client.UploadedAssets{Token: token, Config: files.Config}, nil
}

// provision settles KV namespaces without id: as in the version before, or by title,
// or made now. made are the titles of the last.
func provision(ctx context.Context, k *client.Client, p *project.Project) (bindings []script.Binding, made []string, err error) {
	bindings = slices.Clone(p.Bindings)
	var old []script.Binding
	var have []client.Namespace
	asked := false
	for i := range bindings {
		b := &bindings[i]
		if b.Type != script.KVNamespace || b.NamespaceID != "" {
			continue
		}
		if !asked {
			asked = true
			if old, err = k.Bindings(ctx, p.Name); err != nil && !client.IsUnknownScript(err) {
				return nil, nil, err
			}
			if have, err = k.Namespaces(ctx); err != nil {
				return nil, nil, err
			}
		}
		if slices.ContainsFunc(old, func(o script.Binding) bool { return o.Name == b.Name && o.Type == b.Type }) {
			b.Type = script.Inherit
			continue
		}
		title := p.Name + "-" + b.Name
		if at := slices.IndexFunc(have, func(n client.Namespace) bool { return n.Title == title }); at >= 0 {
			b.NamespaceID = have[at].ID
			continue
		}
		n, err := k.CreateNamespace(ctx, title)
		if err != nil {
			return nil, nil, err
		}
		b.NamespaceID = n.ID
		made = append(made, title)
	}
	return bindings, made, nil
}

// trigger sets the worker's own host, routes, custom domains and cron triggers as the
// project file says. What it does not speak of stays.
func trigger(ctx context.Context, k *client.Client, p *project.Project) error {
	var routes, domains []string
	for _, r := range p.Routes {
		if r.CustomDomain {
			domains = append(domains, r.Pattern)
		} else {
			routes = append(routes, r.Pattern)
		}
	}
	own := len(p.Routes) == 0
	if p.WorkersDev != nil {
		own = *p.WorkersDev
	}
	previews := own
	if p.PreviewURLs != nil {
		previews = *p.PreviewURLs
	}
	errs := []error{k.SetSubdomain(ctx, p.Name, own, previews)}
	if len(routes) > 0 {
		errs = append(errs, k.SetRoutes(ctx, p.Name, routes))
	}
	if len(domains) > 0 {
		errs = append(errs, k.SetDomains(ctx, p.Name, domains))
	}
	if p.Crons != nil {
		errs = append(errs, k.SetSchedules(ctx, p.Name, *p.Crons))
	}
	return errors.Join(errs...)
}

func (d *deployed) print(m *Main) {
	colour := paletteFor(m.Stdout, m.Getenv)
	for _, w := range d.Warnings {
		fmt.Fprintf(m.Stderr, "%s %s\n", paletteFor(m.Stderr, m.Getenv).yellow("warning:"), w)
	}
	verb := "Deployed"
	if d.DryRun {
		verb = "Would deploy"
	}
	line := func(label, text string) {
		if text != "" {
			fmt.Fprintf(m.Stdout, "  %-9s %s\n", label, text)
		}
	}
	fmt.Fprintf(m.Stdout, "%s %s (%s)\n", colour.green(verb), colour.bold(d.Name), size(d.Size))
	if d.Version != "" {
		line("Version", fmt.Sprintf("%s, started in %d ms", d.Version, d.StartupTime))
	}
	if d.Assets > 0 {
		line("Files", fmt.Sprint(d.Assets))
	}
	line("Bindings", strings.Join(d.Bindings, ", "))
	for _, title := range d.Made {
		line("Made", "KV namespace "+title)
	}
	line("URL", d.URL)
	for _, r := range d.Routes {
		line("Route", r)
	}
	for _, cron := range d.Crons {
		line("Cron", cron)
	}
}
