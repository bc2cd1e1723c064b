package project

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/mayfly-edge/mayfly/isolate/compiler"
	"github.com/mayfly-edge/mayfly/runtime/script"
)

// A Project is a worker's folder: how to bundle it and how to deploy it.
type Project struct {
	// Dir is the absolute path of the folder, File that of the project file or "" if
	// there is none.
	Dir, File string
	Name      string
	// Main is the entry, relative to Dir; "" for a project that has only static assets.
	Main string
	Env  string // the environment chosen, "" for the top level

	CompatibilityDate  string
	CompatibilityFlags []string
	Limits             script.Limits
	// Bindings are those of the project file. A KV namespace may be without id: it is
	// to be made.
	Bindings []script.Binding
	Routes   []Route
	// Crons are the cron triggers; nil leaves those that are deployed.
	Crons *[]string
	// WorkersDev says whether the worker answers on its own host name; nil means only if
	// it has no routes.
	WorkersDev, PreviewURLs *bool
	KeepVars                bool
	Observability           json.RawMessage
	// Provisioned isolates are kept warm, Concurrency is reserved; nil leaves them.
	Provisioned, Concurrency *int
	Host                     *string // script.HostOwn for a host process of its own; nil leaves it

	// Warnings say what in the project file has no effect.
	Warnings []string

	build  compiler.ProjectOptions
	assets *assetsConfig
}

// Load reads the project at path: a folder, a project file, or a source file that is a
// whole worker. env names an environment of the project file, "" for none.
func Load(path, env string) (*Project, error) {
	if path == "" {
		path = "."
	}
	path, err := filepath.Abs(path)
	if err != nil {
		return nil, err
	}
	st, err := os.Stat(path)
	if err != nil {
		return nil, fmt.Errorf("%s: there is no such file or folder", path)
	}
	switch {
	case st.IsDir():
		if file := find(path); file != "" {
			return load(file, env)
		}
		return bare(path, env)
	case slices.Contains([]string{".jsonc", ".json", ".toml"}, filepath.Ext(path)):
		return load(path, env)
	}
	if env != "" {
		return nil, errors.New("a single source file has no environments: leave out --env")
	}
	base := filepath.Base(path)
	return &Project{
		Dir: filepath.Dir(path), Main: base, Name: scriptName(strings.TrimSuffix(base, filepath.Ext(base))),
		build: compiler.ProjectOptions{Dir: filepath.Dir(path), Entry: base},
	}, nil
}

// entries are the names looked for when a folder has no project file.
var entries = [...]string{"index.ts", "index.js", "index.mjs", "index.tsx", "index.jsx", "worker.ts", "worker.js",
	"src/index.ts", "src/index.js", "src/index.mjs", "src/index.tsx", "src/index.jsx", "src/worker.ts", "src/worker.js"}

// bare is a folder without project file.
func bare(dir, env string) (*Project, error) {
	if env != "" {
		return nil, fmt.Errorf("there is no environment %q: %s has no project file", env, dir)
	}
	for _, name := range entries {
		if st, err := os.Stat(filepath.Join(dir, filepath.FromSlash(name))); err == nil && st.Mode().IsRegular() {
			return &Project{Dir: dir, Main: name, Name: scriptName(filepath.Base(dir)),
				build: compiler.ProjectOptions{Dir: dir, Entry: name}}, nil
		}
	}
	return nil, fmt.Errorf("%s has no wrangler.jsonc, wrangler.json or wrangler.toml, and no index.js or index.ts: name the file to run", dir)
}

var notInNames = regexp.MustCompile(`[^a-z0-9_-]+`)

// scriptName makes a valid script name of a file's or folder's.
func scriptName(name string) string {
	name = strings.Trim(notInNames.ReplaceAllString(strings.ToLower(name), "-"), "-")
	if name = strings.Trim(name[:min(len(name), 63)], "-"); name == "" {
		return "worker"
	}
	return name
}

// load reads a project file.
func load(file, env string) (*Project, error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	text, err = parse(file, text)
	if err != nil {
		return nil, err
	}
	p, err := fromConfig(file, text, env)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	return p, nil
}

func fromConfig(file string, text []byte, env string) (*Project, error) {
	c, warnings, err := read(text, env)
	if err != nil {
		return nil, err
	}
	p := &Project{
		Dir: filepath.Dir(file), File: file, Name: c.Name, Main: c.Main, Env: env,
		CompatibilityDate: c.CompatibilityDate, CompatibilityFlags: c.CompatibilityFlags, Limits: c.Limits,
		Crons: c.Triggers.Crons, WorkersDev: c.WorkersDev, PreviewURLs: c.PreviewURLs, KeepVars: c.KeepVars,
		Observability: c.Observability, Provisioned: c.Unsafe.Metadata.Provisioned, Concurrency: c.Unsafe.Metadata.Concurrency, Host: c.Unsafe.Metadata.Host, Warnings: warnings,
		assets: c.Assets,
	}
	switch {
	case c.Assets != nil && c.Assets.Directory == "":
		return nil, errors.New(`"assets.directory" is missing: name the folder of the static files`)
	case p.Main == "" && c.Assets != nil && c.Assets.Binding != "":
		return nil, errors.New(`"assets.binding" is of no use without "main": there is no code that could read it`)
	case p.Main == "" && c.Assets == nil:
		return nil, errors.New(`"main" is missing: name the worker's entry file, such as "main": "src/index.js"`)
	}
	if p.Name == "" {
		p.Name = scriptName(filepath.Base(p.Dir))
	}
	if err := script.CheckName(p.Name); err != nil {
		return nil, err
	}
	if err := c.Limits.Check(); err != nil {
		return nil, err
	}
	if p.Bindings, err = c.bindings(); err != nil {
		return nil, err
	}
	if p.Routes, err = c.routes(); err != nil {
		return nil, err
	}
	p.build = compiler.ProjectOptions{
		Dir: p.Dir, Entry: c.Main, Define: c.Define, Alias: c.Alias, TSConfig: c.TSConfig, Minify: c.Minify,
		NodeCompat: slices.ContainsFunc(p.CompatibilityFlags, func(f string) bool {
			return f == "nodejs_compat" || f == "nodejs_compat_v2"
		}),
	}
	p.build.Rules, err = c.rules()
	return p, err
}

// KV returns the id of the KV namespace with that binding.
func (p *Project) KV(binding string) (id string, ok bool) {
	for _, b := range p.Bindings {
		if b.Type == script.KVNamespace && b.Name == binding {
			return b.NamespaceID, true
		}
	}
	return "", false
}
