package node

import (
	"embed"
	"io/fs"
	"strings"
	"sync"

	"github.com/dop251/goja"
	"github.com/dop251/goja/parser"
)

//go:embed js
var files embed.FS

// programs are the files by module name, each compiled when first asked for.
var programs = listPrograms()

func listPrograms() map[string]func() *goja.Program {
	list := map[string]func() *goja.Program{}
	err := fs.WalkDir(files, "js", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		name := strings.TrimSuffix(strings.TrimPrefix(path, "js/"), ".js")
		list[name] = sync.OnceValue(func() *goja.Program { return compile(name, path) })
		return nil
	})
	if err != nil {
		panic(err)
	}
	return list
}

// compile makes the program of a file: it yields the module's function. The files are
// part of the binary, so that an error is one of this package's and a panic.
func compile(name, path string) *goja.Program {
	text, err := files.ReadFile(path)
	if err != nil {
		panic(err)
	}
	// On the first line, so that positions in stacks are the file's.
	code := "(function (exports, require, module, native) { 'use strict'; " + string(text) + "\n})"
	tree, err := goja.Parse("node:"+name, code, parser.WithDisableSourceMaps)
	if err != nil {
		panic(err)
	}
	program, err := goja.CompileAST(tree, true)
	if err != nil {
		panic(err)
	}
	return program
}
