package compiler

import (
	"context"
	"crypto/sha1"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"

	"github.com/evanw/esbuild/pkg/api"
)

// ProjectOptions says how to bundle a folder.
type ProjectOptions struct {
	// Dir is the project's folder; "" is the current one.
	Dir string
	// Entry is the main file, relative to Dir.
	Entry string
	// Conditions picks among a package's exports; nil means workerd, worker, browser.
	Conditions []string
	// Define replaces identifiers by JavaScript expressions.
	Define map[string]string
	// Alias replaces one import specifier by another.
	Alias map[string]string
	// Rules add kinds of files to the default ones, which stay: .txt, .html and
	// .sql are Text, .bin is Data, .wasm is Wasm.
	Rules []Rule
	// NodeCompat leaves the bare names of Node's modules to the host, as node:name.
	NodeCompat bool
	// TSConfig is a tsconfig.json to use instead of the nearest one, relative to Dir.
	TSConfig string
	// Minify shortens the code.
	Minify bool
}

// Rule gives the files that match a glob a kind: Text, Data, Wasm or CommonJS.
// In a glob * is anything but a slash and **/ any folders.
type Rule struct {
	Kind  Kind
	Globs []string
}

// Project is a bundled folder.
type Project struct {
	// Source is ready to upload or for BuildBundle: index.js, its map, and a
	// module for each file imported as text, data or WebAssembly.
	Source Source
	// Inputs are the files that went in, absolute and sorted: what to watch.
	Inputs []string
	// Warnings are esbuild's.
	Warnings []Diagnostic
}

// The name wrangler gives the main module too.
const projectMain = "index.js"

// BuildProject bundles a folder as wrangler does: npm packages, TypeScript and
// JSX into one module; cloudflare:* and node:* left to the host. It reads the disk:
// it is for the author's own machine, never for uploads. An entry without exports
// makes a service-worker script. Failures of the source are an *Error.
func BuildProject(ctx context.Context, o ProjectOptions) (p *Project, err error) {
	defer recoverTo(&err, "bundling")
	dir, err := filepath.Abs(o.Dir)
	if err != nil {
		return nil, err
	}
	if o.Entry == "" {
		return nil, failure("the project names no main file").note(`set "main" in wrangler.jsonc or name the file on the command line`)
	}
	if _, err := os.Stat(filepath.Join(dir, o.Entry)); err != nil {
		return nil, failure("the main file %s cannot be read: %v", o.Entry, err)
	}
	a := &assets{dir: dir, node: o.NodeCompat, modules: map[string]Module{}}
	if a.rules, err = compileRules(o.Rules); err != nil {
		return nil, err
	}
	opts := projectBuild(o, dir)
	opts.Plugins = []api.Plugin{{Name: "mayfly", Setup: a.setup}}
	build, cerr := api.Context(opts)
	if cerr != nil {
		return nil, diagnose(cerr.Errors)
	}
	defer build.Dispose()
	stop := context.AfterFunc(ctx, build.Cancel)
	result := build.Rebuild()
	stop()
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if len(result.Errors) > 0 {
		return nil, diagnose(result.Errors)
	}
	return a.project(result)
}

func projectBuild(o ProjectOptions, dir string) api.BuildOptions {
	conditions := o.Conditions
	if conditions == nil {
		conditions = []string{"workerd", "worker", "browser"}
	}
	define := map[string]string{"process.env.NODE_ENV": `"production"`, "navigator.userAgent": `"Cloudflare-Workers"`}
	maps.Copy(define, o.Define)
	opts := api.BuildOptions{
		EntryPoints: []string{"./" + filepath.ToSlash(o.Entry)}, Bundle: true, Format: api.FormatESModule,
		Platform: api.PlatformBrowser, Target: api.ESNext, Charset: api.CharsetUTF8, AbsWorkingDir: dir,
		Conditions: conditions, Define: define, Alias: o.Alias,
		Loader: map[string]api.Loader{
			".js": api.LoaderJSX, ".mjs": api.LoaderJSX, ".cjs": api.LoaderJSX,
		},
		Outfile: filepath.Join(dir, projectMain), AllowOverwrite: true, Metafile: true,
		Sourcemap: api.SourceMapExternal, SourcesContent: api.SourcesContentInclude,
		LogLevel: api.LogLevelSilent, LogLimit: 20,
		MinifyWhitespace: o.Minify, MinifySyntax: o.Minify, MinifyIdentifiers: o.Minify,
	}
	if o.TSConfig != "" {
		opts.Tsconfig = filepath.Join(dir, o.TSConfig)
	}
	return opts
}

// assets collects what a project imports besides code.
type assets struct {
	dir   string
	node  bool
	rules []matcher

	mu      sync.Mutex // esbuild resolves concurrently
	modules map[string]Module
	inputs  []string
}

type matcher struct {
	kind Kind
	re   *regexp.Regexp
}

var defaultRules = []Rule{
	{Text, []string{"**/*.txt", "**/*.html", "**/*.sql"}},
	{Data, []string{"**/*.bin"}},
	{Wasm, []string{"**/*.wasm"}},
}

func compileRules(extra []Rule) ([]matcher, error) {
	var out []matcher
	for _, r := range append(slices.Clone(extra), defaultRules...) {
		switch r.Kind {
		case Text, Data, Wasm:
		case ESModule, CommonJS:
			continue // code is bundled whatever its name
		default:
			return nil, failure("a rule makes files %s modules; only text, data, wasm and commonjs are possible", r.Kind)
		}
		for _, g := range r.Globs {
			out = append(out, matcher{r.Kind, globPattern(g)})
		}
	}
	return out, nil
}

func globPattern(glob string) *regexp.Regexp {
	var b strings.Builder
	b.WriteString(`(?:^|/)`)
	for len(glob) > 0 {
		switch {
		case strings.HasPrefix(glob, "**/"):
			b.WriteString(`(?:.*/)?`)
			glob = glob[3:]
		case strings.HasPrefix(glob, "**"):
			b.WriteString(`.*`)
			glob = glob[2:]
		case glob[0] == '*':
			b.WriteString(`[^/]*`)
			glob = glob[1:]
		case glob[0] == '?':
			b.WriteString(`[^/]`)
			glob = glob[1:]
		default:
			n := strings.IndexAny(glob, "*?")
			if n < 0 {
				n = len(glob)
			}
			b.WriteString(regexp.QuoteMeta(glob[:n]))
			glob = glob[n:]
		}
	}
	b.WriteString(`$`)
	return regexp.MustCompile(b.String())
}

func (a *assets) setup(b api.PluginBuild) {
	b.OnResolve(api.OnResolveOptions{Filter: `^(cloudflare|node|workerd):`}, func(args api.OnResolveArgs) (api.OnResolveResult, error) {
		return hostModule(args, args.Path), nil
	})
	b.OnLoad(api.OnLoadOptions{Filter: `.*`, Namespace: requiredNamespace}, func(args api.OnLoadArgs) (api.OnLoadResult, error) {
		text := fmt.Sprintf("import * as m from %q;\nmodule.exports = \"default\" in m ? m.default : m;\n", args.Path)
		return api.OnLoadResult{Contents: &text}, nil
	})
	b.OnResolve(api.OnResolveOptions{Filter: `.*`}, func(args api.OnResolveArgs) (api.OnResolveResult, error) {
		if args.PluginData == resolving || args.Kind == api.ResolveEntryPoint {
			return api.OnResolveResult{}, nil
		}
		if isNodeModule(args.Path) {
			return a.nodeModule(b, args), nil
		}
		for _, r := range a.rules {
			if r.re.MatchString(strings.TrimSuffix(args.Path, "?module")) {
				return a.asset(b, args, r.kind)
			}
		}
		return api.OnResolveResult{}, nil
	})
}

// requiredNamespace holds a module for each module of the host's that a CommonJS file
// requires: in the bundle, an ES module, only import reaches the host.
const requiredNamespace = "required"

// hostModule leaves a module to the host.
func hostModule(args api.OnResolveArgs, name string) api.OnResolveResult {
	if args.Kind == api.ResolveJSRequireCall {
		return api.OnResolveResult{Path: name, Namespace: requiredNamespace}
	}
	return api.OnResolveResult{Path: name, External: true, SideEffects: api.SideEffectsFalse}
}

type marker struct{}

// resolving marks the look-ups this plugin itself asks for.
var resolving = &marker{}

func (a *assets) lookUp(b api.PluginBuild, args api.OnResolveArgs, path string) api.ResolveResult {
	return b.Resolve(path, api.ResolveOptions{
		Importer: args.Importer, Namespace: args.Namespace, ResolveDir: args.ResolveDir, Kind: args.Kind, PluginData: resolving,
	})
}

// nodeModule leaves a bare name to the host, unless a package of that name is installed and Node's is not to be had.
func (a *assets) nodeModule(b api.PluginBuild, args api.OnResolveArgs) api.OnResolveResult {
	if a.node {
		return hostModule(args, "node:"+strings.TrimPrefix(args.Path, "node:"))
	}
	if r := a.lookUp(b, args, args.Path); len(r.Errors) == 0 {
		return api.OnResolveResult{Path: r.Path, External: r.External, Namespace: r.Namespace, PluginData: r.PluginData}
	}
	return api.OnResolveResult{Errors: []api.Message{{
		Text:  fmt.Sprintf("Could not resolve %q", args.Path),
		Notes: []api.Note{{Text: `it is a module of Node.js: add "nodejs_compat" to compatibility_flags to use it`}},
	}}}
}

// asset turns an import of a file that is not code into an uploaded module.
func (a *assets) asset(b api.PluginBuild, args api.OnResolveArgs, kind Kind) (api.OnResolveResult, error) {
	r := a.lookUp(b, args, strings.TrimSuffix(args.Path, "?module"))
	if len(r.Errors) > 0 {
		return api.OnResolveResult{Errors: r.Errors}, nil
	}
	contents, err := os.ReadFile(r.Path)
	if err != nil {
		return api.OnResolveResult{}, err
	}
	sum := sha1.Sum(contents) // a name, as wrangler makes it, not a signature
	name := "./" + hex.EncodeToString(sum[:]) + "-" + filepath.Base(r.Path)
	a.mu.Lock()
	a.modules[name] = Module{Name: name, Kind: kind, Contents: contents}
	a.inputs = append(a.inputs, r.Path)
	a.mu.Unlock()
	return api.OnResolveResult{Path: name, External: true, WatchFiles: []string{r.Path}}, nil
}

type metafile struct {
	Inputs  map[string]struct{} `json:"inputs"`
	Outputs map[string]struct {
		EntryPoint string     `json:"entryPoint"`
		Exports    []string   `json:"exports"`
		Imports    []struct{} `json:"imports"`
	} `json:"outputs"`
}

func (a *assets) project(result api.BuildResult) (*Project, error) {
	var meta metafile
	if err := json.Unmarshal([]byte(result.Metafile), &meta); err != nil {
		return nil, failure("internal error: the bundler's report: %v", err)
	}
	p := &Project{Source: Source{Main: projectMain, NodeCompat: a.node}, Warnings: warnings(result.Warnings)}
	for _, out := range meta.Outputs {
		if out.EntryPoint != "" && len(out.Exports) == 0 && len(out.Imports) == 0 {
			p.Source.Classic = true
		}
	}
	for _, f := range result.OutputFiles {
		switch filepath.Base(f.Path) {
		case projectMain:
			p.Source.Modules = append([]Module{{Name: projectMain, Contents: f.Contents}}, p.Source.Modules...)
		case projectMain + ".map":
			p.Source.Modules = append(p.Source.Modules, Module{Name: projectMain + ".map", Kind: SourceMap, Contents: f.Contents})
		}
	}
	for _, name := range slices.Sorted(maps.Keys(a.modules)) {
		p.Source.Modules = append(p.Source.Modules, a.modules[name])
	}
	p.Inputs = a.inputs
	for in := range meta.Inputs {
		if !strings.Contains(in, ":") || filepath.IsAbs(in) {
			p.Inputs = append(p.Inputs, filepath.Join(a.dir, filepath.FromSlash(in)))
		}
	}
	slices.Sort(p.Inputs)
	p.Inputs = slices.Compact(p.Inputs)
	return p, nil
}
