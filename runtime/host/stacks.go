package host

import (
	"bytes"
)

// A runningTurn is a goroutine that is in a turn of an isolate, or compiles a script, for
// which the engine evaluates constants. Neither waits for anything but the engine and
// Go's runtime.
type runningTurn struct {
	key  string // the goroutine and the turn
	mark mark   // of the event that the goroutine came of
	kind turnKind
}

type turnKind uint8

const (
	eventTurn   turnKind = iota
	startupTurn          // the top level of a script
	compileTurn
)

var (
	turnFrame    = []byte("isolate.(*Isolate).run(")
	startFrame   = []byte("isolate.(*Isolate).Start(")
	compileFrame = []byte("compiler.(*Bundle).Compile(")
	goroutineTag = []byte("goroutine ")
)

// runningTurns finds the turns in the text of runtime.Stack.
func runningTurns(stacks []byte) []runningTurn {
	var list []runningTurn
	for len(stacks) > 0 {
		block := stacks
		if i := bytes.Index(stacks, []byte("\n\n")); i >= 0 {
			block, stacks = stacks[:i], stacks[i+2:]
		} else {
			stacks = nil
		}
		head, body, _ := bytes.Cut(block, []byte("\n"))
		kind := eventTurn
		i := bytes.Index(body, turnFrame)
		if i < 0 {
			kind = compileTurn
			i = bytes.Index(body, compileFrame)
		} else if bytes.Contains(body, startFrame) {
			kind = startupTurn
		}
		if i < 0 {
			continue
		}
		args, _, _ := bytes.Cut(body[i:], []byte("\n"))
		number, _, _ := bytes.Cut(bytes.TrimPrefix(head, goroutineTag), []byte(" "))
		list = append(list, runningTurn{key: string(number) + " " + string(args), mark: readMark(head), kind: kind})
	}
	return list
}

// crash is what the last words of a Go process tell.
type crash struct {
	memory bool // it died of memory or stack
	mark   mark // of the event that the goroutine at fault came of
}

// readCrash reads what a process wrote to its standard error.
func readCrash(text []byte) crash {
	c := crash{mark: unmarked}
	for _, sign := range []string{"stack overflow", "goroutine stack exceeds", "out of memory", "cannot allocate memory", "cannot reserve arena", "failed to allocate"} {
		c.memory = c.memory || bytes.Contains(text, []byte(sign))
	}
	// With GOTRACEBACK=single the goroutine at fault is the only one shown, but the
	// runtime's own stack may come first.
	for line := range bytes.Lines(text) {
		if bytes.HasPrefix(line, goroutineTag) {
			if c.mark = readMark(line); c.mark != unmarked {
				break
			}
		}
	}
	return c
}
