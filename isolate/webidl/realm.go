package webidl

import (
	"context"
	"fmt"

	"github.com/dop251/goja"

	"github.com/mayfly-edge/mayfly/isolate/ecma/layout"
	"github.com/mayfly-edge/mayfly/isolate/eventloop"
)

// A Realm is the binding layer's side of one JavaScript runtime.
type Realm struct {
	VM   *goja.Runtime
	Loop *eventloop.Loop

	// Slots hold what a Web API package keeps for a realm, under a key that only
	// that package has (a pointer to a package-level variable of its own type). They
	// are few: most scripts use little of the platform.
	slots []keyed

	classes  []*binding // those built, not so many that a search would take long
	tagsWait bool       // see TagsWait
	globals  *Globals
	built    []builtGlobal

	firstClasses [6]*binding // where classes begins, and so on
	firstBuilt   [4]builtGlobal
	firstSlots   [4]keyed

	globalsWait bool // see GlobalsWait

	heap       *layout.Heap
	results    *layout.Shape // of iterators' results
	intrinsics intrinsics
	reactor    reactor

	current  *AsyncContext // whose code runs
	switched func(from, to *AsyncContext)
	ambient  func() (context.Context, error)
}

// An AsyncContext follows one chain of asynchronous work through promises, timers and
// operations. It is immutable: a changed context is a new value.
type AsyncContext struct {
	// Owner is the invocation that the work belongs to; nil at the top level.
	Owner any
	// Variables are the values of AsyncLocalStorage and the like, by their key.
	Variables map[any]goja.Value
}

// With returns a copy of the context in which key holds value.
func (c *AsyncContext) With(key any, value goja.Value) *AsyncContext {
	next := &AsyncContext{Variables: map[any]goja.Value{key: value}}
	if c != nil {
		next.Owner = c.Owner
		for k, v := range c.Variables {
			if k != key {
				next.Variables[k] = v
			}
		}
	}
	return next
}

// Options are what a Realm needs from its isolate. All fields may be zero.
type Options struct {
	// Loop is the isolate's event loop; nil makes a new one.
	Loop *eventloop.Loop
	// Globals are the names that exist in the realm, each built when first touched.
	Globals *Globals
	// Switched is told whenever the running code changes from one asynchronous
	// context to another within a turn.
	Switched func(from, to *AsyncContext)
	// Ambient returns the context.Context that operations of the running code live
	// under, or an error where operations are not allowed.
	Ambient func() (context.Context, error)
}

// NewRealm prepares vm. The caller must be the only user of vm.
func NewRealm(vm *goja.Runtime, o Options) *Realm {
	js := &Realm{VM: vm, Loop: o.Loop, globals: o.Globals, switched: o.Switched, ambient: o.Ambient}
	if js.Loop == nil {
		js.Loop = eventloop.New(eventloop.Options{})
	}
	if js.ambient == nil {
		js.ambient = func() (context.Context, error) { return context.Background(), nil }
	}
	js.classes, js.built, js.slots = js.firstClasses[:0], js.firstBuilt[:0], js.firstSlots[:0]
	vm.SetAsyncContextTracker((*tracker)(js))
	js.intrinsics.capture(vm)
	if o.Globals != nil {
		js.installGlobals()
	}
	return js
}

// Context returns the asynchronous context of the running code; it may be nil.
func (js *Realm) Context() *AsyncContext { return js.current }

// Run calls f in the given asynchronous context.
func (js *Realm) Run(c *AsyncContext, f func()) {
	before := js.current
	js.Enter(c)
	defer js.Enter(before)
	f()
}

// Enter makes c the asynchronous context of the running code. The isolate calls it at
// the start and the end of a turn; anything else uses Run.
func (js *Realm) Enter(c *AsyncContext) {
	if c == js.current {
		return
	}
	from := js.current
	js.current = c
	if js.switched != nil {
		js.switched(from, c)
	}
}

// Task returns a loop task that runs f in the asynchronous context of the running code.
func (js *Realm) Task(f func()) *eventloop.Task {
	return &eventloop.Task{Context: js.current, Run: f}
}

// Go starts work on a goroutine of its own and runs what it returns, if not nil, as a
// turn in the asynchronous context of the caller. It fails where operations are not
// allowed. A panic in work is turned into a call of failed on the loop.
func (js *Realm) Go(work func(context.Context) (finish func()), failed func(error)) error {
	ctx, err := js.ambient()
	if err != nil {
		return err
	}
	loop, current := js.Loop, js.current
	loop.Begin()
	go func() {
		task := &eventloop.Task{Context: current}
		defer func() {
			if r := recover(); r != nil {
				err := fmt.Errorf("internal error: %v", r)
				task.Run = func() { failed(err) }
			}
			if task.Run == nil {
				task = nil
			}
			loop.Complete(task)
		}()
		task.Run = work(ctx)
		grow(0)
	}()
	return nil
}

// grow makes the stack of a new goroutine as large as most turns need, in one step. Within
// the turn it would be grown, and all that is on it copied, several times.
//
//go:noinline
func grow(i int) byte {
	var room [12 << 10]byte
	return room[i]
}

// Ambient returns the context.Context that operations of the running code live under.
func (js *Realm) Ambient() (context.Context, error) { return js.ambient() }

// Slot returns what is kept under key, making it on first use. key must be comparable
// and known to one package only, such as the address of a package-level variable.
func Slot[V any](js *Realm, key any, make func() V) V {
	for i := range js.slots {
		if js.slots[i].key == key {
			v, _ := js.slots[i].value.(V) // nil if V is an interface and make returned nil
			return v
		}
	}
	v := make() // may use slots itself
	js.slots = append(js.slots, keyed{key, v})
	return v
}

type keyed struct{ key, value any }

// TagsWait says that the script has no way to ask for Symbol.toStringTag of a platform
// object, or for what depends on it, but by looking up its toString, as conversion to a
// string does.
func (js *Realm) TagsWait() { js.tagsWait = true }

// GlobalsWait says that the script has no way to see whether the global object itself has
// a property of the name of a global, or one before it.
func (js *Realm) GlobalsWait() { js.globalsWait = true }

// tracker carries the asynchronous context through promise jobs.
type tracker Realm

func (t *tracker) Grab() any { return t.current }

func (t *tracker) Resumed(o any) {
	// A job that calls a thenable's then has no context of its own: it stays in the turn's.
	if c, ok := o.(*AsyncContext); ok {
		(*Realm)(t).Enter(c)
	}
}

// Exited leaves the last job's context standing: the next job resumes its own, and
// the turn's end resets it.
func (t *tracker) Exited() {}
