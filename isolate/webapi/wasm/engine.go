package wasm

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"fmt"
	"runtime"
	"strconv"
	"sync"
	"weak"

	"github.com/tetratelabs/wazero"
	"github.com/tetratelabs/wazero/api"
	"github.com/tetratelabs/wazero/experimental"
)

// features are what modules may use: WebAssembly 2.0 and what is small of 3.0.
const features = api.CoreFeaturesV2 | experimental.CoreFeaturesTailCall | experimental.CoreFeaturesExtendedConst

// An engine holds the machine code of a process. It may be used by any goroutine.
// Nothing in it belongs to an isolate: what it shares are modules, which are immutable.
type engine struct {
	runtime wazero.Runtime
	config  wazero.ModuleConfig

	mu       sync.Mutex
	programs map[[sha256.Size]byte]*entry
	small    map[string]wazero.CompiledModule // generated modules by their bytes
	callers  map[string]api.Module            // by signature
	recent   [maxRecent]*program              // kept although perhaps nobody uses them
	next     int                              // to be replaced
}

// maxRecent is how many programs are kept for the next isolate that needs one of them.
const maxRecent = 64

// entry is a program that is compiled or being compiled.
type entry struct {
	once    sync.Once
	program weak.Pointer[program]
	err     error
}

// A program is a compiled module.
type program struct {
	*layout
	code wazero.CompiledModule
	size int64 // bytes that an instance takes, about, beside its memory
}

// shared is the engine of the process: machine code takes the most time and memory of
// all that a module needs.
var shared = sync.OnceValue(func() *engine {
	return &engine{
		runtime: wazero.NewRuntimeWithConfig(context.Background(), wazero.NewRuntimeConfig().WithCoreFeatures(features).WithDebugInfoEnabled(false)),
		// The source of random numbers is never used, but the default one takes time to make.
		config:   wazero.NewModuleConfig().WithName("").WithStartFunctions().WithRandSource(rand.Reader),
		programs: map[[sha256.Size]byte]*entry{}, small: map[string]wazero.CompiledModule{}, callers: map[string]api.Module{},
	}
})

// compile returns the program of a module, which is kept for as long as it is in use.
// Compiling takes a goroutine of its own, so that it is not charged as the CPU time of
// whoever happens to be first.
func (e *engine) compile(b []byte) (*program, error) {
	hash := sha256.Sum256(b)
	for {
		e.mu.Lock()
		en := e.programs[hash]
		if en == nil {
			en = &entry{}
			e.programs[hash] = en
		}
		e.mu.Unlock()
		var p *program
		en.once.Do(func() {
			done := make(chan struct{})
			go func() {
				defer close(done)
				p, en.err = e.build(b)
			}()
			<-done
			if en.err == nil {
				en.program = weak.Make(p)
				runtime.AddCleanup(p, e.forget, forgotten{hash, en, p.code})
				e.mu.Lock()
				e.recent[e.next%maxRecent] = p
				e.next++
				e.mu.Unlock()
			}
		})
		if p == nil && en.err == nil {
			p = en.program.Value()
		}
		if p != nil {
			return p, nil
		}
		e.mu.Lock()
		if e.programs[hash] == en {
			delete(e.programs, hash)
		}
		e.mu.Unlock()
		if en.err != nil {
			return nil, en.err
		}
	}
}

type forgotten struct {
	hash  [sha256.Size]byte
	entry *entry
	code  wazero.CompiledModule
}

// forget drops a program that nobody uses any more.
func (e *engine) forget(f forgotten) {
	e.mu.Lock()
	if e.programs[f.hash] == f.entry {
		delete(e.programs, f.hash)
	}
	e.mu.Unlock()
	// Two programs of the same code can be alive for a moment; the engine counts them.
	_ = f.code.Close(context.Background())
}

func (e *engine) build(b []byte) (p *program, err error) {
	defer contain(&err)
	l, err := decode(b)
	if err != nil {
		return nil, err
	}
	rewritten, err := rewrite(l)
	if err != nil {
		return nil, err
	}
	code, err := e.runtime.CompileModule(context.Background(), rewritten)
	if err != nil {
		return nil, err
	}
	p = &program{layout: l, code: code, size: 4096 + 64*int64(len(l.functions)+len(l.globals)+len(l.exports)+4*len(l.referenced))}
	for _, t := range l.tables[l.importedTables:] {
		p.size += 8 * int64(t.min)
	}
	for i := range l.sections {
		l.sections[i].body = nil // only the compiler needed them
	}
	for i := range l.segments {
		l.segments[i].elements, l.segments[i].offsetExpression = nil, nil
	}
	for i := range l.customs {
		l.customs[i].data = append([]byte{}, l.customs[i].data...)
	}
	return p, nil
}

// maxSmall is how many generated modules are kept.
const maxSmall = 256

// generated compiles a generated module. If keep is false the caller must close it.
func (e *engine) generated(b []byte, common bool) (code wazero.CompiledModule, keep bool, err error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if code := e.small[string(b)]; code != nil {
		return code, true, nil
	}
	code, err = e.runtime.CompileModule(context.Background(), b)
	if err == nil && common && len(e.small) < maxSmall {
		e.small[string(b)] = code
		return code, true, nil
	}
	return code, false, err
}

// caller returns the host module whose function "call" calls JavaScript: it takes the
// parameters of the signature, the number of a link and that of an import in it.
func (e *engine) caller(s signature) (api.Module, error) {
	key := string(put(nil, s))
	e.mu.Lock()
	defer e.mu.Unlock()
	if m := e.callers[key]; m != nil {
		return m, nil
	}
	params := append(apiTypes(s.params), api.ValueTypeI32, api.ValueTypeI32)
	n := len(s.params)
	call := api.GoFunc(func(ctx context.Context, stack []uint64) {
		ctx.(*callContext).machine.callImport(uint32(stack[n]), uint32(stack[n+1]), stack)
	})
	code, err := e.runtime.NewHostModuleBuilder("caller"+strconv.Itoa(len(e.callers))).NewFunctionBuilder().
		WithGoFunction(call, params, apiTypes(s.results)).Export("call").Compile(context.Background())
	if err != nil {
		return nil, err
	}
	m, err := e.runtime.InstantiateModule(context.Background(), code, e.config)
	if err == nil {
		e.callers[key] = m
	}
	return m, err
}

func apiTypes(types []valueType) []api.ValueType {
	list := make([]api.ValueType, len(types))
	for i, t := range types {
		list[i] = api.ValueType(t)
	}
	return list
}

// contain makes a failure of the compiler an error.
func contain(err *error) {
	if r := recover(); r != nil {
		*err = fmt.Errorf("the compiler failed: %v", r)
	}
}

// validate reports whether b is a valid module. It makes no machine code.
func validate(b []byte) (err error) {
	defer contain(&err)
	l, err := decode(b)
	if err != nil {
		return err
	}
	rewritten, err := rewrite(l)
	if err != nil {
		return err
	}
	ctx := context.Background()
	rt := wazero.NewRuntimeWithConfig(ctx, wazero.NewRuntimeConfigInterpreter().WithCoreFeatures(features).WithDebugInfoEnabled(false))
	defer rt.Close(ctx)
	_, err = rt.CompileModule(ctx, rewritten)
	return err
}
