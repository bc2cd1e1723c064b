package wasm

import (
	"fmt"
	"slices"
	"strconv"
)

// Names in rewritten modules. Those of exports begin with a character that no compiler
// uses; a module that uses them all the same is refused as one with duplicate exports.
const (
	glueModule      = "glue" // where a rewritten module imports from
	startExport     = "\x00start"
	functionPrefix  = "\x00function "  // of functions that can be referenced
	referencePrefix = "\x00reference " // of globals that hold references to them
	tablePrefix     = "\x00table "     // of tables of external references
	globalPrefix    = "\x00global "    // of globals that hold external references
)

// maxTable is how many elements a table can have.
const maxTable = 1 << 20

// maxTables is how many tables a module can have.
const maxTables = 100

// rewrite returns the module that is compiled in place of the one that l was read from:
//   - all imports are from one module and named by their number;
//   - there is no start section; the start function is exported;
//   - for every function that can be referenced there is a global that holds the
//     reference, from which all other places take it: the engine makes a new one for
//     each mention of a function otherwise. Both are exported;
//   - what can hold external references is exported;
//   - tables are bounded;
//   - the code can be stopped (instrument).
//
// Indices stay as they were.
func rewrite(l *layout) ([]byte, error) {
	for i, t := range l.tables {
		if t.min > maxTable {
			return nil, fmt.Errorf("initial table size (%d elements) is larger than implementation limit (%d elements)", t.min, maxTable)
		}
		if i >= maxTables {
			return nil, fmt.Errorf("more than %d tables", maxTables)
		}
	}
	added := map[sectionID]list{}
	var exports, globals, segments list
	if l.start >= 0 {
		exports.add(startExport, functionKind, l.start)
	}
	for i, f := range l.referenced {
		globals.add(globalType{value: funcref}, byte(opRefFunc), f, byte(opEnd))
		exports.add(functionName(f), functionKind, f)
		exports.add(referenceName(f), globalKind, len(l.globals)+i)
	}
	for i, t := range l.tables {
		if i >= l.importedTables && t.element == externref {
			exports.add(tablePrefix+strconv.Itoa(i), tableKind, i)
		}
	}
	for i, g := range l.globals {
		if i >= l.importedGlobals && g.value == externref {
			exports.add(globalPrefix+strconv.Itoa(i), globalKind, i)
		}
	}
	var tables list
	for _, t := range l.tables[l.importedTables:] {
		tables.add(bounded(t))
	}
	own := len(l.globals) + len(l.referenced)
	p := paused{stop: own, calls: own + 1, table: len(l.tables)}
	if l.has(codeSection) {
		exports.add(stopExport, globalKind, p.stop)
		globals.add(globalType{i32, true}, constant(i32, 0), byte(opEnd))
		globals.add(globalType{i32, true}, constant(i32, callsToPause), byte(opEnd))
		tables.add(tableType{funcref, limits{hasMax: true}})
	}
	for i := range l.segments {
		segments.add(l.encode(&l.segments[i]))
	}
	added[tableSection], added[globalSection], added[exportSection] = tables, globals, exports

	b := []byte(header)
	done := map[sectionID]bool{}
	before := func(id sectionID) { // adds sections that the module lacks and that belong before id
		for _, s := range []sectionID{tableSection, globalSection, exportSection} {
			if order(s) < order(id) && !done[s] {
				done[s] = true
				b = putSection(b, s, added[s])
			}
		}
	}
	for _, s := range l.sections {
		if s.id == customSection {
			continue // the compiler has no use for them
		}
		before(s.id)
		r := &reader{b: s.body}
		switch s.id {
		case startSection:
		case importSection:
			b = putSection(b, s.id, l.numberedImports())
		case tableSection:
			done[s.id] = true
			b = putSection(b, s.id, tables)
		case codeSection:
			code, err := l.instrument(s.body, p)
			if err != nil {
				return nil, fmt.Errorf("section %d: %w", s.id, err)
			}
			b = putBody(b, s.id, code)
		case elementSection:
			b = putSection(b, s.id, segments)
		case globalSection, exportSection:
			more := added[s.id]
			n := int(r.u32())
			done[s.id] = true
			b = putBody(b, s.id, put(nil, n+more.n, s.body[r.at:], more.b))
		default:
			b = putBody(b, s.id, s.body)
		}
	}
	before(dataSection)
	return b, nil
}

func (l *layout) has(id sectionID) bool {
	return slices.ContainsFunc(l.sections, func(s section) bool { return s.id == id })
}

// functionName is the name by which a referenced function is exported.
func functionName(function uint32) string {
	return functionPrefix + strconv.FormatUint(uint64(function), 10)
}

// referenceName is the name by which the reference to a function is exported.
func referenceName(function uint32) string {
	return referencePrefix + strconv.FormatUint(uint64(function), 10)
}

// reference is the instruction that gives the reference to a function.
func (l *layout) reference(function uint32) []byte {
	i, ok := slices.BinarySearch(l.referenced, function)
	if !ok { // invalid, which the compiler will say
		return put(nil, byte(opRefFunc), function)
	}
	return put(nil, byte(opGlobalGet), len(l.globals)+i)
}

// encode returns a segment whose elements are expressions.
func (l *layout) encode(s *segment) []byte {
	flag := byte(4)
	if !s.active {
		flag |= 1
	}
	if s.explicit {
		flag |= 2
	}
	b := []byte{flag}
	if s.active && s.explicit {
		b = put(b, s.table)
	}
	b = append(b, s.offsetExpression...)
	if flag&3 != 0 {
		b = put(b, s.element)
	}
	b = put(b, len(s.elements))
	for _, e := range s.elements {
		if e.expression != nil {
			b = append(b, e.expression...)
		} else {
			b = append(append(b, l.reference(e.function)...), opEnd)
		}
	}
	return b
}

// order is the place of a section among the others.
func order(id sectionID) int {
	if id == dataCountSection {
		return int(codeSection)*2 - 1
	}
	return int(id) * 2
}

func (l *layout) numberedImports() (imports list) {
	for k, i := range l.imports {
		name := strconv.Itoa(k)
		switch i.kind {
		case functionKind:
			imports.add(glueModule, name, i.kind, i.function)
		case tableKind:
			imports.add(glueModule, name, i.kind, i.table)
		case memoryKind:
			imports.add(glueModule, name, i.kind, i.memory)
		case globalKind:
			imports.add(glueModule, name, i.kind, i.global)
		}
	}
	return imports
}

// bounded is a table type with a maximum that memory can hold.
func bounded(t tableType) tableType {
	if !t.hasMax || t.max > maxTable {
		t.max, t.hasMax = maxTable, true
	}
	return t
}
