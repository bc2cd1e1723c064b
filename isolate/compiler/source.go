package compiler

import (
	"fmt"
	"path"
	"slices"
	"strings"
	"unicode/utf8"
)

// Limits of one upload. They hold for the bytes as uploaded, before bundling.
const (
	// MaxSourceBytes bounds the sum of all module contents.
	MaxSourceBytes = 64 << 20
	// MaxModules bounds the number of modules.
	MaxModules = 4096
	// MaxNameBytes bounds the length of one module name.
	MaxNameBytes = 4096
)

// Kind says what a module is and therefore what importing it yields.
type Kind uint8

const (
	// ESModule is JavaScript, TypeScript or JSX with import and export. The
	// extension of the name picks the syntax; without a known one it is JavaScript.
	ESModule Kind = iota
	// CommonJS is JavaScript with require, module and exports.
	CommonJS
	// Text yields its contents as a string, decoded as UTF-8.
	Text
	// Data yields an ArrayBuffer the host makes from the contents.
	Data
	// JSON yields the parsed value.
	JSON
	// Wasm yields the WebAssembly.Module the host makes from the contents.
	Wasm
	// SourceMap is never imported: it maps the module whose name it bears plus ".map".
	SourceMap
)

var kindNames = [...]string{"es-module", "commonjs", "text", "data", "json", "wasm", "source-map"}

// String returns the kind's name, as in error messages.
func (k Kind) String() string {
	if int(k) < len(kindNames) {
		return kindNames[k]
	}
	return fmt.Sprintf("kind(%d)", uint8(k))
}

// Module is one uploaded file.
type Module struct {
	// Name is the name other modules import it by, exactly as uploaded. A
	// leading "./" may be present and means nothing.
	Name string
	Kind Kind
	// Contents is borrowed until BuildBundle returns and never written.
	Contents []byte
}

// Source is everything an upload consists of, before compilation.
type Source struct {
	// Main names the entry among Modules.
	Main    string
	Modules []Module
	// Classic says that Main is a service-worker script: sloppy mode, no import
	// or export, handlers registered with addEventListener.
	Classic bool
	// NodeCompat makes node:* and the bare names of Node's modules importable.
	NodeCompat bool
	// Host lists further module names the host supplies, such as
	// "node:async_hooks" for a worker that has only that flag.
	Host []string
}

// KindOf guesses the kind of a file from its extension by the rules wrangler uses.
func KindOf(name string) Kind {
	switch strings.ToLower(path.Ext(name)) {
	case ".txt", ".html", ".sql":
		return Text
	case ".bin":
		return Data
	case ".wasm":
		return Wasm
	case ".json":
		return JSON
	case ".map":
		return SourceMap
	case ".cjs", ".cts":
		return CommonJS
	}
	return ESModule
}

// check refuses what no build should be tried on.
func (s *Source) check() error {
	if s.Main == "" {
		return failure("the upload names no main module")
	}
	if len(s.Modules) > MaxModules {
		return failure("%d modules uploaded, the limit is %d", len(s.Modules), MaxModules)
	}
	total := 0
	seen := make(map[string]bool, len(s.Modules))
	for _, m := range s.Modules {
		switch {
		case m.Name == "":
			return failure("a module has no name")
		case len(m.Name) > MaxNameBytes:
			return failure("a module name of %d bytes, the limit is %d", len(m.Name), MaxNameBytes)
		case strings.ContainsRune(m.Name, 0) || !utf8.ValidString(m.Name):
			return failure("the module name %q is not text", m.Name)
		case int(m.Kind) >= len(kindNames):
			return failure("module %q has the unknown %s", m.Name, m.Kind)
		}
		key := moduleKey(m.Name)
		if seen[key] {
			return failure("two modules are named %q", m.Name)
		}
		seen[key] = true
		if total += len(m.Contents); total > MaxSourceBytes {
			return failure("the upload is larger than the limit of %d MiB", MaxSourceBytes>>20)
		}
	}
	main := s.module(s.Main)
	if main == nil {
		return failure("the main module %q was not uploaded", s.Main).
			note("uploaded: " + strings.Join(s.names(), ", "))
	}
	if main.Kind != ESModule && main.Kind != CommonJS {
		return failure("the main module %q is a %s module and cannot handle events", s.Main, main.Kind)
	}
	return nil
}

func (s *Source) module(name string) *Module {
	key := moduleKey(name)
	for i := range s.Modules {
		if moduleKey(s.Modules[i].Name) == key {
			return &s.Modules[i]
		}
	}
	return nil
}

// names lists at most ten module names.
func (s *Source) names() []string {
	var names []string
	for _, m := range s.Modules {
		if len(names) == 10 {
			return append(names, "…")
		}
		names = append(names, m.Name)
	}
	return names
}

// moduleKey normalises a name, so that "./a.js", "a.js" and "x/../a.js" are one module.
// Names cannot leave their root: "../a.js" is "a.js".
func moduleKey(name string) string {
	return strings.TrimPrefix(path.Clean("/"+name), "/")
}

// hosts reports whether the host supplies the module of that name.
func (s *Source) hosts(name string) bool {
	if strings.HasPrefix(name, "cloudflare:") || slices.Contains(s.Host, name) {
		return true
	}
	return s.NodeCompat && isNodeModule(name)
}

// isNodeModule reports whether name means one of Node's own modules.
func isNodeModule(name string) bool {
	if strings.HasPrefix(name, "node:") {
		return true
	}
	head, _, _ := strings.Cut(name, "/")
	_, found := slices.BinarySearch(nodeModules, head)
	return found && (head == name || nodeSubpaths[name])
}

// Names that may be imported without "node:", sorted.
// https://nodejs.org/api/modules.html#built-in-modules
var nodeModules = []string{
	"_stream_duplex", "_stream_passthrough", "_stream_readable", "_stream_transform", "_stream_writable",
	"assert", "async_hooks", "buffer", "child_process", "cluster", "console", "constants", "crypto", "dgram",
	"diagnostics_channel", "dns", "domain", "events", "fs", "http", "http2", "https", "inspector", "module", "net",
	"os", "path", "perf_hooks", "process", "punycode", "querystring", "readline", "repl", "stream",
	"string_decoder", "sys", "timers", "tls", "trace_events", "tty", "url", "util", "v8", "vm", "wasi",
	"worker_threads", "zlib",
}

var nodeSubpaths = map[string]bool{
	"assert/strict": true, "dns/promises": true, "fs/promises": true, "inspector/promises": true,
	"path/posix": true, "path/win32": true, "readline/promises": true, "stream/consumers": true,
	"stream/promises": true, "stream/web": true, "timers/promises": true, "util/types": true,
}

// clamp moves diagnostics that point behind the end of a module, into what was
// added to it, back to its end.
func (s *Source) clamp(err error) {
	e, ok := err.(*Error)
	if !ok {
		return
	}
	for i := range e.Diagnostics {
		d := &e.Diagnostics[i]
		m := s.module(d.File)
		if d.File == "" || m == nil {
			continue
		}
		text := strings.TrimRight(string(m.Contents), " \t\r\n")
		if d.Line > strings.Count(string(m.Contents), "\n")+1 {
			end := place(d.File, text, len(text), "%s", d.Text)
			d.Line, d.Column, d.LineText, d.Length = end.Line, end.Column, end.LineText, 0
		}
	}
}
