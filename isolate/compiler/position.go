package compiler

import (
	"encoding/json"
	"slices"
	"strings"
	"sync"
	"unicode/utf8"
)

// finalMap turns esbuild's map into the map from the generated code to what the
// author wrote: through our own rewriting, then through the author's map.
// The contents of the sources are apart.
func (l *linker) finalMap(esbuild []byte) (positions, sources []byte) {
	m, err := parseMap(esbuild)
	if err != nil {
		return nil, nil
	}
	m = m.through(func(source string) *sourceMap { return l.rewritten[uploadKey(source)] })
	contents := make([]*string, len(m.sources))
	for i, s := range m.sources {
		if up := l.modules[uploadKey(s)]; up != nil {
			text := string(up.Contents)
			contents[i] = &text
		}
	}
	m.contents = contents
	m = m.through(func(source string) *sourceMap {
		return l.authorMap(uploadKey(source))
	})
	for i, s := range m.sources {
		m.sources[i] = cleanName(s)
	}
	sources, err = json.Marshal(m.contents)
	if err != nil {
		panic(err) // strings only
	}
	m.contents = nil
	return m.encode(), sources
}

// uploadKey returns the module key in a path that esbuild printed, "" if it is of no module.
func uploadKey(source string) string {
	key, ok := strings.CutPrefix(source, uploadSpace+":")
	if !ok {
		return ""
	}
	return key
}

// cleanName turns a path of a map or message into the name a person knows.
func cleanName(file string) string {
	for _, space := range []string{uploadSpace, assetSpace, hostSpace, dynamicSpace} {
		if name, ok := strings.CutPrefix(file, space+":"); ok {
			return name
		}
	}
	return file
}

// Position is a place in what the author wrote.
type Position struct {
	File string
	// Line and Column count from 1, Column in UTF-16 units as in V8's stacks.
	Line, Column int
	// Name is the identifier there before a bundler renamed it, if known.
	Name string
}

// Positions maps places of a bundle's code to the author's. It is safe for concurrent use.
// The map and the sources are decoded when they are first asked for, which most programs
// never are.
type Positions struct {
	code          string
	text, sources []byte // of the map, and of the contents of its sources

	decode, read sync.Once
	m            *sourceMap
	contents     []*string
}

// Positions returns the bundle's map. A bundle without one maps nothing.
func (b *Bundle) Positions() *Positions {
	return &Positions{code: string(b.Code), text: b.Map, sources: b.Sources}
}

func (p *Positions) decoded() *sourceMap {
	p.decode.Do(func() { p.m = decodedMap(p.text) })
	return p.m
}

// decodedMap is the map in a text, which maps nothing if there is none.
func decodedMap(text []byte) *sourceMap {
	if len(text) > 0 {
		if m, err := parseMap(text); err == nil {
			return m
		}
	}
	return &sourceMap{}
}

// Original maps a place of the generated code, line and byte column from 1 as
// the engine reports them.
func (p *Positions) Original(line, column int) (Position, bool) {
	m := p.decoded()
	s := m.find(int32(line-1), int32(p.utf16Column(line, column)))
	if s == nil {
		return Position{}, false
	}
	pos := Position{File: m.sources[s.source], Line: int(s.line) + 1, Column: int(s.column) + 1}
	if s.name >= 0 {
		pos.Name = m.names[s.name]
	}
	return pos, true
}

// utf16Column turns a byte column from 1 into UTF-16 units from 0.
func (p *Positions) utf16Column(line, column int) int {
	text := lineOf(p.code, line)
	return utf16Len(text[:min(max(column-1, 0), len(text))])
}

// Source returns the contents of a file as the author wrote it, if the map holds them.
func (p *Positions) Source(file string) (string, bool) {
	i := slices.Index(p.decoded().sources, file)
	if i < 0 {
		return "", false
	}
	p.read.Do(func() {
		if json.Unmarshal(p.sources, &p.contents) != nil {
			p.contents = nil
		}
	})
	if i < len(p.contents) && p.contents[i] != nil {
		return *p.contents[i], true
	}
	return "", false
}

// Frame renders the line at a position with a caret below it, two lines; ""
// when the file's contents are not known.
func (p *Positions) Frame(at Position) string {
	src, ok := p.Source(at.File)
	if !ok || at.Line < 1 {
		return ""
	}
	text := lineOf(src, at.Line)
	if text == "" {
		return ""
	}
	var b strings.Builder
	writeFrame(&b, at.Line, runeColumn(text, at.Column), 1, text)
	return b.String()
}

// lineOf returns line n, from 1, of a text without its end; "" beyond the end.
func lineOf(text string, n int) string {
	for ; n > 1; n-- {
		i := strings.IndexByte(text, '\n')
		if i < 0 {
			return ""
		}
		text = text[i+1:]
	}
	if i := strings.IndexByte(text, '\n'); i >= 0 {
		text = text[:i]
	}
	return strings.TrimSuffix(text, "\r")
}

func utf16Len(s string) int {
	n := 0
	for _, r := range s {
		n++
		if r > 0xffff {
			n++
		}
	}
	return n
}

// runeColumn turns a column in UTF-16 units into one in characters, both from 1.
func runeColumn(text string, column int) int {
	units, runes := 1, 1
	for _, r := range text {
		if units >= column {
			break
		}
		units += utf16RuneLen(r)
		runes++
	}
	return runes
}

func utf16RuneLen(r rune) int {
	if r > 0xffff {
		return 2
	}
	return 1
}

// engineMap rewrites the map for the engine, which looks a generated column up
// as bytes from 1 and prints the original column as it stands.
func (p *Positions) engineMap() *sourceMap {
	m := decodedMap(p.text) // not to be kept
	out := &sourceMap{sources: m.sources, lines: make([][]segment, len(m.lines))}
	rest := p.code
	for i, segments := range m.lines {
		line, after, _ := strings.Cut(rest, "\n")
		rest = after
		if len(segments) == 0 {
			continue
		}
		shifted := make([]segment, len(segments))
		units, bytes := int32(0), 0
		for k, s := range segments {
			for units < s.generated && bytes < len(line) {
				if line[bytes] < utf8.RuneSelf {
					units, bytes = units+1, bytes+1
					continue
				}
				r, n := utf8.DecodeRuneInString(line[bytes:])
				units, bytes = units+int32(utf16RuneLen(r)), bytes+n
			}
			s.generated = int32(bytes) + 1
			s.column++
			s.name = -1
			shifted[k] = s
		}
		out.lines[i] = shifted
	}
	return out
}
