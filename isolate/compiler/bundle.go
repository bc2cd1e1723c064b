package compiler

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/evanw/esbuild/pkg/api"
)

// Hash identifies a bundle by its contents.
type Hash [sha256.Size]byte

// String returns the hash in lower-case hexadecimal.
func (h Hash) String() string { return hex.EncodeToString(h[:]) }

// Bundle is the outcome of bundling: one script in a syntax the engine knows,
// its map, and what it needs from the host. It is a plain value to store: a
// program is compiled from it without bundling again. It must not be changed.
type Bundle struct {
	// Hash covers all other fields and the version of this package's format.
	Hash Hash
	// Code is the script. It evaluates to the wrapper function (see the package comment).
	Code []byte
	// Map is the source map of Code, version 3 without sourcesContent.
	Map []byte
	// Sources is its sourcesContent, a JSON array; decoded only when a frame is shown.
	Sources []byte
	// Classic says that Code was made from a service-worker script.
	Classic bool
	// Host lists, sorted, the names __host may be called with while the static
	// imports are evaluated: "cloudflare:…", "node:…", "data:NAME", "wasm:NAME".
	Host []string
	// Warnings are what the author should know although the build succeeded.
	Warnings []Diagnostic
}

// BuildBundle checks and bundles an upload. It never reads the file system,
// whatever the source imports. Failures of the source are an *Error; the only
// other errors are ctx's. It is safe for concurrent use.
func BuildBundle(ctx context.Context, src Source) (b *Bundle, err error) {
	defer recoverTo(&err, "bundling")
	if err := src.check(); err != nil {
		return nil, err
	}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if err := src.checkNesting(); err != nil {
		return nil, err
	}
	if src.Classic {
		b, err = buildClassic(&src)
	} else {
		b, err = buildModules(ctx, &src)
	}
	if err != nil {
		src.clamp(err)
		return nil, err
	}
	if err := checkNesting(src.Main, string(b.Code)); err != nil {
		return nil, err
	}
	b.Hash = b.sum()
	return b, nil
}

// The engine runs natively whatever is not listed here, several times faster
// than any lowered form of it.
func lowered() map[string]bool {
	return map[string]bool{
		"async-generator": false, "for-await": false, "decorators": false, "using": false,
		"regexp-set-notation": false, "regexp-match-indices": false, "dynamic-import": false,
		"top-level-await": true,
	}
}

const (
	moduleBanner  = `(async(__register,__host,__importMeta)=>{"use strict";`
	classicBanner = `((__host)=>{`
	footer        = `})`
)

func defines() map[string]string {
	return map[string]string{
		"import.meta.url":      `"file:///worker.js"`,
		"import.meta":          "__importMeta",
		"process.env.NODE_ENV": `"production"`,
	}
}

// No file of that directory is read: it does not exist, and every path is resolved in memory.
const nowhere = "/nonexistent/mayfly"

func buildModules(ctx context.Context, src *Source) (*Bundle, error) {
	l := newLinker(src)
	opts := api.BuildOptions{
		EntryPoints: []string{entryPath}, Bundle: true, Format: api.FormatESModule,
		Target: api.ESNext, Charset: api.CharsetUTF8, Supported: lowered(),
		Platform: api.PlatformNeutral, Define: defines(), KeepNames: false,
		Banner: map[string]string{"js": moduleBanner}, Footer: map[string]string{"js": footer},
		Sourcemap: api.SourceMapExternal, SourcesContent: api.SourcesContentExclude,
		LogLevel: api.LogLevelSilent, LogLimit: 20, LegalComments: api.LegalCommentsNone,
		Outfile: "/worker.js", AbsWorkingDir: nowhere, TsconfigRaw: "{}",
		Plugins: []api.Plugin{{Name: "upload", Setup: l.setup}},
	}
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
	b := &Bundle{Host: l.hostNames(), Warnings: warnings(result.Warnings)}
	for _, f := range result.OutputFiles {
		switch {
		case strings.HasSuffix(f.Path, ".map"):
			b.Map, b.Sources = l.finalMap(f.Contents)
		case strings.HasSuffix(f.Path, ".js"):
			b.Code = f.Contents
		}
	}
	if b.Code == nil {
		return nil, failure("bundling %q gave no output", src.Main)
	}
	return b, nil
}

// buildClassic compiles a service-worker script: one file, sloppy mode, no imports.
func buildClassic(src *Source) (*Bundle, error) {
	m := src.module(src.Main)
	l := newLinker(src)
	name := moduleKey(m.Name)
	opts := api.TransformOptions{
		Loader: loaderFor(name, ESModule), Target: api.ESNext, Charset: api.CharsetUTF8,
		Supported: classicLowered(), Define: defines(), LegalComments: api.LegalCommentsNone,
		Platform: api.PlatformNeutral, Sourcemap: api.SourceMapExternal, SourcesContent: api.SourcesContentExclude,
		LogLevel: api.LogLevelSilent, LogLimit: 20, Sourcefile: uploadSpace + ":" + name, TsconfigRaw: "{}",
		Banner: classicBanner, Footer: footer,
	}
	result := api.Transform(l.text(m), opts)
	if len(result.Errors) > 0 {
		return nil, diagnose(result.Errors)
	}
	code, err := wrapClassic(name, string(result.Code))
	if err != nil {
		return nil, err
	}
	b := &Bundle{Code: code, Classic: true, Warnings: warnings(result.Warnings)}
	b.Map, b.Sources = l.finalMap(result.Map)
	return b, nil
}

func classicLowered() map[string]bool {
	m := lowered()
	delete(m, "dynamic-import") // renamed afterwards: a script has nothing to import
	return m
}

// recoverTo turns a panic of the libraries under this package into an error.
func recoverTo(err *error, doing string) {
	if x := recover(); x != nil {
		*err = failure("internal error while %s: %v", doing, x)
	}
}

func (b *Bundle) sum() Hash {
	h := sha256.New()
	h.Write(b.payload())
	return Hash(h.Sum(nil))
}

// bundleMagic names the stored format and the code generation: a change of
// either gives every bundle another hash.
const bundleMagic = "mayfly bundle 1\n"

type bundleHeader struct {
	Classic  bool         `json:"classic,omitempty"`
	Host     []string     `json:"host,omitempty"`
	Warnings []Diagnostic `json:"warnings,omitempty"`
}

func (b *Bundle) payload() []byte {
	head, err := json.Marshal(bundleHeader{b.Classic, b.Host, b.Warnings})
	if err != nil {
		panic(err) // strings and numbers only
	}
	out := make([]byte, 0, len(bundleMagic)+len(head)+len(b.Code)+len(b.Map)+len(b.Sources)+48)
	out = append(out, bundleMagic...)
	for _, part := range [][]byte{head, b.Code, b.Map, b.Sources} {
		out = binary.AppendUvarint(out, uint64(len(part)))
		out = append(out, part...)
	}
	return out
}

// MarshalBinary returns the stored form.
func (b *Bundle) MarshalBinary() ([]byte, error) { return b.payload(), nil }

// ErrBundleFormat says that stored bytes are not a bundle of this version: bundle the source again.
var ErrBundleFormat = errors.New("not a compiled bundle of this version")

// UnmarshalBinary reads the stored form. It copies what it keeps.
func (b *Bundle) UnmarshalBinary(stored []byte) error {
	rest, ok := strings.CutPrefix(string(stored), bundleMagic)
	if !ok {
		return ErrBundleFormat
	}
	var parts [4]string
	for i := range parts {
		n, size := binary.Uvarint([]byte(rest[:min(len(rest), binary.MaxVarintLen64)]))
		if size <= 0 || n > uint64(len(rest)-size) {
			return fmt.Errorf("%w: truncated", ErrBundleFormat)
		}
		parts[i], rest = rest[size:size+int(n)], rest[size+int(n):]
	}
	if rest != "" {
		return fmt.Errorf("%w: %d bytes too many", ErrBundleFormat, len(rest))
	}
	var head bundleHeader
	if err := json.Unmarshal([]byte(parts[0]), &head); err != nil {
		return fmt.Errorf("%w: %v", ErrBundleFormat, err)
	}
	*b = Bundle{
		Hash: sha256.Sum256(stored), Code: []byte(parts[1]), Map: []byte(parts[2]), Sources: []byte(parts[3]),
		Classic: head.Classic, Host: slices.Clip(head.Host), Warnings: head.Warnings,
	}
	return nil
}

// diagnose turns esbuild's messages into an *Error.
func diagnose(messages []api.Message) *Error {
	return &Error{Diagnostics: warnings(messages)}
}

func warnings(messages []api.Message) []Diagnostic {
	var out []Diagnostic
	for _, m := range messages {
		out = append(out, diagnostic(m))
	}
	return out
}

func diagnostic(m api.Message) Diagnostic {
	d := Diagnostic{Text: strings.ReplaceAll(m.Text, `"`+uploadSpace+":", `"`)}
	if l := m.Location; l != nil {
		d.File, d.Line, d.LineText = cleanName(l.File), l.Line, l.LineText
		head := l.LineText[:min(max(l.Column, 0), len(l.LineText))]
		d.Column = len([]rune(head)) + 1
		d.Length = l.Length
	}
	for _, n := range m.Notes {
		text := n.Text
		if n.Location != nil && text != "" {
			text = fmt.Sprintf("%s:%d: %s", cleanName(n.Location.File), n.Location.Line, text)
		}
		if text != "" {
			d.Notes = append(d.Notes, text)
		}
	}
	return d
}
