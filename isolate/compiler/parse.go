package compiler

import (
	"errors"
	"fmt"
	"strings"

	"github.com/dop251/goja"
	"github.com/dop251/goja/ast"
	"github.com/dop251/goja/parser"
	"github.com/go-sourcemap/sourcemap"

	"github.com/mayfly-edge/mayfly/isolate/ecma/layout"
)

// programName is the file the engine names for code that no map covers.
const programName = "worker.js"

// Program is compiled code. It is immutable: any number of runtimes on any
// goroutines may run it at once.
type Program struct {
	*goja.Program
	// Hash is the bundle's.
	Hash Hash
	// Size estimates the memory the program keeps, in bytes.
	Size int64
	// Classic and Host are the bundle's.
	Classic bool
	Host    []string
	// Intrinsics are what the function takes after its other arguments, in order.
	Intrinsics []Intrinsic
	// Shapes are those that Record makes objects of.
	Shapes []*layout.Shape
	// Patterns are the regular expression literals that the engine is given in other
	// words, by the engine's source of each, as they were written. A program that has
	// any mentions RegExp.
	Patterns map[string]string
	// UsesRegister, UsesHost and UsesMeta say that the code may use register, host and
	// import.meta.
	UsesRegister, UsesHost, UsesMeta bool
	// Positions maps places of the generated code; stacks are mapped already.
	Positions *Positions

	words words
}

// Compile makes a program of the bundle. It takes about 0.2 ms for each KB of
// minified code. Failures are an *Error in the author's coordinates.
func (b *Bundle) Compile() (p *Program, err error) {
	defer recoverTo(&err, "compiling")
	code := string(b.Code)
	// A bundle may come from a store: its nesting is checked again.
	if err := checkNesting(programName, code); err != nil {
		return nil, err
	}
	pos := b.Positions()
	usesMeta := strings.Count(code, "__importMeta") > 2 // the wrapper and the entry name it
	code = nativeExports(code)
	tree, r, err := parse(code, pos)
	if err != nil {
		return nil, err
	}
	if len(b.Map) > 0 {
		// The engine maps stacks itself, through a map in its own conventions.
		if m, err := sourcemap.Parse("", pos.engineMap().encode()); err == nil {
			tree.File.SetSourceMap(m)
		}
	}
	words := wordsOf(code) // not of the bundle, whose helpers name what few scripts use
	if len(r.patterns) > 0 {
		words = words.with("RegExp")
	}
	program, err := goja.CompileAST(tree, false)
	if err != nil {
		return nil, engineError(err, code, pos)
	}
	return &Program{
		Program: program, Hash: b.Hash, Size: b.estimate(), Classic: b.Classic, Host: b.Host, Positions: pos,
		UsesRegister: strings.Count(code, "__register") > 1, // the wrapper names it

		UsesHost:   len(b.Host) > 0 || strings.Contains(code, "__host("),
		UsesMeta:   usesMeta,
		Intrinsics: r.intrinsics, Shapes: r.shapes, Patterns: r.patterns, words: words,
	}, nil
}

// estimate is the heap a program of this bundle was measured to keep: some 15
// bytes for a byte of minified code, 40 for a mapping, and the texts themselves.
func (b *Bundle) estimate() int64 {
	return 4096 + 16*int64(len(b.Code)) + 8*int64(len(b.Map)) + int64(len(b.Sources))
}

// parse parses what esbuild printed and mends what the engine gets wrong in it.
func parse(code string, pos *Positions) (tree *ast.Program, r *repairer, err error) {
	defer recoverTo(&err, "parsing")
	mended := mend(code)
	tree, err = goja.Parse(programName, mended.code, parser.WithDisableSourceMaps)
	if err != nil {
		return nil, nil, engineError(err, code, pos)
	}
	if r, err = repair(tree, mended); err != nil {
		return nil, nil, engineError(err, code, pos)
	}
	return tree, r, nil
}

// engineError turns the engine's parse and compile errors into ours.
func engineError(err error, code string, pos *Positions) error {
	var list parser.ErrorList
	var syntax *goja.CompilerSyntaxError
	var reference *goja.CompilerReferenceError
	switch {
	case errors.As(err, &list) && len(list) > 0:
		return &Error{Diagnostics: []Diagnostic{at(pos, code, list[0].Position.Line, list[0].Position.Column, list[0].Message)}}
	case errors.As(err, &syntax):
		return compilerError(&syntax.CompilerError, code, pos, "SyntaxError: ")
	case errors.As(err, &reference):
		return compilerError(&reference.CompilerError, code, pos, "ReferenceError: ")
	}
	var own *Error
	if errors.As(err, &own) {
		return own
	}
	return failure("%v", err)
}

func compilerError(e *goja.CompilerError, code string, pos *Positions, prefix string) error {
	if e.File == nil {
		return failure("%s%s", prefix, e.Message)
	}
	line, column := linePosition(code, e.Offset)
	return &Error{Diagnostics: []Diagnostic{at(pos, code, line, column, prefix+e.Message)}}
}

// linePosition turns a byte offset into line and byte column, both from 1.
func linePosition(code string, offset int) (line, column int) {
	head := code[:min(max(offset, 0), len(code))]
	return strings.Count(head, "\n") + 1, len(head) - strings.LastIndexByte(head, '\n')
}

// at makes a diagnostic of a generated position.
func at(pos *Positions, code string, line, column int, text string) Diagnostic {
	d := Diagnostic{File: programName, Line: line, Column: column, Text: text, LineText: lineOf(code, line)}
	if !strings.Contains(text, "Error:") {
		d.Text = "SyntaxError: " + text
	}
	if p, ok := pos.Original(line, column); ok {
		d.File, d.Line, d.LineText = p.File, p.Line, ""
		d.Column = p.Column
		if src, ok := pos.Source(p.File); ok {
			d.LineText = lineOf(src, p.Line)
			d.Column = runeColumn(d.LineText, p.Column)
		}
	} else if len(d.LineText) > 1<<12 {
		d.LineText = ""
		d.Notes = append(d.Notes, fmt.Sprintf("at byte %d of the generated line", column))
	}
	return d
}
