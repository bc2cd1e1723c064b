package main

import (
	"strings"

	"github.com/google/pprof/profile"
)

// shares say what a server spends its CPU on at a worker, as parts of 1.
type shares struct {
	Worker string             `json:"worker"`
	Server string             `json:"server"`
	Of     map[string]float64 `json:"of"` // by the names of parts
}

// parts are what CPU is spent on. A sample belongs to the first part that claims it.
var parts = []struct {
	name, about string
	claims      func(stack []string) bool // function names, the innermost first
}{
	{"kernel", "system calls", func(stack []string) bool {
		return hasAny(stack[:1], "internal/runtime/syscall", "syscall.", "runtime._VDSO", "runtime.futex", "runtime.epoll", "runtime.write1", "runtime.madvise", "runtime.usleep", "runtime.tgkill",
			"golang.org/x/sys/unix.")
	}},
	{"memory", "allocation and garbage collection", func(stack []string) bool {
		return hasAny(stack, "runtime.mallocgc", "runtime.gc", "runtime.bgsweep", "runtime.bgscavenge", "runtime.growslice", "runtime.wbBufFlush", "runtime.newobject", "runtime.makeslice")
	}},
	{"interpreter", "JavaScript and its built-ins in the engine", func(stack []string) bool { return inner(stack, "github.com/dop251/goja") }},
	{"WebAssembly", "its interpreter or machine code", func(stack []string) bool {
		return inner(stack, "github.com/tetratelabs/wazero") || stack[0] == "runtime._ExternalCode" // not Go's
	}},
	{"Mayfly", "Mayfly's own code", func(stack []string) bool { return inner(stack, "github.com/mayfly-edge/mayfly") }},
	{"scheduler", "switching goroutines and threads", func(stack []string) bool {
		return hasAny(stack, "runtime.schedule", "runtime.findRunnable", "runtime.mcall", "runtime.park_m", "runtime.mstart", "runtime.sysmon")
	}},
	{"libraries", "the Go library and others", func([]string) bool { return true }},
}

func hasAny(stack []string, prefixes ...string) bool {
	for _, f := range stack {
		for _, p := range prefixes {
			if strings.HasPrefix(f, p) {
				return true
			}
		}
	}
	return false
}

// inner reports whether the innermost function that is not of the runtime, which works
// for whoever calls it, is of a package below path.
func inner(stack []string, path string) bool {
	for _, f := range stack {
		if !hasAny([]string{f}, "runtime.", "internal/", "aeshashbody", "memeqbody", "indexbytebody", "cmpbody") {
			return strings.HasPrefix(f, path)
		}
	}
	return false
}

// divide sums up a CPU profile by parts.
func divide(p *profile.Profile) map[string]float64 {
	of := map[string]float64{}
	var all float64
	for _, s := range p.Sample {
		var stack []string
		for _, l := range s.Location {
			for _, line := range l.Line {
				if line.Function != nil {
					stack = append(stack, line.Function.Name)
				}
			}
		}
		if len(stack) == 0 {
			continue // nobody's
		}
		n := float64(s.Value[len(s.Value)-1])
		all += n
		for _, part := range parts {
			if part.claims(stack) {
				of[part.name] += n
				break
			}
		}
	}
	for name := range of {
		of[name] /= all
	}
	return of
}
