package wasm

import (
	"context"
	"errors"
	"runtime"
	"sync"
	"sync/atomic"
	"weak"

	"github.com/dop251/goja"
	"github.com/tetratelabs/wazero"
	"github.com/tetratelabs/wazero/api"
	"github.com/tetratelabs/wazero/experimental"

	"github.com/mayfly-edge/mayfly/isolate"
	"github.com/mayfly-edge/mayfly/isolate/webidl"
)

// A machine is what WebAssembly is in one realm. But for stop it belongs to the turn.
type machine struct {
	js        *webidl.Realm
	engine    *engine
	ctx       *callContext
	generates bool // the script may compile bytes
	used      int64
	limit     int64 // bytes

	links     []weak.Pointer[link] // by number
	freeLinks []uint32
	functions map[weak.Pointer[goja.Object]]weak.Pointer[function]
	byPointer map[uint64]reference // what function references stand for
	externs   externs
	depth     int // of calls of wasm code
	instances map[weak.Pointer[instance]]struct{}
	pinned    []*instance // that references could be held to
	grown     []*Memory   // whose buffers a call has left behind
	lastLive  int         // residents after the last sweep
	fresh     bool        // there are residents that no forced collection has seen
	thrown    any         // what passes through the running code, as a panic

	mu        sync.Mutex
	residents []*resident
	stopped   atomic.Bool
}

// A resident is what exists in the engine for one object of the realm.
type resident struct {
	alive   func() bool
	modules []api.Module
	stop    api.MutableGlobal // nil if it has no code
	memory  *linear           // of its own, or nil
	bytes   int64             // beside the memory
	gone    func()
	roots   roots
}

// callContext is the context of all calls of a machine.
type callContext struct {
	context.Context
	machine *machine
}

type machineKey struct{}

var slot = machineKey{}

func machineOf(js *webidl.Realm) *machine {
	return webidl.Slot(js, slot, func() *machine {
		m := &machine{js: js, engine: shared(), limit: isolate.DefaultMemory,
			functions: map[weak.Pointer[goja.Object]]weak.Pointer[function]{}, byPointer: map[uint64]reference{},
			instances: map[weak.Pointer[instance]]struct{}{}}
		m.ctx = &callContext{context.Background(), m}
		if iso := isolate.Of(js); iso != nil {
			m.limit = iso.Limits().Memory
			iso.OnInterrupt(m.stop)
			iso.OnClose(m.close)
		}
		return m
	})
}

// stop ends the code that is running and all that will. It may be called from any goroutine.
func (m *machine) stop() {
	m.stopped.Store(true)
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, r := range m.residents {
		if r.stop != nil {
			r.stop.Set(1)
		}
	}
}

// close ends everything. No code runs in the realm any more.
func (m *machine) close() {
	m.mu.Lock()
	list := m.residents
	m.residents = nil
	m.mu.Unlock()
	for _, r := range list {
		r.close()
	}
	m.pinned = nil
}

func (r *resident) close() {
	for _, mod := range r.modules {
		_ = mod.Close(context.Background()) // a module without system resources cannot fail to close
	}
}

// add takes on a resident.
func (m *machine) add(r *resident) {
	m.used += r.bytes
	m.fresh = true
	m.mu.Lock()
	m.residents = append(m.residents, r)
	m.mu.Unlock()
	if r.stop != nil && m.stopped.Load() {
		r.stop.Set(1)
	}
}

// errMemory is thrown when the isolate's memory is used up.
func (m *machine) errMemory(what string) error {
	return webidl.RangeError("%s: could not allocate memory: the limit is %d MB", what, m.limit>>20)
}

// reserve makes sure that there is room for n more bytes, and closes what the script
// has let go of from time to time. It only says so: the owner counts.
func (m *machine) reserve(n int64, what string) error {
	if len(m.residents) >= 2*m.lastLive+16 {
		m.sweep()
	}
	if m.used+n > m.limit && m.fresh {
		m.fresh = false
		runtime.GC()
		m.sweep()
	}
	if m.used+n > m.limit {
		return m.errMemory(what)
	}
	return nil
}

// sweep closes what the script has let go of.
func (m *machine) sweep() {
	m.mu.Lock()
	defer m.mu.Unlock()
	kept := m.residents[:0]
	for _, r := range m.residents {
		if r.alive() {
			kept = append(kept, r)
			continue
		}
		m.used -= r.bytes
		if r.memory != nil {
			m.used -= int64(cap(r.memory.data))
		}
		if r.gone != nil {
			r.gone()
		}
		r.close()
	}
	clear(m.residents[len(kept):])
	m.residents = kept
	m.lastLive = len(kept)
	for o, f := range m.functions {
		if o.Value() == nil || f.Value() == nil {
			delete(m.functions, o)
		}
	}
	for n, l := range m.links {
		if l != (weak.Pointer[link]{}) && l.Value() == nil {
			m.links[n] = weak.Pointer[link]{}
			m.freeLinks = append(m.freeLinks, uint32(n))
		}
	}
}

// pin keeps an instance, with all that it imports, to the end of the isolate.
func (m *machine) pin(i *instance) {
	if i != nil && !i.pinned {
		i.pinned = true
		m.pinned = append(m.pinned, i)
	}
}

// enter makes a module instance in which imports are resolved by name.
func (m *machine) enter(code wazero.CompiledModule, memory *linear, resolve func(name string) api.Module) (mod api.Module, err error) {
	defer func() {
		if r := recover(); r != nil { // the engine does not expect an allocation to fail
			mod, err = nil, errors.New("could not allocate memory")
		}
	}()
	ctx := experimental.WithImportResolver(context.Background(), resolve)
	if memory != nil {
		ctx = experimental.WithMemoryAllocator(ctx, memory)
	}
	return m.engine.runtime.InstantiateModule(ctx, code, m.engine.config)
}

// generate makes an instance of a generated module.
func (m *machine) generate(b []byte, memory *linear, resolve func(name string) api.Module) (api.Module, error) {
	code, keep, err := m.engine.generated(b, true)
	if err != nil {
		return nil, err
	}
	if !keep {
		defer code.Close(context.Background())
	}
	return m.enter(code, memory, resolve)
}

// rethrow passes on what was thrown through wasm code that has failed with err.
func (m *machine) rethrow(err error) {
	m.settle()
	if r := m.thrown; r != nil {
		m.thrown = nil
		panic(r)
	}
	if m.stopped.Load() {
		m.js.Checkpoint() // ends the turn
	}
	panic(m.trap(err))
}

// settle detaches the buffers of memories that have grown.
func (m *machine) settle() {
	for i, mem := range m.grown {
		m.grown[i] = nil
		mem.detach()
	}
	m.grown = m.grown[:0]
}

// linear is the bytes of a memory, counted against the machine's limit.
type linear struct {
	machine *machine
	data    []byte
	max     uint64
	object  weak.Pointer[Memory] // whose buffer shows the bytes
}

// Allocate implements experimental.MemoryAllocator.
func (l *linear) Allocate(_, max uint64) experimental.LinearMemory {
	l.max = max
	return l
}

// Reallocate implements experimental.LinearMemory. It returns nil if there is no room.
func (l *linear) Reallocate(size uint64) []byte {
	m := l.machine
	if size > uint64(cap(l.data)) {
		// A quarter more than needed, if there is room, so that growing page by page is not quadratic.
		want := size
		if len(l.data) > 0 {
			want = min(size+size/4, l.max)
		}
		room := uint64(max(m.limit-m.used+int64(cap(l.data)), 0))
		if want > room {
			want = size
		}
		if want > room {
			return nil
		}
		data := make([]byte, size, want)
		copy(data, l.data)
		m.used += int64(cap(data) - cap(l.data))
		l.data = data
	} else {
		l.data = l.data[:size]
	}
	if l.data == nil {
		l.data = []byte{}
	}
	if mem := l.object.Value(); mem != nil {
		m.grown = append(m.grown, mem)
	}
	return l.data
}

// Free implements experimental.LinearMemory. The bytes may still be seen by a script.
func (l *linear) Free() {}
