package wasm

import (
	"strconv"

	"github.com/dop251/goja"
	"github.com/tetratelabs/wazero/api"
)

// externs are the JavaScript values that external references stand for: the bits of a
// reference are the index plus one.
type externs struct {
	values []goja.Value // nil where free
	free   []uint64
	index  map[goja.Value]uint64 // of objects
	live   int                   // values after the last collection
}

// get returns the value that a reference stands for.
func (e *externs) get(bits uint64) goja.Value {
	if bits == 0 || bits > uint64(len(e.values)) || e.values[bits-1] == nil {
		return goja.Null()
	}
	return e.values[bits-1]
}

// put returns the reference to a value. It is good until control returns to JavaScript
// unless a table or global holds it by then.
func (e *externs) put(v goja.Value) uint64 {
	if goja.IsNull(v) {
		return 0
	}
	_, isObject := v.(*goja.Object)
	if isObject {
		if bits, ok := e.index[v]; ok {
			return bits
		}
	}
	var bits uint64
	if n := len(e.free); n > 0 {
		bits, e.free = e.free[n-1], e.free[:n-1]
		e.values[bits-1] = v
	} else {
		e.values = append(e.values, v)
		bits = uint64(len(e.values))
	}
	if isObject {
		if e.index == nil {
			e.index = map[goja.Value]uint64{}
		}
		e.index[v] = bits
	}
	return bits
}

// full reports whether it is time for a collection.
func (e *externs) full() bool { return len(e.values)-len(e.free) >= 2*e.live+1024 }

// roots are the tables and globals of a module instance that can hold external references.
type roots struct {
	tables  []*Table
	globals []api.Global
}

func (l *layout) roots(m *machine, mod api.Module) (r roots) {
	for i, t := range l.tables {
		if i >= l.importedTables && t.element == externref {
			r.tables = append(r.tables, &Table{machine: m, module: mod, name: tablePrefix + strconv.Itoa(i), element: externref})
		}
	}
	for i, g := range l.globals {
		if i >= l.importedGlobals && g.value == externref {
			r.globals = append(r.globals, mod.ExportedGlobal(globalPrefix+strconv.Itoa(i)))
		}
	}
	return r
}

// collectExterns forgets the values that nothing refers to. No code may be running: its
// variables cannot be looked at.
func (m *machine) collectExterns() error {
	e := &m.externs
	held := make([]bool, len(e.values)+1)
	for _, r := range append([]*resident(nil), m.residents...) { // reading a table adds to them
		for _, g := range r.roots.globals {
			held[g.Get()] = true
		}
		for _, t := range r.roots.tables {
			n, err := t.size()
			for i := uint32(0); err == nil && i < n; i++ {
				var bits uint64
				if bits, err = t.read(i); err == nil {
					held[bits] = true
				}
			}
			if err != nil {
				return err
			}
		}
	}
	e.live = 0
	for i, v := range e.values {
		switch {
		case v == nil:
		case held[i+1]:
			e.live++
		default:
			if _, ok := v.(*goja.Object); ok {
				delete(e.index, v)
			}
			e.values[i] = nil
			e.free = append(e.free, uint64(i+1))
		}
	}
	return nil
}
