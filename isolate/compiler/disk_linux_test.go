package compiler

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/evanw/esbuild/pkg/api"
	"golang.org/x/sys/unix"
)

// watch counts the times anything opens a folder or a file in it.
func watch(t *testing.T, dir string) func() int {
	t.Helper()
	fd, err := unix.InotifyInit1(unix.IN_NONBLOCK)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { unix.Close(fd) })
	if _, err := unix.InotifyAddWatch(fd, dir, unix.IN_OPEN|unix.IN_ACCESS); err != nil {
		t.Fatal(err)
	}
	return func() int {
		var buf [4096]byte
		n, err := unix.Read(fd, buf[:])
		if err != nil {
			return 0
		}
		return n
	}
}

func TestUploadsNeverReadTheDisk(t *testing.T) {
	dir := t.TempDir()
	for name, text := range map[string]string{
		"secret.js": "export default 'sentinel'", "secret.json": `"sentinel"`, "tsconfig.json": "{}", "package.json": "{}",
		"secret.map": `{"version":3,"sources":["secret.js"],"mappings":"AAAA"}`, "secret.txt": "sentinel",
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	up := strings.Repeat("../", 40) + strings.TrimPrefix(filepath.ToSlash(dir), "/")
	opened := watch(t, dir)

	// The watch sees what esbuild does when it is not stopped.
	api.Build(api.BuildOptions{
		Stdin:  &api.StdinOptions{Contents: "require('" + up + "/'+x+'.js')", ResolveDir: "/"},
		Bundle: true, Format: api.FormatESModule, LogLevel: api.LogLevelSilent,
	})
	if opened() == 0 {
		t.Fatal("the watch saw nothing")
	}

	mapOf := func(source string) string {
		return `{"version":3,"sources":["` + source + `"],"names":[],"mappings":"AAAA"}`
	}
	for _, c := range []struct {
		name  string
		files []string
	}{
		{"import glob", []string{"index.js", "import('UP/'+x)"}},
		{"import template glob", []string{"index.js", "import(`UP/${x}.js`)"}},
		{"require glob", []string{"index.js", "require('UP/'+x+'.js')"}},
		{"require glob, optional", []string{"index.js", "require?.('UP/'+x+'.js')"}},
		{"require glob, parenthesised", []string{"index.js", "(require)('UP/'+x+'.js')"}},
		{"require glob, comment", []string{"index.js", "require/*'*/('UP/'+x+'.js')"}},
		{"require glob, escaped", []string{"index.js", `r\u0065quire('UP/'+x+'.js')`}},
		{"require glob, braces", []string{"index.js", `requi\u{000072}e('UP/'+x+'.js')`}},
		{"require glob, space", []string{"index.js", "require\u00a0('UP/'+x+'.js')"}},
		{"require glob, before it a space", []string{"index.js", "\u2028require('UP/'+x+'.js')"}},
		{"require glob, spread", []string{"index.js", "[...require('UP/'+x+'.js')]"}},
		{"require glob, string before", []string{"index.js", "require('a' + require('UP/'+x+'.js'))"}},
		{"require glob, conditional", []string{"index.js", "require(x ? 'UP/'+x+'.js' : 'UP/secret.js')"}},
		{"require glob, typescript", []string{"index.ts", "(require as any)('UP/'+x+'.js'); require!('UP/'+x+'.js'); require<any>('UP/'+x+'.js')"}},
		{"require glob, jsx", []string{"index.jsx", "<a>{require('UP/'+x+'.js')}</a>"}},
		{"require glob, enum", []string{"index.ts", "const enum E { A = 'UP/' } require(E.A + x + '.js'); import(E.A + x)"}},
		{"import glob, attributes", []string{"index.js", "import('UP/'+x, { with: { type: 'json' } })"}},
		{"import glob in import", []string{"index.js", "import(import('UP/'+x))"}},
		{"import glob, then catch", []string{"index.js", "import('UP/'+x).catch(() => {})"}},
		{"import glob, defer", []string{"index.js", "import.defer('UP/'+x)"}},
		{"import glob, source", []string{"index.js", "import.source('UP/'+x)"}},
		{"import glob in commonjs", []string{"index.js", "import './c.cjs'", "c.cjs", "module.exports = require('UP/'+x+'.js')"}},
		{"new URL", []string{"index.js", "new URL('UP/secret.txt', import.meta.url)"}},
		{"new Worker", []string{"index.js", "new Worker(new URL('UP/secret.js', import.meta.url))"}},
		{"relative", []string{"index.js", "import 'UP/secret.js'"}},
		{"absolute", []string{"index.js", "import 'DIR/secret.js'"}},
		{"file URL", []string{"index.js", "import 'file://DIR/secret.js'"}},
		{"require.resolve", []string{"index.js", "require.resolve('UP/secret.js')"}},
		{"map comment", []string{"index.js", "1\n//# sourceMappingURL=file://DIR/secret.map"}},
		{"old map comment", []string{"index.js", "1\n//@ sourceMappingURL=file://DIR/secret.map"}},
		{"block map comment", []string{"index.js", "1\n/*# sourceMappingURL=file://DIR/secret.map */"}},
		{"map comment in a computed module", []string{"index.js", "import('x'+y)\n//# sourceMappingURL=file://DIR/secret.map"}},
		{"sources of a map", []string{"index.js", "x()", "index.js.map", mapOf("file://DIR/secret.js")}},
		{"sources of an inline map", []string{"index.js", "x()\n//# sourceMappingURL=data:application/json;base64,eyJ2ZXJzaW9uIjozLCJzb3VyY2VzIjpbXSwibWFwcGluZ3MiOiIifQ=="}},
		{"reference", []string{"index.ts", "/// <reference path='DIR/secret.js'/>\n1"}},
		{"jsx pragma", []string{"index.jsx", "/** @jsxImportSource DIR */ /** @jsxRuntime automatic */ <a/>"}},
		{"css", []string{"index.js", "import 'UP/secret.css'"}},
		{"data URL", []string{"index.js", "import 'data:text/javascript,import \"DIR/secret.js\"'"}},
		{"module named so", []string{"DIR/secret.js", "import('./' + x)"}},
		{"classic", []string{"index.js", "import('UP/'+x); require('UP/'+x+'.js')\n//# sourceMappingURL=file://DIR/secret.map"}},
	} {
		for i := range c.files {
			c.files[i] = strings.NewReplacer("UP", up, "DIR", filepath.ToSlash(dir)).Replace(c.files[i])
		}
		src := files(c.files...)
		src.Classic = c.name == "classic"
		b, err := BuildBundle(context.Background(), src)
		if opened() != 0 {
			t.Errorf("%s: the disk was read", c.name)
		}
		if b != nil && (strings.Contains(string(b.Code), "sentinel") || strings.Contains(string(b.Map), "sentinel")) {
			t.Errorf("%s: the bundle holds what is on the disk", c.name)
		}
		if err != nil && strings.Contains(err.Error(), "internal") {
			t.Errorf("%s: %v", c.name, err)
		}
	}
}
