package compiler

import (
	"encoding/json"
	"errors"
	"path"
	"slices"
	"sort"
	"strings"
)

// segment maps one generated position, both columns in UTF-16 units from 0.
type segment struct {
	generated    int32 // column
	source       int32 // index, -1 for none
	line, column int32 // from 0
	name         int32 // index, -1 for none
}

// sourceMap is a decoded source map: https://tc39.es/ecma426/
type sourceMap struct {
	sources  []string
	contents []*string // as long as sources, or shorter
	names    []string
	lines    [][]segment // by generated line, each sorted by column
}

type mapJSON struct {
	Version        int           `json:"version"`
	SourceRoot     string        `json:"sourceRoot,omitempty"`
	Sources        []string      `json:"sources"`
	SourcesContent []*string     `json:"sourcesContent,omitempty"`
	Names          []string      `json:"names"`
	Mappings       string        `json:"mappings"`
	Sections       []sectionJSON `json:"sections,omitempty"`
}

type sectionJSON struct {
	Offset struct{ Line, Column int32 } `json:"offset"`
	Map    *mapJSON                     `json:"map"`
}

var errMap = errors.New("malformed source map")

// maxMapLines bounds the generated lines of an uploaded map.
const maxMapLines = 4 << 20

func parseMap(data []byte) (*sourceMap, error) {
	// Old servers guard JSON against being run as a script.
	data = []byte(strings.TrimPrefix(string(data), ")]}'"))
	var j mapJSON
	if err := json.Unmarshal(data, &j); err != nil {
		return nil, err
	}
	if j.Sections == nil {
		return decodeMap(&j)
	}
	out := &sourceMap{}
	for _, sec := range j.Sections {
		if sec.Map == nil || sec.Offset.Line < 0 || sec.Offset.Line > maxMapLines || sec.Offset.Column < 0 {
			return nil, errMap
		}
		m, err := decodeMap(sec.Map)
		if err != nil {
			return nil, err
		}
		out.appendAt(m, sec.Offset.Line, sec.Offset.Column)
	}
	return out, nil
}

func decodeMap(j *mapJSON) (*sourceMap, error) {
	m := &sourceMap{sources: slices.Clone(j.Sources), contents: j.SourcesContent, names: j.Names}
	if j.SourceRoot != "" {
		for i, s := range m.sources {
			if !strings.Contains(s, "://") && !path.IsAbs(s) {
				m.sources[i] = strings.TrimSuffix(j.SourceRoot, "/") + "/" + s
			}
		}
	}
	if len(m.contents) > len(m.sources) {
		m.contents = m.contents[:len(m.sources)]
	}
	var line []segment
	var col, src, srcLine, srcCol, name int32
	sorted := true
	flush := func() {
		if !sorted {
			slices.SortStableFunc(line, func(a, b segment) int { return int(a.generated) - int(b.generated) })
		}
		m.lines = append(m.lines, line)
		line, col, sorted = nil, 0, true
	}
	text := j.Mappings
	for i := 0; i < len(text); {
		switch text[i] {
		case ';':
			if len(m.lines) > maxMapLines {
				return nil, errMap
			}
			flush()
			i++
			continue
		case ',':
			i++
			continue
		}
		var field [5]int32
		n := 0
		for i < len(text) && text[i] != ',' && text[i] != ';' {
			v, size := readVLQ(text[i:])
			if size == 0 || n == len(field) {
				return nil, errMap
			}
			field[n] = v
			n++
			i += size
		}
		if n != 1 && n != 4 && n != 5 {
			return nil, errMap
		}
		sorted = sorted && field[0] >= 0
		col += field[0]
		seg := segment{generated: col, source: -1, name: -1}
		if n >= 4 {
			src, srcLine, srcCol = src+field[1], srcLine+field[2], srcCol+field[3]
			seg.source, seg.line, seg.column = src, srcLine, srcCol
			if n == 5 {
				name += field[4]
				seg.name = name
			}
		}
		if col < 0 || seg.source >= int32(len(m.sources)) || n >= 4 && src < 0 || srcLine < 0 || srcCol < 0 ||
			n == 5 && (name < 0 || name >= int32(len(m.names))) {
			return nil, errMap
		}
		line = append(line, seg)
	}
	flush()
	return m, nil
}

const base64Digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"

// readVLQ reads one base64 variable-length quantity; size 0 means malformed.
func readVLQ(s string) (v int32, size int) {
	var u uint64
	for i := 0; i < len(s) && i < 7; i++ {
		d := digitOf(s[i])
		if d < 0 {
			return 0, 0
		}
		u |= uint64(d&31) << (5 * i)
		if d&32 == 0 {
			v = int32(u >> 1)
			if u&1 != 0 {
				v = -v
			}
			return v, i + 1
		}
	}
	return 0, 0
}

// digitOf returns the value of a base64 digit, -1 for any other byte.
func digitOf(c byte) int {
	switch {
	case c >= 'A' && c <= 'Z':
		return int(c - 'A')
	case c >= 'a' && c <= 'z':
		return int(c-'a') + 26
	case c >= '0' && c <= '9':
		return int(c-'0') + 52
	case c == '+':
		return 62
	case c == '/':
		return 63
	}
	return -1
}

func appendVLQ(b []byte, v int32) []byte {
	u := uint64(v) << 1
	if v < 0 {
		u = uint64(-int64(v))<<1 | 1
	}
	for {
		d := u & 31
		if u >>= 5; u == 0 {
			return append(b, base64Digits[d])
		}
		b = append(b, base64Digits[d|32])
	}
}

// appendAt adds a section of an indexed map.
func (m *sourceMap) appendAt(sec *sourceMap, line, column int32) {
	src, name := int32(len(m.sources)), int32(len(m.names))
	m.contents = append(m.contents, make([]*string, len(m.sources)-len(m.contents))...)
	m.sources = append(m.sources, sec.sources...)
	m.contents = append(m.contents, sec.contents...)
	m.names = append(m.names, sec.names...)
	for i, segments := range sec.lines {
		at := int(line) + i
		for len(m.lines) <= at {
			m.lines = append(m.lines, nil)
		}
		for _, s := range segments {
			if i == 0 {
				s.generated += column
			}
			if s.source >= 0 {
				s.source += src
			}
			if s.name >= 0 {
				s.name += name
			}
			m.lines[at] = append(m.lines[at], s)
		}
	}
}

// find returns the segment that covers a generated position, nil if none does.
func (m *sourceMap) find(line, column int32) *segment {
	if line < 0 || int(line) >= len(m.lines) {
		return nil
	}
	l := m.lines[line]
	i := sort.Search(len(l), func(i int) bool { return l[i].generated > column }) - 1
	if i < 0 || l[i].source < 0 {
		return nil
	}
	return &l[i]
}

func (m *sourceMap) content(source int32) *string {
	if int(source) < len(m.contents) {
		return m.contents[source]
	}
	return nil
}

// encode writes the map as JSON.
func (m *sourceMap) encode() []byte {
	var b []byte
	var src, line, col, name int32
	for i, segments := range m.lines {
		if i > 0 {
			b = append(b, ';')
		}
		var gen int32
		for k, s := range segments {
			if k > 0 {
				b = append(b, ',')
			}
			b = appendVLQ(b, s.generated-gen)
			gen = s.generated
			if s.source < 0 {
				continue
			}
			b = appendVLQ(b, s.source-src)
			b = appendVLQ(b, s.line-line)
			b = appendVLQ(b, s.column-col)
			src, line, col = s.source, s.line, s.column
			if s.name >= 0 {
				b = appendVLQ(b, s.name-name)
				name = s.name
			}
		}
	}
	names := m.names
	if names == nil {
		names = []string{}
	}
	out, err := json.Marshal(mapJSON{Version: 3, Sources: m.sources, SourcesContent: m.contents, Names: names, Mappings: string(b)})
	if err != nil {
		panic(err) // strings and numbers only
	}
	return out
}

// through returns the map whose positions are looked up in the map that inner
// gives for their source; a source without a map stays. A position that such a
// map does not cover is dropped.
func (m *sourceMap) through(inner func(source string) *sourceMap) *sourceMap {
	out := &sourceMap{lines: make([][]segment, len(m.lines))}
	maps := make([]*sourceMap, len(m.sources))
	any := false
	for i, s := range m.sources {
		maps[i] = inner(s)
		any = any || maps[i] != nil
	}
	if !any {
		return m
	}
	type key struct {
		of *sourceMap
		i  int32
	}
	sources, names := map[key]int32{}, map[key]int32{}
	source := func(of *sourceMap, i int32) int32 {
		k, ok := sources[key{of, i}]
		if !ok {
			k = int32(len(out.sources))
			sources[key{of, i}] = k
			out.sources = append(out.sources, of.sources[i])
			out.contents = append(out.contents, of.content(i))
		}
		return k
	}
	name := func(of *sourceMap, i int32) int32 {
		k, ok := names[key{of, i}]
		if !ok {
			k = int32(len(out.names))
			names[key{of, i}] = k
			out.names = append(out.names, of.names[i])
		}
		return k
	}
	for i, segments := range m.lines {
		line := make([]segment, 0, len(segments))
		for _, s := range segments {
			of, at := m, s
			if s.source >= 0 {
				if in := maps[s.source]; in != nil {
					found := in.find(s.line, s.column)
					if found == nil {
						s.source = -1
					} else {
						of, at = in, *found
					}
				}
			}
			seg := segment{generated: s.generated, source: -1, name: -1}
			if s.source >= 0 {
				seg.source, seg.line, seg.column = source(of, at.source), at.line, at.column
				if at.name >= 0 {
					seg.name = name(of, at.name)
				} else if s.name >= 0 {
					seg.name = name(m, s.name)
				}
			}
			line = append(line, seg)
		}
		out.lines[i] = line
	}
	return out
}
