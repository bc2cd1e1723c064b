package console

import (
	"strconv"
	"strings"
	"time"

	"github.com/dop251/goja"

	"github.com/mayfly-edge/mayfly/isolate/webidl"
)

// A Sink receives what a realm logs. Its method is called on the isolate's turn.
type Sink interface {
	// Log takes one call of the console. level is "log", "info", "warn", "error",
	// "debug" or "trace"; text is what a terminal shows; message is the JSON array of
	// the arguments. All are at most about MaxText bytes long. message is the sink's to keep.
	Log(level string, text string, message []byte)
}

// SetSink makes sink receive what js logs. Without a sink it is dropped. It must be called
// before a script has run.
func SetSink(js *webidl.Realm, sink Sink) {
	webidl.Slot(js, &sinkSlot, func() Sink { return sink })
}

// Globals are the names that the package puts in the global scope.
var Globals = []webidl.Global{{Name: "console", Make: func(js *webidl.Realm) goja.Value {
	return consoleOf(js).namespace()
}}}

// console is a realm's console: https://console.spec.whatwg.org/#console-namespace. It
// is the namespace object, too, and makes each function when it is first asked for.
type console struct {
	js     *webidl.Realm
	sink   Sink
	object *goja.Object
	own    map[string]goja.Value // properties that were touched
	order  []string
	counts map[string]int
	timers map[string]time.Time
	groups int
}

type slotKey struct{ _ byte }

var slot, sinkSlot slotKey

func consoleOf(js *webidl.Realm) *console {
	return webidl.Slot(js, &slot, func() *console {
		return &console{js: js, sink: webidl.Slot(js, &sinkSlot, func() Sink { return nil })}
	})
}

// method is one function of the console.
type method struct {
	name string
	call func(c *console, args []goja.Value) error
}

// methods are in the order of the standard's IDL, with Node.js' after them.
var methods = []method{
	{"assert", (*console).assert},
	{"clear", func(*console, []goja.Value) error { return nil }},
	{"debug", logger("debug")},
	{"error", logger("error")},
	{"info", logger("info")},
	{"log", logger("log")},
	{"table", (*console).table},
	{"trace", (*console).trace},
	{"warn", logger("warn")},
	{"dir", (*console).dir},
	{"dirxml", logger("log")},
	{"count", (*console).count},
	{"countReset", (*console).countReset},
	{"group", (*console).group},
	{"groupCollapsed", (*console).group},
	{"groupEnd", (*console).groupEnd},
	{"time", (*console).time},
	{"timeLog", (*console).timeLog},
	{"timeEnd", (*console).timeEnd},
	{"timeStamp", func(*console, []goja.Value) error { return nil }},
	{"profile", func(*console, []goja.Value) error { return nil }},
	{"profileEnd", func(*console, []goja.Value) error { return nil }},
}

func (c *console) namespace() *goja.Object {
	if c.object == nil {
		c.own = map[string]goja.Value{}
		for _, m := range methods {
			c.order = append(c.order, m.name)
		}
		c.object = c.js.VM.NewDynamicObject(c)
		// https://webidl.spec.whatwg.org/#js-namespaces: an object of its own in between.
		prototype := c.js.VM.NewObject()
		for _, err := range []error{
			prototype.DefineDataPropertySymbol(goja.SymToStringTag, c.js.String("console"), goja.FLAG_FALSE, goja.FLAG_TRUE, goja.FLAG_FALSE),
			c.object.SetPrototype(prototype),
		} {
			if err != nil {
				panic(err)
			}
		}
	}
	return c.object
}

// The console as a dynamic object.

func (c *console) Get(name string) goja.Value {
	if v, ok := c.own[name]; ok {
		return v
	}
	for i := range methods {
		if m := &methods[i]; m.name == name {
			v := c.js.Function(name, 0, func(call goja.FunctionCall) goja.Value {
				if err := m.call(c, call.Arguments); err != nil {
					c.js.Throw(err)
				}
				return goja.Undefined()
			})
			c.own[name] = v
			return v
		}
	}
	return nil
}

func (c *console) Set(name string, v goja.Value) bool {
	if !c.Has(name) {
		c.order = append(c.order, name)
	}
	c.own[name] = v
	return true
}

func (c *console) Has(name string) bool { return c.Get(name) != nil }

func (c *console) Delete(name string) bool {
	c.own[name] = nil // hides the method of that name
	for i, n := range c.order {
		if n == name {
			c.order = append(c.order[:i:i], c.order[i+1:]...)
			break
		}
	}
	return true
}

func (c *console) Keys() []string { return c.order }

// logger is the Logger of https://console.spec.whatwg.org/#logger
func logger(level string) func(*console, []goja.Value) error {
	return func(c *console, args []goja.Value) error {
		if c.sink != nil {
			c.emit(level, Format(c.js, args), args)
		}
		return nil
	}
}

// emit is the Printer of https://console.spec.whatwg.org/#printer
func (c *console) emit(level, text string, args []goja.Value) {
	if c.sink == nil {
		return
	}
	if c.groups > 0 {
		indent := strings.Repeat("  ", min(c.groups, 50))
		text = truncate(indent+strings.ReplaceAll(text, "\n", "\n"+indent), MaxText)
	}
	c.sink.Log(level, text, messageJSON(c.js, args))
}

func (c *console) say(level, text string) { c.emit(level, text, []goja.Value{c.js.String(text)}) }

// https://console.spec.whatwg.org/#assert
func (c *console) assert(args []goja.Value) error {
	if len(args) > 0 && args[0].ToBoolean() {
		return nil
	}
	text := "Assertion failed"
	if len(args) < 2 {
		c.say("error", text)
		return nil
	}
	args = append([]goja.Value(nil), args[1:]...)
	if s, ok := args[0].(goja.String); ok {
		args[0] = c.js.String(text + ": " + s.String())
	} else {
		args = append([]goja.Value{c.js.String(text)}, args...)
	}
	return logger("error")(c, args)
}

// https://console.spec.whatwg.org/#trace
func (c *console) trace(args []goja.Value) error {
	if c.sink == nil {
		return nil
	}
	var b strings.Builder
	b.WriteString("Trace")
	if len(args) > 0 {
		b.WriteString(": " + Format(c.js, args))
	}
	for _, f := range c.js.VM.CaptureCallStack(20, nil) {
		if at := f.Position(); at.Filename != "" {
			b.WriteString("\n    at ")
			if f.FuncName() != "" {
				b.WriteString(f.FuncName() + " (" + at.String() + ")")
			} else {
				b.WriteString(at.String())
			}
		}
	}
	c.emit("trace", b.String(), args)
	return nil
}

// https://console.spec.whatwg.org/#dir
func (c *console) dir(args []goja.Value) error {
	if len(args) == 0 || c.sink == nil {
		return nil
	}
	o := InspectOptions{Depth: 2}
	if len(args) > 1 {
		if options, ok := args[1].(*goja.Object); ok {
			if d := options.Get("depth"); d != nil && !goja.IsUndefined(d) {
				o.Depth = int(d.ToInteger())
				if goja.IsNull(d) || goja.IsInfinity(d) {
					o.Depth = -1
				}
			}
			if h := options.Get("showHidden"); h != nil {
				o.ShowHidden = h.ToBoolean()
			}
		}
	}
	c.emit("log", Inspect(c.js, args[0], o), args[:1])
	return nil
}

// label is the optional DOMString label of an operation.
func (c *console) label(args []goja.Value) (string, error) {
	if len(args) == 0 || goja.IsUndefined(args[0]) {
		return "default", nil
	}
	return webidl.DOMString.Convert(c.js, args[0])
}

// maxLabels bounds the counters and the timers that a realm keeps.
const maxLabels = 1000

// https://console.spec.whatwg.org/#count
func (c *console) count(args []goja.Value) error {
	label, err := c.label(args)
	if err != nil {
		return err
	}
	if c.counts == nil {
		c.counts = map[string]int{}
	}
	if len(c.counts) >= maxLabels && c.counts[label] == 0 {
		return nil
	}
	c.counts[label]++
	c.say("log", label+": "+strconv.Itoa(c.counts[label]))
	return nil
}

// https://console.spec.whatwg.org/#countreset
func (c *console) countReset(args []goja.Value) error {
	label, err := c.label(args)
	if err != nil {
		return err
	}
	if _, ok := c.counts[label]; !ok {
		c.say("warn", "Count for '"+label+"' does not exist")
	}
	delete(c.counts, label)
	return nil
}

// https://console.spec.whatwg.org/#group
func (c *console) group(args []goja.Value) error {
	if len(args) > 0 {
		if err := logger("log")(c, args); err != nil {
			return err
		}
	}
	c.groups++
	return nil
}

// https://console.spec.whatwg.org/#groupend
func (c *console) groupEnd([]goja.Value) error {
	c.groups = max(c.groups-1, 0)
	return nil
}

// https://console.spec.whatwg.org/#time
func (c *console) time(args []goja.Value) error {
	label, err := c.label(args)
	if err != nil {
		return err
	}
	if _, ok := c.timers[label]; ok {
		c.say("warn", "Label '"+label+"' already exists for console.time()")
		return nil
	}
	if c.timers == nil {
		c.timers = map[string]time.Time{}
	}
	if len(c.timers) < maxLabels {
		c.timers[label] = c.js.Loop.Clock().Now()
	}
	return nil
}

// https://console.spec.whatwg.org/#timelog
func (c *console) timeLog(args []goja.Value) error {
	_, err := c.elapsed("timeLog", args)
	return err
}

// https://console.spec.whatwg.org/#timeend
func (c *console) timeEnd(args []goja.Value) error {
	label, err := c.elapsed("timeEnd", args[:min(len(args), 1)])
	delete(c.timers, label)
	return err
}

func (c *console) elapsed(operation string, args []goja.Value) (string, error) {
	label, err := c.label(args)
	if err != nil {
		return "", err
	}
	start, ok := c.timers[label]
	if !ok {
		c.say("warn", "No such label '"+label+"' for console."+operation+"()")
		return label, nil
	}
	ms := float64(c.js.Loop.Clock().Now().Sub(start).Microseconds()) / 1000
	text := label + ": " + strconv.FormatFloat(ms, 'f', -1, 64) + "ms"
	if len(args) > 1 && c.sink != nil {
		text += " " + Format(c.js, args[1:])
	}
	c.say("log", text)
	return label, nil
}
