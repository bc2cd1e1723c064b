package compiler

import (
	"encoding/base64"
	"fmt"
	"path"
	"slices"
	"strings"
	"sync"

	"github.com/evanw/esbuild/pkg/api"
)

// Namespaces of esbuild paths. Nothing is ever in "file", the only one esbuild reads.
const (
	uploadSpace  = "upload"  // a module of the upload, by its key
	hostSpace    = "host"    // a module of the host, by its name
	assetSpace   = "asset"   // data or WebAssembly, by its key
	dynamicSpace = "dynamic" // what a computed import() of a module calls, by the importer's key
	entryPath    = "mayfly:entry"
)

// linker resolves imports among the modules of one upload.
type linker struct {
	src     *Source
	modules map[string]*Module // by key

	mu   sync.Mutex // esbuild loads modules concurrently
	host map[string]bool
	// rewritten maps what esbuild saw of a module to its text, for the modules that were changed.
	rewritten map[string]*sourceMap
}

func newLinker(src *Source) *linker {
	l := &linker{src: src, modules: make(map[string]*Module, len(src.Modules)), host: map[string]bool{}, rewritten: map[string]*sourceMap{}}
	for i := range src.Modules {
		l.modules[moduleKey(src.Modules[i].Name)] = &src.Modules[i]
	}
	return l
}

func (l *linker) use(name string) {
	l.mu.Lock()
	l.host[name] = true
	l.mu.Unlock()
}

func (l *linker) hostNames() []string {
	var names []string
	for n := range l.host {
		names = append(names, n)
	}
	slices.Sort(names)
	return names
}

func (l *linker) setup(b api.PluginBuild) {
	b.OnResolve(api.OnResolveOptions{Filter: ".*"}, l.resolve)
	b.OnLoad(api.OnLoadOptions{Filter: ".*"}, l.load)
}

// extensions are tried, in this order, on a specifier without one.
var extensions = []string{".ts", ".tsx", ".mts", ".js", ".jsx", ".mjs", ".cjs", ".cts", ".json"}

// TypeScript sources import their siblings by the name of the output.
var outputExtension = map[string][]string{
	".js": {".ts", ".tsx"}, ".jsx": {".tsx", ".ts"}, ".mjs": {".mts"}, ".cjs": {".cts"},
}

// find returns the key of the module a specifier means in a module.
func (l *linker) find(specifier, importer string) (string, bool) {
	try := func(key string) (string, bool) {
		if m := l.modules[key]; m != nil && m.Kind != SourceMap {
			return key, true
		}
		return "", false
	}
	relative := strings.HasPrefix(specifier, "./") || strings.HasPrefix(specifier, "../") || specifier == "." || specifier == ".."
	var bases []string
	if relative {
		bases = append(bases, moduleKey(path.Join("/"+path.Dir(importer), specifier)))
	}
	// The part name itself is a specifier from anywhere: wrangler uploads
	// "./<hash>-name.wasm" and imports exactly that.
	bases = append(bases, moduleKey(specifier))
	for _, base := range bases {
		if key, ok := try(base); ok {
			return key, true
		}
	}
	for _, base := range bases {
		for _, e := range extensions {
			if key, ok := try(base + e); ok {
				return key, true
			}
		}
		ext := path.Ext(base)
		for _, e := range outputExtension[ext] {
			if key, ok := try(strings.TrimSuffix(base, ext) + e); ok {
				return key, true
			}
		}
		for _, e := range extensions {
			if key, ok := try(strings.TrimPrefix(base+"/index"+e, "/")); ok {
				return key, true
			}
		}
	}
	return "", false
}

func (l *linker) resolve(a api.OnResolveArgs) (api.OnResolveResult, error) {
	if a.Kind == api.ResolveEntryPoint {
		return api.OnResolveResult{Path: entryPath, Namespace: dynamicSpace}, nil
	}
	if key, ok := strings.CutPrefix(a.Path, dynamicPrefix); ok && a.Namespace != hostSpace {
		return api.OnResolveResult{Path: key, Namespace: dynamicSpace}, nil
	}
	if l.src.hosts(a.Path) {
		l.use(a.Path)
		return api.OnResolveResult{Path: a.Path, Namespace: hostSpace}, nil
	}
	importer := a.Importer
	if a.Namespace == dynamicSpace {
		importer = ""
	}
	key, ok := l.find(a.Path, importer)
	if !ok {
		return api.OnResolveResult{Errors: []api.Message{l.missing(a)}}, nil
	}
	space := uploadSpace
	if k := l.modules[key].Kind; k == Data || k == Wasm {
		space = assetSpace
	}
	return api.OnResolveResult{Path: key, Namespace: space}, nil
}

// missing explains an import that names nothing.
func (l *linker) missing(a api.OnResolveArgs) api.Message {
	m := api.Message{Text: fmt.Sprintf("No such module %q.", a.Path)}
	note := func(format string, args ...any) {
		m.Notes = append(m.Notes, api.Note{Text: fmt.Sprintf(format, args...)})
	}
	if a.Importer != "" {
		note("imported from %q", a.Importer)
	}
	switch {
	case isNodeModule(a.Path):
		note("%q is a module of Node.js: add \"nodejs_compat\" to compatibility_flags to use it", a.Path)
	case strings.HasPrefix(a.Path, "."):
	default:
		note("packages must be bundled before the upload, as wrangler and mayfly deploy do")
	}
	return m
}

func (l *linker) load(a api.OnLoadArgs) (api.OnLoadResult, error) {
	text, loader := "", api.LoaderJS
	switch a.Namespace {
	case hostSpace:
		// A CommonJS shim: its named imports are looked up when used.
		text = fmt.Sprintf("module.exports = __host(%s);", quote(a.Path))
	case assetSpace:
		m := l.modules[a.Path]
		name := m.Kind.String() + ":" + m.Name
		l.use(name)
		text = fmt.Sprintf("export default __host(%s);", quote(name))
	case dynamicSpace:
		if a.Path == entryPath {
			text = l.entry()
		} else {
			text = l.dynamic(a.Path)
		}
	case uploadSpace:
		m := l.modules[a.Path]
		loader = loaderFor(a.Path, m.Kind)
		var err error
		if text, err = l.contents(m, loader); err != nil {
			return api.OnLoadResult{Errors: messages(err)}, nil
		}
	default:
		return api.OnLoadResult{}, fmt.Errorf("No such module %q.", a.Path)
	}
	return api.OnLoadResult{Contents: &text, Loader: loader}, nil
}

// entry is the only module nobody wrote. It keeps the bundle free of exports to
// rewrite: live bindings, re-exports and top-level await stay as written.
// Naming every parameter of the wrapper makes esbuild rename the author's own
// variables of these names.
func (l *linker) entry() string {
	return fmt.Sprintf("import * as worker from %s; __register(worker, __host, __importMeta);", quote("./"+moduleKey(l.src.Main)))
}

func loaderFor(key string, kind Kind) api.Loader {
	switch kind {
	case Text:
		return api.LoaderText
	case JSON:
		return api.LoaderJSON
	}
	switch strings.ToLower(path.Ext(key)) {
	case ".ts", ".mts", ".cts":
		return api.LoaderTS
	case ".tsx":
		return api.LoaderTSX
	case ".jsx":
		return api.LoaderJSX
	}
	return api.LoaderJS
}

// contents is a module's text as esbuild shall see it.
func (l *linker) contents(m *Module, loader api.Loader) (string, error) {
	if m.Kind == Text || m.Kind == JSON {
		return strings.TrimPrefix(string(m.Contents), "\ufeff"), nil
	}
	text := l.text(m)
	if mayComputeImports(text) {
		text, sm, err := rewriteImports(moduleKey(m.Name), text, loader)
		if err != nil {
			return "", err
		}
		l.mu.Lock()
		l.rewritten[moduleKey(m.Name)] = sm
		l.mu.Unlock()
		if m.Kind == CommonJS {
			text = asCommonJS(text)
		}
		return text, nil
	}
	if m.Kind == CommonJS {
		text = asCommonJS(text)
	}
	return text, nil
}

// text is a module's text ended by a comment that overrides the author's own
// source map comments: esbuild would open the file such a comment names, and the
// files which the map it finds there names, wherever they are. The author's map is
// applied to esbuild's afterwards.
func (l *linker) text(m *Module) string {
	return string(m.Contents) + "\n" + mapComment + "none:\n"
}

// authorMap returns the map uploaded with a module or written at its end, nil if there is none.
func (l *linker) authorMap(key string) *sourceMap {
	m := l.modules[key]
	if m == nil {
		return nil
	}
	data := inlineMap(string(m.Contents))
	if up := l.modules[moduleKey(m.Name+".map")]; up != nil && up.Kind == SourceMap {
		data = up.Contents
	}
	if data == nil {
		return nil
	}
	sm, err := parseMap(data)
	if err != nil {
		return nil // a broken map loses positions, not the worker
	}
	return sm
}

const mapComment = "//# sourceMappingURL="

// inlineMap returns the map in the data URL that ends a text.
func inlineMap(text string) []byte {
	i := strings.LastIndex(text, mapComment)
	if i < 0 {
		return nil
	}
	url, rest, _ := strings.Cut(text[i+len(mapComment):], "\n")
	if strings.TrimSpace(rest) != "" || !strings.HasPrefix(url, "data:application/json") {
		return nil // code follows: it is not the map of this file
	}
	head, body, _ := strings.Cut(strings.TrimSpace(url), ",")
	if !strings.HasSuffix(head, ";base64") {
		return nil
	}
	data, err := base64.StdEncoding.DecodeString(body)
	if err != nil {
		return nil
	}
	return data
}

// asCommonJS makes esbuild treat a text without a trace of CommonJS as such.
func asCommonJS(text string) string {
	i := strings.LastIndex(text, mapComment)
	return text[:i] + "module.exports;\n" + text[i:] // before the comment, so that it stays last
}

func messages(err error) []api.Message {
	e, ok := err.(*Error)
	if !ok {
		return []api.Message{{Text: err.Error()}}
	}
	var out []api.Message
	for _, d := range e.Diagnostics {
		m := api.Message{Text: d.Text}
		if d.File != "" {
			head := []rune(d.LineText)
			head = head[:min(len(head), max(d.Column-1, 0))]
			m.Location = &api.Location{File: d.File, Line: d.Line, Column: len(string(head)), Length: d.Length, LineText: d.LineText}
		}
		for _, n := range d.Notes {
			m.Notes = append(m.Notes, api.Note{Text: n})
		}
		out = append(out, m)
	}
	return out
}
