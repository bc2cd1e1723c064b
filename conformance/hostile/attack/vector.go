package attack

import "github.com/mayfly-edge/mayfly/isolate/outside"

// A Vector is one attack: the body of a fetch handler, which is async and is given
// request, env and ctx.
type Vector struct {
	Family, Name string
	Code         string
	// Top is code of the top level, before the handler.
	Top string
	// Want lists the endings that are right.
	Want []Ending
	// Heavy vectors take seconds or hundreds of megabytes.
	Heavy bool
}

// An Ending is how a vector ended: an outcome of its invocation, or of the process.
type Ending string

const (
	OK        = Ending(outside.OutcomeOK)             // it was harmless
	Exception = Ending(outside.OutcomeException)      // the script was told
	CPU       = Ending(outside.OutcomeExceededCPU)    // stopped by the CPU limit
	Memory    = Ending(outside.OutcomeExceededMemory) // stopped by the memory limit
	Refused   = Ending("refused")                     // not loaded

	// Dies and Hangs are what an isolate alone cannot contain.
	Dies  = Ending("process dies")
	Hangs = Ending("process hangs")
)

// Contained reports whether the ending harms nobody but the script.
func (e Ending) Contained() bool { return e != Dies && e != Hangs && e != "" }

// Uncontained reports whether the vector is known to need a process of its own.
func (v *Vector) Uncontained() bool {
	for _, e := range v.Want {
		if !e.Contained() {
			return true
		}
	}
	return false
}

// All are the vectors of every family.
func All() []Vector {
	var all []Vector
	for _, family := range []struct {
		name string
		list []Vector
	}{
		{"cpu", cpu}, {"stack", stack}, {"memory", memory}, {"size", size}, {"native loop", loops}, {"regexp", regexps},
		{"parser", parsers}, {"flood", floods}, {"object", objects}, {"built-in", builtins},
	} {
		for _, v := range family.list {
			v.Family = family.name
			all = append(all, v)
		}
	}
	return all
}

func ends(e ...Ending) []Ending { return e }
